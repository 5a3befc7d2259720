"""Named reads of second visits: which are asked for, which still wait for somebody, and what they saw."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.storage.scopes import cases_within, schools_within
from fieldcheck.storage.tables import Case, FindingRow, Revisit, School, Visit

#: A visit that ended like this says nothing: the wish waits again.
_CAME_TO_NOTHING = ("withdrawn", "rejected", "stopped")


def of_case(session: Session, case_id: str) -> Sequence[Revisit]:
    """List the second visits that an entry asked for, the newest first, without those it no longer asks for."""
    query = select(Revisit).where(col(Revisit.case_id) == case_id, col(Revisit.dropped_at).is_(None))
    return session.execute(query.order_by(col(Revisit.asked_at).desc(), col(Revisit.id))).scalars().all()


def meant(session: Session, visit_id: str) -> Sequence[tuple[Revisit, Case, FindingRow]]:
    """List what a visit is to look at again, each with its entry and the finding under it."""
    query = (
        select(Revisit, Case, FindingRow)
        .join(Case, col(Case.id) == col(Revisit.case_id))
        .join(FindingRow, col(FindingRow.id) == col(Case.finding_id))
        .where(col(Revisit.visit_id) == visit_id, col(Revisit.seen).is_(None), col(Revisit.dropped_at).is_(None))
        .order_by(col(Revisit.id))
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def waiting(session: Session, reach: Reach, since: datetime) -> Sequence[tuple[Revisit, School]]:
    """List the second visits that nobody is sent to and whose window is not over *since*, the first to end first."""
    query = (
        select(Revisit, School)
        .join(School, col(School.id) == col(Revisit.school_id))
        .join(Visit, col(Visit.id) == col(Revisit.visit_id), isouter=True)
        .where(_waits(), schools_within(reach), col(Revisit.closes_at) >= since)
        .order_by(col(Revisit.closes_at), col(Revisit.id))
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def waiting_at(session: Session, school_id: str, checklist_ids: Collection[str]) -> Sequence[tuple[Revisit, str]]:
    """List those that wait at a school for one of these checklists, each with the volunteer of the first visit."""
    first = (
        select(col(Case.id).label("case_id"), col(Visit.volunteer_id).label("who"))
        .join(FindingRow, col(FindingRow.id) == col(Case.finding_id))
        .join(Visit, col(Visit.id) == col(FindingRow.visit_id))
        .subquery()
    )
    query = (
        select(Revisit, first.c.who)
        .join(first, first.c.case_id == col(Revisit.case_id))
        .join(Visit, col(Visit.id) == col(Revisit.visit_id), isouter=True)
        .where(_waits(), col(Revisit.school_id) == school_id, col(Revisit.checklist_id).in_(list(checklist_ids)))
        .order_by(col(Revisit.id))
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def told_by_region(session: Session, reach: Reach) -> dict[str, dict[str, int]]:
    """Count by region what second visits saw, as far as the agency may know."""
    query = (
        select(col(Revisit.region_id), col(Revisit.seen), func.count())
        .join(Case, col(Case.id) == col(Revisit.case_id))
        .where(cases_within(reach), col(Revisit.told_at) <= reach.now)
        .group_by(col(Revisit.region_id), col(Revisit.seen))
    )
    found: dict[str, dict[str, int]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def _waits() -> ColumnElement[bool]:
    return (
        col(Revisit.seen).is_(None)
        & col(Revisit.dropped_at).is_(None)
        & or_(col(Revisit.visit_id).is_(None), col(Visit.state).in_(_CAME_TO_NOTHING))
    )
