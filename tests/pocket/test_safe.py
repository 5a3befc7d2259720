"""She is safe, and so is whoever is in a picture: the way out, boxes over faces, what she saw and when."""

import io
from datetime import UTC, datetime, timedelta
from math import acos, asin, cos, degrees, radians, sin, tan
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from fieldcheck.web.pocket import module_url
from tests.pocket.conftest import SCHOOL, VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.sheets import SHORT, checklist, photo_need, question
from tests.pocket.test_after_word import FULL
from tests.pocket.test_kept import FIRST_LAST
from tests.pocket.walker import Walker

PHOTO = checklist(
    question("CAM-01", "photo", "Photograph it", photo=photo_need()),
    question("CAM-02", "quote", "What was said?", required=False),
)
MICROPHONE = """
  window.wishes = [];
  const media = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = wish => { window.wishes.push(wish); return media(wish); };
"""


@pytest.fixture
def white(tmp_path: Path) -> Path:
    """A white picture, so that every box can be found in it."""
    path = tmp_path / "white.jpg"
    Image.new("RGB", (1200, 1600), "white").save(path, "JPEG", quality=95)
    return path


def photographs(page: Page, server: Server, api: FakeApi, picture: Path) -> Walker:
    """She chooses a picture and stands before it, to look it over."""
    api.add_visit(VISIT, api.add_checklist(PHOTO))
    chelsea = Walker(page, server).opens().begins().is_asked("Photograph it")
    page.locator("input[type=file]").set_input_files(str(picture))
    expect(page.get_by_role("dialog", name="Cover faces and plates")).to_be_visible()
    page.wait_for_function("document.querySelector('.fc-patches').offsetHeight > 100")
    return chelsea


