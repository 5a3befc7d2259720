"""What is taken away while a secret is judged is away: a hash takes a tenth of a second, and much happens in one."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from fieldcheck.storage import chain, database, people_queries
from fieldcheck.storage.tables import Credential, Device, RecoveryCode, SignedIn
from fieldcheck.usecases import accounts, devices, passwords, people, providers, seasons, sessions, ways_in
from fieldcheck.usecases.providers import Word
from fieldcheck.usecases.work import look
from tests.story import Story
from tests.usecases.test_accounts import HERE, OTHER, WORDS, Desk, alice, refused, story

__all__ = ["alice", "story"]  # fixtures
RIGHT, NEW = "ab" * 32, "cd" * 32
ISSUER = "https://id.example"
Act = Callable[[], object]


@pytest.fixture
def while_judging(monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], None]:
    """Let something happen once, while the next secret is being judged or hashed."""

    def arrange(act: Act) -> None:
        left = [act]
        for name in ("matches", "kept"):
            monkeypatch.setattr(passwords, name, _then(getattr(passwords, name), left))

    return arrange


def _then(real: Callable[..., Any], left: list[Act]) -> Callable[..., Any]:
    def slow(*said: Any) -> Any:
        found = real(*said)
        if left:
            left.pop()()
        return found

    return slow


def live(story: Story, name: str) -> list[SignedIn]:
    """The sessions of somebody that open something, or would if she took part."""
    with database.transaction(story.settings.database_url, reading=True) as session:
        mine = select(SignedIn).where(SignedIn.person_id == story.actors[name].person_id)
        return [row for row in session.execute(mine).scalars() if row.revoked_at is None]


def acts(story: Story, name: str) -> list[str]:
    with database.transaction(story.settings.database_url, reading=True) as session:
        return [action for _at, _by, action, _body in chain.bodies(session, story.actors[name].person_id)]


def rows(story: Story, table: type, name: str) -> list[Any]:
    with database.transaction(story.settings.database_url, reading=True) as session:
        mine = select(table).where(table.person_id == story.actors[name].person_id)  # type: ignore[attr-defined]
        return [row.model_dump() for row in session.execute(mine).scalars()]


# Phones


def phone(story: Story, name: str = "chelsea") -> str:
    """A phone of somebody's with a PIN, its first session over; gives its cookie."""
    token = people.invite_from_console(story.settings, story.actors[name].code, story.now)
    session = people.redeem(story.settings, token, story.now, "phone")
    devices.set_pin(story.settings, story.actors[name], session.device_cookie, RIGHT, "", story.now)
    sessions.end(story.settings, session.cookie, story.now)
    return session.device_cookie


def taken_off(story: Story) -> None:
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        (view,) = devices.listed(work)[story.actors["chelsea"].person_id]
    with story.work("alice") as work:
        devices.end(work, view.id)


def all_taken_off(story: Story) -> None:
    with story.work("alice") as work:
        devices.end_all(work, story.actors["chelsea"].person_id)


def closed(story: Story) -> None:
    with story.work("alice") as work:
        people.close(work, story.actors["chelsea"].person_id)


def season(story: Story) -> None:
    with story.work("alice") as work:
        seasons.begin(work)


def locked(story: Story) -> None:
    with database.transaction(story.settings.database_url) as session:
        for row in session.execute(select(Device)).scalars():
            row.locked_at = story.now


AWAY = [taken_off, all_taken_off, closed, season, locked]


@pytest.mark.parametrize("away", AWAY, ids=lambda one: one.__name__)
def test_a_phone_that_is_taken_away_while_its_pin_is_judged_opens_no_session(
    story: Story, while_judging: Callable[[Act], None], away: Callable[[Story], None]
) -> None:
    cookie = phone(story)
    before = acts(story, "chelsea").count("account.sign_in")
    while_judging(lambda: away(story))

    assert refused(lambda: devices.unlock(story.settings, cookie, RIGHT, story.now)) == "session.none"

    assert live(story, "chelsea") == []
    assert acts(story, "chelsea").count("account.sign_in") == before


@pytest.mark.parametrize("away", AWAY, ids=lambda one: one.__name__)
def test_nor_does_it_get_another_pin(
    story: Story, while_judging: Callable[[Act], None], away: Callable[[Story], None]
) -> None:
    cookie = phone(story)
    before = acts(story, "chelsea").count("device.pin")
    (was,) = rows(story, Device, "chelsea")
    while_judging(lambda: away(story))

    def change() -> None:
        devices.set_pin(story.settings, story.actors["chelsea"], cookie, NEW, RIGHT, story.now)

    assert refused(change) == "session.none"
    (now,) = rows(story, Device, "chelsea")
    assert (now["pin"], now["pin_before"]) == (was["pin"], was["pin_before"])
    assert acts(story, "chelsea").count("device.pin") == before


