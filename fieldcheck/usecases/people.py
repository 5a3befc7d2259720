"""Who takes part: bringing people in, inviting, signing in and out, declaring conflicts of interest.

A name stands only in the vault, read by the coordinator of the region; everywhere else a person is a code.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from fieldcheck.domain.access import MAY_BRING_IN, TAKES_TWO, Action, Actor, Role
from fieldcheck.domain.errors import Conflict as Clash
from fieldcheck.domain.errors import Forbidden, Invalid, NotFound, NotNow
from fieldcheck.domain.geo import Point
from fieldcheck.settings import Settings
from fieldcheck.storage import account_queries, database, device_queries, people_queries, record_queries, vault
from fieldcheck.storage import programme_queries as programme
from fieldcheck.storage.tables import Invite, Person
from fieldcheck.storage.vault import Vault
from fieldcheck.usecases import devices, identities, readiness, sessions
from fieldcheck.usecases.identities import Tie
from fieldcheck.usecases.readiness import Readiness
from fieldcheck.usecases.sessions import NewSession, hashed
from fieldcheck.usecases.work import Work, permits, write_record

#: How long an invite waits.
INVITE_FOR = timedelta(hours=48)
_PREFIX = {
    Role.VOLUNTEER: "V",
    Role.COORDINATOR: "C",
    Role.REVIEWER: "R",
    Role.ADMINISTRATOR: "A",
    Role.AUDITOR: "U",
    Role.CUSTODIAN: "K",
}
#: After one of these somebody else than who did it, or the console, makes the new link.
TAKING_AWAY = ("person.reset", "person.identity")
#: And, for whoever reads names or agrees where two must, after one of these.
MAKING = (Action.PERSON_ADD.value, Action.PERSON_MOVE.value)
CONFLICT_KINDS = ("employer", "own_school", "childs_school", "relative_works_there", "rejected_there", "other")
_LANGUAGES = ("ru", "kk", "en")


@dataclass(frozen=True)
class PersonView:
    """A person by her code, as her coordinator (or, for staff, the administrator) lists her.

    *readiness* is a volunteer's: what she still needs before she is sent anywhere.
    """

    id: str
    code: str
    role: Role
    region: str | None
    language: str
    active: bool
    readiness: Readiness | None


@dataclass(frozen=True)
class Rostered:
    """A person as whoever holds the server's console sees her."""

    id: str
    code: str
    role: Role
    region: str | None
    name: str
    language: str


def found(settings: Settings, name: str, language: str, now: datetime) -> str:
    """Create the first administrator of an empty programme; gives the id. Raises Conflict when there is anybody."""
    with database.transaction(settings.database_url) as session, vault.opened(settings, session) as box:
        if people_queries.anybody(session):
            raise Clash("person.already_founded")
        person = Person(
            id=secrets.token_hex(16), code="A-0001", role="administrator", language=language, created_at=now
        )
        session.add(person)
        session.flush()
        identities.keep(box, person.id, name)
        write_record(session, "console", Action.PERSON_ADD, person.id, {"role": "administrator"}, now)
        return person.id