def drags(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw on the picture with a finger, in parts of it."""
    room = page.locator(".fc-patches").bounding_box()
    assert room
    points = [(room["x"] + x * room["width"], room["y"] + y * room["height"]) for x, y in (begin, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=4)
    page.mouse.up()


def sent(chelsea: Walker, api: FakeApi) -> Image.Image:
    """The one photo that the server got."""
    chelsea.sees("Received")
    (photo,) = api.photos.values()
    return Image.open(io.BytesIO(photo["bytes"])).convert("L")


def test_a_photo_that_was_not_looked_over_never_leaves_and_is_still_there(
    page: Page, server: Server, api: FakeApi, white: Path
) -> None:
    chelsea = photographs(page, server, api, white)
    page.reload()

    chelsea.sees("Look it over")
    page.get_by_role("button", name="1 of 2. What is missing").tap()
    expect(page.locator(".fc-main-part .fc-item").first).to_contain_text("Look it over")
    expect(page.get_by_role("button", name="Send the visit")).to_be_disabled()
    assert api.photos == {} == api.parts
    assert not [one for one in chelsea.waiting() if one["kind"] == "photo"]

    page.locator(".fc-item").first.tap()
    chelsea.taps("Look it over").taps("Nobody in it").sees("Received")
    assert [photo["covered"] for photo in api.photos.values()] == [{"boxes": 0, "confirmed": True}]


def test_a_discarded_photo_leaves_nothing_behind(page: Page, server: Server, api: FakeApi, white: Path) -> None:
    chelsea = photographs(page, server, api, white)

    chelsea.taps("Discard the photo").taps("Discard for good?")

    expect(page.locator(".fc-photos li")).to_have_count(0)
    kept = page.evaluate(
        """async () => {
          const {name} = (await indexedDB.databases())[0];
          const db = await new Promise(ok => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); });
          const r = db.transaction(["photos", "blobs"]);
          const all = ["photos", "blobs"].map(s => r.objectStore(s).count());
          await new Promise(ok => { r.oncomplete = ok; });
          return all.map(one => one.result);
        }"""
    )
    assert kept == [0, 0]
    assert api.photos == {}


def test_boxes_are_burned_into_the_pixels_before_the_photo_is_hashed(
    page: Page, server: Server, api: FakeApi, white: Path
) -> None:
    chelsea = photographs(page, server, api, white)

    drags(page, (0.1, 0.1), (0.4, 0.3))
    drags(page, (0.6, 0.6), (0.9, 0.9))
    chelsea.taps("Covered, nobody is left")

    picture = sent(chelsea, api)
    wide, high = picture.size
    for left, top, right, low in ((0.12, 0.12, 0.38, 0.28), (0.62, 0.62, 0.88, 0.88)):
        covered = picture.crop((int(left * wide), int(top * high), int(right * wide), int(low * high)))
        assert covered.getextrema()[1] <= 2
    assert picture.getpixel((wide // 2, high // 2)) > 250
    assert next(iter(api.photos.values()))["covered"] == {"boxes": 2, "confirmed": True}


def test_a_box_is_moved_resized_and_undone(page: Page, server: Server, api: FakeApi, white: Path) -> None:
    chelsea = photographs(page, server, api, white)

    drags(page, (0.1, 0.1), (0.3, 0.3))
    drags(page, (0.2, 0.2), (0.6, 0.6))  # by its middle
    drags(page, (0.7, 0.7), (0.9, 0.9))  # by its corner
    drags(page, (0.1, 0.1), (0.2, 0.2))
    chelsea.taps("Undo")
    expect(page.locator(".fc-patch")).to_have_count(1)
    chelsea.taps("Covered, nobody is left")

    picture = sent(chelsea, api)
    wide, high = picture.size
    assert picture.getpixel((int(0.15 * wide), int(0.15 * high))) > 250
    assert picture.getpixel((int(0.55 * wide), int(0.55 * high))) < 5
    assert picture.getpixel((int(0.85 * wide), int(0.85 * high))) < 5


def test_a_box_can_be_set_by_keyboard(page: Page, server: Server, api: FakeApi, white: Path) -> None:
    chelsea = photographs(page, server, api, white)

    page.get_by_role("button", name="Add a box").press("Enter")
    for key in ("ArrowLeft", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    chelsea.taps("Covered, nobody is left")

    picture = sent(chelsea, api)
    assert picture.getpixel((int(0.45 * picture.width), int(0.45 * picture.height))) < 5


def test_no_microphone_is_ever_asked_for(page: Page, server: Server, api: FakeApi) -> None:
    page.add_init_script(MICROPHONE)
    api.add_visit(VISIT, api.add_checklist(PHOTO))
    Walker(page, server).opens().begins().is_asked("Photograph it").taps("Take a photo").sees(
        "The camera did not open."
    )

    wishes = page.evaluate("window.wishes")

    assert wishes
    assert all(wish["audio"] is False for wish in wishes)


def test_the_way_out_is_in_one_place_on_every_screen_of_a_walk(chelsea: Walker, page: Page) -> None:
    places = []
    chelsea.opens()
    page.locator(".fc-card").tap()
    for _ in ("briefing", "question", "missing", "recognised", "stop"):
        expect(page.locator(".fc-sign-stop")).to_be_visible()
        places.append([page.locator(sign).bounding_box() for sign in (".fc-sign-seen", ".fc-sign-stop")])
        if len(places) == 1:
            chelsea.taps("I have read it. Start").is_asked("Is there a stand?")
        if len(places) == 2:
            page.get_by_role("button", name="1 of 3. What is missing").tap()
        if len(places) == 3:
            chelsea.taps("Recognised").is_asked("You were recognised")
        if len(places) == 4:
            chelsea.taps("Stop").is_asked("You may leave at any time")

    assert all(place == places[0] for place in places), places
    assert all(box and box["height"] >= 44 for box in places[0])


def test_recognised_in_two_taps_ends_the_visit_and_tells_the_coordinator(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "Yes")

    chelsea.taps("Recognised").sees("Sorry, I will check that by phone").taps("End the visit")

    chelsea.sees("Your coordinator knows.").has_sent_everything()
    assert [word[2]["reason"] for word in api.words if word[0] == "stop"] == ["recognised"]
    assert [one["kind"] for one in api.alarms] == ["check_in", "check_out"]
    assert api.current(VISIT) == {"SHO-01": "yes"}


def test_recognised_may_also_only_be_told(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?")

    chelsea.taps("Recognised").taps("Only tell the coordinator").sees("Your coordinator will know")
    chelsea.taps("Go on with the visit").is_asked("Is there a stand?").has_sent_everything()

    alarm = api.alarms[-1]
    assert (alarm["kind"], alarm["visit"], alarm["place"]["lat"]) == ("recognised", VISIT, SCHOOL["latitude"])


@pytest.mark.parametrize("reason", ["refused_entry", "asked_id", "escorted", "asked_money", "closed"])
def test_what_happens_at_the_door_is_a_result_in_two_taps(
    chelsea: Walker, page: Page, api: FakeApi, reason: str
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").taps("Stop")

    page.locator(f"[data-reason={reason}]").tap()
    chelsea.sees("nobody holds it against you").has_sent_everything()
    page.get_by_label("A word about it").fill("The guard was polite")
    chelsea.taps("Save").has_sent_everything()

    stops = [word[2] for word in api.words if word[0] == "stop"]
    assert [(one["reason"], one["note"]) for one in stops] == [(reason, ""), (reason, "The guard was polite")]


def test_in_and_out_are_told_and_a_word_about_safety_goes_before_everything_else(
    chelsea: Walker, phone: BrowserContext, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("Yes").is_asked("What does it say?").taps("I am out").sees("I am in")
    order: list[str] = []
    api.fault = lambda request: order.append(request.url.path) if request.method == "POST" else None

    phone.set_offline(False)

    chelsea.has_sent_everything()
    assert [one["kind"] for one in api.alarms] == ["check_in", "check_out"]
    assert order[0].endswith("/check-out")


def test_who_looks_at_the_briefing_again_goes_in_only_once(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").taps("I am out").sees("I am in")

    chelsea.taps("Back").sees("You are a visitor.").taps("Go on with the visit").is_asked("Is there a stand?")

    chelsea.has_sent_everything()
    assert [one["kind"] for one in api.alarms] == ["check_in", "check_out"]
    expect(page.get_by_role("button", name="I am in")).to_be_visible()


def test_who_began_before_on_another_phone_can_say_that_she_is_out(chelsea: Walker, page: Page, api: FakeApi) -> None:
    api.visits[VISIT]["state"] = "in_progress"
    chelsea.opens()
    page.locator(".fc-card").tap()

    chelsea.is_asked("Is there a stand?").taps("I am out").sees("I am in").has_sent_everything()

    assert [one["kind"] for one in api.alarms] == ["check_out"]


def test_who_began_before_on_another_phone_and_sends_it_here_says_nothing_of_when_she_came_out(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    api.visits[VISIT]["state"] = "in_progress"
    chelsea.opens()
    page.locator(".fc-card").tap()
    chelsea.answers("Is there a stand?", "No").is_asked("What does it say?").taps("Skip").taps("I confirm")

    chelsea.taps("Send the visit").sees("Received").has_sent_everything()

    assert api.alarms == []


def test_a_visit_that_is_begun_on_another_phone_meanwhile_lets_her_say_that_she_is_out(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    chelsea.opens()
    page.locator(".fc-card").tap()
    chelsea.sees("I have read it. Start")
    expect(page.get_by_role("button", name="I am out")).to_have_count(0)

    api.visits[VISIT] |= {"state": "in_progress", "updated_at": "2026-11-20T10:00:00+05:00"}
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.get_by_role("button", name="I am out")).to_be_visible()


def test_that_she_is_out_is_not_undone_by_another_word(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").taps("Recognised")
    page.evaluate(FIRST_LAST, '"kind":"check_out"')
    chelsea.taps("I am out")
    page.wait_for_function("Boolean(window.held)")

    chelsea.taps("Only tell the coordinator")
    page.evaluate("window.held()")

    chelsea.sees("Your coordinator will know").has_sent_everything()
    page.reload()
    expect(page.get_by_role("button", name="I am in")).to_be_visible()


def test_nobody_is_said_to_know_what_could_not_be_kept(chelsea: Walker, page: Page) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").taps("Recognised")
    page.evaluate(FULL)

    chelsea.taps("Only tell the coordinator").sees("this is NOT saved")

    expect(page.get_by_text("Your coordinator will know")).to_have_count(0)


def test_a_start_for_which_there_is_no_room_is_said(chelsea: Walker, page: Page) -> None:
    chelsea.opens()
    page.locator(".fc-card").tap()
    chelsea.sees("I have read it. Start")
    page.evaluate(FULL)

    chelsea.taps("I have read it. Start").sees("this is NOT saved")


def test_a_website_is_looked_at_from_home(page: Page, server: Server, api: FakeApi) -> None:
    api.add_visit(VISIT, api.add_checklist({**SHORT, "mode": "remote"}))
    chelsea = Walker(page, server).opens().begins().is_asked("Is there a stand?").has_sent_everything()

    expect(page.get_by_role("button", name="I am out")).to_have_count(0)
    assert api.alarms == []
    chelsea.taps("Yes").is_asked("What does it say?")


def test_a_visit_that_lasts_too_long_is_said_quietly(chelsea: Walker, page: Page) -> None:
    page.clock.install(time=datetime(2026, 11, 20, 5, 0, tzinfo=UTC))
    chelsea.opens().begins().is_asked("Is there a stand?")
    expect(page.locator(".fc-warn")).to_be_empty()

    page.clock.fast_forward(timedelta(minutes=22).total_seconds() * 1000)
    expect(page.locator(".fc-warn")).to_contain_text("22 min inside; 20 is the most.")


def almanac(day: datetime, lat: float, lon: float) -> tuple[float, float]:
    """Sunrise and sunset in minutes of the UTC day, by the NOAA solar calculator's spreadsheet: another formula."""
    century = ((day - datetime(2000, 1, 1, 12, tzinfo=UTC)) / timedelta(days=1)) / 36525
    long = (280.46646 + century * (36000.76983 + century * 0.0003032)) % 360
    anomaly = radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentric = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + sin(3 * anomaly) * 0.000289
    )
    node = radians(125.04 - 1934.136 * century)
    seen = radians(long + centre - 0.00569 - 0.00478 * sin(node))
    tilt = radians(23 + (26 + 21.448 / 60) / 60 - 0.0130042 * century + 0.00256 * cos(node))
    high = asin(sin(tilt) * sin(seen))
    y = tan(tilt / 2) ** 2
    west = radians(long)
    equation = 4 * degrees(
        y * sin(2 * west)
        - 2 * eccentric * sin(anomaly)
        + 4 * eccentric * y * sin(anomaly) * cos(2 * west)
        - 0.5 * y * y * sin(4 * west)
        - 1.25 * eccentric**2 * sin(2 * anomaly)
    )
    hour = degrees(acos(cos(radians(90.833)) / (cos(radians(lat)) * cos(high)) - tan(radians(lat)) * tan(high)))
    noon = 720 - 4 * lon - equation
    return noon - 4 * hour, noon + 4 * hour


