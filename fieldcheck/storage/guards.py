"""Triggers that refuse to change what was once recorded: the chain of custody, its heads, answers as they were given.

An answer may go in one case only: while the erasure of its visit, to which a second person consented, is being carried
out in the same transaction. It may change in one only: words that lie plain are sealed, and nothing else about it.

A batch migration on SQLite drops triggers without a word, and stumbles over one that names a table being rebuilt, so
they are taken down before a migration and put up anew after it, in its transaction.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, inspect

APPEND_ONLY = ("record_entry", "record_head", "answer")
_ORDERED = (
    "select 1 from erasure where erasure.kind = 'visit' and erasure.state = 'consented' "
    "and erasure.target = old.visit_id"
)
#: What sealing an answer changes: its words, and the hash that would let short ones be guessed.
_BY_SEALING = ("value", "wrapped", "sealed", "body_hash")
_REFUSE = "raise exception using message = 'append only: ' || tg_table_name;"
_POSTGRESQL = {
    "refuse_change": f"begin {_REFUSE} end",
    "refuse_without_order": f"begin if exists ({_ORDERED}) then return old; end if; {_REFUSE} end",
    "refuse_but_sealing": f"begin if {{sealing}} then return new; end if; {_REFUSE} end",
}


def take_down(connection: Connection) -> None:
    """Take the triggers down on SQLite, whose batch migrations rebuild tables; PostgreSQL keeps them up."""
    if connection.dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for act in ("update", "delete"):
                connection.exec_driver_sql(f"drop trigger if exists {table}_no_{act}")


def put_up(connection: Connection) -> None:
    """Put the triggers up, replacing what is there; works on SQLite and PostgreSQL."""
    postgresql = connection.dialect.name == "postgresql"
    of_answer = [column["name"] for column in inspect(connection).get_columns("answer")]
    sealing = _sealing("is not distinct from" if postgresql else "is", of_answer)
    for function, body in _POSTGRESQL.items() if postgresql else ():
        written = body.replace("{sealing}", sealing)
        connection.exec_driver_sql(
            f"create or replace function {function}() returns trigger language plpgsql as $$ {written} $$"
        )
    there = set(inspect(connection).get_table_names())  # an older revision has not all of them yet
    exceptions = {("answer", "delete"): "refuse_without_order"} if "erasure" in there else {}
    if "sealed" in of_answer:
        exceptions["answer", "update"] = "refuse_but_sealing"
    unless_of = {"refuse_without_order": f"exists ({_ORDERED})", "refuse_but_sealing": f"({sealing})"}
    for table in (name for name in APPEND_ONLY if name in there):
        for act in ("update", "delete"):
            but = exceptions.get((table, act), "")
            name = f"{table}_no_{act}"
            if postgresql:
                function = but or "refuse_change"
                connection.exec_driver_sql(f"drop trigger if exists {name} on {table}")
                connection.exec_driver_sql(
                    f"create trigger {name} before {act} on {table} for each row execute function {function}()"
                )
            else:
                unless = f"when not {unless_of[but]} " if but else ""
                connection.exec_driver_sql(f"drop trigger if exists {name}")
                connection.exec_driver_sql(
                    f"create trigger {name} before {act} on {table} {unless}"
                    f"begin select raise(abort, 'append only: {table}'); end"
                )


def _sealing(same: str, columns: Sequence[str]) -> str:
    """Write when a change of an answer is no more than the sealing of its words."""
    rest = [f"old.{name} {same} new.{name}" for name in columns if name not in _BY_SEALING]
    was_plain = ["old.sealed is null", "old.value is not null", "new.sealed is not null", "new.value is null"]
    return " and ".join(was_plain + rest)
