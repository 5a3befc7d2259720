"""What a coordinator should look at twice: each doubt alone, and an ordinary visit that raises none."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fieldcheck.domain.doubts import Pictured, Told, doubts
from fieldcheck.domain.geo import Point, Presence, Verdict

NOW = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)
SCHOOL = Point(51.17, 71.45)
THERE = Verdict(Presence.INSIDE, (), 20.0)


def told(minute: float, **kw: Any) -> Told:
    fields = {"question": "Q", "kind": "single", "value": "x", "seen_at": None, "gap": 0}
    return Told(happened_at=NOW + timedelta(minutes=minute), **{**fields, **kw})


def codes(
    *answers: Told,
    photos: tuple[Pictured, ...] = (),
    verdict: Verdict = THERE,
    submitted: timedelta = timedelta(hours=1),
    left: datetime | None = None,
) -> list[str]:
    walk = answers or (told(0), told(11))
    window = (NOW - timedelta(hours=1), NOW + timedelta(days=1))
    return [d.code for d in doubts(walk, photos, verdict, SCHOOL, window, NOW + submitted, (12, 20), left)]


def test_an_ordinary_visit_raises_none() -> None:
    assert codes() == []


def test_far_and_unproven_are_told_apart() -> None:
    assert codes(verdict=Verdict(Presence.FAR, (), 5e5)) == ["far_from_school"]
    assert codes(verdict=Verdict(Presence.UNPROVEN, ("no_position",), None)) == ["presence_unproven"]


def test_an_impossible_speed_is_said_beside_the_verdict() -> None:
    verdict = Verdict(Presence.PROBABLY, ("impossible_speed", "one_reading_at_school"), 30.0)

    assert codes(verdict=verdict) == ["impossible_speed"]


def test_positions_that_never_differ_are_worth_a_look() -> None:
    assert codes(verdict=Verdict(Presence.INSIDE, ("several_readings_at_school", "readings_alike"), 30.0)) == [
        "readings_alike"
    ]


def test_a_clock_off_by_a_day() -> None:
    assert codes(told(0, gap=86_400), told(11)) == ["clock_gap"]


def test_a_visit_outside_its_window() -> None:
    assert codes(told(-120), told(-109)) == ["outside_window"]


def test_a_walk_in_a_minute_and_one_of_an_hour() -> None:
    assert codes(told(0), told(1)) == ["too_fast"]
    assert codes(told(0), told(60)) == ["too_long"]


def test_a_report_a_day_later() -> None:
    assert codes(submitted=timedelta(hours=30)) == ["late_report"]


def test_a_quote_written_down_later_than_half_an_hour() -> None:
    late = told(11, kind="quote", seen_at=NOW - timedelta(minutes=25))

    assert codes(told(0), late) == ["late_quote"]


def test_a_quote_with_no_mark_counts_from_when_she_was_out() -> None:
    quote = told(55, kind="quote")

    assert codes(told(40), quote, left=NOW + timedelta(minutes=26)) == []
    assert codes(told(40), quote, left=NOW + timedelta(minutes=24)) == ["late_quote"]
    assert codes(told(40), told(55, kind="quote", value=None), left=NOW) == []


def test_a_clock_set_anew_and_a_stay_of_seconds_are_said_beside_the_verdict() -> None:
    verdict = Verdict(Presence.PROBABLY, ("short_stay", "clock_changed"), 30.0)

    assert codes(verdict=verdict) == ["clock_changed", "short_stay"]


def test_words_that_may_have_offered_in_three_languages() -> None:
    for text in ("Я предложил помощь", "Мен ақша ұсындым", "Then I offered to help"):
        assert codes(told(0), told(11, kind="text", value=text)) == ["may_have_offered"]


def test_personal_numbers_in_a_text() -> None:
    for text in ("карта 4400 4301 2345 6789", "ИИН 900101300123", "звоните +7 701 123 45 67"):
        assert codes(told(0), told(11, kind="text", value=text)) == ["personal_number"]
    assert codes(told(0), told(11, kind="text", value="2700 тенге в 2026 году")) == []


def test_photos_seen_elsewhere_or_claiming_another_place() -> None:
    again = Pictured("Q", NOW, None, seen_elsewhere=True)
    elsewhere = Pictured("Q", NOW, Point(43.2, 76.9), seen_elsewhere=False)

    assert codes(photos=(again,)) == ["photo_seen_elsewhere"]
    assert codes(photos=(elsewhere,)) == ["photo_claims_elsewhere"]
