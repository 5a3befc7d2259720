"""Signing in by an identity provider: whoever stands on the list, by issuer and subject, and nobody by an e-mail.

The provider's word was verified before it comes here (signature, audience, state, nonce); here it is used once, and
exchanged for a session of ours.
"""

from dataclasses import dataclass
from datetime import datetime

from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import Busy, Forbidden
from fieldcheck.settings import Settings
from fieldcheck.storage import account_queries, database, people_queries, throttle_queries
from fieldcheck.usecases import sessions, throttle
from fieldcheck.usecases.sessions import OIDC, NewSession


@dataclass(frozen=True)
class Word:
    """What a provider said of somebody, verified: who said it, of whom, until when, and for which request."""

    issuer: str
    subject: str
    expires_at: datetime
    nonce: str


def sign_in(settings: Settings, word: Word, address: str, now: datetime, device: str = "") -> NewSession:
    """Exchange a provider's word for a session; raises Forbidden `sign_in.not_listed` for every reason alike."""
    at = [throttle.of_address(settings, address)]
    if throttle.admit(settings, at, now) is not None:
        raise Busy("sign_in.too_many")
    with database.transaction(settings.database_url) as session:
        is_new = bool(word.nonce) and throttle_queries.first_time(
            session, throttle.key(settings, "nonce", word.nonce), "nonce", now, word.expires_at
        )
        person_id = account_queries.identity_of(session, word.issuer, word.subject)
        actor = people_queries.actor_by_account(session, person_id) if person_id else None
        started = None
        if is_new and word.expires_at > now and actor is not None and actor.role is not Role.VOLUNTEER:
            started = sessions.start(session, settings, actor, OIDC, now, device)
    if started is None:
        raise Forbidden("sign_in.not_listed")
    throttle.forgive(settings, at, now)
    return started
