"""Passwords as argon2id, under a pepper that lies outside of the database.

One hash takes 64 MiB and a tenth of a second: no more than two are made at once in a process, or whoever sends thirty
sign-ins at a time takes the machine's memory. Where there is no account a hash is checked all the same, so that the
time an answer takes says nothing.
"""

import hmac
import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fieldcheck.settings import Settings

AT_ONCE = 2
_HASHER = PasswordHasher()  # RFC 9106's second choice: argon2id, 64 MiB, three passes
_SEATS = threading.BoundedSemaphore(AT_ONCE)


def kept(settings: Settings, password: str) -> str:
    """Give what is kept of a password."""
    with _SEATS:
        return _HASHER.hash(_peppered(settings, password))


def matches(settings: Settings, hashed: str | None, password: str) -> bool:
    """Say whether *password* is the one that *hashed* was made of; where there is none the same work says no."""
    with _SEATS:
        decoy = _decoy()  # made here for everybody: made for nobody only, the first of them would take longer
        try:
            return _HASHER.verify(hashed or decoy, _peppered(settings, password)) and bool(hashed)
        except (VerificationError, InvalidHashError):
            return False


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _HASHER.hash("nobody's")


def _peppered(settings: Settings, password: str) -> bytes:
    return hmac.digest(settings.derived("passwords"), password.encode(errors="surrogatepass"), "sha256")
