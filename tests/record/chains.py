"""Chains that are made up, and the eight ways in which somebody who holds the database bends one."""

import copy
import hashlib
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldcheck.verifier import GENESIS, canonical, head_message, key_id_of, seal

Entry = dict[str, Any]


def a_salt(chance: random.Random) -> bytes:
    return chance.randbytes(32)


def committed(entry: Entry, salt: bytes, body: dict[str, Any]) -> Entry:
    """Give the entry with these words, committed to."""
    return {
        **entry,
        "commitment": hashlib.sha256(salt + canonical(body)).hexdigest(),
        "salt": salt.hex(),
        "body": body,
    }


def sealed_anew(chain: list[Entry], start: int) -> None:
    """Seal every entry from index *start* on, as somebody with the code and the database can."""
    for index in range(start, len(chain)):
        chain[index]["seq"] = index + 1
        chain[index]["prev"] = chain[index - 1]["hash"] if index else GENESIS
        chain[index]["hash"] = seal(chain[index])


def a_chain(chance: random.Random, length: int) -> list[Entry]:
    """A chain of made-up acts."""
    chain = []
    for seq in range(1, length + 1):
        entry = {
            "seq": seq,
            "at": f"2026-09-14T05:{seq // 60:02}:{seq % 60:02}.000+00:00",
            "actor": f"V-{chance.randrange(1000, 9999)}",
            "action": chance.choice(["answer.take", "visit.assign", "visit.submit", "case.work"]),
        }
        body = {"subject": f"{chance.getrandbits(64):x}", "note": f"слово {chance.random()}", "n": chance.randrange(99)}
        chain.append(committed(entry, a_salt(chance), body))
    sealed_anew(chain, 0)
    return chain


def a_head(chain: list[Entry], seq: int, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The head at *seq*, signed."""
    at, key_id, hash_ = "2026-09-14T06:00:00+00:00", key_id_of(key.public_key()), chain[seq - 1]["hash"]
    return {
        "seq": seq,
        "hash": hash_,
        "at": at,
        "key_id": key_id,
        "signature": key.sign(head_message(seq, hash_, at, key_id)).hex(),
    }


# --- the eight ways


def alter_field(chain: list[Entry], chance: random.Random) -> None:
    entry, name = chance.choice(chain), chance.choice(["at", "actor", "action"])
    entry[name] += "#"


def alter_body(chain: list[Entry], chance: random.Random) -> None:
    chance.choice(chain)["body"]["n"] += 1


def alter_salt(chain: list[Entry], chance: random.Random) -> None:
    chance.choice(chain)["salt"] = a_salt(chance).hex()


def delete_middle(chain: list[Entry], chance: random.Random) -> None:
    del chain[chance.randrange(0, len(chain) - 1)]


def swap_two(chain: list[Entry], chance: random.Random) -> None:
    """Swap what two entries say and leave their places as they were."""
    one, other = chance.sample(range(len(chain)), 2)
    chain[one], chain[other] = chain[other], chain[one]
    chain[one]["seq"], chain[other]["seq"] = one + 1, other + 1


def insert_forged(chain: list[Entry], chance: random.Random) -> None:
    """Put a whole entry, well sealed to the one before it, between two others."""
    place = chance.randrange(1, len(chain))
    forged = committed(dict(chain[place]), a_salt(chance), {"subject": "x", "note": "подложено", "n": 0})
    forged["prev"] = chain[place - 1]["hash"]
    forged["hash"] = seal(forged)
    for entry in chain[place:]:
        entry["seq"] += 1
    chain.insert(place, forged)


def truncate_tail(chain: list[Entry], chance: random.Random) -> None:
    del chain[-chance.randrange(1, len(chain) // 2) :]


def rewrite_tail(chain: list[Entry], chance: random.Random) -> None:
    """Change an entry's words and seal everything after it anew."""
    place = chance.randrange(len(chain) // 2, len(chain))
    chain[place] = committed(chain[place], a_salt(chance), {"subject": "x", "note": "переписано", "n": 0})
    sealed_anew(chain, place)


WAYS: dict[str, Callable[[list[Entry], random.Random], None]] = {
    "alter a field": alter_field,
    "alter a body": alter_body,
    "alter a salt": alter_salt,
    "delete a middle entry": delete_middle,
    "swap two": swap_two,
    "insert a forged one": insert_forged,
    "truncate the tail": truncate_tail,
    "rewrite the tail": rewrite_tail,
}


def tampered(chain: list[Entry], way: str, chance: random.Random) -> list[Entry]:
    """Give a copy of *chain*, bent."""
    bent = copy.deepcopy(chain)
    WAYS[way](bent, chance)
    return bent


def write_export(path: Path, chain: list[Entry], heads: list[dict[str, Any]]) -> None:
    """Write an export as `fieldcheck export-record` does."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("record.jsonl", b"".join(canonical(entry) + b"\n" for entry in chain))
        archive.writestr("heads.json", json.dumps(heads))
        archive.writestr("photos.json", "[]")
