"""The agency as an adversary with patience: it filters, counts, exports, asks at every hour, and compares.

Two programmes are the same but for the one thing that must not be told: on which day of the week, at which minute and
by whom a school was visited, and when the coordinator accepted it. If anything that the agency ever gets differs, it
could tell them apart; if nothing does, it cannot.
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fieldcheck import words
from fieldcheck.domain.register import CaseFilter, Order
from fieldcheck.settings import ZONE, Release, Settings
from fieldcheck.storage import database as store
from fieldcheck.usecases import cases, register, reports
from fieldcheck.usecases.work import begin, look, write_record
from fieldcheck.web import here, letter
from tests import factories as the
from tests.first import settle
from tests.screens.sitting import Chair
from tests.security.conftest import HARD
from tests.security.pages import everything

DELAY = timedelta(hours=24)
MONDAY, WEEK = datetime(2026, 9, 7, tzinfo=ZONE), timedelta(days=7)
CODES = ("V-COL-03", "V-COL-04")
#: Before the week is over, at its turn, and long after.
SOME_MOMENTS = (MONDAY + timedelta(days=6, hours=20), MONDAY + WEEK + DELAY + timedelta(seconds=1), MONDAY + 3 * WEEK)
LANGUAGES = words.LANGUAGES if HARD else ("ru",)


@dataclass
class World:
    """A programme in which one school was visited once."""

    settings: Settings
    bo: Any

    def told(self, now: datetime) -> list[str]:
        """Everything that the agency can get hold of at a moment, ids and hashes made alike."""
        with look(self.settings, self.bo, now=now) as work:
            found = [repr(register.entries(work, wanted)) for wanted in asked(now.date())]
            found += [repr(reports.agency_figures(work)), repr(reports.case_points(work))]
            found += [repr(register.schools(work, the.ALMATY)), repr(register.choices(work))]
            lines = register.entries(work, CaseFilter()).rows
            found += [repr(cases.read(work, line.id)) for line in lines]
        with begin(self.settings, self.bo, now=now) as work:
            for language in words.LANGUAGES:
                words.use(language)
                found.append(the.csv_of(work).decode())
                found += [letter.page(cases.letter(work, line.id)) for line in lines] if now > MONDAY + 2 * WEEK else []
        return [alike(text) for text in sorted(found)]

    def shown(self, now: datetime, patch: pytest.MonkeyPatch) -> list[str]:
        """Every screen of the agency as it goes to the browser at a moment, in one language after another."""
        chair = Chair(self.settings, patch)
        patch.setattr(here, "look", partial(look, now=now))
        patch.setattr(here, "begin", partial(begin, now=now))
        found = []
        for language in LANGUAGES:
            actor = replace(self.bo, language=language)
            patch.setattr(here, "actor", lambda actor=actor: words.use(actor.language) or actor)
            with look(self.settings, actor, now=now) as work:
                cases_ = [line.id for line in register.entries(work, CaseFilter()).rows]
            asked_for = [("figures", ""), ("register", ""), *(("case", one) for one in cases_)]
            for screen, case in asked_for:
                page = chair.sit(actor, screen, **({"case": case} if case else {}))
                assert not page.exception, page.exception
                found.append(re.sub(r"[0-9a-f]{32}", "ID", alike(everything(page))))
        return found


def asked(today: date) -> Iterator[CaseFilter]:
    """Filters that narrow it down: each day, each order, each code, and a text."""
    for days in range(-8, 2):
        day = today + timedelta(days=days)
        yield CaseFilter(opened_from=day, opened_to=day)
    yield from (CaseFilter(order=order) for order in Order)
    yield from (CaseFilter(code=(code,)) for code in CODES)
    yield CaseFilter(text="school", overdue=True)


def alike(text: str) -> str:
    """Take out what is random in each programme: ids, and the hashes that hang on them."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{64}\b", "ID", text)


@contextmanager
def a_world(folder: Path, visited: datetime, accepted: datetime, who: str, least: int = 3) -> Iterator[World]:
    """A small cell: one visitor of a district in a week, accepted in that same week."""
    settings = replace(settle(folder), release=Release(DELAY, least))
    store.upgrade(settings.database_url)
    the.a_region(settings)
    school, alice = the.a_school(settings), the.a_coordinator(settings)
    bo = replace(the.a_reviewer(settings), person_id="bo")
    walker = the.a_volunteer(settings, code=who)
    visit = the.an_accepted_visit_with_findings(settings, school, walker, alice, CODES, visited)
    # By the same dice: which of two entries that are alike in all else stands first is chance, in both worlds alike.
    with begin(settings, alice, now=accepted, chance=random.Random(visited.year)) as work:
        register.open_cases(work, visit)
    yield World(settings, bo)
    store.engine(settings.database_url).dispose()


