"""Signing in by password and second factor: every refusal first, and that all of them are one."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from cryptography.exceptions import InvalidTag
from sqlmodel import select

from fieldcheck.domain.errors import FieldcheckError, Invalid, NotFound, NotNow
from fieldcheck.settings import Settings, SignIn
from fieldcheck.storage import chain, database
from fieldcheck.storage.tables import Credential, RecordBody, RecoveryCode
from fieldcheck.usecases import accounts, passwords, people, second_factor, sessions, throttle, ways_in
from fieldcheck.usecases.work import look
from tests.story import Story, begin_story

WORDS, OTHER, HERE = "four small green kettles", "seven tall blue lanterns", "192.0.2.7"


REAL = passwords._HASHER  # before the suite puts a cheap one in its place


def came_by_link(story: Story, name: str) -> str:
    """A session that leads to setting up only, as a link begins it; gives its cookie."""
    with database.transaction(story.settings.database_url) as session:
        return sessions.start(session, story.settings, story.actors[name], sessions.LINK, story.now).cookie


class Desk:
    """Somebody at a desk, with her authenticator and her printed page."""

    def __init__(self, story: Story, name: str) -> None:
        self.story, self.actor = story, story.actors[name]
        self.secret = accounts.begin_factor(story.settings, self.actor).secret
        here = came_by_link(story, name)
        self.session, self.codes = accounts.set_up(story.settings, self.actor, WORDS, self.second(), story.now, here)

    def second(self, **later: float) -> str:
        return pyotp.TOTP(self.secret).at(self.story.now + timedelta(**later))

    def sign_in(
        self, password: str = WORDS, second: str | None = None, code: str | None = None, browser: str = ""
    ) -> sessions.NewSession:
        said = (code or self.actor.code, password, self.second() if second is None else second)
        return accounts.sign_in(self.story.settings, said, HERE, self.story.now, browser=browser)

    def locked_out_by_strangers(self) -> None:
        """Let strangers fail until the account is locked, and the address that they share with her too."""
        for number in range(200):
            where = HERE if number % 2 else f"192.0.{number}.1"
            said = (self.actor.code, f"guess number {number}", "000000")
            with pytest.raises(FieldcheckError):
                accounts.sign_in(self.story.settings, said, where, self.story.now)
            self.story.later(seconds=3)
        assert refused(self.sign_in).startswith("sign_in.")


@pytest.fixture
def story(database: Settings) -> Story:
    """The programme, where desks sign in by password."""
    found = begin_story(database)
    found.settings = replace(database, sign_in=SignIn(way="password"))
    return found


@pytest.fixture
def alice(story: Story) -> Desk:
    """Alice, set up; her next code is a fresh one."""
    desk = Desk(story, "alice")
    story.later(minutes=2)
    return desk


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(FieldcheckError) as error:
        act()
    return str(error.value)


# Refusals


def test_whatever_is_wrong_the_answer_is_the_same(story: Story, alice: Desk) -> None:
    good = alice.second()
    wrong = [
        (alice.actor.code, OTHER, good),
        (alice.actor.code, WORDS, "000000"),
        (alice.actor.code, WORDS, ""),
        (alice.actor.code, "", ""),
        ("C-999", WORDS, good),
        (story.actors["boris"].code, WORDS, good),  # has set nothing up
        (story.actors["chelsea"].code, WORDS, good),  # walks
        ("\ud800", "\ud800", "\ud800"),
    ]

    told = set()
    for said in wrong:
        told.add(refused(lambda said=said: accounts.sign_in(story.settings, said, HERE, story.now)))
        story.later(minutes=2)

    assert told == {"sign_in.wrong"}


def test_whoever_exists_and_whoever_does_not_take_the_same_way_through_the_code(
    story: Story, alice: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by a clock: what is asked of the hasher, the authenticator, the door and the database is compared."""
    steps: list[str] = []

    def spy(module: Any, name: str) -> None:
        original = getattr(module, name)

        def noted(*args: Any, **kwargs: Any) -> Any:
            steps.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, noted)

    spy(passwords, "matches")
    spy(second_factor, "step_of")
    spy(throttle, "admit")
    spy(throttle, "forgive")
    spy(database, "transaction")
    spy(passwords._HASHER.__class__, "verify")
    ways = []
    boris = story.actors["boris"].code
    for said in ((alice.actor.code, OTHER, "000000"), ("C-999", OTHER, "000000"), (boris, "x", "1")):
        steps.clear()
        refused(lambda said=said: accounts.sign_in(story.settings, said, HERE, story.now))
        ways.append(tuple(steps))

    assert len(set(ways)) == 1
    assert ways[0].count("verify") == 1


