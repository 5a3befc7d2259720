"""A phone that was locked and whose page is gone: the worker sends what waits, and can read none of it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect
from sqlmodel import select

from fieldcheck.bench.field import Field, lay
from fieldcheck.bench.ports import free_port
from fieldcheck.domain.checklist import from_body
from fieldcheck.storage import database, visit_queries
from fieldcheck.storage.tables import Submission, Visit
from fieldcheck.usecases import devices, people
from fieldcheck.usecases.work import begin
from tests.pocket.sheets import checklist, photo_need, question
from tests.pocket.walker import HELD, OUTBOX, Walker, comes_true

PIN, SECRET = "246810", "Zvezda four seven eleven"
SHEET = checklist(
    question("SHO-01", "yes_no_na", "Is there a stand?"),
    question("SHO-02", "text", "What does it say?"),
    question("SHO-03", "photo", "Photograph it", photo=photo_need(most=3)),
)
#: Its second question is asked because of what was said to the first.
HIDING = checklist(
    question("SHO-01", "yes_no_na", "Is there a stand?"),
    question("SHO-03", "yes_no_na", "Can it be read?", visible_if={"q": "SHO-01", "is": "yes"}),
)
#: Its last question is asked because of what was said to the first or to the second.
EITHER = {"any": [{"q": "SHO-01", "is": "yes"}, {"q": "SHO-02", "is": "yes"}]}
SHOWN_LATER = checklist(
    question("SHO-01", "yes_no_na", "Is there a stand?"),
    question("SHO-02", "yes_no_na", "Is there a screen?", required=False),
    question("SHO-03", "yes_no_na", "Can it be read?", visible_if=EITHER),
)
#: Every byte that the store holds, as text: of strings, of what is sealed, of whatever lies between them.
STORE = """async () => {
  const said = [];
  const tell = (value) => {
    if (value instanceof ArrayBuffer) value = new Uint8Array(value);
    if (ArrayBuffer.isView(value)) {
      let text = "";
      for (const byte of value) text += String.fromCharCode(byte);
      said.push(text);
    } else if (value && typeof value === "object" && !(value instanceof CryptoKey)) {
      for (const [key, one] of Object.entries(value)) (said.push(key), tell(one));
    } else said.push(String(value));
  };
  for (const {name} of await indexedDB.databases()) {
    const opening = indexedDB.open(name);
    await new Promise((ok, no) => { opening.onsuccess = ok; opening.onerror = no; });
    const db = opening.result;
    for (const store of db.objectStoreNames) {
      const r = db.transaction(store).objectStore(store).getAll();
      await new Promise((ok) => { r.onsuccess = ok; });
      tell(r.result);
    }
    db.close();
  }
  return said.join("\\n");
}"""
#: How every photo begins that this browser makes.
BEGINS = """async () => {
  const canvas = new OffscreenCanvas(8, 8);
  canvas.getContext("2d");
  const photo = await canvas.convertToBlob({type: "image/jpeg"});
  return String.fromCharCode(...new Uint8Array(await photo.arrayBuffer()).slice(0, 11));
}"""
#: What is kept beside the outbox.
BEND = """async () => {
  const {name} = (await indexedDB.databases())[0];
  const opening = indexedDB.open(name);
  await new Promise((ok) => { opening.onsuccess = ok; });
  const db = opening.result, change = db.transaction("outbox", "readwrite"), store = change.objectStore("outbox");
  const r = store.getAll();
  r.onsuccess = () => r.result.filter(({kind}) => kind === "answer").slice(0, 1).forEach((one) => {
    one.letter.data[90] ^= 1;
    store.put(one);
  });
  await new Promise((ok) => { change.oncomplete = ok; });
  db.close();
}"""


class Town:
    """An installation whose server can be away, with one volunteer and her visit."""

    def __init__(self, folder: Path, sheet: dict[str, Any]) -> None:
        port = free_port()
        self.laid: Field = lay(folder / "data", port, f"http://localhost:{port}")
        self.url = self.laid.settings.url
        _, self.visit, self.chelsea = self.laid.walker(1, [self.laid.publish(from_body(sheet))])
        self.laid.start()

    def link(self) -> str:
        token = people.invite_from_console(self.laid.settings, self.chelsea.code, datetime.now(UTC))
        return f"{self.url}/join#t={token}"

    def held(self) -> tuple[list[tuple[str, Any]], int, int, str]:
        """The answers in their order, how many photos, how many submissions, the visit's state."""
        with database.transaction(self.laid.settings.database_url, reading=True) as session:
            rows = visit_queries.answers(session, self.visit)
            # Her own words lie sealed on the server, too; that they came is enough here.
            answers = [(row.question_id, row.value if row.question_id == "SHO-01" else "words") for row in rows]
            photos = len(visit_queries.photos(session, self.visit))
            submissions = len(session.exec(select(Submission).where(Submission.visit_id == self.visit)).all())
            return answers, photos, submissions, session.get_one(Visit, self.visit).state


