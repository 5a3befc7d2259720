"""A phone that is handed on holds nothing of whoever had it before."""

from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import House
from tests.journeys.hands import Volunteer

HELD = """async () => ({
  databases: (await indexedDB.databases()).map(one => one.name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  local: {...localStorage},
  session: {...sessionStorage},
})"""


def test_after_signing_out_a_shared_phone_holds_nothing(house: House, devices: Any) -> None:
    house.story.assign()
    chelsea = Volunteer(devices(), house).opens_her_link()
    page, context = chelsea.page, chelsea.page.context
    assert page.evaluate("async () => Boolean((await navigator.serviceWorker.ready).active)")
    before = page.evaluate(HELD)
    assert before["databases"] and before["caches"] and before["workers"] and before["local"]
    assert {one["name"] for one in context.cookies()} >= {"fc", "fc_dev"}

    page.get_by_role("button", name="Settings", exact=True).tap()
    page.get_by_role("button", name="Sign out", exact=True).tap()

    expect(page.get_by_text("Open the link your coordinator gave you.")).to_be_visible()
    held = page.evaluate(HELD)
    assert held == {"databases": [], "caches": [], "workers": 0, "local": {}, "session": {}}
    assert [one["name"] for one in context.cookies()] == []
    assert page.evaluate("() => fetch('/api/me').then(answer => answer.status)") == 401


def test_a_new_link_in_the_tab_that_was_thrown_away_opens_the_page_uncovered(house: House, devices: Any) -> None:
    house.story.assign()
    chelsea = Volunteer(devices(), house).opens_her_link()
    page = chelsea.page
    page.get_by_role("button", name="Show my notes", exact=True).tap()
    page.get_by_role("button", name="More", exact=True).click(delay=1100)
    page.get_by_role("button", name="Delete", exact=True).tap()
    page.wait_for_function("localStorage.getItem('notes.blank') === '1'")
    expect(page.get_by_role("heading", name="My notes")).to_be_visible()

    chelsea.opens_her_link()

    expect(page.get_by_role("heading", name="My notes")).to_have_count(0)
