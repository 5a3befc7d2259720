"""The record as a whole: signing where it ends, exporting it, verifying it, and showing who did what.

Nobody changes an entry here. What leaves the house as an anchor is a head, and says nothing of anybody.
"""

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlmodel import Session

from fieldcheck import verifier
from fieldcheck.domain import custody
from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Conflict, FieldcheckError, NotFound
from fieldcheck.settings import BadSettings, Settings
from fieldcheck.storage import chain, database, outbox, record_queries, signing
from fieldcheck.storage.record_queries import Line
from fieldcheck.storage.tables import RecordHead
from fieldcheck.usecases.work import Work, locker, permits, write_record
from fieldcheck.verifier import Report

#: Public functions that carry no lock of their own: other use-cases call them behind theirs, no door ever does.
INTERNAL = ("read_through",)
SHOWN = 50
LONGEST_TRACE = 500


@dataclass(frozen=True)
class Head:
    """Where the chain ended at a moment, signed."""

    seq: int
    hash: str
    at: str
    key_id: str
    signature: str

    def to_line(self) -> str:
        """Write it on one line: the form that is sent out and that the verifier reads."""
        return custody.canonical(asdict(self)).decode()


@dataclass(frozen=True)
class EntryView:
    """One entry as the auditor sees it."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    is_erased: bool
    details: Mapping[str, Any]


def public_key(settings: Settings) -> str:
    """Give the public key with which everybody can check the heads."""
    return signing.public_pem(settings.signing_key)


def sign_head(settings: Settings, now: datetime) -> Head:
    """Sign where the chain ends now; the same end is signed once. Raises NotFound while the record is empty."""
    with database.transaction(settings.database_url) as session:
        return _sign(settings, session, now)


def _sign(settings: Settings, session: Session, now: datetime) -> Head:
    key = signing.signing_key(settings.signing_key)
    last = chain.last(session)
    if last.seq == 0:
        raise NotFound("record.empty")
    key_id = signing.key_id(key.public_key())
    known = record_queries.head(session, last.seq, key_id)
    if known is None:
        at = now.astimezone(UTC).isoformat(timespec="seconds")
        signature = key.sign(custody.head_message(last.seq, last.hash, at, key_id)).hex()
        known = RecordHead(seq=last.seq, key_id=key_id, hash=last.hash, at=at, signature=signature)
        session.add(known)
        session.flush()
    return _head(known)


def _head(row: RecordHead) -> Head:
    return Head(row.seq, row.hash, row.at, row.key_id, row.signature)


def anchor(settings: Settings, now: datetime) -> tuple[Head, Path]:
    """Sign where the chain ends, and put it into the folder of what is to leave the house."""
    head = sign_head(settings, now)
    return head, outbox.keep(settings.anchors, now.astimezone(UTC).date(), head.seq, head.to_line())


def export(settings: Settings, now: datetime, out: Path, by: str = "console") -> int:
    """Write the whole record into a ZIP; that it was exported is its last entry. Gives the number of entries."""
    try:
        file = outbox.create(out)
    except FileExistsError:
        raise Conflict("record.export_exists", file=out.name) from None
    try:
        with file, database.transaction(settings.database_url) as session:
            write_record(session, by, "record.export", "record", {"entries": chain.last(session).seq}, now)
            _sign(settings, session, now)
            return _dump(session, file, now)
    except BaseException:
        out.unlink()
        raise


def _dump(session: Session, out: IO[bytes], now: datetime) -> int:
    count = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("record.jsonl", "w", force_zip64=True) as file:
            for entry in record_queries.everything(session):
                file.write(custody.canonical(entry) + b"\n")
                count += 1
        _put(archive, "heads.json", [asdict(_head(row)) for row in record_queries.heads(session)])
        _put(archive, "photos.json", record_queries.photos(session))
        _put(archive, "erased.json", record_queries.without_words(session))
        _put(archive, "about.json", {"format": 1, "made_at": now.isoformat(), "entries": count})
    return count


def _put(archive: zipfile.ZipFile, name: str, value: object) -> None:
    archive.writestr(name, json.dumps(value, ensure_ascii=False, indent=1))


def verify_export(
    settings: Settings, export_: Path, anchors: Iterable[Path], photos: Path | None, key: Path | None = None
) -> Report:
    """Verify an export with the verifier's own functions; the key is this installation's unless one is given."""
    read = verifier.read_key(key) if key else signing.signing_key(settings.signing_key).public_key()
    return verifier.check_export(export_, read, [verifier.read_anchor(path) for path in anchors], photos)


def verify_live(settings: Settings, anchors: Iterable[Path] = ()) -> Report:
    """Verify this installation's record, photos and kept anchors, on the word of whoever holds the console."""
    with database.transaction(settings.database_url, reading=True) as session:
        return _verify(settings, session, anchors)


