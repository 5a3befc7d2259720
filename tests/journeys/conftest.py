"""A whole installation, served by `fieldcheck serve`, and people with devices of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fieldcheck.bench.ports import free_port
from fieldcheck.settings import Settings, read_settings
from fieldcheck.usecases import health, people
from tests.story import SCHOOL, Story, begin_story
from tests.web.conftest import HOUSE, wait_for

PATIENCE = 30_000


@dataclass
class House:
    """A served installation with a programme in it; it can be killed and started again."""

    settings: Settings
    environment: dict[str, str]
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    story: Story = field(init=False)

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.settings.url

    def start(self) -> None:
        """Serve, and wait until it answers."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fieldcheck.cli", "serve", "--port", str(self.port)],
                cwd=HOUSE, env={**os.environ, **self.environment}, start_new_session=True,
                stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        wait_for(self.url, self.process, self.log)

    def kill(self) -> None:
        """Kill it as a power cut would: no goodbye to anybody."""
        assert self.process
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def link(self, name: str) -> str:
        """Make a link that signs *name* in."""
        code = self.story.actors[name].code
        return f"{self.url}/join#t={people.invite_from_console(self.settings, code, datetime.now(UTC))}"


@contextmanager
def a_house(folder: Path, **said: str) -> Iterator[House]:
    """Serve a programme that began a moment ago, with these settings besides."""
    port = free_port()
    environment = {"FIELDCHECK_DATA": str(folder / "data"), "FIELDCHECK_URL": f"http://localhost:{port}", **said}
    settings = read_settings(environment)
    health.prepare(settings)
    served = House(settings, environment, folder / "log", port)
    served.story = begin_story(settings, now=datetime.now(UTC).replace(microsecond=0))
    served.start()
    yield served
    served.kill()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A programme whose register shows at once what was accepted."""
    with a_house(tmp_path, FIELDCHECK_RELEASE_AFTER_HOURS="0") as served:
        yield served


def a_phone(chromium: Browser) -> BrowserContext:
    """Give a phone of 390x844 with touch, in English, that stands at the school."""
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
        timezone_id="Asia/Almaty",
        geolocation={"latitude": SCHOOL.lat, "longitude": SCHOOL.lon, "accuracy": 12},
        permissions=["geolocation"],
    )
    phone.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return phone


@pytest.fixture
def devices(chromium: Browser) -> Iterator[Any]:
    """Give somebody a phone; several people, several phones."""
    open_contexts: list[BrowserContext] = []

    def device() -> Page:
        open_contexts.append(a_phone(chromium))
        return open_contexts[-1].new_page()

    yield device
    for context in open_contexts:
        context.close()


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Real JPEG files, each different, large enough to be made smaller on the phone."""
    paths = []
    for number in range(8):
        path = tmp_path / f"stand-{number}.jpg"
        Image.effect_noise((2600, 1900), 30 + 9 * number).convert("RGB").save(path, "JPEG", quality=70)
        paths.append(path)
    return paths
