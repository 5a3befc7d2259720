"""A visit comes back with a reason for one question; the volunteer mends it, and it is accepted."""

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from fieldcheck.domain.visit import VisitState
from fieldcheck.usecases import review, visits
from fieldcheck.usecases.work import look
from tests.journeys.conftest import House
from tests.journeys.hands import Desk, Volunteer

SHEET = "entrance_stands"


def state(house: House, visit: str) -> VisitState:
    """Where the visit stands."""
    with look(house.settings, house.story.actors["chelsea"]) as work:
        return visits.one_of_mine(work, visit).visit.state


def test_a_returned_visit_is_mended_and_accepted(house: House, devices: Any, pictures: list[Path]) -> None:
    visit = house.story.assign()
    chelsea = Volunteer(devices(), house).opens_her_link().begins()
    chelsea.walks(house.story.sheets[SHEET], {"ENT-11": "no"}, pictures).hands_in().has_sent_everything()
    alice = Desk(devices(), house, "alice").opens(f"check?visit={visit}")

    with look(house.settings, house.story.actors["alice"]) as work:
        asked = [a.question.id for a in review.check(work, visit).walks[0].answers if a.question.type.value != "info"]
    boxes = alice.page.locator("label", has_text="Send this question back")
    expect(boxes).to_have_count(len(asked))
    boxes.nth(asked.index("ENT-11")).tap()
    alice.writes("Why, in words that help her", "Photograph the whole stand, please")
    alice.taps("Send the visit back").sees("The visit is sent back.")
    assert state(house, visit) is VisitState.RETURNED

    chelsea.page.reload()
    chelsea.types_her_pin()
    expect(chelsea.page.get_by_text("Photograph the whole stand, please").first).to_be_visible()
    chelsea.page.get_by_role("button", name="To the first").tap()
    expect(chelsea.page.locator(".fc-title")).to_have_text("Is the head's reception schedule posted?")
    chelsea.page.locator("input[type=file]").first.set_input_files(str(pictures[5]))
    chelsea.page.get_by_role("button", name="Nobody in it").tap()
    expect(chelsea.page.get_by_text("Received").first).to_be_visible()
    chelsea.page.locator("[data-next]").tap()
    chelsea.hands_in().has_sent_everything()

    alice.opens(f"check?visit={visit}").sees("Sent back before and mended")
    alice.ticks("I looked at everything").ticks("The texts I release").taps("Accept the visit").sees("Accepted.")
    assert state(house, visit) is VisitState.ACCEPTED
