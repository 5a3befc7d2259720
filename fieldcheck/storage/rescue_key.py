"""The key that opens rescue files and letters: what a phone holds, sealed for this installation alone.

The phone knows the public half only. The private half is a file beside the database, never in it, made on a first run,
whole or not at all, with mode 0600; one that others could read is refused.

    a rescue file: NOTES1\\n | 65 bytes: the phone's own public key, made for this file | 12 bytes: iv | AES-256-GCM
    a letter:      NOTES2\\n | 65 bytes: the same, made when the phone's store was opened | 12 bytes: iv | AES-256-GCM

What is sealed is bound to everything before the iv, and a letter also to the id of what it carries.
"""

import os
import secrets
from contextlib import suppress
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
from fieldcheck.settings import BadSettings
from fieldcheck.storage.disk import sync_folder

MAGIC, LETTER = b"NOTES1\n", b"NOTES2\n"
_POINT, _IV = 65, 12


def private(path: Path) -> EllipticCurvePrivateKey:
    """Read the key, making it where there is none; raises BadSettings for one that is not fit."""
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise BadSettings(f"{path} can be read by others. Run: chmod 600 {path}")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
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


def _make(path: Path) -> None:
    pem = generate(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)  # unlike a rename, a link never replaces the one another process made
    draft.unlink()
    sync_folder(path.parent)
