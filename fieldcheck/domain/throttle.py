"""How a door answers whoever keeps trying: slower and slower, then not at all for a while.

Arithmetic only: who knocks, and where the count is kept, is for others to know. A try is counted before it is judged,
so that many at once gain nothing; one that succeeds is forgiven.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limits:
    """How patient a door is: *free* failures cost nothing, then each wait is twice the last, then it is locked."""

    free: int = 3
    lock_after: int = 10
    lock_for: timedelta = timedelta(minutes=15)
    longest_wait: timedelta = timedelta(seconds=30)
    forget_after: timedelta = timedelta(hours=1)


@dataclass(frozen=True)
class Standing:
    """What is remembered of one who knocks."""

    failures: int
    last_at: datetime
    locked_until: datetime | None = None


def wait_after(limits: Limits, failures: int) -> timedelta:
    """Say how long the next try has to wait after this many failures."""
    doubled = failures - limits.free
    if doubled < 0:
        return timedelta()
    return min(timedelta(seconds=2 ** min(doubled, 20)), limits.longest_wait)


def remembered(limits: Limits, standing: Standing | None, now: datetime) -> Standing | None:
    """Give what still counts of *standing*: nothing after a time of peace, and after a lock only its slowness."""
    if standing is None:
        return None
    if standing.locked_until is not None:
        if standing.locked_until > now:
            return standing
        standing = Standing(min(standing.failures, limits.free), standing.locked_until)
    return standing if now - standing.last_at < limits.forget_after else None


def open_at(limits: Limits, standing: Standing | None, now: datetime) -> datetime:
    """Say from when on a try is let through; *now* when it is at once."""
    kept = remembered(limits, standing, now)
    if kept is None:
        return now
    if kept.locked_until is not None and kept.locked_until > now:
        return kept.locked_until
    wait = wait_after(limits, kept.failures)
    # Of many at once one may have been counted a moment later than this one was asked: that is no reason to wait.
    return max(now, kept.last_at + wait) if wait else now


def counted(limits: Limits, standing: Standing | None, now: datetime) -> Standing:
    """Count one more try that was let through; the one that makes the count full locks the door."""
    kept = remembered(limits, standing, now)
    failures, now = (kept.failures if kept else 0) + 1, max(now, kept.last_at) if kept else now
    return Standing(failures, now, now + limits.lock_for if failures >= limits.lock_after else None)


def forgiven(standing: Standing) -> Standing:
    """Take one try back that turned out to be right, and the lock that it may have made."""
    return Standing(max(standing.failures - 1, 0), standing.last_at)
