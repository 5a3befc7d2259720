"""Nobody notices: a notes page over everything, a PIN that brings the walk back, another that opens nothing."""

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from starlette.responses import Response

from tests.pocket.fake_api import FakeApi, Server, error
from tests.pocket.sheets import SHORT
from tests.pocket.walker import Walker

PIN, OTHER = "246810", "1357"
#: A PIN is long in the trying while `slow` is set.
SLOW_PIN = """
  const derive = crypto.subtle.deriveBits.bind(crypto.subtle);
  window.held = [];
  crypto.subtle.deriveBits = async (how, ...rest) => {
    if (window.slow && how.name === "PBKDF2") await new Promise((done) => window.held.push(done));
    return derive(how, ...rest);
  };
"""
SHAKE = """async () => {
  for (let turn = 0; turn < 4; turn++) {
    const felt = {acceleration: {x: 25, y: 0, z: 0}, accelerationIncludingGravity: {x: 25, y: 0, z: 5}};
    dispatchEvent(new DeviceMotionEvent("devicemotion", felt));
    await new Promise(ok => setTimeout(ok, 120));
  }
}"""
TURN = """async () => {
  for (const z of [9.8, -9.8, -9.8, -9.8]) {
    const felt = {acceleration: {x: 0, y: 0, z: 0}, accelerationIncludingGravity: {x: 0, y: 0, z}};
    dispatchEvent(new DeviceMotionEvent("devicemotion", felt));
    await new Promise(ok => setTimeout(ok, 300));
  }
}"""


def sets_pin(chelsea: Walker, pin: str = PIN) -> Walker:
    """From her list: set a PIN."""
    chelsea.taps("Set a PIN")
    chelsea.page.get_by_label("New PIN, 4 to 8 digits").fill(pin)
    chelsea.page.get_by_label("Once more").fill(pin)
    chelsea.taps("Save")
    expect(chelsea.page.locator(".fc-card")).to_be_visible()
    return chelsea


def sets_other_pin(chelsea: Walker, pin: str = OTHER) -> Walker:
    """From her list: set the PIN for when she is forced."""
    chelsea.taps("Settings").taps("Other PIN, for when you are forced")
    chelsea.page.get_by_label("Other PIN, 4 to 8 digits").fill(pin)
    chelsea.page.get_by_label("Once more").fill(pin)
    chelsea.taps("Save")
    expect(chelsea.page.get_by_role("button", name="Change the PIN")).to_be_visible()
    return chelsea


def types_pin(page: Page, pin: str) -> None:
    """Type it into the search of the notes page."""
    field = page.get_by_label("Search notes")
    field.fill(pin)
    field.press("Enter")


def is_covered(page: Page) -> None:
    """Nothing but the notes page can be seen or reached."""
    expect(page.get_by_role("heading", name="My notes")).to_be_visible()
    expect(page.locator("#notes")).to_have_attribute("inert", "")
    assert page.title() in ("Notes", "Заметки", "Жазбалар")
    assert page.url.endswith("/pocket")


def test_a_wrong_pin_opens_nothing_and_says_nothing(chelsea: Walker, page: Page) -> None:
    sets_pin(chelsea.opens())
    page.reload()

    types_pin(page, "000000")

    expect(page.get_by_text("Nothing found")).to_be_visible()
    is_covered(page)
    expect(page.locator(".fc-card")).to_have_count(0)


