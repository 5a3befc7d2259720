"""Named reads of what a volunteer has passed and agreed to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from fieldcheck.storage.tables import Consent, QuizTaken


def passed_at(session: Session, people_ids: Sequence[str]) -> dict[str, datetime]:
    """Give for each person when she last passed the quiz."""
    rows = session.execute(
        select(col(QuizTaken.person_id), func.max(col(QuizTaken.taken_at)))
        .where(col(QuizTaken.person_id).in_(people_ids), col(QuizTaken.passed).is_(True))
        .group_by(col(QuizTaken.person_id))
    )
    return {row[0]: row[1] for row in rows}


def consents(session: Session, people_ids: Sequence[str]) -> dict[str, Consent]:
    """Give for each person her newest consent that she has not withdrawn."""
    rows = session.execute(
        select(Consent)
        .where(col(Consent.person_id).in_(people_ids), col(Consent.withdrawn_at).is_(None))
        .order_by(col(Consent.given_at), col(Consent.id))
    ).scalars()
    return {row.person_id: row for row in rows}


def withdraw(session: Session, person_id: str, now: datetime) -> int:
    """Withdraw all that a person consented to; gives how many that were."""
    done = session.connection().execute(
        update(Consent)
        .where(col(Consent.person_id) == person_id, col(Consent.withdrawn_at).is_(None))
        .values(withdrawn_at=now)
    )
    return done.rowcount
