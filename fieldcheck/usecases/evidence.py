"""Photos: taking their bytes from the phone, decoding them, showing clean copies to whoever may see them.

Bytes before rows: a photo is on disk, sealed under a key of its own, before its row exists with that key, and the disk
is written outside of any transaction, so that a slow phone never holds the database.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from fieldcheck.domain import custody
from fieldcheck.domain.access import Action, Actor, Role, Scope
from fieldcheck.domain.errors import Conflict, Invalid, NotFound, TooLarge
from fieldcheck.settings import Settings
from fieldcheck.storage import darkroom, erasing, intake, photo_rows, visit_queries
from fieldcheck.storage.images import Developed, Seen, inspect
from fieldcheck.storage.intake import Here
from fieldcheck.storage.photos import LARGEST, Copy, Kept, Locker
from fieldcheck.storage.tables import Photo
from fieldcheck.usecases import checklists
from fieldcheck.usecases.sync import Place, begin_visit, checked_id, gap_in_seconds, held, must_take, my_visit
from fieldcheck.usecases.work import Work, begin, look, permits

MOST_PHOTOS_A_QUESTION = 20


@dataclass(frozen=True)
class Claimed:
    """What the file that she chose said of itself; the phone encodes every photo anew, so its bytes do not say it."""

    taken_at: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class SentPhoto:
    """What the phone says of a photo whose bytes it sends. Times aware; *size* in bytes."""

    id: str
    checklist: str
    question: str
    sha256: str
    size: int
    taken_at: datetime
    source: str
    place: Place
    #: Boxes burned over faces and plates, and that nobody is left to be known; None where the phone said nothing.
    boxes: int | None = None
    confirmed: bool | None = None
    #: The phone's clock at sending; None where it did not say.
    phone_now: datetime | None = None
    claims: Claimed | None = None


@dataclass(frozen=True)
class Received:
    """How much of a photo has come; when it is complete, the hash under which it is kept."""

    id: str
    received: int
    complete: bool
    sha256: str | None = None
    state: str | None = None


def take_part(
    settings: Settings,
    actor: Actor,
    visit_id: str,
    sent: SentPhoto,
    offset: int,
    part: bytes,
    *,
    now: datetime | None = None,
) -> Received:
    """Take one part of a photo's bytes, or all of them; the row appears when the last byte is safely on disk.

    Raises `photo.offset` with how much is here, `photo.hash`, `photo.not_image`, `photo.too_large`,
    `photo.too_many_pixels`, `photo.cut_short`; what was refused for its content can be sent again from 0.
    """
    laid = lay_down(settings, actor, visit_id, sent, offset, part, now=now)
    if isinstance(laid, Received):
        return laid
    with begin(settings, actor, now=now) as work:
        done, is_new = keep(work, visit_id, sent, laid)
    tidy(laid, is_new=is_new)
    return done


@dataclass(frozen=True)
class Laid:
    """A photo whose bytes are safely on disk and whose row is not written yet."""

    locker: Locker
    seen: Seen
    kept: Kept
    upload: str | None = None


def lay_down(
    settings: Settings,
    actor: Actor,
    visit_id: str,
    sent: SentPhoto,
    offset: int,
    part: bytes,
    *,
    now: datetime | None = None,
) -> Laid | Received:
    """Do of `take_part` all that the disk has to do; what is left then is `keep`, and after it `tidy`.

    Gives what is told the phone where no row is to be written: bytes are missing yet, or it came before.
    """
    with look(settings, actor, now=now) as work:
        known = expect(work, visit_id, sent)
        locker = work.photos
    if known is not None:
        return known
    if sent.size > LARGEST:
        raise TooLarge("photo.too_large", size=sent.size, largest=LARGEST)
    if offset == 0 and len(part) == sent.size:
        seen = inspect(part)
        return Laid(locker, seen, locker.put(part, sent.sha256))
    upload, looked = _upload(visit_id, sent.id), list[Seen]()
    have = locker.parts.receive(upload, offset, part)
    if have < sent.size:
        return Received(sent.id, have, complete=False)
    kept = locker.finish(upload, sent.sha256, sent.size, lambda data: looked.append(inspect(data)))
    return Laid(locker, looked[0], kept, upload)


def tidy(laid: Laid, *, is_new: bool) -> None:
    """Take away what is not needed once the row is there: the parts, and a file that came twice at once."""
    if laid.upload is not None:
        laid.locker.parts.drop(laid.upload)
    if not is_new:  # the other file has the row, nobody will ever open this one
        laid.locker.destroy(laid.kept.name)


def received(settings: Settings, actor: Actor, visit_id: str, photo_id: str) -> Received:
    """Say how much of a photo has come, for a phone that goes on where it was cut off."""
    with look(settings, actor) as work:
        my = _mine(work, visit_id, photo_id)
        here = work.photos.parts.received(_upload(visit_id, checked_id(photo_id)))
        return my or Received(photo_id, here, complete=False)


def _upload(visit_id: str, photo_id: str) -> str:
    """Name an upload by its visit too: who learns the id of another's photo must not touch its unfinished bytes."""
    return custody.digest({"visit": visit_id, "photo": photo_id})


