"""Named reads of the violations register. Every list and every single look-up takes a reach."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, select, true, update
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.domain.case import OPEN, CaseMove, CaseState, soon
from fieldcheck.domain.register import CaseFilter, Order, words_of
from fieldcheck.storage import case_search
from fieldcheck.storage.scopes import cases_within
from fieldcheck.storage.tables import (
    Case,
    CaseEvent,
    FindingRow,
    Person,
    RecordBody,
    RecordEntry,
    Region,
    School,
    Visit,
)

#: What stands for a sign that somebody has confirmed.
CONFIRMED = (CaseState.CONFIRMED, CaseState.REFERRED, CaseState.ANSWERED, CaseState.CLOSED)
AT_ONCE = 1000
#: Of what somebody looks for, the words after these are not looked at.
MOST_WORDS = 8
_SEVEREST_FIRST = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True)
class Clock:
    """The moment of asking, and the zone whose days a filter means."""

    now: datetime
    zone: tzinfo


def page(session: Session, reach: Reach, wanted: CaseFilter, clock: Clock) -> Sequence[tuple[Case, School]]:
    """Read one page of entries, each with its school; rows before it are stepped over by their ids alone."""
    ids = _ordered(select(col(Case.id)), wanted.order).where(*_wanted(session, reach, wanted, clock), _state(wanted))
    ids = ids.limit(wanted.page_size).offset((wanted.page - 1) * wanted.page_size)
    here = session.execute(ids).scalars().all()
    query = select(Case, School).join(School, col(School.id) == col(Case.school_id)).where(col(Case.id).in_(here))
    found = {row[0].id: (row[0], row[1]) for row in session.execute(query)}
    return [found[id_] for id_ in here]


def every(
    session: Session, reach: Reach, wanted: CaseFilter, clock: Clock, limit: int
) -> Iterator[Sequence[Row[Any]]]:
    """Read the plain columns of all entries of a filter, at most *limit*, a thousand at a time."""
    columns = Case.__table__.c  # type: ignore[attr-defined]
    query = _ordered(select(*columns), wanted.order).where(*_wanted(session, reach, wanted, clock), _state(wanted))
    return session.execute(query.limit(limit).execution_options(yield_per=AT_ONCE)).partitions()


def schools_by_id(session: Session, ids: Collection[str]) -> dict[str, School]:
    """Read schools by their ids, however many."""
    listed = sorted(ids)
    found: dict[str, School] = {}
    for start in range(0, len(listed), 500):
        query = select(School).where(col(School.id).in_(listed[start : start + 500]))
        found |= {school.id: school for school in session.execute(query).scalars()}
    return found


def counts(session: Session, reach: Reach, wanted: CaseFilter, clock: Clock) -> dict[str, int]:
    """Count the entries of a filter by state, whatever states the filter names."""
    query = select(col(Case.state), func.count()).where(*_wanted(session, reach, wanted, clock))
    return {row[0]: row[1] for row in session.execute(query.group_by(col(Case.state)))}


def one(session: Session, reach: Reach, case_id: str, *, to_change: bool = False) -> Case | None:
    """Find one entry within *reach*; *to_change* makes others who would change it wait."""
    query = select(Case).where(col(Case.id) == case_id, cases_within(reach))
    if to_change:
        query = query.with_for_update()
    return session.execute(query).scalar_one_or_none()


def of_school(session: Session, school_id: str) -> Sequence[Case]:
    """List all entries of a school, for those who keep them right; no reach is asked."""
    return session.execute(select(Case).where(col(Case.school_id) == school_id)).scalars().all()


def schools_with_cases(session: Session, reach: Reach, region: str) -> Sequence[tuple[str, dict[str, str]]]:
    """List the schools of a region that stand in the register, by id."""
    there = select(col(Case.school_id)).where(cases_within(reach), col(Case.region_id) == region)
    query = select(col(School.id), col(School.name)).where(col(School.id).in_(there)).order_by(col(School.id))
    return [(row[0], row[1]) for row in session.execute(query)]


def regions_within(session: Session, reach: Reach) -> Sequence[Region]:
    """List the regions whose entries the reach covers."""
    query = select(Region).order_by(col(Region.id))
    if reach.region is not None:
        query = query.where(col(Region.id) == reach.region)
    return session.execute(query).scalars().all()


# Opening entries


def codes_open_for(session: Session, visit_id: str) -> set[str]:
    """Name the codes of a visit that already have an entry."""
    query = (
        select(col(Case.code))
        .join(FindingRow, col(FindingRow.id) == col(Case.finding_id))
        .where(col(FindingRow.visit_id) == visit_id)
    )
    return set(session.execute(query).scalars())


def numbers_taken(session: Session, prefix: str) -> int:
    """Count the numbers under *prefix* that are given."""
    query = select(func.count()).where(func.substr(col(Case.number), 1, len(prefix)) == prefix)
    return int(session.execute(query).scalar_one())


def is_taken(session: Session, number: str) -> bool:
    """Say whether an entry has this number."""
    return session.execute(select(col(Case.id)).where(col(Case.number) == number)).first() is not None


def closed_since(session: Session, school_id: str, codes: Collection[str], since: datetime) -> dict[str, str]:
    """Give, for each code, the number of the school's newest entry closed since then."""
    query = (
        select(col(Case.code), col(Case.number))
        .where(
            col(Case.school_id) == school_id,
            col(Case.code).in_(codes),
            col(Case.state) == CaseState.CLOSED.value,
            col(Case.closed_at) >= since,
        )
        .order_by(col(Case.closed_at))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def confirmed_partners(session: Session, reach: Reach, entry: Case, codes: Collection[str]) -> Sequence[Case]:
    """List the entries of the same school with one of these codes that stand confirmed, oldest first."""
    query = (
        select(Case)
        .where(
            cases_within(reach),
            col(Case.school_id) == entry.school_id,
            col(Case.id) != entry.id,
            col(Case.code).in_(list(codes)),
            col(Case.state).in_([state.value for state in CONFIRMED]),
            func.coalesce(col(Case.outcome), "") != "not_confirmed",
        )
        .order_by(col(Case.opened_at), col(Case.id))
    )
    return session.execute(query.with_for_update()).scalars().all()


def visitors_around(session: Session, school: School, during: tuple[datetime, datetime]) -> int:
    """Count the volunteers whose visits in a school's district began between these moments."""
    query = (
        select(func.count(func.distinct(col(Visit.volunteer_id))))
        .join(School, col(School.id) == col(Visit.school_id))
        .where(
            col(School.region_id) == school.region_id,
            col(School.district) == school.district,
            col(Visit.started_at) >= during[0],
            col(Visit.started_at) < during[1],
        )
    )
    return int(session.execute(query).scalar_one())


def tell_half(session: Session, school: School, half: str) -> None:
    """Let the entries of a district that were told by their week be told by this half-day."""
    there = select(col(School.id)).where(
        col(School.region_id) == school.region_id, col(School.district) == school.district
    )
    session.execute(
        update(Case).where(col(Case.visited_half) == half, col(Case.school_id).in_(there)).values(visited_told=half)
    )


def events(session: Session, case_id: str) -> Sequence[tuple[CaseEvent, str | None]]:
    """List what was done to an entry, oldest first, each with the code of the agency's person who did it."""
    query = (
        select(CaseEvent, col(Person.code))
        .join(Person, (col(Person.id) == col(CaseEvent.by)) & (col(Person.role) == "reviewer"), isouter=True)
        .where(col(CaseEvent.case_id) == case_id)
        .order_by(col(CaseEvent.at), col(CaseEvent.id))
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def last_event_at(session: Session, case_id: str) -> datetime | None:
    """Give when something was last done to an entry."""
    return session.execute(select(func.max(col(CaseEvent.at))).where(col(CaseEvent.case_id) == case_id)).scalar()


def last_referral(session: Session, case_id: str) -> CaseEvent | None:
    """Give the referral that an entry waits on now."""
    query = (
        select(CaseEvent)
        .where(col(CaseEvent.case_id) == case_id, col(CaseEvent.move) == CaseMove.REFER.value)
        .order_by(col(CaseEvent.at).desc(), col(CaseEvent.id).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def links(session: Session, case_id: str) -> Sequence[RecordEntry]:
    """List the entries of the chain of custody about one register entry, in order."""
    query = (
        select(RecordEntry)
        .join(RecordBody, col(RecordBody.seq) == col(RecordEntry.seq))
        .where(col(RecordBody.subject) == case_id)
        .order_by(col(RecordEntry.seq))
    )
    return session.execute(query).scalars().all()


# The WHERE of a filter


def is_late(now: datetime) -> ColumnElement[bool]:
    """Limit to entries on which somebody is late."""
    return col(Case.state).in_(sorted(state.value for state in OPEN)) & (col(Case.due_at) < now)


def is_due(now: datetime, until: datetime) -> ColumnElement[bool]:
    """Limit to open entries that are due from *now* until then."""
    open_ = col(Case.state).in_(sorted(state.value for state in OPEN))
    return open_ & (col(Case.due_at) >= now) & (col(Case.due_at) <= until)


def _wanted(session: Session, reach: Reach, wanted: CaseFilter, clock: Clock) -> list[ColumnElement[bool]]:
    """Build what a filter asks for, its states apart: they are counted side by side."""
    parts: list[ColumnElement[bool]] = [cases_within(reach)]
    for column, values in (
        (col(Case.region_id), wanted.region),
        (col(Case.severity), [value.value for value in wanted.severity]),
        (col(Case.nature), [value.value for value in wanted.nature]),
        (col(Case.code), wanted.code),
    ):
        if values:
            parts.append(column.in_(list(values)))
    if wanted.school:
        parts.append(col(Case.school_id) == wanted.school)
    if wanted.opened_from:
        parts.append(col(Case.opened_at) >= datetime.combine(wanted.opened_from, time(), clock.zone))
    if wanted.opened_to:
        end = datetime.combine(wanted.opened_to, time(), clock.zone) + timedelta(days=1)
        parts.append(col(Case.opened_at) < end)
    if words := words_of(wanted.text)[:MOST_WORDS]:
        parts.append(case_search.matching(session, words))
    if wanted.overdue:
        parts.append(is_late(clock.now))
    if wanted.due_soon:
        parts.append(is_due(clock.now, soon(clock.now.astimezone(clock.zone))))
    return parts


def _state(wanted: CaseFilter) -> ColumnElement[bool]:
    return col(Case.state).in_([state.value for state in wanted.state]) if wanted.state else true()


def _ordered(query: Any, order: Order) -> Any:
    newest = (col(Case.opened_at).desc(), col(Case.id).desc())
    if order is Order.DUE:
        return query.order_by(col(Case.due_at).is_(None), col(Case.due_at), *newest)
    if order is Order.SEVERITY:
        rank = case({value: place for place, value in enumerate(_SEVEREST_FIRST)}, value=col(Case.severity))
        return query.order_by(rank, *newest)
    return query.order_by(*newest)
