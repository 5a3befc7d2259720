"""No uncovered face leaves because two looks at one photo met, and none is thrown away by one tap."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.sheets import checklist, photo_need, question
from tests.pocket.test_kept import CAMERA, FULL, STAND
from tests.pocket.test_safe import drags
from tests.pocket.test_trembling import button, trembles
from tests.pocket.walker import Walker

#: The second photo is not ready before it is let go.
SECOND_WAITS = """
  const make = createImageBitmap;
  let turn = 0;
  window.createImageBitmap = async (...how) => {
    if ((turn += 1) === 2) await new Promise((done) => { window.held = done; });
    return make(...how);
  };
"""
#: A shot is not ready before it is let go, while `slow` is set.
SLOW_SHOT = """
  const {toBlob} = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.toBlob = function (...how) {
    if (window.slow) window.held = () => toBlob.apply(this, how);
    else toBlob.apply(this, how);
  };
"""


@pytest.fixture
def chooses_two(page: Page, server: Server, api: FakeApi, tmp_path: Path) -> Walker:
    """Chelsea chose two white pictures: one is ready to be looked over, the other is not."""
    path = tmp_path / "white.jpg"
    Image.new("RGB", (1200, 1600), "white").save(path, "JPEG", quality=95)
    page.add_init_script(CAMERA + SECOND_WAITS)
    api.add_visit(VISIT, api.add_checklist(STAND))
    chelsea = Walker(page, server).opens().begins().is_asked("The stand")
    page.locator("input[type=file]").set_input_files([str(path)] * 2)
    page.wait_for_function("Boolean(window.held)")
    expect(page.locator(".fc-look")).to_have_count(1)
    return chelsea


def second_is_ready(page: Page) -> None:
    """The other one is ready too, and whatever comes by itself then has come."""
    page.evaluate("window.held()")
    page.wait_for_timeout(700)


def test_a_photo_she_looks_over_while_others_are_made_ready_is_looked_over_once(
    chooses_two: Walker, page: Page, api: FakeApi
) -> None:
    chooses_two.taps("Look it over")
    page.wait_for_function("document.querySelector('.fc-patches')?.offsetHeight > 100")
    drags(page, (0.1, 0.1), (0.4, 0.3))
    second_is_ready(page)

    expect(page.locator(".fc-look")).to_have_count(2)
    expect(page.locator(".fc-mask")).to_have_count(1)
    chooses_two.taps("Covered, nobody is left")
    expect(page.locator(".fc-look")).to_have_count(1)
    chooses_two.taps("Nobody in it")
    expect(page.locator(".fc-look")).to_have_count(0)
    chooses_two.has_sent_everything()

    assert sorted(photo["covered"]["boxes"] for photo in api.photos.values()) == [0, 1]
    (covered,) = (photo for photo in api.photos.values() if photo["covered"]["boxes"])
    picture = Image.open(io.BytesIO(covered["bytes"])).convert("L")
    wide, high = picture.size
    drawn = picture.crop((int(0.12 * wide), int(0.12 * high), int(0.38 * wide), int(0.28 * high)))
    assert drawn.getextrema()[1] <= 2


@pytest.mark.parametrize(("goes", "open_then"), [("Next", 0), ("Take a photo", 1), ("Show my notes", 0)])
def test_no_photo_comes_before_her_by_itself_where_she_is_at_something_else(
    chooses_two: Walker, page: Page, goes: str, open_then: int
) -> None:
    chooses_two.taps(goes)
    expect(page.locator(".fc-camera")).to_have_count(open_then)

    second_is_ready(page)

    expect(page.locator(".fc-mask")).to_have_count(0)
    back = {"Next": "Back", "Take a photo": "Done", "Show my notes": "More"}[goes]
    chooses_two.taps(back)
    expect(page.locator(".fc-look")).to_have_count(2)


def test_a_photo_that_is_looked_over_is_thrown_away_by_two_taps_and_by_no_trembling(
    chooses_two: Walker, page: Page, api: FakeApi
) -> None:
    second_is_ready(page)

    trembles(page, button(page, "Discard the photo"))

    expect(button(page, "Discard for good?")).to_be_visible()
    expect(page.locator(".fc-photos li")).to_have_count(2)
    drags(page, (0.1, 0.1), (0.4, 0.3))  # she has thought better of it
    expect(button(page, "Discard the photo")).to_be_visible()
    chooses_two.taps("Discard the photo").taps("Discard for good?")
    expect(page.locator(".fc-photos li")).to_have_count(1)
    assert api.photos == {}


def holds_enter(page: Page) -> None:
    """A key that stays down says so again and again."""
    for _turn in range(6):
        page.keyboard.down("Enter")
        page.wait_for_timeout(150)
    page.keyboard.up("Enter")


def test_a_key_that_stays_down_confirms_no_photo(chooses_two: Walker, page: Page, api: FakeApi) -> None:
    second_is_ready(page)
    chooses_two.taps("Later")
    page.locator(".fc-look").first.focus()

    holds_enter(page)

    expect(page.locator(".fc-mask")).to_have_count(1)
    expect(page.locator(".fc-look")).to_have_count(2)
    assert api.photos == {}


def test_a_key_that_stays_down_throws_no_photo_away(chooses_two: Walker, page: Page) -> None:
    second_is_ready(page)
    button(page, "Discard the photo").focus()

    holds_enter(page)

    expect(button(page, "Discard for good?")).to_be_visible()
    expect(page.locator(".fc-photos li")).to_have_count(2)


class Fingers:
    """Fingers on the picture; where they are is said in parts of it."""

    def __init__(self, page: Page) -> None:
        """They lie on what *page* shows."""
        self.page, self.tools = page, page.context.new_cdp_session(page)

    def do(self, kind: str, *points: tuple[float, float]) -> None:
        """All of them at once."""
        room = self.page.locator(".fc-patches").bounding_box()
        assert room
        where = [
            {"x": room["x"] + x * room["width"], "y": room["y"] + y * room["height"], "id": place}
            for place, (x, y) in enumerate(points)
        ]
        self.tools.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": where})


def test_two_fingers_on_the_picture_leave_no_box_that_covers_nothing(chooses_two: Walker, page: Page) -> None:
    second_is_ready(page)
    one, two = (0.3, 0.3), (0.6, 0.6)
    fingers = Fingers(page)

    fingers.do("Start", one)
    fingers.do("Start", one, two)
    fingers.do("Move", one, (0.8, 0.8))
    fingers.do("End")

    expect(page.locator(".fc-patch")).to_have_count(0)
    expect(button(page, "Nobody in it")).to_be_visible()


def test_a_touch_that_the_phone_takes_away_takes_no_other_box_with_it(chooses_two: Walker, page: Page) -> None:
    second_is_ready(page)
    fingers = Fingers(page)
    fingers.do("Start", (0.2, 0.2))
    fingers.do("Move", (0.5, 0.5))
    fingers.do("End")
    expect(page.locator(".fc-patch")).to_have_count(1)
    fingers.do("Start", (0.3, 0.3))
    fingers.do("End")

    fingers.do("Start", (0.3, 0.3))
    fingers.do("Cancel")

    expect(page.locator(".fc-patch")).to_have_count(1)


@pytest.mark.parametrize("gone_by", ["Delete", "Undo"])
def test_a_box_that_is_taken_away_by_key_leaves_her_in_the_dialog(
    chooses_two: Walker, page: Page, gone_by: str
) -> None:
    second_is_ready(page)
    button(page, "Add a box").press("Enter")
    expect(page.locator(".fc-patch")).to_be_focused()

    if gone_by == "Delete":
        page.keyboard.press("Delete")
    else:
        button(page, "Undo").press("Enter")

    expect(button(page, "Add a box")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".fc-mask")).to_have_count(0)


def opens_slow_camera(page: Page, server: Server, api: FakeApi) -> Walker:
    """Chelsea before an open camera whose next shot is long in coming, one photo taken and one more to take."""
    page.add_init_script(CAMERA + SLOW_SHOT)
    api.add_visit(
        VISIT, api.add_checklist(checklist(question("PHO-01", "photo", "The stand", photo=photo_need(most=2))))
    )
    chelsea = Walker(page, server).opens().begins().is_asked("The stand").taps("Take a photo")
    expect(page.locator("video")).to_have_js_property("videoWidth", 640)
    chelsea.taps("Take the photo").sees("Saved on the phone: 1")
    page.evaluate("() => { window.slow = true; }")
    chelsea.taps("Take the photo").taps("Done")
    page.wait_for_function("Boolean(window.held)")
    return chelsea


def test_a_shot_that_cannot_be_kept_after_the_camera_is_closed_is_said(
    page: Page, server: Server, api: FakeApi
) -> None:
    opens_slow_camera(page, server, api)
    expect(page.locator("video")).to_have_count(0)
    page.evaluate(FULL)

    page.evaluate("() => { window.slow = false; window.held(); }")

    expect(page.get_by_role("alert")).to_contain_text("this is NOT saved")


def test_a_shot_that_is_ready_late_opens_nothing_under_the_photo_she_looks_over(
    page: Page, server: Server, api: FakeApi
) -> None:
    opens_slow_camera(page, server, api)

    page.evaluate("() => { window.slow = false; window.held(); }")

    expect(page.locator(".fc-look")).to_have_count(2)
    expect(page.locator(".fc-mask")).to_have_count(1)
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelector('.fc-roll').inert")
    assert page.evaluate("Boolean(document.activeElement.closest('[aria-modal]'))")
