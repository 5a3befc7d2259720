"""Taking what the phone sends: the briefing read, answers, the submission, a visit stopped.

Everything has an id that the phone made once. The same id with the same body gets the same answer again and changes
nothing; another body under that id is refused. One refused answer never stops the others.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import col

from fieldcheck.domain import custody, findings
from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Conflict, FieldcheckError, Invalid, NotFound, NotNow
from fieldcheck.domain.visit import WRITABLE, StopReason, VisitMove, VisitState, move
from fieldcheck.domain.walk import accept_answer, missing
from fieldcheck.storage import visit_queries
from fieldcheck.storage.tables import Answer, FindingRow, Photo, Submission, Visit
from fieldcheck.storage.visit_queries import VisitRow
from fieldcheck.usecases import checklists
from fieldcheck.usecases.work import Work, permits

#: A phone's clock within this is taken at its word; beyond it, times are corrected by the gap measured at contact.
CLOCK_TOLERANCE = timedelta(seconds=90)
MOST_ANSWERS = 200
#: A visit that was called off while the phone was offline still takes what she recorded; it stays as a record.
TAKES_ANSWERS = WRITABLE | {VisitState.WITHDRAWN, VisitState.STOPPED}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_NO_PLACE = frozenset({"denied", "unavailable", "timeout", "off"})


@dataclass(frozen=True)
class Place:
    """The best position known when something was recorded, or why there is none. Metres, seconds, degrees."""

    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    age: float | None = None
    no_place: str | None = None

    def checked(self) -> "Place":
        """Give the place if it can be one; a nonsense position becomes "unavailable", it never costs an answer."""
        lat, lon, accuracy, age = self.lat, self.lon, self.accuracy, self.age
        good = (
            lat is not None
            and lon is not None
            and abs(lat) <= 90
            and abs(lon) <= 180
            and accuracy is not None
            and 0 <= accuracy < 1e7
            and age is not None
            and 0 <= age < 1e9
        )
        if good:
            return Place(lat, lon, accuracy, age, None)
        return Place(no_place=self.no_place if self.no_place in _NO_PLACE else "unavailable")


@dataclass(frozen=True)
class SentAnswer:
    """One answer as the phone sends it. Times aware; *value* None clears the answer."""

    id: str
    checklist: str
    question: str
    value: Any
    given_at: datetime
    seen_at: datetime | None
    place: Place


@dataclass(frozen=True)
class Taken:
    """What became of one sent answer: stored, known (sent before), or refused with its error."""

    id: str
    status: str
    received_at: datetime | None = None
    error: FieldcheckError | None = None


def checked_id(text: str) -> str:
    """Give an id that a phone may have made; raises Invalid `id.malformed`."""
    if not _UUID.fullmatch(text):
        raise Invalid("id.malformed")
    return text


def my_visit(work: Work, visit_id: str) -> VisitRow:
    """Find one's own visit and hold it; somebody else's and a missing one look the same."""
    row = visit_queries.visit(work.session, work.reach(Action.VISIT_WALK), visit_id, lock=True)
    if row is None:
        raise NotFound("visit.not_found")
    return row


def school_facts(work: Work, row: VisitRow) -> dict[str, Any]:
    """Give what a rule may look at of the school."""
    region = visit_queries.region(work.session, row.visit.region_id)
    return {
        "ownership": row.school.ownership,
        "region": row.visit.region_id,
        "order_on_file": region is not None and region.order_ref is not None,
    }


@permits(Action.VISIT_WALK)
def read_briefing(work: Work, visit_id: str, sent_id: str, read_at: datetime) -> VisitState:
    """Note that she read the briefing; the visit begins. Saying it again changes nothing."""
    checked_id(sent_id)
    visit = my_visit(work, visit_id).visit
    if visit.briefed_at is None and VisitState(visit.state) in WRITABLE:
        visit.briefed_at = work.now
        begin_visit(work, visit, work.now)
        work.session.add(visit)
        work.record("visit.briefed", visit_id, read_at=read_at.isoformat())
    return VisitState(visit.state)


def begin_visit(work: Work, visit: Visit, at: datetime) -> None:
    """Let the first thing recorded begin the visit."""
    if visit.state == VisitState.ASSIGNED:
        visit.state = move(VisitState.ASSIGNED, VisitMove.BEGIN).value
        visit.started_at = min(at, work.now)
    visit.updated_at = work.now


@permits(Action.VISIT_WALK)
def take_answers(
    work: Work, visit_id: str, phone_now: datetime, device: str, app: str, sent: Sequence[SentAnswer]
) -> tuple[Taken, ...]:
    """Take a batch of answers in the order given; gives what became of each."""
    if len(sent) > MOST_ANSWERS:
        raise Invalid("answer.too_many", most=MOST_ANSWERS)
    row = my_visit(work, visit_id)
    digests = {w.digest for w in visit_queries.walked(work.session, [visit_id])[visit_id]}
    known = visit_queries.answers_by_id(work.session, [answer.id for answer in sent])
    current = visit_queries.current(visit_queries.answers(work.session, visit_id))
    facts = school_facts(work, row)
    given: dict[str, dict[str, Any]] = {digest: {} for digest in digests}
    for (digest, question), answer in current.items():
        given.setdefault(digest, {})[question] = answer.value
    gap = work.now - phone_now
    taken: list[Taken] = []
    rows: list[dict[str, Any]] = []
    for one in sent:
        try:
            body_hash = _body_hash(visit_id, one)
            if one.id in known:
                taken.append(_known(one.id, body_hash, *known[one.id]))
                continue
            value = _accept(work, row, one, digests, given, facts)
        except FieldcheckError as error:
            taken.append(Taken(one.id, "refused", error=error))
            continue
        given[one.checklist][one.question] = value
        rows.append(_row(work, visit_id, one, value, gap, device, app, body_hash))
        known[one.id] = (body_hash, work.now)
        taken.append(Taken(one.id, "stored", work.now))
    if rows:
        work.session.execute(insert(Answer), rows)
        begin_visit(work, row.visit, min(r["happened_at"] for r in rows))
        work.session.add(row.visit)
        work.record("answer.take", visit_id, answers={r["id"]: r["body_hash"] for r in rows})
    return tuple(taken)


def _known(answer_id: str, body_hash: str, stored_hash: str, received_at: datetime) -> Taken:
    if body_hash == stored_hash:
        return Taken(answer_id, "known", received_at)
    return Taken(answer_id, "refused", error=Conflict("id.reused"))


def _accept(
    work: Work,
    row: VisitRow,
    one: SentAnswer,
    digests: set[str],
    given: Mapping[str, Mapping[str, Any]],
    facts: Mapping[str, Any],
) -> Any:
    checked_id(one.id)
    if VisitState(row.visit.state) not in TAKES_ANSWERS:
        raise NotNow("visit.closed", state=row.visit.state)
    if one.checklist not in digests:
        raise NotFound("checklist.not_found")
    checklist = checklists.load(work, one.checklist)
    return accept_answer(checklist, given[one.checklist], one.question, one.value, facts)


def _row(
    work: Work,
    visit_id: str,
    one: SentAnswer,
    value: Any,
    gap: timedelta,
    device: str,
    app: str,
    body_hash: str,
) -> dict[str, Any]:
    place = one.place.checked()
    return {
        "id": one.id,
        "visit_id": visit_id,
        "digest": one.checklist,
        "question_id": one.question,
        "value": value,
        "given_at": one.given_at,
        "seen_at": one.seen_at,
        "happened_at": happened(one.given_at, gap),
        "received_at": work.now,
        "clock_gap_s": round(gap.total_seconds()),
        "device": device[:40],
        "app": app[:40],
        "lat": place.lat,
        "lon": place.lon,
        "accuracy": place.accuracy,
        "age": place.age,
        "no_place": place.no_place,
        "body_hash": body_hash,
    }


def happened(given_at: datetime, gap: timedelta) -> datetime:
    """Correct a phone's time by its clock's gap (server minus phone), when the gap is more than a network's delay."""
    return given_at + gap if abs(gap) > CLOCK_TOLERANCE else given_at


