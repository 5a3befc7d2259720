"""The one gate to the disk: photos, exactly as they were received, each under the sha256 of its bytes.

A name in `orig/` either does not exist or holds all of its bytes: they are written beside it, synced, and renamed.
The gate refuses to write a second time what it holds, to answer with bytes that no longer match their name, to step
outside its folder, and to fill the disk to the brim. It does not know what a photo is, nor whose it is.

    incoming/<upload>.part   an upload that arrives in parts
    incoming/<random>.tmp    a file on its way to its name
    orig/ab/<sha256>         received bytes, mode 0400, never rewritten
    deriv/ab/<sha256>.<kind>.jpg   clean copies, the only ones ever shown; they can be made again
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from fieldcheck.domain.errors import Busy, Conflict, Forbidden, Invalid, NotFound, TooLarge
from fieldcheck.storage.disk import open_locked, read_file, sync, sync_folder, write_all

MB = 1024 * 1024
LARGEST = 20 * MB
"""No photo may have more bytes than this; a phone's full-size photo has 3 to 12 MB."""

SHA256 = re.compile(r"[0-9a-f]{64}")
UPLOAD = re.compile(r"[0-9a-z-]{1,64}")
"""Small letters only: two ids that differ by case would be one file on macOS."""

settled: set[str] = set()
"""Folders whose own entry this process has synced; another process may have created one and died before that."""


class Copy(StrEnum):
    """A clean copy for showing: 1600 pixels on its longest side, or 320."""

    VIEW = "view"
    THUMB = "thumb"


@dataclass(frozen=True)
class Stored:
    """A photo that will survive a power cut."""

    sha256: str
    size: int
    path: Path


