"""Several visits at once: drawn, proposed, sent; all or nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.errors import Conflict, Forbidden, Invalid, NotFound
from fieldcheck.domain.visit import VisitState
from fieldcheck.settings import ZONE
from fieldcheck.usecases import people, planning, visit_list
from fieldcheck.usecases.planning import Errand, Proposal
from fieldcheck.usecases.work import look
from tests.story import Story


def errand(story: Story, school: str, sheet: str = "entrance_stands") -> Errand:
    """A school to be visited within three weeks."""
    today = story.now.astimezone(ZONE).date()
    return Errand(school, (story.sheets[sheet].digest,), today + timedelta(days=1), today + timedelta(days=21))


def proposed(story: Story, *schools: str, seed: int = 7, who: str = "alice") -> Proposal:
    """A plan for these schools."""
    with look(story.settings, story.actors[who], now=story.now) as work:
        return planning.propose(work, [errand(story, school) for school in schools], seed)


def visits(story: Story) -> list[visit_list.VisitLine]:
    """What stands in the coordinator's list."""
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        return list(visit_list.visits(work))


@pytest.mark.parametrize("who", ["bo", "dana", "chelsea"])
def test_only_a_coordinator_plans(story: Story, who: str) -> None:
    with pytest.raises(Forbidden):
        proposed(story, "N1", who=who)


def test_a_foreign_school_looks_like_a_missing_one(story: Story) -> None:
    for school in ("S1", "nowhere"):
        with pytest.raises(NotFound):
            proposed(story, "N1", school)


def test_more_errands_than_anybody_reads_are_refused(story: Story) -> None:
    with pytest.raises(Invalid, match=r"plan\.too_many"):
        proposed(story, *[f"N{n}" for n in range(41)])


def test_nothing_is_sent_when_there_is_nothing(story: Story) -> None:
    with story.work("alice") as work, pytest.raises(Invalid, match=r"plan\.empty"):
        planning.send(work, [])


def test_schools_are_drawn_by_lot_among_those_that_nobody_was_sent_to(story: Story) -> None:
    story.assign("N1")
    with story.work("alice") as work:
        drawn = planning.draw(work, [story.sheets["entrance_stands"].digest], (), 5)
        elsewhere = planning.draw(work, [story.sheets["entrance_stands"].digest], ("S-district",), 5)

    assert "N1" not in drawn and "N2" in drawn and "S1" not in drawn
    assert elsewhere == ()


def test_a_proposal_shares_schools_fairly_and_looking_twice_changes_nothing(story: Story) -> None:
    first, second = proposed(story, "N1", "N2"), proposed(story, "N1", "N2")

    assert first == second
    assert sorted(line.volunteer_id for line in first.lines) == sorted(
        story.actors[name].person_id for name in ("chelsea", "dina")
    )
    assert list(first.loads.values()) == [1, 1]
    assert first.kilometres > 0
    assert visits(story) == []


def test_the_days_are_drawn_and_short(story: Story) -> None:
    begins = {proposed(story, "N1", seed=seed).lines[0].window_from for seed in range(8)}
    (line,) = proposed(story, "N1").lines

    assert len(begins) > 2
    assert line.window_to - line.window_from < timedelta(days=3)


def test_a_school_that_nobody_may_go_to_is_named_with_the_reasons(story: Story) -> None:
    for who in ("chelsea", "dina"):
        with story.work("alice") as work:
            people.declare_conflict(work, story.actors[who].person_id, "employer", "N2", None)
    found = proposed(story, "N1", "N2")

    assert [line.errand.school_id for line in found.lines] == ["N1"]
    assert found.left == {"N2": {Hindrance.CONFLICT_SCHOOL: 2}}


def test_a_plan_is_sent_whole(story: Story) -> None:
    plan = proposed(story, "N1", "N2")
    with story.work("alice") as work:
        assert planning.send(work, plan.lines) == 2

    assert {line.school_id for line in visits(story)} == {"N1", "N2"}
    assert {line.state for line in visits(story)} == {VisitState.ASSIGNED}


def test_or_not_at_all_and_the_refusal_names_its_line(story: Story) -> None:
    plan = proposed(story, "N1", "N2")
    one, two = plan.lines
    with pytest.raises(Conflict, match=r"plan\.line_refused") as refused, story.work("alice") as work:
        planning.send(work, [one, two, replace(two, volunteer_id=two.volunteer_id)])

    assert refused.value.details["school"] == two.errand.school_id
    assert visits(story) == []
