"""A volunteer's phones: each is known by a cookie of its own, sends under it at any time, and reads only in a session.

A session on a phone is short; what her PIN gives opens the next one. The server never sees the PIN: the phone sends a
value that it derives from it, and of that only an argon2id hash is kept. Five wrong ones lock the phone: it still
sends, and reading needs a new link.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from fieldcheck.domain.access import Action, Actor
from fieldcheck.domain.errors import Forbidden, Invalid, NotFound
from fieldcheck.settings import ZONE, Settings
from fieldcheck.storage import database, device_queries, people_queries
from fieldcheck.storage.tables import Device
from fieldcheck.usecases import passwords, sessions
from fieldcheck.usecases.sessions import LINK, NewSession, hashed
from fieldcheck.usecases.work import Work, permits, write_record

PHONE_FOR = timedelta(days=90)
TRIES = 5
#: A phone that is over is listed nowhere; after this its row goes too (`fieldcheck retain`).
FORGOTTEN_AFTER = timedelta(days=30)
PIN = "pin"
_VALUE = re.compile(r"[0-9a-f]{64}")


class Standing(StrEnum):
    """What a phone's cookie is worth: nothing, sending only, or that it is over for the phone or for its holder."""

    NONE = "none"
    LOCKED = "locked"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True)
class DeviceView:
    """A phone as its holder and her coordinator list it; of its last use only the day is known."""

    id: str
    since: datetime
    seen_day: str
    is_locked: bool
    has_pin: bool
    is_this: bool = False


def begin(session: Session, settings: Settings, actor: Actor, now: datetime, device: str = "") -> NewSession:
    """Make somebody's phone known, and begin a session on it, within a transaction."""
    cookie, device_id = secrets.token_urlsafe(32), secrets.token_hex(16)
    session.add(
        Device(
            id=device_id,
            person_id=actor.person_id,
            cookie_hash=hashed(cookie),
            created_at=now,
            expires_at=now + PHONE_FOR,
            seen_day=_day(now),
        )
    )
    session.flush()
    write_record(session, actor.code, "device.add", actor.person_id, {"device": device_id}, now)
    begun = sessions.start(session, settings, actor, LINK, now, device, device_id)
    return NewSession(begun.cookie, begun.person_id, begun.role, begun.language, begun.lasts, device_cookie=cookie)


def holder(settings: Settings, cookie: str, now: datetime) -> tuple[Standing, Actor | None]:
    """Say what a phone's cookie is worth, and whose it is where it may still send."""
    with database.transaction(settings.database_url, reading=True) as session:
        found = device_queries.by_cookie(session, hashed(cookie))
        if found is None:
            return Standing.NONE, None
        device, actor, takes_part = found
        device_id, seen, ended, expires = device.id, device.seen_day, device.ended_at, device.expires_at
    if not takes_part:
        return Standing.REVOKED, None
    if ended is not None or expires <= now:
        return Standing.ENDED, None
    if seen != _day(now):
        with database.transaction(settings.database_url) as session:
            device_queries.note(session, device_id, seen_day=_day(now))
    return Standing.LOCKED, actor


def unlock(settings: Settings, cookie: str, value: str, now: datetime) -> NewSession:
    """Begin a session by what the PIN gives; raises Forbidden `device.locked`, `pin.none` or `pin.wrong`."""
    device_id, actor = _known(settings, cookie, now)
    is_newest = _judge(settings, device_id, actor, value, now).is_newest
    with database.transaction(settings.database_url) as session:
        # The phone has taken the new one as its own: the one before it is over.
        over = {"pin_before": None} if is_newest else {}
        # Once more, and in one with what follows: judging takes long enough for somebody to take the phone off.
        if not device_queries.note_open(session, device_id, wrong=0, seen_day=_day(now), **over):
            raise Forbidden("session.none")
        return sessions.start(session, settings, actor, PIN, now, "phone", device_id)


def set_pin(settings: Settings, actor: Actor, cookie: str, value: str, old: str, now: datetime) -> None:
    """Keep what the phone's PIN gives; where there is one already the *old* value is asked for, and counts as a try.

    The one that was in use until now still opens until the new one was used: a phone that was killed before it heard
    that the new one is known here has only the old one.
    """
    device_id, owner = _known(settings, cookie, now)
    if owner.person_id != actor.person_id:
        raise Forbidden("session.none")
    _checked(value)
    before = _judge(settings, device_id, actor, old, now).kept if has_pin(settings, cookie) else None
    kept = passwords.kept(settings, value)
    with database.transaction(settings.database_url) as session:
        if not device_queries.note_open(session, device_id, pin=kept, pin_before=before, wrong=0):
            raise Forbidden("session.none")
        device_queries.limit(session, device_id, sessions.PHONE_IDLE, now)
        write_record(session, actor.code, "device.pin", actor.person_id, {"device": device_id}, now)


