"""The consent form: what the personal-data law asks to be said, the version one agreed to, and withdrawing it.

Whoever has not agreed to the version in force is not sent anywhere; a withdrawal counts from that moment.
"""

from dataclasses import dataclass
from datetime import datetime

from fieldcheck.domain.access import Action
from fieldcheck.domain.briefing import LANGUAGES, ConsentForm
from fieldcheck.domain.errors import Conflict, Invalid, NotFound
from fieldcheck.storage import briefing_files, readiness_queries
from fieldcheck.storage.tables import Consent
from fieldcheck.usecases.work import Work, permits


@dataclass(frozen=True)
class ConsentView:
    """The form in force; *given_at* is when one agreed to this very version, None while one has not."""

    form: ConsentForm
    given_at: datetime | None
    language: str | None


@permits(Action.CONSENT_GIVE)
def current(work: Work) -> ConsentView:
    """Show the form in force, and whether one has agreed to it."""
    form, me = briefing_files.consent_form(work.settings.checklists), work.actor.person_id
    given = readiness_queries.consents(work.session, [me]).get(me)
    if given is None or given.version != form.version:
        return ConsentView(form, None, None)
    return ConsentView(form, given.given_at, given.language)


@permits(Action.CONSENT_GIVE)
def give(work: Work, version: int, language: str) -> None:
    """Agree to the version in force, as it was read in *language*; agreeing again changes nothing."""
    form, me = briefing_files.consent_form(work.settings.checklists), work.actor.person_id
    if version != form.version:
        raise Conflict("consent.changed")
    if language not in LANGUAGES:
        raise Invalid("account.language", language=language)
    before = readiness_queries.consents(work.session, [me]).get(me)
    if before is not None and before.version == version:
        return
    work.session.add(
        Consent(
            id=work.new_id(), person_id=me, version=version, digest=form.digest, language=language, given_at=work.now
        )
    )
    work.record(Action.CONSENT_GIVE, me, version=version, digest=form.digest, language=language)


@permits(Action.CONSENT_GIVE)
def withdraw(work: Work) -> None:
    """Withdraw one's consent: from now on one is sent nowhere; what is to be erased is the coordinator's to ask for."""
    if not readiness_queries.withdraw(work.session, work.actor.person_id, work.now):
        raise NotFound("consent.not_given")
    work.record(Action.CONSENT_GIVE, work.actor.person_id, withdrawn=True)
