"""A second visit: asked for by an answer, blind for both sides, and what it says."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from fieldcheck.domain.case import CaseState, Outcome
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.errors import Conflict, FieldcheckError, Forbidden
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.response import Reply
from fieldcheck.domain.revisit import Ripeness, Seen
from fieldcheck.settings import ZONE, Settings
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import Case
from fieldcheck.usecases import cases, casework, dispatch, identities, register, reports, review, revisits, seasons
from fieldcheck.usecases.work import begin, look
from tests.story import Story, begin_story, make_ready

CODE, SHEET = "V-INF-01", "entrance_stands"
NO_NOTICE = {"ENT-05": "no"}


@pytest.fixture
def story(database: Settings) -> Story:
    """The programme, with one sign at N1 that a body has answered."""
    made = begin_story(database)
    walked(made, made.assign(), "chelsea", NO_NOTICE)
    made.entry = the_entry(made)  # type: ignore[attr-defined]
    answered(made)
    return made


def walked(story: Story, visit: str, who: str, answers: dict[str, Any]) -> None:
    """Walk, hand in, accept."""
    story.walk(visit, SHEET, who, answers)
    story.submit(visit, who)
    with story.work("alice") as work:
        review.accept(work, visit, (), {})


def the_entry(story: Story) -> str:
    """The newest entry about the notice."""
    with look(story.settings, story.actors["bo"], now=story.now) as work:
        return register.entries(work, CaseFilter(code=(CODE,))).rows[0].id


def answered(story: Story) -> None:
    """Let the agency confirm, refer, and write the answer down."""
    entry, today = story.entry, story.now.astimezone(ZONE).date()  # type: ignore[attr-defined]
    with story.work("bo") as work:
        casework.confirm(work, entry, "seen on the photo", seen=CaseState.DETECTED)
        casework.refer(work, entry, "EDU_LOCAL", "1", today, seen=CaseState.CONFIRMED)
        casework.answer(work, entry, "2", today, "Put up.", Reply.CONFIRMED, seen=CaseState.REFERRED)


def wishes(story: Story, who: str = "alice") -> tuple[revisits.Wish, ...]:
    """What should be visited again."""
    with look(story.settings, story.actors[who], now=story.now) as work:
        return revisits.wishes(work)


def seen(story: Story) -> cases.CaseView:
    """The entry as the agency reads it."""
    with look(story.settings, story.actors["bo"], now=story.now) as work:
        return cases.read(work, story.entry)  # type: ignore[attr-defined]


def again(story: Story, answers: dict[str, Any], days: int = 61) -> str:
    """Let Dina go again, so many days later; gives the visit."""
    story.later(days=days)
    visit = story.assign(who="dina")
    walked(story, visit, "dina", answers)
    return visit


def test_wishes_are_the_coordinators_only(story: Story) -> None:
    for who in ("bo", "dana", "chelsea"):
        with look(story.settings, story.actors[who], now=story.now) as work, pytest.raises(Forbidden):
            revisits.wishes(work)


def test_another_region_sees_none_of_it(story: Story) -> None:
    assert wishes(story, "boris") == ()


def test_an_answer_asks_for_a_second_visit_that_tells_the_coordinator_no_more_than_where_and_when(
    story: Story,
) -> None:
    (wish,) = wishes(story)

    assert (wish.school_id, wish.ripeness) == ("N1", Ripeness.EARLY)
    assert list(wish.checklists) == [story.sheets[SHEET].digest]
    assert wish.closes - wish.opens > timedelta(days=60)
    assert CODE not in repr(wish) and story.entry not in repr(wish)  # type: ignore[attr-defined]


def test_whoever_went_first_may_not_go_again(story: Story) -> None:
    story.later(days=61)
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        views = dispatch.candidates(work, "N1", [story.sheets[SHEET].digest], story.now)
    hindrances = {view.id: view.hindrances for view in views}

    assert hindrances[story.actors["chelsea"].person_id] == (Hindrance.WENT_FIRST,)
    assert hindrances[story.actors["dina"].person_id] == ()
    with pytest.raises(Conflict, match="may_not_go"):
        story.assign(who="chelsea")


def test_nor_may_she_under_the_code_of_another_season(story: Story) -> None:
    """A sanction may rest on it that a second visit is somebody else's: a new code makes nobody somebody else."""
    with story.work("alice") as work:
        seasons.begin(work)
    story.later(days=61)
    with story.work("alice") as work:
        names = identities.read(work)
        views = dispatch.candidates(work, "N1", [story.sheets[SHEET].digest], story.now)
    found = {names[view.id].name: view.hindrances for view in views if not names[view.id].is_renewed}

    assert Hindrance.WENT_FIRST in found["Chelsea"]
    assert Hindrance.WENT_FIRST not in found["Dina"]


def test_a_sign_that_is_gone_is_told_as_gone_and_no_entry_is_opened(story: Story) -> None:
    again(story, {})

    assert [one.seen for one in seen(story).revisits] == [Seen.GONE]
    assert the_entry(story) == story.entry  # type: ignore[attr-defined]
    assert wishes(story) == ()


def test_a_sign_that_is_back_is_told_and_stands_in_the_register_anew(story: Story) -> None:
    again(story, NO_NOTICE)

    assert [one.seen for one in seen(story).revisits] == [Seen.AGAIN]
    assert the_entry(story) != story.entry  # type: ignore[attr-defined]


