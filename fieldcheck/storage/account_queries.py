"""Named reads and writes of credentials, recovery codes, provider's identities and sessions."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from fieldcheck.storage.tables import Credential, OpenIdentity, Person, RecoveryCode, SignedIn


def credential_by_code(session: Session, code: str) -> tuple[Person, Credential] | None:
    """Find an active person and her credential by her code."""
    query = select(Person, Credential).join(Credential, col(Credential.person_id) == col(Person.id))
    row = session.execute(query.where(col(Person.code) == code, col(Person.active).is_(True))).first()
    return (row[0], row[1]) if row else None


def credential(session: Session, person_id: str) -> Credential | None:
    """Find somebody's credential."""
    return session.get(Credential, person_id)


def stands(session: Session, judged: Credential) -> bool:
    """Say whether a credential is still what it was when it was judged, and hold it until this transaction ends."""
    query = select(col(Credential.person_id)).where(
        col(Credential.person_id) == judged.person_id,
        col(Credential.password) == judged.password,
        col(Credential.factor) == judged.factor,
    )
    return session.execute(query.with_for_update()).first() is not None


def is_open(session: Session, person_id: str, cookie_hash: str, now: datetime) -> bool:
    """Say whether somebody's session under a cookie holds now, and hold it until this transaction ends."""
    query = select(col(SignedIn.id)).where(
        col(SignedIn.cookie_hash) == cookie_hash,
        col(SignedIn.person_id) == person_id,
        col(SignedIn.revoked_at).is_(None),
        col(SignedIn.expires_at) > now,
    )
    return session.execute(query.with_for_update()).first() is not None


def complete(session: Session, people: Collection[str]) -> set[str]:
    """Say which of *people* have both a password and a second factor."""
    query = select(col(Credential.person_id)).where(
        col(Credential.person_id).in_(people), col(Credential.password) != "", col(Credential.factor).is_not(None)
    )
    return set(session.execute(query).scalars())


def use_step(session: Session, person_id: str, step: int) -> bool:
    """Use a one-time code up: False when it, or a later one, was used before."""
    query = update(Credential).where(col(Credential.person_id) == person_id, col(Credential.factor_step) < step)
    done = session.execute(query.values(factor_step=step).returning(col(Credential.person_id)))
    return done.first() is not None


def use_code(session: Session, person_id: str, code_hash: str, now: datetime) -> bool:
    """Use a recovery code up: False when it is not hers or was used before."""
    query = update(RecoveryCode).where(
        col(RecoveryCode.hash) == code_hash,
        col(RecoveryCode.person_id) == person_id,
        col(RecoveryCode.used_at).is_(None),
    )
    return session.execute(query.values(used_at=now).returning(col(RecoveryCode.hash))).first() is not None


def put_codes(session: Session, person_id: str, hashes: Collection[str], now: datetime) -> None:
    """Put a new set of recovery codes in the place of the old one."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    session.add_all(RecoveryCode(hash=one, person_id=person_id, made_at=now) for one in hashes)
    session.flush()


def codes_left(session: Session, person_id: str) -> int:
    """Count the recovery codes that were not used yet."""
    query = select(func.count()).where(col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None))
    return int(session.execute(query).scalar_one())


def take_away(session: Session, person_id: str) -> None:
    """Take away password, second factor and recovery codes."""
    for table in (Credential, RecoveryCode):
        session.execute(delete(table).where(col(table.person_id) == person_id))


def open_sessions(session: Session, people: Collection[str], now: datetime) -> Sequence[SignedIn]:
    """List the sessions of *people* that hold now, the newest first."""
    query = select(SignedIn).where(
        col(SignedIn.person_id).in_(people), col(SignedIn.revoked_at).is_(None), col(SignedIn.expires_at) > now
    )
    return session.execute(query.order_by(col(SignedIn.created_at).desc())).scalars().all()


def end_one(session: Session, person_id: str, session_id: str, now: datetime) -> bool:
    """End one session of somebody; False when it is not hers."""
    query = update(SignedIn).where(
        col(SignedIn.id) == session_id, col(SignedIn.person_id) == person_id, col(SignedIn.revoked_at).is_(None)
    )
    return session.execute(query.values(revoked_at=now).returning(col(SignedIn.id))).first() is not None


def end_all(session: Session, person_id: str, now: datetime, but: str = "") -> int:
    """End all sessions of somebody *but* the one under this cookie's hash; gives how many."""
    query = update(SignedIn).where(
        col(SignedIn.person_id) == person_id, col(SignedIn.cookie_hash) != but, col(SignedIn.revoked_at).is_(None)
    )
    return len(session.execute(query.values(revoked_at=now).returning(col(SignedIn.id))).all())


def identity_of(session: Session, issuer: str, subject: str) -> str | None:
    """Say whose identity at a provider this is, and hold it until this transaction ends."""
    row = session.get(OpenIdentity, (issuer, subject), with_for_update=True)
    return row.person_id if row else None


def identities(session: Session, people: Collection[str]) -> dict[str, OpenIdentity]:
    """Give the provider's identities of *people*."""
    query = select(OpenIdentity).where(col(OpenIdentity.person_id).in_(people))
    return {row.person_id: row for row in session.execute(query).scalars()}


def put_identity(session: Session, row: OpenIdentity) -> None:
    """Put an identity in the place of the one that a person had."""
    drop_identity(session, row.person_id)
    session.add(row)
    session.flush()


def drop_identity(session: Session, person_id: str) -> bool:
    """Take a person's identity at a provider away; False when there was none."""
    query = delete(OpenIdentity).where(col(OpenIdentity.person_id) == person_id)
    return session.execute(query.returning(col(OpenIdentity.subject))).first() is not None
