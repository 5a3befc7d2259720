"""Text twice as large on the smallest phone: every word stands there whole, the way out stays under the thumb."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fieldcheck import words
from tests.pocket.conftest import SCHOOL, VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.sheets import EVERYTHING, checklist, question
from tests.pocket.sheets import words as three
from tests.pocket.walker import Walker

TWICE = "document.documentElement.style.fontSize = '200%'"
LARGE = f"addEventListener('DOMContentLoaded', () => {{ {TWICE}; }})"
#: The three places of the bar: how large their words are, whether all of it is on the glass, whether a word is broken.
BAR = """() => [...document.querySelectorAll("button.fc-safe")].map(one => {
  const box = one.getBoundingClientRect();
  const text = one.firstChild;
  const broken = [...text.data.matchAll(/\\S+/g)].filter(word => {
    const range = document.createRange();
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return range.getClientRects().length > 1;
  }).map(word => word[0]);
  const seen = box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
  const on = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {size: parseFloat(getComputedStyle(one).fontSize), high: box.height, broken, there: seen && one.contains(on)};
})"""
#: What rolls on the page, beside what rolls sideways.
ROLLS = """() => [...document.querySelectorAll("#notes *")]
  .filter(e => /auto|scroll/.test(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight + 1)
  .map(e => e.className)"""
WIDER = """() => document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll("#notes button")]
  .some(e => e.getBoundingClientRect().right > innerWidth || e.scrollWidth > e.clientWidth + 1)"""


@pytest.fixture
def small(chromium: Browser, api: FakeApi) -> Iterator[Page]:
    """A page on the smallest phone."""
    context = chromium.new_context(
        viewport={"width": 320, "height": 568}, geolocation=SCHOOL, permissions=["geolocation"], bypass_csp=True
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def bar(page: Page) -> list[dict[str, Any]]:
    """The places of the safety bar."""
    places: list[dict[str, Any]] = page.evaluate(BAR)
    return places


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_with_text_twice_as_large_each_view_rolls_once_and_the_way_out_stands(
    small: Page, server: Server, api: FakeApi, language: str
) -> None:
    api.language = language
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    small.add_init_script(LARGE)
    said = words.catalogue(language, "walk")
    Walker(small, server).opens()
    small.locator(".fc-card").click()
    small.get_by_role("button", name=str(said["I have read it. Start"]), exact=True).click()
    small.locator("[data-next]").wait_for()

    for _question in range(len(EVERYTHING["sections"][0]["questions"])):
        expect(small.locator("button.fc-safe")).to_have_count(3)
        assert [place["broken"] for place in bar(small)] == [[], [], []]
        assert all(place["size"] == 28 and place["high"] >= 44 and place["there"] for place in bar(small))
        assert len(small.evaluate(ROLLS)) <= 1
        assert not small.evaluate(WIDER)
        before = small.locator(".fc-title").inner_text()
        small.locator("[data-next]").click()
        expect(small.locator(".fc-title")).not_to_have_text(before)

    small.locator(".fc-sign-stop").click()
    small.locator("[data-reason=unsafe]").click()
    expect(small.locator(".fc-title")).to_have_text(str(said["The visit is stopped"]))


def test_what_rolls_with_nothing_to_press_in_it_is_reached_by_keys(small: Page, server: Server, api: FakeApi) -> None:
    told = question("INF-01", "info", "Read this", required=False, help=three("Look round first. " * 80))
    api.add_visit(VISIT, api.add_checklist(checklist(told, question("YES-01", "yes_no_na", "Is there a stand?"))))
    Walker(small, server).opens()
    small.locator(".fc-card").click()
    small.locator(".fc-foot .fc-main").click()
    middle = small.get_by_role("main")

    expect(middle).to_have_accessible_name("Read this")
    for _stop in range(12):
        small.keyboard.press("Tab")
        if middle.evaluate("one => one === document.activeElement"):
            break
    expect(middle).to_be_focused()
    small.keyboard.press("End")
    small.wait_for_function("() => document.querySelector('main').scrollTop > 100")

    small.locator("[data-next]").click()
    expect(small.locator(".fc-title")).to_have_text("Is there a stand?")
    expect(middle).not_to_have_attribute("tabindex", "0")


def test_words_that_grow_while_the_page_stands_still_are_given_room(small: Page, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    Walker(small, server).opens()
    small.locator(".fc-card").click()
    small.locator(".fc-foot .fc-main").wait_for()
    expect(small.locator(".fc-roll.fc-whole")).to_have_count(0)

    small.evaluate(TWICE)
    small.set_viewport_size({"width": 320, "height": 560})

    expect(small.locator(".fc-roll.fc-whole")).to_have_count(1)
