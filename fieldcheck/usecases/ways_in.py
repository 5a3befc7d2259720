"""One's own sessions and ways in; and what an administrator does about somebody else's.

Resetting takes everything away at once: a password left without its second factor would be a door with one lock.
Nobody alone comes in as somebody else: who took a way in away does not make the new link, and an account that was used
is bound to another one at a provider only at the server's console. Both are told to whom it concerns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from fieldcheck.domain.access import Action, Role
from fieldcheck.domain.errors import Conflict, Invalid, NotFound, NotNow
from fieldcheck.settings import Settings
from fieldcheck.storage import account_queries, chain, database, people_queries, record_queries
from fieldcheck.storage.tables import OpenIdentity, Person, SignedIn
from fieldcheck.usecases import people, sessions, throttle
from fieldcheck.usecases.work import Work, permits, write_record

REASON_LENGTH = 300
#: What others do about one's ways in, and how much of it one is shown.
ABOUT_ANOTHER = ("person.reset", "person.identity", "person.sessions_ended", "person.invite", "account.unlocked")
SHOWN = 5


@dataclass(frozen=True)
class SessionView:
    """One of somebody's sessions, as its owner sees it."""

    id: str
    since: datetime
    seen: datetime
    device: str
    is_this_one: bool


@dataclass(frozen=True)
class Told:
    """That somebody did something about one's ways in: when, who, what."""

    at: datetime
    by: str
    act: str


@dataclass(frozen=True)
class Mine:
    """What somebody at a desk sees of her own ways in."""

    password_at: datetime | None
    factor_at: datetime | None
    codes_left: int
    has_identity: bool
    told: tuple[Told, ...]
    sessions: tuple[SessionView, ...]


@dataclass(frozen=True)
class WayIn:
    """What an administrator sees of somebody's ways in. *identity* is the issuer and the subject."""

    is_set_up: bool
    sessions: int
    locked_until: datetime | None
    identity: tuple[str, str] | None


@permits(Action.ACCOUNT_SECURE)
def mine(work: Work, cookie: str = "") -> Mine:
    """Show one's own ways in; the session under *cookie* is this one."""
    me = work.actor.person_id
    held = account_queries.credential(work.session, me)
    is_set_up = me in account_queries.complete(work.session, [me])
    here = sessions.hashed(cookie)
    views = [
        SessionView(row.id, row.created_at, row.seen_at, row.device, row.cookie_hash == here)
        for row in account_queries.open_sessions(work.session, [me], work.now)
        if not _is_idle(row, work.now)
    ]
    return Mine(
        held.password_at if held and is_set_up else None,
        held.factor_at if held and is_set_up else None,
        account_queries.codes_left(work.session, me),
        me in account_queries.identities(work.session, [me]),
        _told(work, me),
        tuple(sorted(views, key=lambda view: not view.is_this_one)),
    )


def _told(work: Work, me: str) -> tuple[Told, ...]:
    done = [
        Told(at, by, act)
        for at, by, act, _body in chain.bodies(work.session, me)
        if act in ABOUT_ANOTHER and by != work.actor.code
    ]
    return tuple(reversed(done[-SHOWN:]))


def _is_idle(row: SignedIn, now: datetime) -> bool:
    return bool(row.idle_seconds) and now - row.seen_at > timedelta(seconds=row.idle_seconds)


@permits(Action.ACCOUNT_SECURE)
def end_one(work: Work, session_id: str) -> None:
    """End one of one's own sessions."""
    if not account_queries.end_one(work.session, work.actor.person_id, session_id, work.now):
        raise NotFound("session.not_found")
    work.record("account.session_ended", work.actor.person_id, sessions=1)


@permits(Action.ACCOUNT_SECURE)
def end_others(work: Work, cookie: str) -> int:
    """End all of one's own sessions but the one under *cookie*; gives how many."""
    ended = account_queries.end_all(work.session, work.actor.person_id, work.now, but=sessions.hashed(cookie))
    work.record("account.session_ended", work.actor.person_id, sessions=ended)
    return ended


# The administrator


@permits(Action.PERSON_RESET)
def ways(work: Work) -> Mapping[str, WayIn]:
    """List how the people within reach come in, by their ids, and who is locked out now."""
    there = people_queries.people(work.session, work.reach(Action.PERSON_RESET))
    ids, now = [one.id for one in there], work.now
    complete = account_queries.complete(work.session, ids)
    bound = account_queries.identities(work.session, ids)
    in_now = [one.person_id for one in account_queries.open_sessions(work.session, ids, now) if not _is_idle(one, now)]
    codes = [one.code for one in there]
    locked = throttle.locked(work.session, work.settings, throttle.ACCOUNT, codes, now)
    return {
        one.id: WayIn(
            one.id in complete,
            in_now.count(one.id),
            locked.get(one.code),
            (bound[one.id].issuer, bound[one.id].subject) if one.id in bound else None,
        )
        for one in there
    }


