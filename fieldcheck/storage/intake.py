"""The rows that a phone's sending touches, by statements that are built once.

Why it exists beside `visit_queries`: building a statement and its objects costs ten times what SQLite needs to run it
(223 us against 24 us for one visit), and a phone's sending runs a dozen of them while everybody else waits for the
turn. Here every statement is built when the module is read, runs as `quick.py` says and gives plain values. It decides
nothing; only one's own visit is found, because only a volunteer sends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlmodel import Session, SQLModel, col

from fieldcheck.domain.access import Reach, Scope
from fieldcheck.domain.visit import in_order
from fieldcheck.storage.free_texts import FreeTexts
from fieldcheck.storage.quick import Quick
from fieldcheck.storage.tables import (
    Answer,
    Photo,
    Region,
    Return,
    School,
    Submission,
    Visit,
    VisitChecklist,
)

_TABLES = SQLModel.metadata.tables

_HERE = (
    select(
        col(Visit.state), col(Visit.started_at), col(Visit.region_id), col(School.ownership),
        col(Region.order_ref).is_not(None), col(VisitChecklist.digest),
    )
    .join(School, col(School.id) == col(Visit.school_id))
    .join(Region, col(Region.id) == col(Visit.region_id))
    .join(VisitChecklist, col(VisitChecklist.visit_id) == col(Visit.id))
    .where(col(Visit.id) == bindparam("visit"), col(Visit.volunteer_id) == bindparam("person"))
    .order_by(col(VisitChecklist.position))
)  # fmt: skip
_SEEN, _HELD = Quick(_HERE), Quick(_HERE.with_for_update(of=Visit))
_KNOWN = Quick(
    select(col(Answer.id), col(Answer.body_hash), col(Answer.received_at)).where(
        col(Answer.id).in_(bindparam("ids", expanding=True))
    )
)
_GIVEN = Quick(
    select(
        col(Answer.digest), col(Answer.question_id), col(Answer.value), col(Answer.received_at),
        col(Answer.device), col(Answer.ordinal), col(Answer.happened_at),
        col(Answer.id), col(Answer.wrapped), col(Answer.sealed),
    ).where(col(Answer.visit_id) == bindparam("visit"))
)  # fmt: skip
_PHOTO = Quick(
    select(
        col(Photo.visit_id), col(Photo.body_hash), col(Photo.size), col(Photo.sha256), col(Photo.state)
    ).where(col(Photo.id) == bindparam("photo"))
)
_PHOTOS = Quick(
    select(
        col(Photo.digest), col(Photo.question_id), col(Photo.sha256), col(Photo.received_at), col(Photo.state)
    )
    .where(col(Photo.visit_id) == bindparam("visit"), col(Photo.withdrawn_at).is_(None))
    .order_by(col(Photo.taken_at), col(Photo.id))
)
_HOW_MANY = Quick(
    select(func.count()).where(
        col(Photo.visit_id) == bindparam("visit"),
        col(Photo.question_id) == bindparam("question"),
        col(Photo.withdrawn_at).is_(None),
    )
)
_RETURNS = Quick(
    select(col(Return.id), col(Return.digest), col(Return.question_id), col(Return.returned_at)).where(
        col(Return.visit_id) == bindparam("visit"), col(Return.mended_at).is_(None)
    )
)
_SUBMISSION = Quick(
    select(col(Submission.body_hash), col(Submission.received_at)).where(
        col(Submission.id) == bindparam("submission")
    )
)
_ADD = {name: Quick(insert(_TABLES[name])) for name in ("answer", "photo", "submission", "finding")}
_FORGET_FINDINGS = Quick(delete(_TABLES["finding"]).where(_TABLES["finding"].c.visit_id == bindparam("visit")))
_BEGUN = Quick(
    update(_TABLES["visit"])
    .where(_TABLES["visit"].c.id == bindparam("visit"))
    .values(state=bindparam("new_state"), started_at=bindparam("started"), updated_at=bindparam("now"))
)
_BRIEFED = Quick(
    update(_TABLES["visit"])
    .where(_TABLES["visit"].c.id == bindparam("visit"), _TABLES["visit"].c.briefed_at.is_(None))
    .values(briefed_at=bindparam("now"))
)
_SUBMITTED = Quick(
    update(_TABLES["visit"])
    .where(_TABLES["visit"].c.id == bindparam("visit"))
    .values(
        state=bindparam("new_state"), submitted_at=bindparam("at"), received_at=bindparam("now"),
        updated_at=bindparam("now"),
    )
)  # fmt: skip
_MENDED = Quick(
    update(_TABLES["visit_return"])
    .where(_TABLES["visit_return"].c.id == bindparam("one"))
    .values(mended_at=bindparam("now"))
)


class Given(NamedTuple):
    """An answer as it was given, as far as its order and its weight need it."""

    digest: str
    question_id: str
    value: Any
    received_at: datetime
    device: str
    ordinal: int
    happened_at: datetime


@dataclass(frozen=True)
class Here:
    """One's own visit as far as taking something in needs it."""

    id: str
    state: str
    started_at: datetime | None
    digests: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """A photo that has a row."""

    visit_id: str
    body_hash: str
    size: int
    sha256: str
    state: str


