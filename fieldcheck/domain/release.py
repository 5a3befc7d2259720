"""When the agency sees a register entry, and how exactly it learns when the school was visited.

A delay parts what happens at a school from what the agency knows. A half-day is told only where several visitors were
around; else the week is, and of a critical entry, which waits for nobody, nothing before the delay is over.

A delay that is known is no delay: whoever sees an entry come in subtracts it and has the day. So what is told by its
week comes in when that week is over, all of it at one moment, and the moment at which an entry comes in is the only one
that the agency knows of its beginning.
"""

from datetime import date, datetime, time, timedelta, tzinfo

from fieldcheck.domain.checklist import Severity

#: What stands where the time of the visit is not told.
NOT_TOLD = ""


def released_at(opened: datetime, after: timedelta, severity: Severity, shown: str, zone: tzinfo) -> datetime:
    """Say when the agency may see an entry that will be *shown* as of a half-day or a week; a critical one at once."""
    return opened if severity is Severity.CRITICAL else told_from(opened, after, shown, zone)


def told_from(known: datetime, after: timedelta, shown: str, zone: tzinfo) -> datetime:
    """Say from when on something known since *known* is told: after the delay, and not before the week shown is over.

    What is known only after its week goes with the others of its day. An installation without a delay tells everything
    at once.
    """
    if not after or "/" in shown:
        return known + after
    year, week = shown.split("-W")
    over = datetime.combine(date.fromisocalendar(int(year), int(week), 7) + timedelta(days=1), time(), zone)
    midnight = datetime.combine(known.astimezone(zone).date() + timedelta(days=1), time(), zone)
    return max(over, midnight) + after


def week_over(now: datetime, after: timedelta, zone: tzinfo) -> datetime:
    """Give the end of the last week that has been over for as long as the delay: so far is counted by weeks."""
    day = (now - after).astimezone(zone).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(), zone)


def counted_until(now: datetime, after: timedelta, zone: tzinfo) -> datetime:
    """Say until when accepted visits are counted for whoever does not coordinate them; without a delay, until now."""
    return week_over(now, after, zone) if after else now


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

    A bare day of another week stays: it is a document's, and evidence. One of the visit's week is told by the week,
    whichever it is: were only the visit's own day kept back, its absence would name it.
    """
    if "/" in told_of_visit or ("/" not in said and week_of(said) != week_of(half)):
        return said
    return week_of(said) if told_of_visit else NOT_TOLD


def bounds(half: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Give the first moment of a half-day and the first one after it."""
    day, _, part = half.partition("/")
    start = datetime.combine(date.fromisoformat(day), time(12 if part == "pm" else 0), zone)
    return start, start + timedelta(hours=12)
