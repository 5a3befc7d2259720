"""The empty app under the other PIN betrays neither what it hides nor what it tells; its word is not thrown away."""

import pytest
from playwright.sync_api import Page, expect

from tests.pocket.fake_api import FakeApi, error
from tests.pocket.test_discreet import OTHER, PIN, sets_other_pin, sets_pin, types_pin
from tests.pocket.test_hand import something_changes
from tests.pocket.walker import Walker, comes_true, slow_look

EMPTY = "async () => (await indexedDB.databases()).length === 0"
NO_NETWORK = "This needs a network. Try again when there is one."


@pytest.fixture
def forced(chelsea: Walker, page: Page, api: FakeApi) -> Walker:
    """Somebody makes her open it before the server has heard of it: an empty list."""
    sets_other_pin(sets_pin(chelsea.opens())).taps("Back")
    page.locator(".fc-card").tap()
    chelsea.sees("I have read it. Start")
    page.go_back()
    expect(page.locator(".fc-card")).to_be_visible()
    api.fault = lambda request: "refuse" if request.url.path.startswith(("/api/", "/leave")) else None
    chelsea.taps("Show my notes")
    types_pin(page, OTHER)
    return chelsea.sees("No visits now.")


def test_who_signs_out_hears_of_nothing_unsent_and_the_word_leaves_before(
    forced: Walker, page: Page, api: FakeApi
) -> None:
    forced.taps("Settings").taps("Sign out").sees(NO_NETWORK)
    expect(page.get_by_text("not sent")).to_have_count(0)
    assert [one["kind"] for one in forced.waiting()] == ["alarm"]

    api.fault = None
    api.requests.clear()
    forced.taps("Back").taps("Settings").taps("Sign out")

    comes_true(page, EMPTY)
    assert {one["kind"] for one in api.alarms} == {"duress"}
    assert api.requests.index("POST /api/alarm") < api.requests.index("POST /leave")


def test_a_word_that_may_still_leave_is_not_thrown_away_by_signing_out(
    forced: Walker, page: Page, api: FakeApi
) -> None:
    api.fault = lambda request: "refuse" if request.url.path == "/api/alarm" else None

    forced.taps("Settings").taps("Sign out").sees(NO_NETWORK)

    assert [one["kind"] for one in forced.waiting()] == ["alarm"]
    assert "POST /leave" not in api.requests


def test_a_word_that_the_server_does_not_take_keeps_nobody_here(forced: Walker, page: Page, api: FakeApi) -> None:
    api.fault = lambda request: error(404, "visit.not_found") if request.url.path == "/api/alarm" else None

    forced.taps("Settings").taps("Sign out")

    comes_true(page, EMPTY)
    expect(page.get_by_text("not sent")).to_have_count(0)


def test_the_way_forward_leads_to_no_visit_and_the_way_back_to_the_settings(forced: Walker, page: Page) -> None:
    page.go_forward()
    page.wait_for_timeout(500)
    forced.sees("No visits now.")
    expect(page.get_by_text("cannot be shown")).to_have_count(0)

    forced.taps("Settings").taps("Change the PIN").sees("Once more")
    page.go_back()
    expect(page.get_by_role("button", name="Change the PIN")).to_be_visible()


def test_the_pin_is_changed_there_as_anywhere_and_opens_nothing_more(forced: Walker, page: Page) -> None:
    forced.taps("Settings").taps("Change the PIN")
    for old, said in (("9999", "That is not the PIN of now, or it is the other PIN."), (OTHER, "Nobody else")):
        page.get_by_label("PIN of now").fill(old)
        page.get_by_label("New PIN, 4 to 8 digits").fill("4242")
        page.get_by_label("Once more").fill("4242")
        forced.taps("Save").sees(said)

    page.reload()
    types_pin(page, "4242")
    forced.sees("No visits now.")
    page.reload()
    types_pin(page, PIN)
    forced.sees("My phones")  # where she was, and what the empty app does not have


def test_a_look_at_her_own_store_that_ends_late_draws_nothing_into_the_empty_app(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    page.add_init_script(slow_look("given_at"))
    sets_other_pin(sets_pin(chelsea.opens())).taps("Back")
    expect(page.locator(".fc-card")).to_be_visible()
    page.evaluate("() => { window.slow = true; }")
    something_changes(page, api)
    page.wait_for_function("window.held.length > 0")
    page.evaluate("() => { window.slow = false; }")
    chelsea.taps("Show my notes")
    types_pin(page, OTHER)
    chelsea.sees("No visits now.")
    page.wait_for_timeout(1200)  # her hand is off the keys

    page.evaluate("window.held.forEach((go) => go())")
    page.wait_for_timeout(700)

    expect(page.locator(".fc-card")).to_have_count(0)
    chelsea.sees("No visits now.")
