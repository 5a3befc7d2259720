"""The figures of each first page: who may see which, and that they count what they say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fieldcheck.domain.access import Actor
from fieldcheck.domain.case import CaseState, Outcome
from fieldcheck.domain.checklist import Severity
from fieldcheck.domain.errors import Forbidden
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.response import Reply
from fieldcheck.settings import ZONE, Settings
from fieldcheck.storage import spots
from fieldcheck.usecases import casework, register, reports
from fieldcheck.usecases.work import begin, look
from tests import factories as the

NOW = the.MONDAY
SEEN_BY = {
    reports.own_figures: "volunteer",
    reports.region_figures: "coordinator",
    reports.visit_points: "coordinator",
    reports.agency_figures: "reviewer",
    reports.case_points: "reviewer",
    reports.programme_figures: "administrator",
}


@pytest.fixture
def people(database: Settings) -> dict[str, Actor]:
    the.a_region(database)
    the.a_region(database, the.ABAI, "Abai")
    the.a_school(database)
    the.a_school(database, id_="school-2", name="School No. 2")
    regions = {"volunteer": the.ALMATY, "coordinator": the.ALMATY, "reviewer": None, "administrator": None}
    return {role: the.a_person(database, role, region, f"X-{role}") for role, region in regions.items()}


def accepted(settings: Settings, people: dict[str, Actor], *codes: str) -> None:
    """Accept a visit with *codes*."""
    visit = the.an_accepted_visit_with_findings(settings, "school-1", people["volunteer"], people["coordinator"], codes)
    with begin(settings, people["coordinator"], now=NOW) as work:
        register.open_cases(work, visit)


@pytest.mark.parametrize("figures", SEEN_BY, ids=lambda figures: figures.__name__)
def test_each_figure_is_for_one_role_only(database: Settings, people: dict[str, Actor], figures: object) -> None:
    assert callable(figures)
    for role, actor in people.items():
        with look(database, actor, now=NOW) as work:
            if role == SEEN_BY[figures]:  # type: ignore[index]
                figures(work)
            else:
                with pytest.raises(Forbidden):
                    figures(work)


def test_a_coordinator_counts_her_region(database: Settings, people: dict[str, Actor]) -> None:
    accepted(database, people, "V-COL-03", "V-COL-99")

    with look(database, people["coordinator"], now=NOW) as work:
        found, points = reports.region_figures(work), reports.visit_points(work)

    assert (found.visits, found.schools_visited, found.schools, found.incidents) == ({"accepted": 1}, 1, 2, 1)
    assert sorted((point.school["en"], point.count) for point in points) == [("School No. 1", 1), ("School No. 2", 0)]


def test_an_administrator_counts_accepted_visits_and_entries_by_past_weeks(
    database: Settings, people: dict[str, Actor]
) -> None:
    """Not what is under way either: a number that grows as somebody goes in tells the minute."""
    held = replace(database, release=replace(database.release, after=timedelta(hours=24)))
    accepted(held, people, "V-COL-02", "V-COL-03")  # accepted on the Saturday before, entered on Monday
    told = datetime(2026, 9, 15, tzinfo=ZONE)

    def counted(now: datetime) -> tuple[int, dict[str, int], datetime | None]:
        with look(held, people["administrator"], now=now) as work:
            found = reports.programme_figures(work)
        return found.accepted, dict(found.cases), found.until

    monday = datetime(2026, 9, 14, tzinfo=ZONE)
    week = timedelta(days=7)
    assert counted(told - timedelta(seconds=1)) == (0, {}, monday - week)
    assert counted(told) == (1, {}, monday)
    assert counted(told + week) == (1, {"detected": 2}, monday + week)


def test_a_coordinator_of_another_region_counts_nothing(database: Settings, people: dict[str, Actor]) -> None:
    accepted(database, people, "V-COL-03")
    other = the.a_coordinator(database, the.ABAI, "C-300")

    with look(database, other, now=NOW) as work:
        found, points = reports.region_figures(work), reports.visit_points(work)

    assert (found.visits, found.schools, points) == ({}, 0, ())


def test_the_agency_counts_entries_and_how_many_were_put_right(database: Settings, people: dict[str, Actor]) -> None:
    accepted(database, people, "V-COL-02", "V-COL-03", "V-COL-90")
    bo = people["reviewer"]
    with look(database, bo, now=NOW) as work:
        id_ = register.entries(work, CaseFilter(code=("V-COL-03",))).rows[0].id
    with begin(database, bo, now=NOW) as work:
        casework.confirm(work, id_, "yes", seen=CaseState.DETECTED)
        casework.refer(work, id_, "DQA", "1", NOW.date(), seen=CaseState.CONFIRMED)
    later = NOW + timedelta(days=9)
    with begin(database, bo, now=later) as work:
        casework.answer(work, id_, "2", later.date(), "done", Reply.CONFIRMED, seen=CaseState.REFERRED)
        casework.close(work, id_, Outcome.REMEDIED, "seen", seen=CaseState.ANSWERED)

    with look(database, bo, now=later) as work:
        found, points = reports.agency_figures(work), reports.case_points(work)

    assert found.states == {"detected": 1, "closed": 1, "noted": 1}
    assert (found.total, found.overdue, found.median_days, found.fixed, found.confirmed) == (3, 1, 9.0, 1, 1)
    assert [(point.count, point.waiting, point.worst) for point in points] == [(2, 1, Severity.CRITICAL)]


def test_a_reviewer_of_a_region_counts_that_region_only(database: Settings, people: dict[str, Actor]) -> None:
    accepted(database, people, "V-COL-03")
    abai = the.a_reviewer(database, the.ABAI, "R-300")

    with look(database, abai, now=NOW) as work:
        found, points = reports.agency_figures(work), reports.case_points(work)

    assert (found.total, found.median_days, list(found.region_names), points) == (0, None, [the.ABAI], ())


def test_too_many_schools_are_gathered_and_an_area_can_be_looked_into(
    database: Settings, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(database, people, "V-COL-03")
    monkeypatch.setattr(spots, "MOST_SCHOOLS", 1)
    with look(database, people["coordinator"], now=NOW) as work:
        (district,) = reports.visit_points(work)
        schools = reports.visit_points(work, district.area)
        monkeypatch.setattr(spots, "MOST_DISTRICTS", 0)
        (region,) = reports.visit_points(work)
        (inside,) = reports.visit_points(work, region.area)

    assert (district.schools, district.touched, district.count) == (2, 1, 1)
    assert district.school == district.district and len(district.area) == 2
    assert sorted((point.school["en"], point.count, point.area) for point in schools) == [
        ("School No. 1", 1, ()),
        ("School No. 2", 0, ()),
    ]
    assert (region.school, region.area) == (region.region, (the.ALMATY,))
    assert inside == district


def test_an_area_of_the_register_carries_its_gravest_sign_and_is_read_within_reach(
    database: Settings, people: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(database, people, "V-COL-02", "V-COL-03", "V-COL-90")
    monkeypatch.setattr(spots, "MOST_SCHOOLS", 0)
    with look(database, people["reviewer"], now=NOW) as work:
        (gathered,) = reports.case_points(work)
        (school,) = reports.case_points(work, gathered.area)
    abai = the.a_reviewer(database, the.ABAI, "R-300")
    with look(database, abai, now=NOW) as work:
        assert reports.case_points(work) == reports.case_points(work, gathered.area) == ()

    assert (gathered.count, gathered.waiting, gathered.worst) == (school.count, school.waiting, school.worst) == (
        2,
        2,
        Severity.CRITICAL,
    )


def test_nothing_that_the_agency_counts_is_a_visit_or_a_day() -> None:
    assert not {"visits", "days", "dates"} & set(reports.AgencyFigures.__dataclass_fields__)
