"""Counts of tries, as rows: under a keyed hash of who knocked, gone soon after the last try."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlmodel import Session, SQLModel, col

from fieldcheck.domain.throttle import Standing
from fieldcheck.storage.tables import Tries


def take(session: Session, key: str, kind: str, now: datetime) -> Tries:
    """Give the row of *key*, made where there is none, and keep it from others until this transaction ends."""
    insert = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    fresh = insert(SQLModel.metadata.tables["tries"]).values(
        key=key, kind=kind, failures=0, last_at=now, locked_until=None, forget_at=now
    )
    session.execute(fresh.on_conflict_do_nothing())
    query = select(Tries).where(col(Tries.key) == key).with_for_update()
    row: Tries = session.execute(query, execution_options={"populate_existing": True}).scalar_one()
    return row


def keep(session: Session, row: Tries, standing: Standing, forget_at: datetime) -> None:
    """Write down what is remembered of a row, and until when."""
    row.failures, row.last_at, row.locked_until = standing.failures, standing.last_at, standing.locked_until
    row.forget_at = forget_at
    session.add(row)
    session.flush()


def first_time(session: Session, key: str, kind: str, now: datetime, forget_at: datetime) -> bool:
    """Say whether *key* is here for the first time; from now on it is not, until it is forgotten."""
    row = take(session, key, kind, now)
    is_first = row.failures == 0
    keep(session, row, Standing(1, now), max(forget_at, now))
    return is_first


def standing_of(row: Tries) -> Standing | None:
    """Give what a row remembers; nothing where it was made a moment ago."""
    return Standing(row.failures, row.last_at, row.locked_until) if row.failures or row.locked_until else None


def forget(session: Session, keys: Collection[str]) -> int:
    """Take the counts of *keys* away; gives how many there were."""
    gone = session.execute(delete(Tries).where(col(Tries.key).in_(keys)).returning(col(Tries.key)))
    return len(gone.scalars().all())


def sweep(session: Session, now: datetime) -> None:
    """Take away what has been at peace for long enough."""
    session.execute(delete(Tries).where(col(Tries.forget_at) < now))


def locked(session: Session, keys: Collection[str], now: datetime) -> dict[str, datetime]:
    """Say which of *keys* are locked now, and until when."""
    query = select(col(Tries.key), col(Tries.locked_until)).where(
        col(Tries.key).in_(keys), col(Tries.locked_until) > now
    )
    return {row[0]: row[1] for row in session.execute(query) if row[1] is not None}
