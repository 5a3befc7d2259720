"""What every test may ask for: an installation of its own, with an empty database of its own."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text

from fieldcheck import words
from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import database as store
from fieldcheck.usecases import passwords
from tests import browser as browsers
from tests.story import Story, begin_story

HOUSE = Path(__file__).parent.parent
SERVER = os.environ.get("FIELDCHECK_TEST_DATABASE_URL", "")
#: Most tests look at what the agency sees a moment after; what holds it back has tests of its own.
AT_ONCE = {"FIELDCHECK_RELEASE_AFTER_HOURS": "0", "FIELDCHECK_RELEASE_LEAST_VISITORS": "1"}
ENGINES = ["sqlite", "postgresql"] if SERVER else ["sqlite"]

#: What takes longest begins first, so that no core waits for another at the end.
LONGEST = ("tests/pocket/faults/", "tests/journeys/", "tests/security/", "tests/pocket/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest parts of the suite first."""

    def rank(item: pytest.Item) -> int:
        return next((place for place, part in enumerate(LONGEST) if item.nodeid.startswith(part)), len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Speak English unless the test says otherwise; leave nothing behind for the next one."""
    words.use("en")
    yield
    words.otherwise(lambda: None)


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash passwords cheaply: how costly a real one is has a test of its own."""
    real, passwords._HASHER = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._decoy.cache_clear()
    yield
    passwords._HASHER = real


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation whose data folder is this test's own, on SQLite; its database is not there yet."""
    return read_settings(
        {
            "FIELDCHECK_DATA": str(tmp_path / "data"),
            "FIELDCHECK_CHECKLISTS": str(HOUSE / "checklists"),
            **AT_ONCE,
        }
    )


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An upgraded, empty SQLite database, made once: copying it is a hundred times faster than migrating."""
    path = tmp_path_factory.mktemp("empty") / "fieldcheck.db"
    url = f"sqlite:///{path}"
    store.upgrade(url)
    with store.engine(url).connect() as connection:
        connection.exec_driver_sql("commit")
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    store.engine(url).dispose()
    return path.read_bytes()


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    """The name of an upgraded, empty PostgreSQL database that others are copied from."""
    name = f"template_{secrets.token_hex(6)}"
    administer(f'create database "{name}"')
    store.upgrade(address(name))
    store.engine(address(name)).dispose()
    yield name
    administer(f'drop database "{name}" with (force)')


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """The installation with an empty, upgraded database: on SQLite, and on PostgreSQL where one is named."""
    if request.param == "sqlite":
        settings.data.joinpath("fieldcheck.db").write_bytes(request.getfixturevalue("empty_sqlite"))
        yield settings
        store.engine(settings.database_url).dispose()
        return
    name = f"test_{secrets.token_hex(6)}"
    # Copied as files: this server keeps nothing beyond the tests, and its log would take twice as long.
    administer(f'create database "{name}" template "{request.getfixturevalue("template")}" strategy file_copy')
    yield with_database(settings, address(name))
    store.engine(address(name)).dispose()
    administer(f'drop database "{name}" with (force)')


@pytest.fixture
def story(database: Settings) -> Story:
    """A programme with its people, its schools and its checklists, and nothing done yet."""
    return begin_story(database)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, one for the whole run; a missing one is an error, not a skip."""
    program = browsers.find()
    assert program, "no browser: run python -m tests.browser"
    with browsers.opened(program) as browser:
        yield browser


def with_database(settings: Settings, url: str) -> Settings:
    """Give the same installation on another database."""
    return replace(settings, database_url=url)


def address(name: str) -> str:
    """Give the address of database *name* on the test server."""
    return f"{SERVER.rsplit('/', 1)[0]}/{name}"


def administer(statement: str) -> None:
    """Do what cannot be done inside a transaction, on the test server."""
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
