"""The folder of photos as a place: nothing outside of it is ever named, and what has a name there has all its bytes.

A file is written beside its name, synced, renamed, and the folder synced: a name either does not exist or is whole.
It refuses to step outside and to fill the disk to the brim. It knows nothing of photos or keys.
"""

import fcntl
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from fieldcheck.domain.errors import Busy, Forbidden
from fieldcheck.storage.disk import open_locked, sync, sync_folder, write_all

MB = 1024 * 1024

settled: set[str] = set()
"""Folders whose own entry this process has synced; another process may have created one and died before that."""


@dataclass(frozen=True)
class Shelves:
    """One folder, to which any number of processes may write."""

    folder: Path
    reserve: int = 200 * MB

    @cached_property
    def home(self) -> Path:
        """Where the folder really is."""
        return Path(os.path.realpath(self.folder))

    def inside(self, *parts: str) -> Path:
        """Every path goes through here: no `..`, no sibling, no symlink on the way."""
        path = self.home
        for part in parts:
            path = path / part
            if part in {"", ".", ".."} or "/" in part or "\0" in part or path.is_symlink():
                raise Forbidden("photo.outside")
        return path

    def spare(self, wanted: int) -> None:
        """Refuse while there is still room: the database needs the rest to say what it refused."""
        self.folder.mkdir(parents=True, exist_ok=True)
        disk = os.statvfs(self.folder)
        free = disk.f_bavail * disk.f_frsize
        if free - wanted < self.reserve:
            raise Busy("disk.full", free_mb=free // MB)

    def settle(self, folder: Path) -> None:
        """Make a folder whose existence is itself durable."""
        if str(folder) in settled and folder.is_dir():
            return
        if folder != self.inside():
            self.settle(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(folder.parent)
        settled.add(str(folder))

    def write(self, target: Path, data: bytes | bytearray) -> None:
        """Write a file so that it survives a power cut: its bytes, then its name, then the folder of the name."""
        self.spare(len(data))
        temp = self.inside("incoming", f"{secrets.token_hex(16)}.tmp")
        self.settle(temp.parent)
        fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o400)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            write_all(fd, data)
            self.settle(target.parent)
            sync(fd)
            os.rename(temp, target)
            sync_folder(target.parent)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temp)
            raise
        finally:
            os.close(fd)

    def sweep(self, now: datetime, older_than: timedelta) -> int:
        """Delete what uploads and crashes left behind and return how many files went.

        Age alone is not enough: a slow phone or another worker may still be writing. Whoever writes holds the
        file's lock, so only an old file that nobody has locked goes.
        """
        gone = 0
        incoming = self.inside("incoming")
        for entry in os.scandir(incoming) if incoming.is_dir() else ():
            touched = entry.stat(follow_symlinks=False).st_mtime
            if not entry.is_file(follow_symlinks=False) or touched > (now - older_than).timestamp():
                continue
            with suppress(FileNotFoundError, BlockingIOError), open_locked(Path(entry.path), os.O_RDONLY, wait=False):
                os.unlink(entry.path)
                gone += 1
        return gone
