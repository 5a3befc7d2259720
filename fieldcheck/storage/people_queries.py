"""Named reads of people, invites and signed-in devices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update
from sqlmodel import Session, col

from fieldcheck.domain.access import Actor, Reach, Role
from fieldcheck.storage import database
from fieldcheck.storage.quick import Quick
from fieldcheck.storage.scopes import people_within
from fieldcheck.storage.tables import Invite, Person, SignedIn


def person(session: Session, reach: Reach, person_id: str) -> Person | None:
    """Find one person within *reach*."""
    return session.execute(select(Person).where(col(Person.id) == person_id, people_within(reach))).scalar_one_or_none()


def people(session: Session, reach: Reach) -> Sequence[Person]:
    """List people within *reach* by code."""
    query = select(Person).where(people_within(reach)).order_by(col(Person.role), col(Person.code))
    return session.execute(query).scalars().all()


def by_id(session: Session, person_id: str) -> Person | None:
    """Find a person by her id, whoever asks: behind a lock of its own only."""
    return session.get(Person, person_id)


def by_code(session: Session, code: str) -> Person | None:
    """Find a person by her code, whoever asks: for the console only."""
    return session.execute(select(Person).where(col(Person.code) == code)).scalar_one_or_none()


def everybody(session: Session) -> Sequence[Person]:
    """List all people by code, whoever asks: for the console only."""
    return session.execute(select(Person).order_by(col(Person.code))).scalars().all()


def anybody(session: Session) -> bool:
    """Say whether the programme has any person at all."""
    return session.execute(select(col(Person.id)).limit(1)).first() is not None


def use_invite(session: Session, token_hash: str, now: datetime) -> str | None:
    """Use an invite up, if it is good: gives whose it was, None for used, expired or unknown ones."""
    return session.execute(
        update(Invite)
        .where(col(Invite.token_hash) == token_hash, col(Invite.used_at).is_(None), col(Invite.expires_at) > now)
        .values(used_at=now)
        .returning(col(Invite.person_id))
    ).scalar_one_or_none()


def actor_by_cookie(url: str, cookie_hash: str, now: datetime) -> tuple[Actor, datetime, int, str] | None:
    """Find who is signed in under a cookie: who, when last seen, for how many seconds that holds, and how."""
    rows = _BY_COOKIE.glance(database.engine(url), cookie=cookie_hash, now=now)
    return (_actor(rows[0]), rows[0][5], rows[0][6], rows[0][7]) if rows else None


def seen(session: Session, cookie_hash: str, now: datetime) -> None:
    """Write down that somebody was here."""
    session.execute(update(SignedIn).where(col(SignedIn.cookie_hash) == cookie_hash).values(seen_at=now))


def actor_by_account(session: Session, person_id: str) -> Actor | None:
    """Find an active person by her account id, as the gate hands it on."""
    row = session.execute(_actor_columns().where(col(Person.id) == person_id, col(Person.active).is_(True))).first()
    return _actor(row) if row else None


def _actor_columns() -> Select[str, str, str, str | None, str]:
    return select(col(Person.id), col(Person.code), col(Person.role), col(Person.region_id), col(Person.language))


# Asked at every request of every page and phone.
_BY_COOKIE = Quick(
    _actor_columns()
    .add_columns(col(SignedIn.seen_at), col(SignedIn.idle_seconds), col(SignedIn.how))
    .join(SignedIn, col(SignedIn.person_id) == col(Person.id))
    .where(
        col(SignedIn.cookie_hash) == bindparam("cookie"),
        col(SignedIn.revoked_at).is_(None),
        col(SignedIn.expires_at) > bindparam("now"),
        col(Person.active).is_(True),
    )
)


def _actor(row: Sequence[Any]) -> Actor:
    return Actor(row[0], row[1], Role(row[2]), row[3], row[4])


def revoke(session: Session, person_id: str, now: datetime) -> None:
    """Sign a person out everywhere."""
    session.execute(
        update(SignedIn)
        .where(col(SignedIn.person_id) == person_id, col(SignedIn.revoked_at).is_(None))
        .values(revoked_at=now)
    )


def part_ended(session: Session, cookie_hash: str) -> bool:
    """Say whether a device was signed in by somebody who takes no part any more."""
    query = select(col(Person.active)).join(SignedIn, col(SignedIn.person_id) == col(Person.id))
    return session.execute(query.where(col(SignedIn.cookie_hash) == cookie_hash)).scalar_one_or_none() is False


def forget_invites(session: Session, person_id: str) -> None:
    """Take away the links of a person that nobody has used."""
    session.execute(delete(Invite).where(col(Invite.person_id) == person_id, col(Invite.used_at).is_(None)))
