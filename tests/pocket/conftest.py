"""A phone in a volunteer's hand: Chromium at 390x844 with touch, a place, and a server that can be told to fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.pocket.fake_api import FakeApi, Server, serving
from tests.pocket.sheets import SHORT
from tests.pocket.walker import Walker

VISIT = "0190a000-0000-7000-8000-000000000001"
SCHOOL = {"latitude": 54.8753, "longitude": 69.1628, "accuracy": 12}


@pytest.fixture
def api() -> FakeApi:
    """An empty fake server with Chelsea signed in."""
    return FakeApi(language="en")


@pytest.fixture
def server(api: FakeApi) -> Iterator[Server]:
    """The fake server, running."""
    with serving(api) as running:
        yield running


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh phone in English; what goes wrong in its pages fails the test."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="en-GB",
        timezone_id="Asia/Almaty",
        geolocation=SCHOOL,
        permissions=["geolocation"],
        bypass_csp=True,  # a waiting test evaluates text in the page, which the policy rightly forbids
    )
    context.set_default_timeout(15_000)
    expect.set_options(timeout=15_000)
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    """One tab of the phone."""
    return phone.new_page()


@pytest.fixture
def chelsea(page: Page, server: Server, api: FakeApi) -> Walker:
    """Chelsea with one short visit on her list."""
    api.add_visit(VISIT, api.add_checklist(SHORT))
    return Walker(page, server)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A real photo of 3000x2000 that stands on its side and knows where it was taken."""
    path = tmp_path / "stand.jpg"
    image = Image.effect_noise((3000, 2000), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010F] = "SECRETPHONE"
    image.save(path, "JPEG", exif=exif, quality=80)
    return path
