"""Sending the right stranger to the right school."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldcheck.domain import dispatch
from fieldcheck.domain.access import Action, Role
from fieldcheck.domain.dispatch import Candidate, Fitness, Hindrance, PastVisit
from fieldcheck.domain.errors import Conflict, Invalid, NotFound
from fieldcheck.domain.geo import Point
from fieldcheck.domain.visit import OPEN, VisitMove, VisitState, move
from fieldcheck.storage import people_queries, revisit_queries, visit_queries
from fieldcheck.storage import programme_queries as programme
from fieldcheck.storage.tables import Person, School, Visit, VisitChecklist
from fieldcheck.usecases import checklists, identities, readiness, revisits, seasons
from fieldcheck.usecases.work import Work, permits

LONGEST_WINDOW = timedelta(days=60)
#: Public functions that carry no lock of their own: other use-cases call them behind theirs, no door ever does.
INTERNAL = ("the_school", "fits")


@dataclass(frozen=True)
class CandidateView:
    """A volunteer as the coordinator weighs her for one school. *distance* in metres, None when unknown."""

    id: str
    code: str
    distance: float | None
    open_visits: int
    hindrances: tuple[Hindrance, ...]

    @property
    def may_go(self) -> bool:
        """Say whether nothing hinders."""
        return not self.hindrances


@permits(Action.VISIT_ASSIGN)
def candidates(
    work: Work, school_id: str, digests: Sequence[str], when: datetime, instead: str | None = None
) -> tuple[CandidateView, ...]:
    """Weigh every volunteer of the region for one school at *when* (UTC), the fittest first, each with her reasons.

    *instead* is a visit that would be called off for this one, and does not count.
    """
    school = the_school(work, school_id)
    people = {
        person.id: person
        for person in people_queries.people(work.session, work.reach(Action.VISIT_ASSIGN))
        if person.role == Role.VOLUNTEER
    }
    weighed = fits(work, school, list(people.values()), digests, when, instead)
    return tuple(
        CandidateView(
            id=fit.volunteer_id,
            code=people[fit.volunteer_id].code,
            distance=fit.distance,
            open_visits=fit.open_visits,
            hindrances=fit.hindrances,
        )
        for fit in dispatch.ranked(weighed)
    )


def the_school(work: Work, school_id: str) -> School:
    """Find a school within reach; a foreign one and a missing one look the same."""
    school = programme.school(work.session, work.reach(Action.VISIT_ASSIGN), school_id)
    if school is None:
        raise NotFound("school.not_found")
    return school


def fits(
    work: Work,
    school: School,
    people: Sequence[Person],
    digests: Sequence[str],
    when: datetime,
    instead: str | None = None,
) -> list[Fitness]:
    """Weigh these people for one school at *when* (UTC)."""
    ids = [person.id for person in people]
    sheets = [checklists.load(work, digest) for digest in digests]
    gap = max((sheet.min_gap_days_same_school for sheet in sheets), default=0)
    again = revisit_queries.waiting_at(work.session, school.id, {sheet.id for sheet in sheets})
    standings = identities.standings(work.vault, ids, school.id, school.district)
    # Who she was in earlier seasons went there too: dispatch is told, and nobody else.
    now = {before: id_ for id_ in ids for before in standings[id_].before}
    went_first = {now.get(who, who) for row, who in again if row.closes_at >= when}
    place = Point(school.lat, school.lon) if school.lat is not None and school.lon is not None else None
    past = [
        PastVisit(
            now.get(v.volunteer_id, v.volunteer_id),
            v.school_id,
            v.started_at or v.window_from,
            VisitState(v.state) in OPEN,
        )
        for v in visit_queries.visits_of(work.session, [*ids, *now], school.id)
        if v.state != VisitState.WITHDRAWN and v.id != instead
    ]
    ready = readiness.of(work.session, work.settings, people, when)
    return [
        dispatch.fitness(
            Candidate(
                person.id,
                person.active,
                standings[person.id].home,
                standings[person.id].tied_to_school,
                standings[person.id].tied_to_district,
                ready[person.id].has_consented,
                ready[person.id].is_briefed,
                ready[person.id].has_declared,
                person.id in went_first,
                not standings[person.id].is_renewed and when - person.created_at <= work.settings.season,
            ),
            school.id,
            place,
            past,
            when,
            gap or dispatch.ROTATION_DAYS,
        )
        for person in people
    ]


@permits(Action.VISIT_ASSIGN)
def assign(
    work: Work,
    school_id: str,
    volunteer_id: str,
    digests: Sequence[str],
    window_from: datetime,
    window_to: datetime,
    scenario: Mapping[str, str] | None = None,
    campaign_id: str | None = None,
    instead: str | None = None,
) -> str:
    """Send a volunteer to a school with exact checklist versions; gives the visit's id.

    *instead* names a visit that is called off for it in the same stroke, when somebody leaves or cannot go.

    Refuses whoever may not go, with the reasons; a window that is over, upside down or too long; a checklist that
    does not apply to the school's ownership.
    """
    school = the_school(work, school_id)
    if instead:
        withdraw(work, instead, "")
    person = people_queries.person(work.session, work.reach(Action.VISIT_ASSIGN), volunteer_id)
    if person is None or person.role != Role.VOLUNTEER:
        raise NotFound("person.not_found")
    if not digests:
        raise Invalid("visit.no_checklist")
    if window_to <= window_from or window_to <= work.now or window_to - window_from > LONGEST_WINDOW:
        raise Invalid("visit.window", longest=LONGEST_WINDOW.days)
    for digest in digests:
        checklist = checklists.load(work, digest)
        if school.ownership not in checklist.applies_to:
            raise Invalid("visit.checklist_not_for_school", checklist=checklist.id, ownership=school.ownership)
    (fit,) = fits(work, school, [person], digests, window_from)
    if not fit.may_go:
        raise Conflict("visit.may_not_go", reasons=[h.value for h in fit.hindrances])
    visit = Visit(
        id=work.new_id(),
        school_id=school.id,
        region_id=school.region_id,
        volunteer_id=person.id,
        campaign_id=campaign_id,
        assigned_by=work.actor.person_id,
        window_from=window_from,
        window_to=window_to,
        scenario=dict(scenario) if scenario and any(scenario.values()) else None,
        state=VisitState.ASSIGNED.value,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(visit)
    work.session.flush()
    for position, digest in enumerate(dict.fromkeys(digests)):
        work.session.add(VisitChecklist(visit_id=visit.id, digest=digest, position=position))
    revisits.take_up(work, visit, [checklists.load(work, digest).id for digest in digests])
    work.record(Action.VISIT_ASSIGN, visit.id, school=school.id, volunteer=person.code, checklists=list(digests))
    return visit.id


@permits(Action.VISIT_WITHDRAW)
def withdraw(work: Work, visit_id: str, reason: str) -> None:
    """Call a visit off; what was recorded so far stays, and a phone that is offline may still hand it over."""
    row = visit_queries.visit(work.session, work.reach(Action.VISIT_WITHDRAW), visit_id, lock=True)
    if row is None:
        raise NotFound("visit.not_found")
    row.visit.state = move(VisitState(row.visit.state), VisitMove.WITHDRAW).value
    row.visit.decision_note = reason.strip()
    row.visit.decided_at = row.visit.updated_at = work.now
    row.visit.decided_by = work.actor.person_id
    work.session.add(row.visit)
    seasons.end_if_over(work, row.visit.volunteer_id)
    work.record(Action.VISIT_WITHDRAW, visit_id, reason=reason.strip())
