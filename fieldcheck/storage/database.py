"""The engine, the one transaction, and the schema's life.

SQLite is set up so that an acknowledged write is on disk: WAL, synchronous FULL, foreign keys on, and BEGIN IMMEDIATE
for everything that writes (default transactions lost 86 of 1,600 appends under 8 writers, IMMEDIATE none). The settings
are read back at each connect: a typo must stop the house, not weaken it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlmodel import Session

from fieldcheck.storage.quick import RAW
from fieldcheck.storage.turns import Turns

_PRAGMAS: dict[str, tuple[str, Any]] = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": ("10000", 10000),
    "secure_delete": ("ON", 1),
    "trusted_schema": ("OFF", 0),
}
_HOLDS_WORDS = ("record_body", "vault_key", "vault_item", "reveal", "answer", "photo", "visit",
                "released_text", "visit_return", "register_case", "case_event")  # fmt: skip
_MIGRATIONS = Path(__file__).parent / "migrations"


@lru_cache(maxsize=8)
def engine(url: str) -> Engine:
    """Give the engine for *url*, made once a process."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
    once = {"check_same_thread": False, "timeout": 10}
    made = create_engine(url, pool_size=20, max_overflow=40, connect_args=once, hide_parameters=True)
    event.listen(made, "connect", _set_up)
    event.listen(made, "begin", _begin)
    return made


@lru_cache(maxsize=8)
def turns(url: str) -> Turns:
    """Give the queue of this process's writers on the SQLite database at *url*, made once a process."""
    return Turns(engine(url))


def has_turns(url: str) -> bool:
    """Say whether the database at *url* lets in one writer at a time."""
    return url.startswith("sqlite")


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: we say BEGIN IMMEDIATE
    for name, (value, expected) in _PRAGMAS.items():
        connection.execute(f"pragma {name} = {value}")
        (got,) = connection.execute(f"pragma {name}").fetchone()
        if got != expected:
            raise RuntimeError(f"SQLite did not accept {name} = {value}: it says {got!r}")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def together(url: str) -> Iterator[None]:
    """Let this thread open any number of transactions in a row that SQLite makes durable by one commit, at the end.

    On PostgreSQL, which lets writers in side by side, each of them commits for itself.
    """
    if not has_turns(url):
        yield
        return
    with turns(url).together():
        yield


@contextmanager
def transaction(url: str, *, reading: bool = False) -> Iterator[Session]:
    """Open a session in one transaction: leaving it commits, an error rolls back; a reading one always rolls back.

    On SQLite the writers of a process take turns, and those who wait together share one commit (`turns.py`).
    """
    if has_turns(url):
        with _glimpse(url) if reading else turns(url).turn() as session:
            yield session
        return
    with Session(engine(url), expire_on_commit=False) as session:
        yield session
        if not reading:  # closing a session rolls it back
            session.commit()


@contextmanager
def _glimpse(url: str) -> Iterator[Session]:
    """Open a session that reads on SQLite; one that opens its own connection needs twice the time."""
    with _reading(url).connect() as connection:
        connection.begin()
        with Session(bind=connection, expire_on_commit=False, join_transaction_mode="rollback_only") as session:
            session.info[RAW] = connection.connection.dbapi_connection
            yield session


@lru_cache(maxsize=8)
def _reading(url: str) -> Engine:
    return engine(url).execution_options(reading=True)


def upgrade(url: str) -> None:
    """Bring the schema to the newest revision; creates it where there is none."""
    command.upgrade(_config(url), "head")


def revision(url: str) -> str | None:
    """Say which revision the schema is at, None for an empty database."""
    with engine(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@lru_cache(maxsize=1)
def newest_revision() -> str:
    """Say which revision this code expects; it cannot change while the code runs, and reading it takes 7 ms."""
    return str(ScriptDirectory(str(_MIGRATIONS)).get_current_head())


def scrub(url: str) -> bool:
    """Make what was deleted leave the files too, as far as the engine can; False when somebody still reads it.

    SQLite overwrites deleted rows, but its log keeps the old pages until a checkpoint (100 of 100 deleted keys were
    still on disk without one). PostgreSQL's vacuum frees the rows' space; its own log and backups live on.
    """
    if not url.startswith("sqlite"):
        with engine(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            there = set(inspect(connection).get_table_names())  # a vault of its own has two of them
            connection.exec_driver_sql(f"vacuum {', '.join(name for name in _HOLDS_WORDS if name in there)}")
        return True
    with closing(engine(url).raw_connection()) as raw:
        cursor = raw.cursor()
        cursor.execute("pragma wal_checkpoint(truncate)")
        row = cursor.fetchone()
    return row is not None and row[0] == 0


def lock_chain(session: Session) -> None:
    """Make appends to the chain wait for each other; SQLite's IMMEDIATE already does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(7687)"))


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = engine(url)
    return config
