"""The violations register: opening entries from an accepted visit, and finding entries again.

What leaves here is typed for the agency: a line has no field for the volunteer, her device, her minute or her place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from fieldcheck.domain import release
from fieldcheck.domain.access import Action
from fieldcheck.domain.case import CaseState, is_overdue
from fieldcheck.domain.checklist import Nature, Severity, Words
from fieldcheck.domain.errors import NotFound
from fieldcheck.domain.register import (
    OWN_BODY,
    REPEAT_WITHIN,
    CaseFilter,
    half_day,
    lots,
    number,
    number_prefix,
    raised,
    triage_due,
    words_of,
)
from fieldcheck.settings import ZONE
from fieldcheck.storage import case_search, database, visit_queries
from fieldcheck.storage import programme_queries as programme
from fieldcheck.storage import register_queries as register
from fieldcheck.storage.register_queries import Clock
from fieldcheck.storage.tables import Case, FindingRow, School, Visit
from fieldcheck.usecases import checklists
from fieldcheck.usecases.work import Work, permits

#: Public functions that carry no lock of their own: other use-cases call them behind theirs, no door ever does.
INTERNAL = ("open_cases", "every", "rename_school")


@dataclass(frozen=True)
class CaseLine:
    """An entry as the list shows it. *visited* is a half-day, a week, or empty where nothing is told."""

    id: str
    number: str
    school: Words
    district: Words
    region: str
    code: str
    title: Words
    severity: Severity
    nature: Nature
    state: CaseState
    restricted: bool
    visited: str
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    outcome: str | None
    closed_at: datetime | None
    repeat_of: str | None


@dataclass(frozen=True)
class Page:
    """One page of a filter's entries; *counts* is by state, as if the filter named no state."""

    rows: tuple[CaseLine, ...]
    total: int
    counts: Mapping[CaseState, int]
    page: int
    pages: int


@dataclass(frozen=True)
class Choices:
    """What a filter can name: regions, and the codes of the checklists in use."""

    regions: Mapping[str, Words]
    codes: Mapping[str, Words]


def open_cases(work: Work, visit_id: str) -> tuple[str, ...]:
    """Open an entry for each finding of an accepted visit that has none; gives the new numbers."""
    database.lock_chain(work.session)  # nobody else may draw a number while we do
    visit = work.session.get(Visit, visit_id)
    if visit is None:
        raise NotFound("visit.not_found")
    there = register.codes_open_for(work.session, visit_id)
    new = [row for row in visit_queries.findings(work.session, visit_id) if row.code not in there and _belongs(row)]
    school = work.session.get(School, visit.school_id)
    if not new or school is None:
        return ()
    since = work.now - REPEAT_WITHIN
    earlier = register.closed_since(work.session, school.id, [row.code for row in new], since)
    return tuple(_open(work, visit, school, row, earlier) for row in new)


def _free_number(work: Work, year: int, region: str) -> str:
    """Draw a number that nobody has; of the year in which the agency meets it."""
    drawn = lots(register.numbers_taken(work.session, number_prefix(year, region)))
    while True:
        given = number(year, region, work.chance.choice(drawn))
        if not register.is_taken(work.session, given):
            return given


def _belongs(row: FindingRow) -> bool:
    return bool(row.detail.get("responsible_body") != OWN_BODY)


def _open(work: Work, visit: Visit, school: School, row: FindingRow, earlier: Mapping[str, str]) -> str:
    positive, hold = row.nature == Nature.POSITIVE, work.settings.release
    repeat_of = None if positive else earlier.get(row.code)
    severity = raised(Severity(row.severity)) if repeat_of else Severity(row.severity)
    half = half_day(visit.started_at or visit.submitted_at or work.now, ZONE)
    around = register.visitors_around(work.session, school, release.bounds(half, ZONE))
    shown = release.shown_half(half, around, hold.least_visitors)
    released = release.released_at(work.now, hold.after, severity, shown, ZONE)
    given = _free_number(work, released.astimezone(ZONE).year, visit.region_id)
    entry = Case(
        id=work.new_id(),
        number=given,
        finding_id=row.id,
        school_id=school.id,
        region_id=visit.region_id,
        code=row.code,
        severity=severity.value,
        nature=row.nature,
        title=dict(row.title),
        state=(CaseState.NOTED if positive else CaseState.DETECTED).value,
        restricted=severity is Severity.CRITICAL,
        visited_half=half,
        visited_told=shown,
        opened_at=released,
        released_at=released,
        dated_at=work.now + hold.after,
        due_at=None if positive else triage_due(severity, released.astimezone(ZONE)),
        suggested_body_id=str(row.detail.get("responsible_body") or ""),
        repeat_of=repeat_of,
    )
    work.session.add(entry)
    work.session.flush()
    case_search.write(work.session, entry.id, _found_by(entry, school))
    if around >= hold.least_visitors:  # those who were the first in this half-day stand in the same crowd now
        register.tell_half(work.session, school, half)
    work.record("case.open", entry.id, number=given, finding=row.id, code=row.code, severity=severity.value)
    return given


