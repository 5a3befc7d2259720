"""A word about a visit that she stopped is on the phone until it is on its way, and "saved" is said of nothing else."""

import pytest
from playwright.sync_api import Page, expect

from tests.pocket.fake_api import FakeApi
from tests.pocket.walker import Walker

WORD = "a guard asked for my name"
#: The phone's storage is full, as far as what is to be sent goes, until it is set free.
FULL = """() => {
  const add = IDBObjectStore.prototype.add;
  window.full = true;
  IDBObjectStore.prototype.add = function (...what) {
    if (window.full && this.name === "outbox") throw new DOMException("full", "QuotaExceededError");
    return add.apply(this, what);
  };
}"""
#: What is to be sent waits before it is written, until it is let go.
SLOW = """() => {
  const seal = crypto.subtle.encrypt.bind(crypto.subtle);
  crypto.subtle.encrypt = async (how, key, plain) => {
    const sealed = await seal(how, key, plain);
    const met = !window.held && new TextDecoder().decode(plain).includes('"note":"a guard');
    if (met) await new Promise((done) => { window.held = done; });
    return sealed;
  };
}"""


@pytest.fixture
def stopped(chelsea: Walker, page: Page) -> Walker:
    """She stopped her visit, and has written a word about it."""
    chelsea.opens().begins().is_asked("Is there a stand?")
    chelsea.taps("Stop").taps("I was led about and watched").has_sent_everything()
    chelsea.sees("Your coordinator knows.").types(WORD)
    return chelsea


def test_a_word_for_which_there_is_no_room_stays_and_is_not_called_saved(
    stopped: Walker, page: Page, api: FakeApi
) -> None:
    page.evaluate(FULL)

    stopped.taps("Save").sees("this is NOT saved")

    expect(page.locator("#fc-note")).to_have_value(WORD)
    expect(page.get_by_text("Saved on the phone", exact=True)).to_have_count(0)
    page.reload()
    expect(page.locator("#fc-note")).to_have_value(WORD)
    stopped.taps("Save").sees("Saved on the phone").has_sent_everything()
    assert [one[2]["note"] for one in api.words if one[0] == "stop"] == ["", WORD]


def test_what_was_called_saved_before_is_not_said_of_the_next_word(stopped: Walker, page: Page) -> None:
    stopped.taps("Save").sees("Saved on the phone").has_sent_everything()
    page.evaluate(FULL)
    page.wait_for_timeout(300)

    stopped.types("and led me to the door").taps("Save").sees("this is NOT saved")

    expect(page.get_by_text("Saved on the phone", exact=True)).to_have_count(0)


def test_what_she_writes_while_her_word_is_being_kept_is_not_erased(stopped: Walker, page: Page) -> None:
    page.evaluate(SLOW)
    stopped.taps("Save")
    page.wait_for_function("Boolean(window.held)")

    stopped.types(f"{WORD}, twice")
    page.evaluate("window.held()")

    stopped.sees("Saved on the phone").has_sent_everything()
    expect(page.locator("#fc-note")).to_have_value(f"{WORD}, twice")
    page.reload()
    expect(page.locator("#fc-note")).to_have_value(f"{WORD}, twice")
