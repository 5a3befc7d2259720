"""All rows about one person, under every id that she has or had: for herself only."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from fieldcheck.storage.free_texts import FreeTexts, put_values
from fieldcheck.storage.tables import (
    Answer,
    Consent,
    Credential,
    Device,
    Invite,
    OpenIdentity,
    Person,
    Photo,
    QuizTaken,
    RecoveryCode,
    Reveal,
    SignedIn,
    Submission,
    Visit,
    VisitAlarm,
)

#: Tables that are about a person by one of their columns; a test knows every column that names a person.
BY_PERSON: dict[str, tuple[Any, str]] = {
    "codes": (Person, "id"),
    "consents": (Consent, "person_id"),
    "quizzes": (QuizTaken, "person_id"),
    "links": (Invite, "person_id"),
    "devices": (SignedIn, "person_id"),
    "phones": (Device, "person_id"),
    "passwords": (Credential, "person_id"),
    "recovery_codes": (RecoveryCode, "person_id"),
    "providers": (OpenIdentity, "person_id"),
    "requests_to_learn_who_you_are": (Reveal, "person_id"),
    "signals": (VisitAlarm, "person_id"),
    "visits": (Visit, "volunteer_id"),
}
BY_VISIT: dict[str, Any] = {"answers": Answer, "photos": Photo, "submissions": Submission}


def about(session: Session, ids: Sequence[str], texts: FreeTexts) -> dict[str, Sequence[SQLModel]]:
    """Read everything about a person that does not lie in the vault; her own words opened."""
    found: dict[str, Sequence[SQLModel]] = {
        name: session.execute(select(table).where(col(getattr(table, column)).in_(ids))).scalars().all()
        for name, (table, column) in BY_PERSON.items()
    }
    visits = select(col(Visit.id)).where(col(Visit.volunteer_id).in_(ids))
    for name, table in BY_VISIT.items():
        found[name] = session.execute(select(table).where(col(table.visit_id).in_(visits))).scalars().all()
    put_values([row for row in found["answers"] if isinstance(row, Answer)], texts)
    return found
