"""What shows that something goes on here, a camera or a lit screen, is let go when she leaves or covers the walk."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fieldcheck.web.pocket import module_url
from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.sheets import SHORT
from tests.pocket.test_kept import CAMERA, STAND
from tests.pocket.walker import Walker

OTHER = "0190a000-0000-7000-8000-000000000002"
#: The browser asks her first, and she does not answer at once.
ASKS = """
  const ask = navigator.mediaDevices.getUserMedia;
  navigator.mediaDevices.getUserMedia = async () => {
    await new Promise((done) => { window.held = done; });
    return ask();
  };
"""
#: A lock on the screen's light that is long in coming, and how many are held.
LATE_LOCK = """
  window.awake = 0;
  localStorage.setItem("notes.awake", "1");
  Object.defineProperty(navigator, "wakeLock", {value: {request: async () => {
    await new Promise((done) => { window.held = done; });
    window.awake += 1;
    return {release: async () => { window.awake -= 1; }, addEventListener() {}};
  }}});
"""
DARK = "window.lens.getTracks().every((one) => one.readyState === 'ended')"


def begun(page: Page, server: Server, api: FakeApi, script: str) -> Walker:
    """Chelsea before a question for photos, on a phone where this was done first."""
    page.add_init_script(script)
    api.add_visit(VISIT, api.add_checklist(STAND))
    return Walker(page, server).opens().begins().is_asked("The stand")


def test_the_phones_own_way_back_closes_the_camera(page: Page, server: Server, api: FakeApi) -> None:
    begun(page, server, api, CAMERA).taps("Take a photo")
    expect(page.get_by_role("dialog", name="Camera")).to_be_visible()

    page.go_back()

    expect(page.locator(".fc-card")).to_be_visible()
    page.wait_for_function(DARK)


@pytest.mark.parametrize("goes", ["Show my notes", "Next", "Back", "To my visits"])
def test_a_camera_that_opens_when_she_is_not_there_any_more_closes_at_once(
    page: Page, server: Server, api: FakeApi, picture: Path, goes: str
) -> None:
    chelsea = begun(page, server, api, CAMERA + ASKS).chooses(picture).taps("Take a photo")
    page.wait_for_function("Boolean(window.held)")
    chelsea.taps(goes)
    page.wait_for_timeout(300)

    page.evaluate("window.held()")

    page.wait_for_function(f"window.lens && {DARK}")
    expect(page.locator(".fc-camera")).to_have_count(0)
    if goes == "Show my notes":
        chelsea.taps("More").is_asked("The stand").taps("Take a photo")
        page.wait_for_timeout(100)
        page.evaluate("window.held()")
        expect(page.get_by_role("dialog", name="Camera")).to_be_visible()


@pytest.mark.parametrize("goes", ["Show my notes", "To my visits"])
def test_a_screen_that_would_be_lit_when_she_is_not_there_any_more_sleeps(
    page: Page, server: Server, api: FakeApi, goes: str
) -> None:
    chelsea = begun(page, server, api, LATE_LOCK)
    page.wait_for_function("Boolean(window.held)")
    chelsea.taps(goes)

    page.evaluate("async () => { window.held(); await new Promise((done) => setTimeout(done, 100)); }")

    assert page.evaluate("window.awake") == 0


def test_of_two_locks_that_come_at_last_one_is_held_and_let_go(page: Page, server: Server, api: FakeApi) -> None:
    chelsea = begun(page, server, api, LATE_LOCK)
    page.wait_for_function("Boolean(window.held)")
    page.evaluate("() => { window.first = window.held; }")
    chelsea.taps("Show my notes").taps("More")
    page.wait_for_function("window.held !== window.first")

    page.evaluate("async () => { window.first(), window.held(); await new Promise((done) => setTimeout(done, 100)); }")
    assert page.evaluate("window.awake") == 1

    chelsea.taps("Show my notes")
    page.wait_for_function("window.awake === 0")


def test_a_photo_that_lies_open_goes_away_with_its_visit(
    page: Page, server: Server, api: FakeApi, picture: Path
) -> None:
    """Where another page is the host, another visit may take the place of this one."""
    api.add_visit(VISIT, api.add_checklist(STAND))
    api.add_visit(OTHER, api.add_checklist(SHORT))
    page.goto(f"{server.url}/bench")
    page.evaluate(
        """async ([url, visit]) => {
          await import(url);
          window.walk = await notes.mount(document.getElementById("host"), { visit, kind: "desk" });
        }""",
        [f"{server.url}{module_url('notes.js')}", VISIT],
    )
    chelsea = Walker(page, server).taps("I have read it. Start").is_asked("The stand")
    page.locator("input[type=file]").set_input_files(str(picture))
    expect(page.locator(".fc-mask")).to_be_visible()

    page.evaluate("visit => window.walk.update({ visit })", OTHER)

    expect(page.locator(".fc-mask")).to_have_count(0)
    page.evaluate("visit => window.walk.update({ visit })", VISIT)
    chelsea.taps("Look it over")
    expect(page.locator(".fc-mask")).to_be_visible()
