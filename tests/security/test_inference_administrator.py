"""The administrator as an adversary with patience: he keeps the schools and the record, and comes back every hour.

Two programmes live through the same week but for one visit: on another day, at another minute, by somebody else,
accepted at another hour. Dana asks for all that she may see, again and again while it happens. If one answer differs,
she could join the record's minute with the school whose count grew; if none does, she cannot.
"""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from fieldcheck import words
from fieldcheck.domain.access import Role
from fieldcheck.domain.safety import Signal
from fieldcheck.settings import ZONE, Release
from fieldcheck.storage import database as store
from fieldcheck.storage import record_queries
from fieldcheck.storage.school_list_queries import Which
from fieldcheck.usecases import erasure, outline, people, record, reports, reveals, review, safety, school_list, schools
from fieldcheck.usecases.safety import SentSignal
from fieldcheck.usecases.sync import Place
from fieldcheck.usecases.work import Work, begin, look
from fieldcheck.web import here
from tests.first import settle
from tests.screens.sitting import Chair
from tests.security.pages import everything
from tests.security.test_inference import alike
from tests.story import SCHOOL, Story, begin_story, new_id

DELAY, WEEK = timedelta(hours=24), timedelta(days=7)
MONDAY = datetime(2026, 9, 7, 10, tzinfo=ZONE)
TOLD = datetime(2026, 9, 14, tzinfo=ZONE) + DELAY
HELD, HERE = Release(DELAY, 3), Place(SCHOOL.lat, SCHOOL.lon, 20.0, 3.0)
SIGNED = MONDAY + timedelta(days=2)
SCREENS = ("figures", "schools", "record", "erasure", "reveals", "people", "checklists")


@dataclass(frozen=True)
class Walk:
    """The one visit that differs: when she goes in, who, and when it is accepted."""

    at: datetime
    who: str
    accepted: datetime


EARLY = Walk(MONDAY + timedelta(days=1, minutes=41), "chelsea", MONDAY + timedelta(days=1, hours=4, minutes=2))
LATE = Walk(MONDAY + timedelta(days=1, hours=4, minutes=13), "chelsea", MONDAY + timedelta(days=1, hours=9))
ANOTHER_DAY = Walk(MONDAY + timedelta(days=4, hours=2, minutes=7), "dina", MONDAY + timedelta(days=5, hours=3))


def moments() -> Iterator[datetime]:
    """While it happens, at the turn of the week, and after."""
    yield from (MONDAY + timedelta(hours=hours, minutes=50) for hours in (*range(23, 34), *range(95, 104), 120, 126))
    yield from (TOLD + timedelta(seconds=seconds) for seconds in (-1, 1))
    yield from (MONDAY + 2 * WEEK, MONDAY + 5 * WEEK)


def seen_by_the_administrator(work: Work) -> list[object]:
    """Everything that Dana can ask for of the programme as it goes."""
    return [
        *(outline.acts(work, page) for page in (1, 2)),
        outline.weeks(work),
        outline.heads(work),
        outline.verify(work),
        schools.schools(work),
        school_list.figures(work),
        *(school_list.page(work, which) for which in Which),
        *(reports.school_points(work, area) for area in ((), ("590000000",))),
        reports.programme_figures(work),
        erasure.orders(work),
        reveals.requests(work),
        people.people(work),
    ]


def seen_by_the_coordinator(work: Work) -> list[object]:
    """What Alice may know at once of her own region."""
    return [school_list.figures(work), schools.schools(work), reports.school_points(work)]


def seen_by_the_auditor(work: Work) -> list[object]:
    """What the auditor reads, as the control of the record."""
    return [record.newest(work)]


SEEN: dict[str, Callable[[Work], list[object]]] = {
    "dana": seen_by_the_administrator,
    "alice": seen_by_the_coordinator,
    "ursula": seen_by_the_auditor,
}


@contextmanager
def a_programme(folder: Path, release: Release) -> Iterator[Story]:
    """The story's programme on a Monday, with an auditor, and Chelsea's and Dina's visits planned alike."""
    settings = replace(settle(folder), release=release)
    store.upgrade(settings.database_url)
    story = begin_story(settings, MONDAY)
    with begin(settings, story.actors["dana"], now=MONDAY, chance=random.Random(7)) as work:
        id_ = people.bring_in(work, Role.AUDITOR, None, "Ursula", language="en")
    story.actors["ursula"] = replace(story.actors["dana"], person_id=id_, code="U-0001", role=Role.AUDITOR)
    yield story
    store.engine(settings.database_url).dispose()


