"""The raw limits of the machine: what the disk, the database and one core can do when nobody thinks.

Measured in the same folder and within the same minutes as what stands on them, because a virtual disk has moods.
"""

import hashlib
import io
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

SECONDS = 1.5


def measure(folder: Path, photo: bytes) -> dict[str, float]:
    """Give each limit by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "fsyncs of 4 kB/s, one after the other": rate(synced(folder, b"x" * 4096)),
        "photos written and fsynced/s, one after the other": rate(written(folder, photo)),
        "the same, 16 at once": together(16, lambda: written(folder, photo)),
        "commits/s of SQLite (WAL, FULL)": rate(committed(folder)),
        "SHA-256 MB/s": rate(lambda: hashlib.sha256(photo).digest()) * len(photo) / 1e6,
        "photos decoded by Pillow/s": rate(lambda: decode(photo)),
    }


def rate(what: Callable[[], object], seconds: float = SECONDS) -> float:
    """Say how often a second *what* can be done."""
    done, started = 0, time.perf_counter()
    while (now := time.perf_counter()) - started < seconds:
        what()
        done += 1
    return done / (now - started)


def together(many: int, make: Callable[[], Callable[[], object]], seconds: float = SECONDS) -> float:
    """Say how often a second *many* threads can do it side by side."""
    rates: list[float] = []
    threads = [threading.Thread(target=lambda: rates.append(rate(make(), seconds))) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(rates)


def synced(folder: Path, data: bytes) -> Callable[[], object]:
    """Append to a file and make it durable."""
    fd = os.open(folder / "synced", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def once() -> None:
        os.write(fd, data)
        os.fsync(fd)

    return once


def written(folder: Path, data: bytes) -> Callable[[], object]:
    """Write a file, make it durable, name it, make the name durable: what every photo needs."""
    place = folder / f"written-{threading.get_ident()}-{time.monotonic_ns()}"
    place.mkdir()
    home = os.open(place, os.O_RDONLY | os.O_DIRECTORY)

    def once() -> None:
        fd = os.open(place / "temp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(fd, data)
        os.fsync(fd)
        os.close(fd)
        os.rename(place / "temp", place / "photo")
        os.fsync(home)

    return once


def committed(folder: Path) -> Callable[[], object]:
    """Write one row in one durable transaction."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for pragma in ("journal_mode=wal", "synchronous=full"):
        connection.execute(f"pragma {pragma}")
    connection.execute("create table if not exists told (a, b, c)")

    def once() -> None:
        connection.execute("begin immediate")
        connection.execute("insert into told values (1, 'two', 3.0)")
        connection.execute("commit")

    return once


def decode(data: bytes) -> None:
    """Decode every pixel."""
    with Image.open(io.BytesIO(data)) as image:
        image.load()
