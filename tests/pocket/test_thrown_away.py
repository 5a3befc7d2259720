"""Everything is thrown away at once: with what waits to be sent, or without it."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fieldcheck.web import pocket
from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server, error
from tests.pocket.sheets import SHORT
from tests.pocket.test_discreet import OTHER, SHAKE, is_covered, sets_other_pin, sets_pin, types_pin
from tests.pocket.walker import Walker, comes_true

#: A store is listed, and when somebody comes to it another has thrown it away.
TOO_LATE = """async ([url, name]) => {
  const {databases} = indexedDB;
  indexedDB.databases = async () => [{name: "notes-gone", version: 1}];
  await (await import(url))[name]({keepUnsent: false}).catch(() => {});
  indexedDB.databases = databases;
  return (await indexedDB.databases()).map(({name}) => name);
}"""
#: A store is there, and the browser cannot open it now, or breaks off while it is read.
UNREADABLE = """async ([url, where, what]) => {
  const {follow} = await import(url);
  const {prototype} = globalThis[where];
  const real = prototype[what];
  prototype[what] = function (...how) {
    throw new DOMException("the disk is busy", what === "open" ? "UnknownError" : "AbortError");
  };
  await follow().catch(() => {});
  prototype[what] = real;
}"""
#: The keys of a store are there, and the browser gives nothing for them.
NO_KEYS = """async () => {
  const {name} = (await indexedDB.databases()).find((one) => one.name.startsWith("notes-"));
  const db = await new Promise((ok) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
  const change = db.transaction("keys", "readwrite");
  change.objectStore("keys").put(undefined, "vault");
  await new Promise((ok) => { change.oncomplete = ok; });
  db.close();
}"""
#: The page dies while a store is being deleted, before or after that has gone.
CUT_SHORT = """
  const cut = IDBFactory.prototype.deleteDatabase;
  IDBFactory.prototype.deleteDatabase = function (name) {
    if (%s) cut.call(this, name).onsuccess = () => (window.deleting = true);
    else window.deleting = true;
    return {};
  };
"""
#: The focus is on the question, or on the browser's own controls.
WITHIN = "(at => at === document.body || at.closest('[role=alertdialog]') !== null)(document.activeElement)"
#: A store takes its time to go, and meanwhile the page hears once more that something was sent.
SLOWLY_GONE = """
  const {deleteDatabase} = IDBFactory.prototype;
  IDBFactory.prototype.deleteDatabase = function (name) {
    sessionStorage.setItem("deletions", Number(sessionStorage.getItem("deletions")) + 1);
    new BroadcastChannel(name).postMessage({kind: "sync"});
    const asked = {};
    setTimeout(() => (deleteDatabase.call(this, name).onsuccess = () => asked.onsuccess()), 300);
    return asked;
  };
"""
STORES = "async () => (await indexedDB.databases()).map(({name}) => name)"


def throws_away(page: Page) -> None:
    """Say yes, and wait until the page has begun anew."""
    with page.expect_navigation():
        page.get_by_role("alertdialog").get_by_role("button", name="Delete").tap()


def long_press(page: Page) -> None:
    """Press the corner of the notes page until it asks: a busy page feels a second later than a finger does."""
    box = page.locator(".np-corner").bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.get_by_role("alertdialog").wait_for()
    page.mouse.up()


def test_a_long_press_and_a_yes_throw_everything_away(chelsea: Walker, page: Page, api: FakeApi) -> None:
    sets_pin(chelsea.opens()).begins().answers("Is there a stand?", "Yes").taps("Show my notes")

    long_press(page)
    throws_away(page)

    page.wait_for_function("localStorage.getItem('notes.blank') === '1'")
    is_covered_blank(page)
    chelsea.taps("More")
    is_covered_blank(page)
    assert page.evaluate(STORES) == []
    assert not api.signed_in


def test_what_waits_for_a_pin_does_not_stand_in_the_way_of_throwing_it_away(chelsea: Walker, page: Page) -> None:
    sets_pin(chelsea.opens())
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    is_covered(page)
    page.wait_for_timeout(500)  # the worker that the lock screen wakes has looked, too

    long_press(page)
    throws_away(page)

    page.wait_for_function("localStorage.getItem('notes.blank') === '1'")
    is_covered_blank(page)
    assert page.evaluate(STORES) == []


def test_what_is_thrown_away_in_one_tab_is_gone_from_the_other(
    chelsea: Walker, page: Page, phone: BrowserContext, server: Server
) -> None:
    other = Walker(phone.new_page(), server).opens().begins().is_asked("Is there a stand?")
    chelsea.opens().taps("Show my notes")

    long_press(page)
    throws_away(page)

    is_covered_blank(other.page)
    expect(other.page.locator(".fc-title, .fc-card")).to_have_count(0)


def is_covered_blank(page: Page) -> None:
    """Only an empty page of notes is left."""
    expect(page.get_by_role("heading", name="My notes")).to_be_visible()
    expect(page.locator(".np-note")).to_have_count(0)


def test_a_long_press_and_a_no_throw_nothing_away(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").taps("Show my notes")

    long_press(page)
    chelsea.taps("Cancel").taps("More")

    chelsea.is_asked("What does it say?")


def keeps_only_the_unsent(chelsea: Walker, page: Page, api: FakeApi) -> None:
    """From her list: she throws everything away but an answer that the server does not take yet."""
    chelsea.begins().is_asked("Is there a stand?").has_sent_everything()
    api.fault = lambda request: "refuse" if request.method == "POST" else None
    chelsea.answers("Is there a stand?", "No").keeps_unsent_or_tried().taps("Show my notes")
    long_press(page)
    page.get_by_label("Keep what is not synced yet").check()
    throws_away(page)
    page.wait_for_function("localStorage.getItem('notes.quiet') === '1'")


def test_what_is_not_sent_is_kept_only_if_she_says_so_and_goes_when_it_has_left(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    keeps_only_the_unsent(chelsea.opens(), page, api)
    assert [one["kind"] for one in chelsea.waiting()] == ["answer"]
    api.fault = None
    page.reload()

    # It begins anew by itself, once the last of it has been acknowledged.
    is_thrown_away(page)
    assert api.current(VISIT) == {"SHO-01": "no"}


def is_thrown_away(page: Page) -> None:
    """Nothing is left, and nobody had to do anything for it."""
    page.wait_for_function("localStorage.getItem('notes.blank') === '1'")
    comes_true(page, "async () => (await indexedDB.databases()).length === 0")
    is_covered_blank(page)


def test_what_left_while_no_page_was_there_to_see_it_is_followed_by_the_rest_at_the_next_opening(
    chelsea: Walker, page: Page, api: FakeApi, server: Server
) -> None:
    keeps_only_the_unsent(chelsea.opens(), page, api)
    page.goto(f"{server.url}/icon.svg")
    api.fault = None
    page.evaluate("async (url) => (await import(url)).sendAll()", pocket.module_url("background.js"))
    assert chelsea.waiting() == [] and api.current(VISIT) == {"SHO-01": "no"}

    chelsea.opens()

    is_thrown_away(page)


def test_where_nothing_was_unsent_nothing_is_kept(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "No").has_sent_everything().taps("Show my notes")
    long_press(page)
    page.get_by_label("Keep what is not synced yet").check()

    throws_away(page)

    is_thrown_away(page)


@pytest.mark.parametrize("sent", [False, True])
def test_a_new_link_takes_the_phone_into_use_again_whether_or_not_the_last_of_it_has_left(
    chelsea: Walker, page: Page, api: FakeApi, server: Server, sent: bool
) -> None:
    keeps_only_the_unsent(chelsea.opens(), page, api)
    page.goto(f"{server.url}/icon.svg")
    api.fault = None
    if sent:
        page.evaluate("async (url) => (await import(url)).sendAll()", pocket.module_url("background.js"))
    page.evaluate("localStorage.setItem('notes.doubt', '1')")

    chelsea.opens()

    expect(page.locator(".fc-card")).to_be_visible()
    chelsea.has_sent_everything()
    assert api.signed_in and api.current(VISIT) == {"SHO-01": "no"}


@pytest.mark.parametrize("pin", [False, True])
@pytest.mark.parametrize("deleted", [False, True])
def test_a_throwing_away_that_is_cut_short_is_ended_at_the_next_opening(
    chelsea: Walker, page: Page, api: FakeApi, pin: bool, deleted: bool
) -> None:
    page.add_init_script(CUT_SHORT % ("true" if deleted else "false"))
    chelsea.opens()
    if pin:
        sets_pin(chelsea)
    chelsea.begins().answers("Is there a stand?", "Yes").has_sent_everything().taps("Show my notes")
    long_press(page)
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").tap()
    page.wait_for_function("window.deleting === true")
    page.close()

    again = Walker(page.context.new_page(), chelsea.server).opens()

    is_thrown_away(again.page)
    expect(again.page.locator(".fc-card")).to_have_count(0)
    assert not api.signed_in


def test_a_store_made_by_another_tab_while_everything_is_thrown_away_goes_too(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens()
    expect(page.locator(".fc-card")).to_be_visible()
    page.evaluate("localStorage.setItem('notes.blank', '1'), localStorage.setItem('notes.list', '[]')")

    page.reload()

    is_thrown_away(page)


def test_what_was_thrown_away_after_a_link_whose_page_found_no_network_stays_away(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    api.fault = lambda request: "refuse"
    page.evaluate("localStorage.setItem('notes.doubt', '1')")
    page.reload()
    chelsea.answers("Is there a stand?", "No").keeps_unsent_or_tried().taps("Show my notes")
    long_press(page)
    page.get_by_label("Keep what is not synced yet").check()

    throws_away(page)
    page.wait_for_function("localStorage.getItem('notes.quiet') === '1'")
    is_covered_blank(page)
    api.fault = None
    page.reload()

    is_thrown_away(page)


def test_a_link_opened_in_another_tab_is_not_thrown_away_with_what_has_just_left(
    chelsea: Walker, page: Page, api: FakeApi, server: Server
) -> None:
    keeps_only_the_unsent(chelsea.opens(), page, api)
    other = page.context.new_page()
    other.goto(f"{server.url}/icon.svg")
    other.evaluate("localStorage.setItem('notes.doubt', '1')")

    api.fault = None
    page.evaluate("dispatchEvent(new Event('online'))")
    chelsea.has_sent_everything()
    page.wait_for_timeout(500)

    assert page.evaluate("localStorage.getItem('notes.blank')") is None and api.signed_in
    Walker(other, server).opens()
    expect(other.locator(".fc-card")).to_be_visible()


def test_whatever_covers_everything_covers_the_question_too_and_that_is_gone_after_it(
    chelsea: Walker, page: Page
) -> None:
    chelsea.opens().taps("Settings").taps("Delete everything now")
    sheet = page.get_by_role("alertdialog")
    expect(sheet).to_be_visible()

    page.evaluate(SHAKE)

    expect(page.get_by_role("heading", name="My notes")).to_be_visible()
    expect(sheet).to_have_count(0)
    chelsea.taps("More").sees("Nobody else")
    assert not page.evaluate("document.getElementById('notes').inert")


def test_the_question_lets_nobody_past_and_gives_the_focus_back(chelsea: Walker, page: Page) -> None:
    chelsea.opens().taps("Settings")
    page.get_by_role("button", name="Delete everything now").press("Enter")
    sheet = page.get_by_role("alertdialog")

    for _turn in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(WITHIN)
    sheet.get_by_role("checkbox").focus()
    page.keyboard.press("Escape")

    expect(sheet).to_have_count(0)
    expect(page.get_by_role("button", name="Delete everything now")).to_be_focused()


@pytest.mark.parametrize(
    ("where", "what"), [("IDBFactory", "open"), ("IDBObjectStore", "getAll")], ids=["opened", "looked into"]
)
def test_what_cannot_be_read_is_kept(
    chelsea: Walker, page: Page, api: FakeApi, server: Server, where: str, what: str
) -> None:
    keeps_only_the_unsent(chelsea.opens(), page, api)
    page.goto(f"{server.url}/icon.svg")

    page.evaluate(UNREADABLE, [pocket.module_url("wipe.js"), where, what])

    assert [one["kind"] for one in chelsea.waiting()] == ["answer"]
    assert page.evaluate("localStorage.getItem('notes.quiet')") == "1"


def test_a_store_whose_keys_cannot_be_read_now_keeps_what_is_in_it(
    chelsea: Walker, page: Page, api: FakeApi, server: Server
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    api.fault = lambda request: "refuse" if request.method == "POST" else None
    chelsea.answers("Is there a stand?", "No").keeps_unsent_or_tried()
    page.goto(f"{server.url}/icon.svg")
    page.evaluate(NO_KEYS)

    chelsea.opens().sees("This browser does not let the page keep anything")

    assert [one["kind"] for one in chelsea.waiting()] == ["answer"]


def test_a_link_after_a_throwing_away_that_was_cut_short_opens_without_the_pin_of_before(
    chelsea: Walker, page: Page, server: Server
) -> None:
    sets_pin(chelsea.opens())
    page.goto(f"{server.url}/icon.svg")
    page.evaluate(NO_KEYS)
    page.evaluate("['blank', 'doubt'].forEach((one) => localStorage.setItem(`notes.${one}`, '1'))")

    chelsea.opens()

    expect(page.locator(".fc-card")).to_be_visible()
    expect(page.get_by_role("heading", name="My notes")).to_have_count(0)


def test_on_a_phone_that_was_thrown_empty_no_other_page_begins_a_visit(
    page: Page, server: Server, api: FakeApi
) -> None:
    api.add_visit(VISIT, api.add_checklist(SHORT))
    page.goto(f"{server.url}/bench")
    page.evaluate("localStorage.setItem('notes.blank', '1')")

    page.evaluate(
        """async ([url, visit]) => {
          await import(url);
          window.walk = await notes.mount(document.getElementById("host"), { visit, kind: "desk" });
        }""",
        [f"{server.url}{pocket.module_url('notes.js')}", VISIT],
    )

    expect(page.get_by_role("heading", name="My notes")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.evaluate(STORES) == []


def test_what_left_of_the_empty_app_throws_nothing_away_that_waits_behind_it(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    keeps_only_the_unsent(sets_other_pin(sets_pin(chelsea.opens())).taps("Back"), page, api)
    api.fault = lambda request: "refuse" if "/visits/" in request.url.path or "sealed" in request.url.path else None
    page.reload()

    types_pin(page, OTHER)
    chelsea.sees("No visits now.")

    chelsea.keeps_only("answer")
    page.wait_for_timeout(500)
    assert "duress" in {one["kind"] for one in api.alarms}
    assert [one["kind"] for one in chelsea.waiting()] == ["answer"]


@pytest.mark.parametrize(("module", "name"), [("background.js", "sendAll"), ("wipe.js", "wipe")])
def test_a_store_that_is_gone_stays_gone_whoever_comes_too_late(
    page: Page, server: Server, module: str, name: str
) -> None:
    page.goto(f"{server.url}/icon.svg")

    assert page.evaluate(TOO_LATE, [pocket.module_url(module), name]) == []


def test_what_was_only_kept_to_be_sent_is_thrown_away_once(chelsea: Walker, page: Page, api: FakeApi) -> None:
    # A second time would come to a store that the first has just thrown away, and the page dies before it is through.
    page.add_init_script(SLOWLY_GONE)
    keeps_only_the_unsent(chelsea.opens(), page, api)

    api.fault = None
    page.reload()

    page.wait_for_function("localStorage.getItem('notes.blank') === '1'")
    page.wait_for_timeout(500)
    assert page.evaluate("sessionStorage.getItem('deletions')") == "1"


def test_where_only_what_is_unsent_was_kept_nothing_new_comes_to_the_phone(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    api.fault = lambda request: error(404, "visit.not_found") if request.url.path.endswith("/answers") else None
    chelsea.answers("Is there a stand?", "No").has_only_refused().taps("Show my notes")
    long_press(page)
    page.get_by_label("Keep what is not synced yet").check()

    throws_away(page)
    page.wait_for_function("localStorage.getItem('notes.quiet') === '1'")
    page.wait_for_timeout(1000)

    assert set(chelsea.names("docs")) <= {"as", "device"}
    assert [one["kind"] for one in chelsea.waiting()] == ["answer"]
