"""How exactly and from when the agency learns of a visit."""

from datetime import UTC, datetime, timedelta

import pytest

from fieldcheck.domain import release
from fieldcheck.domain.checklist import Severity
from fieldcheck.settings import ZONE

OPENED = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


@pytest.mark.parametrize("severity", [one for one in Severity if one is not Severity.CRITICAL])
def test_an_entry_is_released_after_the_delay(severity: Severity) -> None:
    assert release.released_at(OPENED, DAY, severity, "2026-09-14/am", ZONE) == OPENED + DAY


def test_what_is_critical_waits_for_nobody() -> None:
    assert release.released_at(OPENED, DAY, Severity.CRITICAL, "2026-W38", ZONE) == OPENED


@pytest.mark.parametrize("day", range(14, 21))
@pytest.mark.parametrize("hour", [0, 5, 13, 18])
def test_whatever_is_told_by_its_week_comes_in_when_that_week_is_over(day: int, hour: int) -> None:
    """The 14th is a Monday; in Almaty it is five hours later, so the last of the Sunday's is already the next week."""
    known = datetime(2026, 9, day, hour, 30, tzinfo=UTC)

    told = release.told_from(known, DAY, "2026-W38", ZONE)

    assert told == datetime(2026, 9, 21, tzinfo=ZONE) + DAY


def test_what_is_accepted_after_its_week_comes_in_with_the_others_of_its_day() -> None:
    morning, evening = (datetime(2026, 9, 23, hour, 7, tzinfo=ZONE) for hour in (9, 21))

    assert release.told_from(morning, DAY, "2026-W38", ZONE) == release.told_from(evening, DAY, "2026-W38", ZONE)
    assert release.told_from(morning, DAY, "2026-W38", ZONE) == datetime(2026, 9, 24, tzinfo=ZONE) + DAY


def test_an_installation_without_a_delay_tells_everything_at_once() -> None:
    assert release.told_from(OPENED, timedelta(0), "2026-W38", ZONE) == OPENED
    assert release.counted_until(OPENED, timedelta(0), ZONE) == OPENED


def test_what_is_counted_by_weeks_grows_when_a_week_has_been_over_for_as_long_as_the_delay() -> None:
    monday, week = datetime(2026, 9, 14, tzinfo=ZONE), timedelta(days=7)
    moments = (monday + DAY - timedelta(seconds=1), monday + DAY, monday + week + DAY - timedelta(seconds=1))

    assert [release.counted_until(now, DAY, ZONE) for now in moments] == [monday - week, monday, monday]
    assert release.week_over(monday + timedelta(days=3), timedelta(0), ZONE) == monday


@pytest.mark.parametrize(
    ("visitors", "shown"), [(0, "2026-W38"), (1, "2026-W38"), (2, "2026-W38"), (3, "2026-09-14/am")]
)
def test_too_few_visitors_are_told_by_their_week(visitors: int, shown: str) -> None:
    assert release.shown_half("2026-09-14/am", visitors, 3) == shown


def test_the_first_days_of_january_belong_to_the_week_that_they_are_in() -> None:
    assert release.week_of("2027-01-02/pm") == "2026-W53"


def test_nothing_is_told_of_the_time_before_the_delay_is_over() -> None:
    assert release.told("2026-09-14/am", OPENED + DAY, OPENED) == ""
    assert release.told("2026-09-14/am", OPENED + DAY, OPENED + DAY) == "2026-09-14/am"


@pytest.mark.parametrize(
    ("said", "told", "coarse"),
    [
        ("2026-09-14/am", "2026-09-14/am", "2026-09-14/am"),
        ("2026-09-14/am", "2026-W38", "2026-W38"),
        ("2026-09-15/pm", "2026-W38", "2026-W38"),
        ("2026-09-14", "2026-W38", "2026-W38"),
        ("2026-09-14/am", "", ""),
        ("2026-09-14", "", ""),
        ("2026-09-16", "2026-W38", "2026-W38"),
        ("2026-09-16", "", ""),
        ("2026-09-13", "2026-W38", "2026-09-13"),
        ("2024-03-01", "2026-W38", "2024-03-01"),
        ("2024-03-01", "", "2024-03-01"),
    ],
)
def test_an_answer_tells_no_more_than_is_told_of_the_visit(said: str, told: str, coarse: str) -> None:
    assert release.as_coarse(said, "2026-09-14/am", told) == coarse


def test_a_half_day_is_twelve_hours_of_the_wall_clock() -> None:
    start, end = release.bounds("2026-09-14/pm", ZONE)

    assert start.astimezone(UTC) == datetime(2026, 9, 14, 7, 0, tzinfo=UTC)
    assert end - start == timedelta(hours=12)