def rename_school(work: Work, school: School) -> None:
    """Let the entries of a school whose name was corrected be found by the new one. For use-cases only."""
    for entry in register.of_school(work.session, school.id):
        case_search.write(work.session, entry.id, _found_by(entry, school))


def _found_by(entry: Case, school: School) -> tuple[str, ...]:
    """Give the words by which an entry is found: only what whoever may see the entry reads in it."""
    named = (*entry.title.values(), *school.name.values(), *school.district_name.values())
    return words_of(" ".join([entry.number, entry.code, *named]))


@permits(Action.CASE_LIST)
def entries(work: Work, wanted: CaseFilter) -> Page:
    """Give one page of the entries within reach; a page beyond the last is the last."""
    reach, clock = work.reach(Action.CASE_LIST), Clock(work.now, ZONE)
    wanted = wanted.bounded()
    counted = {CaseState(state): n for state, n in register.counts(work.session, reach, wanted, clock).items()}
    total = sum(n for state, n in counted.items() if not wanted.state or state in wanted.state)
    pages = max(-(-total // wanted.page_size), 1)
    wanted = replace(wanted, page=min(wanted.page, pages))
    rows = register.page(work.session, reach, wanted, clock) if total else ()
    return Page(tuple(line(row, school, work.now) for row, school in rows), total, counted, wanted.page, pages)


@permits(Action.CASE_LIST)
def choices(work: Work) -> Choices:
    """Give what a filter can name."""
    regions = register.regions_within(work.session, work.reach(Action.CASE_LIST))
    rules = [
        rule
        for row in programme.newest_checklists(work.session)
        for rule in checklists.load(work, row.digest).rules
        if rule.responsible_body != OWN_BODY
    ]
    return Choices(
        {region.id: region.name for region in regions},
        {rule.code: rule.title for rule in sorted(rules, key=lambda rule: rule.code)},
    )


@permits(Action.CASE_LIST)
def schools(work: Work, region: str) -> Mapping[str, Words]:
    """Give the schools of one region that stand in the register."""
    return dict(register.schools_with_cases(work.session, work.reach(Action.CASE_LIST), region))


def line(row: Case | Row[Any], school: School, now: datetime) -> CaseLine:
    """Show an entry as a line of the list."""
    state = CaseState(row.state)
    return CaseLine(
        id=row.id,
        number=row.number,
        school=school.name,
        district=school.district_name,
        region=row.region_id,
        code=row.code,
        title=row.title,
        severity=Severity(row.severity),
        nature=Nature(row.nature),
        state=state,
        restricted=row.restricted,
        visited=release.told(row.visited_told, row.dated_at, now),
        opened_at=row.opened_at,
        due_at=row.due_at,
        overdue=is_overdue(state, row.due_at, now),
        outcome=row.outcome,
        closed_at=row.closed_at,
        repeat_of=row.repeat_of,
    )


def every(work: Work, wanted: CaseFilter, limit: int) -> Iterator[CaseLine]:
    """Give all entries of a filter within the reach of an export, some at a time. For use-cases only."""
    reach = work.reach(Action.CASE_EXPORT)

    def lines() -> Iterator[CaseLine]:
        schools: dict[str, School] = {}
        for rows in register.every(work.session, reach, wanted, Clock(work.now, ZONE), limit):
            missing = {row.school_id for row in rows} - schools.keys()
            schools.update(register.schools_by_id(work.session, missing))
            yield from (line(row, schools[row.school_id], work.now) for row in rows)

    return lines()
