"""A door that is tried again and again: slower, then shut, then patient again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fieldcheck.domain.throttle import Limits, Standing, counted, forgiven, open_at, wait_after

LIMITS, NOW = Limits(), datetime(2026, 9, 14, 5, 0, tzinfo=UTC)


def after(failures: int, at: datetime = NOW) -> Standing:
    standing: Standing | None = None
    for _try in range(failures):
        standing = counted(LIMITS, standing, at)
    assert standing
    return standing


def test_the_first_tries_cost_nothing() -> None:
    assert open_at(LIMITS, None, NOW) == NOW
    assert open_at(LIMITS, after(2), NOW) == NOW


def test_of_many_at_once_none_waits_because_another_was_counted_first() -> None:
    earlier = NOW - timedelta(seconds=1)

    assert open_at(LIMITS, after(2), earlier) == earlier
    assert counted(LIMITS, after(2), earlier) == Standing(3, NOW)


def test_each_wait_is_twice_the_last_up_to_the_longest() -> None:
    waits = [wait_after(LIMITS, failures).total_seconds() for failures in range(2, 12)]

    assert waits == [0, 1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_the_tenth_failure_locks_for_a_quarter_of_an_hour() -> None:
    locked = after(10)

    assert open_at(LIMITS, locked, NOW) == NOW + timedelta(minutes=15)
    assert open_at(LIMITS, locked, NOW + timedelta(minutes=14, seconds=59)) > NOW + timedelta(minutes=14, seconds=59)
    assert after(9).locked_until is None


def test_after_a_lock_the_door_opens_slowly_and_locks_again() -> None:
    standing, later = after(10), NOW + timedelta(minutes=15)
    assert open_at(LIMITS, standing, later) == later + timedelta(seconds=1)
    later += timedelta(seconds=1)
    tries = 0
    while standing.locked_until is None or standing.locked_until <= later:
        standing, tries = counted(LIMITS, standing, later), tries + 1
    assert tries == LIMITS.lock_after - LIMITS.free


def test_an_hour_of_peace_is_enough_to_forget() -> None:
    later = NOW + timedelta(hours=1)

    assert open_at(LIMITS, after(9), later) == later
    assert counted(LIMITS, after(9), later) == Standing(1, later)


def test_a_right_try_takes_itself_back_and_the_lock_it_made() -> None:
    assert forgiven(after(10)) == Standing(9, NOW)
    assert forgiven(Standing(0, NOW)) == Standing(0, NOW)


@given(st.lists(st.floats(0, 4000), max_size=200))
def test_no_rhythm_of_trying_gets_more_than_the_limits_say(pauses: list[float]) -> None:
    standing, now, let_in = None, NOW, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if open_at(LIMITS, standing, now) <= now:
            standing = counted(LIMITS, standing, now)
            let_in.append(now)

    # Any eleven tries let in one after the other lie further apart than a lock, or than an hour of peace.
    spans = [later - first for first, later in zip(let_in, let_in[10:], strict=False)]
    assert all(span >= LIMITS.lock_for for span in spans)
