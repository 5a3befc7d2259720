"""Who takes part: refusals first, then ways in, ways out and conflicts of interest."""

from datetime import timedelta

import pytest
from sqlmodel import select

from fieldcheck.domain.access import Action, Actor, Role
from fieldcheck.domain.errors import Conflict, Forbidden, Invalid, NotFound
from fieldcheck.domain.geo import Point
from fieldcheck.storage import chain, database
from fieldcheck.storage.tables import Invite
from fieldcheck.usecases import identities, people, sessions
from fieldcheck.usecases.people import INVITE_FOR
from fieldcheck.usecases.work import begin, look
from tests.story import NORTH, NOW, SOUTH, Story


def bring_in(story: Story, by: str, role: Role, region: str | None, name: str = "Aisha") -> str:
    """Bring somebody in and give the id."""
    with story.work(by) as work:
        return people.bring_in(work, role, region, name)


def invite(story: Story, by: str, whom: str) -> str:
    """Make a link's token for somebody of the story."""
    with story.work(by) as work:
        return people.invite(work, story.actors[whom].person_id)


def acts(story: Story, subject: str) -> list[tuple[str, str]]:
    """What the chain says was done to *subject*: by whom, and what."""
    with database.transaction(story.settings.database_url, reading=True) as session:
        return [(actor, action) for _at, actor, action, _body in chain.bodies(session, subject)]


# Bringing in


@pytest.mark.parametrize(
    ("by", "role"), [("alice", Role.COORDINATOR), ("alice", Role.ADMINISTRATOR), ("dana", Role.VOLUNTEER)]
)
def test_nobody_brings_in_a_role_that_is_not_hers_to_give(story: Story, by: str, role: Role) -> None:
    with pytest.raises(Forbidden) as refused:
        bring_in(story, by, role, NORTH)

    assert refused.value.code == "person.role_not_yours"


def test_a_coordinator_brings_nobody_into_another_region(story: Story) -> None:
    with pytest.raises(Forbidden) as refused:
        bring_in(story, "alice", Role.VOLUNTEER, SOUTH)

    assert refused.value.code == "person.region_not_yours"


def test_a_coordinator_cannot_be_without_a_region(story: Story) -> None:
    with pytest.raises(Invalid) as refused:
        bring_in(story, "dana", Role.COORDINATOR, None)

    assert refused.value.code == "person.region_needed"