def here(session: Session, reach: Reach, visit_id: str, *, lock: bool = False) -> Here | None:
    """Find one's own visit; *lock* holds it against other writers on PostgreSQL."""
    if reach.scope is not Scope.OWN:
        return None
    rows = (_HELD if lock else _SEEN).rows(session, visit=visit_id, person=reach.person_id)
    if not rows:
        return None
    state, started_at, region, ownership, has_order = rows[0][:5]
    facts = {"ownership": ownership, "region": region, "order_on_file": bool(has_order)}
    return Here(visit_id, state, started_at, tuple(row[5] for row in rows), facts)


def known_answers(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, datetime]]:
    """Give for ids that are known their body hash and when they were received."""
    return {row[0]: (row[1], row[2]) for row in _KNOWN.rows(session, ids=list(ids))}


def answers(session: Session, visit_id: str, texts: FreeTexts) -> list[Given]:
    """List every answer ever given in a visit, in the order in which they were given; texts are opened."""
    return in_order(_given(visit_id, texts, *row) for row in _GIVEN.rows(session, visit=visit_id))


def _given(visit_id: str, texts: FreeTexts, *row: Any) -> Given:
    *told, answer_id, wrapped, sealed = row
    if sealed is not None:
        told[2] = texts.open(visit_id, answer_id, wrapped, sealed)
    return Given(*told)


def current(given: Sequence[Given]) -> dict[tuple[str, str], tuple[Any, datetime]]:
    """Give the answers that count now by (digest, question): the value, and when it was received."""
    latest = {(one.digest, one.question_id): (one.value, one.received_at) for one in given}
    return {key: told for key, told in latest.items() if told[0] is not None}


def photo(session: Session, photo_id: str) -> Kept | None:
    """Find a photo's row by the phone's id, whosever it is."""
    row = _PHOTO.first(session, photo=photo_id)
    return Kept(*row) if row else None


def photos(session: Session, visit_id: str) -> list[tuple[str, str, str, datetime]]:
    """List the photos of a visit that count, in the order taken: (digest, question, sha256, received)."""
    return [(row[0], row[1], row[2], row[3]) for row in _PHOTOS.rows(session, visit=visit_id) if row[4] != "refused"]


def how_many(session: Session, visit_id: str, question: str) -> int:
    """Count the photos of one question."""
    row = _HOW_MANY.first(session, visit=visit_id, question=question)
    return int(row[0]) if row else 0


def open_returns(session: Session, visit_id: str) -> list[tuple[str, str, str, datetime]]:
    """List what was sent back and not mended yet: (id, digest, question, when)."""
    return [(row[0], row[1], row[2], row[3]) for row in _RETURNS.rows(session, visit=visit_id)]


def submission(session: Session, submission_id: str) -> tuple[str, datetime] | None:
    """Find a submission by the phone's id: its body hash, and when it was received."""
    row = _SUBMISSION.first(session, submission=submission_id)
    return (row[0], row[1]) if row else None


def add(session: Session, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of one of the four tables that a phone fills."""
    _ADD[table].many(session, rows)


def forget_findings(session: Session, visit_id: str) -> None:
    """Take away what an earlier judgement of this visit said."""
    _FORGET_FINDINGS.run(session, visit=visit_id)


def begun(session: Session, visit: Here, state: str, started_at: datetime | None, now: datetime) -> None:
    """Write that something came in for a visit, which may have begun it."""
    _BEGUN.run(session, visit=visit.id, new_state=state, started=started_at, now=now)


def briefed(session: Session, visit_id: str, now: datetime) -> bool:
    """Write that the briefing was read; False when that was written before."""
    return _BRIEFED.run(session, visit=visit_id, now=now) == 1


def submitted(session: Session, visit_id: str, state: str, at: datetime, now: datetime) -> None:
    """Write that a visit was handed in."""
    _SUBMITTED.run(session, visit=visit_id, new_state=state, at=at, now=now)


def mended(session: Session, return_ids: Sequence[str], now: datetime) -> None:
    """Write that what was sent back has been mended."""
    _MENDED.many(session, [{"one": one, "now": now} for one in return_ids])