@pytest.fixture
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    town = Town(tmp_path, getattr(request, "param", SHEET))
    yield town
    town.laid.kill()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB",
        timezone_id="Asia/Almaty",
    )  # fmt: skip
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    yield context
    context.close()


class Here:
    """What Walker needs of a server."""

    def __init__(self, url: str) -> None:
        self.url = url


def walker(page: Page, town: Town) -> Walker:
    return Walker(page, Here(town.url))  # type: ignore[arg-type]


def is_ready(phone: BrowserContext, town: Town) -> Walker:
    """She came by her link, set her PIN and opened her visit; everything so far is sent, and the worker is there."""
    page = phone.new_page()
    page.goto(town.link())
    page.wait_for_url("**/pocket")
    for label in ("New PIN, 4 to 8 digits", "Once more"):
        page.get_by_label(label).fill(PIN)
    chelsea = walker(page, town).taps("Save")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return chelsea.begins().is_asked("Is there a stand?").has_sent_everything()


def records_and_is_killed(chelsea: Walker, picture: Path) -> Page:
    """With no server in reach she answers, photographs and hands in; then the page is gone and the session is over."""
    page = chelsea.page
    chelsea.answers("Is there a stand?", "No").is_asked("What does it say?").types(SECRET).taps("Next")
    chelsea.is_asked("Photograph it").chooses(picture).taps("Next").taps("Send the visit").sees("It leaves by itself")
    context, url = page.context, page.url
    page.close()
    context.clear_cookies(name="fc")  # the session's; what is left is the phone's own, which reads nothing
    empty = context.new_page()
    empty.goto(re.sub("/pocket.*", "/icon.svg", url))
    return empty


class Worker:
    """The service worker, as the browser wakes it."""

    def __init__(self, page: Page) -> None:
        self.page, self.ids = page, list[str]()
        self.tools: CDPSession = page.context.new_cdp_session(page)
        self.tools.on("ServiceWorker.workerRegistrationUpdated", self._known)
        self.tools.send("ServiceWorker.enable")

    def _known(self, said: dict[str, Any]) -> None:
        self.ids += [one["registrationId"] for one in said["registrations"] if not one["isDeleted"]]

    def wakes(self) -> None:
        """The network is back."""
        until(self.page, lambda: bool(self.ids))
        origin = re.sub("/icon.svg", "", self.page.url)
        wish = {"origin": origin, "registrationId": self.ids[-1], "tag": "notes-send", "lastChance": False}
        self.tools.send("ServiceWorker.dispatchSyncEvent", wish)


def until(page: Page, wanted: Callable[[], Any], why: Callable[[], Any] = str) -> None:
    """Wait for what another process does."""
    for _turn in range(900):
        if wanted():
            return
        page.wait_for_timeout(100)
    raise AssertionError(why())


WHOLE = ([("SHO-01", "no"), ("SHO-02", "words")], 1, 1, "submitted")


def test_a_killed_page_sends_in_the_background_although_the_phone_is_locked(
    phone: BrowserContext, town: Town, picture: Path
) -> None:
    chelsea = is_ready(phone, town)
    town.laid.kill()
    page = records_and_is_killed(chelsea, picture)
    lain = page.evaluate(STORE)
    waiting = {one["kind"] for one in page.evaluate(OUTBOX)}
    town.laid.start()

    Worker(page).wakes()

    until(page, lambda: town.held() == WHOLE, lambda: (town.held(), page.evaluate(OUTBOX)))
    until(page, lambda: all(one["state"] == "taken" for one in page.evaluate(OUTBOX)))
    assert waiting == {"answer", "photo", "alarm", "submission"}  # the alarm is her word that she is out
    assert "notes-send" not in lain and len(lain) > 50_000
    assert SECRET not in lain and SECRET.encode("utf-16-le").decode("latin-1") not in lain
    assert page.evaluate(BEGINS) not in lain

    again = walker(page, town)
    page.goto(f"{town.url}/pocket")
    field = page.get_by_label("Search notes")
    field.fill(PIN)
    field.press("Enter")
    again.sees("Received").has_sent_everything()
    assert town.held() == WHOLE


