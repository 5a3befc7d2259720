"""Verify an exported record of fieldcheck, by itself: Python's standard library and `cryptography`, nothing of ours.

    python verifier.py record.zip --pub key.pem [--anchor FILE ...] [--photos FOLDER]

Why one file: whoever doubts the record should not have to trust the house that wrote it. Read it, take it to a machine
of your own, and run it on an export with the public key and the anchors that were sent out at the time. It changes
nothing, opens no network and needs no database. Exit codes: 0 the record holds, 1 it was tampered with, 2 could not
tell (a file is not there or cannot be read).

What it refuses to say: that the record is whole, without an anchor from outside. A chain whose tail was cut off, or
written anew by somebody who holds the server, follows from itself; only a head that left the house in time betrays it.
"""

import argparse
import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

GENESIS = "0" * 64
HEAD: dict[str, Callable[[Any], Any]] = {"seq": int, "hash": str, "at": str, "key_id": str, "signature": str}
SEALED = ("seq", "at", "actor", "action", "commitment", "prev")
#: The action of an entry that says which bodies were destroyed by order, and which photos.
ERASED = "record.erased"
#: The actions of entries that say which photo was taken in, and that one which lay plain was sealed later. A file has
#: the hash of what is in it for a name: that of its sealed bytes where an entry says `stored`, else the photo's own.
TAKEN, SEALED_LATER = "photo.take", "photo.seal"
EVERY = 2000
LONGEST_LIST = 20


class Unreadable(Exception):
    """The export, the key or an anchor is not what it should be; the message says which and why."""


@dataclass
class Report:
    """What was found; lists of seq unless they say otherwise."""

    rows: int = 0
    last: int = 0
    gaps: list[int] = field(default_factory=list)  # entries that should be there and are not, or come twice
    altered: list[int] = field(default_factory=list)  # entries that do not follow from the one before, or were changed
    bodies_altered: list[int] = field(default_factory=list)  # what an entry says is not what it committed to
    bodies_lost: list[int] = field(default_factory=list)  # what an entry says is gone, and no order tells why
    erased: list[int] = field(default_factory=list)  # what an entry says was destroyed by order
    heads: int = 0
    heads_bad: list[int] = field(default_factory=list)  # signed heads that do not fit the chain or the key
    anchors: int = 0
    anchors_met: int = 0
    anchors_forged: list[str] = field(default_factory=list)  # anchors whose signature is not of this key
    rewritten: list[int] = field(default_factory=list)  # anchors whose entry is another one now
    cut: int = 0  # the highest seq that an anchor or a head names beyond the end of the chain
    photos: int = 0
    photos_looked_at: bool = False
    photos_missing: list[str] = field(default_factory=list)
    photos_damaged: list[str] = field(default_factory=list)
    photos_erased: int = 0
    photos_undead: list[str] = field(default_factory=list)  # erased by order, and still on the disk
    photos_unopened: list[str] = field(default_factory=list)  # sealed, and their key does not open them (house only)
    named: set[str] = field(default_factory=set)  # files of photos that the chain itself says were taken
    destroyed: set[str] = field(default_factory=set)  # files of photos that an order in the chain destroyed
    plain: dict[str, str] = field(default_factory=dict)  # the photo's own hash, by the name of its sealed file

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the record."""
        return not (
            self.gaps
            or self.altered
            or self.bodies_altered
            or self.bodies_lost
            or self.heads_bad
            or self.anchors_forged
            or self.rewritten
            or self.cut
            or self.photos_missing
            or self.photos_damaged
            or self.photos_undead
            or self.photos_unopened
        )


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write *value* in the one form that is hashed: sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def seal(entry: Mapping[str, Any]) -> str:
    """Hash one entry together with the hash of the entry before it."""
    return hashlib.sha256(canonical({name: entry[name] for name in SEALED})).hexdigest()


def head_message(seq: int, hash_: str, at: str, key_id: str) -> bytes:
    """Write the bytes that are signed for a head."""
    return canonical({"what": "fieldcheck head 1", "seq": seq, "hash": hash_, "at": at, "key_id": key_id})


def key_id_of(key: Ed25519PublicKey) -> str:
    """Name a public key by the beginning of its hash."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def verify(
    entries: Iterable[Mapping[str, Any]],
    heads: Iterable[Mapping[str, Any]] = (),
    anchors: Sequence[tuple[str, Mapping[str, Any]]] = (),
    key: Ed25519PublicKey | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Walk the chain once, in the order of the export, and hold heads and anchors against it.

    An entry has the sealed fields, its `hash`, and `salt` (hex) with `body` unless they were erased. *anchors* are
    (name, head). Without *key* no signature is checked.
    """
    report, hashes, bare, ordered = Report(), {0: GENESIS}, [], set()
    prev, expected = GENESIS, 1
    for entry in entries:
        report.rows += 1
        seq = entry["seq"]
        if seq != expected:
            report.gaps += [seq] if seq < expected else range(expected, min(seq, expected + LONGEST_LIST))
        if entry["prev"] != prev or seal(entry) != entry["hash"]:
            report.altered.append(seq)
        if entry.get("salt") is None:
            bare.append(seq)
        elif not _says_what_it_committed_to(entry):
            report.bodies_altered.append(seq)
        else:
            try:
                ordered |= _learn(report, entry)
            except (LookupError, TypeError, ValueError, AttributeError):  # well committed, and no words of the house's
                report.bodies_altered.append(seq)
        hashes[seq] = prev = entry["hash"]
        expected = max(seq, expected - 1) + 1
        if progress and report.rows % EVERY == 0:
            progress(report.rows)
    report.last = expected - 1
    report.erased = [seq for seq in bare if seq in ordered]
    report.bodies_lost = [seq for seq in bare if seq not in ordered]
    _hold_heads_against(report, heads, hashes, key)
    _hold_anchors_against(report, anchors, hashes, key)
    return report


def _learn(report: Report, entry: Mapping[str, Any]) -> set[int]:
    """Take from an entry's words which photos must be there; gives the entries whose words it destroyed."""
    body = entry["body"]
    if entry["action"] in (TAKEN, SEALED_LATER):
        name = str(body.get("stored") or body["sha256"])
        if entry["action"] == SEALED_LATER:
            report.named.discard(str(body["sha256"]))
        report.named.add(name)
        report.destroyed.discard(name)
        report.plain[name] = str(body["sha256"])
    elif entry["action"] == ERASED:
        report.destroyed |= set(body["photos"])
        report.named -= set(body["photos"])
        return set(body["seqs"])
    return set()