def test_a_code_is_good_once(story: Story, alice: Desk) -> None:
    second = alice.second()
    alice.sign_in(second=second)

    assert refused(lambda: alice.sign_in(second=second)) == "sign_in.wrong"


def test_a_code_of_a_minute_ago_or_ahead_is_not_good(story: Story, alice: Desk) -> None:
    for seconds in (-75, 75):
        assert refused(lambda seconds=seconds: alice.sign_in(second=alice.second(seconds=seconds))) == "sign_in.wrong"
    assert alice.sign_in(second=alice.second(seconds=-30)).is_full


def test_a_wrong_password_uses_no_code_up(story: Story, alice: Desk) -> None:
    for second in (alice.second(), alice.codes[0]):
        refused(lambda second=second: alice.sign_in(OTHER, second))
        assert alice.sign_in(WORDS, second).is_full


def test_of_many_tries_none_gets_through_and_the_right_one_neither(
    story: Story, alice: Desk, record_property: Any
) -> None:
    """Brute force: 200 tries from ever other addresses, then the right words while the account is locked."""
    told = []
    for number in range(200):
        said = (alice.actor.code, f"guess number {number}", f"{number:06}")
        told.append(refused(lambda n=number, s=said: accounts.sign_in(story.settings, s, f"192.0.{n}.1", story.now)))
        story.later(seconds=3)

    record_property("tried", len(told))
    record_property("got through", sum(one != "sign_in.wrong" for one in told))
    assert told == ["sign_in.wrong"] * 200
    assert refused(alice.sign_in) == "sign_in.wrong"
    with database.transaction(story.settings.database_url, reading=True) as session:
        told = [action for _at, _actor, action, _body in chain.bodies(session, alice.actor.person_id)]
    assert "account.locked" in told


def test_a_locked_account_costs_no_hash(story: Story, alice: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords._HASHER.__class__, "verify", lambda *_args: True)
    hurried = [refused(lambda: alice.sign_in(OTHER, "000000")) for _try in range(3)]

    monkeypatch.setattr(passwords._HASHER.__class__, "verify", lambda *_args: pytest.fail("was judged"))

    assert {*hurried, refused(alice.sign_in)} == {"sign_in.wrong"}


def test_an_address_that_tries_everybody_is_told_to_wait(story: Story, alice: Desk) -> None:
    told = [
        refused(lambda n=number: accounts.sign_in(story.settings, (f"C-{n}", WORDS, "000000"), HERE, story.now))
        for number in range(200, 212)
    ]

    assert told == [*["sign_in.wrong"] * 10, "sign_in.too_many", "sign_in.too_many"]


def test_a_hash_is_argon2id_and_costs_whoever_stole_it() -> None:
    assert (REAL.type.name, REAL.time_cost, REAL.memory_cost) == ("ID", 3, 64 * 1024)


