"""A new season: every volunteer of a region gets a new code, and only the vault knows who had which before.

She is somebody new to the tables: what she did under the old code stays with the old one, and nothing outside of the
vault leads from one to the other. So that not even the moment does, a region's volunteers are renewed together and in
an order that says nothing, and the record is told how many and no more. Consent, quiz and conflicts begin anew, as they
do each season; her phone gets a new link, for its store has the old one's name.

Nobody keeps her code. A visit whose days have not begun is called off, to be planned anew. One that may be under way
on a phone is finished under the old code, which is good for that and nothing else, and ends with the decision about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fieldcheck.domain.access import Action, Role
from fieldcheck.domain.visit import VisitMove, VisitState, move
from fieldcheck.storage import device_queries, people_queries, visit_queries
from fieldcheck.storage.tables import Person, Visit
from fieldcheck.usecases import identities, people
from fieldcheck.usecases.work import Work, permits


@dataclass(frozen=True)
class Season:
    """How a region's volunteers stand to a new season.

    How many have a code from before this season; how many get a new one; how many old codes only finish what is under
    way; how many visits whose days have not begun are called off.
    """

    old: int
    ready: int
    finishing: int
    called_off: int


@permits(Action.SEASON_BEGIN)
def standing(work: Work) -> Season:
    """Say how the region's volunteers stand."""
    going, finishing = _volunteers(work)
    old = sum(work.now - one.created_at > work.settings.season for one in going)
    return Season(old, len(going), len(finishing), len(_to_call_off(work, going)))


@permits(Action.SEASON_BEGIN)
def begin(work: Work) -> Season:
    """Give new codes to all volunteers of the region; whoever is not under way is signed out and awaits a new link."""
    going, finishing = _volunteers(work)
    called_off = _to_call_off(work, going)
    for visit in called_off:
        visit.state = move(VisitState(visit.state), VisitMove.WITHDRAW).value
        visit.decided_at = visit.updated_at = work.now
        visit.decided_by = work.actor.person_id
        work.session.add(visit)
    work.session.flush()
    for old in work.chance.sample(going, len(going)):
        _renew(work, old)
    busy = visit_queries.with_open_visits(work.session, [one.id for one in (*going, *finishing)])
    for one in (*going, *finishing):
        if one.id not in busy:
            _end(work, one)
    work.session.flush()
    # The rows first: where writers work side by side, whoever opens a phone now has its row and waits for the record.
    for visit in called_off:
        work.record(Action.VISIT_WITHDRAW, visit.id, reason="season")
    work.record(Action.SEASON_BEGIN, str(work.actor.region), renewed=len(going), called_off=len(called_off))
    return Season(0, len(going), len(busy), len(called_off))


def end_if_over(work: Work, person_id: str) -> None:
    """End an earlier season's code when nothing is under way under it any more. For use-cases only."""
    person = work.session.get(Person, person_id)
    if person is None or not person.active or not identities.renewed(work.vault, [person_id]):
        return
    work.session.flush()
    if not visit_queries.with_open_visits(work.session, [person_id]):
        _end(work, person)


def _volunteers(work: Work) -> tuple[Sequence[Person], Sequence[Person]]:
    """Give those who get a new code, and those who have one and only finish under the old."""
    there = people_queries.people(work.session, work.reach(Action.SEASON_BEGIN))
    active = [one for one in there if one.role == Role.VOLUNTEER and one.active]
    renewed = identities.renewed(work.vault, [one.id for one in active])
    return [one for one in active if one.id not in renewed], [one for one in active if one.id in renewed]


def _to_call_off(work: Work, volunteers: Sequence[Person]) -> Sequence[Visit]:
    """List the visits that nobody can have begun: a phone without a network tells of a beginning later."""
    assigned = visit_queries.assigned_to(work.session, [one.id for one in volunteers])
    return [visit for visit in assigned if visit.window_from > work.now]


def _renew(work: Work, old: Person) -> None:
    new = Person(
        id=work.new_id(),
        code=people.free_code(work, Role.VOLUNTEER),
        role=old.role,
        region_id=old.region_id,
        language=old.language,
        created_at=work.now,
    )
    work.session.add(new)
    work.session.flush()
    identities.renew(work.vault, old.id, new.id, work.new_id)


def _end(work: Work, old: Person) -> None:
    old.active = False
    work.session.add(old)
    # Her phone too, now and unsaid: were it ended when the new link is opened on it, the moment would tie both codes.
    device_queries.cut_off(work.session, old.id, work.now)
