"""Every view of the walk, one after another: what a stranger sees, what a newcomer, what a volunteer on her visits.

Each tour yields the name of a view when it stands there to be looked at. Buttons are found by their words in the
language of the tour, so a view that has lost its way in stops the tour.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldcheck import words
from fieldcheck.bench.field import Field
from fieldcheck.domain.checklist import Checklist, from_body
from fieldcheck.usecases import review
from fieldcheck.usecases.work import begin


def every_kind(*sheets: Checklist) -> Checklist:
    """Make one checklist out of *sheets* with each kind of question once, asked of everybody, in their own words."""
    chosen: dict[str, dict[str, Any]] = {}
    for sheet in sheets:
        for section in sheet.body()["sections"]:
            for one in section["questions"]:
                kind = f"{one['type']} {'photo' in one}"
                chosen.setdefault(kind, {key: part for key, part in one.items() if key != "visible_if"})
    told = next(one for one in chosen.values() if one["type"] == "datetime")
    chosen["date"] = {**told, "id": f"{told['id'][:3]}-98", "type": "date", "autofill": False, "required": False}
    body = sheets[0].body()
    section = {**body["sections"][0], "questions": list(chosen.values())}
    return from_body({**body, "id": "every_kind", "version": 1, "sections": [section], "rules": [], "examples": []})


@dataclass
class Tour:
    """Her hands on one page, in one language."""

    page: Any
    laid: Field
    language: str

    async def go(self, path: str) -> None:
        """Open an address of the installation."""
        await self.page.goto(f"{self.laid.settings.url}{path}")

    def button(self, english: str) -> Any:
        """Find a button by its words."""
        said = words.catalogue(self.language, "walk")[english]
        return self.page.get_by_role("button", name=said if isinstance(said, str) else said[0], exact=True)

    async def tap(self, english: str, then: str) -> None:
        """Tap a button, and wait for what comes."""
        await self.button(english).click()
        await self.page.locator(then).first.wait_for()

    async def back(self, to: str) -> None:
        """Go one view back."""
        await self.page.go_back()
        await self.page.locator(to).first.wait_for()


async def stranger(tour: Tour) -> AsyncIterator[str]:
    """Nobody is signed in."""
    await tour.go("/join")
    await tour.page.locator("#none").wait_for()
    yield "no link"
    await tour.go("/leave")
    await tour.page.locator("#sure").wait_for()
    yield "leaving"
    await tour.go("/pocket")
    await tour.page.locator(".fc-apology").wait_for()
    yield "signed out"


async def newcomer(tour: Tour) -> AsyncIterator[str]:
    """She has agreed to nothing yet, and passed no quiz."""
    await tour.go("/pocket")
    await tour.button("Read and agree to the form").wait_for()
    yield "no visits yet"
    await tour.tap("Read and agree to the form", ".fc-foot .fc-main")
    yield "the form"
    await tour.back(".fc-list, .fc-apology")
    await tour.tap("Short quiz", "[data-option]")
    yield "the quiz"
    for question in await tour.page.locator("fieldset.fc-choices").all():
        await question.locator("[data-option]").first.click()
    await tour.tap("Check my answers", ".fc-sheet .fc-bad, .fc-sheet .fc-good")
    yield "the quiz, answered"


async def volunteer(tour: Tour, visit: str, sheet: Checklist, picture: Path) -> AsyncIterator[str]:
    """She has two visits: one is walked and comes back, the other is stopped."""
    page = tour.page
    await tour.go("/pocket")
    await page.locator(".fc-card").nth(1).wait_for()
    yield "visits"
    async for name in settings(tour):
        yield name
    await page.locator(f"[data-visit='{visit}']").click()
    await page.locator(".fc-foot .fc-main").wait_for()
    yield "briefing"
    await tour.tap("I have read it. Start", ".fc-foot [data-next]")
    async for name in questions(tour, picture):
        yield name
    await page.context.set_offline(True)
    await tour.tap("Send the visit", ".fc-title")
    await page.locator("[data-next], [disabled]").wait_for(state="detached")
    yield "waits for the network"
    await to_the_visits(page)
    await page.locator(".fc-foot button").click()
    await page.locator("[data-kind]").first.wait_for()
    yield "what waits to be sent"
    await tour.back(".fc-card")
    await page.context.set_offline(False)
    await page.locator(f"[data-visit='{visit}'] .fc-state-submitted").wait_for()
    await page.locator(f"[data-visit='{visit}']").click()
    await page.locator(".fc-title").wait_for()
    yield "received"
    await to_the_visits(page)
    async for name in returned(tour, visit, sheet):
        yield name
    async for name in stopped(tour, visit):
        yield name
    async for name in notes(tour):
        yield name


async def to_the_visits(page: Any) -> None:
    """Leave a visit that is over."""
    await page.locator(".fc-foot .fc-main").click()
    await page.locator(".fc-card").first.wait_for()


async def settings(tour: Tour) -> AsyncIterator[str]:
    """The pages beside the visits."""
    await tour.tap("Settings", ".fc-settings")
    yield "settings"
    await tour.tap("My phones", ".fc-name")
    await tour.page.locator(".fc-settings").wait_for(state="detached")
    yield "my phones"
    await tour.back(".fc-settings")
    await tour.tap("Set a PIN", "#fc-pin")
    await tour.tap("Save", ".fc-bad:not(:empty)")
    yield "the PIN"
    await tour.back(".fc-settings #fc-idle")
    await tour.tap("Delete everything now", ".np-veil")
    yield "delete everything?"
    await tour.tap("Cancel", "#fc-idle")
    await tour.back(".fc-card")


async def questions(tour: Tour, picture: Path) -> AsyncIterator[str]:
    """Each question as it comes and answered, with the camera, covering, and what is missing."""
    page, looked = tour.page, False
    for _ in range(40):
        title = await page.locator(".fc-title").inner_text()
        kind = "choices" if await page.locator("[data-option], [role=checkbox]").count() else "field"
        yield f"question ({kind})"
        if not looked and await tour.button("Seen").is_visible():
            looked = True
            await page.locator(".fc-progress").click()
            await page.locator(".fc-list .fc-item").first.wait_for()
            await page.locator("summary").click()
            yield "what is missing"
            await tour.tap("Back", "[data-next]")
        await answer(page)
        if await page.locator(".fc-title").inner_text() == title and await tour.button("Take a photo").is_visible():
            async for name in photos(tour, picture):
                yield name
        if await page.locator(".fc-title").inner_text() == title:
            await page.locator("[data-next]").click()
            await page.wait_for_timeout(150)
        if not await page.locator("[data-next]").count():
            break
    await page.locator(".fc-foot .fc-main:not([disabled])").wait_for()
    yield "everything is here"


async def answer(page: Any) -> None:
    """Give an answer that holds nobody up."""
    if await page.locator("[data-option], [role=checkbox]").count():
        await page.locator("[data-option], [role=checkbox]").first.click()
    elif await page.locator(".fc-confirm").count():
        await page.locator(".fc-confirm").click()
    elif await page.locator("input[inputmode]").count():
        await page.locator("input[inputmode]").fill("1")
    elif await page.locator(".fc-main-part textarea").count():
        await page.locator(".fc-main-part textarea").fill("12")
    await page.wait_for_timeout(250)


async def photos(tour: Tour, picture: Path) -> AsyncIterator[str]:
    """The camera in the page, covering what it took, taking it back."""
    page = tour.page
    await tour.tap("Take a photo", ".fc-camera video")
    await page.wait_for_function("document.querySelector('.fc-camera video').videoWidth > 0")
    yield "camera"
    await page.locator(".fc-camera .fc-plain").click()
    await page.locator(".fc-camera").wait_for(state="detached")
    await page.locator("input[type=file]").set_input_files(str(picture))
    await page.locator("[data-covered]").wait_for()
    yield "covering"
    await tour.button("Add a box").click()
    await page.locator(".fc-patch").wait_for()
    yield "covering, with a box"
    await page.locator("[data-covered]").click()
    await page.locator(".fc-photos li:not(:has(.fc-look)) img").wait_for()
    yield "a photo that is kept"
    await page.locator(".fc-remove").click()
    await page.locator(".fc-veil").wait_for()
    yield "remove this photo?"
    await tour.tap("Keep it", ".fc-photos li")


async def returned(tour: Tour, visit: str, sheet: Checklist) -> AsyncIterator[str]:
    """The coordinator sends two questions back."""
    with begin(tour.laid.settings, tour.laid.alice) as work:
        asked = [one for one in sheet.questions if one.required and one.type not in {"info", "statement"}][:2]
        review.send_back(work, visit, [(sheet.digest, one.id, "The paper cannot be read; once more.") for one in asked])
    await tour.page.reload()
    await tour.page.locator(".fc-state-returned").wait_for()
    yield "visits, one came back"
    await tour.page.locator(f"[data-visit='{visit}']").click()
    await tour.page.locator(".fc-item").first.wait_for()
    yield "what is asked again"
    await tour.tap("To the first", ".fc-reason")
    yield "a question that came back"
    await tour.page.locator(".fc-head .fc-small").first.click()
    await tour.page.locator(".fc-card").first.wait_for()


async def stopped(tour: Tour, other_than: str) -> AsyncIterator[str]:
    """She is recognised, and leaves."""
    page = tour.page
    await page.locator(f".fc-card:not([data-visit='{other_than}'])").click()
    await tour.tap("I have read it. Start", ".fc-foot [data-next]")
    await tour.tap("Recognised", ".fc-quote")
    yield "recognised"
    await tour.tap("Stop", "[data-reason]")
    yield "stop"
    await page.locator("[data-reason]").first.click()
    await page.locator("#fc-note").wait_for()
    yield "stopped"
    await to_the_visits(page)


async def notes(tour: Tour) -> AsyncIterator[str]:
    """What anybody sees who looks."""
    page = tour.page
    await tour.tap("Show my notes", ".np-list")
    yield "notes"
    await page.get_by_role("searchbox").fill("zzz")
    yield "notes, nothing found"
    await page.get_by_role("searchbox").fill("")
    await page.locator(".np-note").first.click()
    await page.locator(".np-text").wait_for()
    yield "a note"
