"""Was she there? Asked of what a visit left: the readings of its answers and photos, and what photos say themselves.

The coordinator and the agency are given the same judgement; the agency no more of it than the one word.
"""

import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

from fieldcheck.domain.geo import Fix, Point, Verdict, was_there
from fieldcheck.settings import ZONE
from fieldcheck.storage.tables import Answer, Photo, School
from fieldcheck.usecases.sync import happened


def judge(answers: Sequence[Answer], photos: Sequence[Photo], school: Point | None) -> tuple[tuple[Fix, ...], Verdict]:
    """Give the readings that came with a visit in the order of their times, and what they say."""
    # A photo of an older page came without the phone's clock; the answers of the same visit tell how far it was off.
    usual = statistics.median([a.clock_gap_s for a in answers] or [0])
    gaps = {p.id: timedelta(seconds=usual if p.clock_gap_s is None else p.clock_gap_s) for p in photos}
    fixes = [
        Fix(Point(a.lat, a.lon), a.accuracy, a.age, a.happened_at, a.clock_gap_s)
        for a in answers
        if a.lat is not None and a.lon is not None and a.accuracy is not None and a.age is not None
    ]
    fixes += [
        Fix(
            Point(p.lat, p.lon), p.accuracy, p.age, min(happened(p.taken_at, gaps[p.id]), p.received_at),
            gaps[p.id].total_seconds(),
        )
        for p in photos
        if p.lat is not None and p.lon is not None and p.accuracy is not None and p.age is not None
    ]  # fmt: skip
    fixes.sort(key=lambda fix: fix.at)
    claimed = [point for photo in photos if (point := claimed_by(photo)) is not None]
    return tuple(fixes), was_there(fixes, school, claimed)


def claimed_by(photo: Photo) -> Point | None:
    """Give where a photo's own data say that it was taken."""
    claims = photo.claims or {}
    lat, lon = claims.get("lat"), claims.get("lon")
    return Point(lat, lon) if lat is not None and lon is not None else None


def claimed_time(photo: Photo) -> datetime | None:
    """Give when a photo's own data say that it was taken; without an offset it is the wall clock's here."""
    said = str((photo.claims or {}).get("taken_at") or "")
    for form in ("%Y:%m:%d %H:%M:%S %z", "%Y:%m:%d %H:%M:%S"):
        try:
            at = datetime.strptime(said, form)  # noqa: DTZ007 - the second form has no zone, and is given one
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=ZONE)
    return None


def point_of(school: School | None) -> Point | None:
    """Give the school's point, where it has one."""
    if school is None or school.lat is None or school.lon is None:
        return None
    return Point(school.lat, school.lon)
