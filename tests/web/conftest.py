"""A real server in a process of its own, and people who can sign in to it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from fieldcheck.bench.ports import free_port
from fieldcheck.domain.access import Role
from fieldcheck.settings import Settings, read_settings
from fieldcheck.usecases import health, people
from fieldcheck.usecases.work import begin

HOUSE = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Server:
    """A running installation: where it answers, what it is made of, where its output goes."""

    settings: Settings
    log: Path
    codes: dict[str, str]

    @property
    def url(self) -> str:
        return self.settings.url

    def invite(self, name: str) -> str:
        """Make a token that signs *name* in, once."""
        return people.invite_from_console(self.settings, self.codes[name], datetime.now(UTC))

    def sign_in(self, name: str) -> str:
        """Sign *name* in on a device of her own; gives the cookie's value."""
        return people.redeem(self.settings, self.invite(name), datetime.now(UTC)).cookie

    def client(self, name: str | None = None) -> httpx2.Client:
        """Give a browser's manners, signed in as *name*."""
        cookies = {"fc": self.sign_in(name)} if name else {}
        headers = {"Origin": self.url, "X-FC": "1"}
        return httpx2.Client(base_url=self.url, cookies=cookies, headers=headers, timeout=30, trust_env=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of `fieldcheck serve` on a free port; Dana administers, Bo reviews."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    said = {"FIELDCHECK_DATA": str(folder / "data"), "FIELDCHECK_URL": f"http://localhost:{port}"}
    settings = read_settings(said)
    codes = people_of(settings)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fieldcheck.cli", "serve", "--port", str(port)],
            cwd=HOUSE, env={**os.environ, **said}, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(settings.url, process, log)
            yield Server(settings, log, codes)
        finally:
            process.terminate()
            process.wait(20)


def people_of(settings: Settings) -> dict[str, str]:
    """Found a programme with an administrator and a reviewer; gives their codes."""
    now = datetime.now(UTC)
    health.prepare(settings)
    dana = people.actor_by_account(settings, people.found(settings, "Dana", "en", now))
    assert dana
    with begin(settings, dana) as work:
        bo = people.bring_in(work, Role.REVIEWER, None, "Bo", language="en")
    reviewer = people.actor_by_account(settings, bo)
    assert reviewer
    return {"Dana": dana.code, "Bo": reviewer.code}


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx2.get(f"{url}/api/health", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(log.read_text())