def lived(story: Story, walk: Walk, look_in: Callable[[Story, datetime], list[str]]) -> list[list[str]]:
    """Let the week pass, and look in at every moment."""
    told, at = [], walk.at - timedelta(minutes=20)
    acts: list[tuple[datetime, Callable[[], None]]] = [
        (at, lambda: plan(story, walk, at)),
        (walk.at, lambda: go(story, walk)),
        (walk.accepted, lambda: accept(story, walk)),
    ]
    acts = sorted([*acts, (SIGNED, lambda: sign(story))], key=lambda act: act[0])
    for now in moments():
        while acts and acts[0][0] <= now:
            acts.pop(0)[1]()
        told.append(look_in(story, now))
    return told


def plan(story: Story, walk: Walk, at: datetime) -> None:
    """Send her to N1."""
    story.now = at
    story.visit = story.assign("N1", walk.who)  # type: ignore[attr-defined]


def go(story: Story, walk: Walk) -> None:
    """Go in, answer, come out, hand it in."""
    story.now, visit = walk.at, story.visit  # type: ignore[attr-defined]
    with story.work(walk.who) as work:
        safety.check_in(work, visit, SentSignal(new_id(), Signal.CHECK_IN, story.now, story.now, HERE))
    story.walk(visit, who=walk.who, answers={"ENT-05": "no"})
    with story.work(walk.who) as work:
        safety.check_out(work, visit, SentSignal(new_id(), Signal.CHECK_OUT, story.now, story.now, HERE))
    story.submit(visit, walk.who)


def accept(story: Story, walk: Walk) -> None:
    """Stand behind it."""
    story.now = walk.accepted
    with story.work("alice") as work:
        review.accept(work, story.visit, (), {})  # type: ignore[attr-defined]


def sign(story: Story) -> None:
    """Sign where the record ends, as a server does once a day."""
    record.sign_head(story.settings, SIGNED)


def asked(who: str, story: Story, now: datetime) -> list[str]:
    """What somebody is told at a moment, ids and hashes made alike."""
    with look(story.settings, story.actors[who], now=now) as work:
        return [plain(story, repr(one)) for one in SEEN[who](work)]


def plain(story: Story, text: str) -> str:
    """Take out what is random in each programme: ids, hashes, the name of its key, and of elements of a page."""
    with store.transaction(story.settings.database_url, reading=True) as session:
        random_ones = [one for head in record_queries.heads(session) for one in (head.hash, head.key_id)]
    for one in (story.actors["dana"].person_id, *random_ones):
        text = text.replace(one, "RANDOM")
    return re.sub(r"\b[0-9a-f]{32}\b", "ID", alike(text))


def shown(patch: pytest.MonkeyPatch, story: Story, now: datetime) -> list[str]:
    """Dana's screens as they go to the browser at some of the moments."""
    if now not in {MONDAY + timedelta(hours=30, minutes=50), TOLD - timedelta(seconds=1), MONDAY + 2 * WEEK}:
        return []
    chair, found = Chair(story.settings, patch), []
    patch.setattr(here, "look", partial(look, now=now))
    patch.setattr(here, "begin", partial(begin, now=now))
    patch.setattr(here, "actor", lambda: words.use("en") or story.actors["dana"])
    for screen in SCREENS:
        page = chair.sit(story.actors["dana"], screen)
        assert not page.exception, page.exception
        tables = [frame.value.to_string() for frame in page.dataframe]
        found.append(plain(story, "\n".join([everything(page), *tables])))
    return found


def differences(
    folder: Path, other: Walk, look_in: Callable[[Story, datetime], list[str]], release: Release = HELD
) -> list[datetime]:
    """Live through both; gives when they could be told apart."""
    with a_programme(folder / "a", release) as first, a_programme(folder / "b", release) as second:
        one, two = lived(first, EARLY, look_in), lived(second, other, look_in)
    assert any(one)
    return [now for now, ours, theirs in zip(moments(), one, two, strict=True) if ours != theirs]


@pytest.mark.parametrize("other", [LATE, ANOTHER_DAY], ids=["another minute", "another day and somebody else"])
def test_the_administrator_is_told_the_same_of_weeks_that_differ_in_when_and_by_whom_a_school_was_visited(
    tmp_path: Path, other: Walk
) -> None:
    assert differences(tmp_path, other, partial(asked, "dana")) == []


def test_nor_does_the_administrator_see_the_minute_where_an_installation_has_no_delay(tmp_path: Path) -> None:
    """Then a count grows as a visit is accepted; the minute in which she was at the school is in no answer."""
    found = differences(tmp_path, LATE, partial(asked, "dana"), Release(timedelta(0), 1))

    assert all(EARLY.accepted <= now < LATE.accepted for now in found)


def test_nor_do_the_screens_of_the_administrator_tell_them_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert differences(tmp_path, ANOTHER_DAY, partial(shown, monkeypatch)) == []


@pytest.mark.parametrize("who", ["alice", "ursula"])
def test_whose_it_is_to_know_is_told_at_once_and_the_same_comparison_sees_it(tmp_path: Path, who: str) -> None:
    """The control: the coordinator's counts and the auditor's record do differ while it happens."""
    assert differences(tmp_path, LATE, partial(asked, who))