def test_two_hashes_at_once_and_no_more(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, lock = 0, 0, threading.Lock()
    together = threading.Event()

    def slow(*_args: Any) -> bool:
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
        together.wait(0.05)
        with lock:
            now -= 1
        return True

    monkeypatch.setattr(passwords._HASHER.__class__, "verify", slow)
    racers = [threading.Thread(target=passwords.matches, args=(story.settings, "x", "y")) for _racer in range(30)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)

    assert most == 2


# A browser that is known


def test_strangers_who_fail_on_purpose_do_not_keep_her_out_of_her_own_browser(story: Story, alice: Desk) -> None:
    alice.locked_out_by_strangers()

    again = alice.sign_in(browser=alice.session.browser_cookie)

    assert again.is_full and again.browser_cookie not in ("", alice.session.browser_cookie)


def test_a_known_browser_is_no_way_in_for_guesses(story: Story, alice: Desk) -> None:
    kept = alice.session.browser_cookie
    told = []
    for number in range(40):
        told.append(refused(lambda n=number: alice.sign_in(f"guess number {n}", "000000", browser=kept)))
        story.later(seconds=20)

    assert told == ["sign_in.wrong"] * 40
    assert refused(lambda: alice.sign_in(browser=kept)) == "sign_in.wrong"  # and its own lock does hold
    assert alice.sign_in().is_full  # which is not the strangers'
    story.later(minutes=16)
    assert alice.sign_in(browser=kept).is_full


def test_a_browser_known_to_another_account_or_to_nobody_is_a_strangers(story: Story, alice: Desk) -> None:
    other, kept = Desk(story, "boris").session.browser_cookie, alice.session.browser_cookie
    alice.locked_out_by_strangers()

    bent = ("B" if kept[0] != "B" else "C") + kept[1:]
    forged = [other, kept[:-1], bent, kept[:22], "x" * 65, "\ud800", other[:22] + kept[22:]]
    for browser in (*forged, ""):
        assert refused(lambda b=browser: alice.sign_in(browser=b)).startswith("sign_in."), browser
    assert alice.sign_in(browser=kept).is_full  # the control


def test_another_password_makes_every_browser_a_strangers_again(story: Story, alice: Desk) -> None:
    old = alice.session.browser_cookie
    story.later(minutes=1)
    here = alice.session.cookie
    new = accounts.change_password(story.settings, alice.actor, WORDS, OTHER, story.now, here).browser_cookie
    alice.locked_out_by_strangers()

    assert refused(lambda: alice.sign_in(OTHER, browser=old)).startswith("sign_in.")
    assert alice.sign_in(OTHER, browser=new).is_full


def test_strangers_do_not_keep_whoever_is_signed_in_from_another_password(story: Story, alice: Desk) -> None:
    alice.locked_out_by_strangers()

    assert accounts.change_password(story.settings, alice.actor, WORDS, OTHER, story.now, alice.session.cookie).is_full


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "qwertyuiop123"])
def test_a_poor_password_is_not_set(story: Story, password: str) -> None:
    boris = story.actors["boris"]
    secret = accounts.begin_factor(story.settings, boris).secret
    second = pyotp.TOTP(secret).at(story.now)

    with pytest.raises(Invalid, match="password"):
        accounts.set_up(story.settings, boris, password, second, story.now, came_by_link(story, "boris"))


def test_setting_up_needs_a_code_of_the_factor_that_waits(story: Story) -> None:
    boris = story.actors["boris"]
    with pytest.raises(NotNow, match="none_waits"):
        accounts.set_up(story.settings, boris, WORDS, "000000", story.now, came_by_link(story, "boris"))
    accounts.begin_factor(story.settings, boris)
    with pytest.raises(Invalid, match=r"second\.wrong"):
        accounts.set_up(story.settings, boris, WORDS, "000000", story.now, came_by_link(story, "boris"))

    with look(story.settings, boris, now=story.now) as work:
        assert ways_in.mine(work).password_at is None


def test_what_is_set_up_is_not_set_up_again_by_a_link(story: Story, alice: Desk) -> None:
    second = pyotp.TOTP(accounts.begin_factor(story.settings, alice.actor).secret).at(story.now)

    with pytest.raises(NotNow, match="set_up_already"):
        accounts.set_up(story.settings, alice.actor, OTHER, second, story.now, alice.session.cookie)
    assert alice.sign_in().is_full


def test_a_link_opens_nothing_for_whoever_has_a_password(story: Story, alice: Desk) -> None:
    code = story.actors["boris"].code
    waiting = people.invite_from_console(story.settings, code, story.now)
    Desk(story, "boris")

    with pytest.raises(NotFound, match=r"invite\.not_good"):
        people.redeem(story.settings, waiting, story.now)
    with pytest.raises(NotNow, match="not_needed"):
        people.invite_from_console(story.settings, code, story.now)
    with story.work("dana") as work, pytest.raises(NotNow, match="not_needed"):
        people.invite(work, alice.actor.person_id)


def test_a_wrong_current_password_changes_nothing_and_is_counted(story: Story, alice: Desk) -> None:
    def change() -> None:
        accounts.change_password(story.settings, alice.actor, OTHER, OTHER, story.now, alice.session.cookie)

    told = [refused(change) for _try in range(5)]

    assert told == ["password.wrong"] * 3 + ["sign_in.wrong"] * 2
    story.later(minutes=5)
    assert alice.sign_in().is_full


# What holds


def test_a_link_leads_a_desk_to_setting_up_and_nowhere_else(story: Story) -> None:
    token = people.invite_from_console(story.settings, story.actors["boris"].code, story.now)
    session = people.redeem(story.settings, token, story.now)

    assert not session.is_full
    assert sessions.actor_for(story.settings, session.cookie, story.now) is None
    assert sessions.setting_up(story.settings, session.cookie, story.now) == story.actors["boris"]