@permits(Action.PERSON_ADD)
def bring_in(
    work: Work,
    role: Role,
    region: str | None,
    name: str,
    phone: str = "",
    language: str = "ru",
    home: Point | None = None,
) -> str:
    """Add a person; gives the id. Nobody grants what he does not hold, nor outside his region."""
    if role not in MAY_BRING_IN[work.actor.role]:
        raise Forbidden("person.role_not_yours", role=role.value)
    if work.actor.region is not None and region != work.actor.region:
        raise Forbidden("person.region_not_yours")
    if region is None and role in (Role.VOLUNTEER, Role.COORDINATOR):
        raise Invalid("person.region_needed")
    if not name.strip() or len(name) > 200:
        raise Invalid("person.name_needed")
    if language not in _LANGUAGES:
        raise Invalid("account.language", language=language)
    person = Person(
        id=work.new_id(),
        code=free_code(work, role),
        role=role.value,
        region_id=region,
        language=language,
        created_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    identities.keep(work.vault, person.id, name, phone, home)
    work.record(Action.PERSON_ADD, person.id, role=role.value, region=region)
    return person.id


def free_code(work: Work, role: Role) -> str:
    """Choose a code that nobody has or ever had. For use-cases only."""
    for _ in range(200):
        number = work.chance.randrange(1000, 10000) if role is Role.VOLUNTEER else work.chance.randrange(100, 1000)
        code = f"{_PREFIX[role]}-{number}"
        if people_queries.by_code(work.session, code) is None:
            return code
    return f"{_PREFIX[role]}-{work.chance.randrange(10**5, 10**6)}"


@permits(Action.PERSON_LIST)
def people(work: Work) -> tuple[PersonView, ...]:
    """List the people within the actor's reach: her region's volunteers, or the staff."""
    rows = people_queries.people(work.session, work.reach(Action.PERSON_LIST))
    walkers = [person for person in rows if person.role == Role.VOLUNTEER]
    ready = readiness.of(work.session, work.settings, walkers, work.now)
    return tuple(
        PersonView(one.id, one.code, Role(one.role), one.region_id, one.language, one.active, ready.get(one.id))
        for one in rows
    )


@permits(Action.PERSON_INVITE)
def invite(work: Work, person_id: str) -> str:
    """Make a link's token that signs this person in once; only its hash is kept."""
    person = people_queries.person(work.session, work.reach(Action.PERSON_INVITE), person_id)
    if person is None or not person.active:
        raise NotFound("person.not_found")
    if _comes_in_otherwise(work.session, work.settings, person.id):
        raise NotNow("invite.not_needed")
    if is_own_making(work, person):  # or one person alone would come in as another
        raise Forbidden("invite.two_people")
    if _still_finishes(work.session, work.vault, person):
        raise NotNow("season.finish_first")
    token = _new_invite(work.session, person.id, work.actor.person_id, work.now)
    work.record(Action.PERSON_INVITE, person.id)
    return token


def is_own_making(work: Work, person: Person) -> bool:
    """Say whether the actor made this person what she is, or took her way in away: then another lets her in."""
    who = [record_queries.last_about(work.session, person.id, TAKING_AWAY)]
    if Role(person.role) in TAKES_TWO:
        who.append(record_queries.last_about(work.session, person.id, MAKING))
    return work.actor.code in who


def _still_finishes(session: Session, box: Vault, person: Person) -> bool:
    """Say whether something is still under way under an earlier season's code of hers.

    One phone leaving and coming at one moment would tie the two codes together.
    """
    if person.role != Role.VOLUNTEER or identities.renewed(box, [person.id]):
        return False
    earlier = set(identities.everyone_she_was(box, person.id)) - {person.id}
    return any(one.active for id_ in earlier if (one := people_queries.by_id(session, id_)) is not None)


@permits(Action.ACCOUNT_LANGUAGE)
def invite_self(work: Work) -> str:
    """Make a link for one's own next device."""
    token = _new_invite(work.session, work.actor.person_id, work.actor.person_id, work.now)
    work.record(Action.PERSON_INVITE, work.actor.person_id)
    return token


def invite_from_console(settings: Settings, code: str, now: datetime) -> str:
    """Make an invite for whoever has *code*, on the word of whoever holds the server's console."""
    with (
        database.transaction(settings.database_url) as session,
        vault.opened(settings, session, reading=True) as box,
    ):
        person = people_queries.by_code(session, code)
        if person is None or not person.active:
            raise NotFound("person.not_found")
        if _comes_in_otherwise(session, settings, person.id):
            raise NotNow("invite.not_needed")
        if _still_finishes(session, box, person):
            raise NotNow("season.finish_first")
        token = _new_invite(session, person.id, "console", now)
        write_record(session, "console", Action.PERSON_INVITE, person.id, {}, now)
        return token


def roster(settings: Settings) -> tuple[Rostered, ...]:
    """List everybody active by code, on the word of whoever holds the server's console."""
    with (
        database.transaction(settings.database_url, reading=True) as session,
        vault.opened(settings, session, reading=True) as box,
    ):
        there = [person for person in people_queries.everybody(session) if person.active]
        named = identities.names(box, [person.id for person in there])
        return tuple(
            Rostered(one.id, one.code, Role(one.role), one.region_id, named.get(one.id, ""), one.language)
            for one in there
        )


def _new_invite(session: Session, person_id: str, by: str, now: datetime) -> str:
    people_queries.forget_invites(session, person_id)  # one link waits at a time: an older one is on its way to nobody
    token = secrets.token_urlsafe(32)
    session.add(
        Invite(
            token_hash=hashed(token), person_id=person_id, created_by=by, created_at=now, expires_at=now + INVITE_FOR
        )
    )
    return token


def redeem(settings: Settings, token: str, now: datetime, device: str = "") -> NewSession:
    """Sign in with an invite, once; raises NotFound `invite.not_good` for used, expired and unknown ones alike.

    Any other of hers that waits is void then.
    """
    with database.transaction(settings.database_url) as session:
        person_id = people_queries.use_invite(session, hashed(token), now)
        actor = people_queries.actor_by_account(session, person_id) if person_id else None
        if actor is None or _comes_in_otherwise(session, settings, actor.person_id):
            raise NotFound("invite.not_good")
        people_queries.forget_invites(session, actor.person_id)
        if actor.role is Role.VOLUNTEER:
            return devices.begin(session, settings, actor, now, device)
        return sessions.start(session, settings, actor, sessions.LINK, now, device)


def _comes_in_otherwise(session: Session, settings: Settings, person_id: str) -> bool:
    """Say whether somebody has a stronger way in: then a link, which may be stolen, opens nothing."""
    if settings.sign_in.way == sessions.PASSWORD:
        return bool(account_queries.complete(session, [person_id]))
    return settings.sign_in.way == sessions.OIDC and bool(account_queries.identities(session, [person_id]))


def actor_by_account(settings: Settings, account: str) -> Actor | None:
    """Say who *account* is; None when there is no such active person."""
    with database.transaction(settings.database_url, reading=True) as session:
        return people_queries.actor_by_account(session, account)


@permits(Action.ACCOUNT_LANGUAGE)
def speak(work: Work, language: str) -> None:
    """Choose the language one is spoken to in."""
    if language not in _LANGUAGES:
        raise Invalid("account.language", language=language)
    work.session.execute(update(Person).where(col(Person.id) == work.actor.person_id).values(language=language))


@permits(Action.PERSON_CLOSE)
def close(work: Work, person_id: str) -> None:
    """End a person's part at once: signed out everywhere, open invites void. What she recorded stays."""
    person = people_queries.person(work.session, work.reach(Action.PERSON_CLOSE), person_id)
    if person is None or person.id == work.actor.person_id:
        raise NotFound("person.not_found")
    person.active = False
    work.session.add(person)
    device_queries.cut_off(work.session, person.id, work.now)
    work.record(Action.PERSON_CLOSE, person.id)


@permits(Action.CONFLICT_WRITE)
def declare_conflict(
    work: Work, person_id: str, kind: str, school_id: str | None = None, district: str | None = None
) -> str:
    """Write down a conflict of interest with one school or one district; gives its id (requirement E-17)."""
    person = people_queries.person(work.session, work.reach(Action.CONFLICT_WRITE), person_id)
    if person is None:
        raise NotFound("person.not_found")
    if kind not in CONFLICT_KINDS or not (school_id or district):
        raise Invalid("conflict.incomplete")
    if school_id and programme.school(work.session, work.reach(Action.CONFLICT_WRITE), school_id) is None:
        raise NotFound("school.not_found")
    tie = Tie(work.new_id(), kind, school_id, district)
    identities.bind(work.vault, person.id, tie)
    work.record(Action.CONFLICT_WRITE, person.id, conflict=tie.id)
    return tie.id


@permits(Action.CONFLICT_WRITE)
def confirm_conflicts(work: Work, person_id: str) -> None:
    """Write down that a volunteer was asked this season, and that what is written down is all there is."""
    person = people_queries.person(work.session, work.reach(Action.CONFLICT_WRITE), person_id)
    if person is None:
        raise NotFound("person.not_found")
    person.conflicts_declared_at = work.now
    work.session.add(person)
    work.record(Action.CONFLICT_WRITE, person.id, asked=True)


@permits(Action.CONFLICT_WRITE)
def drop_conflict(work: Work, conflict_id: str) -> None:
    """Take a conflict back that was written down by mistake."""
    reach, whose = work.reach(Action.CONFLICT_WRITE), identities.bound_person(work.vault, conflict_id)
    if whose is None or people_queries.person(work.session, reach, whose) is None:
        raise NotFound("conflict.not_found")
    work.vault.remove(conflict_id)
    work.record(Action.CONFLICT_WRITE, whose, dropped=conflict_id)


def store_name(settings: Settings, person_id: str) -> str:
    """Give a name for this person's store in a browser: stable, and meaningless to whoever finds the phone."""
    return hmac.new(settings.secret.encode(), person_id.encode(), hashlib.sha256).hexdigest()[:16]
