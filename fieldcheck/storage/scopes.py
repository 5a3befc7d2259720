"""Scope as SQL: how far a grant reaches becomes the WHERE of every list and every single look-up.

Because the same clause answers both, a list and a single object cannot disagree, and somebody else's visit looks the
same as one that does not exist.
"""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, false, true
from sqlmodel import col

from fieldcheck.domain.access import Reach, Scope
from fieldcheck.storage.tables import Case, Person, School, Visit


def visits_within(reach: Reach) -> ColumnElement[bool]:
    """Limit visits: own ones, the region's, or all."""
    if reach.scope is Scope.OWN:
        return col(Visit.volunteer_id) == reach.person_id
    return _regional(reach, col(Visit.region_id))


def accepted_within(reach: Reach) -> ColumnElement[bool]:
    """Limit to the accepted visits that may be counted: to their coordinator at once, to anybody else by past weeks.

    Beside a clock, a count that grows as a visit is accepted names its school and its hour.
    """
    accepted = col(Visit.state) == "accepted"
    if reach.scope is Scope.REGION:
        return accepted
    return accepted & (col(Visit.decided_at) <= reach.told) if reach.told is not None else false()


def cases_told(reach: Reach) -> ColumnElement[bool]:
    """Limit register entries to those that are counted for whoever may read none: by past weeks, as visits are."""
    return cases_within(reach) & (col(Case.released_at) <= reach.told) if reach.told is not None else false()


def schools_within(reach: Reach) -> ColumnElement[bool]:
    """Limit schools to the region's, or all."""
    return _regional(reach, col(School.region_id))


def people_within(reach: Reach) -> ColumnElement[bool]:
    """Limit people: a coordinator sees her region's volunteers, an administrator everybody but volunteers."""
    if reach.scope is Scope.ALL:
        return col(Person.role) != "volunteer"
    return _regional(reach, col(Person.region_id)) & (col(Person.role) == "volunteer")


def cases_within(reach: Reach) -> ColumnElement[bool]:
    """Limit register entries: released ones of the agency's region, or of the country for a reviewer of the country."""
    if reach.scope is Scope.RELEASED:
        released = col(Case.released_at) <= reach.now if reach.now is not None else false()
        return released if reach.region is None else released & (col(Case.region_id) == reach.region)
    return _regional(reach, col(Case.region_id))


def _regional(reach: Reach, region: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    if reach.scope is Scope.ALL:
        return true()
    if reach.scope is Scope.REGION and reach.region is not None:
        return region == reach.region
    return false()
