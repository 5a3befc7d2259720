"""What others wrote is text on her phone too: in a real browser no script of theirs runs in the walk, nobody is called.

School and address, the checklist's words, the scenario of this visit, why a question is sent back, her own answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from fieldcheck.domain.checklist import Checklist, QuestionType, parse
from fieldcheck.domain.geo import Point
from fieldcheck.storage import checklist_files
from fieldcheck.usecases import checklists, dispatch, people, review, schools
from fieldcheck.usecases.work import look
from tests.journeys.conftest import a_phone
from tests.journeys.hands import Volunteer
from tests.security.conftest import Served
from tests.security.test_payloads import PAYLOADS, SPOKEN
from tests.story import NORTH, words

SHEET = "entrance_stands"
#: Counts what the page's policy refused: nothing of that should even have been tried.
LISTENS = """
window.violated = [];
addEventListener('securitypolicyviolation', ({violatedDirective, blockedURI}) => {
  window.violated.push(violatedDirective + ' ' + blockedURI);
});
"""
#: Finds what a payload would have become, had it been taken for more than text.
MARKS = """() => [...document.querySelectorAll(
  'script:not([src*="/pocket/"]):not([type]), [onerror], [onload], [ontoggle], iframe, video,'
  + ' link[href*="elsewhere"], [src*="elsewhere"], [href*="elsewhere"], [href^="javascript:"], body > style'
)].map(one => one.outerHTML).filter(text => text.includes('elsewhere') || text.includes('window.ran'))"""


@dataclass
class Watched:
    """A phone, and everything that its browser did that no text should make it do."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def look(self) -> str:
        """Take in the page as it stands; gives its text."""
        self.marks += self.page.evaluate(MARKS)
        self.violations += self.page.evaluate("window.violated.splice(0)")
        self.seen.append(self.page.locator("body").inner_text())
        return self.seen[-1]

    def ran(self) -> object:
        """What a script of somebody's left behind, None when none ran."""
        return self.page.evaluate("window.ran ?? null")

    def harm(self) -> dict[str, list[Any]]:
        """What was done that should not be, by kind."""
        did = {"foreign": self.foreign, "dialogs": self.dialogs, "marks": self.marks, "violations": self.violations}
        return {kind: what for kind, what in {**did, "ran": [self.ran()] if self.ran() else []}.items() if what}


@dataclass(frozen=True)
class Gate:
    """Where her link leads to."""

    served: Served

    def link(self, name: str) -> str:
        settings = self.served.town.settings
        code = self.served.town.actor(name).code
        return f"{settings.url}/join#t={people.invite_from_console(settings, code, datetime.now(UTC))}"


@pytest.fixture
def phone(chromium: Browser, served: Served) -> Iterator[Watched]:
    """A phone in English that stands at the school."""
    context = a_phone(chromium)
    context.add_init_script(LISTENS)
    page = context.new_page()
    phone = Watched(page, served.town.settings.url)
    ours = (phone.address, "data:", "blob:", "about:")
    context.on("request", lambda asked: None if asked.url.startswith(ours) else phone.foreign.append(asked.url))
    page.on("dialog", lambda dialog: (phone.dialogs.append(dialog.message), dialog.dismiss()))
    yield phone
    context.close()


def evil(value: Any, turn: Iterator[int]) -> Any:
    """Put a payload behind the first words of everything that is said in three languages, one after the other."""
    if isinstance(value, list):
        return [evil(one, turn) for one in value]
    if not isinstance(value, dict):
        return value
    if {"ru", "kk", "en"} <= value.keys():
        payload = PAYLOADS[next(turn) % len(PAYLOADS)]
        said = {key: f"{value[key][:12].rstrip()} {payload}" for key in ("ru", "kk", "en")}
        return {**value, **said}
    return {key: evil(one, turn) for key, one in value.items()}


def evil_sheet(served: Served) -> Checklist:
    """A checklist whose every word is a payload."""
    folder = served.town.settings.checklists
    data, _faults = checklist_files._read(folder / f"{SHEET}.yaml")
    return parse({**evil(data, count()), "id": "evil_walk"}, checklist_files.read_reference(folder))


