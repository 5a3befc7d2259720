"""What a coordinator should see to today, the most urgent first, and when it has waited too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from fieldcheck.domain.case import add_working_days

#: A handed-in visit is checked within so many working days; one with a critical finding the same day (section 5.2).
CHECK_DAYS = 2
#: A visit that nobody has begun this soon before its window ends may be missed.
RUNS_OUT = timedelta(hours=36)


class Need(StrEnum):
    """A kind of thing that waits for a coordinator, in the order of urgency."""

    ALARM = "alarm"
    NOT_OUT = "not_out"
    STOPPED = "stopped"
    CHECK = "check"
    LEFT_BEHIND = "left_behind"
    WINDOW_OVER = "window_over"
    WINDOW_SOON = "window_soon"
    RETURNED = "returned"
    AGAIN = "again"
    NOT_READY = "not_ready"


@dataclass(frozen=True)
class Waiting:
    """How many of a kind wait, how many of them too long, and since when the oldest."""

    need: Need
    count: int
    late: int = 0
    since: datetime | None = None


def check_due(handed_in: datetime, *, critical: bool, zone: tzinfo) -> datetime:
    """Give when a handed-in visit should have been checked: the end of the second working day, or of its own day."""
    day = handed_in.astimezone(zone)
    last = day.date() if critical else add_working_days(day.date(), CHECK_DAYS)
    return datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=zone)


def runs_out(window_to: datetime, now: datetime) -> bool:
    """Say whether a window ends soon and has not ended."""
    return now <= window_to <= now + RUNS_OUT


def in_order(found: list[Waiting]) -> tuple[Waiting, ...]:
    """Put what waits into the order of urgency; what nobody waits for is left out."""
    places = list(Need)
    return tuple(sorted((one for one in found if one.count), key=lambda one: places.index(one.need)))
