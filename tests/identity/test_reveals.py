"""Learning who a volunteer is: two people, once, for a quarter of an hour, on record; refusals first."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fieldcheck.domain.errors import Forbidden, Invalid, NotFound, NotNow
from fieldcheck.settings import Settings
from fieldcheck.storage import database
from fieldcheck.usecases import erasure, people, reveals
from fieldcheck.usecases.work import look
from tests.identity.people import done, rows, with_custodian
from tests.story import Story

REASON = "a court's order"


@pytest.fixture
def story(database: Settings) -> Story:
    return with_custodian(database)


def ask(story: Story, whom: str = "chelsea", by: str = "dana", reason: str = REASON) -> str:
    with story.work(by) as work:
        return reveals.ask(work, story.actors[whom].code, reason)


def allow(story: Story, request: str, by: str = "kira") -> None:
    with story.work(by) as work:
        reveals.consent(work, request)


def opened(story: Story, request: str, by: str = "dana") -> reveals.Revealed:
    with story.work(by) as work:
        return reveals.open_once(work, request)


@pytest.mark.parametrize("by", ["alice", "bo", "chelsea", "ada", "kira"])
def test_only_an_administrator_asks(story: Story, by: str) -> None:
    with pytest.raises(Forbidden):
        ask(story, by=by)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_asking_needs_a_reason(story: Story, reason: str) -> None:
    with pytest.raises(Invalid, match=r"reveal\.reason_needed"):
        ask(story, reason=reason)


@pytest.mark.parametrize("whom", ["bo", "alice"])
def test_staff_are_not_revealed_this_way(story: Story, whom: str) -> None:
    with pytest.raises(NotFound, match=r"person\.not_found"):
        ask(story, whom)


def test_the_same_is_not_asked_twice(story: Story) -> None:
    ask(story)

    with pytest.raises(NotNow, match=r"reveal\.already_asked"):
        ask(story)


@pytest.mark.parametrize("by", ["dana", "alice", "bo", "ada", "chelsea"])
def test_only_a_custodian_consents(story: Story, by: str) -> None:
    request = ask(story)

    with pytest.raises(Forbidden):
        allow(story, request, by)


def test_who_asked_does_not_consent_whatever_role_was_given_since(story: Story) -> None:
    request = ask(story)
    with database.transaction(story.settings.database_url) as session:
        session.execute(text("update reveal set asked_by = :k"), {"k": story.actors["kira"].code})

    with pytest.raises(Forbidden, match=r"reveal\.two_people"):
        allow(story, request)
    with pytest.raises(IntegrityError), database.transaction(story.settings.database_url) as session:
        session.execute(text("update reveal set decided_by = asked_by"))


def test_nothing_is_shown_before_the_consent(story: Story) -> None:
    with pytest.raises(NotNow, match=r"reveal\.not_open"):
        opened(story, ask(story))


def test_nothing_is_shown_after_a_refusal_and_no_consent_follows_it(story: Story) -> None:
    request = ask(story)
    with story.work("kira") as work:
        reveals.refuse(work, request)

    with pytest.raises(NotNow, match=r"reveal\.not_open"):
        opened(story, request)
    with pytest.raises(NotNow, match=r"reveal\.decided"):
        allow(story, request)


def test_a_quarter_of_an_hour_later_nothing_is_shown(story: Story) -> None:
    request = ask(story)
    allow(story, request)
    story.now += reveals.OPEN_FOR + timedelta(seconds=1)

    with pytest.raises(NotNow, match=r"reveal\.not_open"):
        opened(story, request)


def test_it_is_shown_once(story: Story) -> None:
    request = ask(story)
    allow(story, request)
    shown = opened(story, request)

    with pytest.raises(NotNow, match=r"reveal\.not_open"):
        opened(story, request)

    assert (shown.name, shown.code) == ("Chelsea", story.actors["chelsea"].code)


def test_another_administrator_does_not_open_what_the_first_asked_for(story: Story) -> None:
    request = ask(story)
    allow(story, request)
    with database.transaction(story.settings.database_url) as session:
        session.execute(text("update reveal set asked_by = 'A-999'"))

    with pytest.raises(NotFound, match=r"reveal\.not_found"):
        opened(story, request)


@pytest.mark.parametrize("by", ["kira", "alice", "bo", "ada"])
def test_nobody_else_opens_it(story: Story, by: str) -> None:
    request = ask(story)
    allow(story, request)

    with pytest.raises(Forbidden):
        opened(story, request, by)


def test_whoever_only_looks_is_shown_nothing(story: Story) -> None:
    request = ask(story)
    allow(story, request)

    with look(story.settings, story.actors["dana"], now=story.now) as work, pytest.raises(RuntimeError):
        reveals.open_once(work, request)


def test_whoever_was_erased_meanwhile_is_nobody(story: Story) -> None:
    request = ask(story)
    allow(story, request)
    with story.work("dana") as work:
        order = erasure.ask(work, "person", story.actors["chelsea"].code, "she asked for it")
    erasure.consent(story.settings, story.actors["kira"], order, now=story.now)

    with pytest.raises(NotFound, match=r"reveal\.erased"):
        opened(story, request)


def test_asking_allowing_and_opening_are_on_record_without_the_name(story: Story) -> None:
    request = ask(story)
    allow(story, request)
    opened(story, request)

    acts = done(story, story.actors["chelsea"].person_id)
    assert acts[-3:] == ["reveal.ask", "reveal.consent", "reveal.open"]
    assert "Chelsea" not in str(rows(story, "select * from reveal")) + str(rows(story, "select * from record_body"))


def test_the_requests_are_listed_for_both_and_for_the_auditor_and_may_be_opened_by_one(story: Story) -> None:
    request = ask(story)
    allow(story, request)

    seen = {}
    for who in ("dana", "kira", "ada"):
        with look(story.settings, story.actors[who], now=story.now) as work:
            seen[who] = [(one.state, one.may_open) for one in reveals.requests(work)]
    with look(story.settings, story.actors["dana"], now=story.now + timedelta(hours=1)) as work:
        late = [(one.state, one.may_open) for one in reveals.requests(work)]

    assert seen == {"dana": [("consented", True)], "kira": [("consented", False)], "ada": [("consented", False)]}
    assert late == [("expired", False)]


def test_a_closed_volunteer_can_still_be_asked_for(story: Story) -> None:
    with story.work("alice") as work:
        people.close(work, story.actors["chelsea"].person_id)
    request = ask(story)
    allow(story, request)

    assert opened(story, request).name == "Chelsea"


def test_a_request_that_waits_keeps_nobody_from_asking_for_another_or_again(story: Story) -> None:
    first = ask(story)
    with pytest.raises(NotNow, match="already_asked"):
        ask(story)

    story.actors["another"] = replace(story.actors["dana"], code="A-0002")
    ask(story, "dina")
    ask(story, by="another")
    with story.work("kira") as work:
        reveals.refuse(work, first)
    assert ask(story) != first
