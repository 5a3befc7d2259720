"""The rows of photos as far as their files and keys go: which lie plain, which files have a row, where one lies."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from fieldcheck.storage.photos import Kept
from fieldcheck.storage.tables import Photo


def kept(photo: Photo) -> Kept:
    """Say where a photo lies and what opens it."""
    return Kept(photo.sha256, photo.size, photo.stored, photo.stored_size, photo.wrapped)


def find(session: Session, photo_id: str) -> Photo | None:
    """Find a photo that is not erased."""
    photo = session.get(Photo, photo_id)
    return photo if photo is not None and photo.erased_at is None else None


def plain(session: Session) -> list[str]:
    """List the hashes of the photos that lie as they were received."""
    query = select(col(Photo.sha256)).where(col(Photo.stored).is_(None), col(Photo.erased_at).is_(None)).distinct()
    return list(session.execute(query.order_by(col(Photo.sha256))).scalars())


def lying_plain(session: Session, sha256: str) -> Sequence[Photo]:
    """List the photos that share one file that lies plain."""
    query = select(Photo).where(
        col(Photo.sha256) == sha256, col(Photo.stored).is_(None), col(Photo.erased_at).is_(None)
    )
    return session.execute(query.order_by(col(Photo.id))).scalars().all()


def put_key(session: Session, photo_id: str, sealed: Kept) -> None:
    """Write down where a photo lies now, and its key."""
    values = {"stored": sealed.stored, "stored_size": sealed.stored_size, "wrapped": sealed.wrapped}
    session.execute(update(Photo).where(col(Photo.id) == photo_id).values(**values))


def developed(session: Session, photo_id: str, values: Mapping[str, Any]) -> bool:
    """Write down what was seen in a photo that waited to be decoded; False when it does not wait any more."""
    waits = (col(Photo.id) == photo_id, col(Photo.state) == "received", col(Photo.erased_at).is_(None))
    return bool(session.execute(update(Photo).where(*waits).values(**values).returning(col(Photo.id))).first())


def names(session: Session) -> set[str]:
    """List the names of all files that have a row, erased ones too."""
    return set(session.execute(select(func.coalesce(col(Photo.stored), col(Photo.sha256)))).scalars())
