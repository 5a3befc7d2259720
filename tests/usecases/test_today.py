"""The coordinator's day: what waits is counted, the most urgent first, and nothing of another region."""

from datetime import UTC, datetime, timedelta

import pytest

from fieldcheck.domain.errors import Forbidden
from fieldcheck.domain.today import Need, Waiting, check_due, in_order, runs_out
from fieldcheck.domain.visit import StopReason
from fieldcheck.settings import ZONE
from fieldcheck.usecases import dispatch, endings, people, today
from fieldcheck.usecases.work import look
from tests.story import Story, new_id

FRIDAY = datetime(2026, 9, 11, 5, tzinfo=UTC)


def waits(story: Story, who: str = "alice") -> dict[Need, Waiting]:
    """What waits for somebody, in its order."""
    with look(story.settings, story.actors[who], now=story.now) as work:
        return {one.need: one for one in today.today(work)}


@pytest.mark.parametrize("who", ["bo", "dana", "chelsea"])
def test_only_a_coordinator_has_such_a_day(story: Story, who: str) -> None:
    with pytest.raises(Forbidden):
        waits(story, who)


def test_a_check_is_due_after_two_working_days_and_a_critical_one_the_same_day() -> None:
    assert check_due(FRIDAY, critical=False, zone=ZONE).date().day == 15
    assert check_due(FRIDAY, critical=True, zone=ZONE).date().day == 11


def test_a_window_runs_out_before_it_is_over_not_after() -> None:
    assert runs_out(FRIDAY + timedelta(hours=35), FRIDAY)
    assert not runs_out(FRIDAY + timedelta(hours=37), FRIDAY) and not runs_out(FRIDAY - timedelta(hours=1), FRIDAY)


def test_what_nobody_waits_for_is_left_out_and_alarms_stand_first() -> None:
    found = in_order([Waiting(Need.CHECK, 2), Waiting(Need.RETURNED, 0), Waiting(Need.ALARM, 1)])

    assert [one.need for one in found] == [Need.ALARM, Need.CHECK]


def test_a_handed_in_visit_waits_and_becomes_late(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)

    assert waits(story)[Need.CHECK].count == 1 and waits(story)[Need.CHECK].late == 0
    story.later(days=3)
    assert waits(story)[Need.CHECK].late == 1
    assert Need.CHECK not in waits(story, "boris")


def test_days_that_run_out_then_are_over(story: Story) -> None:
    story.assign()

    assert Need.WINDOW_SOON not in waits(story)
    story.later(days=1)
    assert waits(story)[Need.WINDOW_SOON].count == 1
    story.later(days=2)
    assert Need.WINDOW_SOON not in waits(story) and waits(story)[Need.WINDOW_OVER].count == 1


def test_a_visit_of_somebody_who_left_is_handed_to_somebody_else_in_one_stroke(story: Story) -> None:
    visit = story.assign()
    with story.work("alice") as work:
        people.close(work, story.actors["chelsea"].person_id)
    assert waits(story)[Need.LEFT_BEHIND].count == 1

    digests = [story.sheets["entrance_stands"].digest]
    begins = story.now + timedelta(hours=1)
    with story.work("alice") as work:
        without = dispatch.candidates(work, "N1", digests, begins)
        instead = dispatch.candidates(work, "N1", digests, begins, visit)
        assert not any(one.may_go for one in without)
        (dina,) = [one for one in instead if one.may_go]
        dispatch.assign(work, "N1", dina.id, digests, begins, begins + timedelta(days=2), instead=visit)

    assert Need.LEFT_BEHIND not in waits(story)


def test_who_stopped_and_who_is_not_ready_wait_too(story: Story) -> None:
    visit = story.assign()
    with story.work("chelsea") as work:
        endings.stop(work, visit, new_id(), story.now, StopReason.REFUSED_ENTRY, "")
    with story.work("alice") as work:
        people.bring_in(work, story.actors["chelsea"].role, story.actors["alice"].region, "Eva", language="en")

    found = waits(story)
    assert found[Need.STOPPED].count == 1 and found[Need.NOT_READY].count == 1


def test_after_a_decision_the_one_that_waits_longest_is_next_and_a_critical_one_before_it(story: Story) -> None:
    first = story.assign(sheet="entrance_stands")
    story.walk(first, "entrance_stands")
    story.submit(first)
    grave = story.assign("N2", "dina", "illegal_collections")
    told = {"COL-05": "mandatory", "COL-04": "head", "COL-18": "heard"}
    story.walk(grave, "illegal_collections", "dina", told)
    story.submit(grave, "dina")

    with look(story.settings, story.actors["alice"], now=story.now) as work:
        assert today.next_to_check(work, first) == grave
        assert today.next_to_check(work, grave) == first
        assert today.next_to_check(work, "none") == grave
    with look(story.settings, story.actors["boris"], now=story.now) as work:
        assert today.next_to_check(work, "none") is None
