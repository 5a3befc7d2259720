"""One entry of the register as the agency reads it: what was seen, on what ground, and what was done about it.

The view has no field for the volunteer. What could still point to her is made coarse here, before it is typed: moments
become half-days, positions become a verdict, her own words stay sealed unless the coordinator released a text.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from fieldcheck.domain import release
from fieldcheck.domain.access import Action
from fieldcheck.domain.case import CaseMove, CaseState, is_overdue, moves_from, working_days_left
from fieldcheck.domain.checklist import Checklist, Mode, Nature, Question, QuestionType, Severity, Words
from fieldcheck.domain.errors import NotFound
from fieldcheck.domain.geo import Presence
from fieldcheck.domain.reference import Confidence, Reference
from fieldcheck.domain.register import OWN_BODY, half_day
from fieldcheck.domain.response import latest_extension
from fieldcheck.settings import ZONE
from fieldcheck.storage import checklist_files, visit_queries
from fieldcheck.storage import programme_queries as programme
from fieldcheck.storage import register_queries as register
from fieldcheck.storage.tables import Answer, Body, Case, FindingRow, RecordEntry, Region, School
from fieldcheck.usecases import checklists, presence, revisits
from fieldcheck.usecases.case_views import AnswerSeen, CaseView, EventSeen, GroundSeen, LinkSeen, PhotoSeen, SchoolSeen
from fieldcheck.usecases.work import Work, permits


@permits(Action.CASE_LIST)
def read(work: Work, case_id: str) -> CaseView:
    """Give one entry within reach; a foreign one and a missing one look the same."""
    row = register.one(work.session, work.reach(Action.CASE_LIST), case_id)
    if row is None:
        raise NotFound("case.not_found")
    finding = _there(work.session.get(FindingRow, row.finding_id))
    checklist = checklists.load(work, finding.digest)
    state, today = CaseState(row.state), work.now.astimezone(ZONE).date()
    referral = register.last_referral(work.session, row.id)
    deadline = finding.detail.get("deadline") or {}
    return CaseView(
        id=row.id,
        number=row.number,
        today=today,
        code=row.code,
        title=row.title,
        checklist=checklist.title,
        checklist_version=checklist.version,
        school=_school(work, row),
        severity=Severity(row.severity),
        nature=Nature(row.nature),
        state=state,
        restricted=row.restricted,
        overdue=is_overdue(state, row.due_at, work.now),
        visited=release.told(row.visited_told, row.dated_at, work.now),
        presence=_presence(work, row, finding, checklist),
        opened_at=row.opened_at,
        due_at=row.due_at,
        days_left=working_days_left(today, row.due_at.astimezone(ZONE).date()) if row.due_at else 0,
        closed_at=row.closed_at,
        outcome=row.outcome,
        repeat_of=row.repeat_of,
        body=_body(work, row.body_id) if row.body_id else None,
        suggested_body=_body(work, row.suggested_body_id),
        suggested_body_id=row.suggested_body_id,
        term=(int(deadline.get("value", 0)), str(deadline.get("unit", "working_days"))),
        latest_extension=latest_extension(referral.dated.astimezone(ZONE).date())
        if referral and referral.dated
        else None,
        legal_basis=_grounds(work, finding),
        answers=_answers(work, row, finding, checklist),
        photos=_photos(work, finding, checklist),
        evidence_missing=_missing(finding, checklist),
        history=_history(work, row.id),
        chain=tuple(
            LinkSeen(datetime.fromisoformat(link.at), link.action, link.hash)
            for link in register.links(work.session, row.id)
            if _is_told(link, row)
        ),
        moves=moves_from(state),
        revisits=revisits.of_case(work, row.id),
    )


@permits(Action.CASE_EXPORT)
def letter(work: Work, case_id: str) -> CaseView:
    """Give an entry for a letter about it: it leaves the house, so the chain of custody records who took it."""
    view = read(work, case_id)
    work.record("case.letter", view.id)
    return view


@permits(Action.BODY_LIST)
def bodies(work: Work) -> Mapping[str, Words]:
    """List the bodies that an entry can be referred to today."""
    return {
        body.id: body.name
        for body in programme.bodies(work.session)
        if body.id != OWN_BODY and (body.valid_to is None or body.valid_to >= work.now)
    }


def _is_told(link: RecordEntry, row: Case) -> bool:
    """What was recorded before the agency saw the entry would tell, by its time and number, when it was accepted."""
    return datetime.fromisoformat(link.at) >= row.released_at - timedelta(milliseconds=1)


def _there(finding: FindingRow | None) -> FindingRow:
    if finding is None:
        raise NotFound("case.not_found")
    return finding


def _school(work: Work, row: Case) -> SchoolSeen:
    school, region = work.session.get(School, row.school_id), work.session.get(Region, row.region_id)
    if school is None or region is None:
        raise NotFound("case.not_found")
    return SchoolSeen(school.id, school.name, school.district_name, region.name, school.address, school.ownership)


def _body(work: Work, body_id: str) -> Words:
    body = work.session.get(Body, body_id)
    return body.name if body else {"en": body_id}


def _presence(work: Work, row: Case, finding: FindingRow, checklist: Checklist) -> Presence | None:
    """Say no more than how likely it is that the school was visited; a website needs no visit."""
    if checklist.mode is Mode.REMOTE:
        return None
    school = work.session.get(School, row.school_id)
    visit = finding.visit_id
    answers, photos = visit_queries.answers(work.session, visit), visit_queries.photos(work.session, visit)
    return presence.judge(answers, photos, presence.point_of(school))[1].presence


def _grounds(work: Work, finding: FindingRow) -> tuple[GroundSeen, ...]:
    citations = reference(work.settings.checklists).citations
    return tuple(
        GroundSeen(
            found.id,
            found.cite,
            found.gist,
            found.confidence.value,
            found.edition_seen,
            found.confidence is Confidence.RECALLED,
        )
        if (found := citations.get(id_))
        else GroundSeen(id_, {"en": id_}, {}, Confidence.RECALLED.value, "", wants_lawyer=True)
        for id_ in finding.detail.get("legal_basis", ())
    )


@lru_cache(maxsize=4)
def reference(folder: Path) -> Reference:
    """Read the reference data beside the checklists of *folder*, once a process. For use-cases only."""
    return checklist_files.read_folder(folder).reference


def _answers(work: Work, row: Case, finding: FindingRow, checklist: Checklist) -> tuple[AnswerSeen, ...]:
    given = visit_queries.current(visit_queries.answers(work.session, finding.visit_id))
    texts = visit_queries.released_texts(work.session, finding.visit_id)
    told = release.told(row.visited_told, row.dated_at, work.now)
    coarse = partial(release.as_coarse, half=row.visited_half, told_of_visit=told)
    looked_at = [(id_, given.get((finding.digest, id_))) for id_ in finding.detail.get("questions", ())]
    return tuple(
        _seen(checklist.by_id[id_], answer, texts.get((finding.digest, id_)), coarse)
        for id_, answer in looked_at
        if answer is not None and id_ in checklist.by_id and checklist.by_id[id_].type is not QuestionType.GEOPOINT
    )


def _seen(question: Question, answer: Answer, released: str | None, coarse: Callable[[str], str]) -> AnswerSeen:
    """Make one answer fit for the agency's eyes: everything not named here stays behind."""
    kind, value = question.type, answer.value
    if kind in (QuestionType.YES_NO_NA, QuestionType.SINGLE, QuestionType.MULTI):
        return AnswerSeen(question.text, kind, chosen=_chosen(question, value))
    if kind in (QuestionType.NUMBER, QuestionType.MONEY):
        return AnswerSeen(question.text, kind, figure=float(value), unit=question.unit)
    if kind is QuestionType.DATE:
        return AnswerSeen(question.text, kind, half=coarse(str(value)[:10]))
    if kind is QuestionType.DATETIME:
        return AnswerSeen(question.text, kind, half=coarse(half_day(datetime.fromisoformat(str(value)), ZONE)))
    if kind in (QuestionType.TEXT, QuestionType.QUOTE):
        return AnswerSeen(question.text, kind, text=released, sealed=released is None)
    return AnswerSeen(question.text, kind)


