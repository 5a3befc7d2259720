"""A demo programme that is served and looked at: somebody of each role, on a device of any size."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from fieldcheck import demo
from fieldcheck.bench.flags import FLAGS
from fieldcheck.bench.ports import free_port
from fieldcheck.demo.people import VOLUNTEERS
from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import database
from fieldcheck.usecases import health, people
from fieldcheck.usecases.work import begin
from tests import browser as browsers
from tests.web.conftest import HOUSE, wait_for

PHONE, DESK = (390, 844), (1280, 900)


@dataclass(frozen=True)
class Studio:
    """A served demo programme, and somebody of each role."""

    settings: Settings
    browser: Browser
    codes: dict[str, str]
    ids: dict[str, str]

    @contextmanager
    def sitting(self, role: str, language: str, size: tuple[int, int]) -> Iterator[Page]:
        """Sign somebody of *role* in, on a device of this size, spoken to in *language*."""
        now = datetime.now(UTC)
        token = people.invite_from_console(self.settings, self.codes[role], now)
        session = people.redeem(self.settings, token, now)
        self.speak(role, language)
        with self.device(language, size) as context:
            context.add_cookies([{"name": "fc", "value": session.cookie, "url": self.settings.url}])
            yield context.new_page()

    @contextmanager
    def device(self, language: str, size: tuple[int, int]) -> Iterator[BrowserContext]:
        """Give a browser of this size and language on which nobody is signed in."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=2 if size == PHONE else 1,
            is_mobile=size == PHONE,
            has_touch=size == PHONE,
            locale=language,
            timezone_id="Asia/Almaty",
            geolocation={"latitude": 47.0, "longitude": 69.5, "accuracy": 12},
            permissions=["geolocation"],
        )
        try:
            yield context
        finally:
            context.close()

    def speak(self, role: str, language: str) -> None:
        """Let somebody be spoken to in *language* from now on."""
        actor = next(one for one in people.roster(self.settings) if one.code == self.codes[role])
        known = people.actor_by_account(self.settings, actor.id)
        assert known is not None
        with begin(self.settings, known) as work:
            people.speak(work, language)


def a_demo(settings: Settings) -> dict[str, str]:
    """Make the demo; give somebody's code of each role."""
    codes: dict[str, str] = {}
    for person in demo.create(settings, datetime.now(UTC)):
        codes.setdefault(person.role, person.code)
    fresh = [one for one in people.roster(settings) if one.name == VOLUNTEERS[-1][0]]
    return codes | {"volunteer": walker(settings), "fresh-volunteer": fresh[0].code}


@contextmanager
def studio(made: Callable[[Settings], dict[str, str]], **told: str) -> Iterator[Studio]:
    """Make a programme, serve it, open a browser."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        told |= {"FIELDCHECK_DATA": folder, "FIELDCHECK_URL": f"http://localhost:{port}"}
        settings = read_settings(told)
        health.prepare(settings)
        codes = made(settings)
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "fieldcheck.cli", "serve", "--port", str(port)],
                cwd=HOUSE, env={**os.environ, **told}, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                wait_for(settings.url, process, log)
                with sync_playwright() as playwright:
                    program = browsers.find()
                    browser = playwright.chromium.launch(executable_path=str(program), args=list(FLAGS))
                    yield Studio(settings, browser, codes, ids(settings) if "volunteer" in codes else {})
            finally:
                process.terminate()
                process.wait(20)


def one(settings: Settings, statement: str) -> str:
    """Ask the demo's database for one value."""
    with database.engine(settings.database_url).connect() as connection:
        return str(connection.exec_driver_sql(statement).scalar_one())


def walker(settings: Settings) -> str:
    """The code of a volunteer with a visit to begin."""
    return one(
        settings,
        "select p.code from person p join visit v on v.volunteer_id = p.id where v.state in ('assigned', 'returned')"
        " order by v.state, p.code limit 1",
    )


def ids(settings: Settings) -> dict[str, str]:
    """A submitted visit with photos and findings, a register entry with photos, a school that nobody was sent to."""
    return {
        "submitted": one(
            settings,
            "select v.id from visit v where v.state = 'submitted' order by"
            " (select count(*) from photo p where p.visit_id = v.id)"
            " * (select count(*) from finding f where f.visit_id = v.id) desc limit 1",
        ),
        "fresh": one(
            settings,
            "select id from school where ownership like 'kgu%' and id not in (select school_id from visit)"
            " order by id limit 1",
        ),
        "sheet": one(settings, "select digest from checklist_version where checklist_id = 'entrance_stands'"),
        "accepted": one(settings, "select id from visit where state = 'accepted' order by id limit 1"),
        "hers": one(
            settings,
            "select v.id from visit v join person p on p.id = v.volunteer_id where v.state in ('assigned', 'returned')"
            " order by v.state, p.code limit 1",
        ),
        **{
            state: one(settings, f"select id from register_case where state = '{state}' order by id limit 1")
            for state in ("detected", "closed")
        },
        "case": one(
            settings,
            "select c.id from register_case c join finding f on f.id = c.finding_id where c.state = 'referred' order by"
            " (select count(*) from photo p where p.visit_id = f.visit_id and p.released) desc, c.id limit 1",
        ),
    }


def shoot(page: Page, url: str, path: Path) -> None:
    """Open an address, let it settle, take its picture."""
    page.goto(url)
    page.wait_for_timeout(1000)
    if "/pocket" not in url:
        page.wait_for_selector("h1, [data-testid=stAlert], [data-testid=stBidiComponentRegular]", timeout=30_000)
    settle(page)
    page.screenshot(path=path)


def settle(page: Page) -> None:
    """Wait until Streamlit has nothing left to do and what it drew has come to rest."""
    busy = "[data-testid=stSkeleton], [data-testid=stStatusWidget], [data-test-script-state=running]"
    for _ in range(120):  # no predicate is evaluated here: the page's policy forbids it
        if not page.locator(busy).count():
            break
        page.wait_for_timeout(250)
    page.wait_for_timeout(900)


def phone(here: Studio, language: str, folder: Path, suffix: str = "") -> None:
    """Photograph the volunteer's list, briefing and first questions."""
    with here.sitting("volunteer", language, PHONE) as page:
        shoot(page, f"{here.settings.url}/pocket", folder / f"visits-phone{suffix}.png")
        cards = page.locator(".fc-card")  # the first one was sent back, with its coordinator's own words on it
        cards.nth(min(1, cards.count() - 1)).tap()
        page.wait_for_timeout(800)
        page.screenshot(path=folder / f"briefing{suffix}.png")
        page.locator(".fc-foot button").last.tap()
        page.wait_for_timeout(800)
        for _ in range(20):
            if page.locator(".fc-yesno").count():
                break
            page.locator("[data-next]").tap()
            page.wait_for_timeout(700)
        page.screenshot(path=folder / f"walk{suffix}.png")
