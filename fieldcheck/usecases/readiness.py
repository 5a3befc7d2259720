"""Who is ready to go out: consent to the form in force, the quiz passed and conflicts declared this season.

Called by locked use-cases only; it says yes or no, and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from fieldcheck.domain.dispatch import is_current
from fieldcheck.settings import Settings
from fieldcheck.storage import briefing_files, readiness_queries
from fieldcheck.storage.tables import Person


@dataclass(frozen=True)
class Readiness:
    """What of it a volunteer has; a season counts from the day on which each was done."""

    has_consented: bool
    is_briefed: bool
    has_declared: bool

    @property
    def is_ready(self) -> bool:
        """Say whether she has all of it."""
        return self.has_consented and self.is_briefed and self.has_declared


def of(session: Session, settings: Settings, people: Sequence[Person], when: datetime) -> Mapping[str, Readiness]:
    """Say for each of these people how ready she is at *when*."""
    ids = [person.id for person in people]
    passed = readiness_queries.passed_at(session, ids)
    consents = readiness_queries.consents(session, ids)
    form = briefing_files.consent_form(settings.checklists)
    return {
        person.id: Readiness(
            person.id in consents and consents[person.id].version == form.version,
            is_current(passed.get(person.id), when, settings.season),
            is_current(person.conflicts_declared_at, when, settings.season),
        )
        for person in people
    }
