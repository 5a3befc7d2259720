"""The figures of each role's first page, and the points of its map.

The agency counts entries of the register per school, never visits: a region and a day with one visit would point to one
visitor. The programme counts visits, and sees no more of the register than how many entries stand in which state.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldcheck.domain import release
from fieldcheck.domain.access import Action, Reach
from fieldcheck.domain.case import OPEN, soon
from fieldcheck.domain.checklist import Severity, Words
from fieldcheck.domain.revisit import Seen
from fieldcheck.settings import ZONE
from fieldcheck.storage import register_queries as register
from fieldcheck.storage import report_queries as counts
from fieldcheck.storage import revisit_queries, spots
from fieldcheck.storage.spots import Spot
from fieldcheck.usecases.work import Work, permits

#: How far back the time to an answer is looked at: a body that has become quick should show it.
ANSWERS_OF = timedelta(days=365)
_WORST = {1: Severity.LOW, 2: Severity.MEDIUM, 3: Severity.HIGH, 4: Severity.CRITICAL}


@dataclass(frozen=True)
class OwnFigures:
    """A volunteer's own visits."""

    visits: Mapping[str, int]


@dataclass(frozen=True)
class RegionFigures:
    """A coordinator's region. *doors*: visits that ended there, with a result; *stopped*: others that ended early."""

    visits: Mapping[str, int]
    overdue: int
    waiting: int
    schools_visited: int
    schools: int
    stopped: int
    doors: Mapping[str, int]
    incidents: int


@dataclass(frozen=True)
class Track:
    """What became of one region's entries: how many were answered and how quickly, put right, and looked at again.

    *gone* of *looked_again* second visits found the sign gone; what could not be looked at counts in neither.
    """

    region: str
    name: Words
    confirmed: int
    fixed: int
    answered: int
    median_days: float | None
    looked_again: int
    gone: int


@dataclass(frozen=True)
class AgencyFigures:
    """The register as its reviewer sees it. *fixed* of *confirmed* were put right.

    *doors* counts what happened at school doors, of several visitors and schools each: no school, no day, no region.
    """

    total: int
    states: Mapping[str, int]
    severities: Mapping[str, int]
    natures: Mapping[str, int]
    regions: Mapping[str, int]
    region_names: Mapping[str, Words]
    overdue: int
    median_days: float | None
    fixed: int
    confirmed: int
    due_soon: int
    tracks: tuple[Track, ...]
    doors: Mapping[str, int]


@dataclass(frozen=True)
class ProgrammeFigures:
    """What the administrator keeps going; *accepted* visits and *cases* by state are counted by past weeks.

    What is under way is not here: a count that grows as somebody goes into a school tells the minute.
    """

    regions: int
    schools: int
    checklists: int
    people: Mapping[str, int]
    accepted: int
    cases: Mapping[str, int]
    until: datetime | None


@dataclass(frozen=True)
class MapPoint:
    """A school on the map: how much is there, how much of it waits for somebody, and how grave that is.

    Where the schools are too many for a map it is a whole *area*, (region,) or (region, district), which one can ask
    for by itself: *touched* of its *schools* have any of what is counted.
    """

    school: Words
    district: Words
    region: Words
    lat: float
    lon: float
    count: int
    waiting: int
    worst: Severity | None
    doors: int = 0
    schools: int = 1
    touched: int = 0
    area: tuple[str, ...] = ()


@permits(Action.REPORT_READ)
def own_figures(work: Work) -> OwnFigures:
    """Count one's own visits."""
    return OwnFigures(counts.visits_by_state(work.session, work.reach(Action.VISIT_WALK)))


@permits(Action.REPORT_READ)
def region_figures(work: Work) -> RegionFigures:
    """Count what goes on in a coordinator's region."""
    reach = work.reach(Action.VISIT_CHECK)
    visits = counts.visits_by_state(work.session, reach)
    visited, every = counts.schools_visited(work.session, reach)
    doors = counts.door_results(work.session, reach)
    return RegionFigures(
        visits=visits,
        overdue=counts.visits_overdue(work.session, reach, work.now),
        waiting=visits.get("submitted", 0),
        schools_visited=visited,
        schools=every,
        stopped=visits.get("stopped", 0) - sum(doors.values()),
        doors=doors,
        incidents=counts.incidents(work.session, reach),
    )


