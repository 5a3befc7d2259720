"""The chain of custody: canonical records, salted commitments, and sealing each entry to the one before it.

The chain holds only commitments, so that a record can be erased (its salt and body destroyed) while the chain still
verifies. Unsalted hashes would not be private: a short yes/no sheet is recovered from its hash in a moment.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
#: What the first entry is sealed to.
GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    """One entry of the chain as it is sealed. *at* is ISO 8601 in UTC."""

    seq: int
    at: str
    actor: str
    action: str
    commitment: str
    prev: str


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write *value* in the one form that is hashed: sorted keys, no spaces, UTF-8, no NaN."""
    return text(value).encode()


def text(value: Any) -> str:
    """Write one value inside a canonical record; for a text and for nothing this is quick."""
    return "null" if value is None else _CANONICAL.encode(value)


def digest(value: Mapping[str, Any]) -> str:
    """Hash the canonical form (SHA-256, hex)."""
    return hashlib.sha256(canonical(value)).hexdigest()


def commitment(salt: bytes, record: Mapping[str, Any]) -> str:
    """Commit to *record* without revealing it: SHA-256 over a 32-byte salt and the canonical form."""
    if len(salt) < 32:
        raise ValueError("a salt has at least 32 bytes")
    return hashlib.sha256(salt + canonical(record)).hexdigest()


def seal(link: Link) -> str:
    """Hash one entry together with the hash of the entry before it."""
    return digest(
        {
            "seq": link.seq,
            "at": link.at,
            "actor": link.actor,
            "action": link.action,
            "commitment": link.commitment,
            "prev": link.prev,
        }
    )


def head_message(seq: int, sealed: str, at: str, key_id: str) -> bytes:
    """Write the bytes that are signed to say: at this moment the chain ended here."""
    return canonical({"what": "fieldcheck head 1", "seq": seq, "hash": sealed, "at": at, "key_id": key_id})


def first_break(links: "list[tuple[Link, str]]") -> int | None:
    """Give the seq of the first entry that does not follow from the one before it, None when the chain holds.

    *links* are (entry, its stored hash) in order of seq, beginning with seq 1.
    """
    prev = GENESIS
    for expected, (link, stored) in enumerate(links, start=1):
        if link.seq != expected or link.prev != prev or seal(link) != stored:
            return expected
        prev = stored
    return None
