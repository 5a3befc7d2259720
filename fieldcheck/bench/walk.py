"""The walk on a phone far from a mast, each figure beside its limit: cold, warm, offline, a tap, a whole visit sent.

A browser as a phone (390x844, touch) with the browser's own emulation of 400 kbit/s and a round trip of 400 ms; for the
sending also a road that cuts one request in twenty at a random byte. The server is the real one, beside it.
"""

import argparse
import asyncio
import io
import os
import random
import shutil
import statistics
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from fieldcheck.bench.counting import STORE
from fieldcheck.bench.field import Field, lay, sheet
from fieldcheck.bench.flags import FLAGS
from fieldcheck.bench.ports import free_port
from fieldcheck.bench.proxy import Road
from fieldcheck.web import pocket

FAR = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
LIMITS = {"cold": 3000, "warm": 3000, "offline": 1000}
QUESTIONS, PHOTOS = 40, 8
# From the tap: until the tapped answer is drawn as chosen, and until the next question (so it is on disk) is drawn.
TAP = """async option => {
  const painted = () => new Promise(ok => requestAnimationFrame(() => setTimeout(() => ok(performance.now()))));
  const title = document.querySelector(".fc-title").innerText;
  const button = document.querySelector(`[data-option="${option}"]`);
  const began = performance.now();
  button.click();
  const drawn = painted();
  let kept = 0;
  const turned = new Promise(ok => new MutationObserver(() => {
    const now = document.querySelector(".fc-title");
    if (now && now.innerText !== title && !kept) { kept = performance.now(); ok(); }
  }).observe(document.body, {childList: true, subtree: true, characterData: true}));
  if (document.querySelector(".fc-title").innerText === title) await turned;
  return [await drawn - began, kept - began, await painted() - began];
}"""


class Phone:
    """One phone at a given place, with its hands."""

    def __init__(self, context: Any, url: str) -> None:
        self.context, self.url = context, url

    async def opens(self, *, far: bool) -> float:
        """Open the page in a new tab and come to a question; gives the milliseconds until it can be answered."""
        self.page = await self.context.new_page()
        if far:
            await self.emulates(FAR)
        began = time.monotonic()
        await self.page.goto(f"{self.url}/pocket", wait_until="commit")
        await self.page.locator(".fc-card").first.click()
        start = self.page.locator(".fc-foot .fc-main")  # in whatever language
        await self.page.locator(".fc-main, [data-option]").first.wait_for()
        if await start.count():
            await start.click()
        await self.page.locator("[data-option], [data-next]").first.wait_for()
        return 1000 * (time.monotonic() - began)

    async def emulates(self, network: dict[str, Any]) -> None:
        """Stand where the network is like this."""
        devtools = await self.context.new_cdp_session(self.page)
        await devtools.send("Network.enable")
        await devtools.send("Network.emulateNetworkConditions", network)

    async def is_kept(self) -> None:
        """Wait until the page is kept on the phone."""
        await self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    async def waiting(self) -> int:
        """Count what has not been acknowledged."""
        return len((await self.page.evaluate(STORE))["outbox"])


async def openings(playwright: Any, laid: Field, digest: str, times: int) -> dict[str, list[float]]:
    """Open cold, warm, warm from the kept page, and offline."""
    found: dict[str, list[float]] = {"cold": [], "warm": [], "offline": []}
    for n in range(times):
        phone = await _phone(playwright, laid, digest, 100 + n, language="ru")  # its words weigh; English has none
        found["cold"].append(await phone.opens(far=True))
        await phone.is_kept()
        await phone.page.close()
        found["warm"].append(await phone.opens(far=True))
        await phone.page.close()
        await phone.context.set_offline(True)
        found["offline"].append(await phone.opens(far=False))
        await phone.context.close()
    return found


async def taps(playwright: Any, laid: Field, digest: str) -> dict[str, list[float]]:
    """Answer forty questions, offline, as fast as the page takes them."""
    phone = await _phone(playwright, laid, digest, 200)
    await phone.opens(far=False)
    await phone.context.set_offline(True)
    found: dict[str, list[float]] = {"chosen painted": [], "saved on the phone": [], "next painted": []}
    for n in range(QUESTIONS):
        await phone.page.wait_for_timeout(60)
        for name, took in zip(found, await phone.page.evaluate(TAP, ("yes", "no", "na")[n % 3]), strict=True):
            found[name].append(took)
    await phone.context.close()
    return found