def test_one_phone_taken_away_meanwhile_is_not_another(story: Story, while_judging: Callable[[Act], None]) -> None:
    """The control: what ends elsewhere ends nothing here."""
    cookie = phone(story)
    while_judging(lambda: phone(story, "dina"))

    assert devices.unlock(story.settings, cookie, RIGHT, story.now).person_id == story.actors["chelsea"].person_id
    assert len(live(story, "chelsea")) == 1


def test_all_sessions_end_where_no_phone_is_left(story: Story) -> None:
    with database.transaction(story.settings.database_url) as session:
        sessions.start(session, story.settings, story.actors["chelsea"], "pin", story.now)

    with story.work("alice") as work:
        assert devices.end_all(work, story.actors["chelsea"].person_id) == 0

    assert live(story, "chelsea") == []


# Desks


def reset(story: Story) -> None:
    with story.work("dana") as work:
        ways_in.reset(work, story.actors["alice"].person_id, "she lost her bag")


def another_password(story: Story) -> None:
    with database.transaction(story.settings.database_url) as session:
        session.get_one(Credential, story.actors["alice"].person_id).password = "another's hash"


def another_factor(story: Story) -> None:
    with database.transaction(story.settings.database_url) as session:
        session.get_one(Credential, story.actors["alice"].person_id).factor = b"another's"


def desk_closed(story: Story) -> None:
    with story.work("dana") as work:
        people.close(work, story.actors["alice"].person_id)


CHANGED = [reset, another_password, another_factor, desk_closed]


@pytest.mark.parametrize("changed", CHANGED, ids=lambda one: one.__name__)
@pytest.mark.parametrize("by_code", [False, True])
def test_a_way_in_that_changes_while_it_is_judged_opens_nothing(
    story: Story, alice: Desk, while_judging: Callable[[Act], None], changed: Callable[[Story], None], by_code: bool
) -> None:
    before = len(live(story, "alice"))
    while_judging(lambda: changed(story))

    second = alice.codes[0] if by_code else None
    assert refused(lambda: alice.sign_in(second=second)) == "sign_in.wrong"

    assert len(live(story, "alice")) <= before
    assert "account.recovery_code" not in acts(story, "alice")


def ended(story: Story) -> None:
    with story.work("dana") as work:
        ways_in.end_sessions(work, story.actors["alice"].person_id, "her desk was left open")


@pytest.mark.parametrize("what", ["password", "factor", "codes"])
@pytest.mark.parametrize("changed", [*CHANGED[:3], ended], ids=lambda one: one.__name__)
def test_nothing_weighty_is_changed_from_a_session_that_ends_meanwhile_or_by_a_password_that_does(
    story: Story, alice: Desk, while_judging: Callable[[Act], None], changed: Callable[[Story], None], what: str
) -> None:
    """Whoever sits at a stolen desk as it is cut off comes out of it with no session and no password of his own."""
    waiting = accounts.begin_factor(story.settings, alice.actor)
    told = acts(story, "alice")
    kept: list[Any] = []

    def away() -> None:
        changed(story)
        kept.extend(rows(story, table, "alice") for table in (Credential, RecoveryCode))

    def change() -> object:
        here = alice.session.cookie
        if what == "password":
            return accounts.change_password(story.settings, alice.actor, WORDS, OTHER, story.now, here)
        if what == "codes":
            return accounts.new_codes(story.settings, alice.actor, WORDS, story.now, here)
        alice.secret = waiting.secret
        return accounts.change_factor(story.settings, alice.actor, WORDS, alice.second(), story.now, here)

    while_judging(away)
    assert refused(change) == "session.none"

    assert [rows(story, table, "alice") for table in (Credential, RecoveryCode)] == kept
    assert len(live(story, "alice")) == (0 if changed in (reset, ended) else 1)
    assert not {"account.password", "account.second_factor", "account.recovery_codes"} & set(
        acts(story, "alice")[len(told) :]
    )


def test_another_of_her_sessions_does_not_stand_in_for_the_one_that_ended(
    story: Story, alice: Desk, while_judging: Callable[[Act], None]
) -> None:
    stolen, hers = alice.session.cookie, alice.sign_in().cookie

    def end_it() -> None:
        with story.work("alice") as work:
            ways_in.end_others(work, hers)

    while_judging(end_it)
    said = (story.settings, alice.actor, WORDS, OTHER, story.now, stolen)
    assert refused(lambda: accounts.change_password(*said)) == "session.none"
    assert sessions.actor_for(story.settings, hers, story.now) == alice.actor


