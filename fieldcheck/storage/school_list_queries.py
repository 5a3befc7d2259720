"""The list of schools as it is looked through: counts, names to search in, and one page at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.storage.scopes import accepted_within, schools_within
from fieldcheck.storage.tables import School, Visit


class Which(StrEnum):
    """Which schools are listed."""

    ALL = "all"
    UNVISITED = "unvisited"
    POINTLESS = "pointless"


@dataclass(frozen=True)
class Wanted:
    """What is looked for: these kinds of schools in an area (region, district), and only the *named*, unless None."""

    which: Which = Which.ALL
    area: tuple[str, ...] = ()
    named: Collection[str] | None = None


def figures(session: Session, reach: Reach) -> tuple[int, int, int]:
    """Count the schools within reach, those with an accepted visit, and these visits."""
    accepted = _accepted(reach).subquery()
    query = select(func.count(), func.count(accepted.c.n), func.coalesce(func.sum(accepted.c.n), 0))
    query = query.select_from(School).join(accepted, accepted.c.school == col(School.id), isouter=True)
    schools, visited, visits = session.execute(query.where(schools_within(reach))).one()
    return int(schools), int(visited), int(visits)


def count(session: Session, reach: Reach, wanted: Wanted) -> int:
    """Count the schools that are looked for."""
    query = select(func.count()).select_from(School).where(schools_within(reach), *_of(reach, wanted))
    return int(session.execute(query).scalar_one())


def page(session: Session, reach: Reach, wanted: Wanted, first: int, rows: int) -> Sequence[tuple[School, int]]:
    """Read *rows* schools from the *first* on, by district and id, with how many accepted visits each has."""
    some = select(col(School.id)).where(schools_within(reach), *_of(reach, wanted))
    some = some.order_by(col(School.region_id), col(School.district), col(School.id)).offset(first).limit(rows)
    ids = [row[0] for row in session.execute(some)]
    accepted = _accepted(reach).where(col(Visit.school_id).in_(ids)).subquery()
    query = select(School, func.coalesce(accepted.c.n, 0)).where(col(School.id).in_(ids))
    found = session.execute(query.join(accepted, accepted.c.school == col(School.id), isouter=True))
    there = {row[0].id: (row[0], int(row[1])) for row in found}
    return [there[id_] for id_ in ids]


def names(session: Session, reach: Reach) -> Sequence[tuple[str, dict[str, str], dict[str, str]]]:
    """List id, name and district of the schools within reach, which one may look for."""
    query = select(col(School.id), col(School.name), col(School.district_name)).where(schools_within(reach))
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def districts(session: Session, reach: Reach, region: str) -> Sequence[tuple[str, dict[str, str]]]:
    """List a region's districts; any of their schools says what a district is called."""
    one = select(func.min(col(School.id))).where(schools_within(reach), col(School.region_id) == region)
    some = one.group_by(col(School.district))
    query = select(col(School.district), col(School.district_name)).where(col(School.id).in_(some))
    return [(row[0], row[1]) for row in session.execute(query)]


def _accepted(reach: Reach) -> Select[str, int]:
    query: Select[str, int] = select(col(Visit.school_id).label("school"), func.count().label("n"))
    return query.where(accepted_within(reach)).group_by(col(Visit.school_id))


def _of(reach: Reach, wanted: Wanted) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if wanted.area:
        parts.append(col(School.region_id) == wanted.area[0])
    if len(wanted.area) > 1:
        parts.append(col(School.district) == wanted.area[1])
    if wanted.which is Which.UNVISITED:
        parts.append(col(School.id).not_in(select(col(Visit.school_id)).where(accepted_within(reach))))
    if wanted.which is Which.POINTLESS:
        parts.append(col(School.lat).is_(None) | col(School.lon).is_(None))
    if wanted.named is not None:
        parts.append(col(School.id).in_(wanted.named))
    return parts
