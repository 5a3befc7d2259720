"""What every test may ask for: an installation of its own, with an empty database of its own."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser

from fieldcheck import words
from fieldcheck.settings import Settings
from fieldcheck.usecases import passwords
from tests import browser as browsers
from tests.first import ENGINES, First, first, settle
from tests.story import BEGUN, Story, begin_story

#: What takes longest begins first, so that no core waits for another at the end.
LONGEST = ("tests/pocket/faults/", "tests/journeys/", "tests/security/", "tests/pocket/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest parts of the suite first."""

    def rank(item: pytest.Item) -> int:
        return next((place for place, part in enumerate(LONGEST) if item.nodeid.startswith(part)), len(LONGEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over all that is here to stay: looking through it took a second each time."""
    gc.collect()
    gc.freeze()


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
    return settle(tmp_path / "data")


@pytest.fixture(scope="session")
def firsts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], First]]:
    """Give the installation on an engine that is empty, or the one with the story: made once somebody asks."""
    makers: dict[str, Callable[[Settings], Any]] = {"empty": lambda _: None, "story": begin_story}
    made: dict[tuple[str, str], First] = {}
    with ExitStack() as stack:

        def give(engine: str, which: str) -> First:
            if (engine, which) not in made:
                one = first(engine, tmp_path_factory.mktemp(which), makers[which])
                made[engine, which] = stack.enter_context(one)
            return made[engine, which]

        yield give


@pytest.fixture(params=ENGINES)
def database(
    request: pytest.FixtureRequest, settings: Settings, firsts: Callable[[str, str], First]
) -> Iterator[Settings]:
    """The installation with an upgraded database: on SQLite, and on PostgreSQL where one is named.

    It is empty; for a test that asks for a story it has the people, schools and checklists of one already.
    """
    which = "story" if "story" in request.fixturenames else "empty"
    one = firsts(request.param, which)
    with one.copied(settings) as copy:
        if which == "story":
            BEGUN[copy.database_url] = one.made
        yield copy
        BEGUN.pop(copy.database_url, None)


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