def has_pin(settings: Settings, cookie: str) -> bool | None:
    """Say whether the server knows a PIN of this phone; None where there is no phone."""
    with database.transaction(settings.database_url, reading=True) as session:
        found = device_queries.by_cookie(session, hashed(cookie))
        return bool(found[0].pin) if found else None


def leave(settings: Settings, cookie: str, now: datetime, by: str = "") -> None:
    """End the phone under *cookie* by its own word; ending one that is not there is no error.

    *by* is who has it now. Only what is hers is recorded: one phone ended beside another begun would say whose was
    whose, and whoever takes no part any more may be the same person under another code. Of her nothing is written.
    """
    with database.transaction(settings.database_url) as session:
        found = device_queries.by_cookie(session, hashed(cookie))
        if found is None or not found[2]:
            return
        device, hers, _takes_part = found
        ended = device_queries.end(session, hers.person_id, now, device.id)
        if ended and by in ("", hers.person_id):
            details = {"device": device.id, "why": "left"}
            write_record(session, hers.code, Action.DEVICE_END, hers.person_id, details, now)


@permits(Action.DEVICE_LIST)
def listed(work: Work, cookie: str = "") -> Mapping[str, tuple[DeviceView, ...]]:
    """List the phones in use within the actor's reach by their holder; *cookie* says which of them is this one."""
    found: dict[str, list[DeviceView]] = defaultdict(list)
    this = hashed(cookie) if cookie else ""
    for one in device_queries.within(work.session, work.reach(Action.DEVICE_LIST)):
        if one.expires_at > work.now:
            is_locked = one.locked_at is not None or one.wrong >= TRIES
            view = DeviceView(one.id, one.created_at, one.seen_day, is_locked, bool(one.pin), one.cookie_hash == this)
            found[one.person_id].append(view)
    return {person: tuple(views) for person, views in found.items()}


@permits(Action.DEVICE_END)
def end(work: Work, device_id: str) -> None:
    """End one phone: a live page of it is cut off at its next message, and it shows nothing any more.

    Her links that nobody opened end with it: whoever has the phone has the messenger that they came by.
    """
    reached = device_queries.within(work.session, work.reach(Action.DEVICE_END))
    device = next((one for one in reached if one.id == device_id), None)
    if device is None:
        raise NotFound("device.not_found")
    people_queries.forget_invites(work.session, device.person_id)
    device_queries.end(work.session, device.person_id, work.now, device.id)
    work.record(Action.DEVICE_END, device.person_id, device=device.id)


@permits(Action.DEVICE_END)
def end_all(work: Work, person_id: str) -> int:
    """End all phones of a person, her sessions and the links that nobody opened; says how many phones there were."""
    if not device_queries.is_reached(work.session, work.reach(Action.DEVICE_END), person_id):
        raise NotFound("device.not_found")
    ended = device_queries.cut_off(work.session, person_id, work.now)
    work.record(Action.DEVICE_END, person_id, devices=ended)
    return ended


def forget(settings: Settings, now: datetime) -> int:
    """Erase phones that have been over for a while; says how many."""
    with database.transaction(settings.database_url) as session:
        return device_queries.forget(session, now - FORGOTTEN_AFTER)


def _known(settings: Settings, cookie: str, now: datetime) -> tuple[str, Actor]:
    with database.transaction(settings.database_url, reading=True) as session:
        found = device_queries.by_cookie(session, hashed(cookie))
        if found is None or not found[2] or found[0].ended_at is not None or found[0].expires_at <= now:
            raise Forbidden("session.none")
        return found[0].id, found[1]


@dataclass(frozen=True)
class _Right:
    """What a right value agreed with, and whether that is the phone's newest PIN."""

    kept: str
    is_newest: bool


def _judge(settings: Settings, device_id: str, actor: Actor, value: str, now: datetime) -> _Right:
    """Judge one try, which was counted before: of thirty at once no more than five are judged."""
    _checked(value)
    with database.transaction(settings.database_url) as session:
        kept = device_queries.count_try(session, device_id, TRIES)
        device = session.get(Device, device_id)
        wrong, has_one = (device.wrong, device.pin is not None) if device else (0, False)
    if kept is None:
        raise Forbidden("device.locked" if has_one else "pin.none")
    for one in kept:
        if one is not None and passwords.matches(settings, one, value):
            return _Right(one, is_newest=one == kept[0])
    if wrong >= TRIES:
        with database.transaction(settings.database_url) as session:
            device_queries.note(session, device_id, locked_at=now)
            write_record(session, actor.code, "device.lock", actor.person_id, {"device": device_id}, now)
        raise Forbidden("device.locked")
    raise Forbidden("pin.wrong", left=TRIES - wrong)


def _checked(value: str) -> None:
    if not _VALUE.fullmatch(value):
        raise Invalid("pin.malformed")


def _day(now: datetime) -> str:
    return now.astimezone(ZONE).date().isoformat()
