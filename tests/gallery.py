"""Pictures of every screen in every language and at both sizes, and what a machine can say about each of them.

A page is photographed in one tall window, so that nothing of it lies below the edge. Beside the pictures stands
`words.txt`: what overflows its place, and what still reads as Latin letters in Russian or Kazakh.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import BrowserContext, Page

from fieldcheck.settings import Settings
from fieldcheck.usecases import founding, people
from tests import studio
from tests.studio import DESK, PHONE, Studio

LANGUAGES = ("ru", "kk", "en")
TALL = {"phone": (PHONE[0], 1900), "desk": (DESK[0], 1500)}
PASSWORD = "seven quiet horses by the river"

#: Says what overflows sideways: the page itself, or words that are cut in their own box.
CUT = """() => {
  const cut = [];
  if (document.documentElement.scrollWidth > innerWidth + 1) cut.push("THE PAGE");
  for (const one of document.querySelectorAll("button, a, p, label, h1, h2, h3, span, summary, legend")) {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === "hidden") continue;
    const hides = style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
    if (hides || box.left < -2 || box.right > innerWidth + 2) {
      const text = (one.innerText || "").trim().slice(0, 60);
      const aside = one.closest("[data-testid=stSidebar], [data-testid=stSkipLink]") || box.bottom < 0;
      if (text && !aside) cut.push(text);
    }
  }
  return [...new Set(cut)];
}"""
#: Signs of icons are words of a font; codes, addresses and units are no English.
NO_ENGLISH = re.compile(r"^(?:[A-Z0-9-]{1,12}|[a-z0-9_]+_[a-z0-9_]+|.*[/@].*|PIN|CSV|XLSX|UTF|QR|GPS|Eng|fieldcheck)$")


@dataclass(frozen=True)
class Shot:
    """One screen: whose, its name, its address, and what is done there before its picture."""

    who: str
    name: str
    address: str
    act: Callable[[Page], Any] | None = None


def press(*labels: str) -> Callable[[Page], None]:
    """Give an act that presses the first button of each of these places."""

    def act(page: Page) -> None:
        for label in labels:
            page.locator(label).first.click()
            page.wait_for_timeout(700)

    return act


def popover(place: int) -> Callable[[Page], None]:
    """Give an act that opens the page's popover at this place."""

    def act(page: Page) -> None:
        page.get_by_test_id("stPopoverButton").nth(place).click()
        page.wait_for_timeout(900)

    return act


SHOTS = (
    Shot("coordinator", "today", ""),
    Shot("coordinator", "visits", "visits"),
    Shot("coordinator", "visits-stopped", "visits?heap=stopped"),
    Shot("coordinator", "visits-underway", "visits?heap=under_way"),
    Shot("coordinator", "visits-done", "visits?heap=done"),
    Shot("coordinator", "check", "check?visit={submitted}"),
    Shot("coordinator", "check-accepted", "check?visit={accepted}"),
    Shot("coordinator", "assign", "assign"),
    Shot("coordinator", "assign-filled", "assign?school={fresh}&sheets={sheet}"),
    Shot("coordinator", "plan", "plan"),
    Shot("coordinator", "plan-again", "plan?take=again"),
    Shot("coordinator", "rescue", "rescue"),
    Shot("coordinator", "schools", "schools"),
    Shot("coordinator", "people", "people"),
    Shot("coordinator", "people-link", "people", press("button:has-text('link')")),
    Shot("coordinator", "people-conflicts", "people", popover(0)),
    Shot("coordinator", "people-more", "people", popover(1)),
    Shot("coordinator", "checklists", "checklists"),
    Shot("coordinator", "account", "account"),
    Shot("coordinator", "wrong-visit", "check?visit=nothing"),
    Shot("reviewer", "figures", ""),
    Shot("reviewer", "register", "register"),
    Shot("reviewer", "register-none", "register?text=qqqq"),
    Shot("reviewer", "case", "case?case={case}"),
    Shot("reviewer", "case-new", "case?case={detected}"),
    Shot("reviewer", "case-closed", "case?case={closed}"),
    Shot("reviewer", "account", "account"),
    Shot("administrator", "home", ""),
    Shot("administrator", "schools", "schools", press("[data-testid=stExpander] summary")),
    Shot("administrator", "people", "people"),
    Shot("administrator", "people-more", "people", popover(1)),
    Shot("administrator", "checklists", "checklists"),
    Shot("administrator", "record", "record"),
    Shot("administrator", "erasure", "erasure"),
    Shot("administrator", "reveals", "reveals"),
    Shot("auditor", "home", ""),
    Shot("auditor", "record", "record", press("[data-testid=stButton] button")),
    Shot("custodian", "home", ""),
    Shot("custodian", "erasure", "erasure"),
    Shot("custodian", "reveals", "reveals"),
    Shot("volunteer", "tasks", "my-visits"),
    Shot("volunteer", "walk-in-streamlit", "my-visits?visit={hers}"),
    Shot("volunteer", "quiz", "quiz"),
    Shot("fresh-volunteer", "quiz-new", "quiz"),
    Shot("fresh-volunteer", "tasks-none", "my-visits"),
)