async def sending(playwright: Any, laid: Field, digest: str, folder: Path) -> dict[str, float]:
    """Walk a whole visit offline, hand it in, then stand where the network is thin: until all is acknowledged."""
    dice = random.Random(5)
    road = Road(free_port(), laid.port, lambda head: dice if b" /api/" in head and dice.random() < 0.05 else None)
    road.weights = {"cut the request": 1, "cut the answer": 1}
    await road.open()
    phone = await _phone(playwright, laid, digest, 300, f"http://localhost:{road.port}")
    await phone.opens(far=False)
    await phone.is_kept()
    await phone.context.set_offline(True)
    for n in range(QUESTIONS):
        await phone.page.evaluate(TAP, ("yes", "no", "na")[n % 3])
    for n in range(PHOTOS):
        await phone.page.locator("input[type=file]").first.set_input_files(str(picture(folder, n)))
        with suppress(Exception):
            await phone.page.locator("[data-covered]").first.click(timeout=4_000)
        await phone.page.locator(".fc-photos li").first.wait_for()
        await phone.page.locator("[data-next]").click()
        await phone.page.wait_for_timeout(100)
    await phone.page.get_by_role("button", name="Send the visit").click()
    await phone.page.get_by_text("It leaves by itself").wait_for()
    carried = await phone.page.evaluate(
        "async () => { const e = await navigator.storage.estimate(); return e.usageDetails?.indexedDB ?? e.usage; }"
    )
    await phone.emulates(FAR)
    await phone.context.set_offline(False)
    await phone.emulates(FAR)
    began = time.monotonic()
    while await phone.waiting():
        if time.monotonic() - began > 600:
            raise TimeoutError(await phone.page.evaluate(STORE))
        await phone.page.wait_for_timeout(100)
    took = time.monotonic() - began
    await phone.context.close()
    await road.close()
    photos = sum(one.stat().st_size for one in laid.settings.photos.rglob("orig/*/*"))
    return {
        "photo bytes": photos,
        "kept on the phone, bytes": carried,
        "seconds until all is acknowledged": took,
        "seconds the photo bytes alone need": photos / 50_000,
        "requests cut": sum(road.fates.values()) - road.fates["pass"],
    }


def picture(folder: Path, n: int) -> Path:
    """Draw a picture of a phone's size whose clean copy weighs what a photo of a stand does."""
    from PIL import Image, ImageFilter

    path = folder / f"stand-{n}.jpg"
    image = Image.effect_noise((2600, 1950), 60 + n).convert("RGB").filter(ImageFilter.GaussianBlur(2.2))
    data = io.BytesIO()
    image.save(data, "JPEG", quality=90)
    path.write_bytes(data.getvalue())
    return path


async def _phone(playwright: Any, laid: Field, digest: str, number: int, url: str = "", language: str = "en") -> Phone:
    url = url or laid.settings.url
    cookie, _, _ = laid.walker(number, [digest], language)
    context = await playwright.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale=language
    )
    context.set_default_timeout(60_000)
    await context.add_cookies([{"name": "fc", "value": cookie, "url": url}])
    return Phone(context, url)


async def measure(times: int) -> None:
    """Measure everything and print it."""
    from playwright.async_api import async_playwright

    folder = Path(tempfile.mkdtemp(prefix=".walk-"))
    port = free_port()
    laid = lay(folder / "data", port, f"http://localhost:{port}")
    digest = laid.publish(sheet(QUESTIONS, PHOTOS))
    laid.start()
    try:
        async with async_playwright() as playwright:
            named = os.environ.get("FIELDCHECK_CHROMIUM") or shutil.which("chromium")
            browser = await playwright.chromium.launch(executable_path=named, args=list(FLAGS))
            print(f"load {os.getloadavg()[0]:.1f}")
            print(f"{'script, style, words, worker, kB':36} {weight() / 1000:8.1f}  limit 80")
            for name, took in (await openings(browser, laid, digest, times)).items():
                row(f"first question {name}, ms", statistics.median(took), "worst", max(took), LIMITS[name])
            for name, took in (await taps(browser, laid, digest)).items():
                row(f"{name}, ms", statistics.median(took), "p95", sorted(took)[int(len(took) * 0.95) - 1], 50)
            for name, value in (await sending(browser, laid, digest, folder)).items():
                print(f"{name:36} {value:8.0f}")
            await browser.close()
    finally:
        laid.kill()
        shutil.rmtree(folder, ignore_errors=True)


def row(name: str, middle: float, bad: str, worst: float, limit: float) -> None:
    """Print one figure beside its limit."""
    print(f"{name:36} {middle:8.1f}  {bad} {worst:.1f}  limit {limit}")


def weight() -> int:
    """Weigh what a phone fetches of the walk itself, compressed as the least able browser takes it."""
    files = pocket.folder().files
    return sum(len(files[name].by("gzip")) for name in [*pocket.kept(), pocket.WORKER, *pocket.FRAMES])


def main(said: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.walk", description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    asyncio.run(measure(parser.parse_args(said).times))


if __name__ == "__main__":
    main()
