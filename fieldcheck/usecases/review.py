"""The coordinator's check of a submitted walk: see it whole, accept it, send it back, or set it aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from fieldcheck.domain import walk as walking
from fieldcheck.domain.access import Action
from fieldcheck.domain.checklist import Checklist, Question
from fieldcheck.domain.doubts import Doubt
from fieldcheck.domain.errors import Invalid, NotFound
from fieldcheck.domain.geo import Fix, Point, Verdict, distance
from fieldcheck.domain.safety import RESULTS
from fieldcheck.domain.visit import VisitMove, VisitState, move
from fieldcheck.storage import free_texts, visit_queries
from fieldcheck.storage.free_texts import SEALED
from fieldcheck.storage.tables import Answer, Photo, ReleasedText, Return
from fieldcheck.storage.visit_queries import VisitRow
from fieldcheck.usecases import checklists, presence, register, revisits, seasons, second_look, texts
from fieldcheck.usecases.cases import reference
from fieldcheck.usecases.sync import school_facts
from fieldcheck.usecases.work import Work, permits

LONGEST_REASON = 1000


@dataclass(frozen=True)
class PhotoView:
    """A photo as the coordinator checks it. *distance* in metres from the school, None without a position."""

    id: str
    state: str
    taken_at: datetime
    source: str
    distance: float | None
    claims: Mapping[str, Any]
    released: bool
    boxes: int | None = None
    confirmed: bool | None = None


@dataclass(frozen=True)
class AnswerView:
    """One question with what was answered. Times UTC; *distance* in metres from the school."""

    checklist: str
    question: Question
    value: Any
    given_at: datetime | None
    received_at: datetime | None
    seen_at: datetime | None
    distance: float | None
    accuracy: float | None
    age: float | None
    no_place: str | None
    photos: tuple[PhotoView, ...]
    returned: tuple[str, ...]
    mended: bool
    earlier: int
    #: Her own words, sealed since the visit was weighed; *released* is what the agency reads in their place.
    is_sealed: bool = False
    released: str | None = None


@dataclass(frozen=True)
class ChecklistWalk:
    """One checklist of the visit with its shown questions in order."""

    digest: str
    title: Mapping[str, str]
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True)
class FindingView:
    """What a rule said, before anybody stands behind it; *grounds* are the citations in words."""

    code: str
    severity: str
    nature: str
    title: Mapping[str, str]
    responsible_body: str
    grounds: tuple[Mapping[str, str], ...]
    questions: tuple[str, ...]
    evidence_missing: tuple[str, ...]


@dataclass(frozen=True)
class CheckView:
    """A submitted visit as the coordinator sees it: everything, and what to look at twice."""

    id: str
    state: VisitState
    school_id: str
    school_name: Mapping[str, str]
    address: Mapping[str, str]
    school_point: Point | None
    volunteer: str
    window_from: datetime
    window_to: datetime
    started_at: datetime | None
    submitted_at: datetime | None
    minutes_taken: float | None
    stop_reason: str | None
    note: str
    walks: tuple[ChecklistWalk, ...]
    findings: tuple[FindingView, ...]
    doubts: tuple[Doubt, ...]
    verdict: Verdict
    fixes: tuple[Fix, ...]

    @property
    def ended_at_door(self) -> bool:
        """Whether it ended at the door, with a result like any other."""
        return self.stop_reason in RESULTS


@permits(Action.VISIT_CHECK)
def check(work: Work, visit_id: str) -> CheckView:
    """Show one visit whole, with what to look at twice."""
    row = _row(work, visit_id)
    answers = visit_queries.answers(work.session, visit_id, texts.opener(work, row.visit.state))
    photos = visit_queries.photos(work.session, visit_id)
    sheets = [checklists.load(work, w.digest) for w in visit_queries.walked(work.session, [visit_id])[visit_id]]
    point = presence.point_of(row.school)
    fixes, verdict = presence.judge(answers, photos, point)
    started, ended = row.visit.started_at, row.visit.submitted_at
    return CheckView(
        id=visit_id,
        state=VisitState(row.visit.state),
        school_id=row.school.id,
        school_name=row.school.name,
        address=row.school.address,
        school_point=point,
        volunteer=visit_queries.codes(work.session, [row.visit.volunteer_id])[row.visit.volunteer_id],
        window_from=row.visit.window_from,
        window_to=row.visit.window_to,
        started_at=started,
        submitted_at=ended,
        minutes_taken=(ended - started).total_seconds() / 60 if started and ended else None,
        stop_reason=row.visit.stop_reason,
        note=free_texts.note_of(row.visit, work.texts) or row.visit.decision_note,
        walks=tuple(_walk(work, row, sheet, answers, photos) for sheet in sheets),
        findings=_findings(work, visit_id),
        doubts=second_look.doubts_about(work, row, sheets, answers, photos, (fixes, verdict)),
        verdict=verdict,
        fixes=fixes,
    )


def _row(work: Work, visit_id: str, *, lock: bool = False) -> VisitRow:
    row = visit_queries.visit(work.session, work.reach(Action.VISIT_CHECK), visit_id, lock=lock)
    if row is None:
        raise NotFound("visit.not_found")
    return row


def _walk(
    work: Work, row: VisitRow, sheet: Checklist, answers: Sequence[Answer], photos: Sequence[Photo]
) -> ChecklistWalk:
    mine = [a for a in answers if a.digest == sheet.digest]
    current = {question: a for (_, question), a in visit_queries.current(mine).items()}
    shown = walking.visible(sheet, {q: a.value for q, a in current.items()}, school_facts(work, row))
    returns = visit_queries.returns(work.session, [row.visit.id])[row.visit.id]
    sent_back = [r for r in returns if r.digest == sheet.digest]
    released = visit_queries.released_texts(work.session, row.visit.id)
    point = presence.point_of(row.school)
    return ChecklistWalk(
        sheet.digest,
        sheet.title,
        tuple(
            _answer(
                sheet.digest,
                question,
                current.get(question.id),
                sum(a.question_id == question.id for a in mine),
                [p for p in photos if (p.digest, p.question_id) == (sheet.digest, question.id)],
                [r for r in sent_back if r.question_id == question.id],
                point,
                released.get((sheet.digest, question.id)),
            )
            for question in shown
        ),
    )


def _answer(
    digest: str,
    question: Question,
    answer: Answer | None,
    times: int,
    photos: Sequence[Photo],
    sent_back: Sequence[Return],
    school: Point | None,
    released: str | None,
) -> AnswerView:
    is_sealed = answer is not None and answer.value is SEALED
    return AnswerView(
        checklist=digest,
        question=question,
        value=answer.value if answer and not is_sealed else None,
        given_at=answer.happened_at if answer else None,
        received_at=answer.received_at if answer else None,
        seen_at=answer.seen_at if answer else None,
        distance=_away(answer.lat, answer.lon, school) if answer else None,
        accuracy=answer.accuracy if answer else None,
        age=answer.age if answer else None,
        no_place=answer.no_place if answer else None,
        photos=tuple(
            PhotoView(
                p.id,
                p.state,
                p.taken_at,
                p.source,
                _away(p.lat, p.lon, school),
                p.claims or {},
                p.released,
                p.boxes,
                p.confirmed,
            )
            for p in photos
        ),
        returned=tuple(r.reason for r in sent_back),
        mended=bool(sent_back) and all(r.mended_at is not None for r in sent_back),
        earlier=max(times - 1, 0),
        is_sealed=is_sealed,
        released=released,
    )


def _away(lat: float | None, lon: float | None, school: Point | None) -> float | None:
    return distance(Point(lat, lon), school) if lat is not None and lon is not None and school else None


def _findings(work: Work, visit_id: str) -> tuple[FindingView, ...]:
    citations = reference(work.settings.checklists).citations
    return tuple(
        FindingView(
            row.code,
            row.severity,
            row.nature,
            row.title,
            row.detail["responsible_body"],
            tuple(citations[id_].cite if id_ in citations else {"en": id_} for id_ in row.detail["legal_basis"]),
            tuple(row.detail["questions"]),
            tuple(row.detail["evidence_missing"]),
        )
        for row in visit_queries.findings(work.session, visit_id)
    )


@permits(Action.VISIT_CHECK)
def send_back(work: Work, visit_id: str, reasons: Sequence[tuple[str, str, str]]) -> None:
    """Return a visit with a reason for each question: (checklist digest, question, reason)."""
    row = _row(work, visit_id, lock=True)
    if not reasons:
        raise Invalid("return.no_reason")
    digests = {w.digest for w in visit_queries.walked(work.session, [visit_id])[visit_id]}
    for digest, question, reason in reasons:
        if digest not in digests or question not in checklists.load(work, digest).by_id:
            raise NotFound("answer.unknown_question", question=question)
        if not reason.strip() or len(reason) > LONGEST_REASON:
            raise Invalid("return.reason", question=question, longest=LONGEST_REASON)
        work.session.add(
            Return(
                id=work.new_id(),
                visit_id=visit_id,
                digest=digest,
                question_id=question,
                reason=reason.strip(),
                returned_at=work.now,
            )
        )
    _decide(work, row, VisitMove.RETURN, "")
    work.record("visit.return", visit_id, questions=[question for _, question, _ in reasons])


@permits(Action.VISIT_CHECK)
def accept(
    work: Work,
    visit_id: str,
    released_photos: Sequence[str],
    words: Mapping[tuple[str, str], str],
    note: str = "",
) -> int:
    """Stand behind a visit: its findings enter the register; gives how many entries were opened.

    Only *released_photos* and *words* (by checklist digest and question, as the coordinator rewrote them) reach the
    agency; the volunteer's own words and all other photos stay sealed.
    """
    row = _row(work, visit_id, lock=True)
    _decide(work, row, VisitMove.ACCEPT, note)
    photos = {p.id for p in visit_queries.photos(work.session, visit_id) if p.state != "refused"}
    if not set(released_photos) <= photos:
        raise NotFound("photo.not_found")
    work.session.execute(update(Photo).where(col(Photo.id).in_(released_photos)).values(released=True))
    answered = visit_queries.current(visit_queries.answers(work.session, visit_id))
    for (digest, question), text in words.items():
        if (digest, question) not in answered:
            raise NotFound("answer.unknown_question", question=question)
        if text.strip():
            work.session.add(
                ReleasedText(
                    visit_id=visit_id, digest=digest, question_id=question, text=text.strip(), released_at=work.now
                )
            )
    work.record("visit.accept", visit_id, photos=sorted(released_photos), texts=len(words), note=note)
    work.session.flush()
    revisits.settle(work, visit_id)
    return len(register.open_cases(work, visit_id))


@permits(Action.VISIT_CHECK)
def set_aside(work: Work, visit_id: str, reason: str) -> None:
    """Reject a visit: nothing of it enters the register; the record of it stays."""
    row = _row(work, visit_id, lock=True)
    if not reason.strip():
        raise Invalid("visit.reason_needed")
    _decide(work, row, VisitMove.REJECT, reason)
    work.record("visit.reject", visit_id, reason=reason.strip())


def _decide(work: Work, row: VisitRow, what: VisitMove, note: str) -> None:
    row.visit.state = move(VisitState(row.visit.state), what).value
    row.visit.decision_note = note.strip()
    row.visit.decided_at = row.visit.updated_at = work.now
    row.visit.decided_by = work.actor.person_id
    work.session.add(row.visit)
    if row.visit.state != VisitState.RETURNED:
        seasons.end_if_over(work, row.visit.volunteer_id)
