"""Named reads of visits, and of what the phone sent for them. Every list takes a reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.domain.visit import OPEN, in_order
from fieldcheck.storage.free_texts import FreeTexts, put_values
from fieldcheck.storage.photo_rows import kept
from fieldcheck.storage.photos import Kept
from fieldcheck.storage.scopes import cases_within, visits_within
from fieldcheck.storage.tables import (
    Answer,
    Case,
    ChecklistVersion,
    FindingRow,
    Person,
    Photo,
    Region,
    ReleasedText,
    Return,
    School,
    Visit,
    VisitChecklist,
)


@dataclass(frozen=True)
class VisitRow:
    """A visit with its school."""

    visit: Visit
    school: School


@dataclass(frozen=True)
class Walked:
    """A checklist version that a visit walks."""

    digest: str
    checklist_id: str
    version: int
    title: dict[str, str]


def visit(session: Session, reach: Reach, visit_id: str, *, lock: bool = False) -> VisitRow | None:
    """Find one visit within *reach*; *lock* holds it against other writers on PostgreSQL."""
    query = _visits(reach).where(col(Visit.id) == visit_id)
    row = session.execute(query.with_for_update(of=Visit) if lock else query).first()
    return VisitRow(row[0], row[1]) if row else None


def visits(session: Session, reach: Reach, states: Sequence[str] = ()) -> list[VisitRow]:
    """List the visits within *reach*, all of them, the latest window first; `heap_queries` reads them in pages."""
    query = _visits(reach)
    if states:
        query = query.where(col(Visit.state).in_(states))
    query = query.order_by(col(Visit.window_from).desc(), col(Visit.id))
    return [VisitRow(row[0], row[1]) for row in session.execute(query)]


def _visits(reach: Reach) -> Select[Visit, School]:
    return select(Visit, School).join(School, col(School.id) == col(Visit.school_id)).where(visits_within(reach))


def region(session: Session, region_id: str) -> Region | None:
    """Find one region."""
    return session.get(Region, region_id)


def walked(session: Session, visit_ids: Sequence[str]) -> dict[str, list[Walked]]:
    """Give for each visit the checklist versions it walks, in order."""
    rows = session.execute(
        select(
            col(VisitChecklist.visit_id),
            col(VisitChecklist.digest),
            col(ChecklistVersion.checklist_id),
            col(ChecklistVersion.version),
            col(ChecklistVersion.title),
        )
        .join(ChecklistVersion, col(ChecklistVersion.digest) == col(VisitChecklist.digest))
        .where(col(VisitChecklist.visit_id).in_(visit_ids))
        .order_by(col(VisitChecklist.visit_id), col(VisitChecklist.position))
    )
    found: dict[str, list[Walked]] = {visit_id: [] for visit_id in visit_ids}
    for row in rows:
        found[row[0]].append(Walked(row[1], row[2], row[3], row[4]))
    return found


def codes(session: Session, people_ids: Sequence[str]) -> dict[str, str]:
    """Give the code of each person."""
    rows = session.execute(select(col(Person.id), col(Person.code)).where(col(Person.id).in_(people_ids)))
    return {row[0]: row[1] for row in rows}


def answers(session: Session, visit_id: str, texts: FreeTexts | None = None) -> Sequence[Answer]:
    """List every answer ever given in a visit, in the order in which they were given; free texts sealed, or opened."""
    rows = in_order(session.execute(select(Answer).where(col(Answer.visit_id) == visit_id)).scalars())
    put_values(rows, texts)
    return rows


def answers_by_id(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, datetime]]:
    """Give for ids that are known their body hash and when they were received."""
    rows = session.execute(
        select(col(Answer.id), col(Answer.body_hash), col(Answer.received_at)).where(col(Answer.id).in_(ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def photos(session: Session, visit_id: str, *, withdrawn: bool = False) -> Sequence[Photo]:
    """List a visit's photos in the order taken, withdrawn ones only on request."""
    query = select(Photo).where(col(Photo.visit_id) == visit_id)
    if not withdrawn:
        query = query.where(col(Photo.withdrawn_at).is_(None))
    return session.execute(query.order_by(col(Photo.taken_at), col(Photo.id))).scalars().all()


def photo_within(session: Session, reach: Reach, photo_id: str) -> Photo | None:
    """Find a photo of a visit within *reach*."""
    return session.execute(
        select(Photo)
        .join(Visit, col(Visit.id) == col(Photo.visit_id))
        .where(col(Photo.id) == photo_id, visits_within(reach))
    ).scalar_one_or_none()


