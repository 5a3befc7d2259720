"""Two of everybody: what is done about one person's ways in, phones and sessions touches nobody else's.

Each clause of each query that limits to her is a lock; where only one person has a password or a phone, it could be
taken off and nobody would notice.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import FieldcheckError, Forbidden, Invalid, NotFound, NotNow
from fieldcheck.settings import Settings, SignIn
from fieldcheck.storage import account_queries, database
from fieldcheck.storage.tables import Credential, Device, Invite, OpenIdentity, Person, RecoveryCode, SignedIn
from fieldcheck.usecases import accounts, devices, moves, people, seasons, sessions, ways_in
from fieldcheck.usecases.devices import PHONE_FOR, TRIES, Standing
from fieldcheck.usecases.work import look
from tests.story import Story, begin_story
from tests.usecases.test_accounts import OTHER, WORDS, Desk, refused

RIGHT, WRONG = "ab" * 32, "cd" * 32


@pytest.fixture
def story(database: Settings) -> Story:
    found = begin_story(database)
    found.settings = replace(database, sign_in=SignIn(way="password"))
    return found


@pytest.fixture
def desks(story: Story) -> tuple[Desk, Desk]:
    """Boris, who was first, and Alice."""
    found = Desk(story, "boris"), Desk(story, "alice")
    story.later(minutes=2)
    return found


def rows(story: Story, table: type, name: str) -> list[object]:
    with database.transaction(story.settings.database_url, reading=True) as session:
        mine = select(table).where(table.person_id == story.actors[name].person_id)  # type: ignore[attr-defined]
        return [row.model_dump() for row in session.execute(mine).scalars()]


# Desks


def test_a_password_opens_the_account_of_its_own_code_only(desks: tuple[Desk, Desk]) -> None:
    boris, alice = desks

    assert boris.sign_in().person_id == boris.actor.person_id
    assert alice.sign_in().person_id == alice.actor.person_id
    assert refused(lambda: alice.sign_in(second=boris.second(minutes=1), code=boris.actor.code)) == "sign_in.wrong"


def test_a_code_that_one_used_up_is_still_the_others(story: Story, desks: tuple[Desk, Desk]) -> None:
    boris, alice = desks

    boris.sign_in()
    assert alice.sign_in().is_full
    assert refused(lambda: alice.sign_in(second=boris.codes[0])) == "sign_in.wrong"
    assert boris.sign_in(second=boris.codes[0]).is_full


def test_what_is_kept_of_desks_is_asked_for_by_person_whatever_the_caller_has_seen_to(
    story: Story, desks: tuple[Desk, Desk]
) -> None:
    """Second walls: a code's hash holds its person already, and whoever is closed has no actor."""
    boris, alice = desks
    with database.transaction(story.settings.database_url) as session:
        codes = [row["hash"] for row in rows(story, RecoveryCode, "boris")]  # type: ignore[index]
        assert not account_queries.use_code(session, alice.actor.person_id, codes[0], story.now)
        assert account_queries.use_code(session, boris.actor.person_id, codes[0], story.now)
        left = [account_queries.codes_left(session, one.actor.person_id) for one in desks]
        assert left == [len(codes) - 1, len(codes)]
        for one in desks:
            bound = OpenIdentity(
                issuer="https://id.example", subject=one.actor.code, person_id=one.actor.person_id, added_at=story.now
            )
            account_queries.put_identity(session, bound)
        found = account_queries.identities(session, [alice.actor.person_id])
        assert set(found) == {alice.actor.person_id}
        assert account_queries.credential_by_code(session, alice.actor.code)
        person = session.get_one(Person, alice.actor.person_id)
        person.active = False
        session.add(person)
        session.flush()
        assert account_queries.credential_by_code(session, alice.actor.code) is None


def test_a_new_set_of_codes_and_a_reset_are_one_persons(story: Story, desks: tuple[Desk, Desk]) -> None:
    boris, alice = desks
    story.actors["erik"] = _another_desk(story)
    before = [rows(story, table, "boris") for table in (Credential, RecoveryCode)]

    accounts.new_codes(story.settings, alice.actor, WORDS, story.now, alice.session.cookie)
    with story.work("dana") as work:
        ways_in.reset(work, alice.actor.person_id, "she lost her phone")
        seen = ways_in.ways(work)

    assert [rows(story, table, "boris") for table in (Credential, RecoveryCode)] == before
    assert (seen[boris.actor.person_id].is_set_up, seen[alice.actor.person_id].is_set_up) == (True, False)
    with look(story.settings, boris.actor, now=story.now) as work:
        assert ways_in.mine(work).codes_left == len(boris.codes)


