"""What the people of a journey do with their thumbs."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from fieldcheck.domain.checklist import Checklist, QuestionType
from tests.journeys.conftest import House
from tests.pocket.walker import OUTBOX

#: Tap "Next", once it no longer says "Skip", until the question is gone: looked at and tapped in one breath.
NEXT_UNTIL_GONE = """title => {
    if (document.querySelector('.fc-title')?.innerText !== title) return true;
    document.querySelector('[data-next].fc-main')?.click();
    return false;
}"""


def read_square(shown: Locator) -> str:
    """What a phone's camera reads off a square on the screen."""
    expect(shown).to_be_visible()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(shown.screenshot())))
    return str(found.text)


class Volunteer:
    """Chelsea with her phone, in the small page."""

    def __init__(self, page: Page, house: House, name: str = "chelsea") -> None:
        """She holds *page* and has not signed in yet."""
        self.page, self.house, self.name = page, house, name
        self.taken = 0

    def opens_her_link(self) -> "Volunteer":
        """Open the link that she was given."""
        self.page.goto(self.house.link(self.name))
        self.page.wait_for_url("**/pocket")
        return self.sets_her_pin()

    def sets_her_pin(self) -> "Volunteer":
        """The first thing that is asked of her."""
        for label in ("New PIN, 4 to 8 digits", "Once more"):
            self.page.get_by_label(label).fill("246810")
        self.page.get_by_role("button", name="Save", exact=True).tap()
        expect(self.page.get_by_role("heading", name="My visits")).to_be_visible()
        return self

    def types_her_pin(self) -> "Volunteer":
        """Into the search of the notes page, which is all that can be seen."""
        field = self.page.get_by_label("Search notes")
        field.fill("246810")
        field.press("Enter")
        expect(field).to_have_count(0)
        return self

    def begins(self) -> "Volunteer":
        """Open the visit, read the briefing, start."""
        self.page.locator(".fc-card").first.tap()
        self.page.get_by_role("button", name="I have read it. Start").tap()
        expect(self.page.locator("[data-next]")).to_be_visible()
        return self

    def walks(
        self, sheet: Checklist, answers: dict[str, Any], pictures: Sequence[Path], until: str | None = None
    ) -> "Volunteer":
        """Go from question to question: the given answer or the first option, a photo where one is asked for.

        Stops when question *until* is shown.
        """
        expect(self.page.locator(".fc-title")).to_be_visible()
        by_title = {question.text["en"]: question for question in sheet.questions}
        for _ in range(2 * len(sheet.questions)):
            title = self.page.locator(".fc-title").inner_text()
            question = by_title.get(title)
            if question is None or question.id == until:
                return self
            if question.type is QuestionType.PHOTO or (question.photo and question.photo.min):
                self.page.locator("input[type=file]").first.set_input_files(str(pictures[self.taken % len(pictures)]))
                self.taken += 1
                self.page.get_by_role("button", name="Nobody in it").tap()
                expect(self.page.locator(".fc-photos li").first).to_be_visible()
            self._answers(question, answers.get(question.id))
            expect(self.page.locator(".fc-title")).not_to_have_text(title)
        raise AssertionError(f"she never got past {self.page.locator('.fc-title').inner_text()}")

    def _answers(self, question: Any, value: Any) -> None:
        if question.type in (QuestionType.YES_NO_NA, QuestionType.SINGLE, QuestionType.MULTI):
            chosen = value or ("yes" if question.type is QuestionType.YES_NO_NA else question.options[0].id)
            for option in [chosen] if isinstance(chosen, str) else chosen:
                self.page.locator(f'[data-option="{option}"]').tap()
        elif question.type is QuestionType.STATEMENT:
            self.page.get_by_role("button", name="I confirm", exact=True).tap()
        elif question.type in (QuestionType.TEXT, QuestionType.QUOTE, QuestionType.NUMBER, QuestionType.MONEY):
            field = self.page.locator(".fc-main-part input:not([type=file]), .fc-main-part textarea").first
            field.fill(str(value if value is not None else 1))
        elif question.type is QuestionType.GEOPOINT:
            expect(self.page.get_by_text("Place marked").first).to_be_visible()
        if question.type in (QuestionType.YES_NO_NA, QuestionType.SINGLE) and not question.photo:
            return  # it goes on by itself, a moment later on a slow machine: "Skip" would then pass over a question
        try:
            self.page.wait_for_function(NEXT_UNTIL_GONE, arg=question.text["en"], polling=100, timeout=5000)
        except NotInTime:  # nothing was said to it
            self.page.evaluate("document.querySelector('[data-next]').click()")

    def outbox(self) -> list[dict[str, Any]]:
        """What lies in her phone's outbox, read past every module."""
        entries: list[dict[str, Any]] = self.page.evaluate(OUTBOX)
        return entries

    def has_sent_everything(self) -> "Volunteer":
        """Wait until her phone holds nothing that the server does not."""
        for _ in range(300):
            if not self.outbox():
                return self
            self.page.wait_for_timeout(100)
        raise AssertionError(self.outbox())

    def hands_in(self) -> "Volunteer":
        """Send the visit and see that it arrived."""
        send = self.page.get_by_role("button", name="Send the visit")
        expect(send).to_be_visible()
        assert send.is_enabled(), self.page.locator(".fc-main-part").inner_text()
        send.tap()
        expect(self.page.get_by_text("The visit has arrived.").first).to_be_visible()
        return self


