"""Another role or region: who may give it, and that it holds at once."""

import pytest

from fieldcheck.domain.access import Action, Role
from fieldcheck.domain.errors import FieldcheckError, Forbidden
from fieldcheck.storage import chain, database
from fieldcheck.usecases import moves, people, sessions
from fieldcheck.usecases.work import look
from tests.story import NORTH, SOUTH, Story


def move(story: Story, whom: str, role: Role, region: str | None, by: str = "dana") -> None:
    with story.work(by) as work:
        moves.move(work, story.actors[whom].person_id, role, region)


@pytest.mark.parametrize(
    ("whom", "role", "region", "why"),
    [
        ("dana", Role.REVIEWER, None, "person.not_found"),  # nobody moves himself
        ("chelsea", Role.COORDINATOR, NORTH, "person.not_found"),  # volunteers are the coordinator's
        ("alice", Role.VOLUNTEER, NORTH, "person.role_not_yours"),  # nor does he make one
        ("alice", Role.COORDINATOR, None, "person.region_needed"),
        ("bo", Role.REVIEWER, "nowhere", "region.not_found"),
    ],
)
def test_what_is_not_his_to_give_is_refused(
    story: Story, whom: str, role: Role, region: str | None, why: str
) -> None:
    with pytest.raises(FieldcheckError) as refused:
        move(story, whom, role, region)

    assert refused.value.code == why


def test_a_coordinator_moves_nobody(story: Story) -> None:
    with pytest.raises(Forbidden):
        move(story, "chelsea", Role.VOLUNTEER, SOUTH, by="alice")


def test_a_move_holds_at_once_in_a_session_that_is_open(story: Story) -> None:
    token = people.invite_from_console(story.settings, story.actors["alice"].code, story.now)
    cookie = people.redeem(story.settings, token, story.now).cookie

    move(story, "alice", Role.COORDINATOR, SOUTH)
    moved = sessions.actor_for(story.settings, cookie, story.now)

    assert moved and moved.region == SOUTH
    with look(story.settings, moved, now=story.now) as work:
        assert {person.code for person in people.people(work)} == {story.actors["serik"].code}

    move(story, "alice", Role.AUDITOR, None)
    moved = sessions.actor_for(story.settings, cookie, story.now)
    assert moved and (moved.role, moved.region) == (Role.AUDITOR, None)
    with look(story.settings, moved, now=story.now) as work, pytest.raises(Forbidden):
        people.people(work)


def test_a_move_is_recorded_with_what_was_before(story: Story) -> None:
    move(story, "alice", Role.REVIEWER, None)

    with database.transaction(story.settings.database_url, reading=True) as session:
        _at, actor, action, body = chain.bodies(session, story.actors["alice"].person_id)[-1]
    assert (actor, action) == (story.actors["dana"].code, Action.PERSON_MOVE.value)
    assert body["before"] == {"role": "coordinator", "region": NORTH}
    assert (body["role"], body["region"]) == ("reviewer", None)