@permits(Action.VISIT_WALK)
def _mine(work: Work, visit_id: str, photo_id: str) -> Received | None:
    row = visit_queries.visit(work.session, work.reach(Action.VISIT_WALK), visit_id)
    if row is None:
        raise NotFound("visit.not_found")
    photo = work.session.get(Photo, photo_id)
    return _complete(photo) if photo is not None and photo.visit_id == visit_id else None


@permits(Action.VISIT_WALK)
def expect(work: Work, visit_id: str, sent: SentPhoto) -> Received | None:
    """Check that a photo may come; gives what is known when it came before, None when its bytes are awaited."""
    checked_id(sent.id, random=True)
    visit = intake.here(work.session, work.reach(Action.VISIT_WALK), visit_id)
    if visit is None:
        raise NotFound("visit.not_found")
    return _expect(work, visit, sent)


def _expect(work: Work, visit: Here, sent: SentPhoto) -> Received | None:
    before = intake.photo(work.session, sent.id)
    if before is not None:
        if before.body_hash != _body_hash(visit.id, sent):
            raise Conflict("id.reused")
        return Received(sent.id, before.size, complete=True, sha256=before.sha256, state=before.state)
    must_take(work, visit.id, visit.state)
    if sent.checklist not in visit.digests:
        raise NotFound("checklist.not_found")
    question = checklists.load(work, sent.checklist).by_id.get(sent.question)
    if question is None:
        raise Invalid("answer.unknown_question", question=sent.question)
    if question.photo is None:
        raise Invalid("photo.not_asked", question=sent.question)
    if intake.how_many(work.session, visit.id, sent.question) >= MOST_PHOTOS_A_QUESTION:
        raise Invalid("photo.too_many", most=MOST_PHOTOS_A_QUESTION, question=sent.question)
    return None


@permits(Action.VISIT_WALK)
def keep(work: Work, visit_id: str, sent: SentPhoto, laid: Laid) -> tuple[Received, bool]:
    """Write the row of a photo whose bytes are on disk; a row that came in meanwhile is found again (False)."""
    checked_id(sent.id, random=True)
    visit = held(work, visit_id)
    known = _expect(work, visit, sent)
    if known is not None:
        return known, False
    place, seen, kept = sent.place.checked(), laid.seen, laid.kept
    photo = {
        "id": sent.id,
        "visit_id": visit_id,
        "digest": sent.checklist,
        "question_id": sent.question,
        "sha256": sent.sha256,
        "size": sent.size,
        "stored": kept.stored,
        "stored_size": kept.stored_size,
        "wrapped": kept.wrapped,
        "format": seen.format,
        "width": seen.width,
        "height": seen.height,
        "source": sent.source[:10],
        "taken_at": sent.taken_at,
        "received_at": work.now,
        "clock_gap_s": None if sent.phone_now is None else gap_in_seconds(work.now - sent.phone_now),
        "lat": place.lat,
        "lon": place.lon,
        "accuracy": place.accuracy,
        "age": place.age,
        "no_place": place.no_place,
        "boxes": sent.boxes,
        "confirmed": sent.confirmed,
        "state": "received",
        "released": False,
        "body_hash": _body_hash(visit_id, sent),
        **({} if sent.claims is None else {"claims": asdict(sent.claims)}),
    }
    intake.add(work.session, "photo", [photo])
    begin_visit(work, visit, work.now)
    told = {"photo": sent.id, "sha256": sent.sha256, "size": sent.size, "stored": kept.stored}
    work.record("photo.take", visit_id, **told)
    return Received(sent.id, sent.size, complete=True, sha256=sent.sha256, state="received"), True


