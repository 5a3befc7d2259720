"""What an order to erase takes out of the tables. It decides nothing: who may order, and whether, stands in use-cases.

The links of the chain are never touched: only the words of an entry and the salt of its commitment go, and without the
salt nobody can find the words again by trying. Rows that others point at stay, emptied.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from fieldcheck.storage import likeness_queries
from fieldcheck.storage.tables import (
    Answer,
    Case,
    CaseEvent,
    Credential,
    Device,
    Erasure,
    FindingRow,
    FollowUp,
    Invite,
    LegalHold,
    OpenIdentity,
    Person,
    Photo,
    RecordBody,
    RecordEntry,
    RecoveryCode,
    ReleasedText,
    Return,
    SignedIn,
    Visit,
    VisitAlarm,
)

#: Entries that tell of erasing are never erased: they are why the verifier accepts that others are gone.
NEVER = ("record.%", "erasure.%")


def words_about(session: Session, subjects: Collection[str], photo: str | None = None) -> list[int]:
    """List the entries whose words are about *subjects*; with *photo*, only those that name this photo."""
    query = (
        select(col(RecordBody.seq), col(RecordBody.body))
        .join(RecordEntry, col(RecordEntry.seq) == col(RecordBody.seq))
        .where(col(RecordBody.subject).in_(subjects), *(col(RecordEntry.action).not_like(name) for name in NEVER))
        .order_by(col(RecordBody.seq))
    )
    return [row[0] for row in session.execute(query) if photo is None or row[1].get("photo") == photo]


def destroy_words(session: Session, seqs: Sequence[int]) -> None:
    """Destroy the words and the salt of entries."""
    for begin in range(0, len(seqs), 500):
        session.execute(delete(RecordBody).where(col(RecordBody.seq).in_(seqs[begin : begin + 500])))


def empty_photos(session: Session, photos: Sequence[Photo], now: datetime) -> list[str]:
    """Destroy the photos' keys, mark them erased, take out where, when and what EXIF claimed; gives their files.

    A file that lies plain may serve several photos: it is named only when nobody else uses it.
    """
    for photo in photos:
        photo.erased_at, photo.withdrawn_at, photo.released = now, photo.withdrawn_at or now, False
        photo.lat = photo.lon = photo.accuracy = photo.age = None
        photo.claims, photo.phash, photo.wrapped = None, None, None
        photo.state = "refused" if photo.state == "received" else photo.state
        session.add(photo)
    session.flush()
    likeness_queries.forget(session, [photo.id for photo in photos])
    plain = {photo.sha256 for photo in photos if photo.stored is None}
    used = select(col(Photo.sha256)).where(
        col(Photo.sha256).in_(plain), col(Photo.stored).is_(None), col(Photo.erased_at).is_(None)
    )
    sealed = {photo.stored for photo in photos if photo.stored is not None}
    return sorted(sealed | (plain - set(session.execute(used).scalars())))


def empty_person(session: Session, person: Person) -> None:
    """Take out a person's devices and ways in; the code stays, and takes no further part. The vault is apart."""
    for table in (Invite, SignedIn, Device, Credential, RecoveryCode, OpenIdentity):
        session.execute(delete(table).where(col(table.person_id) == person.id))
    person.active = False
    session.add(person)


def empty_visit(session: Session, visit: Visit, cases: Collection[str]) -> int:
    """Take out a visit's answers, what was released of them, and all free text about it; gives how many answers.

    The trigger on answers lets them go only while an order with this visit as its target is being carried out.
    """
    counted = select(func.count()).select_from(Answer).where(col(Answer.visit_id) == visit.id)
    count = int(session.execute(counted).scalar_one())
    session.execute(delete(Answer).where(col(Answer.visit_id) == visit.id))
    session.execute(delete(ReleasedText).where(col(ReleasedText.visit_id) == visit.id))
    signals = update(VisitAlarm).where(col(VisitAlarm.visit_id) == visit.id)
    session.execute(signals.values(lat=None, lon=None, accuracy=None, age=None))
    told = select(col(VisitAlarm.id)).where(col(VisitAlarm.visit_id) == visit.id)
    session.execute(
        update(FollowUp)
        .where(or_(col(FollowUp.subject) == visit.id, col(FollowUp.subject).in_(told)))
        .values(note="")
    )
    session.execute(update(Return).where(col(Return.visit_id) == visit.id).values(reason=""))
    session.execute(update(CaseEvent).where(col(CaseEvent.case_id).in_(cases)).values(reason="", text=""))
    visit.scenario, visit.decision_note = None, ""
    visit.note_sealed = visit.note_wrapped = None
    if visit.state in {"assigned", "in_progress", "returned", "submitted"}:
        visit.state = "withdrawn"
    session.add(visit)
    return count


def is_erased(session: Session, visit_id: str) -> bool:
    """Say whether two people had everything of a visit erased; what only grew too old may still be added to."""
    order = select(literal(1)).where(
        col(Erasure.target) == visit_id,
        col(Erasure.kind) == "visit",
        col(Erasure.state) == "done",
        col(Erasure.asked_by) != "retention",
    )
    return session.execute(order.limit(1)).first() is not None


