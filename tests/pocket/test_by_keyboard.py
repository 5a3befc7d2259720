"""A whole visit without touching the glass, and what a screen reader says on the way: nothing that gives her away."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fieldcheck import words
from tests.pocket.conftest import SCHOOL, VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.hearing import SPOKEN, spoken
from tests.pocket.sheets import EVERYTHING, SHORT, checklist, photo_need, question
from tests.pocket.walker import Walker

#: What nobody beside her may hear.
GIVES_AWAY = re.compile(r"№ 7|школ|мектеп|провер|тексер|координатор|үйлестіруші", re.IGNORECASE)
#: A camera that needs no flag and no light; what it hands out is remembered, so that one can see it end.
CAMERA = """
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 640, height: 480});
    const brush = canvas.getContext("2d");
    setInterval(() => { brush.fillStyle = `hsl(${Date.now() % 360} 50% 50%)`; brush.fillRect(0, 0, 640, 480); }, 40);
    window.lens = canvas.captureStream(25);
    return window.lens;
  };
"""
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  return {
    // The parts of a date's field are the browser's own, and so is the mark that it puts on them.
    seen: one.matches("input[type^=date]") || (one.matches(":focus-visible") && style.outlineStyle !== "none"),
    there: one.getClientRects().length > 0 && !one.closest("[inert]"),
  };
}"""


@pytest.fixture(params=["ru", "kk"])
def language(request: pytest.FixtureRequest) -> str:
    """The languages that volunteers speak."""
    return str(request.param)


