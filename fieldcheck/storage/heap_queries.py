"""The coordinator's heaps of visits: how many lie on each, and one page of one of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.domain.safety import RESULTS
from fieldcheck.domain.visit import Heap
from fieldcheck.storage.scopes import visits_within
from fieldcheck.storage.tables import Person, School, Visit
from fieldcheck.storage.visit_queries import VisitRow


@dataclass(frozen=True)
class Sought:
    """What is looked for: visits to these schools, or by whoever's code has this in it."""

    schools: Collection[str]
    code: str


def counts(session: Session, reach: Reach, now: datetime) -> dict[Heap, int]:
    """Count the visits within reach on each heap."""
    heap = _heap(now)
    rows = session.execute(select(heap, func.count()).where(visits_within(reach)).group_by(heap))
    return {Heap(row[0]): row[1] for row in rows}


def count(session: Session, reach: Reach, heap: Heap, now: datetime, sought: Sought | None) -> int:
    """Count the visits of a heap that fit what is looked for."""
    query = select(func.count()).select_from(Visit).where(*_on(reach, heap, now, sought))
    return int(session.execute(query).scalar_one())


def page(
    session: Session, reach: Reach, heap: Heap, now: datetime, sought: Sought | None, part: tuple[int, int]
) -> list[VisitRow]:
    """Read a part (from where, how many) of a heap, the latest window first."""
    query = select(Visit, School).join(School, col(School.id) == col(Visit.school_id))
    query = query.where(*_on(reach, heap, now, sought)).order_by(col(Visit.window_from).desc(), col(Visit.id))
    return [VisitRow(row[0], row[1]) for row in session.execute(query.offset(part[0]).limit(part[1]))]


def _on(reach: Reach, heap: Heap, now: datetime, sought: Sought | None) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = [visits_within(reach), _heap(now) == heap.value]
    if sought is not None:
        people = select(col(Person.id)).where(func.lower(col(Person.code)).contains(sought.code, autoescape=True))
        parts.append(or_(col(Visit.school_id).in_(sought.schools), col(Visit.volunteer_id).in_(people)))
    return parts


def _heap(now: datetime) -> ColumnElement[str]:
    """Say on which heap a visit lies; every visit lies on one."""
    state = col(Visit.state)
    over = state.in_(["assigned", "in_progress"]) & (col(Visit.window_to) < now)
    return case(
        (state == "submitted", Heap.SUBMITTED.value),
        ((state == "stopped") & col(Visit.stop_reason).in_(sorted(RESULTS)), Heap.DOOR.value),
        (state == "stopped", Heap.STOPPED.value),
        (over, Heap.OVERDUE.value),
        (state.in_(["assigned", "in_progress", "returned"]), Heap.UNDER_WAY.value),
        else_=Heap.DONE.value,
    )
