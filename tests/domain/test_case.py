"""The states of a register entry, its terms in working days, and what a filter and a number are."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldcheck.domain.case import (
    MOVES,
    NEEDS_REASON,
    OPEN,
    CaseMove,
    CaseState,
    Outcome,
    add_working_days,
    due_on,
    is_overdue,
    is_working_day,
    move,
    moves_from,
)
from fieldcheck.domain.checklist import Nature, Severity
from fieldcheck.domain.errors import Invalid, NotNow
from fieldcheck.domain.register import CaseFilter, Order, half_day, number, raised, triage_due
from fieldcheck.domain.response import latest_extension, needs_more_ground
from fieldcheck.domain.revisit import Seen
from fieldcheck.settings import ZONE

MONDAY = datetime(2026, 9, 14, 10, 0, tzinfo=ZONE)
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


# Refusals


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("what", CaseMove)
def test_only_the_moves_of_the_table_are_made(state: CaseState, what: CaseMove) -> None:
    if (state, what) in MOVES:
        assert move(state, what, "why") is MOVES[state, what]
    else:
        with pytest.raises(NotNow, match=r"case\.not_now"):
            move(state, what, "why")


@pytest.mark.parametrize(("state", "what"), [pair for pair in MOVES if pair[1] in NEEDS_REASON])
@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_what_needs_a_reason_is_not_done_without(state: CaseState, what: CaseMove, reason: str | None) -> None:
    with pytest.raises(Invalid, match=r"case\.reason_needed"):
        move(state, what, reason)


# The table


def test_a_noted_entry_goes_nowhere_and_every_other_has_a_way_on() -> None:
    stuck = [state for state in CaseState if not moves_from(state)]

    assert stuck == [CaseState.NOTED]


def test_every_open_entry_can_be_brought_to_an_end() -> None:
    ended = {CaseState.CLOSED, CaseState.DISMISSED}
    reaches = {state: {after for (start, _), after in MOVES.items() if start is state} for state in CaseState}
    for _round in CaseState:
        reaches = {state: found.union(*(reaches[next_] for next_ in found)) for state, found in reaches.items()}

    assert all(reaches[state] & ended for state in OPEN)


# Terms


def test_a_term_skips_weekends_and_holidays() -> None:
    # 25 October 2026, Republic Day, is a Sunday: Monday the 26th is off instead
    assert add_working_days(date(2026, 10, 23), 1) == date(2026, 10, 27)
    assert not is_working_day(date(2026, 12, 16))


@given(DAYS, st.integers(1, 40))
def test_a_term_in_working_days_ends_on_a_working_day_with_as_many_between(start: date, count: int) -> None:
    end = add_working_days(start, count)

    worked = sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
    assert is_working_day(end) and worked == count


@pytest.mark.parametrize(
    ("value", "unit", "due"),
    [
        (15, "working_days", datetime(2026, 10, 5, 23, 59, 59, tzinfo=ZONE)),
        (15, "calendar_days", datetime(2026, 9, 29, 23, 59, 59, tzinfo=ZONE)),
        (24, "hours", datetime(2026, 9, 15, 10, 0, tzinfo=ZONE)),
        (0, "working_days", None),
    ],
)
def test_a_term_ends_with_its_day_or_its_hour(value: int, unit: str, due: datetime | None) -> None:
    assert due_on(MONDAY, value, unit) == due


def test_nobody_is_late_to_the_minute_nor_when_nothing_is_open() -> None:
    assert not is_overdue(CaseState.REFERRED, MONDAY, MONDAY)
    assert is_overdue(CaseState.REFERRED, MONDAY, MONDAY + timedelta(seconds=1))
    assert not is_overdue(CaseState.CLOSED, MONDAY, MONDAY + timedelta(days=9))
    assert not is_overdue(CaseState.ANSWERED, None, MONDAY)


def test_what_is_critical_is_looked_at_within_a_day_the_rest_within_three_working_days() -> None:
    assert triage_due(Severity.CRITICAL, MONDAY) == MONDAY + timedelta(hours=24)
    assert triage_due(Severity.LOW, MONDAY) == datetime(2026, 9, 17, 23, 59, 59, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("referred", "latest"),
    [
        (date(2026, 9, 14), date(2026, 11, 14)),
        (date(2026, 12, 31), date(2027, 2, 28)),
        (date(2027, 12, 31), date(2028, 2, 29)),
    ],
)
def test_an_answer_is_put_off_at_most_two_months(referred: date, latest: date) -> None:
    assert latest_extension(referred) == latest


# Fairness


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_sanction_for_something_grave_needs_more_than_one_visit(outcome: Outcome, severity: Severity) -> None:
    grave = outcome is Outcome.SANCTIONED and severity in (Severity.HIGH, Severity.CRITICAL)

    assert needs_more_ground(outcome, severity, (), " ") is grave
    assert needs_more_ground(outcome, severity, (None, Seen.GONE, Seen.UNCLEAR), "") is grave
    assert not needs_more_ground(outcome, severity, (None, Seen.AGAIN), "")
    assert not needs_more_ground(outcome, severity, (), "Order 14")


# A new entry


def test_a_repeated_sign_is_one_step_graver_up_to_the_top() -> None:
    assert [raised(severity) for severity in Severity] == [
        Severity.INFO, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL, Severity.CRITICAL,
    ]  # fmt: skip


def test_a_number_names_its_year_and_region_and_outgrows_five_digits() -> None:
    assert number(2026, "750000000", 1) == "НР-2026-750000000-00001"
    assert number(2026, "750000000", 123456).endswith("-123456")


def test_a_visit_is_known_by_its_half_day_of_the_wall_clock() -> None:
    assert half_day(datetime(2026, 9, 13, 20, 0, tzinfo=UTC), ZONE) == "2026-09-14/am"
    assert half_day(datetime(2026, 9, 14, 7, 0, tzinfo=UTC), ZONE) == "2026-09-14/pm"


# A filter


@given(
    st.builds(
        CaseFilter,
        region=st.lists(st.sampled_from(["750000000", "100000000"]), unique=True).map(tuple),
        severity=st.lists(st.sampled_from(Severity), unique=True).map(tuple),
        nature=st.lists(st.sampled_from(Nature), unique=True).map(tuple),
        state=st.lists(st.sampled_from(CaseState), unique=True).map(tuple),
        opened_from=st.none() | DAYS,
        opened_to=st.none() | DAYS,
        overdue=st.booleans(),
        order=st.sampled_from(Order),
        text=st.sampled_from(["", "a & b=c", "школа №1"]),
    )
)
def test_a_filter_survives_an_address(wanted: CaseFilter) -> None:
    assert CaseFilter.from_query(wanted.to_query()) == wanted


@pytest.mark.parametrize("field", ["severity", "nature", "state", "from", "to", "order"])
def test_a_filter_with_a_word_it_does_not_know_is_refused(field: str) -> None:
    with pytest.raises(Invalid, match=r"case\.filter_wrong"):
        CaseFilter.from_query({field: ["nonsense"]})
