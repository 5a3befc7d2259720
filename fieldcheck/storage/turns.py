"""Writers of one process take turns on SQLite, and those who wait together are made durable together.

SQLite lets one writer in at a time; whoever comes meanwhile would poll, up to a tenth of a second a time, and each
commit waits for the disk alone. Here a writer hands its open transaction to the next one that already waits: each works
within a savepoint of its own, one commit makes them all durable, and nobody's turn returns before that commit did. An
error undoes its own savepoint and nothing else. A thread that does the work of many (`together`) takes their turns one
after the other and waits for the disk once. It refuses to nest: a turn within a turn would wait for itself.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm.session import JoinTransactionMode
from sqlmodel import Session

from fieldcheck.domain.errors import Busy
from fieldcheck.storage.quick import RAW

#: Nobody waits longer than this for the others' commit: turns in one transaction, and its age in seconds.
MOST_TURNS, LONGEST = 64, 0.05
#: Seconds after which a writer is told that the database is busy; what it brought is still on its phone.
PATIENCE = 20.0
_INSIDE: JoinTransactionMode = "rollback_only"


@dataclass
class Shared:
    """One transaction that several turns stand in."""

    connection: Connection
    began: float = field(default_factory=time.monotonic)
    turns: int = 0
    kept: int = 0
    is_taken: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    @cached_property
    def raw(self) -> Any:
        """The driver's own connection: a savepoint through SQLAlchemy costs ten times what SQLite needs for it."""
        return self.connection.connection.dbapi_connection

    @property
    def is_broken(self) -> bool:
        """Say whether SQLite has ended the transaction by itself, as it does when the disk is full."""
        return not self.raw.in_transaction


class Turns:
    """The queue of one process's writers on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._door = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._shared: Shared | None = None
        self._holder: int | None = None
        self._row: Shared | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let this thread take any number of turns in a row: what they wrote is durable when this is left.

        Until then none of it is, so nothing of it may be told. Leaving raises what went wrong with the commit, and then
        nothing of what they wrote is kept; a turn that raised by itself has undone itself already.
        """
        self._come_in()
        try:
            shared = self._row = self._shared = self._shared or self._open()
            yield
        finally:
            self._row = None
            self._leave()
        self._await(shared)

    @contextmanager
    def turn(self) -> Iterator[Session]:
        """Wait for one's turn, work in a session of one's own, and return when that is durable."""
        if self._row is not None and self._holder == threading.get_ident():
            if self._row.is_taken:
                raise RuntimeError("a transaction within a transaction of the same thread")
            if self._row.is_broken:
                raise Busy("database.busy")
            with self._savepoint(self._row) as session:
                yield session
            return
        self._come_in()
        try:
            shared = self._shared = self._shared or self._open()
            with self._savepoint(shared) as session:
                yield session
        finally:
            self._leave()
        self._await(shared)

    def _come_in(self) -> None:
        if self._holder == threading.get_ident():
            raise RuntimeError("a transaction within a transaction of the same thread")
        with self._count:
            self._waiting += 1
        came = self._door.acquire(timeout=PATIENCE)
        with self._count:
            self._waiting -= 1
        if not came:
            raise Busy("database.busy")
        self._holder = threading.get_ident()

    def _open(self) -> Shared:
        connection = self.engine.connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return Shared(connection)

    @contextmanager
    def _savepoint(self, shared: Shared) -> Iterator[Session]:
        shared.turns += 1
        shared.is_taken = True
        shared.raw.execute("savepoint turn")
        session = Session(bind=shared.connection, expire_on_commit=False, join_transaction_mode=_INSIDE)
        session.info[RAW] = shared.raw
        try:
            yield session
            session.flush()
            shared.raw.execute("release turn")
            shared.kept += 1
        except BaseException:
            session.expunge_all()
            if not shared.is_broken:
                shared.raw.execute("rollback to turn")
                shared.raw.execute("release turn")
            raise
        finally:
            session.close()
            shared.is_taken = False

    def _leave(self) -> None:
        """Hand the transaction on to whoever waits, or commit it; then let the next one in."""
        shared = self._shared
        try:
            if shared is not None:
                full = shared.turns >= MOST_TURNS or time.monotonic() - shared.began > LONGEST
                if full or not self._waiting or shared.is_broken:
                    self._shared = None
                    self._end(shared)
        finally:
            self._holder = None
            self._door.release()

    def _end(self, shared: Shared) -> None:
        """Commit; whatever goes wrong is told to everybody whose work stood in it."""
        try:
            if shared.is_broken:
                shared.error = Busy("database.busy")
            elif shared.kept:
                shared.connection.commit()
            else:
                shared.connection.rollback()
        except BaseException as error:  # noqa: BLE001 - raised again in each turn that stood in it
            shared.error = error
            with suppress(Exception):
                shared.connection.rollback()
        finally:
            shared.over.set()
            with suppress(Exception):
                shared.connection.close()

    def _await(self, shared: Shared) -> None:
        """Wait until the work is durable; if whoever was to end the transaction never came, end it oneself."""
        while not shared.over.wait(timeout=0.5):
            if self._door.acquire(blocking=False):
                try:
                    if self._shared is shared:
                        self._shared = None
                        self._end(shared)
                finally:
                    self._door.release()
        if shared.error is not None:
            raise shared.error
