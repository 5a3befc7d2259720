"""The coordinator's list of visits: in heaps by what they need of her, a page at a time, however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldcheck.domain.access import Action
from fieldcheck.domain.safety import RESULTS
from fieldcheck.domain.visit import Heap, VisitState
from fieldcheck.storage import heap_queries, visit_queries
from fieldcheck.storage.heap_queries import Sought
from fieldcheck.storage.visit_queries import VisitRow
from fieldcheck.usecases import school_list
from fieldcheck.usecases.work import Work, permits

ROWS = 25


@dataclass(frozen=True)
class VisitLine:
    """A visit in the coordinator's list."""

    id: str
    state: VisitState
    school_id: str
    school_name: Mapping[str, str]
    district_name: Mapping[str, str]
    volunteer: str
    checklists: tuple[Mapping[str, str], ...]
    digests: tuple[str, ...]
    window_from: datetime
    window_to: datetime
    submitted_at: datetime | None
    stop_reason: str | None
    findings: Mapping[str, int]
    is_overdue: bool

    @property
    def ended_at_door(self) -> bool:
        """Whether it ended at the door, with a result like any other."""
        return self.stop_reason in RESULTS


@dataclass(frozen=True)
class Page:
    """One page of a heap; *counts* says how many lie on each heap, whatever is looked for."""

    rows: tuple[VisitLine, ...]
    total: int
    pages: int
    counts: Mapping[Heap, int]


@permits(Action.VISIT_LIST)
def visits(work: Work, states: Sequence[VisitState] = ()) -> tuple[VisitLine, ...]:
    """List the visits within the actor's reach, all of them, the latest window first."""
    return _lines(work, visit_queries.visits(work.session, work.reach(Action.VISIT_LIST), [s.value for s in states]))


@permits(Action.VISIT_LIST)
def counts(work: Work) -> Mapping[Heap, int]:
    """Count the visits within the actor's reach on each heap."""
    return heap_queries.counts(work.session, work.reach(Action.VISIT_LIST), work.now)


@permits(Action.VISIT_LIST)
def page(work: Work, heap: Heap, sought: str = "", page: int = 1) -> Page:
    """Give one page of a heap: all of it, or what fits *sought*; a page beyond the last is the last."""
    reach, looked_for = work.reach(Action.VISIT_LIST), _sought(work, sought)
    counted = heap_queries.counts(work.session, reach, work.now)
    total = counted.get(heap, 0)
    if looked_for is not None:
        total = heap_queries.count(work.session, reach, heap, work.now, looked_for)
    pages = max(-(-total // ROWS), 1)
    part = ((min(max(page, 1), pages) - 1) * ROWS, ROWS)
    rows = heap_queries.page(work.session, reach, heap, work.now, looked_for, part) if total else []
    return Page(_lines(work, rows), total, pages, counted)


def _sought(work: Work, text: str) -> Sought | None:
    """Take what somebody typed as schools (by name, district or id, in any language) and as a part of a code."""
    named = school_list.fitting(work, work.reach(Action.VISIT_LIST), text)
    return None if named is None else Sought(named, text.casefold().strip())


def _lines(work: Work, rows: Sequence[VisitRow]) -> tuple[VisitLine, ...]:
    """Show visits that a scoped look-up found as lines of a list."""
    ids = [row.visit.id for row in rows]
    walked = visit_queries.walked(work.session, ids)
    codes = visit_queries.codes(work.session, [row.visit.volunteer_id for row in rows])
    counts = visit_queries.finding_counts(work.session, ids)
    return tuple(
        VisitLine(
            id=row.visit.id,
            state=VisitState(row.visit.state),
            school_id=row.school.id,
            school_name=row.school.name,
            district_name=row.school.district_name,
            volunteer=codes[row.visit.volunteer_id],
            checklists=tuple(w.title for w in walked[row.visit.id]),
            digests=tuple(w.digest for w in walked[row.visit.id]),
            window_from=row.visit.window_from,
            window_to=row.visit.window_to,
            submitted_at=row.visit.submitted_at,
            stop_reason=row.visit.stop_reason,
            findings=counts.get(row.visit.id, {}),
            is_overdue=row.visit.state in ("assigned", "in_progress") and row.visit.window_to < work.now,
        )
        for row in rows
    )
