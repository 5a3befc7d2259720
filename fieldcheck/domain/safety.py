"""Whether somebody on a visit should be called: when she must be out, and what she may tell from inside.

It knows no people and sends nothing; a coordinator is shown what it says, and calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fieldcheck.domain.visit import StopReason

#: How long after the longest visit somebody calls (requirement E-27).
GRACE = timedelta(minutes=20)
#: What can happen at the door and is a result of the visit like any other.
RESULTS = frozenset(
    {
        StopReason.REFUSED_ENTRY,
        StopReason.ASKED_ID,
        StopReason.ESCORTED,
        StopReason.ASKED_MONEY,
        StopReason.CLOSED,
    }
)


class Signal(StrEnum):
    """What a phone tells of its holder's safety."""

    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    RECOGNISED = "recognised"
    DURESS = "duress"


#: Those that somebody must see to; going in and out only moves the timer.
ALARMS = frozenset({Signal.RECOGNISED, Signal.DURESS})


@dataclass(frozen=True)
class Told:
    """One signal and when it was given (UTC)."""

    kind: Signal
    at: datetime


def must_be_out(started_at: datetime | None, told: Sequence[Told], minutes: int) -> datetime | None:
    """Give when somebody should call; None while nobody is inside, or where nothing says how long a visit lasts.

    The start of a visit is a check-in; a later one begins the time anew, a check-out ends it.
    """
    entered = started_at
    for one in sorted(told, key=lambda one: one.at):
        if one.kind is Signal.CHECK_IN:
            entered = one.at
        elif one.kind is Signal.CHECK_OUT:
            entered = None
    if entered is None or minutes <= 0:
        return None
    return entered + timedelta(minutes=minutes) + GRACE
