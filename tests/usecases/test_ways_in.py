"""One's own sessions, and what an administrator does about somebody's way in."""

from dataclasses import replace
from typing import Any

import pytest

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.errors import Conflict, FieldcheckError, Forbidden, NotFound, NotNow
from fieldcheck.settings import Settings, SignIn
from fieldcheck.storage import chain, database
from fieldcheck.usecases import moves, people, sessions, ways_in
from fieldcheck.usecases.work import look
from tests.story import NORTH, Story, begin_story
from tests.usecases.test_accounts import OTHER, Desk, refused

ISSUER = "https://id.example"


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


def test_nobody_ends_anothers_session(story: Story, alice: Desk) -> None:
    boris = Desk(story, "boris")
    with look(story.settings, alice.actor, now=story.now) as work:
        (hers,) = ways_in.mine(work).sessions

    with story.work("boris") as work, pytest.raises(NotFound):
        ways_in.end_one(work, hers.id)
    with story.work("boris") as work:
        assert ways_in.end_others(work, boris.session.cookie) == 0
    assert sessions.actor_for(story.settings, alice.session.cookie, story.now)


def test_one_ends_one_and_all_others_and_stays(story: Story, alice: Desk) -> None:
    others = [alice.session.cookie]
    for _device in range(2):
        others.append(alice.sign_in().cookie)
        story.later(minutes=2)
    mine = alice.sign_in().cookie
    with look(story.settings, alice.actor, now=story.now) as work:
        seen = ways_in.mine(work, mine).sessions
    oldest = min(seen, key=lambda one: one.since)

    with story.work("alice") as work:
        ways_in.end_one(work, oldest.id)
    after_one = [sessions.actor_for(story.settings, cookie, story.now) is not None for cookie in (*others, mine)]
    with story.work("alice") as work:
        ended = ways_in.end_others(work, mine)

    assert [one.is_this_one for one in seen] == [True, False, False, False]
    assert after_one == [False, True, True, True]
    assert ended == 2
    assert [sessions.actor_for(story.settings, one, story.now) for one in (*others, mine)] == [*[None] * 3, alice.actor]


@pytest.mark.parametrize("whom", ["chelsea", "nobody"])
def test_an_administrator_does_nothing_to_whoever_is_out_of_reach(story: Story, whom: str) -> None:
    target = story.actors[whom].person_id if whom in story.actors else "nobody"
    with story.work("dana") as work:
        for act in (
            lambda: ways_in.unlock(work, target),
            lambda: ways_in.end_sessions(work, target, "a good reason"),
            lambda: ways_in.reset(work, target, "a good reason"),
            lambda: ways_in.bind(work, target, ISSUER, "1"),
        ):
            assert refused(act) == "person.not_found"


@pytest.mark.parametrize("reason", ["", "    ", "why", "x" * 301])
def test_what_is_done_to_somebody_needs_a_reason(story: Story, alice: Desk, reason: str) -> None:
    with story.work("dana") as work:
        for act in (ways_in.end_sessions, ways_in.reset):
            with pytest.raises(FieldcheckError, match="reason"):
                act(work, alice.actor.person_id, reason)
    assert sessions.actor_for(story.settings, alice.session.cookie, story.now)


def test_a_reset_takes_everything_away_and_a_new_link_begins_anew(story: Story, alice: Desk) -> None:
    with story.work("dana") as work:
        ways_in.reset(work, alice.actor.person_id, "she lost her phone")

    assert sessions.actor_for(story.settings, alice.session.cookie, story.now) is None
    assert refused(alice.sign_in) == "sign_in.wrong"
    assert refused(lambda: alice.sign_in(second=alice.codes[0])) == "sign_in.wrong"
    with story.work("dana") as work, pytest.raises(Forbidden, match=r"invite\.two_people"):
        people.invite(work, alice.actor.person_id)
    with second_administrator(story) as work:
        token = people.invite(work, alice.actor.person_id)
    assert not people.redeem(story.settings, token, story.now).is_full
    story.later(minutes=2)
    assert Desk(story, "alice").session.is_full
    with database.transaction(story.settings.database_url, reading=True) as session:
        told = {action: body for _at, _who, action, body in chain.bodies(session, alice.actor.person_id)}
    assert told["person.reset"]["reason"] == "she lost her phone"


