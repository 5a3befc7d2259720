"""Working an entry of the register: confirming, referring, writing down answers and measures, closing.

Every move names the state that its reader saw. When somebody else was quicker, the move is refused and nothing changes:
two reviewers can look at one entry, only one of them decides.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from fieldcheck.domain.access import Action
from fieldcheck.domain.case import CaseMove, CaseState, Outcome, due_on, move
from fieldcheck.domain.checklist import Nature, Severity
from fieldcheck.domain.errors import Conflict, Invalid, NotFound
from fieldcheck.domain.register import OWN_BODY, triage_due
from fieldcheck.domain.response import Measure, Reply, latest_extension, needs_more_ground
from fieldcheck.settings import ZONE
from fieldcheck.storage import register_queries as register
from fieldcheck.storage.tables import Body, Case, CaseEvent, FindingRow
from fieldcheck.usecases import cases, revisits
from fieldcheck.usecases.work import Work, permits

LONGEST_TEXT, LONGEST_REFERENCE = 4000, 80


@permits(Action.CASE_WORK)
def confirm(work: Work, case_id: str, reason: str, *, seen: CaseState) -> None:
    """Stand behind a finding: two people now do."""
    entry, after = _begin(work, case_id, seen, CaseMove.CONFIRM, reason)
    _finish(work, entry, CaseMove.CONFIRM, after, reason=reason)
    _join(work, entry)


@permits(Action.CASE_WORK)
def dismiss(work: Work, case_id: str, reason: str, *, seen: CaseState) -> None:
    """Say why a finding does not stand; nothing is expected of anybody any more."""
    entry, after = _begin(work, case_id, seen, CaseMove.DISMISS, reason)
    entry.due_at = None
    _finish(work, entry, CaseMove.DISMISS, after, reason=reason)


@permits(Action.CASE_WORK)
def refer(
    work: Work, case_id: str, body_id: str, reference: str, dated: date, note: str = "", *, seen: CaseState
) -> None:
    """Send an entry to the body that can put it right; the rule's term runs from the letter's day."""
    entry, after = _begin(work, case_id, seen, CaseMove.REFER, note)
    body = work.session.get(Body, body_id)
    if body is None or body.id == OWN_BODY or (body.valid_to is not None and body.valid_to < work.now):
        raise Invalid("case.body_unknown", body=body_id)
    _check_letter(work, reference, dated, entry.opened_at)
    revisits.drop(work, entry.id)  # an answer that did not suffice is no answer: the next one asks anew
    entry.body_id = body.id
    entry.due_at = _term(work, entry, dated)
    _finish(
        work,
        entry,
        CaseMove.REFER,
        after,
        body_id=body.id,
        reference=reference.strip(),
        dated=_at(dated),
        due_at=entry.due_at,
        text=note,
    )


@permits(Action.CASE_WORK)
def extend(work: Work, case_id: str, reason: str, due: date, *, seen: CaseState) -> None:
    """Put the answer's day off, at most two months from the referral (APPC art. 76)."""
    entry, after = _begin(work, case_id, seen, CaseMove.EXTEND, reason)
    referral = register.last_referral(work.session, entry.id)
    since = referral.dated if referral and referral.dated else entry.opened_at
    latest = latest_extension(since.astimezone(ZONE).date())
    earliest = (entry.due_at or work.now).astimezone(ZONE).date()
    if not earliest < due <= latest:
        raise Invalid("case.due_out_of_bounds", earliest=earliest.isoformat(), latest=latest.isoformat())
    entry.due_at = datetime.combine(due, time(23, 59, 59), ZONE)
    _finish(work, entry, CaseMove.EXTEND, after, reason=reason, due_at=entry.due_at)


@permits(Action.CASE_WORK)
def answer(work: Work, case_id: str, reference: str, dated: date, text: str, reply: Reply, *, seen: CaseState) -> None:
    """Write down what the body answered."""
    entry, after = _begin(work, case_id, seen, CaseMove.ANSWER, text)
    referral = register.last_referral(work.session, entry.id)
    _check_letter(work, reference, dated, referral.dated if referral and referral.dated else entry.opened_at)
    _check_said(text)
    entry.due_at = None
    _finish(
        work,
        entry,
        CaseMove.ANSWER,
        after,
        body_id=entry.body_id,
        reference=reference.strip(),
        dated=_at(dated),
        outcome=reply.value,
        text=text,
    )
    revisits.ask(work, entry, dated)


@permits(Action.CASE_WORK)
def measure(work: Work, case_id: str, text: str, kind: Measure, *, seen: CaseState) -> None:
    """Write down one measure that was taken."""
    entry, after = _begin(work, case_id, seen, CaseMove.MEASURE, text)
    _check_said(text)
    _finish(work, entry, CaseMove.MEASURE, after, outcome=kind.value, text=text)


