"""The few words of the file system that durability needs: whole reads, whole writes, locks, syncs, files kept once.

It does not know what the bytes are or where they belong; `photos.py` decides that.
"""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fieldcheck.domain.errors import Busy

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def open_locked(path: Path, flags: int, *, wait: bool = True) -> Iterator[int]:
    """Open a file and hold it alone; try again if it lost its name while this process waited for it.

    Without the second look a late writer would go on writing into a file that has meanwhile become an original.
    """
    while True:
        fd = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if is_still(path, fd):
                yield fd
                return
        finally:
            os.close(fd)


def is_still(path: Path, fd: int) -> bool:
    """Say whether the open file still has this name."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(fd))
    return False


def keep_once(path: Path, data: bytes) -> None:
    """Write a file for its owner's eyes only, whole or not at all; one that is there already stays as it is."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        sync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)  # unlike a rename, a link never replaces the one that another process made
    draft.unlink()
    sync_folder(path.parent)


def read_file(path: Path) -> bytes:
    """Read a whole file, never through a symlink."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        return file.read()


def write_all(fd: int, data: bytes | bytearray) -> None:
    """Write every byte: one call may take only some of them."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(fd, rest) :]
    except OSError as error:
        if error.errno in FULL:
            raise Busy("disk.full", free_mb=0) from error
        raise


def sync(fd: int) -> None:
    """Make bytes durable; on macOS `fsync` alone stops at the drive's own memory."""
    if hasattr(fcntl, "F_FULLFSYNC"):
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fsync(fd)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(fd)
    finally:
        os.close(fd)
