"""A desk's first page in a browser that has nothing of it yet: `python -m fieldcheck.bench.desk`.

The network is the browser's own emulation of 1.6 Mbit/s and a round trip of 150 ms. Measured are a cold open as
Streamlit serves its bundles (to a browser that takes nothing compressed), the same as they are served here, and a
second open from the browser's cache; each until the page's heading stands there, beside what its bytes alone need.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fieldcheck.bench import server
from fieldcheck.bench.field import lay
from fieldcheck.bench.flags import FLAGS
from fieldcheck.usecases import people

LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
HEADING = "[data-testid=stMainBlockContainer] h1, [data-testid=stMain] h1"


async def opens(context: Any, url: str) -> tuple[float, int, int]:
    """Open the desk in a new tab; gives seconds until its heading stands there, bytes and requests."""
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", LINE)
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    began = time.monotonic()
    await page.goto(url, wait_until="commit")
    await page.locator(HEADING).first.wait_for()
    took = time.monotonic() - began
    await page.close()
    return took, int(sum(sizes)), len(sizes)


async def measure(times: int) -> None:
    """Measure and print."""
    from playwright.async_api import async_playwright

    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    laid = lay(folder / "data", 0, "http://127.0.0.1")
    now = datetime.now(UTC)
    try:
        with server.serving(laid.settings, FIELDCHECK_DESK_SIGN_IN="link") as served:
            url = f"http://127.0.0.1:{served.port}"
            invite = people.invite_from_console(laid.settings, "A-0001", now)
            cookie = {"name": "fc", "value": people.redeem(laid.settings, invite, now).cookie, "url": url}
            async with async_playwright() as playwright:
                named = os.environ.get("FIELDCHECK_CHROMIUM") or shutil.which("chromium")
                browser = await playwright.chromium.launch(executable_path=named, args=list(FLAGS))
                await _opened(browser, url, cookie, {}, 1)  # what a browser asks for is pressed hard from then on
                await asyncio.sleep(30)
                print(f"load {os.getloadavg()[0]:.1f}; a desk's first page at 1.6 Mbit/s and 150 ms")
                plain = await _opened(browser, url, cookie, {"Accept-Encoding": "identity"}, times)
                row("cold, bundles as Streamlit serves them", [one[0] for one in plain])
                pressed = await _opened(browser, url, cookie, {}, times)
                row("cold, as they are served here", [one[0] for one in pressed])
                row("again, from the browser's cache", [one[1] for one in pressed])
                await browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _opened(
    browser: Any, url: str, cookie: dict[str, str], headers: dict[str, str], times: int
) -> list[list[tuple[float, int, int]]]:
    found = []
    for _ in range(times):
        context = await browser.new_context(viewport={"width": 1280, "height": 900}, extra_http_headers=headers)
        context.set_default_timeout(120_000)
        await context.add_cookies([cookie])
        found.append([await opens(context, url), await opens(context, url)])
        await context.close()
    return found


def row(name: str, found: list[tuple[float, int, int]]) -> None:
    """Print one figure."""
    took, size = [one[0] for one in found], found[-1][1]
    print(
        f"{name:40} {statistics.median(took):6.2f} s  worst {max(took):.2f}  {size / 1000:6.0f} kB in {found[-1][2]} "
        f"requests, {size / LINE['downloadThroughput']:.2f} s for the bytes alone"
    )


def main(said: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.desk", description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    asyncio.run(measure(parser.parse_args(said).times))


if __name__ == "__main__":
    main()
