"""Alembic's entry: one engine, handed in by `database.upgrade`; foreign keys are off while tables are rebuilt."""

from alembic import context
from sqlalchemy import Engine
from sqlmodel import SQLModel

from fieldcheck.storage import guards, tables

assert tables.Region.__table__ is not None  # type: ignore[attr-defined]  # the import is what fills the metadata


def run() -> None:
    """Run the migrations on the engine that was handed in."""
    engine: Engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # A batch migration with foreign keys on deleted child rows silently; the check below stands in for them.
            # Said to the driver itself: through the engine it would come after BEGIN, where SQLite ignores it.
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("pragma foreign_keys = off")
            assert driver.execute("pragma foreign_keys").fetchone() == (0,)
        context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
        with context.begin_transaction():
            guards.take_down(connection)
            context.run_migrations()
        guards.put_up(connection)
        connection.commit()
        if sqlite:
            broken = connection.exec_driver_sql("pragma foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"a migration left {len(broken)} rows pointing nowhere")
        connection.invalidate()  # the next user gets a connection set up afresh, foreign keys on


run()