@pytest.mark.parametrize("name", ["", "   ", "A" * 201])
def test_a_person_needs_a_name_of_sensible_length(story: Story, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        bring_in(story, "alice", Role.VOLUNTEER, NORTH, name)

    assert refused.value.code == "person.name_needed"


def test_a_language_we_do_not_speak_is_refused(story: Story) -> None:
    with story.work("alice") as work, pytest.raises(Invalid) as refused:
        people.bring_in(work, Role.VOLUNTEER, NORTH, "Aisha", language="fr")

    assert refused.value.code == "account.language"


def test_a_home_is_kept_to_about_a_kilometre(story: Story) -> None:
    with story.work("alice") as work:
        person = people.bring_in(work, Role.VOLUNTEER, NORTH, "Aisha", home=Point(54.876543, 69.123456))

    with look(story.settings, story.actors["alice"]) as work:
        stands = identities.standings(work.vault, [person], "N1", "N-district")[person]
    assert stands.home == Point(54.88, 69.12)


def test_bringing_in_is_recorded_without_the_name(story: Story) -> None:
    person = bring_in(story, "alice", Role.VOLUNTEER, NORTH, "Aisha Unusualname")

    with database.transaction(story.settings.database_url, reading=True) as session:
        told = chain.bodies(session, person)
    assert [(actor, action) for _at, actor, action, _body in told] == [
        (story.actors["alice"].code, Action.PERSON_ADD.value)
    ]
    assert "Unusualname" not in str(told)


# Who sees whom


def test_a_coordinator_sees_her_regions_volunteers_only(story: Story) -> None:
    with look(story.settings, story.actors["alice"]) as work:
        seen = {person.code for person in people.people(work)}

    assert seen == {story.actors["chelsea"].code, story.actors["dina"].code}


def test_an_administrator_sees_the_staff_and_no_volunteer(story: Story) -> None:
    with look(story.settings, story.actors["dana"]) as work:
        seen = {person.role for person in people.people(work)}

    assert Role.VOLUNTEER not in seen
    assert {Role.COORDINATOR, Role.REVIEWER, Role.ADMINISTRATOR} <= seen


# Links


@pytest.mark.parametrize("whom", ["serik", "boris"])
def test_a_link_for_somebody_out_of_reach_is_not_made(story: Story, whom: str) -> None:
    with pytest.raises(NotFound) as refused:
        invite(story, "alice", whom)

    assert refused.value.code == "person.not_found"


def test_a_link_works_once(story: Story) -> None:
    token = invite(story, "alice", "chelsea")
    session = people.redeem(story.settings, token, story.now)

    with pytest.raises(NotFound) as refused:
        people.redeem(story.settings, token, story.now)

    assert session.role is Role.VOLUNTEER
    assert refused.value.code == "invite.not_good"


def test_a_link_is_no_longer_good_after_its_time(story: Story) -> None:
    token = invite(story, "alice", "chelsea")

    with pytest.raises(NotFound) as refused:
        people.redeem(story.settings, token, story.now + INVITE_FOR + timedelta(seconds=1))

    assert refused.value.code == "invite.not_good"


def test_an_unknown_link_is_refused_like_a_used_one(story: Story) -> None:
    with pytest.raises(NotFound) as refused:
        people.redeem(story.settings, "made-up", story.now)

    assert refused.value.code == "invite.not_good"


def test_a_links_token_is_not_in_the_database(story: Story) -> None:
    token = invite(story, "alice", "chelsea")

    with database.transaction(story.settings.database_url, reading=True) as session:
        kept = session.exec(select(Invite)).all()
    assert kept
    assert all(token not in str(row.model_dump()) for row in kept)


def test_signing_in_is_recorded(story: Story) -> None:
    people.redeem(story.settings, invite(story, "alice", "chelsea"), story.now)

    chelsea = story.actors["chelsea"]
    assert acts(story, chelsea.person_id)[-1] == (chelsea.code, "account.sign_in")


def test_whoever_signed_out_is_nobody(story: Story) -> None:
    cookie = people.redeem(story.settings, invite(story, "alice", "chelsea"), story.now).cookie
    before = sessions.actor_for(story.settings, cookie, story.now)

    sessions.end(story.settings, cookie, story.now)

    assert before == Actor(story.actors["chelsea"].person_id, story.actors["chelsea"].code, Role.VOLUNTEER, NORTH, "en")
    assert sessions.actor_for(story.settings, cookie, story.now) is None


# Ending


@pytest.mark.parametrize("whom", ["serik", "bo", "alice"])
def test_nobody_ends_the_part_of_somebody_out_of_reach_or_of_herself(story: Story, whom: str) -> None:
    with story.work("alice") as work, pytest.raises(NotFound) as refused:
        people.close(work, story.actors[whom].person_id)

    assert refused.value.code == "person.not_found"


def test_whoever_is_closed_is_out_at_once_and_for_good(story: Story) -> None:
    cookie = people.redeem(story.settings, invite(story, "alice", "chelsea"), story.now).cookie
    waiting = invite(story, "alice", "chelsea")

    with story.work("alice") as work:
        people.close(work, story.actors["chelsea"].person_id)

    assert sessions.actor_for(story.settings, cookie, story.now) is None
    assert people.actor_by_account(story.settings, story.actors["chelsea"].person_id) is None
    with pytest.raises(NotFound):
        people.redeem(story.settings, waiting, story.now)
    with pytest.raises(NotFound):
        invite(story, "alice", "chelsea")


# Conflicts of interest


def test_a_conflict_of_a_foreign_volunteer_is_not_hers_to_write(story: Story) -> None:
    with story.work("alice") as work, pytest.raises(NotFound) as refused:
        people.declare_conflict(work, story.actors["serik"].person_id, "employer", "N1")

    assert refused.value.code == "person.not_found"


@pytest.mark.parametrize(("kind", "school", "district"), [("friend", "N1", None), ("employer", None, None)])
def test_an_incomplete_conflict_is_refused(story: Story, kind: str, school: str | None, district: str | None) -> None:
    with story.work("alice") as work, pytest.raises(Invalid) as refused:
        people.declare_conflict(work, story.actors["chelsea"].person_id, kind, school, district)

    assert refused.value.code == "conflict.incomplete"


def test_a_conflict_with_a_school_that_is_not_there_is_refused(story: Story) -> None:
    with story.work("alice") as work, pytest.raises(NotFound) as refused:
        people.declare_conflict(work, story.actors["chelsea"].person_id, "employer", "N99")

    assert refused.value.code == "school.not_found"


def test_a_conflict_is_listed_and_can_be_taken_back(story: Story) -> None:
    chelsea = story.actors["chelsea"].person_id
    with story.work("alice") as work:
        conflict = people.declare_conflict(work, chelsea, "childs_school", "N1")
    with story.work("alice") as work:
        declared = identities.read(work)[chelsea].ties

    with story.work("alice") as work:
        people.drop_conflict(work, conflict)

    assert [(one.kind, one.school_id) for one in declared] == [("childs_school", "N1")]
    with story.work("alice") as work:
        assert not identities.read(work)[chelsea].ties


def test_a_foreign_coordinator_cannot_take_a_conflict_back(story: Story) -> None:
    with story.work("alice") as work:
        conflict = people.declare_conflict(work, story.actors["chelsea"].person_id, "other", district="N-district")

    with story.work("boris") as work, pytest.raises(NotFound) as refused:
        people.drop_conflict(work, conflict)

    assert refused.value.code == "conflict.not_found"


# The first one


def test_a_programme_is_founded_once(story: Story) -> None:
    with pytest.raises(Conflict) as refused:
        people.found(story.settings, "Mallory", "en", NOW)

    assert refused.value.code == "person.already_founded"


def test_everybody_chooses_her_own_language(story: Story) -> None:
    chelsea = story.actors["chelsea"]
    with begin(story.settings, chelsea, now=NOW) as work:
        people.speak(work, "kk")

    with begin(story.settings, chelsea, now=NOW) as work, pytest.raises(Invalid):
        people.speak(work, "de")

    found = people.actor_by_account(story.settings, chelsea.person_id)
    assert found and found.language == "kk"