def _another_desk(story: Story):  # type: ignore[no-untyped-def]
    with story.work("dana") as work:
        person = people.bring_in(work, Role.AUDITOR, None, "Erik", language="en")
    found = people.actor_by_account(story.settings, person)
    assert found
    return found


def test_an_identity_of_one_is_neither_shown_nor_taken_away_as_anothers(story: Story, desks: tuple[Desk, Desk]) -> None:
    boris, alice = desks
    for number, desk in enumerate(desks):
        ways_in.bind_from_console(story.settings, desk.actor.code, "https://id.example", str(number), story.now)
    with story.work("dana") as work:
        ways_in.bind(work, alice.actor.person_id, "", "")
        seen = ways_in.ways(work)
    with look(story.settings, alice.actor, now=story.now) as work:
        assert not ways_in.mine(work).has_identity

    assert seen[boris.actor.person_id].identity == ("https://id.example", "0")
    assert seen[alice.actor.person_id].identity is None


def test_what_is_half_set_up_is_not_set_up(story: Story) -> None:
    """A password without a second factor, or the other way round, is a door with one lock."""
    me = story.actors["alice"].person_id
    for half in (Credential(person_id=me, password="x"), Credential(person_id=me, factor=b"x")):
        with database.transaction(story.settings.database_url) as session:
            session.merge(half)
        with database.transaction(story.settings.database_url, reading=True) as session:
            assert account_queries.complete(session, [me]) == set()
        with database.transaction(story.settings.database_url) as session:
            account_queries.take_away(session, me)


def test_sessions_that_are_over_are_not_listed_and_not_ended_twice(story: Story, desks: tuple[Desk, Desk]) -> None:
    _boris, alice = desks
    with look(story.settings, alice.actor, now=story.now) as work:
        (first,) = ways_in.mine(work).sessions
    with story.work("alice") as work:
        ways_in.end_one(work, first.id)
        with pytest.raises(NotFound):
            ways_in.end_one(work, first.id)
    alice.sign_in()
    with database.transaction(story.settings.database_url) as session:
        for row in session.execute(select(SignedIn)).scalars():
            row.idle_seconds = 0  # only their time ends them
    with look(story.settings, alice.actor, now=story.now) as work:
        assert first.id not in {one.id for one in ways_in.mine(work).sessions}
        assert len(ways_in.mine(work).sessions) == 1
    with look(story.settings, alice.actor, now=story.now + timedelta(hours=9)) as work:
        assert ways_in.mine(work).sessions == ()


@pytest.mark.parametrize("what", ["factor", "codes"])
def test_nothing_weighty_is_changed_without_the_password(story: Story, desks: tuple[Desk, Desk], what: str) -> None:
    _boris, alice = desks
    new, here = accounts.begin_factor(story.settings, alice.actor), alice.session.cookie
    before = [rows(story, table, "alice") for table in (Credential, RecoveryCode)]

    def change() -> object:
        if what == "codes":
            return accounts.new_codes(story.settings, alice.actor, OTHER, story.now, here)
        alice.secret = new.secret
        return accounts.change_factor(story.settings, alice.actor, OTHER, alice.second(), story.now, here)

    assert refused(change) == "password.wrong"
    assert [rows(story, table, "alice") for table in (Credential, RecoveryCode)] == before


def test_a_poor_password_is_not_changed_to(story: Story, desks: tuple[Desk, Desk]) -> None:
    with pytest.raises(Invalid, match="password"):
        accounts.change_password(story.settings, desks[1].actor, WORDS, "short", story.now, desks[1].session.cookie)


def test_a_link_from_before_sets_nothing_up_once_there_is_a_password(story: Story) -> None:
    token = people.invite_from_console(story.settings, story.actors["alice"].code, story.now)
    link = people.redeem(story.settings, token, story.now)
    assert sessions.setting_up(story.settings, link.cookie, story.now)
    with database.transaction(story.settings.database_url) as session:
        session.add(Credential(person_id=story.actors["alice"].person_id, password="x", factor=b"x"))

    assert sessions.setting_up(story.settings, link.cookie, story.now) is None


