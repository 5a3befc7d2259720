"""The states and moves of a visit, as one table.

    assigned -> in_progress -> submitted -> accepted
                    ^              |  \\-> rejected
                    +-- returned <-+
    stopped (by the volunteer) and withdrawn (by the coordinator) end a visit early; what was recorded stays.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from fieldcheck.domain.errors import NotNow

G = TypeVar("G", bound="Given")


class VisitState(StrEnum):
    """Where a visit stands."""

    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"


class Heap(StrEnum):
    """On which of the coordinator's heaps a visit lies: what it needs of her."""

    SUBMITTED = "submitted"
    DOOR = "door"
    STOPPED = "stopped"
    OVERDUE = "overdue"
    UNDER_WAY = "under_way"
    DONE = "done"


class VisitMove(StrEnum):
    """What can happen to a visit."""

    BEGIN = "begin"
    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"
    REJECT = "reject"
    STOP = "stop"
    WITHDRAW = "withdraw"


_V, _M = VisitState, VisitMove

MOVES: dict[tuple[VisitState, VisitMove], VisitState] = {
    (_V.ASSIGNED, _M.BEGIN): _V.IN_PROGRESS,
    (_V.ASSIGNED, _M.STOP): _V.STOPPED,
    (_V.ASSIGNED, _M.WITHDRAW): _V.WITHDRAWN,
    (_V.IN_PROGRESS, _M.SUBMIT): _V.SUBMITTED,
    (_V.IN_PROGRESS, _M.STOP): _V.STOPPED,
    (_V.IN_PROGRESS, _M.WITHDRAW): _V.WITHDRAWN,
    (_V.SUBMITTED, _M.RETURN): _V.RETURNED,
    (_V.SUBMITTED, _M.ACCEPT): _V.ACCEPTED,
    (_V.SUBMITTED, _M.REJECT): _V.REJECTED,
    (_V.RETURNED, _M.SUBMIT): _V.SUBMITTED,
    (_V.RETURNED, _M.STOP): _V.STOPPED,
    (_V.RETURNED, _M.WITHDRAW): _V.WITHDRAWN,
}

#: States in which the volunteer may still write answers and photos.
WRITABLE = frozenset({_V.ASSIGNED, _V.IN_PROGRESS, _V.RETURNED})
#: States in which a visit still occupies its volunteer and its school.
OPEN = frozenset({_V.ASSIGNED, _V.IN_PROGRESS, _V.SUBMITTED, _V.RETURNED})


class StopReason(StrEnum):
    """Why a volunteer left early; each is a result, none costs her anything."""

    UNSAFE = "unsafe"
    RECOGNISED = "recognised"
    REFUSED_ENTRY = "refused_entry"
    CLOSED = "closed"
    ASKED_MONEY = "asked_money"
    ASKED_ID = "asked_id"
    ESCORTED = "escorted"
    OTHER = "other"


class Given(Protocol):
    """An answer as its order is weighed: from which phone, the how-manieth to come in, when it happened (UTC)."""

    @property
    def device(self) -> str:
        """The phone's own name for itself."""

    @property
    def ordinal(self) -> int:
        """The how-manieth answer of the visit to come in."""

    @property
    def happened_at(self) -> datetime:
        """When it was given, as far as the phone's clock can be trusted."""


def in_order(given: Iterable[G]) -> list[G]:
    """Put answers into the order in which they were given.

    One phone sends in the order of its taps, whatever its clock said meanwhile: within a phone the order of arrival
    holds. Between two phones the time decides, where a phone's time never runs backwards.
    """
    reached: dict[str, datetime] = {}
    placed: list[tuple[datetime, int, G]] = []
    for one in sorted(given, key=lambda one: one.ordinal):
        reached[one.device] = max(one.happened_at, reached.get(one.device, one.happened_at))
        placed.append((reached[one.device], one.ordinal, one))
    return [one for _, _, one in sorted(placed, key=lambda place: place[:2])]


def move(state: VisitState, what: VisitMove) -> VisitState:
    """Give the state after *what*; raises NotNow `visit.not_now` when the table has no such move."""
    after = MOVES.get((state, what))
    if after is None:
        raise NotNow("visit.not_now", state=state.value, move=what.value)
    return after
