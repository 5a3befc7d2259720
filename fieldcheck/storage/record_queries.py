"""Named reads of the record: entries with their words, heads, the photos that must be here, lists for a screen."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, union
from sqlmodel import Session, col

from fieldcheck.storage.photo_rows import kept
from fieldcheck.storage.photos import Kept
from fieldcheck.storage.tables import Person, Photo, RecordBody, RecordEntry, RecordHead

AT_ONCE = 1000


@dataclass(frozen=True)
class Line:
    """One entry as a list shows it; *body* is None where it was destroyed."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    body: dict[str, Any] | None


def everything(session: Session) -> Iterator[dict[str, Any]]:
    """Read every entry in order, as it is exported: sealed fields, hash, and salt with body where they still are."""
    rows = session.execute(
        select(
            col(RecordEntry.seq),
            col(RecordEntry.at),
            col(RecordEntry.actor),
            col(RecordEntry.action),
            col(RecordEntry.commitment),
            col(RecordEntry.prev),
            col(RecordEntry.hash),
            col(RecordBody.salt),
            col(RecordBody.body),
        )
        .join(RecordBody, col(RecordBody.seq) == col(RecordEntry.seq), isouter=True)
        .order_by(col(RecordEntry.seq))
        .execution_options(yield_per=AT_ONCE)
    )
    for row in rows:
        entry = dict(zip(("seq", "at", "actor", "action", "commitment", "prev", "hash"), row, strict=False))
        yield entry if row[7] is None else {**entry, "salt": row[7].hex(), "body": row[8]}


def length(session: Session) -> int:
    """Count the entries."""
    return int(session.execute(select(func.count()).select_from(RecordEntry)).scalar_one())


def heads(session: Session, limit: int | None = None) -> Sequence[RecordHead]:
    """List the signed heads, the newest first."""
    return session.execute(select(RecordHead).order_by(col(RecordHead.seq).desc()).limit(limit)).scalars().all()


def head(session: Session, seq: int, key_id: str) -> RecordHead | None:
    """Find the head that was signed with a key at *seq*."""
    return session.get(RecordHead, (seq, key_id))


def without_words(session: Session) -> list[int]:
    """List the entries whose words were destroyed."""
    gone = select(col(RecordEntry.seq)).where(~exists().where(col(RecordBody.seq) == col(RecordEntry.seq)))
    return list(session.execute(gone.order_by(col(RecordEntry.seq))).scalars())


def photos(session: Session) -> list[dict[str, Any]]:
    """List the photos whose bytes must be here: hash and size as received, and as they lie sealed. No key is in it."""
    told = (col(Photo.sha256), col(Photo.size), col(Photo.stored), col(Photo.stored_size))
    rows = session.execute(select(*told).where(col(Photo.erased_at).is_(None)).distinct().order_by(*told))
    return [dict(zip(("sha256", "size", "stored", "stored_size"), row, strict=True)) for row in rows]


def kept_photos(session: Session) -> Iterator[Kept]:
    """List where every photo lies and what opens it."""
    query = select(Photo).where(col(Photo.erased_at).is_(None)).execution_options(yield_per=AT_ONCE)
    for photo in session.execute(query).scalars():
        yield kept(photo)


def newest(session: Session, limit: int, before: int | None = None) -> tuple[Line, ...]:
    """List entries, the newest first, those before *before* on request."""
    query = _lines().order_by(col(RecordEntry.seq).desc()).limit(limit)
    if before is not None:
        query = query.where(col(RecordEntry.seq) < before)
    return tuple(Line(*row) for row in session.execute(query))


def of_administration(session: Session, actions: Sequence[str], skipped: int, limit: int) -> tuple[Line, ...]:
    """List entries of these kinds by and about nobody who was ever a volunteer, the newest first."""
    query = _lines().where(_administrative(actions)).order_by(col(RecordEntry.seq).desc()).offset(skipped).limit(limit)
    return tuple(Line(*row) for row in session.execute(query))


def of_content(session: Session, actions: Sequence[str], starts: Sequence[datetime]) -> tuple[int, ...]:
    """Count all other entries between each of these moments and the next one."""
    at, moments = col(RecordEntry.at), [start.astimezone(UTC).isoformat(timespec="milliseconds") for start in starts]
    spans = [case(((at >= first) & (at < last), 1), else_=0) for first, last in pairwise(moments)]
    query = (
        select(*(func.coalesce(func.sum(span), 0) for span in spans))
        .select_from(RecordEntry)
        .join(RecordBody, col(RecordBody.seq) == col(RecordEntry.seq), isouter=True)
        .where(at >= moments[0], at < moments[-1], ~_administrative(actions))
    )
    return tuple(int(n) for n in session.execute(query).one())


def _administrative(actions: Sequence[str]) -> ColumnElement[bool]:
    """Limit to kinds of actions, and to entries of which the words still say that no volunteer is in them."""
    a_volunteer = col(Person.role) == "volunteer"
    theirs = union(select(col(Person.id)).where(a_volunteer), select(col(Person.code)).where(a_volunteer))
    named = [column.not_in(theirs) for column in (col(RecordEntry.actor), func.coalesce(col(RecordBody.subject), ""))]
    kind = or_(*(col(RecordEntry.action).startswith(one, autoescape=True) for one in actions))
    return kind & col(RecordBody.seq).is_not(None) & and_(*named)


def last_time(session: Session, actor: str, action: str, subject: str) -> str | None:
    """Say when somebody last did something to a subject, as the chain writes times; None for never."""
    query = (
        select(col(RecordEntry.at))
        .join(RecordBody, col(RecordBody.seq) == col(RecordEntry.seq))
        .where(col(RecordEntry.action) == action, col(RecordEntry.actor) == actor, col(RecordBody.subject) == subject)
    )
    return session.execute(query.order_by(col(RecordEntry.seq).desc()).limit(1)).scalar()


def last_about(session: Session, subject: str, actions: Collection[str]) -> str | None:
    """Say who did one of *actions* to a subject last; None for nobody."""
    query = (
        select(col(RecordEntry.actor))
        .join(RecordBody, col(RecordBody.seq) == col(RecordEntry.seq))
        .where(col(RecordBody.subject) == subject, col(RecordEntry.action).in_(actions))
    )
    return session.execute(query.order_by(col(RecordEntry.seq).desc()).limit(1)).scalar()


def about(session: Session, subject: str, limit: int) -> tuple[Line, ...]:
    """List what was done to one subject, in order."""
    query = _lines().where(col(RecordBody.subject) == subject).order_by(col(RecordEntry.seq)).limit(limit)
    return tuple(Line(*row) for row in session.execute(query))


def _lines() -> Any:
    return select(
        col(RecordEntry.seq),
        col(RecordEntry.at),
        col(RecordEntry.actor),
        col(RecordEntry.action),
        func.coalesce(col(RecordBody.subject), ""),
        col(RecordBody.body),
    ).join(RecordBody, col(RecordBody.seq) == col(RecordEntry.seq), isouter=True)
