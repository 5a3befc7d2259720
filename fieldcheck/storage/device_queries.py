"""Named reads and writes of volunteers' phones."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlmodel import Session, col

from fieldcheck.domain.access import Actor, Reach, Role, Scope
from fieldcheck.storage import people_queries
from fieldcheck.storage.scopes import people_within
from fieldcheck.storage.tables import Device, Person, SignedIn


def by_cookie(session: Session, cookie_hash: str) -> tuple[Device, Actor, bool] | None:
    """Find the phone under a cookie, whose it is, and whether she still takes part."""
    query = select(Device, Person).join(Person, col(Person.id) == col(Device.person_id))
    row = session.execute(query.where(col(Device.cookie_hash) == cookie_hash)).first()
    if row is None:
        return None
    device, person = row
    return device, Actor(person.id, person.code, Role(person.role), person.region_id, person.language), person.active


def within(session: Session, reach: Reach) -> Sequence[Device]:
    """List the phones in use within *reach*: one's own, or those of the region's volunteers; the newest first."""
    query = select(Device).join(Person, col(Person.id) == col(Device.person_id)).where(_reached(reach))
    used = query.where(col(Device.ended_at).is_(None)).order_by(col(Device.created_at).desc(), col(Device.id))
    return session.execute(used).scalars().all()


def is_reached(session: Session, reach: Reach, person_id: str) -> bool:
    """Say whether somebody's phones are within *reach*, whether there are any or not."""
    mine = select(col(Person.id)).where(col(Person.id) == person_id, _reached(reach))
    return session.execute(mine).first() is not None


def _reached(reach: Reach):  # type: ignore[no-untyped-def]  # a clause of SQL
    return col(Person.id) == reach.person_id if reach.scope is Scope.OWN else people_within(reach)


def count_try(session: Session, device_id: str, most: int) -> tuple[str, str | None] | None:
    """Count a try before it is judged; gives what is kept of the PIN and of the one before it.

    None when no further one is judged.
    """
    row = session.execute(
        update(Device)
        .where(
            col(Device.id) == device_id, col(Device.wrong) < most, col(Device.locked_at).is_(None),
            col(Device.ended_at).is_(None), col(Device.pin).is_not(None),
        )
        .values(wrong=Device.wrong + 1)
        .returning(col(Device.pin), col(Device.pin_before))
    ).one_or_none()  # fmt: skip
    return (row[0], row[1]) if row else None


def note(session: Session, device_id: str, **values: object) -> None:
    """Write down something about a phone."""
    session.execute(update(Device).where(col(Device.id) == device_id).values(**values))


def note_open(session: Session, device_id: str, **values: object) -> bool:
    """Write down something about a phone that is neither ended nor locked; False where it is, and then nothing is."""
    mine = update(Device).where(
        col(Device.id) == device_id, col(Device.ended_at).is_(None), col(Device.locked_at).is_(None)
    )
    return session.execute(mine.values(**values).returning(col(Device.id))).first() is not None


def limit(session: Session, device_id: str, idle: timedelta, now: datetime) -> None:
    """Let what is signed in on a phone end after so long unseen, counted from now."""
    mine = update(SignedIn).where(col(SignedIn.device_id) == device_id)
    session.execute(mine.values(idle_seconds=int(idle.total_seconds()), seen_at=now))


def end(session: Session, person_id: str, now: datetime, *device_ids: str) -> int:
    """End phones of a person (all of them where none is named) and whatever is signed in there; says how many."""
    mine = col(Device.person_id) == person_id
    chosen = mine & col(Device.id).in_(device_ids) if device_ids else mine
    ids = session.execute(
        update(Device).where(chosen, col(Device.ended_at).is_(None)).values(ended_at=now).returning(col(Device.id))
    ).scalars().all()  # fmt: skip
    lives = col(SignedIn.revoked_at).is_(None)
    session.execute(update(SignedIn).where(col(SignedIn.device_id).in_(ids), lives).values(revoked_at=now))
    return len(ids)


def cut_off(session: Session, person_id: str, now: datetime) -> int:
    """Take from somebody all by which she comes in now: links, phones, sessions; says how many phones.

    In this order: where writers work side by side, a link that is being opened is waited for, and then its phone is
    there to be ended; and a phone that is being unlocked is waited for, and then its session is.
    """
    people_queries.forget_invites(session, person_id)
    ended = end(session, person_id, now)
    people_queries.revoke(session, person_id, now)
    return ended


def forget(session: Session, before: datetime) -> int:
    """Delete phones that were over *before* a moment, and the sessions that were on them; says how many phones."""
    over = or_(col(Device.ended_at) < before, col(Device.expires_at) < before)
    ids = session.execute(select(col(Device.id)).where(over)).scalars().all()
    session.execute(delete(SignedIn).where(col(SignedIn.device_id).in_(ids)))
    session.execute(delete(Device).where(col(Device.id).in_(ids)))
    return len(ids)
