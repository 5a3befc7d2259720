"""Situations that have a name: each ends as it was decided that it should, and none discards what she recorded."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fieldcheck.settings import Settings
from fieldcheck.storage import rescue_key
from fieldcheck.web.pocket import module_url
from tests.pocket.conftest import VISIT
from tests.pocket.fake_api import FakeApi, Server, error
from tests.pocket.sheets import SHORT, checklist, photo_need, question
from tests.pocket.walker import Walker

AHEAD = """(() => {
  const ahead = 3 * 86400e3, Real = Date;
  globalThis.Date = class extends Real {
    constructor(...said) { said.length ? super(...said) : super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
})()"""
FULL = """(() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, key) {
    if (key === "trial") throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, arguments);
  };
})()"""
REFUSED = "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); };"
#: How many wakings of the worker are at work at once, at most.
AT_WORK = """async (url) => {
  const {sendAll} = await import(url);
  let now = 0, most = 0;
  indexedDB.databases = async () => {
    most = Math.max(most, (now += 1));
    await new Promise((done) => setTimeout(done, 100));
    now -= 1;
    return [];
  };
  await Promise.all([sendAll(), sendAll()]);
  return most;
}"""
PLACE = checklist(
    question("PLA-01", "geopoint", "Where are you?", autofill=True), question("PLA-02", "yes_no_na", "Sure?")
)


def test_the_worker_sends_in_one_name_at_a_time(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/icon.svg")

    assert page.evaluate(AT_WORK, module_url("background.js")) == 1


def test_storage_that_is_full_is_said_before_the_visit(chelsea: Walker, page: Page) -> None:
    page.add_init_script(FULL)

    chelsea.opens().sees("The phone refuses to keep anything more.")


def test_storage_that_is_refused_is_said_at_once(chelsea: Walker, page: Page) -> None:
    page.add_init_script(REFUSED)

    chelsea.opens().sees("This browser does not let the page keep anything")


def test_little_room_is_said_before_the_visit(chelsea: Walker, page: Page) -> None:
    page.add_init_script("navigator.storage.estimate = async () => ({quota: 60e6, usage: 10e6});")

    chelsea.opens().sees("The phone has little room left (50 MB).")


def test_a_location_that_is_denied_is_an_answer_with_its_reason(
    chromium: Browser, server: Server, api: FakeApi
) -> None:
    api.add_visit(VISIT, api.add_checklist(PLACE))
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="en-GB", permissions=[])

    chelsea = Walker(phone.new_page(), server).opens().begins().is_asked("Where are you?")
    chelsea.taps("Go on without a place").answers("Sure?", "Yes").is_asked("Everything is here").has_sent_everything()

    assert api.current(VISIT) == {"PLA-01": {"none": "denied"}, "PLA-02": "yes"}
    phone.close()


def test_a_clock_that_is_days_ahead_is_said_and_costs_nothing(chelsea: Walker, page: Page, api: FakeApi) -> None:
    page.add_init_script(AHEAD)

    chelsea.opens().sees("This phone's clock differs from the programme's by 4,320 min.")
    chelsea.begins().answers("Is there a stand?", "No").is_asked("What does it say?").has_sent_everything()

    assert api.current(VISIT) == {"SHO-01": "no"}


def test_two_phones_on_one_account_both_keep_and_the_last_word_received_counts(
    chelsea: Walker, phone: BrowserContext, chromium: Browser, server: Server, api: FakeApi
) -> None:
    other = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="en-GB")
    second = Walker(other.new_page(), server)
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    second.opens()
    second.page.locator(".fc-card").first.tap()
    phone.set_offline(True)

    chelsea.taps("Yes").is_asked("What does it say?")
    second.answers("Is there a stand?", "No").is_asked("What does it say?").has_sent_everything()
    phone.set_offline(False)
    chelsea.has_sent_everything()
    second.page.reload()
    second.is_asked("What does it say?").taps("Back")

    assert [answer["value"] for answer in api.answers.values()] == ["no", "yes"]
    expect(second.page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")
    other.close()


def test_a_visit_given_to_somebody_else_meanwhile_keeps_what_she_recorded_and_says_why(
    chelsea: Walker, phone: BrowserContext, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("Yes").answers("What does it say?", "Skip").answers("Can it be read?", "No")
    del api.visits[VISIT]
    api.fault = lambda request: error(404, "visit.not_found") if request.method == "POST" else None

    phone.set_offline(False)
    chelsea.has_only_refused()
    chelsea.opens().sees("Taken off your list")
    chelsea.page.get_by_label("To my visits").tap()
    chelsea.page.get_by_role("button", name="2 wait to be sent").tap()

    chelsea.sees("Not accepted: visit.not_found in words").sees("Save everything to a file")
    assert len(chelsea.waiting()) == 2


def test_a_visit_withdrawn_meanwhile_still_takes_what_she_recorded(
    chelsea: Walker, phone: BrowserContext, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("No").is_asked("What does it say?")
    api.visits[VISIT]["state"] = "withdrawn"

    phone.set_offline(False)
    chelsea.has_sent_everything()

    assert api.current(VISIT) == {"SHO-01": "no"}


def test_a_checklist_replaced_meanwhile_stays_the_one_the_visit_began_with(
    chelsea: Walker, page: Page, api: FakeApi
) -> None:
    (first,) = api.checklists
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    newer = {**SHORT, "version": 2, "sections": PLACE["sections"]}
    api.add_visit("0190a000-0000-7000-8000-000000000002", api.add_checklist(newer))

    page.reload()
    chelsea.answers("Is there a stand?", "No").is_asked("What does it say?").has_sent_everything()

    assert {answer["checklist"] for answer in api.answers.values()} == {first}


def test_somebody_elses_link_on_her_phone_never_sends_hers(
    chelsea: Walker, phone: BrowserContext, page: Page, api: FakeApi
) -> None:
    chelsea.opens().begins().is_asked("Is there a stand?").has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("Yes").is_asked("What does it say?")
    mine, api.person = api.person, "d1aad1aad1aad1aa"

    page.evaluate("window.hers = true")
    phone.set_offline(False)
    # The page begins anew, as the other's, and not in the middle of her visit.
    page.wait_for_function("!window.hers && localStorage.getItem('notes.owner') === 'd1aad1aad1aad1aa'")
    page.locator(".fc-card").wait_for()

    assert api.current(VISIT) == {}
    api.person = mine
    page.evaluate("localStorage.setItem('notes.doubt', '1')")
    chelsea.opens().has_sent_everything()
    assert api.current(VISIT) == {"SHO-01": "yes"}


@pytest.fixture
def programme(settings: Settings) -> Settings:
    """An installation that has a key for rescue files."""
    rescue_key.public(settings.data / "rescue.key")
    return settings


def unsealed(settings: Settings, path: Path) -> tuple[dict[str, Any], bytes]:
    plain = rescue_key.unseal(settings.data / "rescue.key", path.read_bytes())
    size = int.from_bytes(plain[:4], "big")
    return json.loads(plain[4 : 4 + size]), plain[4 + size :]


def test_everything_that_waits_goes_into_a_file_that_only_the_programme_opens(
    phone: BrowserContext, page: Page, server: Server, api: FakeApi, picture: Path, programme: Settings
) -> None:
    clear = question("PHO-01", "yes_no_na", "Is it clear?", photo=photo_need())
    sheet = checklist(clear, question("PHO-02", "statement", "Me"))
    api.add_visit(VISIT, api.add_checklist(sheet))
    api.rescue_key = rescue_key.public(programme.data / "rescue.key")
    chelsea = Walker(page, server).opens().begins().is_asked("Is it clear?").has_sent_everything()
    phone.set_offline(True)
    chelsea.taps("Yes").chooses(picture).sees("Saved on the phone")
    page.get_by_label("To my visits").tap()
    page.get_by_role("button", name="2 wait to be sent").tap()

    with page.expect_download() as downloading:
        chelsea.taps("Save everything to a file")
    path = downloading.value.path()
    head, blobs = unsealed(programme, path)

    kinds = {item["kind"]: item for item in head["items"]}
    assert downloading.value.suggested_filename.startswith("notes-")
    assert head["owner"] == api.person
    assert kinds["answer"]["body"]["value"] == "yes"
    assert blobs[:2] == b"\xff\xd8" and len(blobs) == kinds["photo"]["size"] == kinds["photo"]["body"]["size"]
    assert b"PHO-01" not in path.read_bytes()
    assert len(chelsea.waiting()) == 2
