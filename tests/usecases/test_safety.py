"""She is safe: refusals first, then that her coordinator sees who needs her until somebody has seen to it."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from fieldcheck.domain.errors import Conflict, Forbidden, Invalid, NotFound
from fieldcheck.domain.safety import GRACE, Signal
from fieldcheck.domain.visit import StopReason
from fieldcheck.usecases import endings, review, safety, sync
from fieldcheck.usecases.safety import SentSignal, Urgent
from fieldcheck.usecases.sync import Place
from tests.story import SCHOOL, Story, new_id

SHEET = "entrance_stands"


def signal(story: Story, kind: Signal, **kw: Any) -> SentSignal:
    """A word from her phone, now, at the school."""
    said = {"id": new_id(), "at": story.now, "phone_now": story.now, "place": Place(SCHOOL.lat, SCHOOL.lon, 12.0, 3.0)}
    return SentSignal(kind=kind, **{**said, **kw})


def begins(story: Story, visit: str, who: str = "chelsea") -> None:
    """She has read the briefing and goes in."""
    with story.work(who) as work:
        sync.read_briefing(work, visit, new_id(), story.now)


def tells(story: Story, visit: str | None, kind: Signal, who: str = "chelsea", **kw: Any) -> SentSignal:
    """Send a signal; gives it."""
    sent = signal(story, kind, **kw)
    act = {Signal.CHECK_IN: safety.check_in, Signal.CHECK_OUT: safety.check_out}.get(kind)
    with story.work(who) as work:
        if act and visit:
            act(work, visit, sent)
        else:
            safety.alarm(work, visit, sent)
    return sent


def urgent(story: Story, who: str = "alice") -> list[Urgent]:
    """What somebody's list of urgent things holds."""
    with story.work(who) as work:
        return list(safety.urgent(work))


def longest(story: Story) -> timedelta:
    """How long after the beginning somebody calls."""
    return timedelta(minutes=story.sheets[SHEET].max_visit_minutes) + GRACE


@pytest.mark.parametrize("who", ["dina", "serik"])
def test_nobody_speaks_for_anothers_visit(story: Story, who: str) -> None:
    visit = story.assign()

    with pytest.raises(NotFound):
        tells(story, visit, Signal.RECOGNISED, who)

    assert urgent(story) == []


@pytest.mark.parametrize("who", ["alice", "bo", "dana"])
def test_nobody_but_a_volunteer_gives_signals(story: Story, who: str) -> None:
    visit = story.assign()

    with pytest.raises(Forbidden):
        tells(story, visit, Signal.CHECK_IN, who)


@pytest.mark.parametrize("who", ["chelsea", "bo", "dana"])
def test_only_a_coordinator_reads_what_is_urgent(story: Story, who: str) -> None:
    with pytest.raises(Forbidden):
        urgent(story, who)


def test_another_regions_alarms_are_neither_seen_nor_followed_up(story: Story) -> None:
    visit = story.assign()
    sent = tells(story, visit, Signal.RECOGNISED)

    assert urgent(story, "boris") == []
    for what, subject in (("alarm", sent.id), ("overdue", visit), ("stopped", visit)):
        with story.work("boris") as work, pytest.raises(NotFound):
            safety.follow_up(work, what, subject, "I called her")
    with story.work("boris") as work, pytest.raises(NotFound):
        safety.followed_up(work, visit)


@pytest.mark.parametrize("note", ["", "  ", "x" * (safety.LONGEST_NOTE + 1)])
def test_nothing_is_followed_up_without_saying_what_came_of_it(story: Story, note: str) -> None:
    sent = tells(story, story.assign(), Signal.RECOGNISED)

    with story.work("alice") as work, pytest.raises(Invalid):
        safety.follow_up(work, "alarm", sent.id, note)

    assert len(urgent(story)) == 1


def test_what_does_not_exist_cannot_be_followed_up(story: Story) -> None:
    for what in ("alarm", "overdue", "stopped", "something"):
        with story.work("alice") as work, pytest.raises(NotFound):
            safety.follow_up(work, what, "nothing", "I called her")


