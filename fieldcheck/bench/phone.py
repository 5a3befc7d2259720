"""Her phone in a trial: a browser with a disk of its own, and the page of her visits in it."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from fieldcheck.bench import waking
from fieldcheck.bench.flags import FLAGS
from fieldcheck.bench.lab import Lab
from fieldcheck.web import pocket

BROKEN = ("async sendAnswers(entries) {", "async sendAnswers(entries) { await this.outbox.settle(entries);")

#: What the page took as a tap on an option, and of which question: a tap that it lets fall never comes this far.
TAPPED = """document.addEventListener("click", ({ target }) => {
  const option = target.closest?.("[data-option]");
  if (option) window.tapped = [document.querySelector(".fc-title").innerText, option.dataset.option];
}, true);"""


class Phone:
    """A browser that can be switched off, and what one does with its page."""

    profile: Path
    url: str
    cookie: str
    page: Any
    context: Any

    def __init__(self, lab: Lab, *, has_pin: bool) -> None:
        self.lab, self.has_pin = lab, has_pin

    async def power_on(self) -> None:
        """Start her browser on what its disk holds."""
        self.context = await self.lab.chromium.launch_persistent_context(
            str(self.profile), executable_path=self.lab.browser, args=list(FLAGS), locale="en-GB",
            viewport={"width": 390, "height": 844}, service_workers="block" if self.lab.broken else "allow",
        )  # fmt: skip
        self.context.set_default_timeout(8_000)
        await self.context.add_init_script(TAPPED)
        # A browser writes its cookies down after half a minute; one that is killed before is not what is tried here.
        await self.context.add_cookies([{"name": "fc", "value": self.cookie, "url": self.url}])
        if self.lab.broken:
            await self.context.route("**/notes.js", self._break)
            # The page that brings its script along would be whole: she gets the other one.
            await self.context.route("**/pocket", lambda route: route.continue_(url=f"{route.request.url}?kept"))

    async def _break(self, route: Any) -> None:
        whole = pocket.folder().files[pocket.SCRIPT].body.decode()
        assert BROKEN[0] in whole
        await route.fulfill(body=whole.replace(*BROKEN), content_type="text/javascript")

    async def power_off(self) -> None:
        """Close her browser."""
        with suppress(Exception):  # already dead, by our own hand
            await self.context.close()

    async def open_page(self) -> None:
        """Open the page anew, as from the home screen; with no page kept on the phone, as often as it takes."""
        self.page = self.context.pages[0] if self.context.pages else await self.context.new_page()
        await self.load(self.page.goto, f"{self.url}/pocket")

    async def load(self, how: Any, *what: str) -> None:
        """Load a page; without a service worker a dead server must be waited for."""
        for _ in range(40 if self.lab.broken else 1):
            try:
                await how(*what, wait_until="commit")
                return
            except Exception:
                if not self.lab.broken:
                    raise
                await asyncio.sleep(0.25)

    async def enter(self) -> None:
        """Come to the visit's first open question, from wherever the page is."""
        for _ in range(90):
            start = self.page.get_by_role("button", name="I have read it. Start")
            await self.unlock()
            if await self.page.locator(".fc-card").count():
                await self.press(self.page.locator(".fc-card").first)
            elif await start.count():
                await self.press(start)
            elif await self.page.locator("[data-next], .fc-apology, [data-arrived]").count():
                return
            await self.page.wait_for_timeout(50)
        raise TimeoutError(await self.page.locator("body").inner_text())

    async def unlock(self) -> None:
        """Type the PIN where it is asked for."""
        if self.has_pin:
            await waking.unlock(self.page)

    async def press(self, button: Any) -> None:
        """Tap what may be drawn anew under the finger; whoever calls looks again."""
        with suppress(Exception):
            await button.click(timeout=1_000)

    async def title(self) -> str:
        """Read the question that is shown; nothing while the page draws itself."""
        said: str = await self.page.evaluate("document.querySelector('.fc-title')?.innerText ?? ''")
        return said
