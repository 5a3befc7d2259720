"""The key that signs the record's heads: a file beside the database, never in it.

Whoever copies the database must not get the key with it. The file is made on a first run, whole or not at all, with
mode 0600, and one that others could read is refused.
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from fieldcheck.settings import BadSettings, own_bytes
from fieldcheck.storage.disk import keep_once


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Read the key, making it where there is none; raises BadSettings for one that is not fit."""
    if not path.exists():
        keep_once(path, Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        key = load_pem_private_key(own_bytes(path), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSettings(f"{path} holds no Ed25519 key. Restore it from where you keep it safe.")
    return key


def public_pem(path: Path) -> str:
    """Give the public key as PEM, for everybody who verifies."""
    return signing_key(path).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(key: Ed25519PublicKey) -> str:
    """Name a public key by the beginning of its hash."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]