@permits(Action.CASE_WORK)
def close(work: Work, case_id: str, outcome: Outcome, reason: str, document: str = "", *, seen: CaseState) -> None:
    """End an entry. A sanction for something grave needs a document, or the sign seen again (E-22)."""
    entry, after = _begin(work, case_id, seen, CaseMove.CLOSE, reason)
    if len(document) > LONGEST_REFERENCE:
        raise Invalid("case.reference_needed", longest=LONGEST_REFERENCE)
    # Only what the reviewer is told anyway may decide: whether other visits were by somebody else is not hers to learn.
    told = [one.seen for one in revisits.of_case(work, entry.id)]
    if needs_more_ground(outcome, Severity(entry.severity), told, document):
        raise Invalid("case.second_confirmation_needed")
    if outcome is Outcome.NOT_CONFIRMED:
        revisits.drop(work, entry.id)
    entry.outcome, entry.closed_at, entry.due_at = outcome.value, work.now, None
    _finish(work, entry, CaseMove.CLOSE, after, reason=reason, outcome=outcome.value, reference=document.strip())


@permits(Action.CASE_WORK)
def reopen(work: Work, case_id: str, reason: str, *, seen: CaseState) -> None:
    """Take an entry up again that was closed or dismissed."""
    entry, after = _begin(work, case_id, seen, CaseMove.REOPEN, reason)
    entry.outcome, entry.closed_at = None, None
    entry.due_at = triage_due(Severity(entry.severity), work.now.astimezone(ZONE))
    _finish(work, entry, CaseMove.REOPEN, after, reason=reason)


def _join(work: Work, entry: Case) -> None:
    """Raise two signs that weigh more together, now that both stand confirmed at one school; each says so."""
    pairs = {
        other: found.nature
        for found in cases.reference(work.settings.checklists).joined.values()
        if (other := found.other(entry.code))
    }
    for partner in register.confirmed_partners(work.session, work.reach(Action.CASE_WORK), entry, pairs):
        for one, with_ in ((entry, partner), (partner, entry)):
            if one.nature == Nature.INDICATOR:
                one.nature = pairs[partner.code]
                _finish(work, one, CaseMove.JOIN, CaseState(one.state), reference=with_.number)


def _begin(work: Work, case_id: str, seen: CaseState, what: CaseMove, said: str) -> tuple[Case, CaseState]:
    """Fetch the entry and judge the move: within reach, not changed by others, in the table, with its reason."""
    entry = register.one(work.session, work.reach(Action.CASE_WORK), case_id, to_change=True)
    if entry is None:
        raise NotFound("case.not_found")
    if entry.state != seen.value:
        raise Conflict("case.changed", state=entry.state)
    if len(said) > LONGEST_TEXT:
        raise Invalid("case.text_too_long", longest=LONGEST_TEXT)
    return entry, move(CaseState(entry.state), what, said)


def _finish(work: Work, entry: Case, what: CaseMove, after: CaseState, **said: Any) -> None:
    """Write the entry, what was done to it, and its record, together."""
    entry.state = after.value
    said = {key: value.strip() if isinstance(value, str) else value for key, value in said.items()}
    last = register.last_event_at(work.session, entry.id)
    at = max(work.now, last + timedelta(microseconds=1)) if last else work.now  # moves of one instant keep their order
    event = CaseEvent(
        id=work.new_id(),
        case_id=entry.id,
        at=at,
        by=work.actor.person_id,
        move=what.value,
        state=after.value,
        **said,
    )
    work.session.add_all([entry, event])
    work.session.flush()
    told = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in said.items()}
    work.record(Action.CASE_WORK, entry.id, event=event.id, move=what.value, state=after.value, **told)


def _term(work: Work, entry: Case, dated: date) -> datetime | None:
    finding = work.session.get(FindingRow, entry.finding_id)
    deadline = (finding.detail.get("deadline") if finding else None) or {}
    unit = str(deadline.get("unit", "working_days"))
    start = work.now if unit == "hours" else datetime.combine(dated, time(12), ZONE)
    return due_on(start, int(deadline.get("value", 0)), unit)


def _check_letter(work: Work, reference: str, dated: date, not_before: datetime) -> None:
    if not reference.strip() or len(reference) > LONGEST_REFERENCE:
        raise Invalid("case.reference_needed", longest=LONGEST_REFERENCE)
    first, today = not_before.astimezone(ZONE).date(), work.now.astimezone(ZONE).date()
    if not first <= dated <= today:
        raise Invalid("case.date_wrong", first=first.isoformat(), today=today.isoformat())


def _check_said(text: str) -> None:
    if not text.strip():
        raise Invalid("case.text_needed")


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