def test_the_same_signal_twice_is_one_and_another_under_its_id_is_refused(story: Story) -> None:
    visit = story.assign()
    sent = tells(story, visit, Signal.RECOGNISED)
    first = story.now
    story.later(minutes=5)

    with story.work("chelsea") as work:
        assert safety.alarm(work, visit, sent) == first
    with story.work("chelsea") as work, pytest.raises(Conflict):
        safety.alarm(work, visit, signal(story, Signal.RECOGNISED, id=sent.id))
    with story.work("chelsea") as work, pytest.raises(Invalid):
        safety.alarm(work, visit, signal(story, Signal.RECOGNISED, id="1"))

    assert len(urgent(story)) == 1


@pytest.mark.parametrize("known", [True, False], ids=["on her visit", "wherever she is"])
def test_one_signal_sent_twice_at_once_is_one_and_both_hear_so(story: Story, known: bool) -> None:
    visit = story.assign()
    begins(story, visit)
    sent, said, ready = signal(story, Signal.RECOGNISED), list[datetime](), threading.Barrier(8)

    def send() -> None:
        ready.wait(30)
        with story.work("chelsea") as work:
            said.append(safety.alarm(work, visit if known else None, sent))

    senders = [threading.Thread(target=send) for _ in range(8)]
    for one in senders:
        one.start()
    for one in senders:
        one.join(60)

    assert said == [story.now] * 8
    assert len(urgent(story)) == 1


def test_an_alarm_comes_with_time_and_place_and_goes_when_somebody_saw_to_it(story: Story) -> None:
    visit = story.assign()
    begins(story, visit)
    sent = tells(story, visit, Signal.RECOGNISED)

    (one,) = urgent(story)
    with story.work("alice") as work:
        safety.follow_up(work, "alarm", sent.id, "I called her; she is at home")

    assert (one.what, one.kind, one.visit_id, one.since) == ("alarm", "recognised", visit, story.now)
    assert one.place and (one.place.lat, one.place.lon) == (SCHOOL.lat, SCHOOL.lon)
    assert urgent(story) == []
    with story.work("alice") as work:
        (seen_to,) = safety.followed_up(work, visit)
    assert (seen_to.by, seen_to.note) == (story.actors["alice"].code, "I called her; she is at home")


def test_a_word_under_duress_names_no_visit_and_finds_the_one_under_way(story: Story) -> None:
    visit = story.assign()
    begins(story, visit)

    tells(story, None, Signal.DURESS)
    tells(story, None, Signal.DURESS, "dina", place=Place(no_place="off"))

    found = {one.volunteer: one for one in urgent(story)}
    assert found[story.actors["chelsea"].code].visit_id == visit
    assert found[story.actors["dina"].code].visit_id is None
    assert found[story.actors["dina"].code].place is None


def test_a_visit_is_overdue_after_its_time_and_the_grace_and_not_a_minute_before(story: Story) -> None:
    visit = story.assign()
    begins(story, visit)
    due = story.now + longest(story)

    story.now = due
    assert urgent(story) == []
    story.later(minutes=1)

    (one,) = urgent(story)
    assert (one.what, one.subject, one.since) == ("overdue", visit, due)


def test_whoever_is_out_is_not_overdue_and_going_in_again_begins_the_time_anew(story: Story) -> None:
    visit = story.assign()
    begins(story, visit)
    story.later(minutes=10)
    tells(story, visit, Signal.CHECK_OUT)
    story.later(hours=3)
    assert urgent(story) == []

    tells(story, visit, Signal.CHECK_IN)
    story.later(minutes=1)
    assert urgent(story) == []
    story.now += longest(story)

    assert [one.what for one in urgent(story)] == ["overdue"]


def test_an_overdue_visit_that_was_seen_to_comes_back_only_when_she_is_late_again(story: Story) -> None:
    visit = story.assign()
    begins(story, visit)
    story.now += longest(story) + timedelta(minutes=1)
    with story.work("alice") as work:
        safety.follow_up(work, "overdue", visit, "She forgot to say that she is out")
    assert urgent(story) == []

    tells(story, visit, Signal.CHECK_IN)
    story.now += longest(story) + timedelta(minutes=1)

    assert [one.what for one in urgent(story)] == ["overdue"]