def test_a_volunteer_with_a_password_does_not_come_in_as_a_desk(story: Story, desks: tuple[Desk, Desk]) -> None:
    """Nobody gives her one; if a row of hers were planted, it opens nothing."""
    _boris, alice = desks
    with database.transaction(story.settings.database_url) as session:
        person = session.get(_person(), alice.actor.person_id)
        assert person is not None
        person.role = "volunteer"

    assert refused(alice.sign_in) == "sign_in.wrong"


def _person():  # type: ignore[no-untyped-def]
    from fieldcheck.storage.tables import Person

    return Person


# Whoever takes no part any more


def test_nothing_is_done_about_whoever_was_closed(story: Story) -> None:
    who, code = story.actors["alice"].person_id, story.actors["alice"].code
    with story.work("dana") as work:
        people.close(work, who)

    acts = [
        lambda: people.invite_from_console(story.settings, code, story.now),
        lambda: ways_in.reset_from_console(story.settings, code, "a good reason", story.now),
        lambda: ways_in.bind_from_console(story.settings, code, "https://id.example", "1", story.now),
    ]
    for act in acts:
        assert refused(act) == "person.not_found"
    for name in ("C-9999", "nobody"):
        with pytest.raises(NotFound):
            people.invite_from_console(story.settings, name, story.now)
        with pytest.raises(NotFound):
            ways_in.bind_from_console(story.settings, name, "https://id.example", "1", story.now)
    with story.work("dana") as work:
        for about in (
            lambda: ways_in.unlock(work, who),
            lambda: ways_in.bind(work, who, "https://id.example", "1"),
            lambda: moves.move(work, who, Role.REVIEWER, None),
        ):
            assert refused(about) == "person.not_found"


def test_closing_ends_sessions_phones_and_links_in_the_rows_too(story: Story) -> None:
    """Were she ever let in again, nothing from before would open."""
    session = _phone(story, "chelsea")
    people.invite_from_console(story.settings, story.actors["chelsea"].code, story.now)
    with database.transaction(story.settings.database_url) as inner:
        sessions.start(inner, story.settings, story.actors["chelsea"], "link", story.now)  # on no phone

    with story.work("alice") as work:
        people.close(work, story.actors["chelsea"].person_id)

    assert session.device_cookie
    assert all(row["revoked_at"] for row in rows(story, SignedIn, "chelsea"))  # type: ignore[index]
    assert all(row["ended_at"] for row in rows(story, Device, "chelsea"))  # type: ignore[index]
    assert all(row["used_at"] for row in rows(story, Invite, "chelsea"))  # type: ignore[index]


def test_a_new_season_ends_sessions_and_links_in_the_rows_too(story: Story) -> None:
    _phone(story, "chelsea")
    people.invite_from_console(story.settings, story.actors["chelsea"].code, story.now)
    with database.transaction(story.settings.database_url) as inner:
        sessions.start(inner, story.settings, story.actors["chelsea"], "link", story.now)  # on no phone

    with story.work("alice") as work:
        seasons.begin(work)

    assert all(row["revoked_at"] for row in rows(story, SignedIn, "chelsea"))  # type: ignore[index]
    assert all(row["used_at"] for row in rows(story, Invite, "chelsea"))  # type: ignore[index]


def test_nobody_ends_her_own_part(story: Story) -> None:
    with story.work("dana") as work:
        assert refused(lambda: people.close(work, story.actors["dana"].person_id)) == "person.not_found"


# Phones


def _phone(story: Story, name: str, pin: str = RIGHT) -> sessions.NewSession:
    token = people.invite_from_console(story.settings, story.actors[name].code, story.now)
    session = people.redeem(story.settings, token, story.now, "phone")
    devices.set_pin(story.settings, story.actors[name], session.device_cookie, pin, "", story.now)
    return session


