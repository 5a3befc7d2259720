"""Assigned, walked on a phone, submitted, accepted, in the register, referred, answered, closed: the whole house."""

from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import expect

from fieldcheck.domain.case import CaseState
from fieldcheck.domain.custody import first_break
from fieldcheck.domain.register import CaseFilter
from fieldcheck.storage import chain, database
from fieldcheck.usecases import register
from fieldcheck.usecases.work import look
from tests.journeys.conftest import House
from tests.journeys.hands import Desk, Volunteer, read_square

SHEET = "entrance_stands"


def assigned(alice: Desk, chelsea_code: str) -> None:
    """Alice sends Chelsea to school N1 with the stands' checklist."""
    alice.opens("assign").picks("School", "School N1", "School N1")
    alice.picks("Checklists", "Entrance", "Entrance and information stands")
    alice.page.locator('[data-testid="stRadio"] label', has_text=chelsea_code).first.tap()
    alice.taps("Assign").sees(f"Assigned to {chelsea_code}")


def test_from_assigned_to_closed(house: House, devices: Any, pictures: list[Path]) -> None:
    story = house.story
    chelsea_code = story.actors["chelsea"].code
    alice = Desk(devices(), house, "alice")
    assigned(alice, chelsea_code)
    alice.taps("Make a sign-in link")
    link = alice.page.locator("code", has_text="/join#t=").first.inner_text().strip()
    address = next(word for word in link.split() if "/join#t=" in word)
    pointed_at = read_square(alice.page.get_by_test_id("stImage").locator("img"))
    assert pointed_at == address

    chelsea = Volunteer(devices(), house)
    chelsea.page.goto(pointed_at)
    chelsea.page.wait_for_url("**/pocket")
    chelsea.sets_her_pin().begins().walks(story.sheets[SHEET], {"ENT-11": "no"}, pictures)
    chelsea.hands_in().has_sent_everything()

    alice.opens("visits").follows("Check")
    alice.sees("No public reception schedule")
    photos = alice.page.locator("label", has_text="May be shown to the agency")
    photos.first.tap()
    alice.ticks("I looked at everything").ticks("The photos I ticked").ticks("The texts I release")
    alice.taps("Accept the visit").sees("Accepted.")

    bo = Desk(devices(), house, "bo").opens("register")
    bo.follows("No public reception schedule").sees("School N1")
    shown = bo.page.content()
    assert chelsea_code not in shown
    bo.writes("Why the finding stands", "The photo shows the whole stand").sends("Confirm").sees("Written down")
    bo.writes("Number of the letter", "17-02/45").sends("Refer to a body").sees("Written down: Refer")
    bo.writes("Number of the letter", "03-11/9").writes("In short", "A schedule has been put up")
    bo.sends("Record the answer").sees("Written down: Record the answer")
    bo.writes("Why it is closed", "Seen on a photo of the new stand").sends("Close").sees("Written down: Close")

    with look(house.settings, story.actors["bo"]) as work:
        (entry,) = [e for e in register.entries(work, CaseFilter()).rows if e.code == "V-INF-05"]
    with database.transaction(house.settings.database_url, reading=True) as session:
        assert first_break(chain.links(session)) is None
    assert entry.state is CaseState.CLOSED
    cookies = {c["name"]: c["value"] for c in bo.page.context.cookies()}
    with httpx2.Client(base_url=house.url, cookies=cookies, trust_env=False) as client:
        csv = client.get("/api/register.csv").content.decode("utf-8-sig")
    assert "V-INF-05" in csv and chelsea_code not in csv
    expect(bo.page.get_by_text("V-INF-05").first).to_be_visible()
