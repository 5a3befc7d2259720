"""The desks of the programme, refusals first: who has no part there, and what an empty programme says."""

import pytest

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.geo import Point
from fieldcheck.settings import Settings
from fieldcheck.usecases import people, schools
from fieldcheck.usecases.work import begin
from fieldcheck.web import main
from tests.screens.sitting import Chair, said
from tests.story import NORTH, NOW, Story

PROGRAMME = ("visits", "check", "assign", "people", "schools", "checklists")


def founded(settings: Settings) -> tuple[Actor, Actor]:
    """A programme with nobody but Dana and Alice, and nothing in it."""
    dana = Actor(people.found(settings, "Dana", "en", NOW), "A-0001", Role.ADMINISTRATOR, None, "en")
    with begin(settings, dana, now=NOW) as work:
        schools.put_region(work, NORTH, "KZ-59", {"ru": "С", "kk": "С", "en": "N"}, Point(54.9, 69.2))
        alice = people.bring_in(work, Role.COORDINATOR, NORTH, "Alice", language="en")
    return dana, Actor(alice, "C-1", Role.COORDINATOR, NORTH, "en")


@pytest.mark.parametrize("screen", PROGRAMME)
@pytest.mark.parametrize("who", ["chelsea", "bo"])
def test_a_screen_without_the_grant_is_in_nobodys_navigation(chair: Chair, story: Story, who: str, screen: str) -> None:
    assert screen not in {one.file for one in main.screens_of(story.actors[who])}


@pytest.mark.parametrize("screen", ["visits", "assign", "people", "schools", "checklists"])
def test_its_file_alone_tells_a_reviewer_no_more_than_a_refusal(chair: Chair, story: Story, screen: str) -> None:
    story.assign()

    page = chair.alone(story.actors["bo"], screen)

    assert [error.value for error in page.error] == [
        "This page: your part in the programme does not include this. Ask the administrator if it should."
    ]
    assert "School N1" not in said(page)


def test_the_check_alone_tells_a_volunteer_no_more_than_a_refusal(chair: Chair, story: Story) -> None:
    page = chair.alone(story.actors["chelsea"], "check", visit=story.assign())

    assert "your part in the programme" in page.error[0].value
    assert "School N1" not in said(page)


def test_a_foreign_visit_is_told_like_a_missing_one(chair: Chair, story: Story) -> None:
    visit = story.assign()

    foreign = chair.sit(story.actors["boris"], "check", visit=visit)
    missing = chair.sit(story.actors["boris"], "check", visit="nowhere")

    assert [e.value for e in foreign.error] == [e.value for e in missing.error]
    assert "School N1" not in said(foreign)


def test_a_person_who_was_closed_meanwhile_sees_nothing(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "people")
    with begin(story.settings, story.actors["dana"], now=NOW) as work:
        people.close(work, story.actors["alice"].person_id)

    page.run()

    assert not page.title
    assert "Chelsea" not in said(page)


@pytest.mark.parametrize(
    ("screen", "next_step"),
    [
        ("visits", "There is no visit yet."),
        ("check", "Pick a visit from the list first."),
        ("assign", "There is no school yet."),
        ("people", "Nobody is here yet."),
        ("schools", "There is no school in your region yet."),
        ("checklists", "No checklist is published yet."),
    ],
)
def test_an_empty_programme_tells_a_coordinator_what_to_do_next(
    chair: Chair, database: Settings, screen: str, next_step: str
) -> None:
    _dana, alice = founded(database)

    page = chair.sit(alice, screen)

    assert any(next_step in info.value for info in page.info)
    assert not page.error


@pytest.mark.parametrize(
    ("screen", "next_step"), [("schools", "Bring in a list above."), ("checklists", "No checklist is published yet.")]
)
def test_an_empty_programme_tells_an_administrator_what_to_do_next(
    chair: Chair, database: Settings, screen: str, next_step: str
) -> None:
    dana, _alice = founded(database)

    page = chair.sit(dana, screen)

    assert any(next_step in info.value for info in page.info)


def test_a_volunteer_with_nothing_to_do_is_told_so(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["dina"], "my_visits")

    assert [title.value for title in page.title] == ["Notes"]
    assert "There is nothing to do now." in page.info[0].value


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
@pytest.mark.parametrize("screen", PROGRAMME)
def test_every_desk_opens_in_every_language(chair: Chair, story: Story, screen: str, language: str) -> None:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    with story.work("alice") as work:
        people.speak(work, language)

    page = chair.sit(story.actors["alice"], screen, visit=visit)

    assert page.title
    assert not page.error
    assert said(page)
