"""Letters as a phone writes them: sealed for the installation, bound to the id of what is in them."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fieldcheck.settings import Settings
from fieldcheck.storage import rescue_key
from fieldcheck.usecases import people

IV, KEY = b"\1" * 12, b"\2" * 32


def a_letter(
    settings: Settings, person_id: str, kind: str, visit: str, body: dict[str, Any], id_: str = "", **more: Any
) -> bytes:
    """A letter of hers about *body*; *more* replaces or adds fields."""
    owner = people.store_name(settings, person_id)
    said = {"kind": kind, "visit": visit, "owner": owner, "device": "d", "body": body, **more}
    return sealed(settings, json.dumps(said).encode(), id_ or body["id"])


def sealed(settings: Settings, plain: bytes, id_: str) -> bytes:
    """Seal as a phone does."""
    curve, magic = ec.SECP256R1(), rescue_key.LETTER
    own = ec.generate_private_key(curve)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(curve, rescue_key.public(settings.data / "rescue.key"))
    key = HKDF(SHA256(), 32, point, magic).derive(own.exchange(ec.ECDH(), theirs))
    return magic + point + IV + AESGCM(key).encrypt(IV, plain, magic + point + id_.encode())


def text(data: bytes) -> str:
    """As it travels."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def photo_box() -> dict[str, str]:
    """What a letter says of a photo's sealed bytes."""
    return {"key": base64.b64encode(KEY).decode(), "iv": base64.b64encode(IV).decode()}


def photo_sealed(data: bytes) -> bytes:
    """A photo's bytes as they lie on a phone."""
    return AESGCM(KEY).encrypt(IV, data, None)
