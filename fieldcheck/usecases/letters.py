"""Letters: what a phone wrote down, sealed at that moment for this installation, so that a locked phone can send it.

A letter is no signature: whoever knows the public key can write one. It is taken for no more than what the same phone
may say openly, and only where it names as its owner whoever sends it. What it holds is then taken in as if she had said
it, by the same use-cases under the same ids.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fieldcheck.domain import custody
from fieldcheck.domain.access import Action, Actor
from fieldcheck.domain.errors import FieldcheckError, Invalid, NotNow, TooLarge
from fieldcheck.settings import Settings
from fieldcheck.storage.photos import LARGEST as LARGEST_PHOTO
from fieldcheck.storage.rescue_key import Opener
from fieldcheck.usecases import evidence
from fieldcheck.usecases.evidence import Laid, Received, SentPhoto
from fieldcheck.usecases.people import store_name
from fieldcheck.usecases.rescue import ORDER, Item
from fieldcheck.usecases.work import Work, look, permits

#: The longest answer is a text of some thousand letters; a photo's bytes are in no letter, only their key.
LARGEST = 64 * 1024
_TAG = 16


@dataclass(frozen=True)
class Letter:
    """What a letter held: the thing itself, the phone that wrote it, and of a photo what opens its sealed bytes."""

    id: str
    item: Item
    device: str = ""
    key: bytes = b""
    iv: bytes = b""


@permits(Action.VISIT_WALK)
def read_all(work: Work, sent: Sequence[tuple[str, bytes]]) -> list[Letter | FieldcheckError]:
    """Open letters, each by the id of what is in it; gives for each what it held, or why it is not taken."""
    opener = Opener(work.settings.data / "rescue.key")
    found: list[Letter | FieldcheckError] = []
    for letter_id, data in sent:
        try:
            found.append(_read(work, opener, letter_id, data))
        except FieldcheckError as error:
            found.append(error)
    return found


@permits(Action.VISIT_WALK)
def read(work: Work, sent_id: str, data: bytes) -> Letter:
    """Open a letter; raises `letter.too_large`, `letter.unreadable`, or `letter.not_hers` for another's than hers."""
    return _read(work, Opener(work.settings.data / "rescue.key"), sent_id, data)


def _read(work: Work, opener: Opener, letter_id: str, data: bytes) -> Letter:
    if len(data) > LARGEST:
        raise TooLarge("letter.too_large", size=len(data), largest=LARGEST)
    plain = opener.letter(data, letter_id)
    try:
        said = json.loads(plain)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("body"), dict) or said.get("kind") not in ORDER:
        raise Invalid("letter.unreadable")
    if said.get("owner") != store_name(work.settings, work.actor.person_id):
        raise NotNow("letter.not_hers")  # what one person recorded is never taken as another's; it waits for her
    body = said["body"] if said["kind"] == "unphoto" else {**said["body"], "id": letter_id}
    item = Item(said["kind"], _name(said.get("visit")), body)
    return Letter(letter_id, item, _name(said.get("device")), *_box(said))


def _name(said: object) -> str:
    """Read a name that something has; a letter is not validated by the API's types, and no database keeps a NUL."""
    return said.replace("\x00", "")[:64] if isinstance(said, str) else ""


def _box(said: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Read what opens a photo's bytes."""
    if said["kind"] != "photo":
        return b"", b""
    try:
        key, iv = (base64.b64decode(str(said.get(name)), validate=True) for name in ("key", "iv"))
    except (binascii.Error, ValueError):
        key = iv = b""
    if (len(key), len(iv)) != (32, 12):
        raise Invalid("letter.unreadable")
    return key, iv


def name_of(data: bytes) -> str:
    """Give the hash by which a phone hears that the thing of a letter is kept: it vouches for all that is in it."""
    return sha256(data).hexdigest()


def lay_down(
    settings: Settings,
    actor: Actor,
    letter: Letter,
    sent: SentPhoto,
    offset: int,
    part: bytes,
    *,
    now: datetime | None = None,
) -> Laid | Received:
    """Do for a part of a photo's sealed bytes what `evidence.lay_down` does for plain ones; `evidence.keep` follows.

    A part without bytes asks how much is here. Raises what `lay_down` raises; bytes that do not open are `photo.hash`.
    """
    with look(settings, actor, now=now) as work:
        known = evidence.expect(work, letter.item.visit_id, sent)
        parts = work.photos.parts
    if known is not None:
        return known
    if sent.size > LARGEST_PHOTO:
        raise TooLarge("photo.too_large", size=sent.size, largest=LARGEST_PHOTO)
    # By her, too: who learns the id of another's photo must not touch its unfinished bytes.
    upload = custody.digest({"letter": letter.id, "of": actor.person_id, "visit": letter.item.visit_id})
    have = parts.receive(upload, offset, part)
    if have < sent.size + _TAG:
        return Received(sent.id, have, complete=False)
    try:
        with parts.whole(upload, sent.size + _TAG) as sealed:
            plain = _opened(letter, sealed)
        laid = evidence.lay_down(settings, actor, letter.item.visit_id, sent, 0, plain, now=now)
    except (Invalid, TooLarge):
        parts.drop(upload)
        raise
    return replace(laid, upload=upload) if isinstance(laid, Laid) else laid


def _opened(letter: Letter, sealed: bytes) -> bytes:
    try:
        return AESGCM(letter.key).decrypt(letter.iv, sealed, None)
    except InvalidTag:
        raise Invalid("photo.hash") from None


def is_for_later(error: FieldcheckError) -> bool:
    """Say whether the same letter may be taken another time, or from somebody else."""
    return error.code == "letter.not_hers"
