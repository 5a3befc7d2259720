"""The screens of names, reveals and the quiz: refusals first."""

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fieldcheck.domain.access import Role
from fieldcheck.settings import Settings
from fieldcheck.storage import briefing_files
from fieldcheck.usecases import consent, people, reveals
from fieldcheck.web import main
from tests.identity.people import done, with_custodian
from tests.screens.sitting import Chair, said
from tests.story import NORTH, Story


@pytest.fixture
def story(database: Settings) -> Story:
    return with_custodian(database)


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


@pytest.mark.parametrize("who", ["chelsea", "alice", "bo"])
def test_reveals_are_nobodys_but_their_two_peoples_and_the_auditors(chair: Chair, story: Story, who: str) -> None:
    page = chair.alone(story.actors[who], "reveals")

    assert "reveals" not in {one.file for one in main.screens_of(story.actors[who])}
    assert len(page.error) == 1


@pytest.mark.parametrize("who", ["alice", "bo", "dana", "kira"])
def test_the_quiz_is_the_volunteers(chair: Chair, story: Story, who: str) -> None:
    page = chair.alone(story.actors[who], "quiz")

    assert len(page.error) == 1
    assert not page.radio


def test_a_coordinator_reads_names_and_is_told_that_it_is_on_record(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "people")
    page.run()

    assert "Chelsea" in said(page) and "on record" in said(page)
    assert "Serik" not in said(page)
    assert done(story, NORTH).count("identity.read") == 1


def test_assigning_shows_codes_only(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "assign", school="N1")

    assert story.actors["chelsea"].code in str(page.radio[0].options)
    assert "Chelsea" not in said(page) + str(page.radio[0].options)


def test_who_is_not_ready_is_named_with_the_reason_and_asked_about_her_conflicts(chair: Chair, story: Story) -> None:
    with story.work("alice") as work:
        aisha = people.bring_in(work, Role.VOLUNTEER, NORTH, "Aisha")
    page = chair.sit(story.actors["alice"], "people")
    before = said(page)

    page.session_state[f"ties-{aisha}"] = True
    page.run().button(key=f"asked-{aisha}").click().run()

    assert "has not agreed to the consent form in force; has not passed the quiz this season; was not asked" in before
    assert "was not asked about conflicts" not in said(page)


def test_two_people_reveal_a_name_and_the_next_click_takes_it_away(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["dana"], "reveals")
    page.text_input[0].set_value(story.actors["chelsea"].code)
    page.text_area[0].set_value("a court's order")
    button(page, "Ask for it").click().run()
    custodian = chair.sit(story.actors["kira"], "reveals")
    button(custodian, "Allow it").click().run()
    page = chair.sit(story.actors["dana"], "reveals")
    before = said(page)

    button(page, "Open").click().run()
    shown = said(page)
    page.run()

    assert "Chelsea" not in before + said(custodian) + said(page)
    assert "Chelsea" in shown


def test_the_custodian_may_refuse(chair: Chair, story: Story) -> None:
    with story.work("dana") as work:
        reveals.ask(work, story.actors["chelsea"].code, "curiosity")
    page = chair.sit(story.actors["kira"], "reveals")

    button(page, "Refuse").click().run()

    assert "not allowed" in said(page)
    assert not [one for one in chair.sit(story.actors["dana"], "reveals").button if one.label == "Open"]


def test_a_volunteer_agrees_and_passes_the_quiz(chair: Chair, story: Story) -> None:
    with story.work("alice") as work:
        aisha = people.bring_in(work, Role.VOLUNTEER, NORTH, "Aisha", language="en")
    actor = replace(story.actors["chelsea"], person_id=aisha, code="V-0")
    page = chair.sit(actor, "quiz")
    button(page, "I agree").click().run()
    button(page, "Done").click().run()
    unfinished = page.error[0].value
    for one in briefing_files.quiz(story.settings.checklists).questions:
        page.radio(key=f"q-{one.id}").set_value(one.right)

    button(page, "Done").click().run()

    assert "some questions have no answer" in unfinished
    assert "Passed." in said(page) and "10 of 10 right" in said(page)
    assert not page.radio
    with story.work("chelsea") as work:
        assert consent.current(work).given_at


def test_a_volunteer_may_withdraw_her_consent(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["chelsea"], "quiz")

    button(page, "I no longer agree").click().run()

    assert [one.label for one in page.button if one.label == "I agree"]