def moments() -> Iterator[datetime]:
    """Once a day for two weeks and at the turn of the first: what one sees by coming back."""
    yield from (MONDAY + timedelta(days=n, hours=20) for n in range(1, 12))
    yield from (MONDAY + WEEK + DELAY + timedelta(seconds=s) for s in (-1, 1))
    yield MONDAY + 3 * WEEK


def differ_on_screen(folder: Path, patch: pytest.MonkeyPatch, least: int = 3) -> list[datetime]:
    """Look at both worlds' screens; gives when they differ."""
    with two_worlds(folder, least, 1, 6) as (first, second):
        found, cases_ = [], 0
        for now in moments() if HARD else SOME_MOMENTS:
            one, other = first.shown(now, patch), second.shown(now, patch)
            cases_ += sum(CODES[0] in text for text in one)
            found += [now] if one != other else []
    assert cases_  # there was something to compare
    return found


def differences(folder: Path, least: int = 3, one: int = 1, other: int = 3) -> list[datetime]:
    """Ask both worlds at every moment; gives when they differ."""
    with two_worlds(folder, least, one, other) as (first, second):
        return [now for now in moments() if first.told(now) != second.told(now)]


@contextmanager
def two_worlds(folder: Path, least: int, one: int, other: int) -> Iterator[tuple[World, World]]:
    """Two that differ in day, minute, visitor and acceptance alone."""
    early, late = (MONDAY + timedelta(days=day, hours=10, minutes=47 - day) for day in (one, other))
    with (
        a_world(folder / "a", early, early + timedelta(hours=7), "V-1111", least) as first,
        a_world(folder / "b", late, late + timedelta(hours=9, minutes=13), "V-2222", least) as second,
    ):
        yield first, second


@pytest.mark.parametrize("other", [3, 6])
def test_two_weeks_that_differ_only_in_day_minute_visitor_and_acceptance_look_the_same(
    tmp_path: Path, other: int
) -> None:
    assert differences(tmp_path, other=other) == []


def test_nor_do_the_screens_of_the_agency_tell_them_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they go to the browser: figures, register, every entry."""
    assert differ_on_screen(tmp_path, monkeypatch) == []


def test_where_a_crowd_allows_the_half_day_the_screens_show_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the comparison of screens does look at where it stands."""
    assert differ_on_screen(tmp_path, monkeypatch, least=1)


def test_where_a_crowd_allows_the_half_day_the_same_comparison_sees_it(tmp_path: Path) -> None:
    """The control: what may be told is told, so the comparison does look at it."""
    assert differences(tmp_path, least=1)


def lettered(world: World, between: int) -> None:
    """Let the agency draft two letters within a minute of each other, while *between* answers arrive elsewhere."""
    now = MONDAY + 3 * WEEK
    for moment, others in ((now, between), (now + timedelta(minutes=1), 0)):
        with begin(world.settings, world.bo, now=moment) as work:
            cases.letter(work, register.entries(work, CaseFilter(code=CODES[:1])).rows[0].id)
            for n in range(others):
                write_record(work.session, "V-3333", "answer.take", f"visit-{n}", {}, moment + timedelta(seconds=n))


@pytest.mark.parametrize("between", [1, 40])
def test_two_letters_do_not_count_what_others_wrote_into_the_record_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, between: int
) -> None:
    """The chain's numbers would: whoever drafts a letter a minute sees in them when a visit's answers came in."""
    now, visited = MONDAY + 3 * WEEK + timedelta(hours=1), MONDAY + timedelta(days=1, hours=10)
    with (
        a_world(tmp_path / "a", visited, visited + timedelta(hours=7), "V-1111") as quiet,
        a_world(tmp_path / "b", visited, visited + timedelta(hours=7), "V-1111") as busy,
    ):
        lettered(quiet, 0)
        lettered(busy, between)

        shown = quiet.shown(now, monkeypatch), busy.shown(now, monkeypatch)
        told = quiet.told(now), busy.told(now)

    assert sum("Составлен черновик письма" in text for text in shown[0]) == 1  # the letters are there to compare
    assert sum("case.letter" in text for text in told[0]) == 1
    assert shown[0] == shown[1]
    assert told[0] == told[1]


def test_an_entry_that_comes_in_after_a_fixed_delay_would_tell_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the delay: with nothing but a delay the two weeks can be told apart by coming back."""
    monkeypatch.setattr("fieldcheck.domain.release.told_from", lambda known, after, *_others: known + after)

    assert differences(tmp_path)
