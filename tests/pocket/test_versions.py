"""The page that is kept on the phone: a newer one takes over between visits, and meanwhile says that it is there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fieldcheck.web import pocket
from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server
from tests.pocket.walker import Walker, comes_true

KEPT = "navigator.serviceWorker.ready.then(() => true)"
VERSION = "() => document.querySelector('link[rel=stylesheet]').href.split('/')[4]"


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A version that the server can be told to serve next; gives its hash."""
    now = pocket.folder()
    files = {
        name: pocket.Pressed.of(name, file.body.replace(now.hash.encode(), b"0123456789abcdef"))
        for name, file in now.files.items()
    }
    monkeypatch.setattr(pocket, "_tomorrow", pocket.Folder("0123456789abcdef", files), raising=False)
    yield "0123456789abcdef"
    pocket._framed.cache_clear()


def release(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is updated."""
    tomorrow = pocket._tomorrow  # type: ignore[attr-defined]
    monkeypatch.setattr(pocket, "folder", lambda: tomorrow)
    pocket._framed.cache_clear()


def test_a_newer_version_waits_while_a_visit_is_open_and_says_so(
    chelsea: Walker, page: Page, phone: BrowserContext, newer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    assert page.evaluate(KEPT)
    before = page.evaluate(VERSION)
    release(monkeypatch)

    page.reload()
    chelsea.is_asked("Is there a stand?").waits_for(
        "Everything is sent. A newer version starts when you close this visit."
    )
    page.reload()

    chelsea.answers("Is there a stand?", "Yes").is_asked("What does it say?")
    assert page.evaluate(VERSION) == before != newer


def test_a_newer_version_takes_over_between_visits(
    chelsea: Walker, page: Page, api: FakeApi, newer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    assert page.evaluate(KEPT)
    release(monkeypatch)
    page.reload()
    chelsea.is_asked("Is there a stand?").taps("Yes").is_asked("What does it say?").has_sent_everything()

    page.get_by_label("To my visits").tap()
    page.wait_for_function(f"({VERSION})() === '{newer}'")

    kept = page.evaluate("caches.keys()")
    assert kept == [f"notes-{newer}"]
    chelsea.page.locator(".fc-card").first.tap()
    chelsea.is_asked("What does it say?")
    assert api.current(VISIT) == {"SHO-01": "yes"}


def test_another_tabs_open_visit_holds_the_version_too(
    chelsea: Walker, page: Page, phone: BrowserContext, server: Server, newer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    assert page.evaluate(KEPT)
    release(monkeypatch)

    other = Walker(phone.new_page(), server).opens()
    other.sees("A newer version is here.")
    other.page.evaluate("navigator.serviceWorker.getRegistration('/').then(r => r.update())")
    comes_true(other.page, "navigator.serviceWorker.getRegistration('/').then(r => Boolean(r.waiting))")
    other.page.wait_for_timeout(500)

    assert other.page.evaluate(VERSION) != newer
    chelsea.answers("Is there a stand?", "No").is_asked("What does it say?")
    page.get_by_label("To my visits").tap()
    page.wait_for_function(f"({VERSION})() === '{newer}'")


def test_the_worker_sends_what_waits_with_no_page_open(
    chelsea: Walker, page: Page, phone: BrowserContext, server: Server, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    assert page.evaluate(KEPT)
    phone.set_offline(True)
    chelsea.taps("No").is_asked("What does it say?").keeps_unsent_answer()
    page.close()
    (worker,) = phone.service_workers

    phone.set_offline(False)
    worker.evaluate("self.dispatchEvent(new SyncEvent('sync', {tag: 'notes-send'}))")
    again = phone.new_page()
    again.goto(f"{server.url}/bench")
    found = Walker(again, server).has_sent_everything()

    assert api.current(VISIT) == {"SHO-01": "no"}
    assert found.waiting() == []


def test_sockets_files_and_the_api_pass_the_worker_by(
    chelsea: Walker, page: Page, phone: BrowserContext, server: Server, api: FakeApi
) -> None:
    chelsea.opens()
    assert page.evaluate(KEPT)
    page.reload()
    expect(page.locator(".fc-card")).to_have_count(1)
    seen: list[tuple[str, bool]] = []
    phone.on("response", lambda one: "?here" in one.url and seen.append((one.url, one.from_service_worker)))

    asked = {"/api/me", "/static/a.js", "/_stcore/health", "/media/b", "/pocket/0000/notes.js"}
    page.evaluate("async paths => { for (const one of paths) await fetch(one + '?here').catch(() => null); }", [*asked])
    for _turn in range(100):
        if len(seen) >= len(asked):
            break
        page.wait_for_timeout(100)

    assert {url.removeprefix(server.url) for url, _ in seen} == {f"{path}?here" for path in asked}
    assert [url for url, by_worker in seen if by_worker] == []
