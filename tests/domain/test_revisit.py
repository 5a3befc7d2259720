"""When a school is visited again, and what that says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fieldcheck.domain import revisit
from fieldcheck.domain.revisit import Ripeness, Seen
from fieldcheck.settings import ZONE

WINDOW = revisit.window(date(2026, 9, 1), ZONE)


def test_a_second_visit_counts_from_the_thirtieth_to_the_ninetieth_day_after_the_answer() -> None:
    assert WINDOW.opens.date() == date(2026, 10, 1)
    assert WINDOW.closes.date() == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("days", "stands"),
    [(-1, Ripeness.EARLY), (0, Ripeness.NOW), (46, Ripeness.NOW), (47, Ripeness.SOON_OVER), (62, Ripeness.MISSED)],
)
def test_a_wish_ripens_and_runs_out(days: int, stands: Ripeness) -> None:
    assert WINDOW.ripeness(WINDOW.opens + timedelta(days=days)) is stands


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (60, True), (62, False)])
def test_only_a_visit_that_begins_inside_counts(days: int, counts: bool) -> None:
    begin = WINDOW.opens + timedelta(days=days)

    assert WINDOW.meets(begin, begin + timedelta(days=1)) is counts


def test_a_window_that_ends_before_it_begins_never_counts() -> None:
    inside = datetime(2026, 10, 15, tzinfo=UTC)

    assert not WINDOW.meets(inside, inside)


def test_a_sign_that_is_found_is_back_whatever_else_was_answered() -> None:
    assert revisit.seen("V-INF-01", ["ENT-05"], {"V-INF-01"}, {}) is Seen.AGAIN


def test_gone_is_said_only_when_somebody_could_look() -> None:
    assert revisit.seen("V-INF-01", ["ENT-05"], {"V-INF-02"}, {"ENT-05": "yes"}) is Seen.GONE
    assert revisit.seen("V-INF-01", ["ENT-05"], set(), {"ENT-05": "na"}) is Seen.UNCLEAR
    assert revisit.seen("V-INF-01", ["ENT-05"], set(), {"ENT-06": "yes"}) is Seen.UNCLEAR


def test_no_share_is_told_of_a_handful() -> None:
    assert revisit.share_gone(4, 4) is None
    assert revisit.share_gone(4, 5) == 0.8