def photo_released(session: Session, reach: Reach, photo_id: str) -> Photo | None:
    """Find a photo that was released with an accepted visit, one of whose register entries is within *reach*."""
    opened = (
        select(col(FindingRow.visit_id))
        .join(Case, col(Case.finding_id) == col(FindingRow.id))
        .where(cases_within(reach))
    )
    return session.execute(
        select(Photo)
        .join(Visit, col(Visit.id) == col(Photo.visit_id))
        .where(
            col(Photo.id) == photo_id,
            col(Photo.released).is_(True),
            col(Photo.withdrawn_at).is_(None),
            col(Visit.state) == "accepted",
            col(Photo.visit_id).in_(opened),
        )
    ).scalar_one_or_none()


def undeveloped(session: Session, limit: int) -> Sequence[tuple[str, Kept, Mapping[str, Any] | None]]:
    """List photos that nobody has decoded yet, the oldest first: id, where it lies, what the phone says it claims."""
    query = select(Photo).where(col(Photo.state) == "received").order_by(col(Photo.received_at)).limit(limit)
    return [(photo.id, kept(photo), photo.claims) for photo in session.execute(query).scalars()]


def same_bytes_elsewhere(session: Session, visit_id: str, sha256s: Sequence[str]) -> set[str]:
    """Say which of these photos stand in another visit too."""
    rows = session.execute(
        select(col(Photo.sha256)).where(col(Photo.sha256).in_(sha256s), col(Photo.visit_id) != visit_id)
    )
    return {row[0] for row in rows}


def returns(session: Session, visit_ids: Sequence[str]) -> dict[str, list[Return]]:
    """Give for each visit the questions that were sent back, oldest first."""
    rows = session.execute(
        select(Return).where(col(Return.visit_id).in_(visit_ids)).order_by(col(Return.returned_at), col(Return.id))
    ).scalars()
    found: dict[str, list[Return]] = {visit_id: [] for visit_id in visit_ids}
    for row in rows:
        found[row.visit_id].append(row)
    return found


def findings(session: Session, visit_id: str) -> Sequence[FindingRow]:
    """List what the rules said about a visit, by code."""
    query = select(FindingRow).where(col(FindingRow.visit_id) == visit_id).order_by(col(FindingRow.code))
    return session.execute(query).scalars().all()


def released_texts(session: Session, visit_id: str) -> dict[tuple[str, str], str]:
    """Give the texts of a visit that were released to the agency, by (digest, question)."""
    rows = session.execute(select(ReleasedText).where(col(ReleasedText.visit_id) == visit_id)).scalars()
    return {(row.digest, row.question_id): row.text for row in rows}


def visits_of(session: Session, volunteer_ids: Sequence[str], school_id: str) -> Sequence[Visit]:
    """List what dispatch weighs: all visits of these volunteers, and all of this school."""
    query = select(Visit).where(or_(col(Visit.volunteer_id).in_(volunteer_ids), col(Visit.school_id) == school_id))
    return session.execute(query).scalars().all()


def assigned_to(session: Session, volunteer_ids: Sequence[str]) -> Sequence[Visit]:
    """List the visits of these volunteers of which nothing has been heard yet."""
    query = select(Visit).where(col(Visit.volunteer_id).in_(volunteer_ids), col(Visit.state) == "assigned")
    return session.execute(query.order_by(col(Visit.id))).scalars().all()


def with_open_visits(session: Session, volunteer_ids: Sequence[str]) -> set[str]:
    """Say which of these volunteers have a visit that is not decided."""
    open_ = [state.value for state in OPEN]
    query = select(col(Visit.volunteer_id)).where(
        col(Visit.volunteer_id).in_(volunteer_ids), col(Visit.state).in_(open_)
    )
    return set(session.execute(query).scalars())


def finding_counts(session: Session, visit_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Count each visit's findings by severity."""
    rows = session.execute(
        select(col(FindingRow.visit_id), col(FindingRow.severity), func.count())
        .where(col(FindingRow.visit_id).in_(visit_ids))
        .group_by(col(FindingRow.visit_id), col(FindingRow.severity))
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def current(rows: Sequence[Answer]) -> dict[tuple[str, str], Answer]:
    """Keep of answers in the order they happened the last one of each question; a cleared one counts as none."""
    latest: dict[tuple[str, str], Any] = {(row.digest, row.question_id): row for row in rows}
    return {key: row for key, row in latest.items() if row.value is not None}
