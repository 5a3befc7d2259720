"""A coordinator's first day at a desk, in a real browser: link, password, second key, codes, out, in, wrong ones."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from fieldcheck.usecases import ways_in
from tests.journeys.conftest import PATIENCE, House, a_house
from tests.journeys.hands import read_square

WORDS = "four small green kettles"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A programme whose desks sign in by password."""
    with a_house(tmp_path, FIELDCHECK_DESK_SIGN_IN="password") as served:
        yield served


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context.new_page()
    context.close()


def sign_in(page: Page, code: str, password: str, second: str) -> None:
    page.get_by_label("Your code").fill(code)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Code from the app").fill(second)
    page.keyboard.press("Enter")


def set_up(house: House, desk: Page, code: str) -> tuple[str, list[str]]:
    """Come by the link, set password and second key, take the printed codes along."""
    # The link leads to setting up, and nowhere else.
    desk.goto(house.link("alice"))
    expect(desk.get_by_role("heading", name="Your password and your second key")).to_be_visible()
    expect(desk.locator(".mine")).to_have_text(code)
    told = pyotp.parse_uri(read_square(desk.locator("#qr")))
    secret = re.sub(r"\s", "", desk.locator("#secret").text_content() or "")
    assert told.secret == secret
    other = desk.context.new_page()
    other.goto(f"{house.url}/people")
    expect(other).to_have_url(f"{house.url}/sign-in")
    other.close()

    # What would be guessed first is not taken; the words that are take her on.
    password, second = desk.get_by_label("Password", exact=True), desk.get_by_label("Code from the app")
    password.fill("qwertyuiop123")
    second.fill(pyotp.TOTP(secret).now())
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("guessed first")
    password.fill(WORDS)
    second.fill(pyotp.TOTP(secret).now())
    desk.get_by_role("button", name="Go on").click()

    # Ten codes, made for printing, and then the desk.
    expect(desk.get_by_role("heading", name="Recovery codes")).to_be_visible()
    codes = desk.locator("#codes li").all_text_contents()
    assert len(set(codes)) == 10
    desk.emulate_media(media="print")
    expect(desk.get_by_role("button", name="Print")).to_be_hidden()
    expect(desk.locator("#codes")).to_be_visible()
    desk.emulate_media(media="screen")
    desk.get_by_role("link", name="I have them; go on").click()
    expect(desk.get_by_role("heading", name="My account")).to_be_visible()
    expect(desk.get_by_text("10 of 10 left")).to_be_visible()
    expect(desk.get_by_text("This one")).to_be_visible()
    return secret, codes


def test_a_coordinators_first_day(house: House, desk: Page) -> None:
    code, faults = house.story.actors["alice"].code, []
    desk.on("pageerror", lambda error: faults.append(str(error)))

    secret, codes = set_up(house, desk, code)

    # Out; nothing of her stays.
    desk.goto(f"{house.url}/leave")
    desk.get_by_role("button", name="Sign out").click()
    expect(desk).to_have_url(f"{house.url}/sign-in")
    assert "fc" not in {cookie["name"] for cookie in desk.context.cookies()}
    held = desk.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert not [word for word in (code, WORDS, secret, *codes) if word in held], held

    # Wrong ones, each answered alike.
    told = set()
    ahead = pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))
    for wrong in ((code, "seven tall blue lanterns", ahead), ("C-999", WORDS, ahead)):
        with desk.expect_response("**/sign-in") as answer:
            sign_in(desk, *wrong)
        told.add((answer.value.status, answer.value.text()))
        expect(desk.get_by_role("alert")).to_contain_text("does not match")
        desk.reload()
    assert len(told) == 1

    # In again, by a printed code this time.
    sign_in(desk, code.lower(), WORDS, codes[0])
    expect(desk.get_by_text(f"{code} · Coordinator")).to_be_visible()
    desk.goto(f"{house.url}/account")
    expect(desk.get_by_text("9 of 10 left")).to_be_visible()

    # Ended from elsewhere: at the next tap the page goes to the door by itself.
    with house.story.work("dana") as work:
        ways_in.end_sessions(work, house.story.actors["alice"].person_id, "she left her desk")
    desk.get_by_text("Қаз", exact=True).click()
    expect(desk).to_have_url(f"{house.url}/sign-in")
    assert faults == []
