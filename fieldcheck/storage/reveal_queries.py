"""Named reads of requests to learn who somebody is."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from fieldcheck.storage.tables import Person, Reveal


def requests(session: Session, limit: int) -> Sequence[tuple[Reveal, str]]:
    """List requests with the code of whom they are about, open ones first, then the newest."""
    query = select(Reveal, col(Person.code)).join(Person, col(Person.id) == col(Reveal.person_id))
    order = (col(Reveal.state) != "asked", col(Reveal.asked_at).desc(), col(Reveal.id))
    return [(row[0], row[1]) for row in session.execute(query.order_by(*order).limit(limit))]


def is_asked(session: Session, person_id: str, asked_by: str) -> bool:
    """Say whether the same request waits already."""
    query = select(col(Reveal.id)).where(
        col(Reveal.person_id) == person_id, col(Reveal.asked_by) == asked_by, col(Reveal.state) == "asked"
    )
    return session.execute(query.limit(1)).first() is not None
