"""Each thing is said once: saved, sent, refused, not kept."""

from collections import Counter

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from starlette.requests import Request

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server, error
from tests.pocket.hearing import SPOKEN, spoken
from tests.pocket.sheets import checklist, question
from tests.pocket.walker import Walker

FULL = """() => {
  IDBObjectStore.prototype.put = IDBObjectStore.prototype.add = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
}"""


@pytest.fixture
def chelsea(phone: BrowserContext, server: Server, api: FakeApi) -> Walker:
    """Chelsea on the first of three questions; whatever is said from here on is written down."""
    asked = [question(f"YES-0{n}", "yes_no_na", f"Question {n}") for n in (1, 2, 3)]
    api.add_visit(VISIT, api.add_checklist(checklist(*asked)))
    page = phone.new_page()
    page.add_init_script(SPOKEN)
    walker = Walker(page, server).opens().begins().is_asked("Question 1").has_sent_everything()
    settled(page)
    return walker


def settled(page: Page) -> list[str]:
    """Give what was said, once nothing more is being said."""
    heard: list[str] = []
    for _quiet in range(40):
        before = len(heard)
        page.wait_for_timeout(250)
        heard += spoken(page)
        if len(heard) == before:
            break
    return heard


def test_saved_and_sent_are_said_once_each(chelsea: Walker, phone: BrowserContext) -> None:
    waits = "Saved on the phone. 1 waits for the network."
    phone.set_offline(True)
    chelsea.answers("Question 1", "Yes").is_asked("Question 2").waits_for(waits)
    heard = Counter(settled(chelsea.page))
    assert heard[waits] == 1
    assert set(heard.values()) == {1}

    phone.set_offline(False)
    chelsea.waits_for("Everything is sent")
    heard = Counter(settled(chelsea.page))
    assert heard["Everything is sent"] == 1
    assert set(heard.values()) == {1}


def test_what_was_not_accepted_is_said_once_and_once_more_where_it_is(chelsea: Walker, api: FakeApi) -> None:
    def refuses(request: Request) -> object:
        return error(422, "answer.odd") if request.method == "POST" and "/answers" in request.url.path else None

    api.fault = refuses  # type: ignore[assignment]
    chelsea.answers("Question 1", "Yes").is_asked("Question 2").has_only_refused()
    chelsea.waits_for("1 was not accepted; it is kept here")
    heard = Counter(settled(chelsea.page))
    assert heard["1 was not accepted; it is kept here"] == 1
    assert set(heard.values()) == {1}

    chelsea.taps("Back").is_asked("Question 1")
    expect(chelsea.page.locator(".fc-refusal")).to_have_text("answer.odd in words")
    assert settled(chelsea.page) == ["answer.odd in words"]


def test_what_could_not_be_kept_is_said_once(chelsea: Walker) -> None:
    chelsea.page.evaluate(FULL)
    chelsea.taps("Yes").sees("The phone's storage is full")
    (said,) = settled(chelsea.page)

    assert said.startswith("The phone's storage is full: this is NOT saved.")
    chelsea.is_asked("Question 1")
