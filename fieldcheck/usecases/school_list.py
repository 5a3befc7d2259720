"""The list of schools, a page at a time however many there are: a country has 7,687."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldcheck.domain.access import Action, Reach
from fieldcheck.storage import school_list_queries as listed
from fieldcheck.storage.school_list_queries import Wanted, Which
from fieldcheck.usecases.schools import Named, SchoolView, view
from fieldcheck.usecases.work import Work, permits

__all__ = ["ROWS", "Figures", "Page", "Which", "districts", "figures", "fitting", "page"]

ROWS = 50
#: Public functions that carry no lock of their own: other use-cases call them behind theirs, no door ever does.
INTERNAL = ("fitting",)


@dataclass(frozen=True)
class Figures:
    """How many schools there are within reach, how many have an accepted visit, and how many such visits there are.

    Visits are counted until *until*, all of them where it is None.
    """

    schools: int
    visited: int
    visits: int
    until: datetime | None


@dataclass(frozen=True)
class Page:
    """One page of the list."""

    rows: tuple[SchoolView, ...]
    total: int
    pages: int


@permits(Action.SCHOOL_LIST)
def figures(work: Work) -> Figures:
    """Count the schools within the actor's reach."""
    counted = listed.figures(work.session, work.reach(Action.SCHOOL_LIST))
    return Figures(*counted, work.counted_until(Action.SCHOOL_LIST))


@permits(Action.SCHOOL_LIST)
def page(work: Work, which: Which = Which.ALL, area: Sequence[str] = (), sought: str = "", page: int = 1) -> Page:
    """Give one page of the schools of an area, all or what fits *sought*; a page beyond the last is the last."""
    reach = work.reach(Action.SCHOOL_LIST)
    wanted = Wanted(which, tuple(area), fitting(work, reach, sought))
    total = listed.count(work.session, reach, wanted)
    pages = max(-(-total // ROWS), 1)
    first = (min(max(page, 1), pages) - 1) * ROWS
    rows = listed.page(work.session, reach, wanted, first, ROWS) if total else ()
    return Page(tuple(view(row, visits) for row, visits in rows), total, pages)


@permits(Action.SCHOOL_LIST)
def districts(work: Work, region: str) -> tuple[Named, ...]:
    """List the districts of a region that have schools within the actor's reach."""
    found = listed.districts(work.session, work.reach(Action.SCHOOL_LIST), region)
    return tuple(Named(id_, name) for id_, name in found)


def fitting(work: Work, reach: Reach, text: str) -> tuple[str, ...] | None:
    """Give the ids of schools whose name, district or id has *text* in it, in any language; None for no text."""
    wanted = text.casefold().strip()
    if not wanted:
        return None
    # The engine's own "lower" knows no Cyrillic on SQLite: the words are compared here.
    there = listed.names(work.session, reach)
    return tuple(
        id_ for id_, name, district in there if wanted in " ".join([id_, *name.values(), *district.values()]).casefold()
    )
