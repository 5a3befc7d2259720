"""Taking what the phone sends: refusals first, then that nothing is lost and nothing is doubled."""

from datetime import timedelta
from typing import Any

import pytest

from fieldcheck.domain import custody
from fieldcheck.domain.errors import Conflict, Forbidden, Invalid, NotFound, NotNow
from fieldcheck.domain.visit import StopReason, VisitState
from fieldcheck.storage import chain, database, visit_queries
from fieldcheck.storage.tables import Visit
from fieldcheck.usecases import dispatch, endings, review, sync, visit_list, visits
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import look
from tests.story import Story, new_id

SHEET = "entrance_stands"


def sent(story: Story, question: str, value: Any, **kw: Any) -> SentAnswer:
    """An answer as the phone makes it."""
    fields = {"id": new_id(), "checklist": story.sheets[SHEET].digest, "given_at": story.now, "seen_at": None}
    fields |= {"place": Place(54.8753, 69.1628, 20.0, 3.0)} | kw
    return SentAnswer(question=question, value=value, **fields)


def send(story: Story, visit: str, *answers: SentAnswer, who: str = "chelsea", gap: timedelta = timedelta(0)) -> Any:
    """Send a batch from a phone whose clock is behind by *gap*."""
    with story.work(who) as work:
        return sync.take_answers(work, visit, story.now - gap, "phone", "test", answers)


def stored(story: Story, visit: str) -> list[Any]:
    """Every answer that the server holds of a visit."""
    with database.transaction(story.settings.database_url, reading=True) as session:
        return list(visit_queries.answers(session, visit))


def test_another_volunteers_visit_looks_like_none(story: Story) -> None:
    visit = story.assign()

    with pytest.raises(NotFound) as mine:
        send(story, visit, sent(story, "ENT-03", "free"), who="dina")
    with pytest.raises(NotFound) as nobodys:
        send(story, "no-such-visit", sent(story, "ENT-03", "free"), who="dina")

    assert (mine.value.code, mine.value.details) == (nobodys.value.code, nobodys.value.details)


@pytest.mark.parametrize("who", ["alice", "bo", "dana"])
def test_nobody_but_a_volunteer_answers(story: Story, who: str) -> None:
    visit = story.assign()

    with pytest.raises(Forbidden):
        send(story, visit, sent(story, "ENT-03", "free"), who=who)


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        ("ENT-99", "yes", "answer.unknown_question"),
        ("ENT-03", "flew", "answer.unknown_option"),
        ("ENT-03", ["free"], "answer.wrong_type"),
        ("ENT-03", True, "answer.wrong_type"),
        ("ENT-06", "plain", "answer.hidden_question"),
    ],
)
def test_a_bad_answer_is_refused_and_the_others_are_kept(
    story: Story, question: str, value: Any, code: str
) -> None:
    visit = story.assign()

    refused, kept = send(story, visit, sent(story, question, value), sent(story, "ENT-03", "denied"))

    assert refused.status == "refused" and refused.error.code == code
    assert kept.status == "stored"
    assert [row.value for row in stored(story, visit)] == ["denied"]


def test_an_answer_to_a_checklist_of_another_visit_is_refused(story: Story) -> None:
    visit = story.assign()

    (taken,) = send(story, visit, sent(story, "WEB-03", "works", checklist=story.sheets["website_remote"].digest))

    assert taken.error.code == "checklist.not_found"


@pytest.mark.parametrize("id_", ["1", "", "../../etc", "ZZZZZZZZ-0000-4000-8000-000000000000"])
def test_an_id_that_no_phone_makes_is_refused(story: Story, id_: str) -> None:
    visit = story.assign()

    (taken,) = send(story, visit, sent(story, "ENT-03", "free", id=id_))

    assert taken.error.code == "id.malformed"


def test_the_same_id_with_another_body_is_refused(story: Story) -> None:
    visit = story.assign()
    first = sent(story, "ENT-03", "free")
    send(story, visit, first)

    (taken,) = send(story, visit, sent(story, "ENT-03", "denied", id=first.id))

    assert taken.error.code == "id.reused"
    assert [row.value for row in stored(story, visit)] == ["free"]


def test_an_id_of_another_visit_cannot_be_taken_over(story: Story) -> None:
    visit, other = story.assign(), story.assign(school="N2", who="dina")
    first = sent(story, "ENT-03", "free")
    send(story, visit, first)

    (taken,) = send(story, other, first, who="dina")

    assert taken.error.code == "id.reused"
    assert stored(story, other) == []


