"""Distances, and the soft answer to "was she there?"."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldcheck.domain.geo import Fix, Point, Presence, distance, jumped, was_there

SCHOOL = Point(51.1694, 71.4491)
NOW = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)


def a_fix(metres_north: float, accuracy: float = 20.0, age: float = 3.0, minute: float = 0) -> Fix:
    """A reading so many metres north of the school."""
    point = Point(SCHOOL.lat + metres_north / 111_250, SCHOOL.lon)
    return Fix(point, accuracy, age, NOW + timedelta(minutes=minute))


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


def test_nobody_jumps_from_town_to_town_in_a_minute() -> None:
    fixes = [a_fix(20), a_fix(80_000, minute=1), a_fix(20, minute=2)]

    assert jumped(fixes)
    assert was_there(fixes, SCHOOL).presence is not Presence.INSIDE


def test_a_walk_through_the_building_is_no_jump() -> None:
    assert not jumped([a_fix(0), a_fix(90, minute=1), a_fix(10, minute=2)])


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(-80, 80), st.floats(-179, 179))
def test_a_distance_is_the_same_both_ways(lat: float, lon: float, lat2: float, lon2: float) -> None:
    a, b = Point(lat, lon), Point(lat2, lon2)

    assert distance(a, b) == pytest.approx(distance(b, a), abs=1e-3)
    assert distance(a, a) == 0
