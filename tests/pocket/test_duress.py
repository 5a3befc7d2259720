"""The empty app under the other PIN betrays neither what it hides nor what it tells; its word is not thrown away."""

import pytest
from playwright.sync_api import Page, expect

from tests.pocket.fake_api import FakeApi, error
from tests.pocket.test_discreet import OTHER, sets_other_pin, sets_pin, types_pin
from tests.pocket.walker import Walker, comes_true

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
