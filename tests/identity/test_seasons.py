"""Each season a volunteer is somebody new, and outside of the vault nothing leads from one code to the other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from fieldcheck.domain.access import Role
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.errors import Forbidden
from fieldcheck.settings import Settings
from fieldcheck.storage import database
from fieldcheck.usecases import dispatch, erasure, identities, people, reveals, review, seasons
from fieldcheck.usecases.work import look
from tests.security.town import rows_of
from tests.story import Story, begin_story, make_ready, new_id

SHEET = "entrance_stands"


@pytest.fixture
def story(database: Settings) -> Story:
    told = begin_story(database)
    told.actors["kira"] = replace(told.actors["dana"], person_id=new_id(), code="K-1", role=Role.CUSTODIAN)
    return told


def renew(story: Story) -> seasons.Season:
    with story.work("alice") as work:
        return seasons.begin(work)


def called(story: Story, name: str) -> Any:
    """Who of the volunteers has this name now, as her coordinator reads it."""
    with story.work("alice") as work:
        who = {id_ for id_, one in identities.read(work).items() if one.name == name and not one.is_renewed}
        (found,) = [one for one in people.people(work) if one.id in who]
    return found


def as_who_she_is_now(story: Story, name: str) -> None:
    now = called(story, name.title())
    story.actors[name] = replace(story.actors[name], person_id=now.id, code=now.code)


@pytest.mark.parametrize("who", ["chelsea", "bo", "dana"])
def test_only_a_coordinator_begins_a_season(story: Story, who: str) -> None:
    with story.work(who) as work, pytest.raises(Forbidden):
        seasons.begin(work)


def test_another_regions_volunteers_keep_their_codes(story: Story) -> None:
    renew(story)

    with story.work("boris") as work:
        assert story.actors["serik"].code in {one.code for one in people.people(work) if one.active}


def test_whoever_has_a_visit_open_keeps_her_code_until_it_is_decided(story: Story) -> None:
    story.assign()

    done = renew(story)

    assert (done.ready, done.waiting) == (1, 1)
    assert called(story, "Chelsea").code == story.actors["chelsea"].code


def test_everybody_gets_a_code_that_nobody_had_and_must_come_in_and_be_ready_anew(story: Story) -> None:
    before = {story.actors[name].code for name in ("chelsea", "dina")}

    done = renew(story)

    now = [called(story, name) for name in ("Chelsea", "Dina")]
    assert done.ready == 2
    assert before.isdisjoint(one.code for one in now)
    assert not any(one.readiness.has_consented or one.readiness.is_briefed or one.readiness.has_declared for one in now)
    for name in ("chelsea", "dina"):
        assert people.actor_by_account(story.settings, story.actors[name].person_id) is None


def test_a_season_that_is_over_is_counted(story: Story) -> None:
    with look(story.settings, story.actors["alice"], now=story.now + timedelta(days=366)) as work:
        assert seasons.standing(work).old == 2
    with story.work("alice") as work:
        assert seasons.standing(work).old == 0


def test_old_entries_of_the_record_keep_the_old_code(story: Story) -> None:
    visit, old = walked(story), story.actors["chelsea"].code
    renew(story)

    with database.transaction(story.settings.database_url, reading=True) as session:
        query = (
            "select distinct e.actor from record_entry e join record_body b on b.seq = e.seq "
            "where b.subject = :v and e.action in ('answer.take', 'visit.submit')"
        )
        assert [tuple(row) for row in session.execute(text(query), {"v": visit})] == [(old,)]


def walked(story: Story) -> str:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    with story.work("alice") as work:
        review.set_aside(work, visit, "a test")
    return visit


def test_outside_of_the_vault_no_row_tells_old_from_new(story: Story) -> None:
    """No row names both; nothing that both have in common is theirs alone; the record tells how many and no more."""
    walked(story)
    old = {name: story.actors[name] for name in ("chelsea", "dina")}
    there = set(rows_of(story.settings))
    renew(story)
    new = {name: called(story, name.title()) for name in ("chelsea", "dina")}

    rows = [row for row in rows_of(story.settings) if not row.startswith(("vault_key ", "vault_item "))]
    for name, was in old.items():
        mine = {was.person_id, was.code}, {new[name].id, new[name].code}
        assert not [row for row in rows if any(a in row for a in mine[0]) and any(b in row for b in mine[1])]
    fresh = [row for row in rows if row not in there]
    named = [row for row in fresh if any(one.id in row or one.code in row for one in new.values())]
    assert all(row.startswith("person ") for row in named)
    told = [row for row in fresh if row.startswith("record_body ")]
    assert any("'renewed': 2" in row for row in told)
    assert not [row for row in told for one in old.values() if one.person_id in row or one.code in row]


def test_who_was_renewed_first_says_nothing_about_who_she_was(story: Story) -> None:
    """The control of the order: among many seasons, each of the two comes first."""
    first = set()
    for _season in range(12):
        renew(story)
        with database.transaction(story.settings.database_url, reading=True) as session:
            query = "select id from person where active and role = 'volunteer' and region_id = '590000000' " + (
                "order by rowid" if story.settings.database_url.startswith("sqlite") else "order by ctid"
            )
            first.add(called(story, "Chelsea").id == session.execute(text(query)).scalars().first())

    assert first == {True, False}


def test_dispatch_still_knows_where_she_went_and_what_binds_her(story: Story) -> None:
    with story.work("alice") as work:
        people.declare_conflict(work, story.actors["chelsea"].person_id, "employer", school_id="N2")
    walked(story)
    renew(story)
    as_who_she_is_now(story, "chelsea")
    make_ready(story, "chelsea", "alice")

    def hindrances(school: str) -> tuple[Hindrance, ...]:
        with story.work("alice") as work:
            listed = dispatch.candidates(work, school, [story.sheets[SHEET].digest], story.now)
            return next(one.hindrances for one in listed if one.id == story.actors["chelsea"].person_id)

    assert Hindrance.ROTATION in hindrances("N1")
    assert Hindrance.CONFLICT_SCHOOL in hindrances("N2")
    assert hindrances("N3") == ()


def test_two_people_can_still_learn_who_had_the_old_code(story: Story) -> None:
    old = story.actors["chelsea"].code
    renew(story)
    with story.work("dana") as work:
        asked = reveals.ask(work, old, "a court asked")
    with story.work("kira") as work:
        reveals.consent(work, asked)

    with story.work("dana") as work:
        assert reveals.open_once(work, asked).name == "Chelsea"


@pytest.mark.parametrize("by_old_code", [True, False])
def test_erasing_her_erases_her_under_every_code(story: Story, by_old_code: bool) -> None:
    old = story.actors["chelsea"]
    renew(story)
    renew(story)
    new = called(story, "Chelsea")
    with story.work("dana") as work:
        order = erasure.ask(work, "person", old.code if by_old_code else new.code, "she asked for it")

    erasure.consent(story.settings, story.actors["kira"], order, now=story.now)

    with story.work("alice") as work:
        assert "Chelsea" not in {one.name for one in identities.read(work).values()}
    with database.transaction(story.settings.database_url, reading=True) as session:
        left = session.execute(text("select person_id from vault_key")).scalars().all()
    assert {old.person_id, new.id}.isdisjoint(left)