class Desk:
    """Somebody at a desk's page, here on a screen of 390x844."""

    def __init__(self, page: Page, house: House, name: str) -> None:
        """She holds *page* and signs in by link."""
        self.page, self.house = page, house
        page.goto(house.link(name))
        self._settles()

    def opens(self, address: str) -> "Desk":
        """Go to a page by its address."""
        self.page.goto(f"{self.house.url}/{address}")
        return self._settles()

    def follows(self, name: str) -> "Desk":
        """Tap a link by what it says."""
        self.page.get_by_test_id("stMain").get_by_role("link", name=name).first.tap()
        return self._settles()

    def taps(self, name: str) -> "Desk":
        """Tap a button by what it says; the key that stands on some is not part of it."""
        plain = self.page.get_by_role("button", name=name, exact=True)
        self.page.get_by_role("button").filter(has=self.page.get_by_text(name, exact=True)).or_(plain).first.tap()
        return self._settles()

    def sends(self, name: str) -> "Desk":
        """Send the form whose button says this."""
        self.page.get_by_test_id("stFormSubmitButton").get_by_role("button", name=name).first.tap()
        return self._settles()

    def ticks(self, label: str) -> "Desk":
        """Tick a box by what it says."""
        self.page.locator("label", has_text=label).first.tap()
        return self._settles()

    def picks(self, label: str, text: str, option: str) -> "Desk":
        """Pick from a list: open it, type, take the option."""
        field = self.page.get_by_role("combobox", name=label)
        field.tap()
        field.fill(text)
        self.page.get_by_role("option", name=option).first.tap()
        if self.page.get_by_role("option").count():  # a list of several choices stays open
            self.page.keyboard.press("Escape")
        return self._settles()

    def writes(self, label: str, text: str) -> "Desk":
        """Write into a field and leave it."""
        field = self.page.get_by_label(label).first
        field.fill(text)
        field.blur()
        return self._settles()

    def sees(self, text: str) -> "Desk":
        """This text stands somewhere on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()
        return self

    def _settles(self) -> "Desk":
        """Wait until the page has nothing left to do."""
        self.page.wait_for_timeout(350)
        expect(self.page.locator('[data-testid="stStatusWidget"]')).to_have_count(0)
        expect(self.page.locator('[data-testid="stApp"][data-test-script-state="running"]')).to_have_count(0)
        return self
