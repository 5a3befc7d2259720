"""What a phone could not send comes as a file, sealed for this installation, in a coordinator's hand.

Here the file is opened, and it is decided whose it is: only what was recorded on a visit within the coordinator's
reach, by the very volunteer whose visit it is, is given on. Taking it in is what the phone's own messages do; the same
ids make sure that nothing comes in twice.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from fieldcheck.domain.access import Action, Actor, Role
from fieldcheck.domain.errors import Invalid
from fieldcheck.settings import Settings
from fieldcheck.storage import rescue_key, visit_queries
from fieldcheck.storage.tables import Person
from fieldcheck.usecases.people import store_name
from fieldcheck.usecases.work import Work, permits

LARGEST = 200 * 2**20
MOST_ITEMS = 5000
#: In this order a visit's notes are taken in: what opens it first, what closes it last.
ORDER = ("briefing", "alarm", "answer", "stop", "photo", "unphoto", "submission")


@dataclass(frozen=True)
class Item:
    """One thing that waited on the phone, as the phone would have sent it; *data* is a photo's bytes."""

    kind: str
    visit_id: str
    body: Mapping[str, Any]
    data: bytes = b""


@dataclass(frozen=True)
class Rescued:
    """A file's contents for one volunteer; her clock was *gap* ahead of ours, *strange* many are not hers."""

    volunteer: Actor
    items: tuple[Item, ...]
    gap: timedelta
    strange: int


def public_key(settings: Settings) -> str:
    """Give the key for which phones seal their files, as text; making it the first time."""
    return b64encode(rescue_key.public(settings.data / "rescue.key")).decode()


@permits(Action.VISIT_CHECK)
def key_name(work: Work) -> str:
    """Name the key that opens the files of this installation, by the beginning of its hash."""
    return sha256(rescue_key.public(work.settings.data / "rescue.key")).hexdigest()[:8]


@permits(Action.VISIT_CHECK)
def open_file(work: Work, data: bytes) -> Rescued:
    """Open a rescue file and say whose it is; raises `rescue.unreadable`, or `rescue.not_hers` when nothing fits."""
    if len(data) > LARGEST:
        raise Invalid("rescue.unreadable")
    head, blobs = _parts(rescue_key.unseal(work.settings.data / "rescue.key", data))
    read = _items(head, blobs)
    owners = {id_: _owner(work, id_, str(head.get("owner"))) for id_ in {item.visit_id for item in read}}
    volunteer = next((one for one in owners.values() if one), None)
    if volunteer is None:
        raise Invalid("rescue.not_hers")
    hers = sorted((item for item in read if owners[item.visit_id]), key=lambda item: ORDER.index(item.kind))
    work.record("rescue.open", volunteer.person_id, file=sha256(data).hexdigest(), items=len(hers))
    return Rescued(volunteer, tuple(hers), _gap(head), len(read) - len(hers))


def _parts(plain: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(plain[:4], "big")
    try:
        head = json.loads(plain[4 : 4 + size])
    except (ValueError, RecursionError):
        raise Invalid("rescue.unreadable") from None
    if not isinstance(head, dict) or not isinstance(head.get("items"), list) or len(head["items"]) > MOST_ITEMS:
        raise Invalid("rescue.unreadable")
    return head, plain[4 + size :]


def _items(head: Mapping[str, Any], blobs: bytes) -> list[Item]:
    """Read what is readable; the file is sealed, not signed, so nothing in it is trusted to have its form."""
    items = []
    for one in head["items"]:
        if not isinstance(one, dict) or not isinstance(one.get("body"), dict) or one.get("kind") not in ORDER:
            continue
        at, size = one.get("at", 0), one.get("size", 0)
        if not isinstance(at, int) or not isinstance(size, int) or at < 0 or size < 0:
            continue
        items.append(Item(one["kind"], str(one.get("visit", "")), one["body"], blobs[at : at + size]))
    return items


def _owner(work: Work, visit_id: str, owner: str) -> Actor | None:
    row = visit_queries.visit(work.session, work.reach(Action.VISIT_CHECK), visit_id)
    if row is None or store_name(work.settings, row.visit.volunteer_id) != owner:
        return None
    person = work.session.get(Person, row.visit.volunteer_id)
    if person is None:
        return None
    return Actor(person.id, person.code, Role.VOLUNTEER, person.region_id, person.language)


def _gap(head: Mapping[str, Any]) -> timedelta:
    ahead = head.get("ahead_ms")
    known = isinstance(ahead, int | float) and not isinstance(ahead, bool) and abs(ahead) < 1e11
    return timedelta(milliseconds=float(ahead)) if known and ahead is not None else timedelta()
