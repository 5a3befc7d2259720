"""Sending the right stranger to the right school: refusals first, then who may go and why not."""

from datetime import timedelta
from typing import Any

import pytest

from fieldcheck.domain.access import Action
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.errors import Conflict, Invalid, NotFound, NotNow
from fieldcheck.domain.visit import VisitState
from fieldcheck.storage import chain, database
from fieldcheck.usecases import checklists, dispatch, people, review, visits
from fieldcheck.usecases.dispatch import LONGEST_WINDOW, CandidateView
from fieldcheck.usecases.work import look
from tests.story import NOW, Story

SHEET = "entrance_stands"
DAY = timedelta(days=1)


def assign(story: Story, **changed: Any) -> str:
    """Let Alice send Chelsea to N1 tomorrow, but for what is *changed*."""
    wanted = {
        "school_id": "N1",
        "volunteer_id": story.actors["chelsea"].person_id,
        "digests": [story.sheets[SHEET].digest],
        "window_from": story.now + DAY,
        "window_to": story.now + 2 * DAY,
    } | changed
    with story.work(changed.pop("by", "alice")) as work:
        wanted.pop("by", None)
        return dispatch.assign(work, **wanted)


def weighed(story: Story, school: str = "N1") -> dict[str, CandidateView]:
    """What Alice sees of each candidate, by the name that we know her by."""
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        found = dispatch.candidates(work, school, [story.sheets[SHEET].digest], story.now + DAY)
    named = {actor.person_id: name.title() for name, actor in story.actors.items()}
    return {named[one.id]: one for one in found}


# Assigning


@pytest.mark.parametrize("school", ["S1", "nowhere"])
def test_a_foreign_school_and_a_missing_one_are_refused_alike(story: Story, school: str) -> None:
    with pytest.raises(NotFound) as refused:
        assign(story, school_id=school)

    assert refused.value.code == "school.not_found"


@pytest.mark.parametrize("whom", ["serik", "alice", "bo"])
def test_only_a_volunteer_of_the_region_can_be_sent(story: Story, whom: str) -> None:
    with pytest.raises(NotFound) as refused:
        assign(story, volunteer_id=story.actors[whom].person_id)

    assert refused.value.code == "person.not_found"


def test_a_visit_needs_a_checklist(story: Story) -> None:
    with pytest.raises(Invalid) as refused:
        assign(story, digests=[])

    assert refused.value.code == "visit.no_checklist"


def test_a_checklist_that_is_not_published_is_refused(story: Story) -> None:
    with pytest.raises(NotFound) as refused:
        assign(story, digests=["0" * 64])

    assert refused.value.code == "checklist.not_found"


def test_a_checklist_for_state_schools_is_not_walked_in_a_private_one(story: Story) -> None:
    with pytest.raises(Invalid) as refused:
        assign(story, school_id="N3", digests=[story.sheets["illegal_collections"].digest])

    assert refused.value.code == "visit.checklist_not_for_school"


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (DAY, DAY),
        (2 * DAY, DAY),
        (-2 * DAY, -DAY),
        (DAY, DAY + LONGEST_WINDOW + timedelta(minutes=1)),
    ],
    ids=["empty", "upside down", "over", "too long"],
)
def test_a_window_that_cannot_be_is_refused(story: Story, begins: timedelta, ends: timedelta) -> None:
    with pytest.raises(Invalid) as refused:
        assign(story, window_from=story.now + begins, window_to=story.now + ends)

    assert refused.value.code == "visit.window"


def test_whoever_may_not_go_is_refused_with_the_reasons(story: Story) -> None:
    with story.work("alice") as work:
        people.declare_conflict(work, story.actors["chelsea"].person_id, "own_school", "N1")

    with pytest.raises(Conflict) as refused:
        assign(story)

    assert refused.value.code == "visit.may_not_go"
    assert refused.value.details["reasons"] == [Hindrance.CONFLICT_SCHOOL.value]


def test_an_assigned_visit_is_in_the_volunteers_list_and_in_nobody_elses(story: Story) -> None:
    visit = assign(story, scenario={"ru": "", "kk": "", "en": "Use the side gate"})

    with look(story.settings, story.actors["chelsea"]) as work:
        (mine,) = visits.mine(work)
    with look(story.settings, story.actors["dina"]) as work:
        others = visits.mine(work)
    assert (mine.id, mine.state, mine.scenario) == (
        visit,
        VisitState.ASSIGNED,
        {"ru": "", "kk": "", "en": "Use the side gate"},
    )
    assert not others


def test_a_checklist_named_twice_is_walked_once(story: Story) -> None:
    digest = story.sheets[SHEET].digest

    assign(story, digests=[digest, digest])

    with look(story.settings, story.actors["chelsea"]) as work:
        (mine,) = visits.mine(work)
    assert [sheet.digest for sheet in mine.checklists] == [digest]


