"""When the agency sees a register entry, and how exactly it learns when the school was visited.

A delay parts what happens at a school from what the agency knows. A half-day is told only where several visitors were
around; else the week is, and of a critical entry, which waits for nobody, nothing before the delay is over.
"""

from datetime import date, datetime, time, timedelta, tzinfo

from fieldcheck.domain.checklist import Severity

#: What stands where the time of the visit is not told.
NOT_TOLD = ""


def released_at(opened: datetime, after: timedelta, severity: Severity) -> datetime:
    """Say when the agency may see an entry: after the delay, a critical one at once."""
    return opened if severity is Severity.CRITICAL else opened + after


def shown_half(half: str, visitors: int, least: int) -> str:
    """Give the half-day ("2026-09-14/am") where at least *least* visitors were around, else its week ("2026-W38")."""
    return half if visitors >= least else week_of(half)


def week_of(half: str) -> str:
    """Give the week of a day or a half-day."""
    year, week, _ = date.fromisoformat(half[:10]).isocalendar()
    return f"{year}-W{week:02}"


def told(shown: str, dated_at: datetime, now: datetime) -> str:
    """Give when the school was visited as it may be told *now*."""
    return shown if dated_at <= now else NOT_TOLD


def as_coarse(said: str, half: str, told_of_visit: str) -> str:
    """Make a half-day or day that an answer names no more exact than what is told of the visit at *half*.

    A bare day that is not the visit's stays: it is a document's, and evidence.
    """
    if "/" in told_of_visit or ("/" not in said and said != half[:10]):
        return said
    return week_of(said) if told_of_visit else NOT_TOLD


def bounds(half: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Give the first moment of a half-day and the first one after it."""
    day, _, part = half.partition("/")
    start = datetime.combine(date.fromisoformat(day), time(12 if part == "pm" else 0), zone)
    return start, start + timedelta(hours=12)
