"""Uploads that arrive in parts: on the disk they lie enciphered, so that a stolen disk tells nothing of them either.

    incoming/<upload>.part   sixteen random bytes, then the received bytes, enciphered

AES-256-CTR, because parts come in any size and are compared when they come again; its key is derived from the one key
and never written down. Nothing vouches for these bytes here: only their sha256 does, at the end. Parts are not synced:
nothing is acknowledged as kept before the photo is whole, and what a power cut spoils there fails its hash.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fieldcheck.domain.errors import Conflict, Forbidden, TooLarge
from fieldcheck.storage.disk import open_locked, write_all
from fieldcheck.storage.sealing import Keyring
from fieldcheck.storage.shelves import MB, Shelves

LARGEST = 20 * MB
"""No photo may have more bytes than this; a phone's full-size photo has 3 to 12 MB."""

UPLOAD = re.compile(r"[0-9a-z-]{1,64}")
"""Small letters only: two ids that differ by case would be one file on macOS."""

HEAD = BLOCK = 16


@dataclass(frozen=True)
class Parts:
    """The uploads that are under way."""

    shelves: Shelves
    ring: Keyring

    def receive(self, upload_id: str, offset: int, part: bytes) -> int:
        """Append a part at exactly that offset and return how many bytes have come so far.

        A part that came before is accepted again if its bytes are equal.
        """
        if offset + len(part) > LARGEST:
            raise TooLarge("photo.too_large", size=offset + len(part), largest=LARGEST)
        path = self._path(upload_id)
        self.shelves.spare(len(part))
        self.shelves.settle(path.parent)
        with open_locked(path, os.O_RDWR | os.O_CREAT) as fd:
            start, have = _begun(fd)
            if 0 <= offset < have and offset + len(part) <= have:
                before = os.pread(fd, len(part), HEAD + offset)
                if self._turned(start, offset, before) == part:
                    return have
            if offset != have:
                raise Conflict("photo.offset", offset=offset, received=have)
            os.lseek(fd, HEAD + have, os.SEEK_SET)
            try:
                write_all(fd, self._turned(start, have, part))
            except BaseException:
                os.ftruncate(fd, HEAD + have)  # half a part would shift everything after it
                raise
            return have + len(part)

    def received(self, upload_id: str) -> int:
        """Return how many bytes of an upload are here; 0 for one never heard of, or finished."""
        with suppress(FileNotFoundError):
            return max(0, os.stat(self._path(upload_id), follow_symlinks=False).st_size - HEAD)
        return 0

    @contextmanager
    def whole(self, upload_id: str, size: int) -> Iterator[bytes]:
        """Give all bytes of an upload, held against other writers; raises `photo.offset` while some are missing."""
        try:
            with open_locked(self._path(upload_id), os.O_RDWR) as fd:
                start, have = _begun(fd)
                if have < size:
                    raise Conflict("photo.offset", offset=size, received=have)
                yield self._turned(start, 0, os.pread(fd, have, HEAD))
        except FileNotFoundError:
            raise Conflict("photo.offset", offset=size, received=0) from None

    def drop(self, upload_id: str) -> None:
        """Forget an upload."""
        with suppress(FileNotFoundError):
            os.unlink(self._path(upload_id))

    def _path(self, upload_id: str) -> Path:
        if not UPLOAD.fullmatch(upload_id):
            raise Forbidden("photo.outside")
        return self.shelves.inside("incoming", f"{upload_id}.part")

    def _turned(self, start: bytes, offset: int, data: bytes) -> bytes:
        """Encipher or decipher what stands at *offset*: with a stream they are the same."""
        blocks, within = divmod(offset, BLOCK)
        counter = (int.from_bytes(start) + blocks) % (1 << 128)
        key = algorithms.AES256(self.ring.derived(b"fieldcheck.photo|part"))
        stream = Cipher(key, modes.CTR(counter.to_bytes(BLOCK))).encryptor()
        stream.update(bytes(within))
        return stream.update(data)


def _begun(fd: int) -> tuple[bytes, int]:
    """Read where the stream starts, choosing it for a new upload; gives it with how many bytes have come."""
    size = os.fstat(fd).st_size
    if size >= HEAD:
        return os.pread(fd, HEAD, 0), size - HEAD
    os.ftruncate(fd, 0)
    start = secrets.token_bytes(HEAD)
    os.lseek(fd, 0, os.SEEK_SET)
    write_all(fd, start)
    return start, 0
