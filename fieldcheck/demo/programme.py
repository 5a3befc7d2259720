"""The demo's plan: how many visits come to which end, and when.

*scale* shrinks it for a test: fewer schools and visits, still every end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from fieldcheck.demo.ground import working_moment
from fieldcheck.demo.visits import Plan
from fieldcheck.domain.checklist import Checklist
from fieldcheck.usecases.schools import SchoolView

SCHOOLS = 60
PHOTOS = 120
_TEMPERS = ("mixed", "clean", "slight", "clean", "clean", "heavy", "clean", "slight", "clean", "mixed")
_STOPS = ("stopped:refused_entry", "stopped:recognised", "stopped:closed", "stopped:asked_id")
_DOUBTS = ("far", "recycled", "too_fast", "", "late_quote", "clock", "vague")
#: Which checklists go together on one visit; the website is looked at from home, alone.
_ERRANDS = (
    ("entrance_stands",), ("illegal_collections",), ("entrance_stands", "illegal_collections"), ("admission",),
    ("entrance_stands",), ("canteen_books_uniform",), ("website_remote",), ("teacher_hiring",),
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """How many visits come to each end."""

    early: int
    accepted: int
    mended: int
    rejected: int
    stopped: int
    withdrawn: int
    returned: int
    submitted: int
    in_progress: int
    assigned: int

    @property
    def schools(self) -> int:
        """How many schools that needs: an early visit's school is visited twice."""
        return sum((self.accepted, self.mended, self.rejected, self.stopped, self.returned, self.submitted)) + (
            self.withdrawn + self.in_progress + self.assigned + 1
        )


def counts(scale: float) -> Counts:
    """Say how many of each; at least one of everything."""
    full = (3, 22, 2, 2, 4, 2, 3, 7, 3, 6)
    return Counts(*(max(1, round(number * scale)) for number in full))


def plans(schools: Sequence[SchoolView], sheets: Sequence[Checklist], now: datetime, scale: float) -> Iterator[Plan]:
    """Plan every visit. *now* is in the programme's zone; *schools* are by id."""
    many, by_id = counts(scale), {sheet.id: sheet for sheet in sheets}
    queue = _Queue(schools, by_id)
    tempers, minutes = cycle(_TEMPERS), cycle((5, 40, 15, 55, 25, 35))

    def day(days: int, hour: int) -> datetime:
        return working_moment(now, days, hour, next(minutes))

    yield from _twice(queue, many.early, day)
    for place in range(many.accepted - many.early):
        ago = 42 - round(40 * (place / max(many.accepted - many.early - 1, 1)) ** 1.5)
        school, errand = queue.next()
        yield Plan(school, errand, day(ago, 9 + place % 6), "accepted", next(tempers))
    ends = [("mended", many.mended, 12), ("rejected", many.rejected, 16), ("withdrawn", many.withdrawn, 9)]
    for end, number, ago in ends:
        for place in range(number):
            school, errand = queue.next(site=True)
            oddity = "too_fast" if end == "rejected" else ""
            yield Plan(school, errand, day(ago + place, 10 + place), end, next(tempers), oddity)
    for place in range(many.stopped):
        school, errand = queue.next(site=True)
        yield Plan(school, errand, day(5 + 6 * place, 11), _STOPS[place % len(_STOPS)])
    for place in range(many.returned):
        school, errand = queue.next(site=True)
        yield Plan(school, errand, day(2 + place % 2, 12), "returned", "slight", who=place % 2)
    for place in range(many.submitted):
        school, errand = queue.next(site=True)
        oddity = _DOUBTS[place % len(_DOUBTS)]
        yield Plan(school, errand, day(1 + place % 2, 9 + place), "submitted", next(tempers), oddity)
    for place in range(many.in_progress):
        school, errand = queue.next(site=True)
        begun = min(day(0, 9 + place), now - timedelta(minutes=40 + 5 * place))
        yield Plan(school, errand, begun, "in_progress", "slight", who=place % 2)
    for place in range(many.assigned):
        school, errand = queue.next(site=place != 3)
        opens = (now + timedelta(days=place // 2)).replace(hour=10, minute=0, second=0, microsecond=0)
        yield Plan(school, errand, opens, "assigned", who=place % 4)


def _twice(queue: "_Queue", number: int, day: Callable[[int, int], datetime]) -> Iterator[Plan]:
    """Plan schools that were visited long ago and answered for: the first shows the sign again, the next do not.

    One more was answered for long enough ago, and nobody has gone a second time yet.
    """
    for place in range(number):
        school, errand = queue.next(site=True)
        yield Plan(school, errand, day(78 + 2 * place, 10), "accepted", "heavy")
        yield Plan(school, errand, day(6 + place, 14), "accepted", "clean" if place else "heavy")
    if number > 1:
        school, errand = queue.next(site=True)
        yield Plan(school, errand, day(80, 11), "accepted", "heavy")


class _Queue:
    """Gives schools one after the other, each with an errand that fits its ownership."""

    def __init__(self, schools: Sequence[SchoolView], sheets: dict[str, Checklist]) -> None:
        self.schools, self.sheets = iter(schools), sheets
        self.errands = cycle(_ERRANDS)

    def next(self, *, site: bool = False) -> tuple[SchoolView, tuple[Checklist, ...]]:
        """Give the next school and errand; *site* asks for one that is walked at the school."""
        school = next(self.schools)
        for names in self.errands:
            errand = tuple(self.sheets[name] for name in names)
            if all(school.ownership in sheet.applies_to for sheet in errand):
                if not (site and errand[0].mode == "remote"):
                    return school, errand
        raise AssertionError("some errand fits every school")
