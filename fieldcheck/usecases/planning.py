"""Sending several volunteers to several schools at once: draw, propose, look, send.

A proposal is only looked at; nothing is kept until it is sent, and then each visit passes the same locks and refusals
as one that is assigned alone. All of a plan is sent, or nothing.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fieldcheck.domain import planning
from fieldcheck.domain.access import Action, Role
from fieldcheck.domain.checklist import Words
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.errors import Conflict, Invalid
from fieldcheck.domain.planning import DAYS_EACH, MOST_ERRANDS
from fieldcheck.settings import ZONE
from fieldcheck.storage import people_queries
from fieldcheck.storage import programme_queries as programme
from fieldcheck.usecases import checklists, dispatch
from fieldcheck.usecases.work import Work, permits

OPENS, CLOSES = time(8), time(19)


@dataclass(frozen=True)
class Errand:
    """A school to be visited with these checklists, between these days of the programme's wall clock."""

    school_id: str
    digests: tuple[str, ...]
    first: date
    last: date


@dataclass(frozen=True)
class Sending:
    """One line of a proposal: who goes where with what, and between which moments."""

    errand: Errand
    school_name: Words
    district_name: Words
    volunteer_id: str
    volunteer: str
    distance: float | None
    window_from: datetime
    window_to: datetime


@dataclass(frozen=True)
class Proposal:
    """A plan to look at: its lines, how many open visits each volunteer would have, its kilometres, and who is left.

    *left* names the schools that nobody can go to, each with why, by how many volunteers.
    """

    lines: tuple[Sending, ...]
    loads: Mapping[str, int]
    kilometres: float
    left: Mapping[str, Mapping[Hindrance, int]]
    left_names: Mapping[str, Words]


@permits(Action.VISIT_ASSIGN)
def draw(work: Work, digests: Sequence[str], districts: Sequence[str], count: int) -> tuple[str, ...]:
    """Draw schools without a visit by lot, of these districts (none: all), that these checklists apply to."""
    sheets = [checklists.load(work, digest) for digest in digests]
    reach = work.reach(Action.VISIT_ASSIGN)
    pool = [
        school.id
        for school in programme.schools_untouched(work.session, reach)
        if (not districts or school.district in districts)
        and all(school.ownership in sheet.applies_to for sheet in sheets)
    ]
    return tuple(sorted(work.chance.sample(sorted(pool), min(count, len(pool), MOST_ERRANDS))))


@permits(Action.VISIT_ASSIGN)
def propose(work: Work, errands: Sequence[Errand], seed: int) -> Proposal:
    """Plan these errands fairly; the same *seed* draws the same days, so that a look does not change the plan."""
    if len(errands) > MOST_ERRANDS:
        raise Invalid("plan.too_many", most=MOST_ERRANDS)
    by_school = {errand.school_id: errand for errand in errands if errand.digests and errand.first <= errand.last}
    people = {
        person.id: person
        for person in people_queries.people(work.session, work.reach(Action.VISIT_ASSIGN))
        if person.role == Role.VOLUNTEER and person.active
    }
    weighed = {
        id_: dispatch.fits(
            work, dispatch.the_school(work, id_), list(people.values()), errand.digests, _at(errand.first, OPENS)
        )
        for id_, errand in by_school.items()
    }
    legs = planning.plan(weighed)
    chance, taken = random.Random(seed), set[tuple[str, date]]()
    lines = [_line(work, by_school[leg.school_id], leg, people[leg.volunteer_id].code, chance, taken) for leg in legs]
    loads = {people[fit.volunteer_id].code: fit.open_visits for some in weighed.values() for fit in some}
    for line in lines:
        loads[line.volunteer] += 1
    served = {line.errand.school_id for line in lines}
    why = {
        id_: _counted([h for fit in some for h in fit.hindrances]) for id_, some in weighed.items() if id_ not in served
    }
    return Proposal(
        lines=tuple(sorted(lines, key=lambda line: (line.window_from, line.volunteer))),
        loads={code: n for code, n in sorted(loads.items()) if n},
        kilometres=planning.kilometres(legs),
        left=why,
        left_names={id_: dispatch.the_school(work, id_).name for id_ in why},
    )


def _line(
    work: Work, errand: Errand, leg: planning.Leg, code: str, chance: random.Random, taken: set[tuple[str, date]]
) -> Sending:
    """Draw the day on which a visit may begin; nobody begins two on one day while another day is free."""
    days = planning.first_days(errand.first, errand.last) or (errand.first,)
    free = [day for day in days if (leg.volunteer_id, day) not in taken] or list(days)
    begins = chance.choice(free)
    taken.add((leg.volunteer_id, begins))
    ends = min(begins + timedelta(days=DAYS_EACH - 1), max(errand.last, begins))
    school = dispatch.the_school(work, errand.school_id)
    opens = max(_at(begins, OPENS), work.now)
    return Sending(
        errand, school.name, school.district_name, leg.volunteer_id, code, leg.distance, opens, _at(ends, CLOSES)
    )


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE)


def _counted(hindrances: Sequence[Hindrance]) -> dict[Hindrance, int]:
    return {one: hindrances.count(one) for one in dict.fromkeys(hindrances)}


@permits(Action.VISIT_ASSIGN)
def send(work: Work, lines: Sequence[Sending], campaign_id: str | None = None) -> int:
    """Assign every line of a proposal, or none: the first that is refused names its school."""
    if not lines:
        raise Invalid("plan.empty")
    for line in lines:
        try:
            dispatch.assign(
                work,
                line.errand.school_id,
                line.volunteer_id,
                line.errand.digests,
                line.window_from,
                line.window_to,
                campaign_id=campaign_id,
            )
        except Conflict as error:
            raise Conflict("plan.line_refused", school=line.errand.school_id, volunteer=line.volunteer) from error
    return len(lines)