def photos_of(session: Session, visit_id: str) -> Sequence[Photo]:
    """List a visit's photos that are not erased yet, withdrawn ones too."""
    query = select(Photo).where(col(Photo.visit_id) == visit_id, col(Photo.erased_at).is_(None))
    return session.execute(query).scalars().all()


def cases_of(session: Session, visit_id: str) -> list[str]:
    """List the register entries that a visit led to."""
    query = select(col(Case.id)).join(FindingRow, col(FindingRow.id) == col(Case.finding_id))
    return list(session.execute(query.where(col(FindingRow.visit_id) == visit_id)).scalars())


def is_held(session: Session, visit_id: str) -> bool:
    """Say whether any register entry of this visit is on hold."""
    held = select(col(LegalHold.case_id)).where(col(LegalHold.case_id).in_(cases_of(session, visit_id)))
    return session.execute(held.limit(1)).first() is not None


def erased_files(session: Session) -> list[str]:
    """List the files of erased photos, and of those that lie plain the ones that no other photo uses."""
    alive = aliased(Photo)
    in_use = exists().where(
        alive.sha256 == col(Photo.sha256),  # type: ignore[arg-type]
        alive.stored.is_(None),  # type: ignore[union-attr]
        alive.erased_at.is_(None),  # type: ignore[union-attr]
    )
    query = (
        select(func.coalesce(col(Photo.stored), col(Photo.sha256)))
        .where(col(Photo.erased_at).is_not(None), or_(col(Photo.stored).is_not(None), ~in_use))
        .distinct()
    )
    return list(session.execute(query).scalars())


def orders(session: Session, limit: int) -> Sequence[Erasure]:
    """List what two people were asked for, open ones first, then the newest."""
    query = select(Erasure).where(col(Erasure.asked_by) != "retention")
    order = (col(Erasure.state) != "asked", col(Erasure.asked_at).desc())
    return session.execute(query.order_by(*order).limit(limit)).scalars().all()


def open_order(session: Session, kind: str, target: str) -> Erasure | None:
    """Find an order for the same thing that still waits."""
    query = select(Erasure).where(
        col(Erasure.target) == target, col(Erasure.kind) == kind, col(Erasure.state) == "asked"
    )
    return session.execute(query).scalars().first()


# --- what the periods of retention reach


def stale_drafts(session: Session, cut: datetime) -> list[str]:
    """List visits that were never handed in, whose days are over, untouched since *cut*, of which there is anything.

    One may come again: a phone that was away for long brings what it has when the rest is gone already.
    """
    query = select(col(Visit.id)).where(
        col(Visit.state).in_(("assigned", "in_progress", "returned", "stopped", "withdrawn")),
        col(Visit.window_to) < cut,
        col(Visit.updated_at) < cut,
        ~_held(),
        _has_content(),
    )
    return list(session.execute(query.order_by(col(Visit.id))).scalars())


def closed_before(session: Session, cut: datetime, kind: str) -> list[str]:
    """List decided visits all of whose register entries ended, with nothing done since *cut*, nor erased before."""
    ended = ("closed", "dismissed", "noted")
    mine = _cases_of_visit()
    query = select(col(Visit.id)).where(
        col(Visit.state).in_(("accepted", "rejected")),
        col(Visit.decided_at) < cut,
        ~exists(mine.where(col(Case.state).not_in(ended))),
        ~exists(mine.join(CaseEvent, col(CaseEvent.case_id) == col(Case.id)).where(col(CaseEvent.at) >= cut)),
        ~_already(kind),
        ~_already("visit"),
        ~_held(),
    )
    if kind == "photos":
        query = query.where(_has_photo())
    return list(session.execute(query.order_by(col(Visit.id))).scalars())


def _cases_of_visit() -> Select[int]:
    return (
        select(literal(1))
        .select_from(Case)
        .join(FindingRow, col(FindingRow.id) == col(Case.finding_id))
        .where(col(FindingRow.visit_id) == col(Visit.id))
        .correlate(Visit)
    )


def _held() -> ColumnElement[bool]:
    return exists(_cases_of_visit().join(LegalHold, col(LegalHold.case_id) == col(Case.id)))


def _already(kind: str) -> ColumnElement[bool]:
    return exists().where(col(Erasure.target) == col(Visit.id), col(Erasure.kind) == kind, col(Erasure.state) == "done")


def _has_photo() -> ColumnElement[bool]:
    return exists().where(col(Photo.visit_id) == col(Visit.id), col(Photo.erased_at).is_(None))


def _has_content() -> ColumnElement[bool]:
    answer = exists().where(col(Answer.visit_id) == col(Visit.id))
    point = exists().where(col(VisitAlarm.visit_id) == col(Visit.id), col(VisitAlarm.lat).is_not(None))
    return answer | _has_photo() | point | col(Visit.note_sealed).is_not(None)
