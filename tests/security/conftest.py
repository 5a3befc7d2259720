"""Doors to one town: the gate and our own routes in this process, for tests that knock a thousand times."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from fieldcheck.bench.ports import free_port
from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import database as store
from fieldcheck.web import composition
from fieldcheck.web.gate import Gate
from fieldcheck.web.main import PAGES
from fieldcheck.web.rates import Buckets, Rate
from tests.first import AT_ONCE, ENGINES, HOUSE, First, first, settle
from tests.security.town import Town, build
from tests.web.conftest import wait_for

#: Set by `python -m fieldcheck.bench security`: more of everything, and minutes instead of seconds.
HARD = bool(os.environ.get("FIELDCHECK_HARD"))
#: For what looks at pages and routes rather than at rows: once is enough.
ON_SQLITE = pytest.mark.parametrize("first_town", ["sqlite"], indirect=True, scope="session")
JSON = {"Content-Type": "application/json"}


Note = Callable[[str, Any], None]


def noted(note: Note, refused: Iterable[bool], more: Mapping[str, int]) -> None:
    """Write down how much was tried and how much of it refused, for `fieldcheck.bench.security` to print."""
    each = list(refused)
    for what, number in {"tried": len(each), "refused": sum(each), **more}.items():
        note(what, int(number))


class Door:
    """The gate with our routes behind it, as a browser of somebody meets it."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.settings, self.stack = settings, stack
        at_will = Buckets(Rate(10**9, 1), Rate(10**9, 1))  # how often one may ask has tests of its own
        self.app = Gate(Starlette(routes=composition.routes(settings)), settings, PAGES, buckets=at_will)
        self._clients: dict[str, TestClient] = {}

    def client(self, cookie: str | None, **headers: str) -> TestClient:
        """A browser with our page's manners; a fault of the server is an answer here, not an exception."""
        said: dict[str, Any] = {"Origin": self.settings.url, "X-FC": "1", "Accept-Language": "en", **JSON, **headers}
        if cookie is not None:
            said["Cookie"] = cookie if "=" in cookie else f"fc={cookie}"
        client = TestClient(self.app, self.settings.url, raise_server_exceptions=False, headers=said)
        return self.stack.enter_context(client)


@pytest.fixture(scope="session", params=ENGINES)
def first_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[First]:
    """The town that all others are copied from: it is built once for each engine."""
    with first(request.param, tmp_path_factory.mktemp("town"), build) as town:
        yield town


@pytest.fixture
def town(first_town: First, tmp_path: Path) -> Iterator[Town]:
    """A town of this test's own: the same people, visits and ids each time."""
    with first_town.copied(settle(tmp_path / "town")) as copy:
        yield copied(first_town.made, copy)


def copied(town: Town, settings: Settings) -> Town:
    """The same town at another address, with a clock and people of its own."""
    return replace(town, story=town.story.told_to(settings), ids=dict(town.ids))


@dataclass(frozen=True)
class Served:
    """A town behind the whole application, in a process of its own, as `fieldcheck serve` starts it."""

    town: Town
    log: Path

    def client(self, cookie: str | None = None) -> httpx2.Client:
        """A browser of somebody, with our page's manners."""
        return browser(self.town.settings, cookie)


def browser(settings: Settings, cookie: str | None = None) -> httpx2.Client:
    """A browser of somebody at a served house, with our page's manners."""
    return httpx2.Client(
        base_url=settings.url,
        cookies=dict([cookie.split("=", 1) if "=" in cookie else ("fc", cookie)]) if cookie else {},
        headers={"Origin": settings.url, "X-FC": "1", "Accept-Language": "en"},
        timeout=60,
        trust_env=False,
    )


@contextmanager
def serving(settings: Settings, said: dict[str, str], log: Path) -> Iterator[None]:
    """Serve a house in a process of its own, as `fieldcheck serve` does, with what it writes in a file."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fieldcheck.cli", "serve", "--port", settings.url.rsplit(":", 1)[1]],
            cwd=HOUSE, env={**os.environ, **said}, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(settings.url, process, log)
            yield
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The town, served; its visitors leave everything as it was, or bring what they change."""
    folder, port = tmp_path_factory.mktemp("served-town"), free_port()
    said = {"FIELDCHECK_DATA": str(folder / "data"), "FIELDCHECK_URL": f"http://localhost:{port}", **AT_ONCE}
    said["FIELDCHECK_SIGN_IN_TRIES"] = "100"  # the whole town knocks from one address
    settings = read_settings(said)
    store.upgrade(settings.database_url)
    town, log = build(settings), folder / "log"
    with serving(settings, said, log):
        yield Served(town, log)


@pytest.fixture
def door(town: Town) -> Iterator[Door]:
    """Its door."""
    with ExitStack() as stack:
        yield Door(town.settings, stack)