def test_the_agency_learns_a_result_only_after_the_delay_and_never_that_somebody_is_on_the_way(story: Story) -> None:
    before = seen(story).revisits
    story.settings = replace(story.settings, release=replace(story.settings.release, after=timedelta(hours=24)))
    story.later(days=61)
    visit = story.assign(who="dina")

    assert seen(story).revisits == before
    walked(story, visit, "dina", {})
    assert seen(story).revisits == before
    story.later(hours=25)
    assert seen(story).revisits == before  # a day would tell when she was there
    story.later(days=8)
    assert [one.seen for one in seen(story).revisits] == [Seen.GONE]


def test_a_visit_before_its_days_is_no_second_visit(story: Story) -> None:
    with story.work("alice") as work:
        rows = dispatch.candidates(work, "N2", [story.sheets[SHEET].digest], story.now)
    assert all(Hindrance.WENT_FIRST not in row.hindrances for row in rows)
    story.later(days=100)
    visit = story.assign(who="dina")
    walked(story, visit, "dina", NO_NOTICE)

    assert [one.seen for one in seen(story).revisits] == [None]


def test_a_second_visit_that_is_called_off_waits_again(story: Story) -> None:
    story.later(days=61)
    visit = story.assign(who="dina")
    assert wishes(story) == ()
    with story.work("alice") as work:
        dispatch.withdraw(work, visit, "she is ill")

    assert [wish.school_id for wish in wishes(story)] == ["N1"]


def test_an_answer_that_did_not_suffice_asks_for_nothing_until_the_next_one(story: Story) -> None:
    today = story.now.astimezone(ZONE).date()
    with story.work("bo") as work:
        casework.refer(work, story.entry, "DQA", "3", today, seen=CaseState.ANSWERED)  # type: ignore[attr-defined]
    assert wishes(story) == () and seen(story).revisits == ()

    with story.work("bo") as work:
        casework.answer(work, story.entry, "4", today, "Now.", Reply.PARTLY, seen=CaseState.REFERRED)  # type: ignore[attr-defined]
    assert len(wishes(story)) == 1


def test_what_was_not_confirmed_is_not_visited_again(story: Story) -> None:
    with begin(story.settings, story.actors["bo"], now=story.now) as work:
        casework.close(work, story.entry, Outcome.NOT_CONFIRMED, "no sign", seen=CaseState.ANSWERED)  # type: ignore[attr-defined]

    assert wishes(story) == ()


def test_the_figures_count_second_visits_by_region(story: Story) -> None:
    again(story, {})
    with look(story.settings, story.actors["bo"], now=story.now) as work:
        tracks = {track.region: track for track in reports.agency_figures(work).tracks}

    assert (tracks["590000000"].looked_again, tracks["590000000"].gone) == (1, 1)
    assert tracks["590000000"].answered == 1


# What a sanction may rest on (E-22)


def grave(story: Story) -> None:
    """Make the entry one whose sanction needs more than one visit."""
    with store.transaction(story.settings.database_url) as session:
        session.execute(update(Case).where(col(Case.id) == story.entry).values(severity="high"))  # type: ignore[attr-defined]


def sanctioned(story: Story) -> str:
    """Try to close the entry with a sanction and without a document; gives what the reviewer is told."""
    try:
        with story.work("bo") as work:
            casework.close(work, story.entry, Outcome.SANCTIONED, "told off", seen=CaseState.ANSWERED)  # type: ignore[attr-defined]
    except FieldcheckError as error:
        return f"{error.code} {error.details}"
    return "closed"


@pytest.mark.parametrize("who", ["chelsea", "dina"])
def test_whether_two_visits_were_by_one_person_is_in_no_answer_to_a_reviewer(database: Settings, who: str) -> None:
    """A visit that nobody asked for as a second one may be by anybody: as a ground it counts for nobody."""
    story = begin_story(database)
    walked(story, story.assign(), "chelsea", NO_NOTICE)
    story.entry = the_entry(story)  # type: ignore[attr-defined]
    story.later(days=61)
    make_ready(story, who, "alice")
    walked(story, story.assign(who=who), who, NO_NOTICE)
    with story.work("bo") as work:
        casework.confirm(work, the_entry(story), "seen by both", seen=CaseState.DETECTED)
    answered(story)
    grave(story)

    assert the_entry(story) != story.entry  # type: ignore[attr-defined]
    assert sanctioned(story) == "case.second_confirmation_needed {}"


@pytest.mark.parametrize(
    ("answers", "told"),
    [(NO_NOTICE, "closed"), ({}, "case.second_confirmation_needed {}")],
    ids=["the sign is back", "the sign is gone"],
)
def test_a_second_visit_that_was_asked_for_and_saw_the_sign_again_is_ground_enough(
    story: Story, answers: dict[str, Any], told: str
) -> None:
    """Dispatch sends somebody else to it, so nobody has to be asked who went."""
    grave(story)
    before = sanctioned(story)
    again(story, answers)

    assert (before, sanctioned(story)) == ("case.second_confirmation_needed {}", told)


def test_what_a_second_visit_saw_is_a_ground_only_once_it_is_told(story: Story) -> None:
    """Else a refusal that ends would tell the day on which somebody was there."""
    grave(story)
    story.settings = replace(story.settings, release=replace(story.settings.release, after=timedelta(hours=24)))
    again(story, NO_NOTICE)

    assert sanctioned(story) == "case.second_confirmation_needed {}"
    story.later(days=9)
    assert sanctioned(story) == "closed"
