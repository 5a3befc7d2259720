"""A statement that is built once and, on SQLite, run on the driver's own connection.

Why it exists: SQLAlchemy spends 40 us and more on each execution, SQLite 5; a phone's sending runs a dozen statements
and writes thirty rows while everybody else waits for the turn. On PostgreSQL, where the way to the server costs more
than either, the same statement goes through SQLAlchemy. Values pass the same types both ways, so what is written and
read is the same. It is for statements with named values (`bindparam`); a list goes in with `expanding=True`.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, Executable, Insert, Select
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine.interfaces import Dialect
from sqlmodel import Session

RAW = "raw"
"""Where a session keeps the driver's connection of its transaction, while it stands in one on SQLite."""

_DIALECT: Dialect = sqlite_dialect()
_LIST = re.compile(r"\(__\[POSTCOMPILE_\w+\]\)")
Processor = Callable[[Any], Any]


class Quick:
    """One statement. Rows come back as plain tuples."""

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._inserts: dict[tuple[str, ...], _Compiled] = {}

    def glance(self, engine: Engine, **said: Any) -> Sequence[Sequence[Any]]:
        """Run it alone, in no transaction of ours: what one statement reads is of one moment anyhow."""
        if engine.dialect.name != "sqlite":
            with engine.connect() as connection:
                return connection.execute(self.statement, said).all()
        compiled, pooled = self._compiled, engine.raw_connection()
        try:
            driver: Any = pooled.driver_connection
            return compiled.read(driver.execute(compiled.sql, compiled.write(said)).fetchall())
        finally:
            pooled.close()

    def rows(self, session: Session, **said: Any) -> Sequence[Sequence[Any]]:
        """Run it and give every row."""
        raw = session.info.get(RAW)
        if raw is None:
            return session.connection().execute(self.statement, said).all()
        compiled = self._compiled
        return compiled.read(raw.execute(compiled.sql, compiled.write(said)).fetchall())

    def first(self, session: Session, **said: Any) -> Sequence[Any] | None:
        """Run it and give the first row, None where there is none."""
        rows = self.rows(session, **said)
        return rows[0] if rows else None

    def run(self, session: Session, **said: Any) -> int:
        """Run what changes rows; gives how many it found."""
        raw = session.info.get(RAW)
        if raw is None:
            return session.connection().execute(self.statement, said).rowcount
        return int(raw.execute(self._compiled.sql, self._compiled.write(said)).rowcount)

    def many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each row; all rows name the same values."""
        raw = session.info.get(RAW)
        if not rows:
            return
        if raw is None:
            session.connection().execute(self.statement, [dict(row) for row in rows])
            return
        compiled = self._for(tuple(rows[0]))
        raw.executemany(compiled.sql, [compiled.write(row) for row in rows])

    @cached_property
    def _compiled(self) -> "_Compiled":
        return _Compiled(self.statement)

    def _for(self, names: tuple[str, ...]) -> "_Compiled":
        """Give the statement for rows of these names; an insert writes the columns that it is given."""
        if not isinstance(self.statement, Insert):
            return self._compiled
        if names not in self._inserts:
            self._inserts[names] = _Compiled(self.statement, names)
        return self._inserts[names]


class _Compiled:
    """A statement as SQLite reads it, and how its values are written and read."""

    def __init__(self, statement: Executable, names: tuple[str, ...] | None = None) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT, column_keys=list(names) if names else None)  # type: ignore[attr-defined]
        self.sql: str = _LIST.sub("(select value from json_each(?))", str(compiled))
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}
        self._binds = [(name, self._writer(compiled.binds[name])) for name in compiled.positiontup]
        self._readers: list[tuple[int, Processor]] = []
        if isinstance(statement, Select):
            for place, column in enumerate(statement.selected_columns):
                reader = column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
                if reader:
                    self._readers.append((place, reader))

    @staticmethod
    def _writer(bind: Any) -> Processor | None:
        if bind.expanding:
            return json.dumps
        writer: Processor | None = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        return writer

    def write(self, said: Mapping[str, Any]) -> list[Any]:
        """Bring values into the order and the form in which SQLite takes them."""
        if self._fixed:
            said = {**self._fixed, **said}
        return [writer(said[name]) if writer else said[name] for name, writer in self._binds]

    def read(self, rows: list[Any]) -> list[Any]:
        """Bring rows into the form in which we know them."""
        if not self._readers or not rows:
            return rows
        told = [list(row) for row in rows]
        for row in told:
            for place, reader in self._readers:
                row[place] = reader(row[place])
        return told

