"""Who may be sent where.

Fairness and safety are the same rule here: nobody goes where she is known (conflict of interest), nobody goes again
too soon (rotation), and a school is not visited twice in a short time (requirements E-17 and E-18).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from fieldcheck.domain.geo import Point, distance

#: Days before the same person may return to a school, unless the checklist asks for more (E-18).
ROTATION_DAYS = 60


class Hindrance(StrEnum):
    """Why somebody may not go, as a code; the desk words it."""

    INACTIVE = "inactive"
    OLD_CODE = "old_code"
    NO_CONSENT = "no_consent"
    NOT_BRIEFED = "not_briefed"
    CONFLICT_NOT_DECLARED = "conflict_not_declared"
    CONFLICT_SCHOOL = "conflict_school"
    CONFLICT_DISTRICT = "conflict_district"
    OPEN_VISIT_THERE = "open_visit_there"
    ROTATION = "rotation"
    SCHOOL_TOO_SOON = "school_too_soon"
    WENT_FIRST = "went_first"


@dataclass(frozen=True)
class PastVisit:
    """A visit as dispatch needs it: who, where, when (UTC), and whether it is still open."""

    volunteer_id: str
    school_id: str
    at: datetime
    is_open: bool


@dataclass(frozen=True)
class Candidate:
    """A volunteer as dispatch needs her for one school: yes/no about conflicts, never what they are.

    *went_first*: this would be a second visit to look at again what she saw at the first (E-18).
    """

    volunteer_id: str
    is_active: bool
    home: Point | None
    tied_to_school: bool
    tied_to_district: bool
    has_consented: bool
    is_briefed: bool
    has_declared: bool
    went_first: bool = False
    is_of_season: bool = True


@dataclass(frozen=True)
class Fitness:
    """What is known of sending one candidate: hindrances, metres from home (None when unknown), open visits."""

    volunteer_id: str
    hindrances: tuple[Hindrance, ...]
    distance: float | None
    open_visits: int

    @property
    def may_go(self) -> bool:
        """Say whether nothing hinders."""
        return not self.hindrances


def is_current(at: datetime | None, when: datetime, season: timedelta) -> bool:
    """Say whether what was done *at* still counts at *when*: it is renewed each season."""
    return at is not None and when - at <= season


def fitness(
    candidate: Candidate,
    school_id: str,
    place: Point | None,
    visits: Sequence[PastVisit],
    when: datetime,
    gap_days: int = ROTATION_DAYS,
) -> Fitness:
    """Weigh one candidate for one school at *when* (UTC, the window's start).

    *visits* are all visits of this candidate and all visits of this school.
    """
    own = [v for v in visits if v.volunteer_id == candidate.volunteer_id]
    there = [v for v in own if v.school_id == school_id]
    gap = timedelta(days=max(gap_days, ROTATION_DAYS))
    found = _not_ready(candidate)
    if candidate.tied_to_school:
        found.append(Hindrance.CONFLICT_SCHOOL)
    if candidate.tied_to_district:
        found.append(Hindrance.CONFLICT_DISTRICT)
    if any(v.is_open for v in there):
        found.append(Hindrance.OPEN_VISIT_THERE)
    elif any(abs(when - v.at) < gap for v in there):
        found.append(Hindrance.ROTATION)
    if candidate.went_first:
        found.append(Hindrance.WENT_FIRST)
    others = [v for v in visits if v.school_id == school_id and v.volunteer_id != candidate.volunteer_id]
    if any(abs(when - v.at) < timedelta(days=gap_days) for v in others):
        found.append(Hindrance.SCHOOL_TOO_SOON)
    metres = distance(candidate.home, place) if candidate.home and place else None
    return Fitness(candidate.volunteer_id, tuple(found), metres, sum(v.is_open for v in own))


def _not_ready(candidate: Candidate) -> list[Hindrance]:
    stands = (
        (candidate.is_active, Hindrance.INACTIVE),
        (candidate.is_of_season, Hindrance.OLD_CODE),
        (candidate.has_consented, Hindrance.NO_CONSENT),
        (candidate.is_briefed, Hindrance.NOT_BRIEFED),
        (candidate.has_declared, Hindrance.CONFLICT_NOT_DECLARED),
    )
    return [hindrance for is_so, hindrance in stands if not is_so]


def ranked(fits: Sequence[Fitness]) -> tuple[Fitness, ...]:
    """Order candidates fairly: who may go, then fewest open visits, then nearest, then by id so that it is stable."""

    def rank(fit: Fitness) -> tuple[bool, int, float, str]:
        metres = fit.distance if fit.distance is not None else 1e9
        return (not fit.may_go, fit.open_visits, metres, fit.volunteer_id)

    return tuple(sorted(fits, key=rank))
