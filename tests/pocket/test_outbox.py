"""Nothing is lost, nothing is doubled: whatever the network and the server do, each thing arrives exactly once."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Page, Route, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server, error, now
from tests.pocket.sheets import checklist, photo_need, question
from tests.pocket.walker import Walker, slow_look
from tests.story import new_id

PHOTO = checklist(
    question("PHO-01", "photo", "Photograph it", photo=photo_need(most=5)),
    question("PHO-02", "yes_no_na", "Is it clear?"),
)


@pytest.fixture
def photographer(page: Page, server: Server, api: FakeApi) -> Walker:
    """Chelsea with a visit that needs a photo."""
    api.add_visit(VISIT, api.add_checklist(PHOTO))
    return Walker(page, server)


class Once:
    """A fault that strikes the first requests that match, then never again."""

    def __init__(self, told: Response | str, method: str, ending: str, times: int = 1) -> None:
        self.told, self.method, self.ending, self.left = told, method, ending, times

    def __call__(self, request: Request) -> Response | str | None:
        if self.left and request.method == self.method and self.ending in request.url.path:
            self.left -= 1
            return self.told
        return None


def test_an_acknowledgement_that_never_came_does_not_double_the_answer(chelsea: Walker, api: FakeApi) -> None:
    api.fault = Once("drop", "POST", "/answers", times=2)

    chelsea.opens().begins().answers("Is there a stand?", "No").is_asked("What does it say?").has_sent_everything()

    assert list(api.current(VISIT).items()) == [("SHO-01", "no")]
    assert len(api.answers) == 1
    assert api.doubled == 0


def test_a_strangers_page_is_no_acknowledgement(chelsea: Walker, api: FakeApi) -> None:
    api.fault = Once(HTMLResponse("<h1>Hotel Wi-Fi</h1>"), "POST", "/answers", times=2)

    chelsea.opens().begins().answers("Is there a stand?", "No").is_asked("What does it say?").has_sent_everything()

    assert len(api.answers) == 1


def test_signed_out_keeps_everything_and_goes_on_after_a_new_link(chelsea: Walker, api: FakeApi, page: Page) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    api.signed_in = False

    chelsea.taps("Yes").waits_for("Saved on the phone. To send it, open a new link from your coordinator.")
    page.reload()
    chelsea.is_asked("What does it say?").taps("Back")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")
    api.signed_in = True
    chelsea.opens().has_sent_everything()

    assert api.current(VISIT) == {"SHO-01": "yes"}


def test_a_server_that_was_killed_gets_everything_once_when_it_is_back(
    chelsea: Walker, api: FakeApi, server: Server
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    server.kill()

    chelsea.taps("Yes").answers("What does it say?", "Skip").answers("Can it be read?", "No")
    chelsea.taps("I confirm").is_asked("Everything is here").taps("Send the visit").sees("It leaves by itself")
    server.start()
    chelsea.opens().has_sent_everything()

    assert api.visits[VISIT]["state"] == "submitted"
    assert api.current(VISIT) == {"SHO-01": "yes", "SHO-03": "no", "SHO-04": True}
    assert len(api.answers) == 3


def test_an_answer_refused_for_good_does_not_hold_the_others(chelsea: Walker, api: FakeApi) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").is_asked("What does it say?").has_sent_everything()
    api.fault = Once(error(404, "visit.not_found"), "POST", "/answers")

    chelsea.taps("Skip").answers("Can it be read?", "No").is_asked("Nobody is in my photos").has_only_refused()
    chelsea.taps("I confirm").is_asked("Some answers were not accepted").waits_for(
        "1 was not accepted; it is kept here"
    )
    chelsea.page.get_by_label("To my visits").tap()
    chelsea.page.get_by_role("button", name="1 waits to be sent").tap()
    chelsea.sees("Not accepted: visit.not_found in words")

    assert api.current(VISIT) == {"SHO-01": "yes", "SHO-04": True}
    chelsea.taps("Discard").taps("Discard for good?").has_sent_everything()


def test_what_was_sent_does_not_wait_again_on_her_list_because_an_older_look_ended_last(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    page.add_init_script(slow_look("school"))
    chelsea.opens().begins().is_asked("Is there a stand?")
    api.fault = lambda request: error(503, "busy") if request.url.path.endswith("/answers") else None
    chelsea.taps("Yes").is_asked("What does it say?").taps("To my visits").sees("1 waits to be sent")
    page.evaluate("() => { window.slow = true; dispatchEvent(new Event('online')); }")
    page.wait_for_function("window.held.length > 1")  # what the server says of the visit, and the list

    api.fault = None
    page.evaluate("() => { window.slow = false; dispatchEvent(new Event('online')); }")
    chelsea.sees("Everything is sent")
    told = page.evaluate(
        """async () => {
          const told = new Set();
          const look = () => told.add(document.querySelector(".fc-foot").textContent);
          new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
          look();
          for (const go of window.held) go();
          await new Promise((done) => setTimeout(done, 300));
          return [...told];
        }"""
    )

    assert told == ["Everything is sent"]


def test_a_changed_answer_never_overtakes_the_one_it_changes(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    api.fault = lambda request: error(503, "busy") if request.url.path.endswith("/answers") else None
    chelsea.taps("No").is_asked("What does it say?")
    again = "dispatchEvent(new Event('online'))"
    for _turn in range(200):
        if any(one["kind"] == "answer" and one["tries"] > 3 for one in chelsea.waiting()):
            break
        page.evaluate(again)
        page.wait_for_timeout(100)

    chelsea.taps("Back").answers("Is there a stand?", "Yes").is_asked("What does it say?")
    api.fault = None
    page.evaluate(again)
    chelsea.has_sent_everything()

    assert [answer["value"] for answer in api.answers.values()] == ["no", "yes"]


def test_a_word_about_her_safety_that_cannot_be_sent_holds_nothing_up(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    api.fault = lambda request: "refuse" if request.url.path.endswith("/check-in") else None
    chelsea.opens().begins().answers("Is there a stand?", "No").is_asked("What does it say?")

    for _turn in range(400):
        if api.current(VISIT):
            break
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(100)

    assert api.current(VISIT) == {"SHO-01": "no"}
    api.fault = None
    page.evaluate("dispatchEvent(new Event('online'))")
    chelsea.has_sent_everything()
    assert [one["kind"] for one in api.alarms] == ["check_in"]


def test_an_answer_given_while_its_question_was_hidden_goes_once_it_is_asked_again(
    chelsea: Walker, phone: BrowserContext, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("Yes").answers("What does it say?", "Skip").answers("Can it be read?", "Yes").taps("Back").taps(
        "Back"
    ).taps("Back")
    chelsea.answers("Is there a stand?", "No").is_asked("What does it say?")
    phone.set_offline(False)
    chelsea.has_only_refused()

    chelsea.taps("Back").answers("Is there a stand?", "Yes").has_sent_everything()

    assert api.current(VISIT) == {"SHO-01": "yes", "SHO-03": "yes"}


def test_a_changed_answer_that_was_never_sent_is_sent_once_as_it_is_now(
    chelsea: Walker, phone: BrowserContext, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    phone.set_offline(True)

    chelsea.taps("Yes").taps("Back").answers("Is there a stand?", "No").taps("Back").answers(
        "Is there a stand?", "Cannot say"
    )
    phone.set_offline(False)
    chelsea.has_sent_everything()

    assert [answer["value"] for answer in api.answers.values()] == ["na"]


def test_a_photo_crosses_a_network_that_breaks_after_every_part(
    photographer: Walker, api: FakeApi, picture: Path
) -> None:
    broken = {"last": False}

    def every_other(request: Request) -> str | None:
        if request.method != "PUT":
            return None
        broken["last"] = not broken["last"]
        return "drop" if broken["last"] else None

    api.fault = every_other

    photographer.opens().begins().chooses(picture).sees("Received").has_sent_everything()

    puts = [one for one in api.requests if one.startswith("PUT")]
    assert len(api.photos) == 1
    assert len(puts) > 3
    assert photographer.waiting() == []


def test_a_photo_is_let_go_only_when_the_server_names_its_hash(
    photographer: Walker, api: FakeApi, picture: Path
) -> None:
    lie = JSONResponse({"id": "x", "received": 10, "complete": True, "sha256": "0" * 64, "state": "received"})
    api.fault = Once(lie, "PUT", "/photos/")

    photographer.opens().begins().chooses(picture).sees("Received").has_sent_everything()

    assert len(api.photos) == 1


def test_a_photo_that_is_refused_says_why_and_lets_the_answers_pass(
    photographer: Walker, api: FakeApi, picture: Path
) -> None:
    api.fault = lambda request: error(422, "photo.not_image") if request.method == "PUT" else None

    photographer.opens().begins().chooses(picture).sees("Not accepted: photo.not_image in words")
    photographer.taps("Next").answers("Is it clear?", "Yes").is_asked("What is missing")
    photographer.has_only_refused()

    assert api.current(VISIT) == {"PHO-02": "yes"}
    assert [(entry["kind"], entry["state"]) for entry in photographer.waiting()] == [("photo", "refused")]


def test_a_photo_kept_before_the_page_was_killed_is_sent_after(
    photographer: Walker, phone: BrowserContext, api: FakeApi, picture: Path, server: Server
) -> None:
    photographer.opens().begins().is_asked("Photograph it").has_sent_everything()
    phone.set_offline(True)
    photographer.chooses(picture)
    expect(photographer.page.locator(".fc-photo-state")).to_have_text("Saved on the phone")
    photographer.page.close(run_before_unload=False)
    phone.set_offline(False)

    again = Walker(phone.new_page(), server).opens()
    again.page.locator(".fc-card").tap()

    again.is_asked("Photograph it").sees("Received").has_sent_everything()
    assert len(api.photos) == 1


def test_a_phone_that_is_asked_to_wait_sends_nothing_before_and_everything_after(
    photographer: Walker, api: FakeApi, picture: Path
) -> None:
    pause = error(429, "request.too_often")
    asked: list[float] = []
    pause.headers["Retry-After"] = "3"

    def at_first(request: Request) -> Response | None:
        if request.method == "GET":
            return None
        asked.append(time.monotonic())
        return pause if len(asked) == 1 else None

    api.fault = at_first

    photographer.opens().begins().chooses(picture).sees("Received").has_sent_everything()

    assert len(api.photos) == 1
    assert asked[1] - asked[0] > 2.9  # and not the other entries that were waiting, either


def test_a_submission_the_server_finds_incomplete_comes_back_with_what_is_missing(
    chelsea: Walker, api: FakeApi
) -> None:
    api.fault = Once(
        error(422, "visit.incomplete", missing=[{"checklist": "x", "question": "SHO-01", "what": "answer"}]),
        "POST",
        "/submission",
    )
    chelsea.opens().begins().answers("Is there a stand?", "No").taps("Skip").taps("I confirm").is_asked(
        "Everything is here"
    )

    chelsea.taps("Send the visit").sees("visit.incomplete in words").taps("Send the visit").sees(
        "The visit has arrived."
    )

    assert api.visits[VISIT]["state"] == "submitted"


def test_an_open_page_on_which_nothing_is_done_asks_the_server_for_nothing(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    page.clock.install()
    chelsea.opens().begins().answers("Is there a stand?", "Yes").has_sent_everything()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    before = list(api.requests)

    page.clock.run_for(4 * 60_000)  # a minute before the notes page covers it
    chelsea.taps("Skip").answers("Can it be read?", "No").has_sent_everything()

    sent = api.requests[len(before) :]
    assert [one for one in sent if not one.endswith("/answers")] == []
    assert len(sent) == 1


#: A worker holds the turn to send: it has handed a visit in, and still sends something else.
TAKEN = """async () => {
  const [owner] = (await indexedDB.databases()).map(({name}) => name).filter((name) => name.startsWith("notes-"));
  await new Promise((held) => navigator.locks.request(`notes-send-${owner.slice(6)}`, () => {
    held();
    return new Promise((go) => { window.goes = go; });
  }));
  const opening = indexedDB.open(owner);
  await new Promise((ok) => { opening.onsuccess = ok; });
  const writing = opening.result.transaction("outbox", "readwrite");
  const store = writing.objectStore("outbox");
  const all = store.getAll();
  all.onsuccess = () => all.result.filter((one) => one.kind === "submission")
    .forEach((one) => store.put({...one, state: "taken", taken: Date.now(), letter: null}));
  await new Promise((ok) => { writing.oncomplete = ok; });
  opening.result.close();
}"""
#: The page dies in the very moment in which it lets go of what the server has of a visit handed in.
DIES = """
  const begin = IDBDatabase.prototype.transaction, away = IDBObjectStore.prototype.delete;
  let dead = false;
  IDBDatabase.prototype.transaction = function (...asked) {
    if (dead) throw new DOMException("the page is gone", "InvalidStateError");
    return begin.apply(this, asked);
  };
  IDBObjectStore.prototype.delete = function (key) {
    const asked = this.name === "outbox" ? this.get(key) : {};
    asked.onsuccess = () => asked.result?.kind === "submission"
      && this.transaction.addEventListener("complete", () => { dead = window.gone = true; });
    return away.call(this, key);
  };