def test_after_five_wrong_pins_even_the_right_one_waits_and_nothing_is_lost(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    sets_pin(chelsea.opens())
    api.fault = lambda request: "refuse" if request.method == "POST" else None
    chelsea.begins().answers("Is there a stand?", "No").keeps_unsent_or_tried()
    page.reload()
    for turn in range(5):
        types_pin(page, f"00000{turn}")
        page.wait_for_timeout(600)

    types_pin(page, PIN)

    expect(page.get_by_text("Searching again is possible in")).to_be_visible()
    is_covered(page)
    assert [one["kind"] for one in chelsea.waiting() if one["kind"] == "answer"] == ["answer"]


@pytest.mark.parametrize("covers", ["corner", "shake"])
def test_a_pin_that_is_long_in_the_trying_uncovers_nothing_that_was_covered_since(
    chelsea: Walker, page: Page, covers: str
) -> None:
    page.add_init_script(SLOW_PIN)
    sets_pin(chelsea.opens()).taps("Show my notes")
    page.evaluate("() => { window.slow = true; }")
    page.get_by_label("Search notes").fill(PIN)
    page.evaluate("n => { while (n--) document.querySelector('.np form').requestSubmit(); }", 2)
    page.wait_for_function("window.held.length === 1")
    if covers == "corner":  # sent off twice: the first brings her back, and somebody comes
        page.evaluate("window.held[0]()")
        expect(page.locator(".fc-card")).to_be_visible()
        chelsea.taps("Show my notes")
        page.wait_for_timeout(300)
    else:  # somebody comes while it is being tried
        page.evaluate(SHAKE)

    page.evaluate("() => { window.slow = false; window.held.forEach((go) => go()); }")
    page.wait_for_timeout(1000)

    is_covered(page)
    types_pin(page, PIN)
    expect(page.locator(".fc-card")).to_be_visible()


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", ""])
def test_a_pin_is_four_to_eight_digits(chelsea: Walker, page: Page, pin: str) -> None:
    chelsea.opens().taps("Set a PIN")
    page.get_by_label("New PIN, 4 to 8 digits").evaluate("(field, pin) => { field.value = pin; }", pin)

    chelsea.taps("Save").sees("Four to eight digits.")


def test_the_pin_of_now_is_asked_before_another_and_the_other_pin_may_not_be_the_same(
    chelsea: Walker, page: Page
) -> None:
    sets_pin(chelsea.opens()).taps("Settings").taps("Change the PIN")
    page.get_by_label("PIN of now").fill("9999")
    page.get_by_label("New PIN, 4 to 8 digits").fill("1111")
    page.get_by_label("Once more").fill("1111")
    chelsea.taps("Save").sees("That is not the PIN of now")
    page.go_back()

    chelsea.taps("Other PIN, for when you are forced")
    page.get_by_label("Other PIN, 4 to 8 digits").fill(PIN)
    page.get_by_label("Once more").fill(PIN)

    chelsea.taps("Save").sees("Take another one than your PIN.")


def test_one_tap_covers_the_walk_and_without_a_pin_the_same_corner_uncovers_it(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")

    chelsea.taps("Show my notes")
    is_covered(page)
    chelsea.taps("More")

    chelsea.answers("Is there a stand?", "Yes").is_asked("What does it say?")


def test_what_she_covered_while_the_page_was_still_opening_stays_covered(chelsea: Walker, page: Page) -> None:
    held: list[Route] = []
    page.route("**/api/start", lambda route: held.extend([route]))
    chelsea.opens().taps("Show my notes")
    is_covered(page)

    held.pop().continue_()
    expect(page.locator(".fc-card")).to_have_count(1)

    is_covered(page)
    chelsea.taps("More").begins().is_asked("Is there a stand?")


def test_a_page_the_browser_threw_away_comes_back_covered(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")
    chelsea.taps("Show my notes")

    page.reload()

    is_covered(page)
    expect(page.locator(".fc-title")).to_have_count(1)
    is_covered(page)
    chelsea.taps("More").is_asked("Is there a stand?")
    page.reload()
    chelsea.is_asked("Is there a stand?").answers("Is there a stand?", "Yes")


def test_no_two_notes_were_written_in_one_minute_and_none_of_them_just_now(chelsea: Walker, page: Page) -> None:
    page.clock.set_fixed_time("2026-11-26T05:04:00Z")
    chelsea.opens().begins()
    page.locator(".np-cover").tap()

    assert page.locator(".np-note small").all_inner_texts() == ["25 Nov, 21:33", "23 Nov, 18:26", "21 Nov, 15:19"]
    page.clock.set_fixed_time("2026-11-26T05:05:00Z")
    page.locator(".np-corner").tap()
    page.locator(".np-cover").tap()
    assert page.locator(".np-note small").first.inner_text() == "25 Nov, 21:33"


def test_the_notes_are_real_and_stay(chelsea: Walker, page: Page) -> None:
    chelsea.opens().taps("Show my notes").taps("New note")

    page.get_by_label("A note").fill("Buy stamps")
    chelsea.taps("Back").sees("Buy stamps").taps("More")
    page.reload()

    chelsea.taps("Show my notes").sees("Buy stamps").sees("Milk, bread")
    page.get_by_label("Search notes").fill("stamps")
    expect(page.locator(".np-note")).to_have_count(1)


def test_with_a_pin_it_opens_as_notes_and_the_pin_brings_the_walk_back(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    sets_pin(chelsea.opens()).begins().answers("Is there a stand?", "Yes").is_asked("What does it say?")
    chelsea.has_sent_everything()  # her place in the walk is written behind the answer

    page.reload()
    is_covered(page)
    assert "School" not in page.content()
    chelsea.taps("More")
    is_covered(page)
    types_pin(page, PIN)

    chelsea.is_asked("What does it say?").types("A ban").taps("Next").is_asked("Can it be read?")


def test_it_opens_locked_and_by_pin_with_no_network_at_all(
    phone: BrowserContext, chelsea: Walker, page: Page, server: Server
) -> None:
    sets_pin(chelsea.opens())
    assert page.evaluate("async () => Boolean((await navigator.serviceWorker.ready).active)")
    page.close()
    phone.set_offline(True)

    later = Walker(phone.new_page(), server).opens()
    is_covered(later.page)
    types_pin(later.page, PIN)

    later.begins().is_asked("Is there a stand?")


@pytest.mark.parametrize("gesture", [SHAKE, TURN], ids=["shaken", "face down"])
def test_a_gesture_covers_it(chelsea: Walker, page: Page, gesture: str) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")

    page.evaluate(gesture)

    is_covered(page)


def test_left_alone_it_covers_itself(chelsea: Walker, page: Page) -> None:
    page.add_init_script("localStorage.setItem('notes.idle', '0.02')")
    chelsea.opens()
    expect(page.locator(".fc-card")).to_be_visible()

    is_covered(page)


def test_under_duress_an_empty_app_opens_and_the_coordinator_is_told(chelsea: Walker, page: Page, api: FakeApi) -> None:
    sets_other_pin(sets_pin(chelsea.opens()))
    page.reload()

    types_pin(page, OTHER)

    chelsea.sees("No visits now.")
    expect(page.locator(".fc-card")).to_have_count(0)
    expect(page.get_by_text("wait")).to_have_count(0)
    chelsea.has_sent_everything()
    assert [(one["kind"], one["visit"]) for one in api.alarms] == [("duress", None)]


def test_a_word_under_duress_leaves_when_it_can_and_her_own_pin_brings_everything_back(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    sets_other_pin(sets_pin(chelsea.opens()))
    page.reload()
    api.fault = lambda request: "refuse"
    types_pin(page, OTHER)
    chelsea.sees("No visits now.").taps("Show my notes")
    types_pin(page, PIN)
    expect(page.locator(".fc-card")).to_be_visible()
    assert api.alarms == []

    api.fault = None
    chelsea.taps("Show my notes")
    types_pin(page, OTHER)

    chelsea.sees("No visits now.").has_sent_everything()
    assert {one["kind"] for one in api.alarms} == {"duress"}


def test_when_her_part_is_ended_the_phone_empties_itself_and_keeps_only_what_was_not_sent(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").waits_for("Everything is sent")
    api.fault = lambda request: ended() if request.url.path.startswith("/api/") else None

    chelsea.types("Not sent").taps("Next")
    page.wait_for_function("document.querySelectorAll('.fc-title').length === 0")

    chelsea.sees("You are signed out.")
    expect(page.locator(".fc-card")).to_have_count(0)
    assert {one["kind"] for one in chelsea.waiting()} == {"answer"}


def ended(code: str = "session.revoked") -> Response:
    """What the server says to a phone whose holder takes no part any more."""
    return error(401, code)


def test_nothing_of_the_walk_is_asked_for_before_the_pin(
    phone: BrowserContext, server: Server, api: FakeApi, chelsea: Walker, page: Page
) -> None:
    sets_pin(chelsea.opens())
    page.close()
    kept = phone.new_page()
    Walker(kept, server).opens()

    is_covered(kept)

    assert kept.evaluate("() => history.state") is None
    assert SHORT["title"]["en"] not in kept.content()
