"""With no network at all: the page opens cold, the visit is walked, and everything leaves later."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.sheets import EVERYTHING, checklist, photo_need, question
from tests.pocket.walker import Walker

KEPT = """async () => {
  const registration = await navigator.serviceWorker.ready;
  return Boolean(registration.active);
}"""

#: The page is put away, as for the browser's "back"; gives what it began to ask its store for in that very moment.
PUT_AWAY = """async () => {
  let begun = 0;
  const own = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...asked) { begun += 1; return own.apply(this, asked); };
  Object.defineProperty(document, "visibilityState", {get: () => "hidden", configurable: true});
  dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}));
  document.dispatchEvent(new Event("visibilitychange"));
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  IDBDatabase.prototype.transaction = own;
  delete document.visibilityState;
  return begun;
}"""


def opened_once(phone: BrowserContext, server: Server) -> None:
    """She opened her visits once, with a network; then she closed the page."""
    page = phone.new_page()
    Walker(page, server).opens()
    page.locator(".fc-card").wait_for()
    assert page.evaluate(KEPT)
    page.close()


def test_a_visit_never_opened_is_walked_from_a_cold_start_with_no_network(
    phone: BrowserContext, server: Server, api: FakeApi, picture: Path
) -> None:
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    opened_once(phone, server)
    phone.set_offline(True)

    chelsea = Walker(phone.new_page(), server).opens().begins()
    chelsea.taps("Next").sees("Place marked").taps("Next").taps("Next").answers("Is there a stand?", "Yes").chooses(
        picture
    )
    chelsea.sees("Saved on the phone").taps("Next").answers("How did you get in?", "Freely")
    chelsea.page.get_by_role("checkbox", name="A ban").tap()
    chelsea.taps("Next").types("2").taps("Next").taps("Skip").taps("Skip").taps("Skip").taps("Skip")
    chelsea.is_asked("Photograph the stand").chooses(picture).taps("Next").taps("I confirm")
    chelsea.is_asked("Everything is here").taps("Send the visit").sees("It leaves by itself when there is a network.")
    chelsea.page.close()
    phone.set_offline(False)
    later = Walker(phone.new_page(), server).opens().sees("Received").has_sent_everything()

    assert later.waiting() == []
    assert api.visits[VISIT]["state"] == "submitted"
    assert len(api.photos) == 2
    assert len(api.answers) == len(api.current(VISIT)) == 7
    assert [word[0] for word in api.words] == ["briefing", "submission"]


def test_a_dead_server_is_no_reason_not_to_open(phone: BrowserContext, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    opened_once(phone, server)
    server.kill()

    chelsea = Walker(phone.new_page(), server).opens().begins()

    chelsea.is_asked("Before you begin")
    assert chelsea.page.title() == "Notes"


def test_the_worker_leaves_every_other_page_and_door_alone(phone: BrowserContext, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    opened_once(phone, server)
    page = phone.new_page()
    page.goto(f"{server.url}/")

    told = page.evaluate("async () => (await fetch('/api/me')).status")
    api.signed_in = False
    refused = page.evaluate("async () => (await fetch('/api/me')).status")

    assert page.title() == "another page"
    assert (told, refused) == (200, 401)


def test_a_phone_that_was_never_here_says_what_it_needs(page: Page, server: Server, api: FakeApi) -> None:
    api.signed_in = False

    Walker(page, server).opens().sees("Open the link your coordinator gave you.")

    assert page.title() == "Notes"


def test_signing_out_warns_of_what_is_not_sent_and_leaves_nothing(
    chelsea: Walker, phone: BrowserContext, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    assert page.evaluate(KEPT)
    phone.set_offline(True)
    chelsea.taps("Yes").is_asked("What does it say?")
    page.get_by_label("To my visits").tap()
    page.get_by_label("Settings").tap()

    chelsea.taps("Sign out").sees("1 thing is not sent yet.")
    phone.set_offline(False)
    page.reload()
    chelsea.has_sent_everything()
    chelsea.taps("Sign out").sees("Open the link your coordinator gave you.")

    assert page.evaluate("async () => (await indexedDB.databases()).length + localStorage.getItem('notes.owner')") in (
        0,
        "0null",
    )
    assert api.current(VISIT) == {"SHO-01": "yes"}
    expect(page.locator(".fc-card")).to_have_count(0)


def test_a_network_lost_before_all_of_the_page_came_says_so_and_goes_on_by_itself(
    phone: BrowserContext, page: Page, server: Server, api: FakeApi, picture: Path
) -> None:
    shot = question("PHO-01", "photo", "Photograph the stand", photo=photo_need())
    api.add_visit(VISIT, api.add_checklist(checklist(shot, question("ANS-01", "yes_no_na", "Is there one?"))))
    phone.route(re.compile(r"/(more|sw)\.js$"), lambda route: route.abort())
    chelsea = Walker(page, server).opens().begins()

    chelsea.is_asked("Photograph the stand").sees("This part is not on the phone yet.")
    chelsea.taps("Skip").answers("Is there one?", "Yes").is_asked("What is missing")
    chelsea.taps("Back").is_asked("Is there one?").taps("Back")
    expect(page.get_by_role("button", name="Choose photos")).to_have_count(0)
    phone.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    chelsea.chooses(picture).has_sent_everything()

    expect(page.get_by_text("This part is not on the phone yet.")).to_have_count(0)


def test_a_page_that_is_put_away_holds_nothing_that_the_next_one_waits_for(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "No").is_asked("What does it say?").types("Opening hours")
    chelsea.has_sent_everything()

    # WebKit stops such a page where it stands, with the store's transactions open: the next page's would wait for good.
    assert page.evaluate(PUT_AWAY) == 0
