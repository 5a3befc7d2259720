"""No uncovered face leaves because two looks at one photo met, and none is thrown away by one tap."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.test_kept import CAMERA, STAND
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