def test_the_almanac_of_these_tests_is_right_about_london() -> None:
    rise, sets = almanac(datetime(2026, 6, 21, 12, tzinfo=UTC), 51.5, -0.127)

    assert abs(rise - (3 * 60 + 43)) < 1.5
    assert abs(sets - (20 * 60 + 22)) < 1.5


@pytest.mark.parametrize(("lat", "lon"), [(54.8753, 69.1628), (43.2380, 76.8829), (47.1, 51.9)])
def test_the_sun_rises_and_sets_when_the_almanac_says_all_year(
    page: Page, server: Server, lat: float, lon: float
) -> None:
    page.goto(f"{server.url}/bench")
    days = [datetime(2026, 1, 3, 7, tzinfo=UTC) + timedelta(days=12 * turn) for turn in range(30)]

    said = page.evaluate(
        """async ([url, lat, lon, days]) => {
          const { sunOf, isDark } = await import(url);
          return days.map(day => {
            const {rise, set} = sunOf(day, lat, lon);
            const edges = [rise - 6e5, rise + 6e5, set - 6e5, set + 6e5];
            return [rise - day, set - day, edges.map(at => isDark(at, {lat, lon})), isDark(day, {lat: null, lon})];
          });
        }""",
        [f"{server.url}{module_url('sun.js')}", lat, lon, [day.timestamp() * 1000 for day in days]],
    )

    for day, (rise, sets, dark, unknown) in zip(days, said, strict=True):
        wanted = almanac(day, lat, lon)
        for told, right in ((rise, wanted[0]), (sets, wanted[1])):
            assert abs(told / 60_000 + 7 * 60 - right) < 3, day
        assert (dark, unknown) == ([True, False, False, True], False)


