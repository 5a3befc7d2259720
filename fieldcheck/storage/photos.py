"""The one gate to the disk: photos, exactly as they were received, each sealed under a key of its own.

A file's name is the sha256 of the bytes in it: whoever holds no key can still tell that nothing was altered. What opens
it is the photo's own key, which stands wrapped in the photo's row (`sealing.py`): without the row, or with its key
destroyed, the file is noise, and so is every copy of it. The gate refuses to answer with bytes that are not the ones
received. It does not know what a photo is, nor whose it is.

    incoming/                 what is on its way (`parts.py`, `shelves.py`)
    orig/ab/<sha256>          received bytes, sealed, mode 0400, never rewritten
    deriv/ab/<sha256>.<kind>  clean copies, sealed by the same key, the only ones ever shown; they can be made again

Photos that came before this was so lie plain, under the sha256 of what was received; they are read as ever, and
`fieldcheck seal` seals them. A clean copy is sealed too: it shows what the original shows.
"""

import hashlib
import os
import re
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fieldcheck.domain.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from fieldcheck.storage.disk import read_file, sync_folder
from fieldcheck.storage.parts import LARGEST, Parts
from fieldcheck.storage.sealing import Keyring, new_key, seal_behind, unseal
from fieldcheck.storage.shelves import Shelves

__all__ = ["LARGEST", "Copy", "Kept", "Locker", "Report"]

SHA256 = re.compile(r"[0-9a-f]{64}")
MARK = b"fieldcheck sealed 1\n"
"""How a sealed file begins; no photo does."""


class Copy(StrEnum):
    """A clean copy for showing: 1600 pixels on its longest side, or 320."""

    VIEW = "view"
    THUMB = "thumb"


@dataclass(frozen=True)
class Kept:
    """A photo that will survive a power cut, and what its row must hold to find and open it.

    *stored* is the sha256 of the sealed bytes and the file's name, *wrapped* the key; neither where it lies plain.
    """

    sha256: str
    size: int
    stored: str | None = None
    stored_size: int | None = None
    wrapped: bytes | None = None

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.stored or self.sha256


