"""A phone that is locked, and the service worker that the browser wakes when its network is back."""

from contextlib import suppress
from typing import Any

from fieldcheck.bench.counting import STORE

PIN = "246810"


async def set_pin(page: Any) -> None:
    """Set a PIN: from here on every opening asks for it, and the worker can read nothing."""
    await page.get_by_role("button", name="Set a PIN").click()
    for label in ("New PIN, 4 to 8 digits", "Once more"):
        await page.get_by_label(label).fill(PIN)
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.locator(".fc-card").wait_for()


async def unlock(page: Any) -> None:
    """Type the PIN where it is asked for."""
    search = page.get_by_label("Search notes")
    if await search.count() and await search.is_visible():
        with suppress(Exception):  # what was typed already opens the page under the finger
            await search.fill(PIN, timeout=1_000)
            await search.press("Enter", timeout=1_000)


async def waiting(page: Any) -> int:
    """Count what waits on her phone."""
    return sum(one["state"] == "waiting" for one in (await page.evaluate(STORE))["outbox"])


async def wake(page: Any, url: str, stop_after: int | None) -> None:
    """Let the browser say to the worker that the network is back; kill it after so many milliseconds, if at all."""
    tools, known = await page.context.new_cdp_session(page), list[str]()
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: known.extend(one["registrationId"] for one in said["registrations"] if not one["isDeleted"]),
    )
    await tools.send("ServiceWorker.enable")
    while not known:
        await page.wait_for_timeout(20)
    wish = {"origin": url, "registrationId": known[-1], "tag": "notes-send", "lastChance": False}
    await tools.send("ServiceWorker.dispatchSyncEvent", wish)
    if stop_after is not None:
        await page.wait_for_timeout(stop_after)
        await tools.send("ServiceWorker.stopAllWorkers")
        return
    for _ in range(60):  # as long as the road lets it: what is left, the page sends
        if not await waiting(page):
            return
        await page.wait_for_timeout(50)
