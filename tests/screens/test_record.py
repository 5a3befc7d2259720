"""The auditor's and the custodian's screens: refusals first, then reading, verifying and erasing by two."""

from dataclasses import replace

import pytest

from fieldcheck.domain.access import Role
from fieldcheck.settings import Settings
from fieldcheck.usecases import people, record
from fieldcheck.web import main
from tests.screens.sitting import Chair, said
from tests.story import Story, begin_story

SCREENS = ("record", "erasure")


@pytest.fixture
def story(database: Settings) -> Story:
    """A visit that was handed in; Ada audits, Kira keeps what is confidential."""
    told = begin_story(database)
    for name, role in (("ada", Role.AUDITOR), ("kira", Role.CUSTODIAN)):
        with told.work("dana") as work:
            id_ = people.bring_in(work, role, None, name.title(), language="en")
            view = next(person for person in people.people(work) if person.id == id_)
        told.actors[name] = replace(told.actors["dana"], person_id=id_, code=view.code, role=role)
    visit = told.assign()
    told.walk(visit)
    told.submit(visit)
    return told


def shown(page: object) -> str:
    """What stands in the page's tables."""
    return "\n".join(frame.value.to_string() for frame in page.dataframe)  # type: ignore[attr-defined]


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("who", ["chelsea", "bo", "alice"])
def test_a_screen_without_the_grant_is_refused(chair: Chair, story: Story, who: str, screen: str) -> None:
    page = chair.alone(story.actors[who], screen)

    assert screen not in {one.file for one in main.screens_of(story.actors[who])}
    assert len(page.error) == 1
    assert not page.dataframe


def test_the_auditor_has_the_record_the_lists_of_erasures_and_reveals_and_her_own_account(story: Story) -> None:
    assert [one.file for one in main.screens_of(story.actors["ada"])] == ["record", "erasure", "reveals", "account"]
    assert [one.file for one in main.screens_of(story.actors["kira"])] == ["erasure", "reveals", "account"]


def test_the_auditor_reads_who_did_what_and_verifies_it(chair: Chair, story: Story) -> None:
    record.sign_head(story.settings, story.now)
    page = chair.sit(story.actors["ada"], "record")

    page.button[0].click().run()

    assert "The record holds." in said(page)
    assert "Handed a visit in" in shown(page)
    assert story.actors["chelsea"].code in shown(page)


def test_the_administrator_is_not_shown_whose_visit_it_was(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["dana"], "record")

    assert "Brought somebody in" in shown(page)
    assert "Handed a visit in" not in shown(page)
    assert story.actors["chelsea"].code not in shown(page)
    assert "No." not in {column for frame in page.dataframe for column in frame.value.columns}
    assert not page.text_input


def test_the_administrator_verifies_without_learning_how_much_there_is(chair: Chair, story: Story) -> None:
    record.sign_head(story.settings, story.now)
    page = chair.sit(story.actors["dana"], "record")

    page.button[0].click().run()

    assert "The record holds." in said(page)
    assert "Entries" not in {metric.label for metric in page.metric}
    assert "No." not in {column for frame in page.dataframe for column in frame.value.columns}


def test_one_asks_the_other_consents_and_the_photo_is_gone(chair: Chair, story: Story) -> None:
    with story.work("ada") as work:
        photo = next(
            one.details["photo"]
            for entry in record.newest(work)
            if entry.action == "photo.take"
            for one in record.trace(work, entry.subject)
            if one.action == "photo.take"
        )
    before = len(list(story.settings.photos.glob("orig/*/*")))
    asking = chair.sit(story.actors["dana"], "erasure")
    asking.text_input[0].set_value(photo)
    asking.text_area[0].set_value("a face")
    next(one for one in asking.button if one.label == "Ask for it").click().run()
    told = said(asking)

    deciding = chair.sit(story.actors["kira"], "erasure")
    next(one for one in deciding.button if one.label == "Erase for good").click().run()

    assert "until the custodian consents" in told
    assert "erased" in said(deciding)
    assert len(list(story.settings.photos.glob("orig/*/*"))) == before - 1
    assert record.verify_live(story.settings).holds


def test_whoever_only_reads_has_nothing_to_press(chair: Chair, story: Story) -> None:
    with story.work("dana") as work:
        from fieldcheck.usecases import erasure

        erasure.ask(work, "person", story.actors["chelsea"].code, "her wish")

    page = chair.sit(story.actors["ada"], "erasure")

    assert "her wish" in said(page)
    assert not page.button
