"""What a coordinator sees to first: a long day of closed schools never hides an alarm."""

from datetime import UTC, datetime

from fieldcheck.usecases.safety import Urgent
from fieldcheck.web import urgent


def a_thing(what: str, n: int) -> Urgent:
    """Something of this kind that nobody has seen to."""
    return Urgent(what, f"{what}-{n}", "closed", "V-1", None, datetime(2026, 9, 14, tzinfo=UTC), None, None)


def test_whoever_may_be_in_danger_is_never_folded_away_and_the_others_are_beyond_a_few() -> None:
    ended = [a_thing("stopped", n) for n in range(10)]
    danger = [a_thing("alarm" if n % 2 else "overdue", n) for n in range(7)]

    quiet_at_once, quiet_rest = urgent.parted(ended)
    loud_at_once, loud_rest = urgent.parted([*ended, *danger])

    assert (*quiet_at_once, *quiet_rest) == tuple(ended) and len(quiet_at_once) == urgent.SHOWN
    assert loud_at_once == tuple(danger) and loud_rest == tuple(ended)
