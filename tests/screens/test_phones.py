"""A volunteer's phones on the coordinator's screen, and the link as a picture that a phone reads."""

import base64
import re
from datetime import timedelta
from typing import Any

from streamlit.testing.v1 import AppTest

from fieldcheck.usecases import devices, people
from fieldcheck.usecases.devices import Standing
from fieldcheck.usecases.work import look
from tests.screens.sitting import Chair, said
from tests.story import Story
from tests.usecases.test_safety import begins


def phone(story: Story, name: str) -> str:
    token = people.invite_from_console(story.settings, story.actors[name].code, story.now)
    return people.redeem(story.settings, token, story.now, "phone").device_cookie


def buttons(page: AppTest, label: str) -> list[Any]:
    return [one for one in page.button if one.label == label]


def test_another_regions_phones_are_not_on_the_screen(chair: Chair, story: Story) -> None:
    phone(story, "serik")

    page = chair.sit(story.actors["alice"], "people")

    assert not buttons(page, "Take it off")


def test_a_lost_phone_is_taken_off_and_the_other_goes_on(chair: Chair, story: Story) -> None:
    lost, kept = phone(story, "chelsea"), phone(story, "chelsea")
    with look(story.settings, story.actors["chelsea"], now=story.now) as work:
        views = devices.listed(work, lost)[story.actors["chelsea"].person_id]
    page = chair.sit(story.actors["alice"], "people")
    assert "2 phones" in said(page)

    page.button(key=f"phone-{next(one.id for one in views if one.is_this)}").click().run()

    assert devices.holder(story.settings, lost, story.now)[0] is Standing.ENDED
    assert devices.holder(story.settings, kept, story.now)[0] is Standing.LOCKED
    assert "1 phone" in said(page)


def test_before_a_phone_of_somebody_inside_is_taken_off_the_coordinator_is_told(chair: Chair, story: Story) -> None:
    phone(story, "chelsea")
    warned = "is inside a school, as far as is known. Call first"
    visit = story.assign()
    assert warned not in said(chair.sit(story.actors["alice"], "people"))
    begins(story, visit)

    page = chair.sit(story.actors["alice"], "people")

    (told,) = [one.value for one in page.warning]
    assert warned in told and told.startswith(story.actors["chelsea"].code)


def test_all_phones_are_taken_off_at_once(chair: Chair, story: Story) -> None:
    phones = [phone(story, "chelsea"), phone(story, "chelsea")]
    page = chair.sit(story.actors["alice"], "people")

    buttons(page, "Take all off")[0].click().run()

    assert {devices.holder(story.settings, one, story.now)[0] for one in phones} == {Standing.ENDED}


def test_a_link_that_ended_with_the_phone_is_shown_no_longer(chair: Chair, story: Story) -> None:
    phone(story, "chelsea")
    page = chair.sit(story.actors["alice"], "people")
    page.button(key=f"link-{story.actors['chelsea'].person_id}").click().run()
    assert page.code and "A link that was not opened yet is then no longer good" in said(page)

    buttons(page, "Take it off")[0].click().run()

    assert not page.code


def test_a_link_is_a_picture_too_drawn_here_and_says_until_when(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "people")

    page.button(key=f"link-{story.actors['chelsea'].person_id}").click().run()

    (picture,) = [one.proto.imgs[0].url for one in page.get("image")]
    assert picture.startswith("data:image/svg+xml;base64,")
    drawn = base64.b64decode(picture.split(",")[1]).decode()
    assert re.search(r"<svg[^>]*width=\"(\d+)\"", drawn) and "http://localhost" not in drawn
    assert "works once, until" in said(page)
    (link,) = [code.value for code in page.code]
    token = link.split("#t=")[1]
    assert people.redeem(story.settings, token, story.now + timedelta(hours=47)).device_cookie