def _chosen(question: Question, value: Any) -> tuple[Words | str, ...]:
    words: Mapping[str, Words] = {option.id: option.words for option in question.options}
    picked = value if isinstance(value, list) else [value]
    return tuple(words.get(id_, id_) for id_ in picked)


def _photos(work: Work, finding: FindingRow, checklist: Checklist) -> tuple[PhotoSeen, ...]:
    wanted = set(finding.detail.get("questions", ()))
    rows = [
        row
        for row in visit_queries.photos(work.session, finding.visit_id)
        if row.released and row.digest == finding.digest and row.question_id in wanted
    ]
    return tuple(
        PhotoSeen(row.id, checklist.by_id[row.question_id].text) for row in rows if row.question_id in checklist.by_id
    )


def _missing(finding: FindingRow, checklist: Checklist) -> tuple[tuple[str, Words], ...]:
    """Name the evidence that is not there: its kind and its question, of alternatives the first."""
    needs = [name.split("|")[0].partition(":") for name in finding.detail.get("evidence_missing", ())]
    return tuple((kind, checklist.by_id[id_].text) for kind, _, id_ in needs if id_ in checklist.by_id)


def _history(work: Work, case_id: str) -> tuple[EventSeen, ...]:
    return tuple(
        EventSeen(
            at=row.at,
            by=code or "",
            move=CaseMove(row.move),
            state=CaseState(row.state),
            reason=row.reason,
            body=_body(work, row.body_id) if row.body_id else None,
            reference=row.reference,
            dated=row.dated.astimezone(ZONE).date() if row.dated else None,
            due_at=row.due_at,
            outcome=row.outcome,
            text=row.text,
        )
        for row, code in register.events(work.session, case_id)
    )