def test_what_happens_to_one_phone_happens_to_no_other(story: Story) -> None:
    hers, others = _phone(story, "chelsea"), _phone(story, "dina", "ef" * 32)
    before = rows(story, Device, "dina"), rows(story, SignedIn, "dina")

    for _try in range(TRIES):
        refused(lambda: devices.unlock(story.settings, hers.device_cookie, WRONG, story.now))

    assert (rows(story, Device, "dina"), rows(story, SignedIn, "dina")) == before
    assert devices.unlock(story.settings, others.device_cookie, "ef" * 32, story.now).person_id
    assert refused(lambda: devices.unlock(story.settings, hers.device_cookie, RIGHT, story.now)) == "device.locked"


def test_a_pin_is_set_and_its_limit_begins_on_one_phone_only(story: Story) -> None:
    token = people.invite_from_console(story.settings, story.actors["dina"].code, story.now)
    other = people.redeem(story.settings, token, story.now, "phone")
    _phone(story, "chelsea")

    assert devices.has_pin(story.settings, other.device_cookie) is False
    assert [row["idle_seconds"] for row in rows(story, SignedIn, "dina")] == [0]  # type: ignore[index]


def test_a_phone_that_is_over_opens_no_session(story: Story) -> None:
    """For its time, for its holder's part, for its own end: with the right PIN."""
    late, closed, ended = _phone(story, "chelsea"), _phone(story, "dina"), _phone(story, "serik")
    with story.work("alice") as work:
        people.close(work, story.actors["dina"].person_id)
    devices.leave(story.settings, ended.device_cookie, story.now)
    with database.transaction(story.settings.database_url) as session:
        for row in session.execute(select(Device)).scalars():
            row.locked_at, row.wrong = None, 0

    said = [
        refused(lambda c=c, at=at: devices.unlock(story.settings, c.device_cookie, RIGHT, at))  # type: ignore[misc]
        for c, at in ((late, story.now + PHONE_FOR), (closed, story.now), (ended, story.now))
    ]

    assert said == ["session.none"] * 3
    with story.work("alice") as work:
        assert story.actors["serik"].person_id not in devices.listed(work)
    with look(story.settings, story.actors["serik"], now=story.now) as work:
        assert devices.listed(work) == {}


def test_a_phone_that_was_locked_is_not_judged_whatever_its_count_says(story: Story) -> None:
    phone = _phone(story, "chelsea")
    for change in ({"locked_at": story.now, "wrong": 0}, {"locked_at": None, "wrong": TRIES}):
        with database.transaction(story.settings.database_url) as session:
            for row in session.execute(select(Device)).scalars():
                row.locked_at, row.wrong = change["locked_at"], change["wrong"]  # type: ignore[assignment]
        assert refused(lambda: devices.unlock(story.settings, phone.device_cookie, RIGHT, story.now)) == "device.locked"


def test_all_her_phones_end_with_what_is_signed_in_on_none(story: Story) -> None:
    phone = _phone(story, "chelsea")
    with database.transaction(story.settings.database_url) as session:
        old = sessions.start(session, story.settings, story.actors["chelsea"], "link", story.now)

    with story.work("alice") as work:
        devices.end_all(work, story.actors["chelsea"].person_id)

    assert sessions.actor_for(story.settings, old.cookie, story.now) is None
    assert devices.holder(story.settings, phone.device_cookie, story.now)[0] is Standing.ENDED


def test_a_regional_administrator_gives_no_other_region(story: Story) -> None:
    """Nobody is one today; whoever may be one day moves people within it only."""
    with story.work("dana") as work:
        regional = replace(work, actor=replace(work.actor, region="590000000"))
        with pytest.raises((Forbidden, FieldcheckError), match="region_not_yours"):
            moves.move(regional, story.actors["bo"].person_id, Role.REVIEWER, "610000000")


def test_a_recovery_code_is_kept_under_a_key(story: Story, desks: tuple[Desk, Desk]) -> None:
    """A page of codes is short enough to be tried out by whoever has the database alone."""
    import hmac

    _boris, alice = desks
    with database.transaction(story.settings.database_url, reading=True) as session:
        kept = {row.hash for row in session.execute(select(RecoveryCode)).scalars()}
    plain = [f"{alice.actor.person_id}|{code.replace('-', '')}".encode() for code in alice.codes]

    assert not {hmac.digest(key, text, "sha256").hex() for text in plain for key in (b"", b"known")} & kept
    assert len(kept) == 20
    with pytest.raises(NotNow):
        accounts.set_up(story.settings, alice.actor, WORDS, alice.second(), story.now, alice.session.cookie)
