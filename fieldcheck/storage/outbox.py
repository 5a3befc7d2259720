"""Heads that are to leave the house, as files: one a day, and one more for each further head of that day.

A file is written whole or not at all, and never written again: what was sent out must be found here as it was.
"""

import os
from datetime import date
from pathlib import Path
from typing import IO

from fieldcheck.storage.disk import keep_once


def keep(folder: Path, day: date, seq: int, line: str) -> Path:
    """Write a head into the day's file; where another head has it, into one that names its seq as well."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{day.isoformat()}.json"
    if path.exists() and path.read_text() != line + "\n":
        path = folder / f"{day.isoformat()}-{seq}.json"
    keep_once(path, f"{line}\n".encode())
    return path


def create(path: Path) -> IO[bytes]:
    """Open a file that is not there yet, for its owner's eyes only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def kept(folder: Path) -> tuple[Path, ...]:
    """List the files of heads, the oldest first."""
    return tuple(sorted(folder.glob("[0-9]*.json"))) if folder.is_dir() else ()