def second_administrator(story: Story) -> Any:
    with story.work("dana") as work:
        person = people.bring_in(work, Role.ADMINISTRATOR, None, "Dina the second", language="en")
        view = next(one for one in people.people(work) if one.id == person)
    story.actors["second"] = Actor(person, view.code, Role.ADMINISTRATOR, None, "en")
    return story.work("second")


def test_after_a_reset_alone_the_server_makes_the_link(story: Story, alice: Desk) -> None:
    """Where there is one administrator, the second is whoever holds the server."""
    with story.work("dana") as work:
        ways_in.reset(work, alice.actor.person_id, "she lost her phone")

    token = people.invite_from_console(story.settings, alice.actor.code, story.now)

    assert not people.redeem(story.settings, token, story.now).is_full


def test_a_link_that_was_kept_is_worth_nothing_after_a_reset(story: Story) -> None:
    with second_administrator(story) as work:
        kept = people.invite(work, story.actors["alice"].person_id)
        anothers = people.invite(work, story.actors["boris"].person_id)
    desk = Desk(story, "alice")
    story.later(minutes=2)
    with story.work("dana") as work:
        ways_in.reset(work, desk.actor.person_id, "a reason of his own")

    assert refused(lambda: people.redeem(story.settings, kept, story.now)) == "invite.not_good"
    assert people.redeem(story.settings, anothers, story.now).cookie


def test_whom_it_concerns_is_told_what_others_did_about_her_ways_in(story: Story, alice: Desk) -> None:
    with story.work("dana") as work:
        ways_in.reset(work, alice.actor.person_id, "she lost her phone")
    story.later(minutes=1)
    people.invite_from_console(story.settings, alice.actor.code, story.now)

    with look(story.settings, alice.actor, now=story.now) as work:
        told = [(one.by, one.act) for one in ways_in.mine(work).told]
    with look(story.settings, story.actors["boris"], now=story.now) as work:
        assert ways_in.mine(work).told == ()

    assert told == [("console", "person.invite"), (story.actors["dana"].code, "person.reset")]


def test_an_account_that_was_used_is_bound_elsewhere_at_the_console_only(story: Story) -> None:
    bo = Desk(story, "bo")  # whose second person is not needed
    story.later(minutes=2)
    with story.work("dana") as work, pytest.raises(NotNow, match=r"identity\.at_console"):
        ways_in.bind(work, bo.actor.person_id, ISSUER, "mine")
    with look(story.settings, story.actors["dana"], now=story.now) as work:
        assert ways_in.ways(work)[bo.actor.person_id].identity is None

    ways_in.bind_from_console(story.settings, bo.actor.code, ISSUER, "hers", story.now)

    with look(story.settings, bo.actor, now=story.now) as work:
        assert [one.act for one in ways_in.mine(work).told] == ["person.identity"]


def test_nor_by_taking_it_away_and_sending_a_link(story: Story) -> None:
    """Where desks come by a provider, a link opens the house for whoever has no account there."""
    story.settings = replace(story.settings, sign_in=SignIn(way="oidc"))
    bo = story.actors["bo"]
    with story.work("dana") as work:
        ways_in.bind(work, bo.person_id, ISSUER, "1")
        ways_in.bind(work, bo.person_id, "", "")

    with story.work("dana") as work, pytest.raises(Forbidden, match=r"invite\.two_people"):
        people.invite(work, bo.person_id)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CUSTODIAN, Role.ADMINISTRATOR])
def test_nobody_makes_his_own_second_person(story: Story, role: Role) -> None:
    """Whoever reads names, or agrees where two must, is let in by another than who brought her in."""
    region = NORTH if role is Role.COORDINATOR else None
    with story.work("dana") as work:
        made = people.bring_in(work, role, region, "Somebody of his own", language="en")
        code = next(one.code for one in people.people(work) if one.id == made)
    for act in (people.invite, lambda work, id_: ways_in.bind(work, id_, ISSUER, "mine")):
        with story.work("dana") as work, pytest.raises(FieldcheckError, match=r"two_people|at_console"):
            act(work, made)

    with second_administrator(story) as work:
        assert people.invite(work, made)
    assert people.invite_from_console(story.settings, code, story.now)


