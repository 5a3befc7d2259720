"""What is done with photos' own bytes at the server's console: sealing what lies plain, tidying up, giving one out.

Nobody is shown an original: screens show clean copies. One leaves the house only here, with a reason, and recorded.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from fieldcheck.domain.errors import Conflict, FieldcheckError, Invalid, NotFound
from fieldcheck.settings import Settings
from fieldcheck.storage import database, outbox, photo_rows
from fieldcheck.storage.photos import Kept
from fieldcheck.storage.tables import Photo
from fieldcheck.usecases.erasure import LONGEST_REASON
from fieldcheck.usecases.work import locker, write_record

A_DAY = timedelta(days=1)
FEW = 20


@dataclass(frozen=True)
class Sealed:
    """How many photos were sealed, and which could not be: their hashes."""

    photos: int
    unread: tuple[str, ...]


@dataclass(frozen=True)
class Tidied:
    """How many files went that nobody can need; *strays* have no row and stay: too many to be what a crash leaves."""

    files: int
    strays: int = 0


def seal_plain(settings: Settings, now: datetime, progress: Callable[[int, int], None] | None = None) -> Sealed:
    """Seal the photos that still lie as they were received; may be stopped and repeated, and all stay readable.

    The photos that share a file are sealed in one transaction, each under its own key, and then the plain file goes.
    """
    shelves, done, unread = locker(settings), 0, []
    with database.transaction(settings.database_url, reading=True) as session:
        waiting = photo_rows.plain(session)
    for count, sha256 in enumerate(waiting, start=1):
        try:
            data = shelves.read(Kept(sha256, 0))
        except FieldcheckError:
            unread.append(sha256)
            continue
        with database.transaction(settings.database_url) as session:
            for photo in photo_rows.lying_plain(session, sha256):
                kept = shelves.put(data, sha256)
                photo_rows.put_key(session, photo.id, kept)
                body = {"photo": photo.id, "sha256": sha256, "stored": kept.stored}
                write_record(session, "system", "photo.seal", photo.visit_id, body, now)
                done += 1
        shelves.destroy(sha256)
        if progress:
            progress(count, len(waiting))
    return Sealed(done, tuple(unread))


def tidy(settings: Settings, now: datetime) -> Tidied:
    """Delete what uploads and crashes left behind a day ago: unfinished parts, and sealed files that got no row.

    Many files without a row are not what a crash leaves: another database than these photos' was named. They stay.
    """
    shelves = locker(settings)
    with database.transaction(settings.database_url, reading=True) as session:
        known = photo_rows.names(session)
    strays = shelves.strays(known, now, A_DAY)
    gone = shelves.shelves.sweep(now, A_DAY)
    if len(strays) > max(FEW, len(known) // 10) or not known:
        return Tidied(gone, len(strays))
    return Tidied(gone + sum(shelves.destroy(name) for name in strays))


def _found(session: Session, photo_id: str) -> Photo:
    photo = photo_rows.find(session, photo_id)
    if photo is None:
        raise NotFound("photo.not_found")
    return photo


def give_out(settings: Settings, photo_id: str, reason: str, out: Path, now: datetime) -> str:
    """Write one original, exactly as it was received, into a file for whoever has a right to it; gives its sha256.

    That it was opened is recorded in the same transaction: no record, no file.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid("original.reason_needed", longest=LONGEST_REASON)
    try:
        file = outbox.create(out)
    except FileExistsError:
        raise Conflict("record.export_exists", file=out.name) from None
    try:
        with file, database.transaction(settings.database_url) as session:
            photo = _found(session, photo_id.strip())
            body = {"photo": photo.id, "reason": reason}
            write_record(session, "console", "photo.original", photo.visit_id, body, now)
            file.write(locker(settings).read(photo_rows.kept(photo)))
            return photo.sha256
    except BaseException:
        with suppress(FileNotFoundError):
            out.unlink()
        raise
