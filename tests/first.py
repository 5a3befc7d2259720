"""Installations that tests are given copies of: made once for each engine, and copied in a small part of the time."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import database as store
from fieldcheck.storage.disk import keep_once

HOUSE = Path(__file__).parent.parent
SERVER = os.environ.get("FIELDCHECK_TEST_DATABASE_URL", "")
ENGINES = ["sqlite", "postgresql"] if SERVER else ["sqlite"]
#: Most tests look at what the agency sees a moment after; what holds it back has tests of its own.
AT_ONCE = {"FIELDCHECK_RELEASE_AFTER_HOURS": "0", "FIELDCHECK_RELEASE_LEAST_VISITORS": "1"}
#: Copies understand what was keyed with it.
SECRET = b"a-secret-of-the-tests-alone-0123456789"


def settle(folder: Path) -> Settings:
    """Read the settings of an installation in *folder*, on SQLite; its database is not there yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep_once(folder / "secret", SECRET)
    said = {"FIELDCHECK_DATA": str(folder), "FIELDCHECK_CHECKLISTS": str(HOUSE / "checklists")}
    return read_settings({**said, **AT_ONCE})


@dataclass(frozen=True)
class First:
    """An upgraded installation, and whatever was made in it; nobody writes to it any more."""

    settings: Settings
    made: Any

    @contextmanager
    def copied(self, settings: Settings) -> Iterator[Settings]:
        """Make the installation of *settings*, which has nothing yet, the same as this one."""
        shutil.copytree(self.settings.data, settings.data, dirs_exist_ok=True)
        name = f"copy_{secrets.token_hex(6)}"
        if is_served := not self.settings.database_url.startswith("sqlite"):
            # Copied as files: this server keeps nothing beyond the tests, and its log would take twice as long.
            first = self.settings.database_url.rsplit("/", 1)[1]
            administer(f'create database "{name}" template "{first}" strategy file_copy')
            settings = replace(settings, database_url=address(name))
        yield settings
        store.engine(settings.database_url).dispose()
        if is_served:
            administer(f'drop database "{name}" with (force)')


@contextmanager
def first(engine: str, folder: Path, make: Callable[[Settings], Any]) -> Iterator[First]:
    """Make an installation in *folder*; its database lies there or on the test server."""
    settings, name = settle(folder), f"first_{secrets.token_hex(6)}"
    if engine == "postgresql":
        administer(f'create database "{name}"')
        settings = replace(settings, database_url=address(name))
    store.upgrade(settings.database_url)
    made = make(settings)
    if engine == "sqlite":
        with store.engine(settings.database_url).connect() as connection:
            connection.exec_driver_sql("commit")
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    store.engine(settings.database_url).dispose()
    yield First(settings, made)
    if engine == "postgresql":
        administer(f'drop database "{name}" with (force)')


def address(name: str) -> str:
    """Give the address of database *name* on the test server."""
    return f"{SERVER.rsplit('/', 1)[0]}/{name}"


def administer(statement: str) -> None:
    """Do what cannot be done inside a transaction, on the test server."""
    with _server().connect() as connection:
        connection.execute(text(statement))


@cache
def _server() -> Engine:
    # One for all: to make an engine, and to ask the server what it is, takes longer than to copy a database.
    return create_engine(SERVER, isolation_level="AUTOCOMMIT", poolclass=NullPool)
