"""Points, distances, and a soft answer to "was she there?".

The verdict is soft on purpose: positions in a school corridor are poor, and a hard lock would punish honest people.
It weighs what speaks for presence and says why; a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from geopy.distance import geodesic

#: Metres from the school's point that still count as "at the school" (requirement E-16: at most 150 m).
NEAR = 150.0
#: Metres beyond which, after allowing for accuracy, she was certainly elsewhere.
FAR = 1_000.0
#: Seconds after which a position says little about now.
STALE = 300.0
#: Metres per second no visitor travels between two readings (200 km/h).
IMPOSSIBLE_SPEED = 55.0


@dataclass(frozen=True)
class Point:
    """A place on the WGS 84 ellipsoid, degrees."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Fix:
    """A position reading: where, accuracy in metres (68 %), age in seconds, and when it was used (UTC)."""

    point: Point
    accuracy: float
    age: float
    at: datetime


class Presence(StrEnum):
    """The soft verdict."""

    INSIDE = "inside"
    PROBABLY = "probably"
    UNPROVEN = "unproven"
    FAR = "far"


@dataclass(frozen=True)
class Verdict:
    """The verdict, its reasons as codes, and the nearest distance in metres (None without any fix)."""

    presence: Presence
    reasons: tuple[str, ...]
    distance: float | None


def distance(a: Point, b: Point) -> float:
    """Metres along the ellipsoid (geodesic, Karney 2013, by geopy)."""
    return float(geodesic((a.lat, a.lon), (b.lat, b.lon)).m)


def was_there(fixes: Sequence[Fix], school: Point | None) -> Verdict:
    """Judge presence from the readings that came with the answers.

    One fresh reading within NEAR is a sign, two are enough; a reading whose circle of accuracy reaches the school is
    a probability; only readings that stay beyond FAR even after their accuracy say she was elsewhere.
    """
    if school is None:
        return Verdict(Presence.UNPROVEN, ("school_without_point",), None)
    if not fixes:
        return Verdict(Presence.UNPROVEN, ("no_position",), None)
    reasons: list[str] = []
    measured = [(distance(fix.point, school), fix) for fix in fixes]
    fresh = [(d, fix) for d, fix in measured if fix.age <= STALE]
    if not fresh:
        reasons.append("only_stale_positions")
    if jumped(fixes):
        reasons.append("impossible_speed")
    near = [d for d, fix in fresh if d <= NEAR and fix.accuracy <= NEAR]
    touching = [d for d, fix in fresh if d - fix.accuracy <= NEAR]
    nearest = min(d for d, _ in (fresh or measured))
    if len(near) >= 2 and "impossible_speed" not in reasons:
        return Verdict(Presence.INSIDE, (*reasons, "several_readings_at_school"), nearest)
    if near or len(touching) >= 2:
        why = "one_reading_at_school" if near else "within_accuracy"
        return Verdict(Presence.PROBABLY, (*reasons, why), nearest)
    if fresh and all(d - fix.accuracy > FAR for d, fix in fresh):
        return Verdict(Presence.FAR, (*reasons, "all_readings_elsewhere"), nearest)
    return Verdict(Presence.UNPROVEN, (*reasons, "readings_inconclusive"), nearest)


def jumped(fixes: Sequence[Fix]) -> bool:
    """Say whether two consecutive readings are further apart than anybody travels, accuracies allowed for."""
    ordered = sorted(fixes, key=lambda fix: fix.at)
    for before, after in pairwise(ordered):
        apart = distance(before.point, after.point) - before.accuracy - after.accuracy
        seconds = max((after.at - before.at).total_seconds(), 1.0) + before.age + after.age
        if apart / seconds > IMPOSSIBLE_SPEED:
            return True
    return False