@pytest.fixture(scope="module")
def sheet(served: Served) -> Checklist:
    """Two visits of Chelsea's whose every word is a payload: one that is new, one that was sent back."""
    story, said = served.town.story, evil_sheet(served)
    story.now = datetime.now(UTC) - timedelta(minutes=30)
    story.sheets[said.id] = said
    named = dict.fromkeys(("ru", "kk", "en"), SPOKEN)
    with story.work("dana") as work:
        checklists.publish(work, said)
        for id_ in ("X3", "X4"):
            name = {language: f"{id_} {text}" for language, text in named.items()}
            form = schools.SchoolForm(
                id_, NORTH, "x", words("X district"), name, named, "kgu_state_institution", Point(54.8, 69.1), 1
            )
            schools.put_schools(work, [form])
    with story.work("alice") as work:
        begins, ends = story.now - timedelta(hours=1), story.now + timedelta(days=2)
        who = story.actors["chelsea"].person_id
        dispatch.assign(work, "X3", who, [said.digest], begins, ends, scenario=named)
    again = story.assign("X4", "chelsea", said.id)
    story.walk(again, said.id)
    story.submit(again)
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        asked = [one.question.id for walk in review.check(work, again).walks for one in walk.answers if one.value]
    with story.work("alice") as work:
        review.send_back(work, again, [(said.digest, question, SPOKEN) for question in asked[:3]])
    story.now = datetime.now(UTC)
    return said


def test_the_walk_runs_nothing_and_calls_nobody(
    served: Served, phone: Watched, sheet: Checklist, record_property: Callable[[str, object], None]
) -> None:
    page = phone.page
    chelsea = Volunteer(page, Gate(served))  # type: ignore[arg-type]
    chelsea.opens_her_link()
    cards = phone.look()

    page.locator(".fc-card", has_text="X3 ").first.tap()
    page.get_by_role("button", name="I have read it. Start").wait_for()
    briefing = phone.look()
    page.get_by_role("button", name="I have read it. Start").tap()
    page.locator("[data-next]").wait_for()
    questions = _every_question(phone, sheet)
    _comes_back(phone, chelsea)
    page.locator(".fc-card", has_text="X4 ").first.tap()
    page.get_by_role("button", name="To the first").wait_for()
    returned = phone.look()
    page.get_by_role("button", name="To the first").tap()
    page.locator(".fc-title").wait_for()
    feedback = phone.look()
    _comes_back(phone, chelsea)
    page.get_by_role("button", name="Settings").tap()
    page.get_by_role("heading", name="This phone").wait_for()
    phone.look()

    record_property("tried", len(phone.seen) * len(PAYLOADS))
    record_property("got through", sum(map(len, phone.harm().values())))
    record_property("refused by the policy", len(phone.violations))
    assert phone.harm() == {}
    for shown in (cards, briefing, returned):  # they are there, as text
        assert [payload for payload in PAYLOADS if payload not in shown] == []
    assert sum(payload in questions for payload in PAYLOADS) >= 12  # a question that is not shown holds the rest
    assert PAYLOADS[0] in feedback


def _comes_back(phone: Watched, chelsea: Volunteer) -> None:
    """Open the page anew, not where she was, and her PIN opens it."""
    phone.page.goto("about:blank")
    phone.page.goto(f"{phone.address}/pocket")
    chelsea.types_her_pin()
    phone.page.get_by_role("heading", name="My visits").wait_for()


def _every_question(phone: Watched, sheet: Checklist) -> str:
    """Go past every question that is shown, and say something evil where words are asked for; gives all that stood."""
    page, titles = phone.page, list[str]()
    by_title = {question.text["en"]: question for question in sheet.questions}
    for _turn in range(2 * len(sheet.questions)):
        page.locator(".fc-title").wait_for()
        title = page.locator(".fc-title").inner_text()
        titles.append(phone.look())
        question = by_title.get(title)
        if question is None:
            return "\n".join(titles)
        if question.type in (QuestionType.TEXT, QuestionType.QUOTE):
            page.locator(".fc-main-part textarea, .fc-main-part input:not([type=file])").first.fill(PAYLOADS[0])
            titles.append(phone.look())
        page.locator("[data-next]").tap()
        expect(page.locator(".fc-title")).not_to_have_text(title)
    raise AssertionError(f"she never got past {titles[-1]}")


def test_a_walk_that_took_text_for_more_would_be_noticed(served: Served, phone: Watched) -> None:
    """The control, within the same page: its policy refuses what was tried, and what was made of it is seen."""
    Volunteer(phone.page, Gate(served)).opens_her_link()  # type: ignore[arg-type]
    assert phone.harm() == {}

    phone.page.evaluate("html => { document.body.insertAdjacentHTML('beforeend', html); }", "".join(PAYLOADS[:3]))
    phone.page.wait_for_timeout(300)
    phone.look()

    assert len(phone.marks) >= 3
    assert len(phone.violations) >= 2
    assert phone.ran() is None  # the policy is the second wall behind the first
