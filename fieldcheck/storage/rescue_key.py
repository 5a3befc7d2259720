"""The key that opens rescue files and letters: what a phone holds, sealed for this installation alone.

The phone knows the public half only. The private half is a file beside the database, never in it, made on a first run,
whole or not at all, with mode 0600; one that others could read is refused.

    a rescue file: NOTES1\\n | 65 bytes: the phone's own public key, made for this file | 12 bytes: iv | AES-256-GCM
    a letter:      NOTES2\\n | 65 bytes: the same, made when the phone's store was opened | 12 bytes: iv | AES-256-GCM

What is sealed is bound to everything before the iv, and a letter also to the id of what it carries.
"""

from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from fieldcheck.domain.errors import Invalid
from fieldcheck.settings import BadSettings, own_bytes
from fieldcheck.storage.disk import keep_once

MAGIC, LETTER = b"NOTES1\n", b"NOTES2\n"
_POINT, _IV = 65, 12


def private(path: Path) -> EllipticCurvePrivateKey:
    """Read the key, making it where there is none; raises BadSettings for one that is not fit."""
    if not path.exists():
        keep_once(path, generate(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        key = load_pem_private_key(own_bytes(path), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise BadSettings(f"{path} holds no P-256 key. Restore it from where you keep it safe.")
    return key


def public(path: Path) -> bytes:
    """Give the public half as browsers read it: an uncompressed point."""
    return private(path).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def unseal(path: Path, data: bytes) -> bytes:
    """Open a rescue file; raises Invalid `rescue.unreadable` for one that is not ours, or not whole."""
    plain = Opener(path).opened(data, MAGIC, b"")
    if plain is None:
        raise Invalid("rescue.unreadable")
    return plain


class Opener:
    """Opens what was sealed for the key at *path*: it is read once, and agreed once with each of a phone's points."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._agreed: dict[tuple[bytes, bytes], AESGCM] = {}

    def letter(self, data: bytes, id_: str) -> bytes:
        """Open the letter about *id_*; raises Invalid `letter.unreadable` for another's, a bent one, another key's."""
        plain = self.opened(data, LETTER, id_.encode())
        if plain is None:
            raise Invalid("letter.unreadable")
        return plain

    def opened(self, data: bytes, magic: bytes, bound: bytes) -> bytes | None:
        """Open anything sealed; None for what does not open."""
        head = len(magic)
        if not data.startswith(magic) or len(data) < head + _POINT + _IV + 16:
            return None
        point, iv, box = data[head : head + _POINT], data[head + _POINT :][:_IV], data[head + _POINT + _IV :]
        try:
            return self._key(point, magic).decrypt(iv, box, magic + point + bound)
        except (InvalidTag, ValueError):
            return None

    def _key(self, point: bytes, magic: bytes) -> AESGCM:
        known = self._agreed.get((point, magic))
        if known is None:
            theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
            shared = self._own.exchange(ECDH(), theirs)
            known = self._agreed[point, magic] = AESGCM(HKDF(SHA256(), 32, point, magic).derive(shared))
        return known

    @cached_property
    def _own(self) -> EllipticCurvePrivateKey:
        return private(self._path)