def test_a_volunteers_link_is_enough(story: Story) -> None:
    token = people.invite_from_console(story.settings, story.actors["chelsea"].code, story.now)
    session = people.redeem(story.settings, token, story.now)

    assert session.is_full
    assert sessions.actor_for(story.settings, session.cookie, story.now) == story.actors["chelsea"]
    assert sessions.setting_up(story.settings, session.cookie, story.now) is None


def test_signing_in_opens_a_session_that_ends_when_nobody_is_there(story: Story, alice: Desk) -> None:
    session = alice.sign_in()

    assert sessions.actor_for(story.settings, session.cookie, story.now) == alice.actor
    story.later(minutes=31)
    assert sessions.actor_for(story.settings, session.cookie, story.now) is None


@pytest.mark.parametrize("typed", ["с-100", "C100", " c-100 ", "С–100"])
def test_a_code_is_read_as_it_was_meant(typed: str) -> None:
    assert accounts.as_code(typed) == "C-100"


def test_a_recovery_code_stands_in_once_and_is_counted(story: Story, alice: Desk) -> None:
    assert len(set(alice.codes)) == 10
    alice.sign_in(second=alice.codes[3].lower().replace("-", " "))

    assert refused(lambda: alice.sign_in(second=alice.codes[3])) == "sign_in.wrong"
    with look(story.settings, alice.actor, now=story.now) as work:
        assert ways_in.mine(work).codes_left == 9


def test_a_new_set_makes_the_old_one_worthless(story: Story, alice: Desk) -> None:
    fresh = accounts.new_codes(story.settings, alice.actor, WORDS, story.now, alice.session.cookie)

    assert not set(fresh) & set(alice.codes)
    assert refused(lambda: alice.sign_in(second=alice.codes[0])) == "sign_in.wrong"
    assert alice.sign_in(second=fresh[0]).is_full


@pytest.mark.parametrize("what", ["password", "factor"])
def test_a_change_ends_every_other_session(story: Story, alice: Desk, what: str) -> None:
    other, here = alice.sign_in(), alice.session.cookie
    if what == "password":
        mine = accounts.change_password(story.settings, alice.actor, WORDS, OTHER, story.now, here)
    else:
        alice.secret = accounts.begin_factor(story.settings, alice.actor).secret
        mine = accounts.change_factor(story.settings, alice.actor, WORDS, alice.second(), story.now, here)

    held = [sessions.actor_for(story.settings, one.cookie, story.now) for one in (alice.session, other, mine)]
    assert held == [None, None, alice.actor]
    story.later(minutes=2)
    assert alice.sign_in(OTHER if what == "password" else WORDS).is_full


def test_the_database_alone_tells_no_password_no_factor_and_no_code(story: Story, alice: Desk) -> None:
    with database.transaction(story.settings.database_url, reading=True) as session:
        tables = (Credential, RecoveryCode, RecordBody)
        kept = " ".join(str(row.model_dump()) for table in tables for row in session.exec(select(table)))
        held = session.get(Credential, alice.actor.person_id)

    assert held and held.password.startswith("$argon2id$")
    assert WORDS not in kept and alice.secret not in kept
    assert not any(code in kept or second_factor.tidy(code) in kept for code in alice.codes)
    elsewhere = replace(story.settings, secret=story.settings.secret[::-1])
    assert not passwords.matches(elsewhere, held.password, WORDS)
    assert held.factor
    with pytest.raises(InvalidTag):
        second_factor.unseal(elsewhere, alice.actor.person_id, held.factor)
    with pytest.raises(InvalidTag):
        second_factor.unseal(story.settings, story.actors["dana"].person_id, held.factor)


def test_every_weighty_thing_is_recorded(story: Story, alice: Desk) -> None:
    alice.sign_in(second=alice.codes[0])
    accounts.change_password(story.settings, alice.actor, WORDS, OTHER, story.now, alice.session.cookie)
    with database.transaction(story.settings.database_url, reading=True) as session:
        told = [action for _at, _actor, action, _body in chain.bodies(session, alice.actor.person_id)]

    assert told[-8:] == [
        "account.second_factor", "account.password", "account.recovery_codes", "account.sign_in",
        "account.recovery_code", "account.sign_in", "account.password", "account.sign_in",
    ]  # fmt: skip
