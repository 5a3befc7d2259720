"""The walk on a phone: one question at a time, kept at once, sent when it can be, in three languages."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fieldcheck.web.pocket import module_url
from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server, now
from tests.pocket.sheets import EVERYTHING, SHORT, checklist, photo_need, question
from tests.pocket.walker import Walker, slow_look

MOUNT = """async ([url, visit]) => {
  await import(url);
  await globalThis.notes.mount(document.getElementById("host"), {visit, language: "en"});
}"""
LISTENS = "navigator.mediaDevices.getUserMedia = async wish => { window.asked = wish; throw new Error('no camera'); };"


def test_a_number_out_of_bounds_is_said_in_words_and_kept_as_it_was_typed(
    page: Page, server: Server, api: FakeApi
) -> None:
    sheet = checklist(
        question("NUM-01", "number", "How many?", min=0, max=20, whole=True), question("NUM-02", "yes_no_na", "Sure?")
    )
    api.add_visit(VISIT, api.add_checklist(sheet))
    chelsea = Walker(page, server).opens().begins().is_asked("How many?")

    chelsea.types("21").sees("Must be between 0 and 20").taps("Skip").is_asked("How many?")
    page.reload()

    expect(page.locator("input.fc-number")).to_have_value("21")
    chelsea.types("3").taps("Next").is_asked("Sure?")
    page.wait_for_function("document.querySelector('.fc-status').textContent === 'Everything is sent'")
    assert api.current(VISIT) == {"NUM-01": 3}


def test_a_second_tap_in_the_same_moment_passes_over_no_question(page: Page, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    chelsea = Walker(page, server).opens().begins().is_asked("Before you begin")

    # What two taps set off is over before a timer's turn comes, on however slow a machine.
    page.evaluate(
        """async () => {
          const next = document.querySelector("[data-next]");
          next.click();
          next.click();
          await new Promise((done) => setTimeout(done));
        }"""
    )

    chelsea.is_asked("Where are you?")


def test_a_second_tap_on_seen_marks_and_passes_over_no_other_question(page: Page, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist(SHORT))
    chelsea = Walker(page, server).opens().begins().is_asked("Is there a stand?")

    page.evaluate(
        """async () => {
          const seen = document.querySelector("[data-seen]");
          seen.click();
          seen.click();
          await new Promise((done) => setTimeout(done, 300));
        }"""
    )

    chelsea.is_asked("What does it say?")


def test_a_look_at_the_store_that_began_before_an_answer_does_not_undo_it(
    page: Page, server: Server, api: FakeApi
) -> None:
    """On a slow phone it ends after the answer is kept; what the answer brings must not be passed over for that."""
    page.add_init_script(slow_look("given_at"))
    api.add_visit(VISIT, api.add_checklist(SHORT))
    chelsea = Walker(page, server).opens().begins().is_asked("Is there a stand?")
    page.evaluate("window.slow = true")
    chelsea.taps("No").is_asked("What does it say?")
    page.wait_for_function("window.held.length === 2")  # what is about to be sent, and the look
    page.evaluate("() => { window.first = window.held.splice(0); }")
    chelsea.taps("Back").taps("Yes").is_asked("What does it say?").taps("Skip").is_asked("Can it be read?")

    told = page.evaluate(
        """async () => {
          for (const go of window.first) go();
          await new Promise((done) => setTimeout(done, 300));
          window.slow = false;
          for (const go of window.held) go();
          return document.querySelector(".fc-progress").textContent;
        }"""
    )

    assert told == "3 of 4 ☰"
    chelsea.answers("Can it be read?", "Yes").is_asked("Nobody is in my photos")


def test_an_answer_the_server_refuses_says_why_and_can_be_mended(chelsea: Walker, api: FakeApi, page: Page) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "No").waits_for("Everything is sent")
    api.fault = lambda request: refusing(request) if request.url.path.endswith("/answers") else None

    chelsea.types("Something").taps("Next").is_asked("Nobody is in my photos").taps("Back").sees("not these words")
    api.fault = None
    chelsea.types("Other words").taps("Next").taps("I confirm").waits_for("Everything is sent")

    assert api.current(VISIT)["SHO-02"] == "Other words"
    assert chelsea.waiting() == []


def test_another_visits_id_or_a_missing_one_is_said_plainly(page: Page, server: Server, api: FakeApi) -> None:
    page.goto(f"{server.url}/bench")

    page.evaluate(
        MOUNT,
        [module_url(), "nobody"],
    )

    expect(page.locator(".fc-apology")).to_contain_text("cannot be shown")


def test_she_walks_every_type_of_question_and_hands_the_visit_in(
    page: Page, server: Server, api: FakeApi, picture: Path
) -> None:
    api.add_visit(VISIT, api.add_checklist(EVERYTHING))
    chelsea = Walker(page, server).opens().begins()

    chelsea.is_asked("Before you begin").taps("Next")
    chelsea.is_asked("Where are you?").sees("Place marked, to within 12 m.").taps("Next")
    chelsea.is_asked("When did you arrive?").taps("Next")
    chelsea.answers("Is there a stand?", "Yes").chooses(picture).sees("Received").taps("Next")
    chelsea.answers("How did you get in?", "Freely").is_asked("What does it show?")
    for option in ("A ban", "None of these", "A phone number", "A ban"):
        page.get_by_role("checkbox", name=option).tap()
    chelsea.taps("Next").is_asked("How many adults said so?").types("4").taps("Next")
    page.locator("input.fc-number").press_sequentially("1250000")
    expect(page.locator("input.fc-number")).to_have_value("1\u00a0250\u00a0000")
    chelsea.taps("Next").is_asked("What else?").types("A guard").taps("Next")
    chelsea.is_asked("What was said?").taps("Skip").is_asked("Which day is on the paper?").taps("Today").taps("Next")
    chelsea.is_asked("Photograph the stand").taps("Skip").answers("Nobody is in my photos", "I confirm")
    chelsea.is_asked("What is missing").sees("A photo is needed")
    page.get_by_role("button", name="Photograph the stand").first.tap()
    chelsea.chooses(picture, picture).is_asked("Photograph the stand")
    expect(page.locator(".fc-photos li")).to_have_count(2)
    page.get_by_role("button", name="12 of 13").tap()
    chelsea.is_asked("Everything is here").taps("Send the visit").sees("The visit has arrived.")

    answers = api.current(VISIT)
    assert api.visits[VISIT]["state"] == "submitted"
    assert answers["ALL-02"] == {"lat": 54.8753, "lon": 69.1628, "accuracy": 12}
    assert answers["ALL-03"].endswith("+05:00")
    assert (answers["ALL-04"], answers["ALL-06"], answers["ALL-07"]) == ("yes", ["ban", "phone"], 4)
    assert (answers["ALL-08"], answers["ALL-09"], answers["ALL-13"]) == (1250000, "A guard", True)
    assert len(api.photos) == 3
    assert all(answer["place"]["accuracy"] == 12 for answer in api.answers.values())
    assert chelsea.waiting() == []


def test_an_answer_survives_a_reload_and_so_does_her_place_in_the_walk(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").is_asked("What does it say?").types("Half a sent")
    chelsea.keeps_unsent_answer()

    page.reload()

    chelsea.is_asked("What does it say?")
    expect(page.locator("textarea")).to_have_value("Half a sent")
    chelsea.taps("Back").is_asked("Is there a stand?")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")


def test_another_language_keeps_the_place(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").is_asked("What does it say?")

    page.get_by_label("Language").select_option("kk")

    chelsea.is_asked("What does it say? қк")
    expect(page.get_by_role("button", name="Артқа")).to_be_visible()
    page.wait_for_function("document.documentElement.lang === 'kk'")
    page.reload()
    chelsea.is_asked("What does it say? қк")
    assert api.language == "kk"


def test_a_returned_visit_leads_to_what_is_asked_for_and_no_further(page: Page, server: Server, api: FakeApi) -> None:
    digest = api.add_checklist(SHORT)
    api.add_visit(
        VISIT,
        digest,
        state="returned",
        returned=[{"checklist": digest, "question": "SHO-03", "reason": "The photo shows otherwise"}],
    )
    for number, (key, value) in enumerate({"SHO-01": "yes", "SHO-03": "no", "SHO-04": True}.items()):
        api.answers[str(number)] = {
            "id": str(number),
            "visit": VISIT,
            "checklist": digest,
            "question": key,
            "value": value,
            "given_at": "2026-11-20T10:00:00+05:00",
        }
    chelsea = Walker(page, server).opens()

    page.locator(".fc-card").tap()
    chelsea.sees("The photo shows otherwise").taps("To the first").sees("1 of 1").answers("Can it be read?", "Yes")
    chelsea.is_asked("Everything is here").taps("Send the visit").sees("The visit has arrived.")

    assert api.current(VISIT)["SHO-03"] == "yes"


def test_she_may_leave_in_two_taps_and_what_she_recorded_is_kept(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes")

    chelsea.taps("Stop").taps("I was not let in").sees("Your coordinator knows.")

    assert api.current(VISIT) == {"SHO-01": "yes"}
    assert [word[2]["reason"] for word in api.words if word[0] == "stop"] == ["refused_entry"]


def test_the_camera_never_asks_for_a_microphone_and_gives_way_to_the_picker(
    page: Page, server: Server, api: FakeApi, picture: Path
) -> None:
    page.add_init_script(LISTENS)
    api.add_visit(VISIT, api.add_checklist(checklist(question("CAM-01", "photo", "Photograph it", photo=photo_need()))))
    chelsea = Walker(page, server).opens().begins()

    chelsea.taps("Take a photo").sees("The camera did not open.").chooses(picture).sees("Received")

    assert page.evaluate("window.asked.audio") is False
    assert len(api.photos) == 1


def test_a_photo_can_be_taken_back_before_and_after_it_was_sent(
    page: Page, server: Server, api: FakeApi, picture: Path
) -> None:
    api.add_visit(VISIT, api.add_checklist(checklist(question("CAM-01", "photo", "Photograph it", photo=photo_need()))))
    chelsea = Walker(page, server).opens().begins().chooses(picture).sees("Received")

    chelsea.taps("Remove photo 1").taps("Remove")
    expect(page.locator(".fc-photos li")).to_have_count(0)
    chelsea.has_sent_everything()

    assert [photo.get("withdrawn") for photo in api.photos.values()] == [True]


@pytest.mark.parametrize("reason", ["denied", "off"])
def test_without_a_place_the_answer_says_why(phone: BrowserContext, server: Server, api: FakeApi, reason: str) -> None:
    phone.clear_permissions()
    page = phone.new_page()
    if reason == "off":
        page.add_init_script("Object.defineProperty(navigator, 'geolocation', {value: undefined});")
    else:
        page.add_init_script("navigator.geolocation.watchPosition = (ok, no) => { no({code: 1}); return 1; };")
    api.add_visit(VISIT, api.add_checklist(SHORT))
    chelsea = Walker(page, server).opens().begins()

    chelsea.answers("Is there a stand?", "No").waits_for("Everything is sent")

    assert [(answer["place"], answer["no_place"]) for answer in api.answers.values()] == [(None, reason)]


def test_whoever_may_not_be_found_is_told_why_and_types_and_drags_no_place(
    page: Page, server: Server, api: FakeApi
) -> None:
    page.add_init_script("navigator.geolocation.watchPosition = (ok, no) => { no({code: 1}); return 1; };")
    api.add_visit(VISIT, api.add_checklist(checklist(question("GEO-01", "geopoint", "Where are you?"))))
    chelsea = Walker(page, server).opens().begins().is_asked("Where are you?")

    chelsea.sees("This page may not use your location.")
    expect(page.locator(".fc-main-part").locator("input, textarea, select, canvas, [draggable]")).to_have_count(0)
    chelsea.taps("Go on without a place").sees("Everything is here")


def test_two_tabs_show_the_same_answers(chelsea: Walker, phone: BrowserContext, server: Server) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")
    other = Walker(phone.new_page(), server)
    other.page.goto(f"{server.url}/bench")
    other.page.evaluate(
        MOUNT,
        [module_url(), VISIT],
    )
    other.is_asked("Is there a stand?")

    chelsea.taps("Yes").is_asked("What does it say?")

    expect(other.page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")


def test_nothing_readable_lies_in_the_phones_store(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").types("A very secret word").waits_for(
        "Saved on the phone"
    )

    kept = page.evaluate(
        """async () => {
          const text = new TextDecoder("latin1");
          const bytes = one => one instanceof ArrayBuffer || ArrayBuffer.isView(one);
          const show = v => JSON.stringify(v, (k, one) => bytes(one) ? text.decode(one) : one);
          const out = [JSON.stringify(localStorage)];
          for (const {name} of await indexedDB.databases()) {
            const db = await new Promise(ok => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
            for (const store of db.objectStoreNames) {
              const r = db.transaction(store).objectStore(store).getAll();
              await new Promise(ok => { r.onsuccess = ok; });
              out.push(show(r.result));
            }
          }
          return out.join();
        }"""
    )

    assert len(kept) > 1000
    assert not [secret for secret in ("secret word", "SHO-0", "School", "Abai", "Абая", "54.8") if secret in kept]


def test_a_store_that_cannot_keep_says_so_and_does_not_move_on(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")
    page.evaluate(
        "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
    )

    chelsea.taps("Yes")

    expect(page.get_by_role("alert")).to_contain_text("storage is full")
    chelsea.is_asked("Is there a stand?")


async def refusing(request: Request) -> Response:
    """Refuse every answer of a batch, as the agreed API does."""
    error = {"code": "answer.too_long", "details": {}, "message": "not these words"}
    results = [{"id": one["id"], "status": "refused", "error": error} for one in (await request.json())["answers"]]
    return JSONResponse({"server_now": now(), "results": results})
