"""Goes through every page of the walk with axe: three languages, light and dark, text as it is and twice as large.

axe-core is not part of this house: say where its file is (`--axe axe.min.js`, from the npm package `axe-core`). It also
looks whether anything is cut off at twice the text size, which axe does not see.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fieldcheck.bench.field import FLAGS, Field, free_port, lay
from fieldcheck.storage import checklist_files

LANGUAGES = ("en", "ru", "kk")
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
SHEETS = ("entrance_stands", "illegal_collections")
CUT = """() => document.documentElement.scrollWidth > innerWidth + 1
  ? [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
      .slice(0, 3).map(e => e.className || e.tagName) : []"""


async def pages(page: Any, url: str) -> AsyncIterator[str]:
    """Go from page to page; gives the name of each when it is there to be looked at."""
    await page.goto(f"{url}/pocket")
    await page.locator(".fc-card").wait_for()
    yield "visits"
    await page.locator(".fc-head button").first.click()
    await page.locator(".fc-settings").wait_for()
    yield "settings"
    await page.locator(".fc-head button").first.click()
    await page.locator(".fc-card").click()
    await page.locator(".fc-foot .fc-main").wait_for()
    yield "briefing"
    await page.locator(".fc-foot .fc-main").click()
    for n in range(40):
        await page.locator(".fc-title").wait_for()
        yield f"question {n + 1}"
        choice = page.locator("[data-option]")
        before = await page.locator(".fc-title").inner_text()
        if await choice.count():
            await choice.first.click()
            await page.wait_for_timeout(80)
        if await page.locator("[data-next]").count() and await page.locator(".fc-title").inner_text() == before:
            await page.locator("[data-next]").click()
        await page.wait_for_timeout(80)
        if not await page.locator("[data-next]").count():
            break
    yield "finish"


async def look(browser: Any, laid: Field, cookie: str, axe: str, how: dict[str, Any]) -> Counter[str]:
    """Look at all pages in one way; gives what is wrong, and how often."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=how["scheme"], locale=how["language"], bypass_csp=True
    )
    context.set_default_timeout(15_000)
    await context.add_cookies([{"name": "fc", "value": cookie, "url": laid.settings.url}])
    page = await context.new_page()
    await page.add_init_script(f"localStorage.setItem('notes.language', {how['language']!r})")
    if how["text"] == 200:
        await page.add_init_script(
            "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; })"
        )
    found: Counter[str] = Counter()
    async for name in pages(page, laid.settings.url):
        await page.evaluate(axe)
        said = await page.evaluate(f"axe.run(document, {RULES})")
        for one in said["violations"]:
            found[f"{one['id']}: {one['help']} ({one['nodes'][0]['target'][-1]}; {name.split()[0]})"] += 1
        for cut in await page.evaluate(CUT):
            found[f"cut off: {cut} ({name.split()[0]})"] += 1
    await context.close()
    return found


async def measure(axe: str) -> int:
    """Look in every way; gives how many faults were found."""
    from playwright.async_api import async_playwright

    folder = Path(tempfile.mkdtemp(prefix=".access-"))
    port = free_port()
    laid = lay(folder / "data", port, f"http://localhost:{port}")
    sheets = {one.id: one for one in checklist_files.load(laid.settings.checklists)[0]}
    digests = [laid.publish(sheets[name]) for name in SHEETS]
    laid.start()
    faults = 0
    try:
        async with async_playwright() as playwright:
            named = os.environ.get("FIELDCHECK_CHROMIUM") or shutil.which("chromium")
            browser = await playwright.chromium.launch(executable_path=named, args=list(FLAGS))
            ways = [
                {"language": language, "scheme": scheme, "text": text}
                for language in LANGUAGES
                for scheme in ("light", "dark")
                for text in (100, 200)
            ]
            for number, how in enumerate(ways):
                cookie, _, _ = laid.walker(400 + number, digests)
                found = await look(browser, laid, cookie, axe, how)
                print(how, "nothing" if not found else "")
                for what, many in found.most_common(12):
                    print(f"    {many:3} {what}")
                faults += sum(found.values())
            await browser.close()
    finally:
        laid.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return faults


def main(said: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.access", description=__doc__)
    parser.add_argument("--axe", type=Path, required=True, help="axe.min.js of the npm package axe-core")
    sys.exit(1 if asyncio.run(measure(parser.parse_args(said).axe.read_text())) else 0)


if __name__ == "__main__":
    main()
