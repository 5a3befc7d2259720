"""Who reads a name: the coordinator of the region, on record; everybody else, nothing."""

from datetime import timedelta

import pytest

from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import Forbidden
from fieldcheck.settings import Settings
from fieldcheck.usecases import identities, moves, people
from fieldcheck.usecases.identities import ONE_READING
from fieldcheck.usecases.work import look
from tests.identity.people import done, with_custodian
from tests.story import NORTH, SOUTH, Story


@pytest.fixture
def story(database: Settings) -> Story:
    return with_custodian(database)


def names(story: Story, who: str) -> set[str]:
    with story.work(who) as work:
        return {one.name for one in identities.read(work).values()}


@pytest.mark.parametrize("who", ["chelsea", "bo", "bella", "ada", "kira"])
def test_nobody_reads_names_but_those_whose_work_it_is(story: Story, who: str) -> None:
    with pytest.raises(Forbidden):
        names(story, who)


def test_a_coordinator_reads_her_region_and_no_other(story: Story) -> None:
    assert names(story, "alice") == {"Chelsea", "Dina"}
    assert names(story, "boris") == {"Serik"}


def test_an_administrator_reads_his_staff_and_no_volunteer(story: Story) -> None:
    assert names(story, "dana") & {"Chelsea", "Dina", "Serik"} == set()
    assert {"Alice", "Bo", "Kira"} <= names(story, "dana")


def test_a_name_cannot_be_read_where_no_record_of_it_stays(story: Story) -> None:
    with look(story.settings, story.actors["alice"]) as work, pytest.raises(RuntimeError):
        identities.read(work)


def test_opening_the_list_is_recorded_once_an_hour_and_not_once_a_row(story: Story) -> None:
    names(story, "alice")
    story.later(minutes=59)
    names(story, "alice")
    within = done(story, NORTH).count("identity.read")
    story.now += ONE_READING - timedelta(minutes=59)
    names(story, "alice")

    assert within == 1
    assert done(story, NORTH).count("identity.read") == 2


def test_another_coordinators_reading_is_recorded_for_itself(story: Story) -> None:
    names(story, "alice")
    names(story, "boris")

    assert done(story, "610000000").count("identity.read") == 1


def test_the_names_of_another_region_are_another_reading(story: Story) -> None:
    """Moved within the hour, she reads people whom she has not read before."""
    names(story, "alice")
    move(story, "alice", Role.COORDINATOR, SOUTH)

    assert names(story, "alice") == {"Serik"}
    names(story, "alice")
    assert done(story, NORTH).count("identity.read") == 1
    assert done(story, SOUTH).count("identity.read") == 1


def test_the_names_of_the_staff_are_not_those_of_a_region_that_she_has_too(story: Story) -> None:
    names(story, "alice")
    move(story, "alice", Role.ADMINISTRATOR, NORTH)

    assert "Bo" in names(story, "alice")
    assert done(story, NORTH).count("identity.read") == 1
    assert done(story, "staff").count("identity.read") == 1


def move(story: Story, who: str, role: Role, region: str) -> None:
    person = story.actors[who].person_id
    with story.work("dana") as work:
        moves.move(work, person, role, region)
    moved = people.actor_by_account(story.settings, person)
    assert moved is not None
    story.actors[who] = moved


def test_what_everybody_may_list_has_no_field_for_a_name(story: Story) -> None:
    with look(story.settings, story.actors["alice"]) as work:
        listed = str(people.people(work))

    assert "Chelsea" not in listed
    assert story.actors["chelsea"].code in listed
