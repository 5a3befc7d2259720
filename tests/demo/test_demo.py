"""The demo programme: every state is there, nobody real is named, and a second run adds nothing."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from fieldcheck import demo
from fieldcheck.demo.ground import MARK, REGION
from fieldcheck.domain import custody
from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.case import CaseState
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.visit import VisitState
from fieldcheck.settings import Settings
from fieldcheck.storage import chain, database
from fieldcheck.storage.tables import Case, Photo, RecordEntry, School, Visit
from fieldcheck.usecases import cases, people, register, review, schools, seasons, visit_list
from fieldcheck.usecases.work import look
from tests.story import NORTH, Story

NOW = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)
SCALE = 0.25


def quiet(line: str) -> None:
    """Tell nobody."""


def make(settings: Settings, **kw: Any) -> tuple[demo.DemoPerson, ...]:
    """Create a small demo."""
    return demo.create(settings, NOW, **{"scale": SCALE, "tell": quiet, **kw})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One small demo for all the tests that only look at it."""
    from tests.first import HOUSE, read_settings

    folder = tmp_path_factory.mktemp("demo")
    settings = read_settings({"FIELDCHECK_DATA": str(folder), "FIELDCHECK_CHECKLISTS": str(HOUSE / "checklists")})
    database.upgrade(settings.database_url)
    make(settings)
    return settings


def actor(settings: Settings, role: Role, region: str | None = REGION) -> Actor:
    """Somebody of the demo with that role."""
    one = next(one for one in people.roster(settings) if one.role is role and one.region == region)
    return Actor(one.id, one.code, one.role, one.region, one.language)


def told(settings: Settings) -> tuple[Any, ...]:
    """Everything of a demo that must come out the same again."""
    with database.transaction(settings.database_url, reading=True) as session:
        return (
            [one.code for one in people.roster(settings)],
            sorted(session.execute(select(col(Visit.id), col(Visit.state), col(Visit.school_id))).all()),
            sorted(session.execute(select(col(Case.number), col(Case.code), col(Case.state))).all()),
            sorted(session.execute(select(col(Photo.sha256))).all()),
        )


def test_a_programme_that_is_no_demo_is_left_alone_and_gets_no_links(database: Settings) -> None:
    people.found(database, "Dana", "en", NOW)

    made = make(database)

    assert made == ()
    assert [one.code for one in people.roster(database)] == ["A-0001"]


def test_a_second_run_adds_nothing_and_gives_fresh_links(made: Settings) -> None:
    before = told(made)
    first = demo.links(made, NOW)

    second = make(made)

    assert told(made) == before
    assert [one.code for one in second] == [one.code for one in first]
    assert {one.link for one in second}.isdisjoint(one.link for one in first)


def test_each_link_signs_its_person_in(made: Settings) -> None:
    for one in demo.links(made, NOW):
        session = people.redeem(made, one.link.partition("#t=")[2], NOW + timedelta(minutes=1))

        assert session.role is one.role
        assert session.language == one.language


def test_whoever_still_finishes_a_season_gets_a_link_for_the_old_code_only(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo.ground, "REGION", NORTH)
    story.assign(who="chelsea")
    before = {one.code for one in demo.links(story.settings, story.now)}
    with story.work("alice") as work:
        seasons.begin(work)

    codes = {one.code for one in demo.links(story.settings, story.now)}

    gone = story.actors["dina"].code
    assert before - codes == {gone}
    assert len(codes - before) == 1  # who Dina is now: Chelsea's new one comes when the old one has finished


def test_the_same_seed_gives_the_same_demo(made: Settings, database: Settings) -> None:
    make(database)

    assert told(database) == told(made)


def test_visits_stand_in_every_state(made: Settings) -> None:
    with look(made, actor(made, Role.COORDINATOR), now=NOW) as work:
        lines = visit_list.visits(work)

    assert {line.state for line in lines} == set(VisitState)
    assert any(line.stop_reason for line in lines)


def test_register_entries_stand_in_every_state_some_of_them_late(made: Settings) -> None:
    with look(made, actor(made, Role.REVIEWER), now=NOW) as work:
        page = register.entries(work, CaseFilter(page_size=200))

    assert {line.state for line in page.rows} == set(CaseState)
    assert any(line.overdue for line in page.rows if line.state is CaseState.REFERRED)
    assert any(line.repeat_of for line in page.rows)


def test_an_entry_shows_what_was_answered_and_what_was_released(made: Settings) -> None:
    with look(made, actor(made, Role.REVIEWER), now=NOW) as work:
        seen = [cases.read(work, line.id) for line in register.entries(work, CaseFilter(page_size=200)).rows]

    assert all(entry.answers for entry in seen)
    assert any(entry.photos for entry in seen)
    assert any(answer.text for entry in seen for answer in entry.answers)


def test_a_submitted_visit_waits_that_makes_one_look_twice(made: Settings) -> None:
    with look(made, actor(made, Role.COORDINATOR), now=NOW) as work:
        waiting = [line.id for line in visit_list.visits(work, [VisitState.SUBMITTED])]
        doubted = {doubt.code for id_ in waiting for doubt in review.check(work, id_).doubts}

    assert "far_from_school" in doubted


def test_no_real_school_is_named(made: Settings) -> None:
    with database.transaction(made.database_url, reading=True) as session:
        rows = session.execute(select(School)).scalars().all()

    assert rows
    assert {row.region_id for row in rows} == {REGION}
    assert all(MARK in row.name["ru"] and MARK in row.name["kk"] and "demo" in row.name["en"] for row in rows)
    assert {row.source for row in rows} == {"demo"}


def test_the_register_names_no_volunteer(made: Settings) -> None:
    with look(made, actor(made, Role.REVIEWER), now=NOW) as work:
        shown = str([cases.read(work, line.id) for line in register.entries(work, CaseFilter(page_size=200)).rows])

    walkers = [one for one in people.roster(made) if one.role is Role.VOLUNTEER]
    assert len(walkers) == 12
    assert not [one.code for one in walkers if one.code in shown or one.id in shown or one.name in shown]


def test_the_chain_of_custody_holds_and_runs_forward_in_time(made: Settings) -> None:
    with database.transaction(made.database_url, reading=True) as session:
        links = chain.links(session)
        lived = select(col(RecordEntry.at)).where(col(RecordEntry.action).not_in(["person.invite", "account.sign_in"]))
        moments = list(session.execute(lived.order_by(col(RecordEntry.seq))).scalars())
        accepted = session.execute(select(func.count()).where(col(RecordEntry.action) == "visit.accept")).scalar_one()

    assert custody.first_break(links) is None
    assert moments == sorted(moments)
    assert accepted


def test_an_interrupted_beginning_is_taken_up_again(database: Settings) -> None:
    people.found(database, "Дана Серикова (демо)", "ru", NOW - timedelta(days=95))

    made = make(database, scale=0.1)

    assert len(made) == 19


def test_another_regions_coordinator_sees_nothing_of_it(made: Settings) -> None:
    with look(made, actor(made, Role.COORDINATOR, "310000000"), now=NOW) as work:
        assert visit_list.visits(work) == ()
        assert schools.schools(work) == ()


def test_every_photo_is_another_photo() -> None:
    from fieldcheck.demo import pictures

    chance = random.Random(1)

    photos = [pictures.take(pictures.Scene.WEBSITE, "ru", chance) for _ in range(3)]

    assert len(set(photos)) == 3