@dataclass(frozen=True)
class Report:
    """Where the rows and the disk disagree: hashes with a row and no file, and names on disk without a row."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Locker:
    """The folder of photos. Any number of processes may hold one on the same folder."""

    folder: Path
    reserve: int = 200 * MB

    # --- an upload in parts

    def receive(self, upload_id: str, offset: int, part: bytes) -> int:
        """Append a part at exactly that offset and return how many bytes have come so far.

        A part that came before is accepted again if its bytes are equal. Parts are not synced: nothing is
        acknowledged as kept before `finish`, and what a power cut spoils there fails its hash.
        """
        if offset + len(part) > LARGEST:
            raise TooLarge("photo.too_large", size=offset + len(part), largest=LARGEST)
        path = self._part(upload_id)
        self._spare(len(part))
        self._settle(path.parent)
        with open_locked(path, os.O_RDWR | os.O_CREAT) as fd:
            have = os.fstat(fd).st_size
            if 0 <= offset < have and offset + len(part) <= have and os.pread(fd, len(part), offset) == part:
                return have
            if offset != have:
                raise Conflict("photo.offset", offset=offset, received=have)
            os.lseek(fd, have, os.SEEK_SET)
            try:
                write_all(fd, part)
            except BaseException:
                os.ftruncate(fd, have)  # half a part would shift everything after it
                raise
            return have + len(part)

    def received(self, upload_id: str) -> int:
        """Return how many bytes of an upload are here; 0 for one never heard of, or finished."""
        with suppress(FileNotFoundError):
            return os.stat(self._part(upload_id), follow_symlinks=False).st_size
        return 0

    def finish(self, upload_id: str, sha256: str, size: int, look: Callable[[bytes], object] | None = None) -> Stored:
        """Give a complete upload its name, if its bytes have the hash and the size the phone announced.

        *look* may refuse the bytes by raising before they get a name. Whatever is refused for its content is
        dropped, so that the phone can start again from 0.
        """
        target = self._original(sha256)
        try:
            with open_locked(self._part(upload_id), os.O_RDONLY) as fd:
                have = os.fstat(fd).st_size
                if have < size:
                    raise Conflict("photo.offset", offset=size, received=have)
                data = os.pread(fd, have, 0)
                try:
                    agree(data, sha256, size)
                    if look:
                        look(data)
                except (Invalid, TooLarge):
                    self.drop(upload_id)
                    raise
                self._name(fd, self._part(upload_id), target, data)
        except FileNotFoundError:
            # Finished before, and the answer was lost on its way to the phone.
            if not self.exists(sha256):
                raise Conflict("photo.offset", offset=size, received=0) from None
            agree(self.read(sha256), sha256, size)
        return Stored(sha256, size, target)

    def drop(self, upload_id: str) -> None:
        """Forget an unfinished upload."""
        with suppress(FileNotFoundError):
            os.unlink(self._part(upload_id))

    # --- a photo in one piece

    def put(self, data: bytes, sha256: str) -> Stored:
        """Keep a whole photo under its hash; after this returns it survives a power cut."""
        if len(data) > LARGEST:
            raise TooLarge("photo.too_large", size=len(data), largest=LARGEST)
        target = self._original(sha256)
        agree(data, sha256, len(data))
        if self._holds(target, data):
            sync_folder(target.parent)
        else:
            self._write(target, data)
        return Stored(sha256, len(data), target)

    def read(self, sha256: str) -> bytes:
        """Return the received bytes, or raise if they are not what was received.

        `photo.missing`: somebody deleted files on the server, or a backup came back without its photos.
        `photo.damaged`: the disk is failing, or somebody altered the file.
        """
        try:
            data = read_file(self._original(sha256))
        except FileNotFoundError:
            raise NotFound("photo.missing", sha256=sha256) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Conflict("photo.damaged", sha256=sha256)
        return data

    def exists(self, sha256: str) -> bool:
        """Say whether a photo is here, without reading it."""
        return self._original(sha256).is_file()

    def destroy(self, sha256: str) -> bool:
        """Delete a photo and its clean copies for good; says whether there was anything. Only an order may ask for it.

        The bytes are unlinked, not overwritten: no disk of today promises to overwrite in place.
        """
        gone = False
        for path in (self._original(sha256), *(self._derivative(sha256, kind) for kind in Copy)):
            with suppress(FileNotFoundError):
                os.unlink(path)
                sync_folder(path.parent)
                gone = True
        return gone

    # --- clean copies

    def derivative(self, sha256: str, kind: Copy) -> bytes:
        """Return a clean copy, or raise NotFound if it has not been made yet."""
        try:
            return read_file(self._derivative(sha256, kind))
        except FileNotFoundError:
            raise NotFound("photo.missing", sha256=sha256, kind=kind.value) from None

    def keep_derivative(self, sha256: str, kind: Copy, data: bytes) -> None:
        """Keep a clean copy, replacing an older one: it may have been made again."""
        self._write(self._derivative(sha256, kind), data)

    # --- housekeeping

    def sweep(self, now: datetime, older_than: timedelta) -> int:
        """Delete what uploads and crashes left behind and return how many files went.

        Age alone is not enough: a slow phone or another worker may still be writing. Whoever writes holds the
        file's lock, so only an old file that nobody has locked goes.
        """
        gone = 0
        incoming = self._inside("incoming")
        for entry in os.scandir(incoming) if incoming.is_dir() else ():
            touched = entry.stat(follow_symlinks=False).st_mtime
            if not entry.is_file(follow_symlinks=False) or touched > (now - older_than).timestamp():
                continue
            with suppress(FileNotFoundError, BlockingIOError), open_locked(Path(entry.path), os.O_RDONLY, wait=False):
                os.unlink(entry.path)
                gone += 1
        return gone

    def reconcile(self, known: set[str]) -> Report:
        """Compare the originals on disk with the hashes that have a row; change nothing.

        A file without a row may be a photo whose transaction is about to commit: leave it a day.
        """
        on_disk = {path.name for path in self._inside("orig").glob("*/*")}
        return Report(tuple(sorted(known - on_disk)), tuple(sorted(on_disk - known)))

    # --- the gate

    def _inside(self, *parts: str) -> Path:
        """Every path goes through here: no `..`, no sibling, no symlink on the way."""
        home = Path(os.path.realpath(self.folder))
        path = home.joinpath(*parts)
        if ".." in path.parts or not path.is_relative_to(home) or Path(os.path.realpath(path)) != path:
            raise Forbidden("photo.outside")
        return path

    def _part(self, upload_id: str) -> Path:
        if not UPLOAD.fullmatch(upload_id):
            raise Forbidden("photo.outside")
        return self._inside("incoming", f"{upload_id}.part")

    def _original(self, sha256: str) -> Path:
        if not SHA256.fullmatch(sha256):
            raise Forbidden("photo.outside")
        return self._inside("orig", sha256[:2], sha256)

    def _derivative(self, sha256: str, kind: Copy) -> Path:
        if not SHA256.fullmatch(sha256):
            raise Forbidden("photo.outside")
        return self._inside("deriv", sha256[:2], f"{sha256}.{Copy(kind).value}.jpg")

    # --- writing

    def _spare(self, wanted: int) -> None:
        """Refuse while there is still room: the database needs the rest to say what it refused."""
        self.folder.mkdir(parents=True, exist_ok=True)
        disk = os.statvfs(self.folder)
        free = disk.f_bavail * disk.f_frsize
        if free - wanted < self.reserve:
            raise Busy("disk.full", free_mb=free // MB)

    def _settle(self, folder: Path) -> None:
        """Make a folder whose existence is itself durable."""
        if str(folder) in settled and folder.is_dir():
            return
        if folder != self._inside():
            self._settle(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
        settled.add(str(folder))

    def _write(self, target: Path, data: bytes) -> None:
        self._spare(len(data))
        temp = self._inside("incoming", f"{secrets.token_hex(16)}.tmp")
        self._settle(temp.parent)
        fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            write_all(fd, data)
            self._seal(fd, temp, target)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temp)
            raise
        finally:
            os.close(fd)

    def _name(self, fd: int, part: Path, target: Path, data: bytes) -> None:
        if self._holds(target, data):
            sync_folder(target.parent)
            os.unlink(part)
        else:
            self._seal(fd, part, target)

    def _seal(self, fd: int, temp: Path, target: Path) -> None:
        """Bytes first, then the name, then the folder that holds the name.

        Read-only comes after the name: an upload that a crash stopped just before it must stay open to more parts.
        """
        self._settle(target.parent)
        sync(fd)
        os.rename(temp, target)
        os.fchmod(fd, 0o400)
        sync_folder(target.parent)

    def _holds(self, target: Path, data: bytes) -> bool:
        """Compare before trusting a name: a damaged file gives way to the good bytes that were just sent."""
        try:
            return read_file(target) == data
        except FileNotFoundError:
            return False


def agree(data: bytes, sha256: str, size: int) -> None:
    """Refuse bytes that are not the ones the phone hashed."""
    if len(data) != size or hashlib.sha256(data).hexdigest() != sha256:
        raise Invalid("photo.hash", size=len(data), announced=size)