def test_seen_now_is_written_later_and_both_times_are_kept(page: Page, server: Server, api: FakeApi) -> None:
    sheet = checklist(
        question("SEE-01", "yes_no_na", "Is there a stand?"),
        question("SEE-02", "quote", "What was said?"),
        question("SEE-03", "statement", "All true"),
    )
    api.add_visit(VISIT, api.add_checklist(sheet))
    chelsea = Walker(page, server).opens().begins()

    chelsea.is_asked("Is there a stand?").taps("Seen").is_asked("What was said?").taps("Seen").is_asked("All true")
    page.reload()
    chelsea.is_asked("All true").taps("Back").sees("Seen at").types("Come tomorrow").taps("Back")
    chelsea.answers("Is there a stand?", "Yes").has_sent_everything()

    answers = {answer["question"]: answer for answer in api.answers.values()}
    for key in ("SEE-01", "SEE-02"):
        seen = datetime.fromisoformat(answers[key]["seen_at"])
        given = datetime.fromisoformat(answers[key]["given_at"])
        assert timedelta(0) <= given - seen < timedelta(minutes=5)


def test_an_answer_given_at_once_claims_no_earlier_sight(chelsea: Walker, page: Page, api: FakeApi) -> None:
    chelsea.opens().begins().answers("Is there a stand?", "No").has_sent_everything()

    assert [answer["seen_at"] for answer in api.answers.values()] == [None]