def show(folder: Path, only: str, languages: tuple[str, ...]) -> None:
    """Photograph the demo, the doors, and a programme on its first day."""
    if any(re.search(only, f"{shot.who}-{shot.name}") for shot in SHOTS) or re.search(only, "phone"):
        with studio.studio(studio.a_demo) as here:
            everything(here, folder, only, languages)
    if re.search(only, "doors"):
        with studio.studio(an_empty_one, FIELDCHECK_DESK_SIGN_IN="password") as here:
            plain_pages(here, folder)


def an_empty_one(settings: Settings) -> dict[str, str]:
    """Found a programme in which nobody is but its first administrator."""
    founding.establish(settings, "Dana", "en", datetime.now(UTC))
    return {"administrator": "A-0001"}


def everything(here: Studio, folder: Path, only: str = "", languages: tuple[str, ...] = LANGUAGES) -> None:
    """Photograph each screen of each role, in each language and both sizes."""
    said: list[str] = []
    for language in languages:
        for size in TALL:
            for who in dict.fromkeys(shot.who for shot in SHOTS if re.search(only, f"{shot.who}-{shot.name}")):
                with here.sitting(who, language, PHONE if size == "phone" else DESK) as page:
                    page.set_viewport_size({"width": TALL[size][0], "height": TALL[size][1]})
                    for shot in SHOTS:
                        name = f"{shot.who}-{shot.name}"
                        if shot.who == who and re.search(only, name):
                            url = f"{here.settings.url}/{shot.address.format(**here.ids)}"
                            said += take(page, url, folder / f"{name}-{language}-{size}.png", shot.act)
        if re.search(only, "phone"):
            studio.phone(here, language, folder, suffix=f"-{language}")
    (folder / "words.txt").write_text("\n".join(said) + "\n", "utf-8")


def take(page: Page, url: str, path: Path, act: Callable[[Page], Any] | None = None) -> Iterator[str]:
    """Take one picture; give what is to be said about it."""
    try:
        studio.shoot(page, url, path)
        if act:
            act(page)
            studio.settle(page)
            page.screenshot(path=path)
        yield from judged(page, path.stem)
    except Exception as error:  # noqa: BLE001 - one screen that cannot be had must not cost all the others
        yield f"{path.stem}\tMISSING\t{str(error)[:300]!r}"


def judged(page: Page, name: str) -> Iterator[str]:
    """Say what is cut on this page, and which of its words are Latin where they should not be."""
    for text in page.evaluate(CUT):
        yield f"{name}\tcut\t{text!r}"
    if "-en-" in name:
        return
    for line in dict.fromkeys(page.evaluate("() => document.body.innerText").split("\n")):
        latin = [word for word in re.findall(r"[A-Za-z][A-Za-z_'/@.-]*", line) if not NO_ENGLISH.match(word)]
        if latin:
            yield f"{name}\tlatin\t{line.strip()[:160]!r}"


