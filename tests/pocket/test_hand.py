"""Her hand is on the page: nothing under it is drawn anew, and nothing that she typed is thrown away."""

import asyncio
import threading
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ElementHandle, Page, expect
from starlette.requests import Request
from starlette.responses import Response

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.sheets import checklist, photo_need, question
from tests.pocket.walker import Walker, slow_look

#: Another tab of hers says that something changed; *then* is done before the page has shown it.
CHANGED = """async ([owner, then]) => {
  const channel = new BroadcastChannel(`notes-${owner}`);
  const heard = new BroadcastChannel(`notes-${owner}`);
  const said = new Promise(ok => { heard.onmessage = ok; });
  channel.postMessage({kind: "docs"});
  await said;
  await new Promise(ok => setTimeout(ok, 20));
  if (then) [...document.querySelectorAll("button")].find(one => one.textContent === then).click();
  channel.close();
  heard.close();
}"""

#: How many watches of the place go on.
WATCHED = """
  window.watched = 0;
  const {watchPosition, clearWatch} = Geolocation.prototype;
  Geolocation.prototype.watchPosition = function (...how) { window.watched++; return watchPosition.apply(this, how); };
  Geolocation.prototype.clearWatch = function (...how) { window.watched--; return clearWatch.apply(this, how); };
"""

#: She types, and is on the button beside it in the same moment.
TYPES_AND_GOES_ON = """() => {
  const field = document.querySelector(".fc-number");
  field.value = "7";
  field.dispatchEvent(new Event("input", {bubbles: true}));
  document.querySelector("[data-seen]").focus();
}"""


def something_changes(page: Page, api: FakeApi, then: str = "") -> None:
    """The page hears that the store changed, and has the time to draw itself anew."""
    page.evaluate(CHANGED, [api.person, then])
    page.wait_for_timeout(400)


def takes(page: Page, selector: str, act: str) -> ElementHandle:
    """Do something to an element in the moment in which it is found: the page may still be settling."""
    page.wait_for_selector(selector)
    found = page.evaluate_handle(
        f"selector => {{ const one = document.querySelector(selector); {act}; return one; }}", selector
    )
    element = found.as_element()
    assert element
    return element


def stays(element: ElementHandle) -> bool:
    """Whether it is still the same one on the page."""
    return bool(element.evaluate("one => one.isConnected"))