@pytest.fixture
def page(chromium: Browser, language: str) -> Iterator[Page]:
    """A page with a keyboard before it."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale=language, geolocation=SCHOOL, permissions=["geolocation"]
    )
    context.set_default_timeout(15_000)
    context.add_init_script(SPOKEN)
    yield context.new_page()
    context.close()


class Keys:
    """Her hands on the keyboard, and her ears."""

    def __init__(self, page: Page, language: str) -> None:
        """She sits before *page*."""
        self.page, self.said = page, words.catalogue(language, "walk")
        self.devtools = page.context.new_cdp_session(page)

    def t(self, english: str) -> str:
        """A sentence in her language."""
        found = self.said[english]
        assert isinstance(found, str) and found != english
        return found

    def heard(self) -> list[dict[str, Any]]:
        """What the browser tells a screen reader of the page."""
        nodes = self.devtools.send("Accessibility.getFullAXTree")["nodes"]
        return [
            {
                "role": node["role"]["value"],
                "name": node.get("name", {}).get("value", ""),
                **{one["name"]: one["value"].get("value") for one in node.get("properties", [])},
            }
            for node in nodes
            if not node["ignored"]
        ]

    def focused(self) -> dict[str, Any]:
        """What has the focus, as it is heard; it is there, seen, and has a name."""
        told, heard = None, list[dict[str, Any]]()
        for _ in range(100):  # a page that is just being drawn gives the focus back; a reader hears it a moment later
            told = self.page.evaluate(FOCUS)
            heard = [node for node in self.heard() if node.get("focused") and node["role"] != "RootWebArea"]
            if told and told["there"] and len(heard) == 1:
                break
            self.page.wait_for_timeout(50)
        assert told and told["there"], "the focus is lost"
        (one,) = heard
        assert one["name"], one
        return {**one, "seen": told["seen"]}

    def hears(self, role: str, name: str, state: str, value: Any) -> "Keys":
        """A control is in a state, as it is heard; the browser tells a moment after the page has changed."""
        told: list[dict[str, Any]] = []
        for _ in range(100):
            told = [one for one in self.heard() if (one["role"], one["name"]) == (role, name)]
            if [one.get(state) for one in told] == [value]:
                return self
            self.page.wait_for_timeout(50)
        raise AssertionError((role, name, state, told))

    def hears_of(self, *words: str) -> "Keys":
        """Something is heard that holds all of this; the browser tells a moment after the page has changed."""
        for _ in range(100):
            if any(all(word in one["name"] for word in words) for one in self.heard()):
                return self
            self.page.wait_for_timeout(50)
        raise AssertionError((words, self.heard()))

    def reaches(self, name: str, role: str = "button") -> "Keys":
        """Go on with Tab until there; every stop has a name and a mark, and none is met twice on the way."""
        met: list[tuple[str, str]] = []
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement === document.body"):
                continue  # out of the page and in again at its top
            one = self.focused()
            assert one["seen"], one
            if (one["role"], one["name"]) == (role, name):
                return self
            met.append((one["role"], one["name"]))
        raise AssertionError((name, met))

    def opens(self) -> "Keys":
        """Open the visit of the list; she presses nothing more before its own page is there."""
        self.page.locator(".fc-card").press("Enter")
        expect(self.page.locator(".fc-title")).to_be_focused()
        return self

    def presses(self, name: str, key: str = "Enter", role: str = "button") -> "Keys":
        """Reach it and press a key on it."""
        self.reaches(name, role).page.keyboard.press(key)
        return self

    def is_told(self, title: str) -> "Keys":
        """The heading is this, and the focus stands on it: it is read out."""
        expect(self.page.locator(".fc-title")).to_have_text(title)
        one = self.focused()
        assert (one["role"], one["name"], one["level"]) == ("heading", title, 1)
        return self


def test_a_whole_visit_is_walked_with_the_keyboard_alone_and_heard(  # noqa: PLR0915 - one visit, whole
    page: Page, server: Server, api: FakeApi, language: str, picture: Path
) -> None:
    api.language = language
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    own = (lambda text: f"{text} ру") if language == "ru" else (lambda text: f"{text} қк")
    keys = Keys(page, language)
    t = keys.t
    Walker(page, server).opens()
    card = page.locator(".fc-card")
    card.wait_for()
    assert page.evaluate("document.documentElement.lang") == language

    # The list, the briefing, what the checklist tells
    named = next(one["name"] for one in keys.heard() if one["role"] == "button" and "№ 7" in one["name"])
    keys.presses(named)
    expect(page.locator(".fc-title")).to_be_focused()
    keys.presses(t("I have read it. Start")).is_told(own("Before you begin"))
    keys.presses(t("Next")).is_told(own("Where are you?"))
    page.locator("[data-next].fc-main").wait_for()
    keys.presses(t("Next")).is_told(own("When did you arrive?")).presses(t("Next")).is_told(own("Is there a stand?"))

    # A choice says that it is chosen; the photo that it asks for is covered without a finger
    keys.hears("button", t("Yes"), "pressed", "false").presses(t("Yes"), "Space")
    keys.hears("button", t("Yes"), "pressed", "true")
    with page.expect_file_chooser() as chooser:
        keys.presses(t("Choose photos"))
    chooser.value.set_files(str(picture))
    page.get_by_role("dialog").wait_for()
    assert keys.focused()["name"] == t("Nobody in it")
    keys.presses(t("Add a box"))
    assert keys.focused()["name"] == t("Box {n}").replace("{n}", "1")
    for key in ("ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    for _round in range(2):  # the dialog holds her
        keys.reaches(t("Covered, nobody is left")).reaches(t("Box {n}").replace("{n}", "1"))
    assert own("Is there a stand?") not in [one["name"] for one in keys.heard()]
    keys.presses(t("Covered, nobody is left"))
    page.get_by_role("dialog").wait_for(state="detached")
    assert keys.focused()["name"] == t("Choose photos")

    # The notes page and back
    keys.presses(t("Show my notes"))
    expect(page.locator(".np")).to_be_visible()
    assert not [one for one in keys.heard() if own("Is there a stand?") in one["name"] or "№ 7" in one["name"]]
    keys.presses(t("More"))
    expect(page.locator(".np")).to_have_count(0)
    assert keys.focused()["name"] == t("Show my notes")

    # One of several, several, a number that is wrong first
    keys.presses(t("Next")).is_told(own("How did you get in?")).presses(own("Freely"))
    keys.is_told(own("What does it show?")).presses(own("A ban"), "Space", "checkbox")
    keys.hears("checkbox", own("A ban"), "checked", "true")
    keys.presses(t("Next")).is_told(own("How many adults said so?"))
    keys.reaches(own("How many adults said so?"), "textbox").page.keyboard.type("99")
    expect(page.locator("#fc-said")).not_to_be_empty()
    for state, value in (("invalid", "true"), ("required", True)):
        keys.hears("textbox", own("How many adults said so?"), state, value)
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    expect(page.locator("#fc-said")).to_be_empty()
    page.keyboard.press("Enter")

    # What may be left out, the photo, the statement
    for title in ("Which sum was named?", "What else?", "What was said?", "Which day is on the paper?"):
        keys.is_told(own(title)).presses(t("Skip"))
    keys.is_told(own("Photograph the stand"))
    with page.expect_file_chooser() as chooser:
        keys.presses(t("Choose photos"))
    chooser.value.set_files(str(picture))
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for(state="detached")
    keys.presses(t("Next")).is_told(own("Nobody is in my photos")).presses(t("I confirm"))
    keys.is_told(t("Everything is here")).presses(t("Send the visit"))
    expect(page.locator(".fc-title")).to_have_text(re.compile(f"{t('Ready to send')}|{t('Received')}"))
    expect(page.locator(".fc-title")).to_have_text(t("Received"))

    # What was said aloud by itself names nobody and no place, and nothing twice in a row
    said = spoken(page)
    assert t("Saved on the phone") in said
    assert not [one for one in said if re.search(GIVES_AWAY, one)]
    assert [photo["covered"]["boxes"] for photo in api.photos.values()] == [1, 0]


def test_a_visit_is_stopped_with_the_keyboard_alone(page: Page, server: Server, api: FakeApi, language: str) -> None:
    api.language = language
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    keys = Keys(page, language)
    Walker(page, server).opens()
    keys.opens()
    keys.reaches(keys.t("Stop")).reaches(keys.t("I have read it. Start")).page.keyboard.press("Enter")
    expect(page.locator("#fc-heading")).to_be_focused()

    keys.presses(keys.t("Stop"), "Space").is_told(keys.t("You may leave at any time"))
    keys.presses(keys.t("I do not feel safe")).is_told(keys.t("The visit is stopped"))

    Walker(page, server).has_sent_everything()
    assert api.visits[VISIT]["state"] == "stopped"


def test_a_photo_is_taken_with_the_keyboard_alone(page: Page, server: Server, api: FakeApi, language: str) -> None:
    api.language = language
    api.add_visit(VISIT, api.add_checklist(checklist(question("PHO-01", "photo", "The stand", photo=photo_need()))))
    keys = Keys(page, language)
    t = keys.t
    page.add_init_script(CAMERA)
    Walker(page, server).opens()
    keys.opens()
    keys.presses(t("I have read it. Start"))
    expect(page.locator("#fc-heading")).to_be_focused()

    keys.presses(t("Take a photo"))
    page.get_by_role("dialog", name=t("Camera")).wait_for()
    expect(page.locator("video")).to_have_js_property("videoWidth", 640)
    assert keys.focused()["name"] == t("Take the photo")
    page.keyboard.press("Space")
    expect(page.locator(".fc-count")).to_have_text(f"{t('Saved on the phone')}: 1")
    assert spoken(page, forget=False).count(f"{t('Saved on the phone')}: 1") == 1
    assert keys.focused()["name"] == t("Take the photo")  # she can take the next at once
    for _round in range(2):  # nothing but the camera is within reach
        keys.reaches(t("Done")).reaches(t("Take the photo"))
    page.keyboard.press("Escape")

    # The camera is dark, and she looks over what it took; then she is where she was.
    assert page.evaluate("window.lens.getTracks().every(one => one.readyState === 'ended')")
    page.get_by_role("button", name=t("Nobody in it"), exact=True).wait_for()
    assert keys.focused()["name"] == t("Nobody in it")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for(state="detached")
    assert keys.focused()["name"] == t("Take a photo")
    expect(page.locator(".fc-status")).to_have_text(t("Everything is sent"))
    assert len(api.photos) == 1


def test_what_was_seen_is_marked_with_the_keyboard_alone(
    page: Page, server: Server, api: FakeApi, language: str
) -> None:
    own = (lambda text: f"{text} ру") if language == "ru" else (lambda text: f"{text} қк")
    api.language = language
    api.add_visit(VISIT, api.add_checklist(SHORT))
    keys = Keys(page, language)
    t = keys.t
    Walker(page, server).opens()
    keys.opens()
    keys.presses(t("I have read it. Start")).is_told(own("Is there a stand?"))

    keys.presses(t("Seen")).is_told(own("What does it say?"))
    keys.presses(t("Back")).is_told(own("Is there a stand?"))

    keys.hears_of(*t("Seen at {time}. Write it when you are outside.").split("{time}"))
    keys.presses(t("Yes")).is_told(own("What does it say?"))
    Walker(page, server).has_sent_everything()
    (answer,) = api.answers.values()
    assert answer["seen_at"] and answer["seen_at"] <= answer["given_at"]


def test_a_pin_is_set_and_typed_by_keyboard_alone(page: Page, server: Server, api: FakeApi, language: str) -> None:
    api.language = language
    api.add_visit(VISIT, api.add_checklist(SHORT))
    keys = Keys(page, language)
    t = keys.t
    Walker(page, server).opens()
    page.locator(".fc-card").wait_for()

    keys.presses(t("Set a PIN"))
    for typed, again in (("246810", "246811"), ("246810", "246810")):
        for label, digits in ((t("New PIN, 4 to 8 digits"), typed), (t("Once more"), again)):
            keys.reaches(label, "textbox")
            page.keyboard.press("Control+A")
            page.keyboard.type(digits)
        page.keyboard.press("Enter")
        if typed != again:
            expect(page.get_by_role("alert").filter(has_text=t("The two do not match."))).to_be_visible()
    page.locator(".fc-card").wait_for()
    assert spoken(page).count(t("The two do not match.")) == 1
    assert keys.focused()["name"] == t("My visits")

    # It opens as notes; what is no PIN finds notes, what is one brings her visits back, and nothing is said of either.
    page.reload()
    expect(page.locator(".np")).to_be_visible()
    for typed in ("135790", "246810"):
        keys.reaches(t("Search notes"), "searchbox")
        page.keyboard.press("Control+A")
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    page.locator(".fc-card").wait_for()
    expect(page.locator(".np")).to_have_count(0)
    assert set(spoken(page)) <= {t("Nothing found"), t("Everything is sent")}
    named = next(one["name"] for one in keys.heard() if one["role"] == "button" and "№ 7" in one["name"])
    keys.presses(named)
    expect(page.locator(".fc-title")).to_be_focused()
