"""Schools as points of a map, with what was counted at each; above a number that a map can show, whole areas instead.

The engine does the gathering: of a country's 7,687 schools a page reads its twenty regions, and of one region its
schools. An area is () for all, (region,) or (region, district).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, func, select, true
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.domain.safety import RESULTS
from fieldcheck.storage.scopes import accepted_within, cases_within, schools_within
from fieldcheck.storage.tables import Case, Region, School, Visit

#: More schools than this are a blot on a map, and take a phone seconds to draw.
MOST_SCHOOLS = 500
#: More districts than this cannot carry a number each.
MOST_DISTRICTS = 60
#: Visits that somebody still has to walk.
STILL_TO_WALK = ("assigned", "in_progress", "returned")
#: Visits that ended at the door with a result.
AT_DOOR = (col(Visit.state) == "stopped") & col(Visit.stop_reason).in_(sorted(RESULTS))
_HAS_POINT = col(School.lat).is_not(None) & col(School.lon).is_not(None)


@dataclass(frozen=True)
class Spot:
    """A point with what was counted there; *worst* is the gravest severity among it, where there is one.

    *schools* are gathered in it, *touched* of them have any of what is counted; *area* is empty for a school itself.
    """

    name: dict[str, str]
    district: dict[str, str]
    region: dict[str, str]
    lat: float
    lon: float
    count: int
    waiting: int
    doors: int = 0
    worst: int = 0
    schools: int = 1
    touched: int = 0
    area: tuple[str, ...] = ()


def of_visits(session: Session, reach: Reach, area: Sequence[str] = ()) -> Sequence[Spot]:
    """Count each school's visits, accepted ones, those on the way and those that ended at the door."""
    accepted = func.sum(case((col(Visit.state) == "accepted", 1), else_=0))
    waiting = func.sum(case((col(Visit.state).in_((*STILL_TO_WALK, "submitted")), 1), else_=0))
    doors = func.sum(case((AT_DOOR, 1), else_=0))
    counted = _counted(accepted, waiting, doors, 0 * accepted, col(Visit.school_id))
    return _gathered(session, counted.subquery(), schools_within(reach), area, isouter=True)


def of_schools(session: Session, reach: Reach, area: Sequence[str] = ()) -> Sequence[Spot]:
    """Count each school's accepted visits as far as told: how many there were, whoever may look into them."""
    accepted = func.count()
    counted = _counted(accepted, 0 * accepted, 0 * accepted, 0 * accepted, col(Visit.school_id))
    accepted_ones = counted.where(accepted_within(reach)).subquery()
    return _gathered(session, accepted_ones, schools_within(reach), area, isouter=True)


def of_cases(session: Session, reach: Reach, open_ones: Sequence[str], area: Sequence[str] = ()) -> Sequence[Spot]:
    """Count each school's entries that are not good news, how many are open, and the gravest severity of those."""
    is_open = col(Case.state).in_(open_ones)
    rank = {"low": 1, "medium": 2, "high": 3, "critical": 4}
    worst = func.max(case((is_open, case(rank, value=col(Case.severity), else_=0)), else_=0))
    waiting = func.sum(case((is_open, 1), else_=0))
    counted = _counted(func.count(), waiting, 0 * func.count(), worst, col(Case.school_id)).where(
        cases_within(reach), col(Case.state).not_in(("noted", "dismissed"))
    )
    return _gathered(session, counted.subquery(), true(), area, isouter=False)


def _counted(count: Any, waiting: Any, doors: Any, worst: Any, school: Any) -> Select[Any]:
    named = [count.label("n"), waiting.label("waiting"), doors.label("doors"), worst.label("worst")]
    return select(school.label("school"), *named).group_by(school)


def _gathered(
    session: Session, counted: Subquery, which: ColumnElement[bool], area: Sequence[str], *, isouter: bool
) -> Sequence[Spot]:
    """Give schools, or districts or regions where the schools are too many."""
    placed = which & _HAS_POINT & _in(area)
    there = select(func.count(), func.count(func.distinct(_district()))).select_from(School)
    there = there.join(counted, counted.c.school == col(School.id), isouter=isouter).where(placed)
    schools, districts = session.execute(there).one()
    if schools <= MOST_SCHOOLS or len(area) == 2:
        return _schools(session, counted, placed, isouter=isouter)
    by = 2 if area or districts <= MOST_DISTRICTS else 1
    return _areas(session, counted, placed, by, isouter=isouter)


def _in(area: Sequence[str]) -> ColumnElement[bool]:
    if not area:
        return true()
    inside = col(School.region_id) == area[0]
    return inside if len(area) == 1 else inside & (col(School.district) == area[1])


def _district() -> Any:
    return col(School.region_id) + "/" + col(School.district)


def _schools(session: Session, counted: Subquery, placed: ColumnElement[bool], *, isouter: bool) -> Sequence[Spot]:
    query = (
        select(
            col(School.name),
            col(School.district_name),
            col(Region.name),
            col(School.lat),
            col(School.lon),
            counted.c.n,
            counted.c.waiting,
            counted.c.doors,
            counted.c.worst,
        )
        .join(Region, col(Region.id) == col(School.region_id))
        .join(counted, counted.c.school == col(School.id), isouter=isouter)
        .where(placed)
    )
    found = []
    for name, district, region, lat, lon, *figures in session.execute(query):
        count, waiting, doors, worst = (int(n or 0) for n in figures)
        touched = int(bool(count or waiting or doors))
        found.append(Spot(name, district, region, lat, lon, count, waiting, doors, worst, touched=touched))
    return found


def _areas(
    session: Session, counted: Subquery, placed: ColumnElement[bool], by: int, *, isouter: bool
) -> Sequence[Spot]:
    """Gather by region (*by* 1) or by district (2), in the middle of its schools; any of them says the names."""
    keys = [col(School.region_id), col(School.district)][:by]
    seen = func.coalesce(counted.c.n, 0) + func.coalesce(counted.c.waiting, 0) + func.coalesce(counted.c.doors, 0)
    summed = [func.coalesce(func.sum(column), 0) for column in (counted.c.n, counted.c.waiting, counted.c.doors)]
    together = (
        select(
            func.min(col(School.id)).label("one"),
            func.avg(col(School.lat)).label("lat"),
            func.avg(col(School.lon)).label("lon"),
            *(column.label(name) for column, name in zip(summed, ("n", "waiting", "doors"), strict=True)),
            func.coalesce(func.max(counted.c.worst), 0).label("worst"),
            func.count().label("schools"),
            func.sum(case((seen > 0, 1), else_=0)).label("touched"),
        )
        .select_from(School)
        .join(counted, counted.c.school == col(School.id), isouter=isouter)
        .where(placed)
        .group_by(*keys)
        .subquery()
    )
    query = (
        select(col(School.district_name), col(Region.name), *keys, *list(together.c)[1:])
        .join(together, together.c.one == col(School.id))
        .join(Region, col(Region.id) == col(School.region_id))
        .order_by(*keys)
    )
    found = []
    for district, region, *rest in session.execute(query):
        area, (lat, lon, *figures) = tuple(rest[:by]), rest[by:]
        count, waiting, doors, worst, schools, touched = map(int, figures)
        name = region if by == 1 else district
        found.append(Spot(name, district, region, lat, lon, count, waiting, doors, worst, schools, touched, area))
    return found
