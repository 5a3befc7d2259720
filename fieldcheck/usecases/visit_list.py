"""The coordinator's list of visits: in heaps by what they need of her, a page at a time, however many there are."""

from collections.abc import Mapping
from dataclasses import dataclass

from fieldcheck.domain.access import Action
from fieldcheck.domain.visit import Heap
from fieldcheck.storage import heap_queries
from fieldcheck.storage.heap_queries import Sought
from fieldcheck.usecases import review, school_list
from fieldcheck.usecases.review import VisitLine
from fieldcheck.usecases.work import Work, permits

ROWS = 25


@dataclass(frozen=True)
class Page:
    """One page of a heap; *counts* says how many lie on each heap, whatever is looked for."""

    rows: tuple[VisitLine, ...]
    total: int
    pages: int
    counts: Mapping[Heap, int]


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
    return Page(review.lines_of(work, rows), total, pages, counted)


def _sought(work: Work, text: str) -> Sought | None:
    """Take what somebody typed as schools (by name, district or id, in any language) and as a part of a code."""
    named = school_list.fitting(work, work.reach(Action.VISIT_LIST), text)
    return None if named is None else Sought(named, text.casefold().strip())
