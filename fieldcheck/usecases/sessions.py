"""Being signed in: a session begins, says whose it is at every request, and ends.

A cookie is random and kept only as its hash; its value is new at every sign-in. A session ends by itself when its time
is over and, where it has an idle limit, when nothing was heard under it for that long.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from fieldcheck.domain.access import Actor, Role
from fieldcheck.settings import Settings
from fieldcheck.storage import account_queries, database, people_queries
from fieldcheck.storage.tables import SignedIn
from fieldcheck.usecases.work import write_record

#: The ways in.
LINK, PASSWORD, OIDC = "link", "password", "oidc"
#: How long one stays signed in, and after how long unseen a phone is to be opened by its PIN again.
SIGNED_IN_FOR = timedelta(hours=8)
PHONE_IDLE = timedelta(minutes=15)
#: Being here is written down at most this often: a write at every request would be most of its cost.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewSession:
    """A fresh sign-in: the cookie goes to the browser and nowhere else."""

    cookie: str
    person_id: str
    role: Role
    language: str
    lasts: timedelta
    is_full: bool = True
    device_cookie: str = ""
    #: By which a desk's browser is known when somebody signs in there again.
    browser_cookie: str = ""


def start(
    session: Session,
    settings: Settings,
    actor: Actor,
    how: str,
    now: datetime,
    device: str = "",
    device_id: str | None = None,
) -> NewSession:
    """Begin a session within a transaction, and record it. *device* is coarse: "phone", "computer" or nothing."""
    cookie = secrets.token_urlsafe(32)
    lasts, idle = _lengths(settings, actor.role, how)
    row = SignedIn(
        cookie_hash=hashed(cookie),
        id=secrets.token_hex(16),
        person_id=actor.person_id,
        how=how,
        device=device,
        device_id=device_id,
        idle_seconds=int(idle.total_seconds()),
        created_at=now,
        expires_at=now + lasts,
        seen_at=now,
    )
    session.add(row)
    write_record(session, actor.code, "account.sign_in", actor.person_id, {"how": how}, now)
    is_full = is_enough(settings, actor.role, how)
    return NewSession(cookie, actor.person_id, actor.role, actor.language, lasts, is_full)


def _lengths(settings: Settings, role: Role, how: str) -> tuple[timedelta, timedelta]:
    """Say how long a session lasts, and after how long unseen it ends (zero: it does not)."""
    if role is Role.VOLUNTEER:  # who came by a link has no PIN yet to come back by: setting one sets the limit
        return SIGNED_IN_FOR, timedelta() if how == LINK else PHONE_IDLE
    return SIGNED_IN_FOR, timedelta() if how == LINK else settings.sign_in.idle


@dataclass(frozen=True)
class Known:
    """Whom a cookie signs in; *is_due* when it is time to write down that she was here."""

    actor: Actor
    is_due: bool


def known(settings: Settings, cookie: str, now: datetime) -> Known | None:
    """Say who is signed in under *cookie*; None when nobody is, or no longer. Only reads, with one statement."""
    got = people_queries.actor_by_cookie(settings.database_url, hashed(cookie), now)
    if got is None:
        return None
    actor, seen_at, idle, how = got
    if not is_enough(settings, actor.role, how):
        return None
    unseen = now - seen_at
    if idle and unseen > timedelta(seconds=idle):
        return None
    return Known(actor, is_due=bool(idle) and unseen >= NOTED_EVERY)


def note(settings: Settings, cookie: str, now: datetime) -> None:
    """Write down that whoever is signed in under *cookie* was here."""
    with database.transaction(settings.database_url) as session:
        people_queries.seen(session, hashed(cookie), now)


def reads_at_once(settings: Settings) -> bool:
    """Say whether `known` takes no way to another machine, nor waits for writers: then no thread is needed for it."""
    return database.has_turns(settings.database_url)


def actor_for(settings: Settings, cookie: str, now: datetime) -> Actor | None:
    """Say who is signed in under *cookie* and note that she was here; None when nobody is, or no longer."""
    got = known(settings, cookie, now)
    if got is not None and got.is_due:
        note(settings, cookie, now)
    return got.actor if got else None


def is_enough(settings: Settings, role: Role, how: str) -> bool:
    """Say whether a way in opens the house: where desks have passwords, a link leads a desk to setting one only."""
    return role is Role.VOLUNTEER or settings.sign_in.way != PASSWORD or how != LINK


def setting_up(settings: Settings, cookie: str, now: datetime) -> Actor | None:
    """Say who came by a link that leads to setting a password only."""
    got = people_queries.actor_by_cookie(settings.database_url, hashed(cookie), now)
    if got is None or is_enough(settings, got[0].role, got[3]):
        return None
    with database.transaction(settings.database_url, reading=True) as session:
        return None if account_queries.complete(session, [got[0].person_id]) else got[0]


def part_ended(settings: Settings, cookie: str) -> bool:
    """Say whether *cookie* once signed somebody in whose part has been ended since."""
    with database.transaction(settings.database_url, reading=True) as session:
        return people_queries.part_ended(session, hashed(cookie))


def end(settings: Settings, cookie: str, now: datetime) -> None:
    """End the session under *cookie*; ending one that is not there is no error."""
    with database.transaction(settings.database_url) as session:
        session.execute(
            update(SignedIn)
            .where(col(SignedIn.cookie_hash) == hashed(cookie), col(SignedIn.revoked_at).is_(None))
            .values(revoked_at=now)
        )


def hashed(secret: str) -> str:
    """Give what is kept of a cookie or a link's token."""
    # What comes from outside may hold half a character; it is nobody's secret, and no fault of ours either.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