"""


#: While `slow` is set, a visit as the server told it waits between being sealed and being written.
SLOW_WORD = """
  const seal = crypto.subtle.encrypt.bind(crypto.subtle);
  window.held = [];
  crypto.subtle.encrypt = async (how, key, plain) => {
    const sealed = await seal(how, key, plain);
    const met = new TextDecoder().decode(plain).includes('"state":"in_progress"');
    if (window.slow && met) await new Promise((done) => window.held.push(done));
    return sealed;
  };
  window.slow = sessionStorage.slow;
"""

#: What a page that died left of a visit: answers without entries, a photo that the server has, one to be looked over.
LEFT = """async (visit) => {
  const {name} = (await indexedDB.databases()).find((one) => one.name.startsWith("notes-"));
  const opening = indexedDB.open(name);
  await new Promise((ok) => { opening.onsuccess = ok; });
  const writing = opening.result.transaction(["docs", "answers", "photos"], "readwrite");
  const box = writing.objectStore("docs").get(`visit:${visit}`);
  box.onsuccess = () => {
    for (const slot of ["one", "other"]) writing.objectStore("answers").put({slot, visit, id: slot, box: box.result});
    for (const [id, state] of [["taken", "received"], ["not looked over", "uncovered"]])
      writing.objectStore("photos").put({id, visit, box: box.result, thumb: null, state, sent: 0, size: 1});
  };
  await new Promise((ok) => { writing.oncomplete = ok; });
  opening.result.close();
}"""


def hands_in(chelsea: Walker) -> Walker:
    """She walks the short visit and marks it for sending."""
    chelsea.opens().begins().answers("Is there a stand?", "No").taps("Skip").taps("I confirm")
    return chelsea.is_asked("Everything is here")


def handed_in_by_worker(chelsea: Walker, phone: BrowserContext, server: Server, api: FakeApi) -> Page:
    """A worker hands her visit in, and no page hears of it yet; gives a page beside hers, which can let it be heard."""
    other = phone.new_page()
    other.goto(f"{server.url}/icon.svg")
    hands_in(chelsea).has_sent_everything()
    api.fault = Once(error(503, "server.busy"), "POST", "/submission", times=10**6)
    chelsea.taps("Send the visit").sees("It leaves by itself when there is a network.")
    other.evaluate(TAKEN)
    return other


def test_a_visit_that_a_worker_handed_in_is_not_handed_in_again_before_the_page_hears_of_it(
    chelsea: Walker, phone: BrowserContext, server: Server, api: FakeApi
) -> None:
    other = handed_in_by_worker(chelsea, phone, server, api)
    api.visits[VISIT]["state"] = "submitted"  # as the worker left it
    api.fault = Once("drop", "GET", "/api/start", times=10**6)  # and only the worker knows

    chelsea.opens().sees("It leaves by itself when there is a network.")
    expect(chelsea.page.get_by_role("button", name="Send the visit")).to_have_count(0)
    other.evaluate("window.goes()")
    chelsea.has_sent_everything().sees("The visit has arrived.")


def test_a_page_killed_as_it_hears_that_a_visit_is_in_does_not_ask_for_it_again(
    chelsea: Walker, phone: BrowserContext, server: Server, api: FakeApi
) -> None:
    chelsea.page.add_init_script(DIES)
    hands_in(chelsea).has_sent_everything()
    chelsea.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    chelsea.taps("Send the visit").page.wait_for_function("window.gone")
    chelsea.page.close(run_before_unload=False)
    phone.set_offline(True)

    again = Walker(phone.new_page(), server).opens()

    again.sees("Received")
    assert api.visits[VISIT]["state"] == "submitted"
    assert again.waiting() == []
    assert again.names("answers") == []
    assert not [name for name in again.names("docs") if name.startswith(("at:", "drafts:", "seen:", "inside:"))]


def test_what_was_left_here_of_a_visit_that_is_over_goes_with_the_next_look(chelsea: Walker) -> None:
    hands_in(chelsea).taps("Send the visit").sees("The visit has arrived.")
    chelsea.page.evaluate(LEFT, VISIT)
    assert len(chelsea.names("answers")) == len(chelsea.names("photos")) == 2

    with chelsea.page.expect_response("**/api/start*"):
        chelsea.opens()
    chelsea.page.wait_for_timeout(500)

    assert chelsea.names("answers") == []
    assert chelsea.names("photos") == ["not looked over"]


def test_a_visit_that_came_back_is_not_closed_by_an_older_word_that_is_heard_late(
    chelsea: Walker, phone: BrowserContext, server: Server, api: FakeApi
) -> None:
    other = handed_in_by_worker(chelsea, phone, server, api)
    chelsea.page.close()
    back = [{"checklist": api.visits[VISIT]["checklists"][0]["digest"], "question": "SHO-01", "reason": "Look again"}]
    api.visits[VISIT].update(state="returned", returned=back, updated_at=now())
    again = Walker(phone.new_page(), server)
    with again.page.expect_response("**/api/start*"):
        again.opens()
    again.page.wait_for_timeout(500)

    other.evaluate("window.goes()")

    again.has_sent_everything().page.wait_for_timeout(300)
    expect(again.page.locator(".fc-state")).to_have_text("Please look again")


def test_what_was_asked_last_of_the_server_is_kept_last(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens()
    expect(page.locator(".fc-card")).to_have_count(1)
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        answer = route.fetch()
        if held:
            route.fulfill(response=answer)
        else:
            held.append((route, answer))

    page.route("**/api/start*", hold)
    page.evaluate("dispatchEvent(new Event('online'))")
    while not held:
        page.wait_for_timeout(50)
    api.add_visit(new_id(), next(iter(api.checklists)))
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    held[0][0].fulfill(response=held[0][1])
    page.wait_for_timeout(1000)

    expect(page.locator(".fc-card")).to_have_count(2)


@pytest.mark.parametrize("ends", ["Send the visit", "Stop"])
def test_what_the_server_said_of_a_visit_is_not_written_over_what_became_of_it_meanwhile(
    chelsea: Walker, api: FakeApi, ends: str
) -> None:
    chelsea.page.add_init_script(SLOW_WORD)
    hands_in(chelsea).has_sent_everything()
    chelsea.page.evaluate("sessionStorage.slow = 1")
    chelsea.opens().page.wait_for_function("window.held.length")

    chelsea.taps(ends)
    if ends == "Stop":
        chelsea.taps("I do not feel safe")
    chelsea.has_sent_everything()
    outcome = "The visit is stopped" if ends == "Stop" else "The visit has arrived."
    chelsea.sees(outcome)
    chelsea.page.evaluate("window.slow = false; window.held.forEach((go) => go())")

    chelsea.page.wait_for_timeout(500)
    chelsea.sees(outcome)
    assert api.visits[VISIT]["state"] == ("stopped" if ends == "Stop" else "submitted")
    api.fault = Once("drop", "GET", "/api/start", times=10**6)
    chelsea.opens().sees(outcome)


def test_an_answer_that_was_changed_is_not_undone_by_what_the_server_said_before_it_heard(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").is_asked("What does it say?").has_sent_everything()
    api.fault = lambda request: "refuse"
    chelsea.taps("Back").answers("Is there a stand?", "No").keeps_unsent_or_tried()
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/api/start*", lambda route: held.append((route, route.fetch())))
    api.fault = lambda request: "refuse" if request.url.path.endswith("/answers") else None
    page.evaluate("dispatchEvent(new Event('online'))")
    while not held:
        page.wait_for_timeout(50)

    api.fault = None
    chelsea.has_sent_everything()
    route, told = held[0]
    route.fulfill(response=told)
    page.wait_for_timeout(500)
    page.reload()

    chelsea.is_asked("What does it say?").taps("Back").is_asked("Is there a stand?")
    expect(page.get_by_role("button", name="No", exact=True)).to_have_attribute("aria-pressed", "true")
    assert api.current(VISIT) == {"SHO-01": "no"}
