"""Envelope encryption: every thing under a key of its own, and all those keys wrapped by one key outside of databases.

AES-256-GCM. What is sealed is bound to a text that says what it is and where it belongs: moved elsewhere, it does not
open. Destroying a wrapped key is destroying what it opens, wherever copies of that lie. The one key is a file, made
whole or not at all, with mode 0600; one that others could read is refused. It decides nothing about who reads.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fieldcheck.settings import BadSettings, own_bytes
from fieldcheck.storage.disk import keep_once

KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH = 32, 12, 16


@dataclass(frozen=True)
class Keyring:
    """The one key that wraps all others, in its file; read anew whenever the file is another one."""

    path: Path

    def wrap(self, key: bytes, bound_to: bytes) -> bytes:
        """Seal a key."""
        return seal(self.master(), key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """Open a wrapped key; raises BadSettings when it was wrapped by another key, or for something else."""
        try:
            return unseal(self.master(), wrapped, bound_to)
        except InvalidTag:
            raise BadSettings(f"{self.path} does not open this vault, or a row of it was changed.") from None

    def derived(self, purpose: bytes) -> bytes:
        """Give a key for one purpose, from which nobody finds the one key again."""
        self.master()
        return _derived(self.path, self._seen(), purpose)

    def master(self) -> AESGCM:
        """Give the one key; raises BadSettings where there is none, or none that is fit."""
        return _master(self.path, self._seen())

    def _seen(self) -> tuple[int, int, int]:
        try:
            there = self.path.stat()
        except FileNotFoundError:
            raise BadSettings(
                f"{self.path} is gone. Without it no name and no photo can be opened: restore it."
            ) from None
        return there.st_ino, there.st_mtime_ns, there.st_mode


@lru_cache(maxsize=8)
def _master(path: Path, _seen: tuple[int, int, int]) -> AESGCM:
    return AESGCM(master_key(path))


@lru_cache(maxsize=8)
def _derived(path: Path, _seen: tuple[int, int, int], purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_LENGTH, None, purpose).derive(master_key(path))


def master_key(path: Path) -> bytes:
    """Read the key that wraps all others; raises BadSettings for one that others can read, or that is none."""
    try:
        key = urlsafe_b64decode(own_bytes(path).strip())
    except ValueError:
        key = b""
    if len(key) != KEY_LENGTH or len(set(key)) < 10:
        raise BadSettings(f"{path} holds no key of the vault. Restore it from where you keep it safe.")
    return key


def make_master_key(path: Path) -> None:
    """Make the key's file where there is none; whichever process comes first makes it."""
    keep_once(path, urlsafe_b64encode(secrets.token_bytes(KEY_LENGTH)))


def new_key() -> bytes:
    """Make a key for one thing."""
    return AESGCM.generate_key(256)


def seal(key: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    """Seal bytes and bind them to what they are."""
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return nonce + key.encrypt(nonce, plain, bound_to)


def seal_behind(mark: bytes, key: AESGCM, plain: bytes, bound_to: bytes) -> bytearray:
    """Give *mark* and behind it what `seal` gives, in one piece of memory: a photo is large."""
    nonce, begin = secrets.token_bytes(NONCE_LENGTH), len(mark) + NONCE_LENGTH
    sealed = bytearray(begin + len(plain) + TAG_LENGTH)
    sealed[:begin] = mark + nonce
    key.encrypt_into(nonce, plain, bound_to, memoryview(sealed)[begin:])
    return sealed


def unseal(key: AESGCM, sealed: bytes, bound_to: bytes) -> bytes:
    """Open sealed bytes; raises InvalidTag when a bit of them, or what they are bound to, is another one."""
    view = memoryview(sealed)
    return key.decrypt(sealed[:NONCE_LENGTH], view[NONCE_LENGTH:], bound_to)
