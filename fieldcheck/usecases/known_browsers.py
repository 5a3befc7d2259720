"""A browser in which somebody has signed in before is known again, and its tries are counted apart from strangers'.

Codes of desks can be guessed, and whoever fails often enough on purpose locks the account; the lock is for strangers,
and does not keep its owner out. What such a browser holds is a random name and our signature that binds it to one
account and its password of that day: it opens nothing, says nothing, and is worth nothing after another password.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, timedelta

from fieldcheck.settings import Settings
from fieldcheck.storage.tables import Credential

KNOWN_FOR = timedelta(days=180)
_NAME_LENGTH = 22


def introduced(settings: Settings, held: Credential) -> str:
    """Make what a browser keeps after its owner signed in."""
    name = secrets.token_urlsafe(16)
    return name + _signature(settings, name, held)


def recognised(settings: Settings, held: Credential | None, kept: str) -> str:
    """Give the name of a browser that is known to this account, else nothing; takes the same way without an account."""
    name, signature = kept[:_NAME_LENGTH], kept[_NAME_LENGTH:]
    right = _signature(settings, name, held or Credential(person_id=""))
    is_right = hmac.compare_digest(signature.encode(errors="replace"), right.encode())
    return name if is_right and held is not None and held.password else ""


def _signature(settings: Settings, name: str, held: Credential) -> str:
    since = held.password_at.astimezone(UTC).isoformat() if held.password_at else ""
    said = f"known browser|{held.person_id}|{since}|{name}".encode(errors="replace")
    return urlsafe_b64encode(hmac.digest(settings.secret.encode(), said, "sha256")).decode().rstrip("=")
