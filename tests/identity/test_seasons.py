"""Each season a volunteer is somebody new, and outside of the vault nothing leads from one code to the other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from fieldcheck.domain.access import Role
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.errors import Conflict, Forbidden, NotNow
from fieldcheck.domain.visit import VisitState
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


def test_whoever_takes_no_part_any_more_gets_no_new_code(story: Story) -> None:
    with story.work("alice") as work:
        people.close(work, story.actors["dina"].person_id)

    done = renew(story)

    assert (done.ready, done.finishing) == (1, 0)
    with story.work("alice") as work:
        dina = {id_ for id_, one in identities.read(work).items() if one.name == "Dina"}
    assert dina == {story.actors["dina"].person_id}


def test_nobody_keeps_her_code_and_what_is_under_way_is_finished_under_the_old_one(story: Story) -> None:
    visit, old = story.assign(), story.actors["chelsea"]

    done = renew(story)

    assert (done.ready, done.finishing, done.called_off) == (2, 1, 0)
    assert called(story, "Chelsea").code != old.code
    story.walk(visit)
    story.submit(visit)
    assert people.actor_by_account(story.settings, old.person_id) is not None
    with story.work("alice") as work:
        review.send_back(work, visit, [(story.sheets[SHEET].digest, "ENT-01", "again, please")])
    assert people.actor_by_account(story.settings, old.person_id) is not None  # sent back is not decided
    story.later(minutes=1)
    story.answer(visit, SHEET, "ENT-01", "yes")
    story.submit(visit)
    with story.work("alice") as work:
        review.accept(work, visit, (), {})

    assert people.actor_by_account(story.settings, old.person_id) is None
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        assert review.check(work, visit).volunteer == old.code


@pytest.mark.parametrize("decision", ["set_aside", "withdraw"])
def test_an_old_code_ends_with_whatever_is_decided(story: Story, decision: str) -> None:
    visit, old = story.assign(), story.actors["chelsea"]
    renew(story)
    if decision == "set_aside":
        story.walk(visit)
        story.submit(visit)
    with story.work("alice") as work:
        review.set_aside(work, visit, "a test") if decision == "set_aside" else dispatch.withdraw(work, visit, "")

    assert people.actor_by_account(story.settings, old.person_id) is None


def test_an_old_code_is_sent_nowhere_and_is_not_renewed_again(story: Story) -> None:
    story.assign()
    old = story.actors["chelsea"]
    renew(story)

    with story.work("alice") as work:
        listed = dispatch.candidates(work, "N2", [story.sheets[SHEET].digest], story.now)
        assert Hindrance.OLD_CODE in next(one.hindrances for one in listed if one.id == old.person_id)
    days = story.now, story.now + timedelta(days=2)
    with story.work("alice") as work, pytest.raises(Conflict):
        dispatch.assign(work, "N2", old.person_id, [story.sheets[SHEET].digest], *days)
    again = renew(story)
    assert (again.ready, again.finishing) == (2, 1)  # two new codes, and the old one still only finishes


def test_the_link_for_the_new_code_waits_until_the_old_one_has_finished(story: Story) -> None:
    visit = story.assign()
    renew(story)
    new, dina = called_id(story, "Chelsea"), called_id(story, "Dina")

    with story.work("alice") as work, pytest.raises(NotNow, match=r"season\.finish_first"):
        people.invite(work, new)
    with story.work("alice") as work:
        assert people.invite(work, dina)
    with story.work("alice") as work:
        assert people.invite(work, story.actors["chelsea"].person_id)  # a lost phone: the old one may come in again
        dispatch.withdraw(work, visit, "")
    with story.work("alice") as work:
        assert people.invite(work, new)


def called_id(story: Story, name: str) -> str:
    return str(called(story, name).id)


def test_a_visit_whose_days_have_not_begun_is_called_off_to_be_planned_anew(story: Story) -> None:
    with story.work("alice") as work:
        days = story.now + timedelta(days=3), story.now + timedelta(days=5)
        sheets = [story.sheets[SHEET].digest]
        later = dispatch.assign(work, "N1", story.actors["chelsea"].person_id, sheets, *days)
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        assert seasons.standing(work).called_off == 1

    done = renew(story)

    assert (done.ready, done.finishing, done.called_off) == (2, 0, 1)
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        assert review.check(work, later).state is VisitState.WITHDRAWN
    assert people.actor_by_account(story.settings, story.actors["chelsea"].person_id) is None


def test_nobody_is_sent_under_a_code_of_a_season_that_is_over(story: Story) -> None:
    """However ready she is: a code is for one season."""
    story.later(days=366)
    make_ready(story, "chelsea", "alice")

    def hindrances() -> tuple[Hindrance, ...]:
        with story.work("alice") as work:
            listed = dispatch.candidates(work, "N1", [story.sheets[SHEET].digest], story.now)
            return next(one.hindrances for one in listed if one.id == story.actors["chelsea"].person_id)

    assert hindrances() == (Hindrance.OLD_CODE,)
    renew(story)
    as_who_she_is_now(story, "chelsea")
    make_ready(story, "chelsea", "alice")
    assert hindrances() == ()


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