def test_who_is_inside_is_known_until_she_is_out_or_somebody_saw_to_her(story: Story) -> None:
    def there(by: str = "alice") -> set[str]:
        with story.work(by) as work:
            return {name for name, actor in story.actors.items() if actor.person_id in safety.inside(work)}

    out, late = story.assign(), story.assign("N2", "dina")
    story.assign("S1", "serik", by="boris")
    assert there() == set()
    begins(story, out)
    begins(story, late, "dina")
    assert there() == {"chelsea", "dina"} and there("boris") == set()

    tells(story, out, Signal.CHECK_OUT)
    assert there() == {"dina"}
    story.later(days=1)
    with story.work("alice") as work:
        safety.follow_up(work, "overdue", late, "She forgot to say that she is out")
    assert there() == set()


@pytest.mark.parametrize("name", ["chelsea", "dana", "bo"])
def test_only_a_coordinator_is_told_who_is_inside(story: Story, name: str) -> None:
    with pytest.raises(Forbidden), story.work(name) as work:
        safety.inside(work)


def test_a_website_is_looked_at_from_home_and_nobody_is_overdue(story: Story) -> None:
    sheet = next(key for key, one in story.sheets.items() if one.mode == "remote")
    visit = story.assign("N2", "dina", sheet)
    begins(story, visit, "dina")

    story.later(days=1)

    assert urgent(story) == []


def test_a_phone_whose_clock_is_wrong_is_counted_by_the_servers(story: Story) -> None:
    visit = story.assign()
    begins(story, visit)
    story.later(minutes=2)
    wrong = story.now - timedelta(days=400)

    tells(story, visit, Signal.CHECK_IN, at=wrong, phone_now=wrong)

    assert urgent(story) == []
    story.now += longest(story) + timedelta(minutes=1)
    assert [one.what for one in urgent(story)] == ["overdue"]


@pytest.mark.parametrize("reason", [StopReason.REFUSED_ENTRY, StopReason.ESCORTED, StopReason.UNSAFE])
def test_a_stopped_visit_waits_to_be_followed_up_and_its_record_stays(story: Story, reason: StopReason) -> None:
    visit = story.assign()
    story.answer(visit, SHEET, "ENT-02", "yes")
    with story.work("chelsea") as work:
        endings.stop(work, visit, new_id(), story.now, reason, "")

    (one,) = urgent(story)
    with story.work("alice") as work:
        safety.follow_up(work, "stopped", visit, "Met her. The guard took her for a parent.")

    assert (one.what, one.kind) == ("stopped", reason.value)
    assert urgent(story) == []
    with story.work("alice") as work:
        assert review.check(work, visit).stop_reason == reason.value


def test_the_word_about_a_stopped_visit_may_come_after_it_once(story: Story) -> None:
    visit = story.assign()
    with story.work("chelsea") as work:
        endings.stop(work, visit, new_id(), story.now, StopReason.RECOGNISED, "")
    for note in ("My old teacher greeted me", "Something else"):
        with story.work("chelsea") as work:
            endings.stop(work, visit, new_id(), story.now, StopReason.OTHER, note)

    with story.work("alice") as work:
        seen = review.check(work, visit)

    assert (seen.note, seen.stop_reason) == ("My old teacher greeted me", "recognised")


def test_whoever_fled_stands_before_whoever_was_turned_away(story: Story) -> None:
    for school, who, reason in (("N1", "chelsea", StopReason.CLOSED), ("N2", "dina", StopReason.UNSAFE)):
        visit = story.assign(school, who)
        with story.work(who) as work:
            endings.stop(work, visit, new_id(), story.now, reason, "")
        story.later(minutes=5)

    assert [one.kind for one in urgent(story)] == ["unsafe", "closed"]


def test_alarms_stand_before_who_is_late_and_both_before_who_stopped(story: Story) -> None:
    late, stopped = story.assign("N1", "chelsea"), story.assign("N2", "dina")
    begins(story, late)
    with story.work("dina") as work:
        endings.stop(work, stopped, new_id(), story.now, StopReason.CLOSED, "")
    story.now += longest(story) + timedelta(minutes=1)
    tells(story, late, Signal.RECOGNISED)

    assert [one.what for one in urgent(story)] == ["alarm", "overdue", "stopped"]