def test_nor_by_moving_an_account_of_his_own_into_the_seat(story: Story) -> None:
    with story.work("dana") as work:
        made = people.bring_in(work, Role.AUDITOR, None, "Somebody of his own", language="en")
        kept = people.invite(work, made)
        ways_in.bind(work, made, ISSUER, "mine")
    with database.transaction(story.settings.database_url) as session:
        sessions.start(session, story.settings, Actor(made, "U", Role.AUDITOR, None, "en"), sessions.LINK, story.now)

    with story.work("dana") as work:
        moves.move(work, made, Role.CUSTODIAN, None)
        way = ways_in.ways(work)[made]

    assert (way.identity, way.sessions) == (None, 0)
    assert refused(lambda: people.redeem(story.settings, kept, story.now)) == "invite.not_good"
    with story.work("dana") as work, pytest.raises(Forbidden, match=r"invite\.two_people"):
        people.invite(work, made)


def test_a_lock_is_shown_to_the_administrator_who_can_open_it(story: Story, alice: Desk) -> None:
    for _try in range(11):
        refused(lambda: alice.sign_in(OTHER, "000000"))
        story.later(minutes=1)
    with look(story.settings, story.actors["dana"], now=story.now) as work:
        before = ways_in.ways(work)[alice.actor.person_id]
    locked = refused(alice.sign_in)

    with story.work("dana") as work:
        ways_in.unlock(work, alice.actor.person_id)
    with look(story.settings, story.actors["dana"], now=story.now) as work:
        after = ways_in.ways(work)[alice.actor.person_id]

    assert before.locked_until and before.is_set_up and locked == "sign_in.wrong"
    assert after.locked_until is None
    story.later(seconds=40)  # the address is slow yet
    assert alice.sign_in().is_full


def test_an_identity_is_one_persons_and_never_a_volunteers(story: Story, alice: Desk) -> None:
    ways_in.bind_from_console(story.settings, alice.actor.code, ISSUER, "1", story.now)
    with story.work("dana") as work:
        with pytest.raises(Conflict, match="taken"):
            ways_in.bind(work, story.actors["bo"].person_id, ISSUER, "1")
        for issuer, subject in (("", "1"), (ISSUER, ""), ("alice@example", "1"), (ISSUER, "x" * 256)):
            with pytest.raises(FieldcheckError, match="incomplete"):
                ways_in.bind(work, story.actors["bo"].person_id, issuer, subject)
    code = story.actors["chelsea"].code
    with pytest.raises(FieldcheckError, match="volunteers"):
        ways_in.bind_from_console(story.settings, code, ISSUER, "2", story.now)


def test_binding_and_unbinding_end_all_sessions(story: Story, alice: Desk) -> None:
    ways_in.bind_from_console(story.settings, alice.actor.code, ISSUER, "1", story.now)
    assert sessions.actor_for(story.settings, alice.session.cookie, story.now) is None
    again = alice.sign_in().cookie
    with story.work("dana") as work:
        ways_in.bind(work, alice.actor.person_id, "", "")
    assert sessions.actor_for(story.settings, again, story.now) is None
    with look(story.settings, story.actors["dana"], now=story.now) as work:
        assert ways_in.ways(work)[alice.actor.person_id].identity is None


def test_the_console_resets_too(story: Story, alice: Desk) -> None:
    ways_in.reset_from_console(story.settings, alice.actor.code, "nobody else is left", story.now)

    assert refused(alice.sign_in) == "sign_in.wrong"
    with pytest.raises(NotFound):
        ways_in.reset_from_console(story.settings, "C-999", "nobody else is left", story.now)


def test_whoever_is_no_longer_a_desk_does_not_come_in_by_password(story: Story, alice: Desk) -> None:

    with story.work("dana") as work:
        people.close(work, alice.actor.person_id)

    assert refused(alice.sign_in) == "sign_in.wrong"
