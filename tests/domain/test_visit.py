"""The moves of a visit: the whole table, and everything that is not in it."""

import pytest

from fieldcheck.domain.errors import NotNow
from fieldcheck.domain.visit import MOVES, OPEN, WRITABLE, VisitMove, VisitState, move


@pytest.mark.parametrize("state", list(VisitState))
@pytest.mark.parametrize("what", list(VisitMove))
def test_only_the_moves_of_the_table_are_made(state: VisitState, what: VisitMove) -> None:
    if (state, what) in MOVES:
        assert move(state, what) is MOVES[state, what]
    else:
        with pytest.raises(NotNow) as refusal:
            move(state, what)
        assert refusal.value.details == {"state": state.value, "move": what.value}


def test_what_was_decided_is_not_undone() -> None:
    ends = {VisitState.ACCEPTED, VisitState.REJECTED, VisitState.STOPPED, VisitState.WITHDRAWN}

    assert not [state for state, _ in MOVES if state in ends]
    assert not ends & OPEN


def test_a_sent_back_visit_can_be_answered_again() -> None:
    assert VisitState.RETURNED in WRITABLE
    assert move(VisitState.RETURNED, VisitMove.SUBMIT) is VisitState.SUBMITTED


def test_every_open_state_leads_somewhere() -> None:
    assert {state for state, _ in MOVES} >= OPEN