@permits(Action.PERSON_RESET)
def unlock(work: Work, person_id: str) -> None:
    """Let somebody try again at once who was locked out."""
    person = _person(work, person_id)
    throttle.free(work.session, work.settings, throttle.ACCOUNT, person.code)
    work.record("account.unlocked", person.id)


@permits(Action.PERSON_RESET)
def end_sessions(work: Work, person_id: str, reason: str) -> int:
    """End all sessions of somebody, and the links that nobody opened, for a reason; gives how many sessions."""
    person, why = _person(work, person_id), _reason(reason)
    people_queries.forget_invites(work.session, person.id)
    ended = account_queries.end_all(work.session, person.id, work.now)
    work.record("person.sessions_ended", person.id, sessions=ended, reason=why)
    return ended


@permits(Action.PERSON_RESET)
def reset(work: Work, person_id: str, reason: str) -> None:
    """Take away somebody's password, second factor, codes, sessions and lock, for a reason; a new link lets her in."""
    person, why = _person(work, person_id), _reason(reason)
    take_away(work.session, work.settings, person, work.now)
    work.record(Action.PERSON_RESET, person.id, reason=why)


def reset_from_console(settings: Settings, code: str, reason: str, now: datetime) -> None:
    """Do the same on the word of whoever holds the server's console."""
    with database.transaction(settings.database_url) as session:
        person = people_queries.by_code(session, code)
        if person is None or not person.active:
            raise NotFound("person.not_found")
        take_away(session, settings, person, now)
        write_record(session, "console", Action.PERSON_RESET, person.id, {"reason": _reason(reason)}, now)


@permits(Action.PERSON_RESET)
def bind(work: Work, person_id: str, issuer: str, subject: str) -> None:
    """Write down under which subject of which provider somebody signs in; empty words take it away.

    Raises NotNow `identity.at_console` for an account that was used or is the actor's own making: one person alone
    would come in as another.
    """
    person = _person(work, person_id)
    was_used = record_queries.last_about(work.session, person.id, ("account.sign_in",)) is not None
    if (issuer.strip() or subject.strip()) and (was_used or people.is_own_making(work, person)):
        raise NotNow("identity.at_console")
    _bind(work.session, person, issuer.strip(), subject.strip(), work.now)
    work.record("person.identity", person.id, bound=bool(issuer.strip()))


def bind_from_console(settings: Settings, code: str, issuer: str, subject: str, now: datetime) -> None:
    """Do the same on the word of whoever holds the server's console."""
    with database.transaction(settings.database_url) as session:
        person = people_queries.by_code(session, code)
        if person is None or not person.active:
            raise NotFound("person.not_found")
        _bind(session, person, issuer.strip(), subject.strip(), now)
        write_record(session, "console", "person.identity", person.id, {"bound": bool(issuer.strip())}, now)


def _bind(session: Session, person: Person, issuer: str, subject: str, now: datetime) -> None:
    if person.role == Role.VOLUNTEER:
        raise Invalid("identity.not_for_volunteers")
    people_queries.forget_invites(session, person.id)
    if issuer or subject:
        _identify(session, person, issuer, subject, now)
    else:
        account_queries.drop_identity(session, person.id)
    account_queries.end_all(session, person.id, now)  # after the way in: who comes by it now has been waited for


def _identify(session: Session, person: Person, issuer: str, subject: str, now: datetime) -> None:
    if not issuer.startswith(("https://", "http://")) or not 0 < len(subject) <= 255 or len(issuer) > 300:
        raise Invalid("identity.incomplete")
    if account_queries.identity_of(session, issuer, subject) not in (None, person.id):
        raise Conflict("identity.taken")
    account_queries.put_identity(
        session, OpenIdentity(issuer=issuer, subject=subject, person_id=person.id, added_at=now)
    )


def take_away(session: Session, settings: Settings, person: Person, now: datetime) -> None:
    """Take away everything but an account at a provider. For use-cases only."""
    account_queries.take_away(session, person.id)
    people_queries.forget_invites(session, person.id)  # one that was kept would be a way in for whoever kept it
    account_queries.end_all(session, person.id, now)
    throttle.free(session, settings, throttle.ACCOUNT, person.code)


def _person(work: Work, person_id: str) -> Person:
    person = people_queries.person(work.session, work.reach(Action.PERSON_RESET), person_id)
    if person is None or not person.active:
        raise NotFound("person.not_found")
    return person


def _reason(reason: str) -> str:
    if not 5 <= len(reason.strip()) <= REASON_LENGTH:
        raise Invalid("reason.needed", longest=REASON_LENGTH)
    return reason.strip()