def _complete(photo: Photo) -> Received:
    return Received(photo.id, photo.size, complete=True, sha256=photo.sha256, state=photo.state)


def _body_hash(visit_id: str, sent: SentPhoto) -> str:
    return custody.digest(
        {
            "visit": visit_id,
            "checklist": sent.checklist,
            "question": sent.question,
            "sha256": sent.sha256,
            "size": sent.size,
            "taken_at": sent.taken_at.isoformat(),
        }
    )


@permits(Action.VISIT_WALK)
def withdraw(work: Work, visit_id: str, photo_id: str) -> None:
    """Take a photo back before submission: it no longer counts and is not shown, the record of it stays."""
    visit = my_visit(work, visit_id).visit
    photo = work.session.get(Photo, photo_id)
    if photo is None or photo.visit_id != visit_id:
        raise NotFound("photo.not_found")
    if photo.withdrawn_at is not None:
        return
    must_take(work, visit.id, visit.state)
    photo.withdrawn_at = work.now
    work.session.add(photo)
    work.record("photo.withdraw", visit_id, photo=photo_id, sha256=photo.sha256)


@permits(Action.PHOTO_SHOW)
def shown(work: Work, photo_id: str, kind: str) -> bytes:
    """Give a clean copy ("view" or "thumb") of a photo within the actor's reach; the agency's are the released ones.

    A photo that nobody decoded yet is decoded now; one that cannot be raises its error.
    """
    reach = work.reach(Action.PHOTO_SHOW)
    if reach.scope is Scope.RELEASED:
        photo = visit_queries.photo_released(work.session, reach, photo_id)
    else:
        photo = visit_queries.photo_within(work.session, reach, photo_id)
    if photo is None or photo.state == "refused" or photo.withdrawn_at is not None:
        raise NotFound("photo.not_found")
    copy, kept = Copy(kind), photo_rows.kept(photo)
    try:
        return work.photos.derivative(kept, copy)
    except NotFound:
        _print(work.photos, kept)
        return work.photos.derivative(kept, copy)


def _print(locker: Locker, kept: Kept) -> Developed:
    developed = darkroom.develop_apart(locker.read(kept))
    locker.keep_derivative(kept, Copy.VIEW, developed.view)
    locker.keep_derivative(kept, Copy.THUMB, developed.thumb)
    return developed


def develop_waiting(settings: Settings, limit: int, progress: Callable[[int], None] | None = None) -> int:
    """Decode photos that wait: clean copies, EXIF's claims, or the verdict that it is no photo; gives how many.

    It acts for nobody: it looks at bytes that are already here, in a process apart, and writes down what it saw.
    """
    system = Actor("system", "system", Role.ADMINISTRATOR, None)
    with look(settings, system) as work:
        waiting = visit_queries.undeveloped(work.session, limit)
        locker = work.photos
    for done, (photo_id, kept, said) in enumerate(waiting, start=1):
        try:
            developed = _print(locker, kept)
            in_it = {name: value for name, value in asdict(developed.claims).items() if value is not None}
            values = {"state": "checked", "claims": {**(said or {}), **in_it}, "phash": developed.phash}
        except (Invalid, TooLarge, NotFound, Conflict) as error:
            values = {"state": "refused", "claims": {"refused": error.code}}
        with begin(settings, system) as work:
            is_here = photo_rows.developed(work.session, photo_id, values)
            if not is_here and kept.name in erasing.erased_files(work.session):
                locker.destroy(kept.name)  # it was erased meanwhile: the copies just made go after it
        if progress:
            progress(done)
    return len(waiting)

