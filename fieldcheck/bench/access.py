"""Goes through every view of the walk with axe: three languages, light and dark, text as it is and twice as large.

axe-core is not part of this house: say where its file is (`--axe axe.min.js`, from the npm package `axe-core`). It also
looks whether anything is cut off at twice the text size, which axe does not see. `--language`, `--scheme`, `--text` and
`--width` take a part of it.
"""

import argparse
import asyncio
import itertools
import os
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fieldcheck.bench import views
from fieldcheck.bench.field import HERE, Field, lay
from fieldcheck.bench.flags import FLAGS
from fieldcheck.bench.ports import free_port
from fieldcheck.storage import checklist_files

LANGUAGES, SCHEMES, SIZES = ("en", "ru", "kk"), ("light", "dark"), (100, 200)
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
SHEETS = ("entrance_stands", "illegal_collections")
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
#: What stands beyond the glass, and buttons and headings whose words stick out of them.
CUT = """() => [...document.querySelectorAll("body *")].filter(e => e.getClientRects().length && (
    e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".fc-photos, .fc-unseen")
    || e.matches("button, h1, h2, h3, p, label") && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1))
  .slice(0, 3).map(e => `${e.className || e.tagName}: ${e.textContent.slice(0, 30)}`)"""


@dataclass
class Look:
    """One way of looking, and what it found where."""

    language: str
    scheme: str
    text: int
    width: int
    seen: list[str] = field(default_factory=list)
    found: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def told(self) -> str:
        """Say what was looked at and what was found."""
        views = ", ".join(f"{name} {many}" if many > 1 else name for name, many in Counter(self.seen).items())
        way = f"{self.language}, {self.scheme}, {self.text} %, {self.width} px"
        lines = [f"{way}: {len(self.seen)} views looked at ({views})"]
        for what, where in sorted(self.found.items()):
            lines.append(f"    {sum(where.values()):3} {what} ({', '.join(where)})")
        return "\n".join([*lines, "" if self.found else "    nothing found"]).rstrip()


@dataclass
class Eye:
    """A browser, an installation, and axe."""

    browser: Any
    laid: Field
    axe: str

    async def go(self, how: Look, cookie: str | None, tour: Callable[[views.Tour], AsyncIterator[str]]) -> None:
        """Go on one tour and look at each view of it."""
        context = await self.browser.new_context(
            viewport={"width": how.width, "height": 844 if how.width > 320 else 568}, color_scheme=how.scheme,
            locale=how.language, bypass_csp=True, permissions=["geolocation", "camera"],
            geolocation={"latitude": HERE.lat, "longitude": HERE.lon, "accuracy": 12},
        )  # fmt: skip
        context.set_default_timeout(20_000)
        if cookie is not None:
            await context.add_cookies([{"name": "fc", "value": cookie, "url": self.laid.settings.url}])
        page = await context.new_page()
        await page.add_init_script(f"localStorage.setItem('notes.language', {how.language!r})")
        larger = f"document.documentElement.style.fontSize = '{how.text}%'"
        await page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {larger}; }})")
        try:
            async for name in tour(views.Tour(page, self.laid, how.language)):
                await self.look(page, how, name)
        except Exception as fault:  # noqa: BLE001 a view that cannot be reached is a fault like any other
            how.found[f"the tour ended: {str(fault)[:300]}"][how.seen[-1] if how.seen else "at its beginning"] += 1
        await context.close()

    async def look(self, page: Any, how: Look, name: str) -> None:
        """Look at one view."""
        how.seen.append(name)
        await page.evaluate(self.axe)
        said = await page.evaluate(f"axe.run(document, {RULES})")
        for one in said["violations"]:
            how.found[f"{one['id']}: {one['help']} ({one['nodes'][0]['target'][-1]})"][name] += 1
        for cut in await page.evaluate(CUT):
            how.found[f"cut off: {cut}"][name] += 1


async def measure(axe: str, ways: list[Look]) -> int:
    """Look in every way that is wished; gives how many faults were found."""
    from PIL import Image
    from playwright.async_api import async_playwright

    folder = Path(tempfile.mkdtemp(prefix=".access-"))
    port = free_port()
    laid = lay(folder / "data", port, f"http://localhost:{port}")
    sheets = {one.id: one for one in checklist_files.load(laid.settings.checklists)[0]}
    sheet = views.every_kind(*(sheets[name] for name in SHEETS))
    digest = laid.publish(sheet)
    picture = (folder / "stand.jpg").absolute()
    Image.effect_noise((640, 480), 50).convert("RGB").save(picture)
    laid.start()
    try:
        async with async_playwright() as playwright:
            named = os.environ.get("FIELDCHECK_CHROMIUM") or shutil.which("chromium")
            browser = await playwright.chromium.launch(executable_path=named, args=[*FLAGS, *CAMERA])
            eye = Eye(browser, laid, axe)
            for number, how in enumerate(ways):
                cookie, visit, walker = laid.walker(400 + number, [digest], how.language)
                laid.assign(walker, 500 + number, [digest])
                await eye.go(how, None, views.stranger)
                await eye.go(how, laid.newcomer(600 + number, how.language)[0], views.newcomer)
                await eye.go(how, cookie, partial(views.volunteer, visit=visit, sheet=sheet, picture=picture))
                print(how.told(), flush=True)
            await browser.close()
    finally:
        laid.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return sum(sum(where.values()) for how in ways for where in how.found.values())


def main(said: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.access", description=__doc__)
    parser.add_argument("--axe", type=Path, required=True, help="axe.min.js of the npm package axe-core")
    parser.add_argument("--language", choices=LANGUAGES, action="append", help="all three where none is said")
    parser.add_argument("--scheme", choices=SCHEMES, action="append", help="both where none is said")
    parser.add_argument("--text", type=int, choices=SIZES, action="append", help="per cent; both where none is said")
    parser.add_argument("--width", type=int, default=390, help="of the glass, in pixels")
    asked = parser.parse_args(said)
    wished = itertools.product(asked.language or LANGUAGES, asked.scheme or SCHEMES, asked.text or SIZES)
    ways = [Look(*way, width=asked.width) for way in wished]
    sys.exit(1 if asyncio.run(measure(asked.axe.read_text(), ways)) else 0)


if __name__ == "__main__":
    main()
