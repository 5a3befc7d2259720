"""What happens at the door is a result: the coordinator counts it apart, the agency coarsely or not at all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from fieldcheck.domain.visit import StopReason
from fieldcheck.settings import Release, Settings
from fieldcheck.usecases import endings, reports, safety, visit_list
from fieldcheck.usecases.work import look
from tests.story import Story, begin_story, new_id

WEEK = timedelta(days=7)


@pytest.fixture
def story(database: Settings) -> Story:
    return begin_story(replace(database, release=Release(timedelta(hours=24), 3)))


def ends(story: Story, who: str, school: str, reason: StopReason, by: str = "alice", *, seen_to: bool = True) -> str:
    """Let somebody be sent to a school and end her visit there; her coordinator follows it up."""
    visit = story.assign(school, who, by=by)
    with story.work(who) as work:
        endings.stop(work, visit, new_id(), story.now, reason, "")
    if seen_to:
        with story.work(by) as work:
            safety.follow_up(work, "stopped", visit, "Called her; she is well.")
    return visit


def told(story: Story, who: str = "bo") -> Mapping[str, int]:
    """What the agency reads of doors."""
    with look(story.settings, story.actors[who], now=story.now) as work:
        return reports.agency_figures(work).doors


def test_the_agency_is_told_nothing_of_fewer_than_three_visitors_or_schools(story: Story) -> None:
    ends(story, "chelsea", "N1", StopReason.REFUSED_ENTRY)
    ends(story, "dina", "N2", StopReason.REFUSED_ENTRY)
    ends(story, "serik", "S1", StopReason.CLOSED, "boris")
    story.now += 3 * WEEK

    assert told(story) == {}


def test_the_agency_is_told_nothing_of_this_week_and_nothing_that_nobody_followed_up(story: Story) -> None:
    for who, school, by in (("chelsea", "N1", "alice"), ("dina", "N2", "alice")):
        ends(story, who, school, StopReason.REFUSED_ENTRY, by)
    last = ends(story, "serik", "S1", StopReason.REFUSED_ENTRY, "boris", seen_to=False)

    assert told(story) == {}
    story.now += 2 * WEEK
    assert told(story) == {}
    with story.work("boris") as work:
        safety.follow_up(work, "stopped", last, "He is well.")

    assert told(story) == {"refused_entry": 3}


def test_leaving_because_of_danger_is_no_result_of_a_door_and_the_agency_never_hears_of_it(story: Story) -> None:
    for who, school, by in (("chelsea", "N1", "alice"), ("dina", "N2", "alice"), ("serik", "S1", "boris")):
        ends(story, who, school, StopReason.RECOGNISED, by)
    story.now += 2 * WEEK

    assert told(story) == {}


def test_a_reviewer_of_a_region_counts_that_region_only(story: Story) -> None:
    for who, school, by in (("chelsea", "N1", "alice"), ("dina", "N2", "alice"), ("serik", "S1", "boris")):
        ends(story, who, school, StopReason.ASKED_ID, by)
    story.now += 2 * WEEK

    assert told(story) == {"asked_id": 3}
    assert told(story, "bella") == {}


def test_the_coordinator_counts_results_at_the_door_apart_and_the_school_as_visited(story: Story) -> None:
    ends(story, "chelsea", "N1", StopReason.ASKED_MONEY)
    ends(story, "dina", "N2", StopReason.UNSAFE)

    with look(story.settings, story.actors["alice"], now=story.now) as work:
        found, points = reports.region_figures(work), reports.visit_points(work)
        lines = {line.school_id: line for line in visit_list.visits(work)}

    assert (found.doors, found.stopped, found.schools_visited) == ({"asked_money": 1}, 1, 1)
    assert {point.school["en"]: point.doors for point in points} == {"School N1": 1, "School N2": 0}
    assert (lines["N1"].ended_at_door, lines["N2"].ended_at_door) == (True, False)