def test_a_page_that_waits_for_the_pin_lets_the_worker_send(phone: BrowserContext, town: Town, picture: Path) -> None:
    """Where no browser wakes a worker, opening the page is enough; whoever opened it has seen nothing but notes."""
    chelsea = is_ready(phone, town)
    town.laid.kill()
    page = records_and_is_killed(chelsea, picture)
    town.laid.start()

    page.goto(f"{town.url}/pocket")
    expect(page.get_by_label("Search notes")).to_be_visible()

    until(page, lambda: town.held() == WHOLE, lambda: (town.held(), page.evaluate(OUTBOX)))
    expect(page.locator(".fc-card")).to_have_count(0)


def is_handed_in_by_the_worker(chelsea: Walker, town: Town) -> Page:
    """The page is gone and her session over, the network is back: what waits leaves without her."""
    context = chelsea.page.context
    chelsea.page.close()
    context.clear_cookies(name="fc")
    page = context.new_page()
    context.set_offline(False)
    page.goto(f"{town.url}/icon.svg")
    Worker(page).wakes()
    until(page, lambda: town.held()[3] == "submitted", lambda: (town.held(), page.evaluate(OUTBOX)))
    return page


@pytest.mark.parametrize("town", [SHOWN_LATER], indirect=True)
def test_an_answer_that_is_shown_by_a_later_one_goes_once_more_after_that(phone: BrowserContext, town: Town) -> None:
    chelsea = is_ready(phone, town)
    phone.set_offline(True)
    chelsea.answers("Is there a stand?", "Yes").is_asked("Is there a screen?").taps("Skip")
    chelsea.answers("Can it be read?", "Yes").is_asked("Everything is here").taps("Back").is_asked("Can it be read?")
    chelsea.taps("Back").answers("Is there a screen?", "Yes").is_asked("Can it be read?").taps("Back")
    chelsea.is_asked("Is there a screen?").taps("Back").answers("Is there a stand?", "No")
    chelsea.is_asked("Is there a screen?").taps("Next").is_asked("Can it be read?").taps("Next")
    chelsea.taps("Send the visit").sees("It leaves by itself")

    is_handed_in_by_the_worker(chelsea, town)

    assert {question for question, _ in town.held()[0]} == {"SHO-01", "SHO-02", "SHO-03"}


@pytest.mark.parametrize("town", [HIDING], indirect=True)
def test_an_answer_to_a_question_that_is_not_asked_any_more_holds_up_nothing_of_a_locked_phone(
    phone: BrowserContext, town: Town
) -> None:
    chelsea = is_ready(phone, town)
    phone.set_offline(True)
    chelsea.answers("Is there a stand?", "Yes").answers("Can it be read?", "Yes").is_asked("Everything is here")
    chelsea.taps("Back").taps("Back").answers("Is there a stand?", "No").taps("Send the visit")
    chelsea.sees("It leaves by itself")

    page = is_handed_in_by_the_worker(chelsea, town)

    assert all(one["tries"] <= 3 for one in page.evaluate(OUTBOX))


@pytest.mark.parametrize("opened", [False, True])
def test_after_everything_else_was_thrown_away_the_letters_still_leave_and_the_rest_follows_without_the_pin(
    phone: BrowserContext, town: Town, picture: Path, opened: bool
) -> None:
    chelsea = is_ready(phone, town)
    page = chelsea.page
    town.laid.kill()
    chelsea.answers("Is there a stand?", "No").is_asked("What does it say?").types(SECRET).taps("Next")
    chelsea.is_asked("Photograph it").chooses(picture).taps("Next").taps("Send the visit").sees("It leaves by itself")
    page.get_by_label("To my visits").tap()
    chelsea.taps("Settings").taps("Delete everything now")
    page.get_by_label("Keep what is not synced yet").tap()
    chelsea.taps("Delete")
    expect(page.get_by_label("Search notes")).to_be_visible()
    page.goto(f"{town.url}/icon.svg")
    assert page.evaluate(HELD, ["docs", "getAllKeys"]) == ["device"]
    town.laid.start()

    if opened:
        page.goto(f"{town.url}/pocket")
    else:
        Worker(page).wakes()

    until(page, lambda: town.held() == WHOLE, lambda: (town.held(), page.evaluate(OUTBOX)))
    if not opened:
        page.goto(f"{town.url}/pocket")
    comes_true(page, "() => localStorage.getItem('notes.blank') === '1'")
    expect(page.get_by_label("Search notes")).to_be_visible()
    comes_true(page, "async () => (await indexedDB.databases()).length === 0")


