"""Nothing that she took or wrote goes in silence: what was not kept is said, what is open holds the visit back."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from fieldcheck.usecases.evidence import Claimed
from fieldcheck.web import carrying
from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server, error
from tests.pocket.sheets import checklist, option, photo_need, question
from tests.pocket.walker import Walker, comes_true

STAND = checklist(
    question("PHO-01", "photo", "The stand", photo=photo_need()),
    question("PHO-02", "number", "How many?", required=False, min=0, max=20, whole=True),
)
CAMERA = """
  const canvas = Object.assign(document.createElement("canvas"), {width: 640, height: 480});
  const pen = canvas.getContext("2d");
  setInterval(() => { pen.fillStyle = `hsl(${Date.now() / 20} 80% 50%)`; pen.fillRect(0, 0, 640, 480); }, 40);
  navigator.mediaDevices.getUserMedia = async () => (window.lens = canvas.captureStream());
"""
FULL = "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
#: The first small picture that is opened waits until it is let go.
SLOW_THUMB = """
  const open = crypto.subtle.decrypt.bind(crypto.subtle);
  window.held = null;
  crypto.subtle.decrypt = async (how, key, data) => {
    const plain = await open(how, key, data);
    const [one, two] = new Uint8Array(plain);
    if (one === 0xff && two === 0xd8 && plain.byteLength < 50_000 && !window.held)
      await new Promise(done => { window.held = done; });
    return plain;
  };