def _body_hash(visit_id: str, one: SentAnswer) -> str:
    place = one.place.checked()
    body = {
        "visit": visit_id,
        "checklist": one.checklist,
        "question": one.question,
        "value": one.value,
        "given_at": one.given_at.isoformat(),
        "seen_at": one.seen_at.isoformat() if one.seen_at else None,
        "place": [place.lat, place.lon, place.accuracy, place.age, place.no_place],
    }
    try:
        return custody.digest(body)
    except ValueError:
        raise Invalid("answer.not_finite", question=one.question) from None


@permits(Action.VISIT_WALK)
def submit(work: Work, visit_id: str, sent_id: str, submitted_at: datetime, phone_now: datetime) -> datetime:
    """Hand a visit in: nothing may be missing, then the rules judge. Gives when the server received it.

    Raises Invalid `visit.incomplete` with the list of what is missing; the visit stays as it was.
    """
    checked_id(sent_id)
    row = my_visit(work, visit_id)
    body_hash = custody.digest({"visit": visit_id, "submitted_at": submitted_at.isoformat()})
    before = work.session.get(Submission, sent_id)
    if before is not None:
        if before.body_hash != body_hash:
            raise Conflict("id.reused")
        return before.received_at
    state = move(VisitState(row.visit.state), VisitMove.SUBMIT)
    answers = visit_queries.current(visit_queries.answers(work.session, visit_id))
    photos = [p for p in visit_queries.photos(work.session, visit_id) if p.state != "refused"]
    _judge(work, row, {key: answer.value for key, answer in answers.items()}, photos)
    _mend(work, visit_id, answers, photos)
    visit = row.visit
    visit.state = state.value
    visit.submitted_at = happened(submitted_at, work.now - phone_now)
    visit.received_at = visit.updated_at = work.now
    work.session.add(visit)
    work.session.add(
        Submission(
            id=sent_id, visit_id=visit_id, submitted_at=submitted_at, received_at=work.now, body_hash=body_hash
        )
    )
    work.record("visit.submit", visit_id, submission=sent_id, photos=[p.sha256 for p in photos])
    return work.now