def test_a_change_heard_just_before_she_opens_the_pin_page_leaves_her_typing_alone(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens()
    expect(page.locator(".fc-card")).to_be_visible()

    page.evaluate(CHANGED, [api.person, "Set a PIN"])
    page.get_by_label("New PIN, 4 to 8 digits").fill("246810")
    something_changes(page, api)
    page.get_by_label("Once more").fill("246810")

    expect(page.get_by_label("New PIN, 4 to 8 digits")).to_have_value("246810")
    chelsea.taps("Save")
    expect(page.locator(".fc-card")).to_be_visible()


def test_a_field_that_she_is_in_is_not_drawn_anew_and_what_changed_is_shown_after_it(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens().taps("Settings")
    field = takes(page, "#fc-idle", "one.focus()")

    something_changes(page, api)

    assert stays(field)
    field.evaluate("one => one.blur()")
    page.wait_for_function("one => !one.isConnected", arg=field)


def test_what_is_under_her_finger_stays_until_it_is_lifted(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens()
    card = takes(page, ".fc-card", "one.dispatchEvent(new Event('pointerdown', {bubbles: true}))")

    something_changes(page, api)

    assert stays(card)
    card.dispatch_event("pointerup")
    page.wait_for_function("one => !one.isConnected", arg=card)


def test_what_a_key_is_down_on_stays_until_it_is_let_go(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens()
    takes(page, ".fc-card", "one.focus()")
    page.keyboard.down("Space")

    something_changes(page, api)
    page.keyboard.up("Space")

    chelsea.sees("I have read it. Start")


def test_two_looks_that_began_before_anything_was_shown_leave_her_where_she_is(chelsea: Walker, page: Page) -> None:
    page.add_init_script(slow_look("school") + "window.slow = true;")
    chelsea.opens()
    page.wait_for_function("window.held.length === 2")  # what it opens with, and what it heard meanwhile
    for turn in (0, 2):
        page.evaluate("turn => window.held[turn]()", turn)
        page.wait_for_timeout(100)
    card = takes(page, ".fc-card", "one.focus()")

    page.evaluate("window.slow = false; window.held.forEach(go => go())")
    page.wait_for_function("one => !one.isConnected", arg=card)

    expect(page.locator(".fc-card")).to_be_focused()


def test_a_visit_that_she_left_before_it_was_there_watches_nothing(chelsea: Walker, page: Page) -> None:
    page.add_init_script(slow_look("school") + WATCHED)
    chelsea.opens()
    card = takes(page, ".fc-card", "one.scrollIntoView()")
    page.evaluate("window.slow = true")
    card.dispatch_event("click")
    page.wait_for_function("window.held.length > 0")
    page.evaluate("window.slow = false")
    page.go_back()
    expect(page.locator(".fc-card")).to_be_visible()

    page.evaluate("window.held.forEach(go => go())")
    page.wait_for_timeout(500)

    assert page.evaluate("window.watched") == 0


def test_a_change_leaves_her_where_she_was_on_the_list(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens()
    card = takes(page, ".fc-card", "one.focus()")

    something_changes(page, api)
    page.wait_for_function("one => !one.isConnected", arg=card)

    expect(page.locator(".fc-card")).to_be_focused()


def test_an_answer_that_comes_late_draws_only_the_page_it_belongs_to(chelsea: Walker, page: Page, api: FakeApi) -> None:
    api.agreed_at = None
    go = threading.Event()

    async def late(_request: Request) -> Response:
        await asyncio.to_thread(go.wait)
        return Response(b'{"version":3,"title":{},"paragraphs":[],"given_at":null}', media_type="application/json")

    def fault(request: Request) -> object:
        return late(request) if (request.method, request.url.path) == ("POST", "/api/consent") else None

    api.fault = fault  # type: ignore[assignment]
    chelsea.opens().taps("Read and agree to the form").taps("I have read it and agree").taps("Back").taps("Set a PIN")
    page.get_by_label("New PIN, 4 to 8 digits").fill("246810")

    with page.expect_response("**/api/consent"):
        go.set()
    page.wait_for_timeout(300)

    expect(page.get_by_label("New PIN, 4 to 8 digits")).to_have_value("246810")


def test_a_word_about_a_stopped_visit_stays_while_the_stop_is_received(
    chelsea: Walker, page: Page, phone: BrowserContext
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("Stop")
    page.locator("[data-reason=closed]").tap()
    page.get_by_label("A word about it").fill("A paper on the door says Monday")
    page.get_by_label("A word about it").blur()

    phone.set_offline(False)
    chelsea.has_sent_everything().sees("nobody holds it against you")

    expect(page.get_by_label("A word about it")).to_have_value("A paper on the door says Monday")


@pytest.mark.parametrize("opened", [True, False])
def test_what_she_unfolded_before_sending_stays_unfolded(
    chelsea: Walker, page: Page, api: FakeApi, opened: bool
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")
    page.get_by_role("button", name="1 of 3. What is missing").tap()
    fold = takes(page, "details", f"one.open = {str(opened).lower()}")

    something_changes(page, api)
    page.wait_for_function("one => !one.isConnected", arg=fold)

    assert page.locator("details").evaluate("one => one.open") is opened


def test_a_photo_that_gets_further_leaves_the_focus_beside_it(
    page: Page, server: Server, api: FakeApi, phone: BrowserContext, picture: Path
) -> None:
    api.add_visit(VISIT, api.add_checklist(checklist(question("PHO-01", "photo", "The stand", photo=photo_need()))))
    chelsea = Walker(page, server).opens().begins().is_asked("The stand").has_sent_everything()
    phone.set_offline(True)
    chelsea.chooses(picture).sees("Saved on the phone")
    page.get_by_role("button", name="Remove photo 1").focus()

    phone.set_offline(False)
    expect(page.locator(".fc-photo-state")).to_have_text("Received")
    expect(page.get_by_role("button", name="Remove photo 1")).to_be_focused()

    page.get_by_role("button", name="Remove photo 1").press("Enter")
    page.get_by_role("button", name="Remove", exact=True).press("Enter")
    expect(page.locator(".fc-photos li")).to_have_count(0)
    expect(page.locator(".fc-title")).to_be_focused()


def test_a_button_that_an_answer_takes_away_hands_the_focus_on(page: Page, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(checklist(question("SUM-01", "number", "How many?", min=0, max=20))))
    Walker(page, server).opens().begins().is_asked("How many?")

    page.evaluate(TYPES_AND_GOES_ON)

    expect(page.locator("[data-seen]")).to_be_hidden()
    expect(page.locator("[data-next]")).to_be_focused()
