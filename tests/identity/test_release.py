"""What holds an entry back from the agency: the delay in every way of seeing, and the crowd that a half-day needs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fieldcheck.domain.access import Action, Actor
from fieldcheck.domain.case import CaseState
from fieldcheck.domain.errors import NotFound
from fieldcheck.domain.register import CaseFilter
from fieldcheck.settings import ZONE, BadSettings, Release, Settings, read_settings, set_release
from fieldcheck.storage import report_queries, visit_queries
from fieldcheck.usecases import cases, casework, evidence, holds, register, reports
from fieldcheck.usecases.work import begin, look
from tests import factories as the

NOW = the.MONDAY
DELAY = timedelta(hours=24)
#: What is accepted on this Monday and told by the week before it comes in with the others of its day.
SEEN_FROM = datetime(2026, 9, 15, tzinfo=ZONE) + DELAY
AT = datetime(2026, 9, 11, 4, 47, 13, tzinfo=UTC)  # a Friday morning


class Held:
    """An installation that waits a day and tells half-days from the third visitor on."""

    def __init__(self, settings: Settings) -> None:
        self.settings = replace(settings, release=Release(DELAY, 3))
        the.a_region(self.settings)
        self.school = the.a_school(self.settings)
        self.alice = the.a_coordinator(self.settings)
        self.bo = the.a_reviewer(self.settings)
        self.walkers = 0

    def accepted(self, *codes: str, at: datetime = AT, who: Actor | None = None) -> str:
        """Accept a visit of somebody new; gives the visit's id."""
        self.walkers += 1
        who = who or the.a_volunteer(self.settings, code=f"V-{7000 + self.walkers}")
        visit = the.an_accepted_visit_with_findings(
            self.settings, self.school, who, self.alice, codes or ("V-COL-03",), at
        )
        with begin(self.settings, self.alice, now=NOW) as work:
            register.open_cases(work, visit)
        return visit

    def lines(self, now: datetime) -> tuple[register.CaseLine, ...]:
        """What Bo lists."""
        with look(self.settings, self.bo, now=now) as work:
            return register.entries(work, CaseFilter()).rows


@pytest.fixture
def held(database: Settings) -> Held:
    return Held(database)


# The delay


def test_before_the_delay_is_over_no_way_of_seeing_shows_an_entry(held: Held) -> None:
    visit = held.accepted()
    ((case_id,),) = [(line.id,) for line in held.lines(SEEN_FROM)]
    early = SEEN_FROM - timedelta(seconds=1)

    with begin(held.settings, held.bo, now=early) as work:
        photo = next(one for one in visit_queries.photos(work.session, visit) if one.released)
        listed = register.entries(work, CaseFilter())
        exported = the.csv_of(work, CaseFilter())
        counted, points = reports.agency_figures(work), reports.case_points(work)
        schools = register.schools(work, the.ALMATY)
        for act in (
            lambda: cases.read(work, case_id),
            lambda: casework.confirm(work, case_id, "seen", seen=CaseState.DETECTED),
            lambda: holds.hold(work, case_id, "a court asked"),
            lambda: evidence.shown(work, photo.id, "view"),
        ):
            with pytest.raises(NotFound):
                act()
        hidden = visit_queries.photo_released(work.session, work.reach(Action.PHOTO_SHOW), photo.id)
    with look(held.settings, held.bo, now=SEEN_FROM) as work:
        shown = visit_queries.photo_released(work.session, work.reach(Action.PHOTO_SHOW), photo.id)

    assert (hidden, shown is not None) == (None, True)
    assert (listed.total, listed.counts, listed.rows) == (0, {}, ())
    assert exported.decode("utf-8-sig").count("\r\n") == 1  # the header
    assert (counted.total, counted.overdue, points, schools) == (0, 0, (), {})


def test_after_the_delay_it_is_there(held: Held) -> None:
    held.accepted()

    (line,) = held.lines(SEEN_FROM)

    assert line.due_at and line.due_at > SEEN_FROM


def test_without_a_time_of_asking_nothing_is_released(held: Held) -> None:
    held.accepted()
    with look(held.settings, held.bo, now=SEEN_FROM + DELAY) as work:
        reach = replace(work.reach(Action.CASE_LIST), now=None)

        assert report_queries.cases_by(work.session, reach, "state") == {}


