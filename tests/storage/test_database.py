"""The transaction, the schema and its guards, on every engine that the suite runs on."""

import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import Session, SQLModel

from fieldcheck.domain.custody import first_break
from fieldcheck.settings import Settings
from fieldcheck.storage import chain, guards
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import Body, Campaign, School
from fieldcheck.usecases.record import sign_head
from fieldcheck.usecases.work import write_record
from tests.story import begin_story

NOW = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)


def transaction(settings: Settings) -> AbstractContextManager[Session]:
    return store.transaction(settings.database_url)


def record(settings: Settings, action: str = "test.act") -> int:
    with transaction(settings) as session:
        return write_record(session, "A-1", action, "subject", {"n": 1}, NOW)


@pytest.mark.parametrize("table", guards.APPEND_ONLY)
@pytest.mark.parametrize("statement", ["update {t} set {c} = {c}", "delete from {t}"])
def test_what_was_recorded_cannot_be_changed(database: Settings, table: str, statement: str) -> None:
    story = begin_story(database)
    story.answer(story.assign(), "entrance_stands", "ENT-03", "free")
    sign_head(database, NOW)
    column = {"record_entry": "actor", "record_head": "key_id", "answer": "device"}[table]

    with pytest.raises(DBAPIError, match="append only"), transaction(database) as session:
        session.execute(text(statement.format(t=table, c=column)))


def test_a_row_that_points_nowhere_is_refused(database: Settings) -> None:
    with pytest.raises(IntegrityError), transaction(database) as session:
        session.add(
            School(id="X", region_id="none", district="d", district_name={}, name={}, address={}, ownership="private")
        )


def test_a_value_outside_its_list_is_refused(database: Settings) -> None:
    with pytest.raises(IntegrityError), transaction(database) as session:
        session.add(
            School(id="X", region_id="none", district="d", district_name={}, name={}, address={}, ownership="stolen")
        )


def test_a_time_without_a_zone_is_refused(database: Settings) -> None:
    naive = datetime(2026, 9, 14)  # noqa: DTZ001 - that is the point

    with pytest.raises(StatementError, match="without a zone"), transaction(database) as session:
        session.add(Campaign(id="c", name={}, starts_at=naive, ends_at=NOW))


def test_an_error_rolls_everything_back(database: Settings) -> None:
    def write_and_fail() -> None:
        with transaction(database) as session:
            session.add(Body(id="B", name={"ru": "б"}))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    with transaction(database) as session:
        assert session.get(Body, "B") is None


def test_times_come_back_aware_and_words_whole(database: Settings) -> None:
    with transaction(database) as session:
        session.add(Campaign(id="c", name={"kk": "Әділдік"}, starts_at=NOW, ends_at=NOW.replace(year=2027)))

    with transaction(database) as session:
        row = session.get(Campaign, "c")
        assert row is not None
        assert (row.starts_at, row.name) == (NOW, {"kk": "Әділдік"})


def test_the_schema_is_what_the_tables_say(database: Settings) -> None:
    with store.engine(database.database_url).connect() as connection:
        told = {"include_name": lambda name, kind, _parents: kind != "table" or not str(name).startswith("case_search")}
        differences = compare_metadata(MigrationContext.configure(connection, opts=told), SQLModel.metadata)
    # A search index has its own tables on SQLite, and stands on an expression on PostgreSQL.
    differences = [one for one in differences if (one[0], one[1].name) != ("remove_index", "ix_case_words_words")]

    assert differences == []


def test_eight_writers_lose_nothing_and_the_chain_holds(database: Settings) -> None:
    errors: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(10):
                record(database)
        except Exception as error:  # noqa: BLE001 - counted below
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with transaction(database) as session:
        links = chain.links(session)
    assert not errors
    assert len(links) == 80
    assert first_break(links) is None


def test_a_populated_database_of_the_first_revision_keeps_its_rows_and_its_guards(settings: Settings) -> None:
    url = settings.database_url
    command.upgrade(store._config(url), "0001")
    with store.engine(url).begin() as connection:
        for statement in (
            "insert into region (id, iso, name, lat, lon) values ('590000000', 'KZ-59', '{}', 54, 69)",
            "insert into person values ('p', 'V-1', 'volunteer', '590000000', 'ru', true, '2026-09-14 05:00:00')",
            "insert into identity (person_id, name, phone) values ('p', 'Chelsea', '')",
            "insert into invite values ('t', 'p', 'a', '2026-09-14 05:00:00', '2026-09-16 05:00:00', null)",
        ):
            connection.exec_driver_sql(statement)

    store.upgrade(url)

    with store.engine(url).connect() as connection:
        kept = [
            connection.exec_driver_sql(f"select count(*) from {table}").scalar_one()
            for table in ("region", "person", "identity", "invite")
        ]
        triggers = connection.exec_driver_sql("select count(*) from sqlite_master where type = 'trigger'").scalar_one()
    assert kept == [1, 1, 1, 1]
    assert triggers == 2 * len(guards.APPEND_ONLY)
    for role in ("stolen", "volunteer"):
        with pytest.raises(IntegrityError), store.engine(url).begin() as connection:
            connection.exec_driver_sql(f"update person set role = '{role}', region_id = null")
