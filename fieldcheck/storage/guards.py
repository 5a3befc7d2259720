"""Triggers that refuse to change what was once recorded: the chain of custody, and answers as they were given.

A batch migration on SQLite drops triggers without a word, so they are put up anew after every migration.
"""

from sqlalchemy import Connection

APPEND_ONLY = ("record_entry", "answer")


def put_up(connection: Connection) -> None:
    """Put the triggers up, replacing what is there; works on SQLite and PostgreSQL."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "create or replace function refuse_change() returns trigger language plpgsql as "
            "$$ begin raise exception using message = 'append only: ' || tg_table_name; end $$"
        )
    for table in APPEND_ONLY:
        for act in ("update", "delete"):
            name = f"{table}_no_{act}"
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"drop trigger if exists {name} on {table}")
                connection.exec_driver_sql(
                    f"create trigger {name} before {act} on {table} for each row execute function refuse_change()"
                )
            else:
                connection.exec_driver_sql(f"drop trigger if exists {name}")
                connection.exec_driver_sql(
                    f"create trigger {name} before {act} on {table} "
                    f"begin select raise(abort, 'append only: {table}'); end"
                )