def _says_what_it_committed_to(entry: Mapping[str, Any]) -> bool:
    try:
        salt = bytes.fromhex(entry["salt"])
        return bool(hashlib.sha256(salt + canonical(entry["body"])).hexdigest() == entry["commitment"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _hold_heads_against(
    report: Report, heads: Iterable[Mapping[str, Any]], hashes: Mapping[int, str], key: Ed25519PublicKey | None
) -> None:
    for head in heads:
        report.heads += 1
        if head["seq"] > report.last:
            report.cut = max(report.cut, head["seq"])
        elif hashes.get(head["seq"]) != head["hash"] or (_is_ours(head, key) and not _is_signed(head, key)):
            report.heads_bad.append(head["seq"])


def _is_ours(head: Mapping[str, Any], key: Ed25519PublicKey | None) -> bool:
    """A head of an earlier key cannot be judged with this one; its hash still is."""
    return key is not None and head.get("key_id") == key_id_of(key)


def _is_signed(head: Mapping[str, Any], key: Ed25519PublicKey | None) -> bool:
    if key is None:
        return True
    try:
        message = head_message(head["seq"], head["hash"], head["at"], head["key_id"])
        key.verify(bytes.fromhex(head["signature"]), message)
    except (InvalidSignature, ValueError, TypeError, KeyError):
        return False
    return True


def _hold_anchors_against(
    report: Report,
    anchors: Sequence[tuple[str, Mapping[str, Any]]],
    hashes: Mapping[int, str],
    key: Ed25519PublicKey | None,
) -> None:
    for name, head in anchors:
        report.anchors += 1
        if not _is_signed(head, key):
            report.anchors_forged.append(name)
        elif head["seq"] > report.last:
            report.cut = max(report.cut, head["seq"])
        elif hashes.get(head["seq"]) != head["hash"]:
            report.rewritten.append(head["seq"])
        else:
            report.anchors_met += 1


def look_at_photos(report: Report, listed: Iterable[Mapping[str, Any]], folder: Path | None) -> None:
    """Count the photos that the chain and the list name; with *folder*, read each and hash it.

    In the folder a photo may lie sealed, as the house keeps it, or opened, as a court was given it. Only an order in
    the chain makes a photo's absence right, whatever the list says.
    """
    report.photos_looked_at = folder is not None
    wanted = report.named | ({str(photo.get("stored") or photo["sha256"]) for photo in listed} - report.destroyed)
    report.photos, report.photos_erased = len(wanted), len(report.destroyed)
    if folder is None:
        return
    report.photos_undead = sorted(name for name in report.destroyed if _find(folder, name))
    for name in sorted(wanted):
        expected, path = name, _find(folder, name)
        if path is None and name in report.plain:
            expected = report.plain[name]
            path = _find(folder, expected)
        if path is None:
            report.photos_missing.append(name)
        elif _hash_of(path) != expected:
            report.photos_damaged.append(name)


def _find(folder: Path, name: str) -> Path | None:
    places = (folder / "orig" / name[:2] / name, folder / name[:2] / name, folder / name)
    return next((path for path in places if path.is_file()), None)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- an export, a key, an anchor, as files


def check_export(
    export: Path,
    key: Ed25519PublicKey | None,
    anchors: Sequence[tuple[str, Mapping[str, Any]]] = (),
    photos: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Verify an export; raises Unreadable when it is none."""
    if photos is not None and not photos.is_dir():
        raise Unreadable(f"{photos}: no such folder")
    try:
        with zipfile.ZipFile(export) as archive:
            heads = json.loads(archive.read("heads.json"))
            named = json.loads(archive.read("photos.json"))
            report = verify(_lines(archive), heads, anchors, key, progress)
            look_at_photos(report, named, photos)
    except (OSError, zipfile.BadZipFile, zlib.error, LookupError, TypeError, ValueError, EOFError) as error:
        raise Unreadable(f"{export}: not a whole export ({type(error).__name__}: {error})") from error
    return report


def _lines(archive: zipfile.ZipFile) -> Iterator[dict[str, Any]]:
    with archive.open("record.jsonl") as file:
        for line in file:
            yield json.loads(line)


def read_key(path: Path) -> Ed25519PublicKey:
    """Read a public key; raises Unreadable when it is none."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: not a public key ({error})") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Unreadable(f"{path}: not an Ed25519 key")
    return key


def read_anchor(path: Path) -> tuple[str, dict[str, Any]]:
    """Read a head that was sent out: its file, or the letter in which it stands on a line of its own."""
    try:
        text = path.read_text(encoding="utf-8")
        said = next(line for line in text.splitlines() if line.strip().startswith('{"at"'))
        head = {name: kind(json.loads(said)[name]) for name, kind in HEAD.items()}
    except (OSError, ValueError, LookupError, TypeError, StopIteration) as error:
        raise Unreadable(f"{path}: no anchor in it ({type(error).__name__}: {error})") from error
    return path.name, head


def told(report: Report) -> str:
    """Say what was found, one fact a line."""
    lines = [
        f"rows                {report.rows} (the last is {report.last})",
        f"gaps                {_some(report.gaps)}",
        f"altered entries     {_some(report.altered)}",
        f"altered words       {_some(report.bodies_altered)}",
        f"words gone          {_some(report.bodies_lost)}",
        f"erased by order     {len(report.erased)}",
        f"signed heads        {report.heads}, bad {_some(report.heads_bad)}",
        f"anchors met         {report.anchors_met} of {report.anchors}",
        f"anchors forged      {_some(report.anchors_forged)}",
        f"rewritten           {_some(report.rewritten)}",
        f"cut tail            {f'yes: there was an entry {report.cut}' if report.cut else 'no sign'}",
        _photos_told(report),
        f"erased photos       {report.photos_erased}, still there {_some(report.photos_undead)}",
    ]
    if not report.anchors:
        lines.append("Without an anchor from outside nobody can tell a record that was cut short or written anew.")
    lines.append("The record holds." if report.holds else "THE RECORD WAS TAMPERED WITH, or parts of it are lost.")
    return "\n".join(lines)


def _photos_told(report: Report) -> str:
    if not report.photos_looked_at:
        return f"photos              {report.photos}, not looked at"
    missing, damaged = _some(report.photos_missing), _some(report.photos_damaged)
    unopened = f", their key does not fit {_some(report.photos_unopened)}" if report.photos_unopened else ""
    return f"photos              {report.photos}, missing {missing}, damaged {damaged}{unopened}"


def _some(found: Sequence[int | str]) -> str:
    if not found:
        return "0"
    listed = ", ".join(str(one)[:16] for one in found[:LONGEST_LIST])
    return f"{len(found)}: {listed}{', ...' if len(found) > LONGEST_LIST else ''}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one export; gives the exit code."""
    parser = argparse.ArgumentParser(description="Verify an exported record.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--pub", type=Path, required=True, help="the public key, as `fieldcheck key` printed it")
    parser.add_argument("--anchor", type=Path, nargs="+", action="extend", default=[], help="heads sent out in time")
    parser.add_argument("--photos", type=Path, help="the folder of photos; each is read and hashed")
    said = parser.parse_args(arguments)
    try:
        anchors = [read_anchor(path) for path in said.anchor]
        report = check_export(said.export, read_key(said.pub), anchors, said.photos)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    print(told(report))
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
