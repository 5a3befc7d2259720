"""The states and moves of a register entry, and what is due when.

    detected -> confirmed -> referred -> answered -> closed
        \\-> dismissed          |  ^________|  (referred again: redirected, or the answer did not suffice)
    closed and dismissed can be reopened, with a reason. A positive finding is noted and asks nothing of anyone.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays

from fieldcheck.domain.errors import Invalid, NotNow


class CaseState(StrEnum):
    """Where a register entry stands."""

    NOTED = "noted"
    DETECTED = "detected"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    REFERRED = "referred"
    ANSWERED = "answered"
    CLOSED = "closed"


class CaseMove(StrEnum):
    """What can be done with a register entry."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    REFER = "refer"
    EXTEND = "extend"
    ANSWER = "answer"
    MEASURE = "measure"
    CLOSE = "close"
    REOPEN = "reopen"
    #: Nobody makes this one: it follows when two signs that weigh more together stand confirmed at one school.
    JOIN = "join"


class Outcome(StrEnum):
    """How a closed entry ended (domain report, section 5.2)."""

    REMEDIED = "remedied"
    NOT_CONFIRMED = "not_confirmed"
    INSUFFICIENT = "insufficient"
    SANCTIONED = "sanctioned"


_C, _M = CaseState, CaseMove

MOVES: dict[tuple[CaseState, CaseMove], CaseState] = {
    (_C.DETECTED, _M.CONFIRM): _C.CONFIRMED,
    (_C.DETECTED, _M.DISMISS): _C.DISMISSED,
    (_C.CONFIRMED, _M.REFER): _C.REFERRED,
    (_C.CONFIRMED, _M.DISMISS): _C.DISMISSED,
    (_C.REFERRED, _M.REFER): _C.REFERRED,
    (_C.REFERRED, _M.EXTEND): _C.REFERRED,
    (_C.REFERRED, _M.ANSWER): _C.ANSWERED,
    (_C.ANSWERED, _M.MEASURE): _C.ANSWERED,
    (_C.ANSWERED, _M.REFER): _C.REFERRED,
    (_C.ANSWERED, _M.CLOSE): _C.CLOSED,
    (_C.CLOSED, _M.REOPEN): _C.CONFIRMED,
    (_C.DISMISSED, _M.REOPEN): _C.DETECTED,
}

#: Moves that nobody may make without saying why.
NEEDS_REASON = frozenset({_M.CONFIRM, _M.DISMISS, _M.EXTEND, _M.CLOSE, _M.REOPEN})
#: States in which something is still expected of somebody.
OPEN = frozenset({_C.DETECTED, _C.CONFIRMED, _C.REFERRED, _C.ANSWERED})

#: The agency looks at a new entry within three working days, at a critical one within a day (section 5.2, product).
#: What is due within so many working days is due soon.
SOON_DAYS = 3
TRIAGE_DAYS, TRIAGE_CRITICAL = 3, timedelta(hours=24)


def move(state: CaseState, what: CaseMove, reason: str | None = None) -> CaseState:
    """Give the state after *what*; raises NotNow `case.not_now`, or Invalid `case.reason_needed`."""
    after = MOVES.get((state, what))
    if after is None:
        raise NotNow("case.not_now", state=state.value, move=what.value)
    if what in NEEDS_REASON and not (reason or "").strip():
        raise Invalid("case.reason_needed", move=what.value)
    return after


def moves_from(state: CaseState) -> tuple[CaseMove, ...]:
    """List what can be done in *state*, in the order of the table."""
    return tuple(what for (start, what) in MOVES if start is state)


def is_working_day(day: date) -> bool:
    """Say whether *day* is worked in Kazakhstan (five-day week, national holidays with their moved days)."""
    return day.weekday() < 5 and day not in _holidays(day.year)


@lru_cache(maxsize=32)
def _holidays(year: int) -> frozenset[date]:
    """The calendar of one year, worked out once: it costs a millisecond, and every list of terms asks for it."""
    return frozenset(holidays.country_holidays("KZ", years=year))


def add_working_days(day: date, count: int) -> date:
    """Give the last day of a term of *count* working days; the day of the event is not counted (APPC art. 76)."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def due_on(start: datetime, value: int, unit: str) -> datetime | None:
    """Give when an answer is due (UTC), None when nothing is due.

    *unit* is working_days, calendar_days or hours. Terms in days end with the day; the zone is the caller's business:
    *start* is aware, and its own zone decides which day it is.
    """
    if value <= 0:
        return None
    if unit == "hours":
        return start + timedelta(hours=value)
    last = add_working_days(start.date(), value) if unit == "working_days" else start.date() + timedelta(days=value)
    return datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=start.tzinfo)


def working_days_left(today: date, due: date) -> int:
    """Count the working days after *today* until *due*, that day included; none when it is today or over."""
    return sum(is_working_day(today + timedelta(days=n)) for n in range(1, (due - today).days + 1))


def soon(now: datetime) -> datetime:
    """Give the end of the third working day from *now*, in its own zone: what is due by then wants looking at today."""
    day = add_working_days(now.date(), SOON_DAYS)
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=now.tzinfo)


def is_overdue(state: CaseState, due: datetime | None, now: datetime) -> bool:
    """Say whether somebody is late."""
    return state in OPEN and due is not None and now > due