"""
#: The first time that this text is written it is held until it is let go.
FIRST_LAST = """text => {
  const seal = crypto.subtle.encrypt.bind(crypto.subtle);
  crypto.subtle.encrypt = async (how, key, plain) => {
    const sealed = await seal(how, key, plain);
    const met = !window.held && new TextDecoder().decode(plain).includes(text);
    if (met) await new Promise((done) => { window.held = done; });
    return sealed;
  };
}"""
#: The page dies when it has written the next answer, or the next note of what is no answer yet.
DIES_AFTER_ONE = """() => {
  const begin = IDBDatabase.prototype.transaction, write = IDBObjectStore.prototype.put;
  IDBDatabase.prototype.transaction = function (...how) {
    if (window.gone) throw new DOMException("the page is gone", "InvalidStateError");
    return begin.apply(this, how);
  };
  IDBObjectStore.prototype.put = function (value, key) {
    if (this.name === "answers" || `${key}`.startsWith("drafts:"))
      this.transaction.addEventListener("complete", () => { window.gone = true; });
    return write.apply(this, key === undefined ? [value] : [value, key]);
  };
}"""

STORED = """async () => {
  const {name} = (await indexedDB.databases()).find(one => one.name.startsWith("notes-"));
  const db = await new Promise(ok => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
  const r = db.transaction(["photos", "blobs"]);
  const all = ["photos", "blobs"].map(s => r.objectStore(s).count());
  await new Promise(ok => { r.oncomplete = ok; });
  db.close();
  return all[0].result + all[1].result;
}"""

NOTED = """async key => {
  const {name} = (await indexedDB.databases()).find(one => one.name.startsWith("notes-"));
  const db = await new Promise(ok => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
  const r = db.transaction("docs").objectStore("docs").count(key);
  await new Promise(ok => { r.onsuccess = ok; });
  db.close();
  return r.result;
}"""


@pytest.fixture
def stand(page: Page, server: Server, api: FakeApi) -> Walker:
    """Chelsea before a question for photos, one at least and three at most."""
    page.add_init_script(CAMERA)
    api.add_visit(VISIT, api.add_checklist(STAND))
    return Walker(page, server).opens().begins().is_asked("The stand")


def leaves_one_for_later(chelsea: Walker, *pictures: Path) -> None:
    """She chooses photos and looks them over, but for the last one: that can wait until she is outside."""
    chelsea.page.locator("input[type=file]").set_input_files([str(one) for one in pictures])
    for left in range(len(pictures), 1, -1):
        expect(chelsea.page.locator(".fc-look")).to_have_count(left)
        chelsea.taps("Nobody in it")
    expect(chelsea.page.locator(".fc-look")).to_have_count(1)
    chelsea.taps("Later")


def test_what_nobody_looked_over_is_not_in_the_file_and_the_page_says_so(
    stand: Walker, phone: BrowserContext, picture: Path
) -> None:
    stand.has_sent_everything()
    phone.set_offline(True)
    leaves_one_for_later(stand, picture, picture)

    stand.taps("To my visits").taps("1 waits to be sent")

    said = "1 photo waits to be looked over. It goes into the file once you have looked it over."
    expect(stand.page.locator(".fc-hint").first).to_have_text(said)


def test_a_shot_that_cannot_be_kept_is_said_and_the_camera_goes_dark(stand: Walker, page: Page) -> None:
    stand.taps("Take a photo")
    expect(page.locator("video")).to_have_js_property("videoWidth", 640)
    page.evaluate(FULL)

    stand.taps("Take the photo")

    expect(page.get_by_role("alert")).to_contain_text("this is NOT saved")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("window.lens.getTracks().every(one => one.readyState === 'ended')")


def test_a_camera_that_another_app_takes_away_closes_instead_of_standing_still(stand: Walker, page: Page) -> None:
    stand.taps("Take a photo")
    expect(page.get_by_role("dialog", name="Camera")).to_be_visible()

    page.evaluate("window.lens.getTracks().forEach(one => one.dispatchEvent(new Event('ended')))")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_photos_beyond_those_that_fit_are_said(stand: Walker, page: Page, picture: Path) -> None:
    stand.chooses(picture, picture)

    page.locator("input[type=file]").set_input_files([str(picture)] * 2)

    stand.taps("Nobody in it").sees("No more than 3 photos here.")
    expect(page.locator(".fc-photos li")).to_have_count(3)


def test_a_photo_nobody_looked_over_holds_the_visit_back_although_enough_are_there(
    stand: Walker, page: Page, api: FakeApi, picture: Path
) -> None:
    leaves_one_for_later(stand, picture, picture)

    stand.waits_for("1 photo waits to be looked over").taps("Next").is_asked("How many?").taps("Skip")
    expect(page.locator(".fc-main-part .fc-item").first).to_contain_text("Look it over")
    expect(page.get_by_role("button", name="Send the visit")).to_be_disabled()

    page.locator(".fc-main-part .fc-item").first.tap()
    stand.taps("Look it over").taps("Nobody in it").waits_for("Everything is sent")
    stand.taps("Next").taps("Skip").taps("Send the visit").sees("The visit has arrived.")
    assert len(api.photos) == 2


def test_a_photo_not_looked_over_outlives_a_visit_that_is_stopped_and_may_still_leave(
    stand: Walker, page: Page, api: FakeApi, picture: Path
) -> None:
    leaves_one_for_later(stand, picture)

    stand.taps("Stop").taps("I do not feel safe").sees("Your coordinator knows.")
    stand.has_sent_everything().sees("1 photo waits to be looked over")
    page.locator(".fc-foot .fc-main").tap()
    expect(page.locator(".fc-status")).to_have_text("1 photo waits to be looked over")
    page.locator(".fc-card").first.tap()
    stand.taps("Look it over").taps("Nobody in it")

    expect(page.get_by_text("waits to be looked over")).to_have_count(0)
    stand.has_sent_everything()
    assert [photo["covered"]["confirmed"] for photo in api.photos.values()] == [True]
    comes_true(page, f"({STORED})().then(left => left === 0)")


def test_what_she_had_begun_outlives_a_phone_that_was_taken_off_and_is_there_after_her_next_link(
    stand: Walker, page: Page, api: FakeApi, picture: Path
) -> None:
    leaves_one_for_later(stand, picture)
    stand.taps("Next").is_asked("How many?").types("21").sees("Must be between 0 and 20").has_sent_everything()
    ended = error(401, "session.ended")
    api.fault = lambda request: ended if request.url.path.startswith("/api/") else None
    page.evaluate("dispatchEvent(new Event('online'))")
    stand.sees("open a new link from your coordinator")
    assert page.evaluate(NOTED, f"visit:{VISIT}") == 0

    api.fault = None
    page.evaluate("localStorage.setItem('notes.doubt', '1')")
    stand.opens()

    page.get_by_role("button", name="What is missing").tap()
    notes = page.locator(".fc-main-part .fc-item")
    expect(notes.first).to_contain_text("Look it over")
    notes.nth(1).tap()
    expect(page.locator(".fc-main-part input")).to_have_value("21")
    stand.types("20").taps("Back").is_asked("The stand")
    page.locator(".fc-look").tap()
    stand.taps("Nobody in it").taps("Next").taps("Next").taps("Send the visit").sees("The visit has arrived.")
    assert len(api.photos) == 1


def test_a_photo_not_looked_over_is_counted_before_signing_out_deletes_it(
    stand: Walker, page: Page, picture: Path
) -> None:
    leaves_one_for_later(stand, picture)
    stand.has_sent_everything()
    page.get_by_role("button", name="To my visits").tap()

    stand.taps("Settings").taps("Sign out")

    stand.sees("1 thing is not sent yet. Signing out deletes it for good.")


def test_what_she_writes_about_a_stopped_visit_outlives_the_page_and_goes_once(
    stand: Walker, page: Page, api: FakeApi
) -> None:
    stand.taps("Stop").taps("I was led about and watched").has_sent_everything()
    stand.types("a guard asked for my name")
    comes_true(page, NOTED, f"note:{VISIT}")
    page.reload()

    expect(page.locator("#fc-note")).to_have_value("a guard asked for my name")
    page.get_by_role("button", name="Save", exact=True).tap()
    stand.sees("Saved on the phone").has_sent_everything()
    page.reload()
    expect(page.locator("#fc-note")).to_have_value("")
    assert [word[2]["note"] for word in api.words if word[0] == "stop"] == ["", "a guard asked for my name"]


def test_a_number_that_cannot_be_kept_holds_the_visit_back(
    stand: Walker, page: Page, api: FakeApi, picture: Path
) -> None:
    stand.chooses(picture).taps("Next").is_asked("How many?").types("21").sees("Must be between 0 and 20")

    page.get_by_role("button", name="2 of 2. What is missing").tap()

    expect(page.locator(".fc-main-part .fc-item").first).to_contain_text("Not saved yet")
    expect(page.get_by_role("button", name="Send the visit")).to_be_disabled()
    page.locator(".fc-main-part .fc-item").first.tap()
    stand.types("20").taps("Next").taps("Send the visit").sees("The visit has arrived.")
    assert api.current(VISIT) == {"PHO-02": 20}


def test_what_was_typed_first_does_not_come_after_what_was_typed_next(stand: Walker, page: Page, picture: Path) -> None:
    stand.chooses(picture).taps("Next").is_asked("How many?")
    page.evaluate(FIRST_LAST, '"21"')

    stand.types("21")
    page.wait_for_function("Boolean(window.held)")
    stand.types("210").sees("Must be between 0 and 20")
    page.wait_for_timeout(300)
    page.evaluate("window.held()")
    page.wait_for_timeout(1500)
    page.reload()

    expect(page.locator(".fc-main-part input")).to_have_value("210")


def is_keeping_twenty(stand: Walker, page: Page, picture: Path) -> None:
    """Her five is on the server; the twenty that she changed it to is not on the phone before it is let go."""
    stand.chooses(picture).taps("Next").is_asked("How many?").types("5").has_sent_everything()
    page.evaluate(FIRST_LAST, '"value":20')
    stand.types("20")
    page.wait_for_function("Boolean(window.held)")


def test_who_goes_back_to_what_stood_there_while_another_answer_is_being_kept_is_believed(
    stand: Walker, page: Page, api: FakeApi, picture: Path
) -> None:
    is_keeping_twenty(stand, page, picture)

    stand.types("5")
    page.wait_for_timeout(300)
    page.evaluate("window.held()")

    page.get_by_role("button", name="2 of 2. What is missing").tap()
    stand.taps("Send the visit").sees("The visit has arrived.")
    assert api.current(VISIT) == {"PHO-02": 5}


def test_nothing_leads_on_before_what_was_typed_is_on_the_phone(stand: Walker, page: Page, picture: Path) -> None:
    stand.chooses(picture).taps("Next").is_asked("How many?")
    field = page.locator(".fc-main-part input")
    stand.types("210").sees("Must be between 0 and 20")
    field.press("Enter")
    page.wait_for_timeout(300)
    stand.is_asked("How many?")
    page.evaluate(FIRST_LAST, '"value":20')

    stand.types("20")
    page.wait_for_function("Boolean(window.held)")
    field.press("Enter")
    stand.types("20 ").taps("Skip")
    page.wait_for_timeout(300)

    stand.is_asked("How many?")
    page.evaluate("window.held()")
    expect(page.get_by_role("button", name="Send the visit")).to_be_enabled()


def test_nothing_leads_on_before_what_was_ticked_is_on_the_phone(page: Page, server: Server, api: FakeApi) -> None:
    signs = question("SIG-01", "multi", "What do you see?", options=[option("box", "A box"), option("card", "A card")])
    api.add_visit(VISIT, api.add_checklist(checklist(signs, question("SIG-02", "text", "Else?"))))
    walker = Walker(page, server).opens().begins().is_asked("What do you see?")
    page.evaluate(FIRST_LAST, '"value":["box"]')

    page.get_by_role("checkbox", name="A box").tap()
    page.wait_for_function("Boolean(window.held)")
    walker.taps("Skip")
    page.wait_for_timeout(300)

    walker.is_asked("What do you see?")
    page.evaluate("window.held()")
    walker.is_asked("Else?")


def test_the_visit_is_not_sent_before_what_she_said_last(
    stand: Walker, page: Page, api: FakeApi, picture: Path
) -> None:
    is_keeping_twenty(stand, page, picture)

    page.get_by_role("button", name="2 of 2. What is missing").tap()
    stand.taps("Send the visit")
    page.wait_for_timeout(500)
    page.evaluate("window.held()")

    stand.sees("The visit has arrived.").has_sent_everything()
    assert api.current(VISIT) == {"PHO-02": 20}
    last = {one.rsplit("/", 1)[1]: place for place, one in enumerate(api.requests)}
    assert last["answers"] < last["submission"]


def test_the_visit_is_not_sent_without_what_she_said_last(
    stand: Walker, page: Page, api: FakeApi, picture: Path
) -> None:
    is_keeping_twenty(stand, page, picture)
    page.get_by_role("button", name="2 of 2. What is missing").tap()
    put = "window.put = IDBObjectStore.prototype.put"
    page.evaluate(f"() => {{ {put}; }}")
    page.evaluate(FULL)

    stand.taps("Send the visit")
    page.wait_for_timeout(300)
    page.evaluate("window.held()")
    expect(page.get_by_role("alert")).to_contain_text("this is NOT saved")
    page.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")

    expect(page.get_by_role("button", name="Send the visit")).to_be_visible()
    assert api.visits[VISIT]["state"] == "in_progress"


def test_what_is_being_kept_counts_when_the_question_is_drawn_anew(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").is_asked("What does it say?")
    chelsea.types("Come on").has_sent_everything()
    page.evaluate(FIRST_LAST, '"value":"Come on Monday"')
    chelsea.types("Come on Monday")
    page.wait_for_function("Boolean(window.held)")

    chelsea.taps("Stop").taps("Go on with the visit").is_asked("What does it say?")

    expect(page.locator(".fc-main-part textarea")).to_have_value("Come on Monday")
    page.evaluate("window.held()")
    chelsea.has_sent_everything()
    assert api.current(VISIT)["SHO-02"] == "Come on Monday"


def test_what_was_not_kept_is_said_until_she_goes_on(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")
    page.evaluate(FULL)
    chelsea.taps("Yes").sees("this is NOT saved")

    page.get_by_label("Language").select_option("ru")
    expect(page.get_by_role("button", name="Дальше", exact=True).or_(page.locator("[data-next]"))).to_be_visible()
    page.wait_for_timeout(500)

    expect(page.get_by_role("alert")).to_contain_text("NOT saved")


def test_anothers_answer_is_shown_when_she_leaves_the_field_that_she_wrote_nothing_new_in(
    chelsea: Walker, page: Page
) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").is_asked("What does it say?")
    chelsea.types("abc").has_sent_everything()
    field = page.locator(".fc-main-part textarea")
    field.focus()
    other = Walker(page.context.new_page(), chelsea.server).opens()
    other.page.locator(".fc-card").first.tap()
    other.is_asked("What does it say?").types("xyz").has_sent_everything()
    other.page.close()
    page.wait_for_timeout(500)
    expect(field).to_have_value("abc")

    field.evaluate("one => one.blur()")

    expect(field).to_have_value("xyz")


def test_a_page_killed_while_a_text_too_long_becomes_an_answer_loses_neither(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes").is_asked("What does it say?")
    text = "Come tomorrow with a certificate, and not before nine"
    chelsea.types(text).sees("Too long by 13 characters")
    while f"drafts:{VISIT}" not in chelsea.names("docs"):
        page.wait_for_timeout(50)
    page.reload()
    expect(page.locator(".fc-main-part textarea")).to_have_value(text)
    page.evaluate(DIES_AFTER_ONE)

    chelsea.types("Come tomorrow with a certificate")
    page.wait_for_function("window.gone")
    page.close(run_before_unload=False)

    again = Walker(page.context.new_page(), chelsea.server).opens()
    again.page.locator(".fc-card").first.tap()
    expect(again.page.locator(".fc-main-part textarea")).to_have_value(re.compile("^Come tomorrow with a certificate"))


def test_two_tabs_of_one_visit_forget_nothing_of_each_other(page: Page, server: Server, api: FakeApi) -> None:
    questions = [question(f"SEE-0{n}", "yes_no_na", f"Question {n}") for n in (1, 2, 3)]
    api.add_visit(VISIT, api.add_checklist(checklist(*questions)))
    one = Walker(page, server).opens().begins().is_asked("Question 1")
    other = Walker(page.context.new_page(), server).opens()
    other.page.locator(".fc-card").first.tap()
    other.is_asked("Question 1").page.get_by_role("button", name="1 of 3. What is missing").tap()
    other.page.locator(".fc-main-part .fc-item").nth(1).tap()
    other.is_asked("Question 2")

    one.taps("Seen").is_asked("Question 2")
    other.taps("Seen").is_asked("Question 3")

    other.page.reload()
    other.page.get_by_role("button", name="3 of 3. What is missing").tap()
    notes = other.page.locator(".fc-main-part .fc-item")
    expect(notes).to_contain_text(["Seen at", "Seen at", "No answer yet"])


def test_a_drawing_that_comes_late_puts_no_uncovered_photo_back(
    page: Page, server: Server, api: FakeApi, picture: Path
) -> None:
    page.add_init_script(SLOW_THUMB)
    api.add_visit(VISIT, api.add_checklist(STAND))
    chelsea = Walker(page, server).opens().begins().is_asked("The stand")
    page.locator("input[type=file]").set_input_files(str(picture))
    page.wait_for_function("window.held !== null")
    chelsea.taps("Nobody in it").sees("Received")

    # What it still does is over before a timer's turn comes.
    page.evaluate("async () => { window.held(); await new Promise((done) => setTimeout(done)); }")

    expect(page.locator(".fc-look")).to_have_count(0)
    expect(page.locator(".fc-photos li")).to_have_count(1)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_chosen_file_says_when_and_where_it_was_taken_and_leaves_without_saying_it(
    stand: Walker, page: Page, api: FakeApi, tmp_path: Path, order: str
) -> None:
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(0x8769).update({0x9003: "2026:11:20 09:30:00", 0x9011: "+05:00"})
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 52.0, 12.0), 3: "E", 4: (69.0, 9.0, 36.0)})
    path = tmp_path / "old.jpg"
    Image.new("RGB", (900, 600), "teal").save(path, "JPEG", exif=exif)

    stand.chooses(path).sees("Received")

    (photo,) = api.photos.values()
    said = carrying.photo("one", {key: value for key, value in photo.items() if key not in {"bytes", "visit"}})
    assert said.claims == Claimed("2026:11:20 09:30:00 +05:00", pytest.approx(54.87), pytest.approx(69.16))
    assert photo["source"] == "file"
    assert not Image.open(io.BytesIO(photo["bytes"])).getexif()


@pytest.mark.parametrize("cut", [0, 3, 9])
def test_a_file_whose_own_data_are_damaged_is_kept_and_claims_nothing(
    stand: Walker, api: FakeApi, tmp_path: Path, cut: int
) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = ""
    Image.new("RGB", (900, 600), "teal").save(out, "JPEG", exif=exif)
    data = bytearray(out.getvalue())
    at = data.index(b"Exif") + 6 + 4
    data[at : at + cut] = b"\xff" * cut
    path = tmp_path / "bent.jpg"
    path.write_bytes(data)

    stand.chooses(path).sees("Received")

    (photo,) = api.photos.values()
    assert photo["claims"] == {}
