"""How a visit ends on the phone: it is handed in and judged, or stopped early, for a reason that is a result in itself.

As with answers (`sync.py`), the same word under the same id gets the same answer again and changes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fieldcheck.domain import custody, findings
from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Conflict, Invalid
from fieldcheck.domain.visit import StopReason, VisitMove, VisitState, move
from fieldcheck.domain.walk import missing
from fieldcheck.storage import erasing, intake
from fieldcheck.storage.free_texts import put_note
from fieldcheck.storage.intake import Here
from fieldcheck.usecases import checklists, sync
from fieldcheck.usecases.work import Work, permits


@permits(Action.VISIT_WALK)
def submit(work: Work, visit_id: str, sent_id: str, submitted_at: datetime, phone_now: datetime) -> datetime:
    """Hand a visit in: nothing may be missing, then the rules judge. Gives when the server received it.

    Raises Invalid `visit.incomplete` with the list of what is missing; the visit stays as it was.
    """
    sync.checked_id(sent_id)
    visit = sync.held(work, visit_id)
    body_hash = custody.digest({"visit": visit_id, "submitted_at": submitted_at.isoformat()})
    before = intake.submission(work.session, sent_id)
    if before is not None:
        if before[0] != body_hash:
            raise Conflict("id.reused")
        return before[1]
    state = move(VisitState(visit.state), VisitMove.SUBMIT)
    answers = intake.current(intake.answers(work.session, visit_id, work.texts))
    photos = intake.photos(work.session, visit_id)
    _judge(work, visit, {key: value for key, (value, _) in answers.items()}, [photo[:2] for photo in photos])
    _mend(work, visit_id, answers, photos)
    intake.submitted(
        work.session, visit_id, state.value, sync.happened(submitted_at, work.now - phone_now), work.now
    )
    row = {"id": sent_id, "visit_id": visit_id, "submitted_at": submitted_at, "received_at": work.now}
    intake.add(work.session, "submission", [{**row, "body_hash": body_hash}])
    work.record("visit.submit", visit_id, submission=sent_id, photos=[sha256 for _, _, sha256, _ in photos])
    return work.now


def _judge(
    work: Work, visit: Here, answers: Mapping[tuple[str, str], Any], photos: Sequence[tuple[str, str]]
) -> None:
    lacking: list[dict[str, str]] = []
    judged: dict[str, dict[str, Any]] = {}
    for digest in visit.digests:
        checklist = checklists.load(work, digest)
        given = {question: value for (d, question), value in answers.items() if d == digest}
        counts = Counter(question for d, question in photos if d == digest)
        lacking += [
            {"checklist": digest, "question": m.question_id, "what": m.what}
            for m in missing(checklist, given, counts, visit.facts)
        ]
        for finding in findings.judge(checklist, given, counts, visit.facts):
            judged.setdefault(finding.code, _finding_row(work, visit.id, digest, finding))
    if lacking:
        raise Invalid("visit.incomplete", count=len(lacking), missing=lacking)
    intake.forget_findings(work.session, visit.id)
    intake.add(work.session, "finding", list(judged.values()))


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
    work: Work,
    visit_id: str,
    answers: Mapping[tuple[str, str], tuple[Any, datetime]],
    photos: Sequence[tuple[str, str, str, datetime]],
) -> None:
    fresh = {(digest, question): received for digest, question, _, received in photos}
    mended = [
        id_
        for id_, digest, question, returned_at in intake.open_returns(work.session, visit_id)
        if _since(fresh.get((digest, question)), returned_at)
        or _since(answers.get((digest, question), (None, None))[1], returned_at)
    ]
    intake.mended(work.session, mended, work.now)


def _since(received: datetime | None, returned_at: datetime) -> bool:
    return received is not None and received > returned_at


@permits(Action.VISIT_WALK)
def stop(work: Work, visit_id: str, sent_id: str, at: datetime, reason: StopReason, note: str) -> VisitState:
    """End a visit early, for a reason that is a result in itself; what was recorded stays. Saying it again is fine."""
    sync.checked_id(sent_id)
    visit = sync.my_visit(work, visit_id).visit
    if visit.state == VisitState.STOPPED:
        # The word about it may come after her, when she is away and has the time.
        if note.strip() and visit.note_sealed is None and not erasing.is_erased(work.session, visit_id):
            said = put_note(visit, note.strip()[:2000], work.texts)
            visit.updated_at = work.now
            work.session.add(visit)
            work.record("visit.word", visit_id, note=said)
        return VisitState.STOPPED
    if visit.state == VisitState.WITHDRAWN:
        # Called off while she was there with no network: it stays called off, and why she left is kept with it, once.
        if visit.stop_reason is None and not erasing.is_erased(work.session, visit_id):
            visit.stop_reason = reason.value
            visit.updated_at = work.now
            work.session.add(visit)
            said = put_note(visit, note.strip()[:2000], work.texts)
            work.record("visit.stop", visit_id, reason=reason.value, note=said)
        return VisitState.WITHDRAWN
    visit.state = move(VisitState(visit.state), VisitMove.STOP).value
    visit.stop_reason = reason.value
    said = put_note(visit, note.strip()[:2000], work.texts)
    visit.submitted_at = min(at, work.now)
    visit.received_at = visit.updated_at = work.now
    work.session.add(visit)
    work.record("visit.stop", visit_id, reason=reason.value, note=said)
    return VisitState.STOPPED
