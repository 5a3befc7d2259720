"""Named counts for the first pages. Every count takes a reach, and what the agency counts are entries, never visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.domain.case import CaseMove
from fieldcheck.domain.register import OWN_BODY
from fieldcheck.domain.safety import RESULTS
from fieldcheck.storage.register_queries import CONFIRMED, is_due, is_late
from fieldcheck.storage.scopes import cases_within, schools_within, visits_within
from fieldcheck.storage.tables import (
    Case,
    CaseEvent,
    ChecklistVersion,
    FindingRow,
    FollowUp,
    Person,
    Region,
    School,
    Visit,
)

#: Visits that somebody still has to walk: past their window they are late.
_STILL_TO_WALK = ("assigned", "in_progress", "returned")
#: Visits that ended at the door with a result.
_AT_DOOR = (col(Visit.state) == "stopped") & col(Visit.stop_reason).in_(sorted(RESULTS))
_PLACE = (
    col(School.id),
    col(School.name),
    col(School.district_name),
    col(Region.name),
    col(School.lat),
    col(School.lon),
)


@dataclass(frozen=True)
class Spot:
    """A school's point with what was counted there; *worst* is the gravest severity among it, where there is one."""

    school_id: str
    name: dict[str, str]
    district: dict[str, str]
    region: dict[str, str]
    lat: float
    lon: float
    count: int
    waiting: int
    worst: int | None = None
    doors: int = 0


def visits_by_state(session: Session, reach: Reach) -> dict[str, int]:
    """Count visits by state."""
    return _counted(session, col(Visit.state), visits_within(reach))


def visits_overdue(session: Session, reach: Reach, now: datetime) -> int:
    """Count visits whose window has passed and that were not handed in."""
    query = (
        select(func.count())
        .select_from(Visit)
        .where(visits_within(reach), col(Visit.state).in_(_STILL_TO_WALK), col(Visit.window_to) < now)
    )
    return int(session.execute(query).scalar_one())


def schools_visited(session: Session, reach: Reach) -> tuple[int, int]:
    """Count the schools that have an accepted visit or one with a result at the door, and all."""
    visited = select(func.count(func.distinct(col(Visit.school_id)))).where(
        visits_within(reach), (col(Visit.state) == "accepted") | _AT_DOOR
    )
    every = select(func.count()).select_from(School).where(schools_within(reach))
    return int(session.execute(visited).scalar_one()), int(session.execute(every).scalar_one())


def door_results(session: Session, reach: Reach) -> dict[str, int]:
    """Count visits that ended at the door, by what happened there."""
    return _counted(session, col(Visit.stop_reason), visits_within(reach) & _AT_DOOR)


def doors_seen_to(
    session: Session, region: str | None, since: datetime, before: datetime
) -> Sequence[tuple[str, int, int, int]]:
    """Count for each thing that happened at doors its visits, visitors and schools.

    Counted are visits that a coordinator has followed up, in one region or in the country.
    """
    seen_to = select(col(FollowUp.subject)).where(col(FollowUp.what) == "stopped")
    apart = [func.count(func.distinct(column)) for column in (col(Visit.volunteer_id), col(Visit.school_id))]
    query = (
        select(col(Visit.stop_reason), func.count(), *apart)
        .where(_AT_DOOR, col(Visit.id).in_(seen_to), col(Visit.received_at) >= since, col(Visit.received_at) < before)
        .group_by(col(Visit.stop_reason))
    )
    if region is not None:
        query = query.where(col(Visit.region_id) == region)
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def incidents(session: Session, reach: Reach) -> int:
    """Count findings that the programme has to look at itself."""
    query = (
        select(func.count(func.distinct(col(FindingRow.visit_id))))
        .join(Visit, col(Visit.id) == col(FindingRow.visit_id))
        .where(visits_within(reach), col(FindingRow.detail)["responsible_body"].as_string() == OWN_BODY)
    )
    return int(session.execute(query).scalar_one())


def visit_spots(session: Session, reach: Reach) -> Sequence[Spot]:
    """Count each school's visits, accepted ones, those on the way and those that ended at the door."""
    accepted = func.sum(case((col(Visit.state) == "accepted", 1), else_=0))
    waiting = func.sum(case((col(Visit.state).in_((*_STILL_TO_WALK, "submitted")), 1), else_=0))
    query = (
        select(*_PLACE, accepted, waiting, literal(0), func.sum(case((_AT_DOOR, 1), else_=0)))
        .join(Region, col(Region.id) == col(School.region_id))
        .join(Visit, col(Visit.school_id) == col(School.id), isouter=True)
        .where(schools_within(reach), col(School.lat).is_not(None), col(School.lon).is_not(None))
        .group_by(col(School.id), col(Region.id))
    )
    return [Spot(*row[:6], *(n or 0 for n in row[6:])) for row in session.execute(query)]


