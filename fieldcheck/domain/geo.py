"""Points, distances, and a soft answer to "was she there?".

The verdict is soft on purpose: positions in a school corridor are poor, and a hard lock would punish honest people.
It weighs what speaks for presence and says why; a person decides. What it weighs: how far and how sure each reading
is, how old it was when it was used, how long the readings lie at the school, whether the phone's clock kept its pace,
whether anybody travels that fast, and where a photo says that it was taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
#: Seconds from the first reading at the school to the last that tell a visit from passing by.
DWELL = 120.0
#: Two answers given within these many seconds may share one reading.
ONE_READING = 10.0
#: So many separate readings that agree to the last digit are no satellite's: an app set them, or a network guessed.
ALIKE = 5
#: What takes the certainty out of readings at the school, however many.
WEAKENS = frozenset({"impossible_speed", "clock_changed", "photo_elsewhere"})
#: Seconds of a clock gap that is worth a word; one that changes by as much says that the clock was set meanwhile.
CLOCK_GAP = 600.0
#: Metres from the school beyond which a photo's own data name another place.
PHOTO_ELSEWHERE = 4 * NEAR


@dataclass(frozen=True)
class Point:
    """A place on the WGS 84 ellipsoid, degrees."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Fix:
    """A position reading: where, accuracy in metres (68 %), age in seconds, and when it was used (UTC).

    *gap* is how many seconds the phone's clock was behind the server's at the contact that brought it.
    """

    point: Point
    accuracy: float
    age: float
    at: datetime
    gap: float = 0.0

    @property
    def read_at(self) -> datetime:
        """When the phone read it: two answers may have been given with one reading."""
        return self.at - timedelta(seconds=self.age)


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


def was_there(fixes: Sequence[Fix], school: Point | None, claimed: Sequence[Point] = ()) -> Verdict:
    """Judge presence from the readings that came with answers and photos, and from what photos *claimed* themselves.

    One fresh reading within NEAR is a sign; readings there that lie DWELL apart are enough, where nothing speaks
    against them; a reading whose circle of accuracy reaches the school is a probability; only readings that stay beyond
    FAR even after their accuracy say she was elsewhere.
    """
    if school is None:
        return Verdict(Presence.UNPROVEN, ("school_without_point",), None)
    photos = _photos(school, claimed)
    if not fixes:
        return Verdict(Presence.UNPROVEN, ("no_position", *photos), None)
    measured = [(distance(fix.point, school), fix) for fix in fixes]
    fresh = [(d, fix) for d, fix in measured if fix.age <= STALE]
    against = (*(() if fresh else ("only_stale_positions",)), *_clock(fixes), *_speed(fixes), *_alike(fixes), *photos)
    near = [fix for d, fix in fresh if _is_near(d, fix)]
    touching = [fix for d, fix in fresh if d - fix.accuracy <= NEAR]
    nearest = min(d for d, _ in (fresh or measured))
    if near:
        why = _stay(dwell(near))
        sure = why == "several_readings_at_school" and not WEAKENS & set(against)
        return Verdict(Presence.INSIDE if sure else Presence.PROBABLY, (why, *against), nearest)
    if len(touching) >= 2 or (touching and "photo_at_school" in photos):
        return Verdict(Presence.PROBABLY, ("within_accuracy", *against), nearest)
    if fresh and all(d - fix.accuracy > FAR for d, fix in fresh):
        return Verdict(Presence.FAR, ("all_readings_elsewhere", *against), nearest)
    return Verdict(Presence.UNPROVEN, ("readings_inconclusive", *against), nearest)


def _stay(seconds: float) -> str:
    if seconds >= DWELL:
        return "several_readings_at_school"
    return "short_stay" if seconds >= ONE_READING else "one_reading_at_school"


def _is_near(metres: float, fix: Fix) -> bool:
    return metres <= NEAR and fix.accuracy <= NEAR


def _photos(school: Point, claimed: Sequence[Point]) -> tuple[str, ...]:
    away = [distance(point, school) for point in claimed]
    if any(d > PHOTO_ELSEWHERE for d in away):
        return ("photo_elsewhere",)
    return ("photo_at_school",) if any(d <= NEAR for d in away) else ()


def _clock(fixes: Sequence[Fix]) -> tuple[str, ...]:
    gaps = [fix.gap for fix in fixes]
    if max(gaps) - min(gaps) > CLOCK_GAP:
        return ("clock_changed",)
    return ("clock_off",) if max(map(abs, gaps)) > CLOCK_GAP else ()


def _speed(fixes: Sequence[Fix]) -> tuple[str, ...]:
    return ("impossible_speed",) if jumped(fixes) else ()


def _alike(fixes: Sequence[Fix]) -> tuple[str, ...]:
    return ("readings_alike",) if stand_still(fixes) else ()


def stand_still(fixes: Sequence[Fix]) -> bool:
    """Say whether many separate readings never differ, as no satellite reading does: a set position looks like that."""
    if len({(fix.point, fix.accuracy) for fix in fixes}) != 1:
        return False
    separate, last = 0, None
    for read in sorted(fix.read_at for fix in fixes):
        if last is None or (read - last).total_seconds() >= ONE_READING:
            separate, last = separate + 1, read
    return separate >= ALIKE


def dwell(fixes: Sequence[Fix]) -> float:
    """Give the seconds from the first reading to the last."""
    read = [fix.read_at for fix in fixes]
    return (max(read) - min(read)).total_seconds() if read else 0.0


def left_at(fixes: Sequence[Fix], school: Point | None) -> datetime | None:
    """Give when she was last at the school, where a later reading shows that she had gone; else None."""
    if school is None:
        return None
    fresh = [(distance(fix.point, school), fix) for fix in fixes if fix.age <= STALE]
    last = max((fix.read_at for d, fix in fresh if _is_near(d, fix)), default=None)
    gone = last is not None and any(d - fix.accuracy > NEAR and fix.read_at > last for d, fix in fresh)
    return last if gone else None


def jumped(fixes: Sequence[Fix]) -> bool:
    """Say whether two consecutive readings are further apart than anybody travels, accuracies allowed for."""
    ordered = sorted(fixes, key=lambda fix: fix.at)
    for before, after in pairwise(ordered):
        apart = distance(before.point, after.point) - before.accuracy - after.accuracy
        seconds = max((after.at - before.at).total_seconds(), 1.0) + before.age + after.age
        if apart / seconds > IMPOSSIBLE_SPEED:
            return True
    return False