def test_nothing_weighty_is_changed_under_anothers_cookie_nor_under_one_that_is_over(story: Story, alice: Desk) -> None:
    boris = Desk(story, "boris")
    story.later(minutes=2)

    def change(here: str) -> str:
        said = (story.settings, alice.actor, WORDS, OTHER, story.now, here)
        return refused(lambda: accounts.change_password(*said))

    assert [change(one) for one in (boris.session.cookie, "made-up", "")] == ["session.none"] * 3
    story.later(hours=9)
    assert change(alice.session.cookie) == "session.none"
    assert alice.sign_in().is_full


@pytest.mark.parametrize("changed", [ended, reset], ids=lambda one: one.__name__)
def test_nobody_sets_up_by_a_link_whose_session_ended_meanwhile(
    story: Story, while_judging: Callable[[Act], None], changed: Callable[[Story], None]
) -> None:
    token = people.invite_from_console(story.settings, story.actors["alice"].code, story.now)
    here = people.redeem(story.settings, token, story.now).cookie
    desk = Desk.__new__(Desk)
    desk.story, desk.actor = story, story.actors["alice"]
    desk.secret = accounts.begin_factor(story.settings, desk.actor).secret
    while_judging(lambda: changed(story))

    said = (story.settings, desk.actor, WORDS, desk.second(), story.now, here)
    assert refused(lambda: accounts.set_up(*said)) in ("session.none", "second.none_waits")

    assert live(story, "alice") == [] and rows(story, RecoveryCode, "alice") == []


# Side by side: what has begun is waited for, and then found


def beside(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Act) -> threading.Thread:
    """Let another begin *act* when *module* comes to *name*, in the middle of its transaction, and not wait for it."""
    real, other = getattr(module, name), threading.Thread(target=act)

    def meanwhile(*said: Any, **more: Any) -> Any:
        found = real(*said, **more)
        if not other.ident:
            other.start()
            other.join(0.5)
        return found

    monkeypatch.setattr(module, name, meanwhile)
    return other


@pytest.mark.parametrize("away", [taken_off, all_taken_off], ids=lambda one: one.__name__)
def test_a_phone_that_is_unlocked_as_it_is_taken_away_is_cut_off(
    story: Story, monkeypatch: pytest.MonkeyPatch, away: Callable[[Story], None]
) -> None:
    cookie = phone(story)
    other = beside(monkeypatch, sessions, "start", lambda: away(story))

    devices.unlock(story.settings, cookie, RIGHT, story.now)
    other.join(30)

    assert live(story, "chelsea") == []


def test_a_phone_that_comes_in_as_all_are_taken_away_is_cut_off(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    token = people.invite_from_console(story.settings, story.actors["chelsea"].code, story.now)
    other = beside(monkeypatch, sessions, "start", lambda: all_taken_off(story))

    session = people.redeem(story.settings, token, story.now, "phone")
    other.join(30)

    assert live(story, "chelsea") == []
    assert devices.holder(story.settings, session.device_cookie, story.now)[1] is None


@pytest.mark.parametrize("by_code", [False, True])
def test_a_desk_that_comes_in_as_it_is_reset_is_cut_off(
    story: Story, alice: Desk, monkeypatch: pytest.MonkeyPatch, by_code: bool
) -> None:
    other = beside(monkeypatch, sessions, "start", lambda: reset(story))

    alice.sign_in(second=alice.codes[0] if by_code else None)
    other.join(30)

    assert live(story, "alice") == []


@pytest.mark.parametrize("subject", ["another", ""])
def test_a_desk_that_comes_in_by_a_provider_as_it_is_unbound_is_cut_off(
    story: Story, monkeypatch: pytest.MonkeyPatch, subject: str
) -> None:
    bo, issuer = story.actors["bo"], ISSUER if subject else ""
    ways_in.bind_from_console(story.settings, bo.code, ISSUER, "hers", story.now)
    said = (story.settings, bo.code, issuer, subject, story.now)
    other = beside(monkeypatch, people_queries, "actor_by_account", lambda: ways_in.bind_from_console(*said))

    word = Word(ISSUER, "hers", story.now + sessions.SIGNED_IN_FOR, "once")
    providers.sign_in(story.settings, word, HERE, story.now)
    other.join(30)

    assert live(story, "bo") == []