@permits(Action.RECORD_TRACE)
def verify(work: Work, progress: Callable[[int], None] | None = None) -> Report:
    """Verify the record as it stands, with its photos and the anchors kept here; *progress* hears of entries read."""
    return _verify(work.settings, work.session, (), progress)


def read_through(work: Work) -> Report:
    """Verify the record for a use-case that tells less of it."""
    return _verify(work.settings, work.session, ())


def _verify(
    settings: Settings, session: Session, anchors: Iterable[Path], progress: Callable[[int], None] | None = None
) -> Report:
    """Feed the verifier from the database itself: a copy in a file would outlive what is erased later."""
    key = signing.signing_key(settings.signing_key).public_key()
    sent = [verifier.read_anchor(path) for path in (*anchors, *outbox.kept(settings.anchors))]
    signed = [asdict(_head(row)) for row in record_queries.heads(session)]
    listed = record_queries.photos(session)
    report = verifier.verify(record_queries.everything(session), signed, sent, key, progress)
    verifier.look_at_photos(report, listed, settings.photos)
    report.photos_unopened = _unopened(settings, session)
    return report


def _unopened(settings: Settings, session: Session) -> list[str]:
    """Here the keys are at hand: open every sealed photo and hold what was received against its hash."""
    shelves, found = locker(settings), []
    for kept in record_queries.kept_photos(session):
        if kept.stored is not None and shelves.exists(kept):
            try:
                shelves.read(kept)
            except (FieldcheckError, BadSettings):
                found.append(kept.name)
    return found


@permits(Action.RECORD_TRACE)
def newest(work: Work, before: int | None = None) -> tuple[EntryView, ...]:
    """List the newest entries: who (by code), what, when, and on what."""
    return tuple(_view(line) for line in record_queries.newest(work.session, SHOWN, before))


@permits(Action.RECORD_TRACE)
def length(work: Work) -> int:
    """Count the entries of the record."""
    return record_queries.length(work.session)


@permits(Action.RECORD_TRACE)
def heads(work: Work) -> Sequence[Head]:
    """List the newest signed heads."""
    return tuple(_head(row) for row in record_queries.heads(work.session, SHOWN))


@permits(Action.RECORD_TRACE)
def trace(work: Work, subject: str) -> tuple[EntryView, ...]:
    """List all that was done to one subject, with its details. That it was read is recorded."""
    lines = record_queries.about(work.session, subject.strip(), LONGEST_TRACE)
    if not lines:
        raise NotFound("record.no_subject")
    work.record(Action.RECORD_TRACE, subject.strip())
    return tuple(_view(line, details=True) for line in lines)


def _view(line: Line, *, details: bool = False) -> EntryView:
    said = {name: value for name, value in (line.body or {}).items() if name != "subject"} if details else {}
    return EntryView(
        seq=line.seq,
        at=datetime.fromisoformat(line.at),
        actor=line.actor,
        action=line.action,
        subject=line.subject,
        is_erased=line.body is None,
        details=said,
    )
