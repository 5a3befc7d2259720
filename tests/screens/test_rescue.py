"""The screen that takes in a phone's file: what came in and what did not is said; a bent file changes nothing."""

from typing import Any

from streamlit.testing.v1 import AppTest

from fieldcheck.storage import database as store
from fieldcheck.storage import visit_queries
from tests.screens.sitting import Chair, said
from tests.story import Story
from tests.usecases.test_rescue import file


def given(chair: Chair, story: Story, data: bytes) -> AppTest:
    page = chair.sit(story.actors["alice"], "rescue")
    page.file_uploader[0].upload("notes.dat", data, "application/octet-stream")
    page.run()
    page.button[0].click().run()
    return page


def held(story: Story, visit: str) -> list[Any]:
    with store.transaction(story.settings.database_url, reading=True) as session:
        return list(visit_queries.answers(session, visit))


def test_a_bent_file_is_refused_in_words_and_changes_nothing(chair: Chair, story: Story) -> None:
    visit = story.assign()

    page = given(chair, story, file(story, visit)[:-1])

    assert "it cannot be opened" in said(page)
    assert held(story, visit) == []


def test_a_file_is_taken_in_and_what_could_not_be_is_said(chair: Chair, story: Story) -> None:
    visit = story.assign()

    page = given(chair, story, file(story, visit))

    assert story.actors["chelsea"].code in said(page).replace("\\", "")
    assert "Photos: 1" in said(page) and "Answers: 1" in said(page)
    assert len(held(story, visit)) == 1