@permits(Action.REPORT_READ)
def agency_figures(work: Work) -> AgencyFigures:
    """Count the register within a reviewer's reach."""
    reach = work.reach(Action.CASE_LIST)
    states = counts.cases_by(work.session, reach, "state")
    times = counts.answer_times(work.session, reach, work.now - ANSWERS_OF)
    tracks = _tracks(work, reach, times)
    return AgencyFigures(
        total=sum(states.values()),
        states=states,
        severities=counts.cases_by(work.session, reach, "severity"),
        natures=counts.cases_by(work.session, reach, "nature"),
        regions=counts.cases_by(work.session, reach, "region_id"),
        region_names={region.id: region.name for region in register.regions_within(work.session, reach)},
        overdue=counts.cases_overdue(work.session, reach, work.now),
        median_days=_median_days([time for _region, *time in times]),
        fixed=sum(track.fixed for track in tracks),
        confirmed=sum(track.confirmed for track in tracks),
        due_soon=counts.cases_due(work.session, reach, work.now, soon(work.now.astimezone(ZONE))),
        tracks=tracks,
        doors=_doors(work, reach),
    )


@permits(Action.REPORT_READ)
def programme_figures(work: Work) -> ProgrammeFigures:
    """Count what the programme consists of."""
    reach = work.reach(Action.REGION_WRITE)
    return ProgrammeFigures(
        **counts.inventory(work.session),
        people=counts.people_by_role(work.session),
        accepted=counts.visits_told(work.session, reach),
        cases=counts.cases_told_by_state(work.session, reach),
        until=work.counted_until(Action.REGION_WRITE),
    )


@permits(Action.REPORT_READ)
def case_points(work: Work, area: Sequence[str] = ()) -> tuple[MapPoint, ...]:
    """Give the schools that stand in the register: what the agency sees on a map."""
    waiting = sorted(state.value for state in OPEN)
    return _on_a_map(spots.of_cases(work.session, work.reach(Action.CASE_LIST), waiting, area))


@permits(Action.REPORT_READ)
def visit_points(work: Work, area: Sequence[str] = ()) -> tuple[MapPoint, ...]:
    """Give the region's schools with their visits: what the coordinator sees on a map."""
    return _on_a_map(spots.of_visits(work.session, work.reach(Action.VISIT_CHECK), area))


@permits(Action.SCHOOL_LIST)
def school_points(work: Work, area: Sequence[str] = ()) -> tuple[MapPoint, ...]:
    """Give the schools with how many visits were accepted there: what whoever lists the schools sees on a map."""
    return _on_a_map(spots.of_schools(work.session, work.reach(Action.SCHOOL_LIST), area))


def _on_a_map(found: Sequence[Spot]) -> tuple[MapPoint, ...]:
    """Make points of what was counted."""
    return tuple(
        MapPoint(
            one.name,
            one.district,
            one.region,
            one.lat,
            one.lon,
            one.count,
            one.waiting,
            _WORST.get(one.worst),
            one.doors,
            one.schools,
            one.touched,
            one.area,
        )
        for one in found
    )


def _doors(work: Work, reach: Reach) -> dict[str, int]:
    """Count what happened at doors over a season, to the end of the last week that is old enough to be told.

    A number is told only where several visitors and several schools are in it, and changes once a week: nobody learns
    from it who was turned away where, or when.
    """
    before = release.week_over(work.now, work.settings.release.after, ZONE)
    since = before - work.settings.season
    told = counts.doors_seen_to(work.session, reach.region, since, before)
    least = work.settings.release.least_visitors
    return {what: visits for what, visits, visitors, schools in told if min(visitors, schools) >= least}


def _tracks(work: Work, reach: Reach, times: Sequence[tuple[str, datetime, datetime]]) -> tuple[Track, ...]:
    """Follow up each region that has entries; by its name's order, never by who is best."""
    regions = register.regions_within(work.session, reach)
    put_right = counts.cases_remedied_by_region(work.session, reach)
    again = revisit_queries.told_by_region(work.session, reach)
    answered: dict[str, list[Sequence[datetime]]] = {}
    for region, referred, replied in times:
        answered.setdefault(region, []).append((referred, replied))
    return tuple(
        Track(
            region.id,
            region.name,
            confirmed=put_right.get(region.id, (0, 0))[1],
            fixed=put_right.get(region.id, (0, 0))[0],
            answered=len(answered.get(region.id, ())),
            median_days=_median_days(answered.get(region.id, [])),
            looked_again=sum(again.get(region.id, {}).get(seen, 0) for seen in (Seen.GONE, Seen.AGAIN)),
            gone=again.get(region.id, {}).get(Seen.GONE, 0),
        )
        for region in regions
        if region.id in put_right
    )


def _median_days(times: Sequence[Sequence[datetime]]) -> float | None:
    """Give the median of days from letter to letter; None while nobody has answered."""
    days = [(answered.astimezone(ZONE).date() - referred.astimezone(ZONE).date()).days for referred, answered in times]
    return float(statistics.median(days)) if days else None
