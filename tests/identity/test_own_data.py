"""Her own data on request: all of hers, from every season, and nothing of anybody else's, nor a secret."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from fieldcheck.settings import Settings
from fieldcheck.storage import database
from fieldcheck.storage.own_rows import BY_PERSON
from fieldcheck.usecases import identities, own_data, people, review, seasons
from fieldcheck.usecases.work import look
from tests.story import Story, begin_story, make_ready

#: Columns that name a person who did something to a row about another; and the vault, which is read apart.
NOT_ABOUT_HER = {
    "visit.assigned_by", "visit.decided_by", "case_event.by", "follow_up.by", "vault_key.person_id",
    "vault_item.person_id",
}  # fmt: skip


@pytest.fixture
def story(database: Settings) -> Story:
    told = begin_story(database)
    visit = told.assign()
    told.walk(visit)
    told.submit(visit)
    with told.work("alice") as work:
        people.declare_conflict(work, told.actors["chelsea"].person_id, "employer", school_id="N2")
        review.set_aside(work, visit, "a note about her work")
    return told


def taken(story: Story, who: str = "chelsea") -> dict[str, Any]:
    with story.work(who) as work:
        return dict(json.loads(own_data.as_file(own_data.take(work))))


def test_it_is_never_given_where_no_record_of_it_would_stay(story: Story) -> None:
    with look(story.settings, story.actors["chelsea"]) as work, pytest.raises(RuntimeError):
        own_data.take(work)


def test_everything_about_her_is_in_it(story: Story) -> None:
    said = taken(story)

    assert said["identity"]["name"] == "Chelsea"
    assert [tie["school"] for tie in said["conflicts_of_interest"]] == ["N2"]
    assert [one["code"] for one in said["codes"]] == [story.actors["chelsea"].code]
    assert len(said["visits"]) == 1 and len(said["answers"]) > 10 and len(said["photos"]) > 1
    assert said["answers"][0]["given_at"] and said["consents"] and said["quizzes"]


def test_nothing_of_anybody_else_and_no_secret_is_in_it(story: Story) -> None:
    said = json.dumps(taken(story), ensure_ascii=False)
    others = [story.actors[name] for name in story.actors if name != "chelsea"]

    assert not [one for one in others if one.code in said or one.person_id in said]
    assert "a note about her work" not in said
    for name in ("wrapped", "cookie_hash", "token_hash", "stored", "body_hash"):
        assert f'"{name}"' not in said


def test_earlier_seasons_are_hers_too(story: Story) -> None:
    with story.work("alice") as work:
        seasons.begin(work)
    with story.work("alice") as work:
        who = [id_ for id_, one in identities.read(work).items() if one.name == "Chelsea" and not one.is_renewed]
        now = next(one for one in people.people(work) if one.id in who)
    old = story.actors["chelsea"].code
    story.actors["chelsea"] = people.actor_by_account(story.settings, now.id)  # type: ignore[assignment]
    make_ready(story, "chelsea", "alice")

    said = taken(story)

    assert {one["code"] for one in said["codes"]} == {old, now.code}
    assert len(said["visits"]) == 1 and len(said["consents"]) == 2


def test_that_it_was_taken_is_recorded(story: Story) -> None:
    taken(story)

    with database.transaction(story.settings.database_url, reading=True) as session:
        last = session.execute(text("select actor, action from record_entry order by seq desc limit 1")).one()
    assert tuple(last) == (story.actors["chelsea"].code, "data.take")


def test_every_column_that_names_a_person_is_given_or_known_not_to_be_about_her() -> None:
    """A new table is in neither, and this fails: whoever makes it decides."""
    pointing = {
        f"{table.name}.{key.parent.name}"
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "person"
    }
    tables = SQLModel.metadata.sorted_tables
    named = {f"{table.name}.person_id" for table in tables if "person_id" in table.c}
    given = {f"{table.__tablename__}.{column}" for table, column in BY_PERSON.values()}

    assert pointing | named == (given - {"person.id"}) | NOT_ABOUT_HER