@dataclass(frozen=True)
class Report:
    """Where the rows and the disk disagree: names with a row and no file, and names on disk without a row."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Locker:
    """The folder of photos. Any number of processes may hold one on the same folder."""

    folder: Path
    ring: Keyring
    reserve: int = Shelves.reserve

    @cached_property
    def shelves(self) -> Shelves:
        """Where everything lies."""
        return Shelves(self.folder, self.reserve)

    @cached_property
    def parts(self) -> Parts:
        """The uploads that are under way."""
        return Parts(self.shelves, self.ring)

    # --- taking in

    def put(self, data: bytes, sha256: str) -> Kept:
        """Seal and keep a photo; after this returns it survives a power cut, if its row is written too.

        Every call makes a key and a file of its own: a file that no row came to name is swept up later.
        """
        if len(data) > LARGEST:
            raise TooLarge("photo.too_large", size=len(data), largest=LARGEST)
        agree(data, sha256, len(data))
        key = new_key()
        sealed = seal_behind(MARK, AESGCM(key), data, _bound("original", sha256))
        stored = hashlib.sha256(sealed).hexdigest()
        self.shelves.write(self._original(stored), sealed)
        return Kept(sha256, len(data), stored, len(sealed), self.ring.wrap(key, _bound("key", sha256, stored)))

    def finish(self, upload_id: str, sha256: str, size: int, look: Callable[[bytes], object] | None = None) -> Kept:
        """Keep a complete upload, if its bytes have the hash and the size the phone announced.

        *look* may refuse the bytes by raising before they are kept. Whatever is refused for its content is dropped, so
        that the phone can start again from 0. The parts of what is kept stay until its row is written: then drop them.
        """
        self._original(sha256)
        with self.parts.whole(upload_id, size) as data:
            try:
                agree(data, sha256, size)
                if look:
                    look(data)
            except (Invalid, TooLarge):
                self.parts.drop(upload_id)
                raise
            return self.put(data, sha256)

    # --- giving out

    def read(self, kept: Kept) -> bytes:
        """Return the received bytes, or raise if they are not what was received.

        `photo.missing`: somebody deleted files on the server, or a backup came back without its photos.
        `photo.damaged`: the disk is failing, or somebody altered the file. `photo.erased`: its key was destroyed.
        """
        try:
            data = read_file(self._original(kept.name))
        except FileNotFoundError:
            raise NotFound("photo.missing", sha256=kept.sha256) from None
        if kept.stored is not None:
            data = self._opened(kept, "original", data)
        if hashlib.sha256(data).hexdigest() != kept.sha256:
            raise Conflict("photo.damaged", sha256=kept.sha256)
        return data

    def exists(self, kept: Kept) -> bool:
        """Say whether a photo is here, without reading it."""
        return self._original(kept.name).is_file()

    def destroy(self, name: str) -> bool:
        """Delete the file of that name and its clean copies for good; says whether there was anything.

        Only an order may ask for it. The bytes are unlinked, not overwritten: no disk of today promises to overwrite in
        place. What makes them unreadable is that their key is destroyed.
        """
        gone = False
        for path in (self._original(name), *(self._derivative(name, kind) for kind in Copy)):
            with suppress(FileNotFoundError):
                os.unlink(path)
                sync_folder(path.parent)
                gone = True
        return gone

    # --- clean copies

    def derivative(self, kept: Kept, kind: Copy) -> bytes:
        """Return a clean copy, or raise NotFound if it has not been made yet."""
        try:
            data = read_file(self._derivative(kept.name, kind))
        except FileNotFoundError:
            raise NotFound("photo.missing", sha256=kept.sha256, kind=kind.value) from None
        return data if kept.stored is None else self._opened(kept, kind.value, data)

    def keep_derivative(self, kept: Kept, kind: Copy, data: bytes) -> None:
        """Keep a clean copy, replacing an older one: it may have been made again."""
        held: bytes | bytearray = data
        if kept.stored is not None:
            held = seal_behind(MARK, self._key(kept), data, _bound(kind.value, kept.sha256))
        self.shelves.write(self._derivative(kept.name, kind), held)

    # --- housekeeping

    def names(self) -> set[str]:
        """List the names of all originals on the disk."""
        return {path.name for path in self.shelves.inside("orig").glob("*/*")}

    def reconcile(self, known: Collection[str]) -> Report:
        """Compare the originals on disk with the names that have a row; change nothing.

        A file without a row may be a photo whose transaction is about to commit: leave it a day.
        """
        on_disk, known = self.names(), set(known)
        return Report(tuple(sorted(known - on_disk)), tuple(sorted(on_disk - known)))

    def strays(self, known: Collection[str], now: datetime, older_than: timedelta) -> list[str]:
        """List sealed files that no row names, older than that: their keys were never written, nobody can open them."""
        old = (now - older_than).timestamp()
        found = []
        for name in self.reconcile(known).unknown:
            path = self._original(name)
            with suppress(FileNotFoundError), path.open("rb") as file:
                if path.stat().st_mtime <= old and file.read(len(MARK)) == MARK:
                    found.append(name)
        return found

    # --- keys and names

    def _opened(self, kept: Kept, kind: str, data: bytes) -> bytes:
        key = self._key(kept)
        try:
            return unseal(key, data.removeprefix(MARK), _bound(kind, kept.sha256))
        except (InvalidTag, ValueError):  # ValueError: too short to be sealed at all
            raise Conflict("photo.damaged", sha256=kept.sha256) from None

    def _key(self, kept: Kept) -> AESGCM:
        if kept.wrapped is None:
            raise NotFound("photo.erased", sha256=kept.sha256)
        return AESGCM(self.ring.unwrap(kept.wrapped, _bound("key", kept.sha256, kept.name)))

    def _original(self, name: str) -> Path:
        if not SHA256.fullmatch(name):
            raise Forbidden("photo.outside")
        return self.shelves.inside("orig", name[:2], name)

    def _derivative(self, name: str, kind: Copy) -> Path:
        if not SHA256.fullmatch(name):
            raise Forbidden("photo.outside")
        return self.shelves.inside("deriv", name[:2], f"{name}.{Copy(kind).value}")


def _bound(kind: str, *names: str) -> bytes:
    return "|".join(("fieldcheck.photo", kind, *names)).encode()


def agree(data: bytes, sha256: str, size: int) -> None:
    """Refuse bytes that are not the ones the phone hashed."""
    if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
        raise Invalid("photo.hash", size=len(data), announced=size)
