"""The chain of custody as rows: the last link, appending one, reading them in order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, SQLModel, col

from fieldcheck.domain.custody import GENESIS, Link
from fieldcheck.storage.database import lock_chain
from fieldcheck.storage.quick import Quick
from fieldcheck.storage.tables import RecordBody, RecordEntry

# Every use-case that writes passes here.
_LAST = Quick(select(col(RecordEntry.seq), col(RecordEntry.hash)).order_by(col(RecordEntry.seq).desc()).limit(1))
_ADD_ENTRY = Quick(insert(SQLModel.metadata.tables["record_entry"]))
_ADD_BODY = Quick(insert(SQLModel.metadata.tables["record_body"]))


class Last:
    """The seq and hash that the next link is sealed to."""

    __slots__ = ("hash", "seq")

    def __init__(self, seq: int, hash_: str) -> None:
        self.seq = seq
        self.hash = hash_


def last(session: Session) -> Last:
    """Give the newest link, holding off other writers until this transaction ends."""
    lock_chain(session)
    row = _LAST.first(session)
    return Last(row[0], row[1]) if row else Last(0, GENESIS)


def append(
    session: Session, link: Link, sealed: str, salt: bytes, subject: str, body: Mapping[str, Any]
) -> None:
    """Write one link and its body."""
    entry = {"seq": link.seq, "at": link.at, "actor": link.actor, "action": link.action}
    sealing = {"commitment": link.commitment, "prev": link.prev, "hash": sealed}
    _ADD_ENTRY.many(session, [{**entry, **sealing}])
    _ADD_BODY.many(session, [{"seq": link.seq, "salt": salt, "subject": subject, "body": dict(body)}])


def links(session: Session) -> list[tuple[Link, str]]:
    """Read the whole chain in order, each link with its stored hash."""
    rows = session.execute(select(RecordEntry).order_by(col(RecordEntry.seq))).scalars()
    return [(Link(r.seq, r.at, r.actor, r.action, r.commitment, r.prev), r.hash) for r in rows]


def bodies(session: Session, subject: str) -> list[tuple[datetime, str, str, dict[str, Any]]]:
    """Read what was done to *subject*, in order: (at, actor, action, body)."""
    rows = session.execute(
        select(RecordEntry, RecordBody)
        .join(RecordBody, col(RecordBody.seq) == col(RecordEntry.seq))
        .where(col(RecordBody.subject) == subject)
        .order_by(col(RecordEntry.seq))
    )
    return [(datetime.fromisoformat(entry.at), entry.actor, entry.action, body.body) for entry, body in rows]
