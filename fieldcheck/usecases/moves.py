"""Giving somebody another role or region, by whoever may bring in both the old role and the new one."""

from fieldcheck.domain.access import MAY_BRING_IN, TAKES_TWO, Action, Role
from fieldcheck.domain.errors import Forbidden, Invalid, NotFound
from fieldcheck.storage import account_queries, people_queries
from fieldcheck.storage import programme_queries as programme
from fieldcheck.usecases import ways_in
from fieldcheck.usecases.work import Work, permits


@permits(Action.PERSON_MOVE)
def move(work: Work, person_id: str, role: Role, region: str | None) -> None:
    """Give somebody another role or region; her open pages see it at their next message.

    Nobody gives a role that he does not bring in, nor takes one, nor moves himself; the code stays what it is. Whoever
    comes to read names, or to agree where two must, comes in anew by a link that another makes: an account made for
    oneself would be the second person.
    """
    person = people_queries.person(work.session, work.reach(Action.PERSON_MOVE), person_id)
    if person is None or not person.active or person.id == work.actor.person_id:
        raise NotFound("person.not_found")
    if not {role, Role(person.role)} <= MAY_BRING_IN[work.actor.role]:
        raise Forbidden("person.role_not_yours", role=role.value)
    if work.actor.region is not None and region != work.actor.region:
        raise Forbidden("person.region_not_yours")
    if region is None and role is Role.COORDINATOR:
        raise Invalid("person.region_needed")
    if region is not None and region not in {one.id for one in programme.regions(work.session)}:
        raise NotFound("region.not_found")
    before = {"role": person.role, "region": person.region_id}
    if role in TAKES_TWO and Role(person.role) not in TAKES_TWO:
        account_queries.drop_identity(work.session, person.id)
        ways_in.take_away(work.session, work.settings, person, work.now)
    person.role, person.region_id = role.value, region
    work.session.add(person)
    work.record(Action.PERSON_MOVE, person.id, before=before, role=role.value, region=region)