def test_the_term_to_look_at_an_entry_runs_from_its_release(held: Held) -> None:
    held.accepted()
    at_once = replace(held.settings, release=Release(timedelta(0), 3))
    second = the.an_accepted_visit_with_findings(
        at_once, held.school, the.a_volunteer(at_once, code="V-7999"), held.alice, ("V-COL-04",), AT
    )
    with begin(at_once, held.alice, now=NOW) as work:
        register.open_cases(work, second)

    later, sooner = sorted((line.due_at for line in held.lines(SEEN_FROM) if line.due_at), reverse=True)

    assert later > sooner


def test_what_is_critical_is_there_at_once_without_its_day(held: Held) -> None:
    held.accepted("V-COL-02")

    (line,) = held.lines(NOW)
    with begin(held.settings, held.bo, now=NOW) as work:
        view = cases.read(work, line.id)
        exported = the.csv_of(work, CaseFilter()).decode("utf-8-sig")
    (later,) = held.lines(NOW + DELAY)

    assert (line.severity, line.visited, view.visited) == ("critical", "", "")
    assert "2026-09-11" not in exported + str(view)
    assert later.visited == "2026-W37"


# The crowd


@pytest.mark.parametrize(("visitors", "told"), [(1, "2026-W37"), (2, "2026-W37"), (3, "2026-09-11/am")])
def test_a_half_day_is_told_from_the_third_visitor_on_of_the_first_ones_too(
    held: Held, visitors: int, told: str
) -> None:
    for code in ("V-COL-02", "V-COL-03", "V-COL-04")[:visitors]:
        held.accepted(code)

    assert {line.visited for line in held.lines(NOW + DELAY)} == {told}


def test_three_visits_of_one_visitor_are_no_crowd(held: Held) -> None:
    chelsea = the.a_volunteer(held.settings)
    for code in ("V-COL-02", "V-COL-03", "V-COL-04"):
        held.accepted(code, who=chelsea)

    assert {line.visited for line in held.lines(NOW + DELAY)} == {"2026-W37"}


def test_visitors_of_the_other_half_of_the_day_are_no_crowd(held: Held) -> None:
    held.accepted("V-COL-02")
    held.accepted("V-COL-03", at=AT + timedelta(hours=5))
    held.accepted("V-COL-04", at=AT + timedelta(hours=5, minutes=20))

    assert {line.visited for line in held.lines(NOW + DELAY)} == {"2026-W37"}


def test_an_answer_that_says_when_is_no_more_exact_than_the_visit(held: Held) -> None:
    held.accepted()
    (line,) = held.lines(SEEN_FROM)

    with look(held.settings, held.bo, now=SEEN_FROM) as work:
        halves = [answer.half for answer in cases.read(work, line.id).answers if answer.half is not None]

    assert halves == ["2026-W37"]


# The settings


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("FIELDCHECK_RELEASE_AFTER_HOURS", "soon"),
        ("FIELDCHECK_RELEASE_AFTER_HOURS", "-1"),
        ("FIELDCHECK_RELEASE_LEAST_VISITORS", "0"),
        ("FIELDCHECK_SEASON_DAYS", "0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(tmp_path: Any, variable: str, said: str) -> None:
    with pytest.raises(BadSettings, match=variable):
        read_settings({"FIELDCHECK_DATA": str(tmp_path), variable: said})


def test_an_installation_that_says_nothing_waits_a_day_and_wants_three(tmp_path: Any) -> None:
    assert read_settings({"FIELDCHECK_DATA": str(tmp_path)}).release == Release(timedelta(hours=24), 3)


def test_what_the_demo_wrote_down_counts_until_the_environment_says_otherwise(tmp_path: Any) -> None:
    set_release(tmp_path, 0)

    quiet = read_settings({"FIELDCHECK_DATA": str(tmp_path)})
    told = read_settings({"FIELDCHECK_DATA": str(tmp_path), "FIELDCHECK_RELEASE_AFTER_HOURS": "48"})

    assert quiet.release.after == timedelta(0)
    assert told.release.after == timedelta(hours=48)