def _judge(
    work: Work, row: VisitRow, answers: Mapping[tuple[str, str], Any], photos: Sequence[Photo]
) -> None:
    facts = school_facts(work, row)
    walked = [w.digest for w in visit_queries.walked(work.session, [row.visit.id])[row.visit.id]]
    lacking: list[dict[str, str]] = []
    judged: dict[str, dict[str, Any]] = {}
    for digest in walked:
        checklist = checklists.load(work, digest)
        given = {question: value for (d, question), value in answers.items() if d == digest}
        counts: dict[str, int] = {}
        for photo in photos:
            if photo.digest == digest:
                counts[photo.question_id] = counts.get(photo.question_id, 0) + 1
        lacking += [
            {"checklist": digest, "question": m.question_id, "what": m.what}
            for m in missing(checklist, given, counts, facts)
        ]
        for finding in findings.judge(checklist, given, counts, facts):
            judged.setdefault(finding.code, _finding_row(work, row.visit.id, digest, finding))
    if lacking:
        raise Invalid("visit.incomplete", count=len(lacking), missing=lacking)
    work.session.execute(delete(FindingRow).where(col(FindingRow.visit_id) == row.visit.id))
    if judged:
        work.session.execute(insert(FindingRow), list(judged.values()))


def _finding_row(work: Work, visit_id: str, digest: str, finding: findings.Finding) -> dict[str, Any]:
    return {
        "id": work.new_id(),
        "visit_id": visit_id,
        "digest": digest,
        "code": finding.code,
        "severity": finding.severity.value,
        "nature": finding.nature.value,
        "title": dict(finding.title),
        "detail": {
            "legal_basis": list(finding.legal_basis),
            "responsible_body": finding.responsible_body,
            "escalate_to": finding.escalate_to,
            "deadline": {
                "value": finding.deadline.value,
                "unit": str(finding.deadline.unit),
                "basis": finding.deadline.basis,
            },
            "questions": list(finding.question_ids),
            "evidence_missing": list(finding.evidence_missing),
        },
        "judged_at": work.now,
    }


def _mend(
    work: Work, visit_id: str, answers: Mapping[tuple[str, str], Answer], photos: Sequence[Photo]
) -> None:
    for one in visit_queries.returns(work.session, [visit_id])[visit_id]:
        answer = answers.get((one.digest, one.question_id))
        fresh_photo = any(
            (p.digest, p.question_id) == (one.digest, one.question_id) and p.received_at > one.returned_at
            for p in photos
        )
        if one.mended_at is None and (fresh_photo or (answer is not None and answer.received_at > one.returned_at)):
            one.mended_at = work.now
            work.session.add(one)


@permits(Action.VISIT_WALK)
def stop(work: Work, visit_id: str, sent_id: str, at: datetime, reason: StopReason, note: str) -> VisitState:
    """End a visit early, for a reason that is a result in itself; what was recorded stays. Saying it again is fine."""
    checked_id(sent_id)
    visit = my_visit(work, visit_id).visit
    if visit.state == VisitState.STOPPED:
        return VisitState.STOPPED
    visit.state = move(VisitState(visit.state), VisitMove.STOP).value
    visit.stop_reason = reason.value
    visit.decision_note = note.strip()[:2000]
    visit.submitted_at = min(at, work.now)
    visit.received_at = visit.updated_at = work.now
    work.session.add(visit)
    work.record("visit.stop", visit_id, reason=reason.value, note=note.strip()[:2000])
    return VisitState.STOPPED
