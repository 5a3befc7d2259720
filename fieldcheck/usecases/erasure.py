"""Erasing by order: one person asks with a reason, another consents, and what is erased is gone for good.

A photo's own key goes with the transaction that carries the order out, and from then on its bytes are noise, here and
in every copy of the file; the files follow once it stands. A crash between is mended by the next `shred`. What it
refuses: the same person twice, evidence on hold, and erasing that leaves no trace: the chain says that something was
erased, when, by whose order and why, and never again what it was.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from fieldcheck.domain.access import Action, Actor
from fieldcheck.domain.errors import Forbidden, Invalid, NotFound, NotNow
from fieldcheck.settings import Settings
from fieldcheck.storage import database, erasing, people_queries
from fieldcheck.storage.tables import Erasure, Person, Photo, Visit
from fieldcheck.usecases import identities, likeness
from fieldcheck.usecases.work import Work, begin, locker, permits, write_record

KINDS = ("photo", "visit", "person")
LONGEST_REASON = 500
SHOWN = 100


@dataclass(frozen=True)
class OrderView:
    """An order to erase, as both of its people and the auditor see it."""

    id: str
    kind: str
    target: str
    reason: str
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class Shredded:
    """How many files went, and whether the database's own files are clean of what was deleted."""

    files: int
    is_clean: bool


@permits(Action.ERASURE_ASK)
def ask(work: Work, kind: str, target: str, reason: str) -> str:
    """Ask for a photo, a visit's words or a person (by code) to be erased; gives the order's id."""
    reason = reason.strip()
    if kind not in KINDS or not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid("erasure.incomplete", longest=LONGEST_REASON)
    found = _find(work.session, kind, target.strip())
    if erasing.open_order(work.session, kind, found):
        raise NotNow("erasure.already_asked")
    order = Erasure(
        id=work.new_id(),
        kind=kind,
        target=found,
        reason=reason,
        asked_by=work.actor.code,
        asked_at=work.now,
        state="asked",
    )
    work.session.add(order)
    work.record(Action.ERASURE_ASK, found, order=order.id, kind=kind, reason=reason)
    return order.id


def _find(session: Session, kind: str, target: str) -> str:
    if kind == "person":
        person = people_queries.by_code(session, target.upper())
        if person is not None:
            return person.id
    elif kind == "visit" and session.get(Visit, target) is not None:
        return target
    elif kind == "photo":
        photo = session.get(Photo, target)
        if photo is not None and photo.erased_at is None:
            return target
    raise NotFound("erasure.nothing_there")


@permits(Action.ERASURE_LIST)
def orders(work: Work) -> tuple[OrderView, ...]:
    """List the orders, open ones first."""
    return tuple(
        OrderView(
            one.id,
            one.kind,
            _named(work.session, one),
            one.reason,
            one.asked_by,
            one.asked_at,
            one.state,
            one.decided_by,
            one.decided_at,
        )
        for one in erasing.orders(work.session, SHOWN)
    )


def _named(session: Session, order: Erasure) -> str:
    person = session.get(Person, order.target) if order.kind == "person" else None
    return person.code if person else order.target


@permits(Action.ERASURE_CONSENT)
def refuse(work: Work, order_id: str) -> None:
    """Say no: nothing is erased."""
    order = _open(work, order_id)
    order.state, order.decided_by, order.decided_at = "refused", work.actor.code, work.now
    work.session.add(order)
    work.record(Action.ERASURE_CONSENT, order.target, order=order.id, consent=False)


@permits(Action.ERASURE_CONSENT)
def allow(work: Work, order_id: str) -> None:
    """Say yes, as somebody other than who asked: the rows are emptied here, the files follow with `shred`."""
    order = _open(work, order_id)
    order.decided_by, order.decided_at = work.actor.code, work.now
    also: tuple[str, ...] = ()
    if order.kind == "person":  # under every code that she ever had
        also = identities.everyone_she_was(work.vault, order.target)
        for one in also:
            work.vault.forget(one)
    carry_out(work.session, order, work.actor.code, work.now, also)


def _open(work: Work, order_id: str) -> Erasure:
    order = work.session.get(Erasure, order_id, with_for_update=True)
    if order is None:
        raise NotFound("erasure.not_found")
    if order.state != "asked":
        raise NotNow("erasure.decided", state=order.state)
    if order.asked_by == work.actor.code:
        raise Forbidden("erasure.two_people")
    return order


def consent(settings: Settings, actor: Actor, order_id: str, *, now: datetime | None = None) -> Shredded:
    """Consent to an order and carry it out to the end: rows, then files, then the database's own files."""
    with begin(settings, actor, now=now) as work:
        allow(work, order_id)
    return shred(settings)


def carry_out(session: Session, order: Erasure, by: str, now: datetime, also: Sequence[str] = ()) -> int:
    """Empty the rows that an order names and record it; gives the number of answers and photos that went.

    *also* are those whom a person to be erased was in other seasons; the record is not told.
    """
    order.state = "consented"
    session.add(order)
    session.flush()
    if order.kind == "person":
        seqs, hashes, count = _erase_person(session, {order.target, *also})
    else:
        seqs, hashes, count = _erase_evidence(session, order, now)
    erasing.destroy_words(session, seqs)
    order.state = "done"
    order.record_seq = write_record(
        session,
        by,
        "record.erased",
        order.target,
        {
            "kind": order.kind,
            "seqs": list(seqs),
            "photos": hashes,
            "order": order.id,
            "asked_by": order.asked_by,
            "reason": order.reason,
        },
        now,
    )
    session.flush()
    return count


def _erase_person(session: Session, people_ids: Collection[str]) -> tuple[Sequence[int], list[str], int]:
    there = [person for id_ in sorted(people_ids) if (person := session.get(Person, id_)) is not None]
    if not there:
        raise NotFound("person.not_found")
    for person in there:
        erasing.empty_person(session, person)
    return erasing.words_about(session, people_ids), [], 1


def _erase_evidence(session: Session, order: Erasure, now: datetime) -> tuple[Sequence[int], list[str], int]:
    photo = session.get(Photo, order.target) if order.kind == "photo" else None
    # Held: what is on its way to it comes before this, or finds it erased.
    visit = session.get(Visit, photo.visit_id if photo else order.target, with_for_update=True)
    if visit is None:
        raise NotFound("visit.not_found")
    if erasing.is_held(session, visit.id):
        raise NotNow("erasure.on_hold")
    if order.kind == "visit":
        cases = erasing.cases_of(session, visit.id)
        photos = erasing.photos_of(session, visit.id)
        seqs = erasing.words_about(session, [visit.id, *cases])
        count = erasing.empty_visit(session, visit, cases)
    else:
        photos = [photo] if photo else erasing.photos_of(session, visit.id)
        seqs = sorted({seq for one in photos for seq in erasing.words_about(session, [visit.id], one.id)})
        count = 0
    return seqs, erasing.empty_photos(session, photos, now), count + len(photos)


def shred(settings: Settings) -> Shredded:
    """Delete the files of erased photos, and what was deleted from the database's own files. May be repeated.

    What they looked like is let go of here at once; other servers hear of it in the record (`likeness.py`).
    """
    likeness.forget()
    shelves, files = locker(settings), 0
    with database.transaction(settings.database_url) as session:  # nobody takes the same plain bytes in meanwhile
        for name in erasing.erased_files(session):
            files += shelves.destroy(name)
    urls = {settings.database_url, settings.vault_url or settings.database_url}
    clean = [database.scrub(url) for url in sorted(urls)]
    return Shredded(files, all(clean))
