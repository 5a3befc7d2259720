"""The looks of photos and which of them look like one picture: rows in, rows out."""

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select
from sqlmodel import Session, col

from fieldcheck.storage.database import lock_chain
from fieldcheck.storage.photo_rows import kept
from fieldcheck.storage.photos import Kept
from fieldcheck.storage.tables import Photo, PhotoLikeness, PhotoLook, RecordEntry, School, Visit

#: On PostgreSQL a lower number may be committed after a higher one: so many are read again.
_AGAIN = 200


def waiting(session: Session, limit: int) -> Sequence[tuple[str, Kept]]:
    """List photos that were decoded and not compared yet: id, and where it lies."""
    query = (
        select(Photo)
        .outerjoin(PhotoLook, col(PhotoLook.photo_id) == col(Photo.id))
        .where(col(Photo.state) == "checked", col(Photo.erased_at).is_(None), col(PhotoLook.seq).is_(None))
        .order_by(col(Photo.received_at), col(Photo.id))
        .limit(limit)
    )
    return [(photo.id, kept(photo)) for photo in session.execute(query).scalars()]


def after(session: Session, seq: int) -> Sequence[tuple[int, str, bytes]]:
    """List the looks that were written since number *seq*, and a few from before."""
    query = select(col(PhotoLook.seq), col(PhotoLook.photo_id), col(PhotoLook.look))
    rows = session.execute(query.where(col(PhotoLook.seq) > seq - _AGAIN).order_by(col(PhotoLook.seq)))
    return [(seq or 0, photo_id, look) for seq, photo_id, look in rows]


def last_erased(session: Session, since: int) -> int | None:
    """Give the newest entry of the record after *since* that tells of erasing; None when there is none."""
    told = select(func.max(RecordEntry.seq)).where(col(RecordEntry.seq) > since)
    found: int | None = session.execute(told.where(col(RecordEntry.action) == "record.erased")).scalar_one()
    return found


def hold_others(session: Session) -> int:
    """Let nobody else write looks before this transaction ends; gives the number of the newest."""
    lock_chain(session)
    newest = select(col(PhotoLook.seq)).order_by(col(PhotoLook.seq).desc()).limit(1)
    return session.execute(newest).scalar_one_or_none() or 0


def keep(session: Session, photo_id: str, look: bytes, alike: dict[str, int]) -> None:
    """Write down what a photo looks like, and like which others."""
    session.add(PhotoLook(photo_id=photo_id, look=look))
    session.add_all(PhotoLikeness(photo_id=photo_id, other_id=other, percent=much) for other, much in alike.items())
    session.flush()


def of(session: Session, photo_ids: Sequence[str]) -> list[tuple[str, Photo, Visit, School]]:
    """List what these photos look like: the one, the other with its visit and school, the most alike first.

    Photos that were taken back or erased are not named.
    """
    found: list[tuple[int, str, Photo, Visit, School]] = []
    for mine, other in (
        (col(PhotoLikeness.photo_id), col(PhotoLikeness.other_id)),
        (col(PhotoLikeness.other_id), col(PhotoLikeness.photo_id)),
    ):
        query = (
            select(col(PhotoLikeness.percent), mine, Photo, Visit, School)
            .join(Photo, col(Photo.id) == other)
            .join(Visit, col(Visit.id) == col(Photo.visit_id))
            .join(School, col(School.id) == col(Visit.school_id))
            .where(mine.in_(photo_ids), col(Photo.withdrawn_at).is_(None), col(Photo.erased_at).is_(None))
        )
        found += [(row[0], row[1], row[2], row[3], row[4]) for row in session.execute(query)]
    return [row[1:] for row in sorted(found, key=lambda row: (-row[0], row[2].id))]


def forget(session: Session, photo_ids: Sequence[str]) -> None:
    """Destroy what erased photos looked like, and like which others."""
    for begin in range(0, len(photo_ids), 500):
        some = photo_ids[begin : begin + 500]
        pair = or_(col(PhotoLikeness.photo_id).in_(some), col(PhotoLikeness.other_id).in_(some))
        session.execute(delete(PhotoLikeness).where(pair))
        session.execute(delete(PhotoLook).where(col(PhotoLook.photo_id).in_(some)))
