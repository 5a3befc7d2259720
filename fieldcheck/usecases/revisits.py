"""Second visits: the register asks for one after each answer, the coordinator sends it, its result goes back.

Both sides stay blind. The coordinator reads a school, a checklist and days, never what the first visit found or what
the body answered. The agency reads what was seen, after the same delay as any entry; not who went, when, or whether
somebody is on the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fieldcheck.domain import release, revisit
from fieldcheck.domain.access import Action
from fieldcheck.domain.checklist import Nature, Words
from fieldcheck.domain.register import half_day
from fieldcheck.domain.revisit import SOON, Ripeness, Seen, Window
from fieldcheck.settings import ZONE
from fieldcheck.storage import programme_queries as programme
from fieldcheck.storage import revisit_queries, visit_queries
from fieldcheck.storage.tables import Case, ChecklistVersion, FindingRow, Revisit, School, Visit
from fieldcheck.usecases.work import Work, permits

#: Public functions that carry no lock of their own: other use-cases call them behind theirs, no door ever does.
INTERNAL = ("ask", "drop", "take_up", "settle", "of_case")


@dataclass(frozen=True)
class Wish:
    """A school to go to again: with which checklists (by digest, newest versions), and between which moments (UTC)."""

    school_id: str
    school_name: Words
    district_name: Words
    checklists: Mapping[str, Words]
    opens: datetime
    closes: datetime
    ripeness: Ripeness


@dataclass(frozen=True)
class RevisitSeen:
    """A second visit as the agency reads it: between which days it was asked for, and what it saw, once told."""

    opens: date
    closes: date
    seen: Seen | None


@permits(Action.VISIT_ASSIGN)
def wishes(work: Work) -> tuple[Wish, ...]:
    """List the schools that should be visited again and that nobody is sent to, the first window to end first."""
    rows = revisit_queries.waiting(work.session, work.reach(Action.VISIT_ASSIGN), work.now - SOON)
    newest = {row.checklist_id: row for row in programme.newest_checklists(work.session)}
    by_school: dict[str, list[tuple[Revisit, School]]] = {}
    for row, school in rows:
        if row.checklist_id in newest:
            by_school.setdefault(school.id, []).append((row, school))
    return tuple(_wish(there, newest, work.now) for there in by_school.values())


def _wish(there: Sequence[tuple[Revisit, School]], newest: Mapping[str, ChecklistVersion], now: datetime) -> Wish:
    school = there[0][1]
    sheets = {newest[row.checklist_id].digest: newest[row.checklist_id].title for row, _ in there}
    # One errand should serve all of them: it may begin when the last of them opens, unless another has ended by then.
    closes = min(row.closes_at for row, _ in there)
    opens = max([row.opens_at for row, _ in there if row.opens_at <= closes])
    ripeness = Window(opens, closes).ripeness(now)
    return Wish(school.id, school.name, school.district_name, sheets, opens, closes, ripeness)


def ask(work: Work, entry: Case, answered: date) -> None:
    """Ask for a second visit after an answer of that day; what an earlier answer asked for gives way."""
    finding = work.session.get(FindingRow, entry.finding_id)
    sheet = work.session.get(ChecklistVersion, finding.digest) if finding else None
    if entry.nature == Nature.POSITIVE or sheet is None:
        return
    drop(work, entry.id)
    when = revisit.window(answered, ZONE)
    row = Revisit(
        id=work.new_id(),
        case_id=entry.id,
        school_id=entry.school_id,
        region_id=entry.region_id,
        checklist_id=sheet.checklist_id,
        opens_at=when.opens,
        closes_at=when.closes,
        asked_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    days = {"opens": when.opens.date().isoformat(), "closes": when.closes.date().isoformat()}
    work.record("revisit.ask", entry.id, revisit=row.id, **days)


def drop(work: Work, case_id: str) -> None:
    """Ask no longer for a second visit that has not been walked; whoever is on her way walks on."""
    for row in revisit_queries.of_case(work.session, case_id):
        if row.seen is None:
            row.dropped_at = work.now
            work.session.add(row)
            work.record("revisit.drop", case_id, revisit=row.id)
    work.session.flush()


def take_up(work: Work, visit: Visit, checklist_ids: Sequence[str]) -> None:
    """Let a visit be the second one of whatever waits at its school for its checklists in its days."""
    for row, _who in revisit_queries.waiting_at(work.session, visit.school_id, checklist_ids):
        if Window(row.opens_at, row.closes_at).meets(visit.window_from, visit.window_to):
            row.visit_id = visit.id
            work.session.add(row)
            work.record("revisit.take_up", visit.id, revisit=row.id)


def settle(work: Work, visit_id: str) -> None:
    """Write down what an accepted visit says about the signs that it was to look at again."""
    meant = revisit_queries.meant(work.session, visit_id)
    if not meant:
        return
    found = {row.code for row in visit_queries.findings(work.session, visit_id)}
    given = visit_queries.current(visit_queries.answers(work.session, visit_id))
    visit = work.session.get(Visit, visit_id)
    began = visit.started_at if visit and visit.started_at else work.now
    week = release.week_of(half_day(began, ZONE))
    answers = {question: answer.value for (_digest, question), answer in given.items()}
    for row, entry, finding in meant:
        row.seen = revisit.seen(entry.code, finding.detail.get("questions", ()), found, answers).value
        row.told_at = release.told_from(work.now, work.settings.release.after, week, ZONE)
        work.session.add(row)
        work.record("revisit.settle", row.id, visit=visit_id, seen=row.seen)
    work.session.flush()


def of_case(work: Work, case_id: str) -> tuple[RevisitSeen, ...]:
    """Give the second visits of an entry as the agency may read them, the newest first."""
    return tuple(
        RevisitSeen(
            row.opens_at.astimezone(ZONE).date(),
            row.closes_at.astimezone(ZONE).date(),
            Seen(row.seen) if row.seen and row.told_at and row.told_at <= work.now else None,
        )
        for row in revisit_queries.of_case(work.session, case_id)
    )
