"""The states and moves of a visit, as one table.

    assigned -> in_progress -> submitted -> accepted
                    ^              |  \\-> rejected
                    +-- returned <-+
    stopped (by the volunteer) and withdrawn (by the coordinator) end a visit early; what was recorded stays.
"""

from enum import StrEnum

from fieldcheck.domain.errors import NotNow


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
    OTHER = "other"


def move(state: VisitState, what: VisitMove) -> VisitState:
    """Give the state after *what*; raises NotNow `visit.not_now` when the table has no such move."""
    after = MOVES.get((state, what))
    if after is None:
        raise NotNow("visit.not_now", state=state.value, move=what.value)
    return after
