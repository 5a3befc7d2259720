"""Distances, and the soft answer to "was she there?"."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldcheck.domain.geo import ALIKE, Fix, Point, Presence, distance, jumped, left_at, was_there

SCHOOL = Point(51.1694, 71.4491)
NOW = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)


def north(metres: float) -> Point:
    """A point so many metres north of the school."""
    return Point(SCHOOL.lat + metres / 111_250, SCHOOL.lon)


def a_fix(metres_north: float, accuracy: float = 20.0, age: float = 3.0, minute: float = 0, gap: float = 0) -> Fix:
    """A reading so many metres north of the school."""
    return Fix(north(metres_north), accuracy, age, NOW + timedelta(minutes=minute), gap)


def test_without_any_reading_nothing_is_proven() -> None:
    verdict = was_there([], SCHOOL)

    assert (verdict.presence, verdict.reasons, verdict.distance) == (Presence.UNPROVEN, ("no_position",), None)


def test_a_school_without_a_point_proves_nothing() -> None:
    assert was_there([a_fix(0)], None).reasons == ("school_without_point",)


def test_stale_readings_prove_nothing_even_at_the_school() -> None:
    verdict = was_there([a_fix(10, age=4000), a_fix(10, age=4000, minute=1)], SCHOOL)

    assert verdict.presence is Presence.UNPROVEN
    assert "only_stale_positions" in verdict.reasons


def test_readings_500_km_away_say_far() -> None:
    verdict = was_there([a_fix(500_000), a_fix(500_000, minute=1)], SCHOOL)

    assert verdict.presence is Presence.FAR
    assert verdict.distance == pytest.approx(500_000, rel=0.02)


def test_a_poor_reading_far_away_is_no_proof_of_absence() -> None:
    assert was_there([a_fix(3_000, accuracy=5_000)], SCHOOL).presence is not Presence.FAR


def test_one_good_reading_at_the_school_is_a_probability() -> None:
    assert was_there([a_fix(30)], SCHOOL).presence is Presence.PROBABLY


def test_several_good_readings_at_the_school_are_enough() -> None:
    assert was_there([a_fix(30), a_fix(60, minute=4)], SCHOOL).presence is Presence.INSIDE


def test_one_reading_used_for_many_answers_is_one_reading() -> None:
    again = [a_fix(30, age=3), a_fix(30, age=63, minute=1), a_fix(30, age=243, minute=4)]

    verdict = was_there(again, SCHOOL)

    assert (verdict.presence, verdict.reasons) == (Presence.PROBABLY, ("one_reading_at_school",))


def test_readings_seconds_apart_may_be_passing_by() -> None:
    verdict = was_there([a_fix(30), a_fix(60, minute=0.5)], SCHOOL)

    assert (verdict.presence, verdict.reasons) == (Presence.PROBABLY, ("short_stay",))


def test_a_clock_set_anew_meanwhile_makes_the_stay_uncertain() -> None:
    verdict = was_there([a_fix(30), a_fix(60, minute=40, gap=2400)], SCHOOL)

    assert verdict.presence is Presence.PROBABLY
    assert "clock_changed" in verdict.reasons


def test_a_clock_wrong_all_along_takes_nothing_away() -> None:
    verdict = was_there([a_fix(30, gap=86_400), a_fix(60, minute=4, gap=86_401)], SCHOOL)

    assert (verdict.presence, verdict.reasons) == (Presence.INSIDE, ("several_readings_at_school", "clock_off"))


def test_a_photo_that_names_another_place_takes_the_certainty() -> None:
    verdict = was_there([a_fix(30), a_fix(60, minute=4)], SCHOOL, [north(30), north(5_000)])

    assert verdict.presence is Presence.PROBABLY
    assert "photo_elsewhere" in verdict.reasons


def test_a_photo_that_names_the_school_helps_a_coarse_reading_and_proves_nothing_alone() -> None:
    coarse = [a_fix(400, accuracy=500)]

    assert was_there(coarse, SCHOOL).presence is Presence.UNPROVEN
    assert was_there(coarse, SCHOOL, [north(20)]).presence is Presence.PROBABLY
    assert was_there([], SCHOOL, [north(20)]).reasons == ("no_position", "photo_at_school")
    assert was_there([], SCHOOL, [north(20)]).presence is Presence.UNPROVEN


def test_when_she_left_is_known_once_a_reading_shows_that_she_had_gone() -> None:
    inside = [a_fix(10), a_fix(40, minute=6, age=0)]

    assert left_at(inside, SCHOOL) is None
    assert left_at([*inside, a_fix(900, minute=20)], SCHOOL) == NOW + timedelta(minutes=6)
    assert left_at([*inside, a_fix(900, accuracy=900, minute=20)], SCHOOL) is None
    assert left_at(inside, None) is None


def test_nobody_jumps_from_town_to_town_in_a_minute() -> None:
    fixes = [a_fix(20), a_fix(80_000, minute=1), a_fix(20, minute=2)]

    assert jumped(fixes)
    assert was_there(fixes, SCHOOL).presence is not Presence.INSIDE


def test_readings_that_never_differ_are_told_and_refuse_nobody() -> None:
    verdict = was_there([a_fix(30, minute=n) for n in range(ALIKE)], SCHOOL)

    assert (verdict.presence, verdict.reasons) == (Presence.INSIDE, ("several_readings_at_school", "readings_alike"))


@pytest.mark.parametrize(
    "fixes",
    [
        [a_fix(30, minute=n) for n in range(ALIKE - 1)],
        [*(a_fix(30, minute=n) for n in range(ALIKE)), a_fix(30.5, minute=9)],
        [*(a_fix(30, minute=n) for n in range(ALIKE)), a_fix(30, accuracy=21, minute=9)],
        [a_fix(30, age=60.0 * n, minute=n) for n in range(2 * ALIKE)],  # one reading, used again and again
    ],
)
def test_few_readings_some_that_differ_or_one_used_again_are_nothing_odd(fixes: list[Fix]) -> None:
    assert "readings_alike" not in was_there(fixes, SCHOOL).reasons


def test_a_walk_through_the_building_is_no_jump() -> None:
    assert not jumped([a_fix(0), a_fix(90, minute=1), a_fix(10, minute=2)])


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(-80, 80), st.floats(-179, 179))
def test_a_distance_is_the_same_both_ways(lat: float, lon: float, lat2: float, lon2: float) -> None:
    a, b = Point(lat, lon), Point(lat2, lon2)

    assert distance(a, b) == pytest.approx(distance(b, a), abs=1e-3)
    assert distance(a, a) == 0