def test_a_repeated_send_gets_the_same_answer_and_changes_nothing(story: Story) -> None:
    visit = story.assign()
    one = sent(story, "ENT-03", "free")
    (first,) = send(story, visit, one)
    story.later(minutes=5)

    (again,) = send(story, visit, one)

    assert again.status == "known" and again.received_at == first.received_at
    assert len(stored(story, visit)) == 1


def test_the_same_answer_twice_in_one_batch_is_stored_once(story: Story) -> None:
    visit = story.assign()
    one = sent(story, "ENT-03", "free")

    taken = send(story, visit, one, one)

    assert [t.status for t in taken] == ["stored", "known"]
    assert len(stored(story, visit)) == 1


def test_after_submission_an_answer_is_refused(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    before = len(stored(story, visit))

    (taken,) = send(story, visit, sent(story, "ENT-03", "denied"))

    assert taken.error.code == "visit.closed"
    assert len(stored(story, visit)) == before


def test_a_visit_called_off_while_she_was_offline_still_takes_what_she_recorded(story: Story) -> None:
    visit = story.assign()
    with story.work("alice") as work:
        dispatch.withdraw(work, visit, "the school is closed this week")

    (taken,) = send(story, visit, sent(story, "ENT-03", "free"))

    assert taken.status == "stored"
    with look(story.settings, story.actors["chelsea"]) as work:
        assert visits.one_of_mine(work, visit).visit.state is VisitState.WITHDRAWN


@pytest.mark.parametrize(
    "place",
    [
        Place(),
        Place(no_place="denied"),
        Place(lat=200.0, lon=0.0, accuracy=5.0, age=1.0),
        Place(lat=float("nan"), lon=0.0, accuracy=5.0, age=1.0),
        Place(lat=1.0, lon=2.0, accuracy=-5.0, age=1.0),
    ],
)
def test_a_bad_position_never_costs_an_answer(story: Story, place: Place) -> None:
    visit = story.assign()

    (taken,) = send(story, visit, sent(story, "ENT-03", "free", place=place))

    (row,) = stored(story, visit)
    assert taken.status == "stored"
    assert (row.lat, row.no_place) == (None, place.no_place or "unavailable")


def test_a_clock_that_is_a_day_off_is_corrected_and_kept_as_said(story: Story) -> None:
    visit = story.assign()
    gap = timedelta(days=1)

    send(story, visit, sent(story, "ENT-03", "free", given_at=story.now - gap), gap=gap)

    (row,) = stored(story, visit)
    assert row.given_at == story.now - gap
    assert row.happened_at == story.now
    assert row.clock_gap_s == 86_400


def test_the_latest_answer_counts_and_a_cleared_one_is_none(story: Story) -> None:
    visit = story.assign()
    send(story, visit, sent(story, "ENT-03", "free"))
    story.later(minutes=1)
    send(story, visit, sent(story, "ENT-03", "denied"), sent(story, "ENT-01", None))

    with look(story.settings, story.actors["chelsea"]) as work:
        walk = visits.one_of_mine(work, visit)

    assert {a.question: a.value for a in walk.answers} == {"ENT-03": "denied"}
    assert len(stored(story, visit)) == 3


def test_one_phones_order_holds_though_its_clock_was_set_right_in_between(story: Story) -> None:
    visit = story.assign()
    early = sent(story, "ENT-03", "free", given_at=story.now + timedelta(days=1))
    story.later(minutes=2)
    late = sent(story, "ENT-03", "denied")

    send(story, visit, early, late)

    with look(story.settings, story.actors["chelsea"]) as work:
        assert [a.value for a in visits.one_of_mine(work, visit).answers] == ["denied"]


def test_between_two_phones_the_later_answer_counts_whichever_arrives_first(story: Story) -> None:
    visit = story.assign()
    offline = sent(story, "ENT-03", "free")
    story.later(minutes=10)
    with story.work("chelsea") as work:
        sync.take_answers(work, visit, story.now, "second phone", "test", [sent(story, "ENT-03", "denied")])
    send(story, visit, offline)

    with look(story.settings, story.actors["chelsea"]) as work:
        assert [a.value for a in visits.one_of_mine(work, visit).answers] == ["denied"]


def test_an_incomplete_visit_is_not_submitted_and_says_what_is_missing(story: Story) -> None:
    visit = story.assign()
    send(story, visit, sent(story, "ENT-03", "denied"))

    with pytest.raises(Invalid) as refusal:
        story.submit(visit)

    missing = refusal.value.details["missing"]
    assert refusal.value.code == "visit.incomplete"
    assert {"checklist": story.sheets[SHEET].digest, "question": "ENT-01", "what": "answer"} in missing
    with look(story.settings, story.actors["chelsea"]) as work:
        assert visits.one_of_mine(work, visit).visit.state is VisitState.IN_PROGRESS


def test_a_submission_is_judged_once_however_often_it_is_sent(story: Story) -> None:
    visit = story.assign()
    story.walk(visit, answers={"ENT-17": "yes"})
    id_ = new_id()
    for _ in range(3):
        with story.work("chelsea") as work:
            endings.submit(work, visit, id_, story.now, story.now)

    with look(story.settings, story.actors["alice"]) as work:
        found = [f.code for f in review.check(work, visit).findings]

    assert found and len(found) == len(set(found))


def test_a_second_submission_under_another_id_is_not_now(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)

    with pytest.raises(NotNow):
        story.submit(visit)


def test_a_submission_id_cannot_be_used_for_another_visit(story: Story) -> None:
    first, second = story.assign(), story.assign(school="N2", who="dina")
    story.walk(first)
    story.walk(second, who="dina")
    id_ = new_id()
    with story.work("chelsea") as work:
        endings.submit(work, first, id_, story.now, story.now)

    with pytest.raises(Conflict), story.work("dina") as work:
        endings.submit(work, second, id_, story.now, story.now)


def test_a_visit_that_was_called_off_meanwhile_may_be_stopped_and_stays_called_off(story: Story) -> None:
    visit = story.assign()
    with story.work("alice") as work:
        dispatch.withdraw(work, visit, "somebody else goes")

    for _again in "12":
        with story.work("chelsea") as work:
            assert endings.stop(work, visit, new_id(), story.now, StopReason.CLOSED, "") is VisitState.WITHDRAWN

    with database.transaction(story.settings.database_url, reading=True) as session:
        row = session.get_one(Visit, visit)
        told = [action for _, _, action, _ in chain.bodies(session, visit) if action == "visit.stop"]
        assert (row.state, row.stop_reason, len(told)) == ("withdrawn", "closed", 1)


def test_a_stopped_visit_keeps_its_record_and_says_why(story: Story) -> None:
    visit = story.assign()
    send(story, visit, sent(story, "ENT-03", "denied"))
    id_ = new_id()
    for _ in range(2):
        with story.work("chelsea") as work:
            state = endings.stop(work, visit, id_, story.now, StopReason.REFUSED_ENTRY, "the guard sent me away")

    assert state is VisitState.STOPPED
    assert len(stored(story, visit)) == 1
    with look(story.settings, story.actors["alice"]) as work:
        (line,) = visit_list.visits(work)
        assert line.stop_reason == "refused_entry"


def test_what_was_sent_stands_in_the_chain_and_the_chain_holds(story: Story) -> None:
    from fieldcheck.domain.custody import first_break

    visit = story.assign()
    one = sent(story, "ENT-03", "free")
    send(story, visit, one)

    with database.transaction(story.settings.database_url, reading=True) as session:
        actions = [(actor, action) for _, actor, action, _ in chain.bodies(session, visit)]
        broken = first_break(chain.links(session))

    assert actions[-1] == (story.actors["chelsea"].code, "answer.take")
    assert broken is None


VALUES: list[Any] = ["yes", 'a "quote"\n\\ и ұзақ', None, True, 0, -3, 12.5, 1e-7, 1e16, ["a"], [], {"ә": [1.5]}]
PLACES = [Place(), Place(no_place="off"), Place(47.1, 69.5, 15.0, 0.0), Place(-0.0, 1e-9, 9e6, 4), Place(lat=200.0)]


@pytest.mark.parametrize("value", VALUES)
def test_an_answers_hash_is_that_of_its_canonical_record(story: Story, value: Any) -> None:
    for place in (place.checked() for place in PLACES):
        for seen_at in (None, story.now + timedelta(microseconds=1)):
            one = SentAnswer(new_id(), "d" * 64, "ENT-01", value, story.now, seen_at, place)
            record = {
                "visit": "v1",
                "checklist": one.checklist,
                "question": one.question,
                "value": value,
                "given_at": one.given_at.isoformat(),
                "seen_at": seen_at.isoformat() if seen_at else None,
                "place": [place.lat, place.lon, place.accuracy, place.age, place.no_place],
            }
            assert sync.body_of("v1", one, place) == custody.canonical(record).decode()