def cases_by(session: Session, reach: Reach, column: str) -> dict[str, int]:
    """Count entries by one of their columns."""
    return _counted(session, col(getattr(Case, column)), cases_within(reach))


def cases_overdue(session: Session, reach: Reach, now: datetime) -> int:
    """Count entries on which somebody is late."""
    query = select(func.count()).select_from(Case).where(cases_within(reach), is_late(now))
    return int(session.execute(query).scalar_one())


def cases_due(session: Session, reach: Reach, now: datetime, until: datetime) -> int:
    """Count open entries that are due from *now* until then."""
    query = select(func.count()).select_from(Case).where(cases_within(reach), is_due(now, until))
    return int(session.execute(query).scalar_one())


def cases_remedied_by_region(session: Session, reach: Reach) -> dict[str, tuple[int, int]]:
    """Count by region the entries that were put right, and all that were ever confirmed and still count."""
    stand = [state.value for state in CONFIRMED]
    remedied = func.sum(case((col(Case.outcome) == "remedied", 1), else_=0))
    query = (
        select(col(Case.region_id), remedied, func.count())
        .where(cases_within(reach), col(Case.state).in_(stand))
        .group_by(col(Case.region_id))
    )
    return {row[0]: (int(row[1] or 0), int(row[2])) for row in session.execute(query)}


def answer_times(session: Session, reach: Reach, since: datetime) -> Sequence[tuple[str, datetime, datetime]]:
    """Give for each entry answered since then its region, when it was last referred before, and when answered."""
    answered = (
        select(col(CaseEvent.case_id), func.max(col(CaseEvent.dated)).label("answered"))
        .where(col(CaseEvent.move) == CaseMove.ANSWER.value, col(CaseEvent.at) >= since)
        .group_by(col(CaseEvent.case_id))
        .subquery()
    )
    query = (
        select(col(Case.region_id), func.max(col(CaseEvent.dated)), answered.c.answered)
        .join(answered, answered.c.case_id == col(CaseEvent.case_id))
        .join(Case, col(Case.id) == col(CaseEvent.case_id))
        .where(
            cases_within(reach),
            col(CaseEvent.move) == CaseMove.REFER.value,
            col(CaseEvent.dated) <= answered.c.answered,
        )
        .group_by(col(CaseEvent.case_id), col(Case.region_id), answered.c.answered)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query) if row[1] and row[2]]


def case_spots(session: Session, reach: Reach, waiting: Sequence[str]) -> Sequence[Spot]:
    """Count each school's entries that are not good news, how many are open, and the gravest severity of those."""
    open_ = case((col(Case.state).in_(waiting), 1), else_=0)
    rank = {"low": 1, "medium": 2, "high": 3, "critical": 4}
    worst = case((col(Case.state).in_(waiting), case(rank, value=col(Case.severity), else_=0)), else_=0)
    counted = (
        select(
            col(Case.school_id),
            func.count().label("n"),
            func.sum(open_).label("waiting"),
            func.max(worst).label("worst"),
        )
        .where(cases_within(reach), col(Case.state).not_in(("noted", "dismissed")))
        .group_by(col(Case.school_id))
        .subquery()
    )
    query = (
        select(*_PLACE, counted.c.n, counted.c.waiting, counted.c.worst)
        .join(Region, col(Region.id) == col(School.region_id))
        .join(counted, counted.c.school_id == col(School.id))
        .where(col(School.lat).is_not(None), col(School.lon).is_not(None))
    )
    return [Spot(*row) for row in session.execute(query)]


def people_by_role(session: Session) -> dict[str, int]:
    """Count the people who take part, by role."""
    return _counted(session, col(Person.role), col(Person.active).is_(True))


def inventory(session: Session) -> dict[str, int]:
    """Count what the programme consists of."""
    return {
        "regions": _count(session, Region),
        "schools": _count(session, School),
        "checklists": _count(session, ChecklistVersion),
    }


def _counted(session: Session, column: Any, where: ColumnElement[bool]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(select(column, func.count()).where(where).group_by(column))}


def _count(session: Session, table: Any) -> int:
    return int(session.execute(select(func.count()).select_from(table)).scalar_one())
