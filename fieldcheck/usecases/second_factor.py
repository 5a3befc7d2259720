"""The second factor: a code that an authenticator makes every half minute, or one from a printed page.

The authenticator's secret is sealed with a key that lies outside of the database and bound to its owner, so that a row
moved to somebody else does not open. A code is good for its half minute and its two neighbours, and once.
"""

import hmac
import secrets
from datetime import datetime

import pyotp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fieldcheck.settings import Settings

RECOVERY_CODES, NONCE = 10, 12
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is misread on paper
#: What an authenticator shows beside the code: as neutral as the page.
ISSUER = "Notes"


def fresh() -> str:
    """Make a secret for an authenticator."""
    return pyotp.random_base32(32)


def seal(settings: Settings, person_id: str, secret: str) -> bytes:
    """Seal a secret for its owner."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _key(settings).encrypt(nonce, secret.encode(), person_id.encode())


def unseal(settings: Settings, person_id: str, sealed: bytes) -> str:
    """Open what was sealed for this owner."""
    return _key(settings).decrypt(sealed[:NONCE], sealed[NONCE:], person_id.encode()).decode()


def address(secret: str, code: str) -> str:
    """Give what the QR code says to the authenticator."""
    return pyotp.TOTP(secret).provisioning_uri(name=code, issuer_name=ISSUER)


def step_of(secret: str, said: str, now: datetime) -> int | None:
    """Say to which half minute a code belongs; None when it belongs to none of the three that are good."""
    totp, current, told = pyotp.TOTP(secret), int(now.timestamp()) // 30, said.encode(errors="surrogatepass")
    steps = (current - 1, current, current + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), told)), None)


def recovery_codes() -> list[str]:
    """Make a set of codes for printing."""
    letters = ["".join(secrets.choice(_ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    return ["-".join((one[:4], one[4:8], one[8:])) for one in letters]


def kept(settings: Settings, person_id: str, code: str) -> str:
    """Give what is kept of a recovery code."""
    text = f"{person_id}|{tidy(code)}".encode(errors="surrogatepass")
    return hmac.digest(settings.derived("recovery codes"), text, "sha256").hex()


def tidy(said: str) -> str:
    """Read a code as it was meant: without its spaces and dashes, whatever the case."""
    return "".join(letter for letter in said.upper() if letter.isalnum())


def _key(settings: Settings) -> AESGCM:
    return AESGCM(settings.derived("second factor"))