def test_a_phone_that_was_taken_off_sends_no_letter_and_keeps_only_what_was_not_sent(
    phone: BrowserContext, town: Town, picture: Path
) -> None:
    chelsea = is_ready(phone, town)
    town.laid.kill()
    page = records_and_is_killed(chelsea, picture)
    with begin(town.laid.settings, town.chelsea) as work:
        for row in devices.listed(work, "")[town.chelsea.person_id]:
            devices.end(work, row.id)
    town.laid.start()

    Worker(page).wakes()

    # That she was there is hers, as what she had begun is: by her next link she can still say that she is out.
    begun = ["device", f"inside:{town.visit}"]
    until(page, lambda: page.evaluate(HELD, ["docs", "getAllKeys"]) == begun)
    waiting = page.evaluate(OUTBOX)
    assert {one["kind"] for one in waiting} == {"answer", "photo", "alarm", "submission"}
    assert {one["state"] for one in waiting} == {"waiting"}
    assert town.held()[:3] == ([], 0, 0)


def test_what_the_worker_cannot_send_as_a_letter_the_page_sends_and_nothing_passes_it(
    phone: BrowserContext, town: Town, picture: Path
) -> None:
    """The installation has another key now, or a letter was bent: all of it waits, in order, for her PIN."""
    chelsea = is_ready(phone, town)
    town.laid.kill()
    page = records_and_is_killed(chelsea, picture)
    page.evaluate(BEND)
    town.laid.start()

    Worker(page).wakes()
    until(page, lambda: any(one["why"] == "letter.unreadable" for one in page.evaluate(OUTBOX)))
    answers, _, submissions, _ = town.held()
    assert (answers, submissions) == ([], 0) or (answers, submissions) == ([("SHO-02", "words")], 0)

    page.goto(f"{town.url}/pocket")
    field = page.get_by_label("Search notes")
    field.fill(PIN)
    field.press("Enter")
    walker(page, town).sees("Received").has_sent_everything()
    assert sorted(town.held()[0]) == WHOLE[0] and town.held()[1:] == WHOLE[1:]


def test_what_the_server_refused_of_a_locked_phone_says_why_when_she_is_back(
    phone: BrowserContext, town: Town, picture: Path
) -> None:
    chelsea = is_ready(phone, town)
    town.laid.kill()
    page = records_and_is_killed(chelsea, picture)
    with database.transaction(town.laid.settings.database_url) as session:
        row = session.get_one(Visit, town.visit)
        row.state = "accepted"  # nothing is taken any more, and she cannot know
        session.add(row)
    town.laid.start()

    Worker(page).wakes()
    until(page, lambda: {one["state"] for one in page.evaluate(OUTBOX)} == {"refused"}, lambda: page.evaluate(OUTBOX))
    assert {one["why"] for one in page.evaluate(OUTBOX)} <= {"visit.closed", "visit.not_now"}

    page.goto(f"{town.url}/pocket")
    field = page.get_by_label("Search notes")
    field.fill(PIN)
    field.press("Enter")
    walker(page, town).has_only_refused()
    page.get_by_role("button", name=re.compile("waits? to be sent")).tap()
    expect(page.get_by_text(re.compile("Not accepted: Visit: it is handed in")).first).to_be_visible()
    assert town.held()[:3] == ([], 0, 0)


def test_a_phone_killed_while_its_pin_changes_opens_with_the_old_one_on_both_sides(
    phone: BrowserContext, town: Town
) -> None:
    """The server took the new one, and the page was gone before it heard so."""
    page = is_ready(phone, town).page
    taken: list[int] = []
    # Asked by the test itself, and never answered to the page.
    page.route("**/api/me/pin", lambda route: taken.append(route.fetch().status))
    page.get_by_label("To my visits").tap()
    chelsea = walker(page, town).taps("Settings").taps("Change the PIN")
    for label, pin in (("PIN of now", PIN), ("New PIN, 4 to 8 digits", "112233"), ("Once more", "112233")):
        page.get_by_label(label).fill(pin)
    chelsea.taps("Save")
    until(page, lambda: taken)
    page.close()
    phone.clear_cookies(name="fc")

    page = phone.new_page()
    page.goto(f"{town.url}/pocket")
    field = page.get_by_label("Search notes")
    field.fill(PIN)
    field.press("Enter")

    expect(page.locator(".fc-card")).to_be_visible()
    until(page, lambda: any(one["name"] == "fc" for one in phone.cookies()))
    assert taken == [200]
