"""Pictures of every screen, for eyes: `python -m tests.pictures FOLDER [--readme]`.

Makes a demo programme, serves it, and photographs each role's pages at 390x844 and 1440x900 in three languages;
with --readme only the README's own, into FOLDER.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from fieldcheck import demo
from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import database
from fieldcheck.usecases import health, people
from fieldcheck.usecases.work import begin
from tests import browser as browsers
from tests.web.conftest import HOUSE, free_port, wait_for

PHONE, DESK = (390, 844), (1280, 900)
PAGES = {
    "coordinator": ("", "visits", "check?visit={submitted}", "assign", "plan", "schools", "people", "checklists"),
    "reviewer": ("", "register", "case?case={case}"),
    "administrator": ("", "schools", "people", "checklists", "record", "erasure"),
}


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
        actor = people.actor_by_account(self.settings, session.person_id)
        assert actor is not None
        with begin(self.settings, actor) as work:
            people.speak(work, language)
        context = self._device(language, size)
        context.add_cookies([{"name": "fc", "value": session.cookie, "url": self.settings.url}])
        yield context.new_page()
        context.close()

    def _device(self, language: str, size: tuple[int, int]) -> BrowserContext:
        return self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=2 if size == PHONE else 1,
            is_mobile=size == PHONE,
            has_touch=size == PHONE,
            locale=language,
            timezone_id="Asia/Almaty",
            geolocation={"latitude": 47.0, "longitude": 69.5, "accuracy": 12},
            permissions=["geolocation"],
        )


def main() -> None:
    """Take the pictures that were asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--readme", action="store_true")
    said = asked.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    with studio() as here:
        (for_readme if said.readme else everything)(here, said.folder)


@contextmanager
def studio() -> Iterator[Studio]:
    """Make and serve the demo, open a browser."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        told = {"FIELDCHECK_DATA": folder, "FIELDCHECK_URL": f"http://localhost:{port}"}
        settings = read_settings(told)
        health.prepare(settings)
        made = demo.create(settings, datetime.now(UTC))
        codes: dict[str, str] = {}
        for person in made:
            codes.setdefault(person.role, person.code)
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
                    browser = playwright.chromium.launch(executable_path=str(program), args=list(browsers.FLAGS))
                    yield Studio(settings, browser, codes | {"volunteer": walker(settings)}, ids(settings))
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
        "case": one(
            settings,
            "select c.id from register_case c join finding f on f.id = c.finding_id where c.state = 'referred' order by"
            " (select count(*) from photo p where p.visit_id = f.visit_id and p.released) desc, c.id limit 1",
        ),
    }


def shoot(page: Page, url: str, path: Path, *, whole: bool = False) -> None:
    """Open an address, let it settle, take its picture."""
    page.goto(url)
    page.wait_for_timeout(1500)
    if "/pocket" not in url:
        page.wait_for_selector("h1", timeout=60_000)
        for _ in range(40):  # no predicate is evaluated here: the page's policy forbids it
            if not page.locator("[data-testid=stSkeleton]").count():
                break
            page.wait_for_timeout(500)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    page.wait_for_timeout(1800)
    page.screenshot(path=path, full_page=whole)


def everything(here: Studio, folder: Path) -> None:
    """Photograph each page of each role, in each language and both sizes."""
    for language in ("ru", "kk", "en"):
        for role, pages in PAGES.items():
            for name, size in (("phone", PHONE), ("desk", DESK)):
                with here.sitting(role, language, size) as page:
                    for address in pages:
                        title = address.split("?")[0] or "home"
                        url = f"{here.settings.url}/{address.format(**here.ids)}"
                        shoot(page, url, folder / f"{role}-{title}-{language}-{name}.png")
        phone(here, language, folder, suffix=f"-{language}")


def phone(here: Studio, language: str, folder: Path, suffix: str = "") -> None:
    """Photograph the volunteer's list, briefing and first questions."""
    with here.sitting("volunteer", language, PHONE) as page:
        shoot(page, f"{here.settings.url}/pocket", folder / f"visits-phone{suffix}.png")
        page.locator(".fc-card").first.tap()
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


def for_readme(here: Studio, folder: Path) -> None:
    """Take the README's pictures."""
    phone(here, "en", folder)
    with here.sitting("coordinator", "en", DESK) as page:
        fresh = f"school={here.ids['fresh']}&sheets={here.ids['sheet']}"
        shoot(page, f"{here.settings.url}/assign?{fresh}", folder / "assign.png")
        shoot(page, f"{here.settings.url}/plan?take=again", folder / "plan.png")
        shoot(page, here.settings.url, folder / "today.png")
        shoot(page, f"{here.settings.url}/check?visit={here.ids['submitted']}", folder / "check.png")
    with here.sitting("reviewer", "en", DESK) as page:
        shoot(page, f"{here.settings.url}/case?case={here.ids['case']}", folder / "case.png")
        shoot(page, f"{here.settings.url}/register", folder / "register.png")
        shoot(page, here.settings.url, folder / "figures.png")


if __name__ == "__main__":
    main()
