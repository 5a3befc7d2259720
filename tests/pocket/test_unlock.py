"""One PIN for her: it opens the phone's store and the server's session, and what she recorded waits for neither."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.test_discreet import OTHER, PIN, ended, is_covered, sets_other_pin, types_pin
from tests.pocket.walker import Walker

KEYS = "async () => (await indexedDB.databases()).map(({name}) => name)"
LEFT_ALONE = "localStorage.setItem('notes.idle', '0.02')"


def until(page: Page, wanted: Callable[[], bool]) -> None:
    """Wait for something that the server has to hear."""
    for _turn in range(200):
        if wanted():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came")


def sets_first_pin(chelsea: Walker, pin: str = PIN) -> Walker:
    """She has come by her link: a PIN is asked for before anything is shown."""
    chelsea.page.get_by_label("New PIN, 4 to 8 digits").fill(pin)
    chelsea.page.get_by_label("Once more").fill(pin)
    chelsea.taps("Save")
    expect(chelsea.page.locator(".fc-card")).to_be_visible()
    return chelsea


@pytest.fixture
def new(api: FakeApi) -> FakeApi:
    """The server wants a PIN of this phone."""
    api.pin = "wanted"
    return api


def test_before_there_is_a_pin_nothing_is_shown_not_even_offline(
    chelsea: Walker, page: Page, phone: BrowserContext, new: FakeApi
) -> None:
    chelsea.opens().sees("With a PIN this opens as a page of notes.")
    expect(page.locator(".fc-card")).to_have_count(0)
    expect(page.get_by_label("Back")).to_have_count(0)
    assert page.evaluate("async () => Boolean((await navigator.serviceWorker.ready).active)")
    phone.set_offline(True)

    page.reload()

    chelsea.sees("With a PIN this opens as a page of notes.")
    expect(page.locator(".fc-card")).to_have_count(0)


def test_a_wrong_pin_never_asks_the_server(chelsea: Walker, page: Page, new: FakeApi) -> None:
    sets_first_pin(chelsea.opens())
    new.locked = True
    page.reload()

    types_pin(page, "000000")
    expect(page.get_by_text("Nothing found")).to_be_visible()

    assert "POST /api/unlock" not in new.requests


def test_the_server_learns_a_value_that_is_not_the_pin_nor_told_by_the_store(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    sets_first_pin(chelsea.opens())

    until(page, lambda: new.pin == "set")

    assert len(new.value) == 64 and PIN not in new.value


def test_a_pin_set_while_the_network_is_gone_stands_and_the_server_learns_it_later(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    chelsea.opens().sees("With a PIN this opens as a page of notes.")
    new.fault = lambda request: "refuse"
    sets_first_pin(chelsea)
    page.reload()
    types_pin(page, PIN)
    expect(page.locator(".fc-card")).to_be_visible()
    assert new.value == ""

    new.fault = None
    page.evaluate("dispatchEvent(new Event('online'))")

    until(page, lambda: new.pin == "set")


def test_the_pin_opens_the_servers_session_too(chelsea: Walker, page: Page, new: FakeApi) -> None:
    sets_first_pin(chelsea.opens())
    until(page, lambda: new.pin == "set")
    new.locked = True
    page.reload()
    is_covered(page)
    assert new.locked

    types_pin(page, PIN)

    expect(page.locator(".fc-card")).to_be_visible()
    until(page, lambda: not new.locked)


def test_a_session_that_ends_during_a_walk_stops_nothing_and_opens_again_by_itself(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    sets_first_pin(chelsea.opens()).begins().is_asked("Is there a stand?").has_sent_everything()
    until(page, lambda: new.pin == "set")
    new.locked = True

    chelsea.answers("Is there a stand?", "Yes").is_asked("What does it say?").has_sent_everything()
    assert new.locked and new.current(VISIT) == {"SHO-01": "yes"}
    page.evaluate("dispatchEvent(new Event('online'))")

    until(page, lambda: not new.locked)
    chelsea.is_asked("What does it say?")


def test_a_phone_that_the_server_locked_still_sends_and_says_how_to_come_back(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    sets_first_pin(chelsea.opens()).begins().is_asked("Is there a stand?").has_sent_everything()
    until(page, lambda: new.pin == "set")
    new.locked, new.wrong = True, 5
    page.reload()
    types_pin(page, PIN)

    chelsea.answers("Is there a stand?", "Yes").is_asked("What does it say?").has_sent_everything()
    page.get_by_label("To my visits").tap()

    chelsea.sees("This phone is locked. What you record is still sent")
    assert new.current(VISIT) == {"SHO-01": "yes"}
    assert new.requests.count("POST /api/unlock") == 1


def test_the_pin_under_duress_ends_the_session_opens_none_and_still_tells(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    sets_other_pin(sets_first_pin(chelsea.opens()))
    until(page, lambda: new.pin == "set")
    page.reload()
    types_pin(page, OTHER)

    chelsea.sees("No visits now.").has_sent_everything()
    until(page, lambda: new.locked)

    assert [one["kind"] for one in new.alarms] == ["duress"]
    assert "POST /api/unlock" not in new.requests


def test_another_pin_needs_the_network_and_then_it_is_the_one_for_both(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    sets_first_pin(chelsea.opens())
    until(page, lambda: new.pin == "set")
    before = new.value
    chelsea.taps("Settings").taps("Change the PIN")
    for label, pin in (("PIN of now", PIN), ("New PIN, 4 to 8 digits", "112233"), ("Once more", "112233")):
        page.get_by_label(label).fill(pin)
    new.fault = lambda request: "refuse"
    chelsea.taps("Save").sees("This needs a network.")
    new.fault = None

    chelsea.taps("Save")

    expect(page.get_by_role("button", name="Change the PIN")).to_be_visible()
    assert new.value not in ("", before)
    new.locked = True
    page.reload()
    types_pin(page, "112233")
    until(page, lambda: not new.locked)


def test_left_alone_the_page_is_emptied_the_session_over_and_the_pin_brings_everything_back(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    sets_first_pin(chelsea.opens()).begins().is_asked("Is there a stand?").has_sent_everything()
    until(page, lambda: new.pin == "set")
    page.evaluate(LEFT_ALONE)

    is_covered(page)
    page.wait_for_function("document.querySelector('#notes').childElementCount === 0")
    until(page, lambda: new.locked)
    page.evaluate("localStorage.setItem('notes.idle', '5')")
    types_pin(page, PIN)

    page.locator(".fc-card").tap()
    chelsea.answers("Is there a stand?", "Yes").is_asked("What does it say?").has_sent_everything()
    until(page, lambda: not new.locked)


def test_left_alone_what_waits_is_still_sent_behind_the_notes_page(
    chelsea: Walker, page: Page, phone: BrowserContext, new: FakeApi
) -> None:
    sets_first_pin(chelsea.opens()).begins().is_asked("Is there a stand?").has_sent_everything()
    until(page, lambda: new.pin == "set")
    phone.set_offline(True)
    chelsea.taps("Yes").is_asked("What does it say?").keeps_unsent_or_tried()
    page.evaluate(LEFT_ALONE)
    page.wait_for_function("document.querySelector('#notes').childElementCount === 0")
    is_covered(page)

    phone.set_offline(False)

    chelsea.has_sent_everything()
    assert new.current(VISIT) == {"SHO-01": "yes"}
    is_covered(page)


def test_a_page_that_is_not_in_front_shows_the_notes_and_is_back_without_a_pin(
    chelsea: Walker, page: Page, new: FakeApi
) -> None:
    sets_first_pin(chelsea.opens()).begins().is_asked("Is there a stand?")
    look = "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
    look += "document.dispatchEvent(new Event('visibilitychange')); }"

    page.evaluate(look, "hidden")
    expect(page.get_by_role("heading", name="My notes", include_hidden=True)).to_be_visible()
    top = page.evaluate("Boolean(document.elementFromPoint(195, 400).closest('.fc')) ")
    page.evaluate(look, "visible")

    assert not top
    expect(page.locator(".np-host")).to_be_hidden()
    chelsea.answers("Is there a stand?", "Yes").is_asked("What does it say?")


def test_a_phone_that_was_taken_off_keeps_only_what_was_not_sent_and_a_new_link_sends_it(
    chelsea: Walker, page: Page, api: FakeApi, server: Server
) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").waits_for("Everything is sent")
    api.fault = lambda request: ended("session.ended") if request.url.path.startswith("/api/") else None
    chelsea.types("Not sent").taps("Next")

    chelsea.sees("open a new link from your coordinator")
    expect(page.locator(".fc-card")).to_have_count(0)
    assert {one["kind"] for one in chelsea.waiting()} == {"answer"}
    api.fault = None
    page.evaluate("localStorage.setItem('notes.doubt', '1')")
    chelsea.opens().has_sent_everything()
    assert api.current(VISIT) == {"SHO-01": "yes", "SHO-02": "Not sent"}


def test_she_sees_her_phones_and_takes_another_one_off(chelsea: Walker, page: Page, api: FakeApi) -> None:
    since = {"since": "2026-10-01T08:00:00+00:00", "seen": "2026-11-20", "locked": False}
    api.phones = [{"id": "a", "this": True, **since}, {"id": "b", "this": False, **since, "locked": True}]
    chelsea.opens().taps("Settings").taps("My phones")
    expect(page.locator("[data-phone=this]")).to_contain_text("Last heard of on 20 Nov")
    expect(page.locator("[data-phone=this] button")).to_have_count(0)

    chelsea.sees("Locked after wrong PINs").taps("Take it off").taps("Take it off for good?")

    expect(page.locator("[data-phone=other]")).to_have_count(0)
    assert [one["id"] for one in api.phones] == ["a"]


def test_without_a_network_nobody_is_signed_out_and_nothing_is_deleted(
    chelsea: Walker, page: Page, phone: BrowserContext
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    page.get_by_label("To my visits").tap()
    chelsea.taps("Settings")
    phone.set_offline(True)

    chelsea.taps("Sign out").sees("This needs a network.")

    assert len(page.evaluate(KEYS)) == 1
