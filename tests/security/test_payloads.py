"""What people write is text to whoever reads it: in a real browser no script of theirs runs and nobody is called."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from fieldcheck.domain.geo import Point
from fieldcheck.usecases import erasure, people, register, reveals, review, schools
from fieldcheck.usecases.work import look
from tests.security.conftest import Served
from tests.security.town import FOUND, SHEET
from tests.story import NORTH, words

PAYLOADS = (
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=2>",
    "<img src=http://elsewhere.test/a.png>",
    "![x](http://elsewhere.test/b.png)",
    "![](//elsewhere.test/c.png)",
    "[x](javascript:window.ran=3)",
    '<a href="javascript:window.ran=4">x</a>',
    "<svg onload=window.ran=5>",
    "<iframe src=http://elsewhere.test/></iframe>",
    "<style>@import url(http://elsewhere.test/s.css);body{display:none}</style>",
    "<link rel=stylesheet href=http://elsewhere.test/l.css>",
    r"$\href{javascript:window.ran=6}{x}$",
    r"$\includegraphics{http://elsewhere.test/t.png}$",
    "<details open ontoggle=window.ran=7>",
    '"><body onload=window.ran=8>',
    ":red[x] :material/home: <video src=http://elsewhere.test/v.mp4 autoplay>",
)


def joined(payloads: Sequence[str]) -> str:
    """A text of several lines, as somebody types it."""
    return "\n\n".join(payloads)


SPOKEN = joined(PAYLOADS)


@dataclass
class Reader:
    """Somebody at a desk, and everything that her browser did."""

    page: Page
    address: str
    foreign: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def read(self, path: str, *awaited: str) -> str:
        """Open a page and wait until it shows all that it should; gives all of its text."""
        self.page.goto(f"{self.address}{path}")
        for text in awaited:
            self.page.get_by_text(text).first.wait_for()
        self.page.wait_for_timeout(300)  # time for an image to be fetched
        return self.page.locator("body").inner_text()

    def open(self, path: str) -> str:
        """Open a page whatever it shows, and wait until it has come to rest; gives all of its text."""
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(300)
        return self.page.locator("body").inner_text()

    def ran(self) -> object:
        """What a script of somebody's left behind, None when none ran."""
        return self.page.evaluate("window.ran ?? null")


@pytest.fixture(scope="module")
def written(served: Served) -> dict[str, str]:
    """People's words in every place that holds any: a visit that waits to be checked, and one in the register."""
    story = served.town.story
    story.now = datetime.now(UTC)
    evil = dict.fromkeys(("ru", "kk", "en"), f"School {SPOKEN}")
    with story.work("dana") as work:
        for id_, name in (("X1", evil), ("X2", evil)):
            form = schools.SchoolForm(
                id_, NORTH, "x", words("X district"), name, evil, "kgu_state_institution", Point(54.8, 69.1), 1
            )
            schools.put_schools(work, [form])
    with story.work("alice") as work:
        people.bring_in(work, people.Role.VOLUNTEER, NORTH, SPOKEN[:200], "<b>+7</b>", "en")
    visits = []
    for school in ("X1", "X2"):
        visit = story.assign(school, "chelsea", SHEET)
        story.walk(visit, SHEET, answers={**FOUND, "COL-16": joined(PAYLOADS[:9]), "COL-22": joined(PAYLOADS[9:])})
        story.submit(visit)
        visits.append(visit)
        story.now = datetime.now(UTC)
    with story.work("alice") as work:
        review.accept(work, visits[1], [], {(story.sheets[SHEET].digest, "COL-16"): SPOKEN}, SPOKEN)
    with story.work("dana") as work:
        erasure.ask(work, "photo", served.town.ids["sealed photo north"], SPOKEN[:500])
        reveals.ask(work, story.actors["dina"].code, SPOKEN[:300])
    with look(story.settings, story.actors["bo"]) as work:
        case = register.entries(work, register.CaseFilter(school="X2")).rows[0].id
    return {"visit": visits[0], "case": case}


@pytest.fixture
def reader(chromium: Browser, served: Served) -> Iterator[Reader]:
    context = chromium.new_context(locale="en", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    reader = Reader(page, served.town.settings.url)
    page.on("request", lambda request: watch(reader, request.url))
    page.on("dialog", lambda dialog: (reader.dialogs.append(dialog.message), dialog.dismiss()))
    yield reader
    context.close()


def tried(note: Callable[[str, object], None], pages: int, reader: Reader) -> None:
    """Note how many payloads stood on how many pages, and what came of it."""
    note("tried", pages * len(PAYLOADS))
    note("got through", len(reader.foreign) + len(reader.dialogs) + (reader.ran() is not None))


def watch(reader: Reader, url: str) -> None:
    if not url.startswith((reader.address, "data:", "blob:", "about:")):
        reader.foreign.append(url)


def sign_in(context: BrowserContext, served: Served, name: str) -> None:
    cookie = {"name": "fc", "value": served.town.cookie(name), "url": served.town.settings.url}
    context.add_cookies([cookie])  # type: ignore[list-item]


def test_the_coordinators_pages_run_nothing_and_call_nobody(
    served: Served, reader: Reader, written: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    sign_in(reader.page.context, served, "alice")

    check = reader.read(f"/check?visit={written['visit']}", "COL-16", PAYLOADS[8], PAYLOADS[-1])
    visits = reader.read("/visits", "School <script>")
    people_page = reader.read("/people", "<script>")
    for path in ("/assign", "/plan", "/schools"):
        reader.open(path)

    tried(record_property, 6, reader)
    assert (reader.ran(), reader.foreign, reader.dialogs) == (None, [], [])
    assert [payload for payload in PAYLOADS if payload not in check] == []  # it is there, as text
    assert "<script>window.ran=1</script>" in visits and "<script>" in people_page


def test_the_agencys_pages_run_nothing_and_call_nobody(
    served: Served, reader: Reader, written: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    sign_in(reader.page.context, served, "bo")

    register_page = reader.read("/register", "School <script>")
    letter = reader.open(f"/api/letters/{written['case']}?language=en")
    case = reader.read(f"/case?case={written['case']}", "Chain of custody")

    tried(record_property, 3, reader)
    assert (reader.ran(), reader.foreign, reader.dialogs) == (None, [], [])
    assert "<script>window.ran=1</script>" in register_page and "<script>window.ran=1</script>" in letter
    assert [payload for payload in PAYLOADS if payload not in case] == []


def test_the_pages_of_whoever_decides_run_nothing_and_call_nobody(
    served: Served, reader: Reader, written: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    """The reasons that an administrator wrote, before the custodian; and his own schools, in a list and a form."""
    sign_in(reader.page.context, served, "kira")
    asked = [reader.read(path, "<script>") for path in ("/erasure", "/reveals")]
    ran = reader.ran()
    reader.page.context.clear_cookies()
    sign_in(reader.page.context, served, "dana")
    reader.open("/schools")

    tried(record_property, 3, reader)
    assert (ran, reader.ran(), reader.foreign, reader.dialogs) == (None, None, [], [])
    assert all("<script>window.ran=1</script>" in page for page in asked)


def test_a_page_that_did_run_and_call_would_be_noticed(reader: Reader) -> None:
    """The control, on an empty page without our policy."""
    reader.page.set_content("".join(PAYLOADS[:3]))
    reader.page.wait_for_timeout(300)

    assert reader.ran() is not None
    assert reader.foreign == ["http://elsewhere.test/a.png"]
