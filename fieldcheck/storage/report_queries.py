"""Named counts for the first pages. Every count takes a reach, and what the agency counts are entries, never visits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.domain.case import CaseMove
from fieldcheck.domain.register import OWN_BODY
from fieldcheck.storage.register_queries import CONFIRMED, is_due, is_late
from fieldcheck.storage.scopes import accepted_within, cases_told, cases_within, schools_within, visits_within
from fieldcheck.storage.spots import AT_DOOR, STILL_TO_WALK
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


def visits_by_state(session: Session, reach: Reach) -> dict[str, int]:
    """Count visits by state."""
    return _counted(session, col(Visit.state), visits_within(reach))


def visits_overdue(session: Session, reach: Reach, now: datetime) -> int:
    """Count visits whose window has passed and that were not handed in."""
    query = (
        select(func.count())
        .select_from(Visit)
        .where(visits_within(reach), col(Visit.state).in_(STILL_TO_WALK), col(Visit.window_to) < now)
    )
    return int(session.execute(query).scalar_one())


def schools_visited(session: Session, reach: Reach) -> tuple[int, int]:
    """Count the schools that have an accepted visit or one with a result at the door, and all."""
    visited = select(func.count(func.distinct(col(Visit.school_id)))).where(
        visits_within(reach), (col(Visit.state) == "accepted") | AT_DOOR
    )
    every = select(func.count()).select_from(School).where(schools_within(reach))
    return int(session.execute(visited).scalar_one()), int(session.execute(every).scalar_one())


def door_results(session: Session, reach: Reach) -> dict[str, int]:
    """Count visits that ended at the door, by what happened there."""
    return _counted(session, col(Visit.stop_reason), visits_within(reach) & AT_DOOR)


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
        .where(AT_DOOR, col(Visit.id).in_(seen_to), col(Visit.received_at) >= since, col(Visit.received_at) < before)
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


def visits_told(session: Session, reach: Reach) -> int:
    """Count the accepted visits as far as told."""
    query = select(func.count()).select_from(Visit).where(accepted_within(reach))
    return int(session.execute(query).scalar_one())


def cases_told_by_state(session: Session, reach: Reach) -> dict[str, int]:
    """Count entries by state, for whoever may read none, as far as told."""
    return _counted(session, col(Case.state), cases_told(reach))


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
