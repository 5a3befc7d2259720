"""Going again after a body has answered: when, by whom, and what a second visit says about the first.

The register asks for it, the coordinator sends it, and whoever walks it knows nothing of the first visit: she is
somebody else (requirement E-18) and reads the same briefing as anybody.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

#: A second visit is due this many days after the answer, not before and not after (domain report, section 5.2).
FIRST_DAY, LAST_DAY = 30, 90
#: A window with fewer days left than this runs out soon.
SOON = timedelta(days=14)
#: Of fewer second visits than this no share is told: one school more or less would turn it over.
LEAST_TO_TELL = 5


class Seen(StrEnum):
    """What a second visit says about a sign."""

    GONE = "gone"
    AGAIN = "again"
    UNCLEAR = "unclear"


class Ripeness(StrEnum):
    """How a wish for a second visit stands in time."""

    EARLY = "early"
    NOW = "now"
    SOON_OVER = "soon_over"
    MISSED = "missed"


@dataclass(frozen=True)
class Window:
    """From when until when a second visit counts."""

    opens: datetime
    closes: datetime

    def meets(self, begin: datetime, end: datetime) -> bool:
        """Say whether a visit that may be walked between these moments can count: it begins inside."""
        return self.opens <= begin <= self.closes and end > begin

    def ripeness(self, now: datetime) -> Ripeness:
        """Say how the window stands at *now*."""
        if now < self.opens:
            return Ripeness.EARLY
        if now > self.closes:
            return Ripeness.MISSED
        return Ripeness.SOON_OVER if self.closes - now < SOON else Ripeness.NOW


def window(answered: date, zone: tzinfo) -> Window:
    """Give the window after an answer of that day; *zone* is the programme's."""
    opens = datetime.combine(answered + timedelta(days=FIRST_DAY), time(), zone)
    return Window(opens, datetime.combine(answered + timedelta(days=LAST_DAY), time(23, 59, 59), zone))


def seen(code: str, questions: Iterable[str], found: Collection[str], answers: Mapping[str, Any]) -> Seen:
    """Say whether a sign is back: *found* are the second visit's codes, *questions* those the rule looks at.

    Gone means that somebody looked and did not find it. Where nobody could look, nothing is said.
    """
    if code in found:
        return Seen.AGAIN
    looked = [id_ for id_ in questions if answers.get(id_) not in (None, "na")]
    return Seen.GONE if looked else Seen.UNCLEAR


def share_gone(gone: int, looked: int) -> float | None:
    """Give the share of signs that were gone, or None while too few were looked at to say."""
    return gone / looked if looked >= LEAST_TO_TELL else None
