"""Triggers that refuse to change what was once recorded: the chain of custody, its heads, answers as they were given.

An answer may go in one case only: while the erasure of its visit, to which a second person consented, is being carried
out in the same transaction. A batch migration on SQLite drops triggers without a word, and stumbles over one that names
a table being rebuilt, so they are taken down before a migration and put up anew after it, in its transaction.
"""

from sqlalchemy import Connection, inspect

APPEND_ONLY = ("record_entry", "record_head", "answer")
_ORDERED = (
    "select 1 from erasure where erasure.kind = 'visit' and erasure.state = 'consented' "
    "and erasure.target = old.visit_id"
)
_REFUSE = "raise exception using message = 'append only: ' || tg_table_name;"
_POSTGRESQL = {
    "refuse_change": f"begin {_REFUSE} end",
    "refuse_without_order": f"begin if exists ({_ORDERED}) then return old; end if; {_REFUSE} end",
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
    for function, body in _POSTGRESQL.items() if postgresql else ():
        connection.exec_driver_sql(
            f"create or replace function {function}() returns trigger language plpgsql as $$ {body} $$"
        )
    there = set(inspect(connection).get_table_names())  # an older revision has not all of them yet
    for table in (name for name in APPEND_ONLY if name in there):
        for act in ("update", "delete"):
            by_order = (table, act) == ("answer", "delete") and "erasure" in there
            name = f"{table}_no_{act}"
            if postgresql:
                function = "refuse_without_order" if by_order else "refuse_change"
                connection.exec_driver_sql(f"drop trigger if exists {name} on {table}")
                connection.exec_driver_sql(
                    f"create trigger {name} before {act} on {table} for each row execute function {function}()"
                )
            else:
                unless = f"when not exists ({_ORDERED}) " if by_order else ""
                connection.exec_driver_sql(f"drop trigger if exists {name}")
                connection.exec_driver_sql(
                    f"create trigger {name} before {act} on {table} {unless}"
                    f"begin select raise(abort, 'append only: {table}'); end"
                )
