"""A fair plan for several errands at once: who goes to which school, and what that costs.

Fair comes before short: nobody carries more than the others while somebody else could go. Among equals the nearest
goes. Chance is not used here; on which day of its window a visit begins is drawn where chance is at hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fieldcheck.domain.case import is_working_day
from fieldcheck.domain.dispatch import Fitness

#: Days that a visit has, from the one that was drawn: enough for a shift that runs late, few enough to be unforeseen.
DAYS_EACH = 3
#: Nobody is given more open visits than this by a plan.
MOST_EACH = 4
#: A plan is read before it is sent; more than this nobody reads.
MOST_ERRANDS = 40
_FAR = 1e9


@dataclass(frozen=True)
class Leg:
    """One volunteer's way to one school. *distance* in metres, None when unknown."""

    school_id: str
    volunteer_id: str
    distance: float | None


def plan(errands: Mapping[str, Sequence[Fitness]], most: int = MOST_EACH) -> tuple[Leg, ...]:
    """Give each school one of those who may go; a school that nobody is left for gets no leg.

    The school with the fewest who may go is served first, else its only visitor might be sent elsewhere.
    """
    load = {fit.volunteer_id: fit.open_visits for fits in errands.values() for fit in fits}
    order = sorted(errands, key=lambda id_: (sum(fit.may_go for fit in errands[id_]), id_))
    legs: list[Leg] = []
    for school_id in order:
        able = [fit for fit in errands[school_id] if fit.may_go and load[fit.volunteer_id] < most]
        if not able:
            continue
        best = min(able, key=lambda fit: (load[fit.volunteer_id], _metres(fit), fit.volunteer_id))
        load[best.volunteer_id] += 1
        legs.append(Leg(school_id, best.volunteer_id, best.distance))
    return tuple(legs)


def _metres(fit: Fitness) -> float:
    return _FAR if fit.distance is None else fit.distance


def kilometres(legs: Sequence[Leg]) -> float:
    """Give what a plan costs in kilometres there and back, as far as distances are known."""
    return sum(2 * (leg.distance or 0.0) for leg in legs) / 1000


def first_days(first: date, last: date) -> tuple[date, ...]:
    """List the days on which a visit may begin so that its days end in time: working days only.

    Where the window is too short for that, its working days themselves; schools are shut on the others.
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    worked = [day for day in days if is_working_day(day)]
    fitting = [day for day in worked if day + timedelta(days=DAYS_EACH - 1) <= last]
    return tuple(fitting or worked)