def plain_pages(here: Studio, folder: Path) -> None:
    """Photograph the doors: joining, leaving, signing in, setting up, changing, and addresses that are not there."""
    said: list[str] = []
    token = people.invite_from_console(here.settings, "A-0001", datetime.now(UTC))
    for language in LANGUAGES:
        for size, box in (("phone", PHONE), ("desk", DESK)):
            with here.device(language, box) as context:
                page = context.new_page()
                for name, address in (
                    ("join", "join"), ("join-used", "join#t=used"), ("leave", "leave"), ("sign-in", "sign-in"),
                    ("sign-in-wrong", "sign-in"), ("nowhere", "nowhere"), ("pocket", "pocket"),
                ):  # fmt: skip
                    path = folder / f"door-{name}-{language}-{size}.png"
                    said += door(page, f"{here.settings.url}/{address}", path, wrong=name == "sign-in-wrong")
    with here.device("en", DESK) as context:
        codes = set_up(context, here.settings.url, token, folder)
        assert codes
        for language in LANGUAGES:
            for size, box in (("phone", PHONE), ("desk", DESK)):
                page = context.new_page()
                page.set_viewport_size({"width": box[0], "height": box[1]})
                for what in ("password", "factor", "codes"):
                    path = folder / f"door-change-{what}-{language}-{size}.png"
                    said += door(page, f"{here.settings.url}/sign-in/{what}?lang={language}", path)
                page.close()
        empty(context, here, folder, said)
    (folder / "words-of-doors.txt").write_text("\n".join(said) + "\n", "utf-8")


def door(page: Page, url: str, path: Path, *, wrong: bool = False) -> Iterator[str]:
    """Take a picture of one of the doors."""
    page.goto("about:blank")
    page.goto(url)
    page.wait_for_timeout(900)
    if wrong:
        for name, text in (("code", "A-0001"), ("password", "not this one"), ("second", "000000")):
            page.locator(f"#{name}").fill(text)
        page.locator("form button:not(.show)").click()
        page.wait_for_timeout(1500)
    page.screenshot(path=path)
    yield from judged(page, path.stem)


def set_up(context: BrowserContext, url: str, token: str, folder: Path) -> list[str]:
    """Come by the first link, look at the page in every language, then set a password and a second key."""
    page = context.new_page()
    page.goto(f"{url}/join#t={token}")
    page.wait_for_url("**/sign-in/first")
    for language in LANGUAGES:
        for size, box in (("phone", (PHONE[0], 1100)), ("desk", (DESK[0], 1000))):
            page.set_viewport_size({"width": box[0], "height": box[1]})
            page.goto(f"{url}/sign-in/first?lang={language}")
            page.wait_for_timeout(900)
            page.screenshot(path=folder / f"door-first-{language}-{size}.png")
    page.locator("#password").fill(PASSWORD)
    page.locator("summary").click()
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.locator("#second").fill(pyotp.TOTP(secret).now())
    page.locator("form button:not(.show)").click()
    page.locator("#codes li").first.wait_for()
    page.screenshot(path=folder / "door-recovery-codes-en-desk.png")
    return page.locator("#codes li").all_inner_texts()


def empty(context: BrowserContext, here: Studio, folder: Path, said: list[str]) -> None:
    """Photograph what an administrator meets on the first day: nothing is there yet."""
    for language in LANGUAGES:
        here.speak("administrator", language)
        for size in TALL:
            page = context.new_page()
            page.set_viewport_size({"width": TALL[size][0], "height": TALL[size][1]})
            for name in ("", "schools", "people", "checklists", "record", "erasure", "reveals", "account"):
                path = folder / f"empty-{name or 'home'}-{language}-{size}.png"
                said += take(page, f"{here.settings.url}/{name}", path)
            page.close()