def test_times_are_those_of_kazakhstan_wherever_the_phone_thinks_it_is(
    server: Server, api: FakeApi, phone: BrowserContext
) -> None:
    sheet = checklist(question("DAY-01", "datetime", "When did you arrive?"))
    api.add_visit(VISIT, api.add_checklist(sheet))
    browser = phone.browser
    assert browser
    abroad = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="en-GB", timezone_id="UTC"
    )
    chelsea = Walker(abroad.new_page(), server).opens().sees("20 Nov, 08:00 to 5 Dec, 18:00").begins()

    chelsea.page.locator("input[type=datetime-local]").fill("2026-11-20T09:15")
    chelsea.taps("Next").has_sent_everything()

    assert api.current(VISIT) == {"DAY-01": "2026-11-20T09:15:00+05:00"}
    abroad.close()


def test_the_best_of_the_last_minute_speaks_and_an_older_one_only_in_need(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/bench")

    said = page.evaluate(
        """async url => {
          const { PlaceWatch } = await import(url);
          const watch = new PlaceWatch({});
          watch.take({lat: 1, lon: 1, accuracy: 5, at: 1e6 - 70e3});
          const alone = watch.best(1e6).place;
          watch.take({lat: 2, lon: 2, accuracy: 400, at: 1e6 - 5e3});
          return [alone, watch.best(1e6).place];
        }""",
        f"{server.url}{module_url('place.js')}",
    )

    assert [(one["lat"], one["age"]) for one in said] == [(1, 70), (2, 5)]


def test_the_screen_stays_awake_only_while_asked_and_a_visit_is_open(chelsea: Walker, page: Page) -> None:
    page.add_init_script(
        """window.awake = 0;
        Object.defineProperty(navigator, "wakeLock", {value: {request: async () => {
          window.awake += 1;
          return {release: async () => { window.awake -= 1; }, addEventListener() {}};
        }}});"""
    )
    chelsea.opens().begins().is_asked("Is there a stand?")
    assert page.evaluate("window.awake") == 0
    chelsea.taps("To my visits").taps("Settings")
    page.get_by_role("checkbox", name="Stays on during a visit").tap()
    page.go_back()
    page.locator(".fc-card").tap()
    chelsea.is_asked("Is there a stand?")
    page.wait_for_function("window.awake === 1")

    chelsea.taps("Show my notes")

    page.wait_for_function("window.awake === 0")


def test_the_page_can_be_made_dim(chelsea: Walker, page: Page) -> None:
    chelsea.opens().taps("Settings")
    bright = page.evaluate("getComputedStyle(document.querySelector('.fc')).backgroundColor")

    page.get_by_role("checkbox", name="Dim").tap()
    page.reload()
    expect(page.get_by_role("checkbox", name="Dim")).to_have_attribute("aria-checked", "true")

    dim = page.evaluate("getComputedStyle(document.querySelector('.fc')).backgroundColor")
    assert (bright, dim) == ("rgb(246, 246, 243)", "rgb(12, 13, 14)")