def test_assigning_is_recorded_with_the_code_not_the_name(story: Story) -> None:
    visit = assign(story)

    with database.transaction(story.settings.database_url, reading=True) as session:
        ((_at, actor, action, body),) = chain.bodies(session, visit)
    assert (actor, action) == (story.actors["alice"].code, Action.VISIT_ASSIGN.value)
    assert body["volunteer"] == story.actors["chelsea"].code
    assert "Chelsea" not in str(body)


# Who may go


def test_candidates_are_the_regions_volunteers_with_their_distance(story: Story) -> None:
    found = weighed(story)

    assert set(found) == {"Chelsea", "Dina"}
    assert found["Chelsea"].distance == pytest.approx(4080, abs=150)
    assert all(one.may_go for one in found.values())


def test_a_school_without_a_point_leaves_the_distance_unknown(story: Story) -> None:
    assert weighed(story, "N3")["Chelsea"].distance is None


@pytest.mark.parametrize(
    ("tie", "hindrance"),
    [
        ({"school_id": "N1"}, Hindrance.CONFLICT_SCHOOL),
        ({"district": "N-district"}, Hindrance.CONFLICT_DISTRICT),
    ],
)
def test_a_declared_conflict_hinders(story: Story, tie: dict[str, str], hindrance: Hindrance) -> None:
    with story.work("alice") as work:
        people.declare_conflict(work, story.actors["chelsea"].person_id, "employer", **tie)

    assert weighed(story)["Chelsea"].hindrances == (hindrance,)


def test_an_open_visit_there_hinders_her_and_the_school_rests_from_others(story: Story) -> None:
    assign(story)

    found = weighed(story)

    assert Hindrance.OPEN_VISIT_THERE in found["Chelsea"].hindrances
    assert found["Dina"].hindrances == (Hindrance.SCHOOL_TOO_SOON,)
    assert found["Chelsea"].open_visits == 1


def test_whoever_was_there_lately_does_not_go_again(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    with story.work("alice") as work:
        review.set_aside(work, visit, "A rehearsal")
    story.later(days=30)

    assert Hindrance.ROTATION in weighed(story)["Chelsea"].hindrances


def test_after_the_rotation_time_she_may_go_again(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    with story.work("alice") as work:
        review.set_aside(work, visit, "A rehearsal")
    story.later(days=61)

    assert weighed(story)["Chelsea"].may_go


def test_a_withdrawn_visit_hinders_nobody(story: Story) -> None:
    visit = assign(story)

    with story.work("alice") as work:
        dispatch.withdraw(work, visit, "The school is closed")

    assert weighed(story)["Chelsea"].may_go
    assert weighed(story)["Dina"].may_go


def test_whoever_no_longer_takes_part_is_shown_with_that_reason(story: Story) -> None:
    with story.work("alice") as work:
        people.close(work, story.actors["dina"].person_id)

    assert weighed(story)["Dina"].hindrances == (Hindrance.INACTIVE,)


def test_the_fittest_stand_first(story: Story) -> None:
    assign(story, school_id="N2")

    assert list(weighed(story)) == ["Dina", "Chelsea"]


# Calling off


def test_a_foreign_visit_cannot_be_called_off(story: Story) -> None:
    visit = assign(story)

    with story.work("boris") as work, pytest.raises(NotFound) as refused:
        dispatch.withdraw(work, visit, "Not mine")

    assert refused.value.code == "visit.not_found"


def test_a_submitted_visit_is_decided_not_called_off(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)

    with story.work("alice") as work, pytest.raises(NotNow) as refused:
        dispatch.withdraw(work, visit, "Too late")

    assert refused.value.code == "visit.not_now"


def test_calling_off_keeps_what_was_recorded_and_says_why(story: Story) -> None:
    visit = story.assign()
    story.answer(visit, SHEET, "ENT-03", "free")

    with story.work("alice") as work:
        dispatch.withdraw(work, visit, "  A storm  ")

    with look(story.settings, story.actors["alice"], now=NOW) as work:
        seen = review.check(work, visit)
    assert (seen.state, seen.note) == (VisitState.WITHDRAWN, "A storm")
    assert any(answer.value == "free" for answer in seen.walks[0].answers)


def test_a_volunteer_lists_only_the_checklists_that_she_walks(story: Story) -> None:
    assign(story)

    with look(story.settings, story.actors["chelsea"]) as work:
        hers = [sheet.id for sheet in checklists.current(work)]
    with look(story.settings, story.actors["alice"]) as work:
        all_of_them = checklists.current(work)

    assert hers == [SHEET]
    assert len(all_of_them) == len(story.sheets)
