"""A new season: every volunteer of a region gets a new code, and only the vault knows who had which before.

She is somebody new to the tables: what she did under the old code stays with the old one, and nothing outside of the
vault leads from one to the other. So that not even the moment does, a region's volunteers are renewed together and in
an order that says nothing, and the record is told how many and no more. Consent, quiz and conflicts begin anew, as they
do each season; her phone gets a new link, for its store has the old one's name. Whoever has a visit open keeps her code
until it is decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import col

from fieldcheck.domain.access import Action, Role
from fieldcheck.storage import people_queries, visit_queries
from fieldcheck.storage.tables import Invite, Person
from fieldcheck.usecases import identities, people
from fieldcheck.usecases.work import Work, permits


@dataclass(frozen=True)
class Season:
    """How many have a code from before this season, how many of them can get a new one now, and how many must wait."""

    old: int
    ready: int
    waiting: int


@permits(Action.SEASON_BEGIN)
def standing(work: Work) -> Season:
    """Say how the region's volunteers stand."""
    there = _volunteers(work)
    busy = visit_queries.with_open_visits(work.session, [one.id for one in there])
    old = sum(work.now - one.created_at > work.settings.season for one in there)
    return Season(old, len(there) - len(busy), len(busy))


@permits(Action.SEASON_BEGIN)
def begin(work: Work) -> Season:
    """Give new codes to all volunteers of the region who have no visit open; signed out, they await a new link."""
    there = _volunteers(work)
    busy = visit_queries.with_open_visits(work.session, [one.id for one in there])
    going = [one for one in there if one.id not in busy]
    for old in work.chance.sample(going, len(going)):
        _renew(work, old)
    work.session.flush()
    work.record(Action.SEASON_BEGIN, str(work.actor.region), renewed=len(going))
    return Season(0, len(going), len(busy))


def _volunteers(work: Work) -> Sequence[Person]:
    there = people_queries.people(work.session, work.reach(Action.SEASON_BEGIN))
    return [one for one in there if one.role == Role.VOLUNTEER and one.active]


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
    old.active = False
    work.session.add(old)
    people_queries.revoke(work.session, old.id, work.now)
    work.session.execute(delete(Invite).where(col(Invite.person_id) == old.id, col(Invite.used_at).is_(None)))

