"""Two signs that weigh more together: only once the agency stands behind both, at one school, and both say so."""

from datetime import timedelta
from typing import Any

import pytest

from fieldcheck.domain.case import CaseMove, CaseState
from fieldcheck.domain.checklist import Nature
from fieldcheck.domain.register import CaseFilter
from fieldcheck.settings import Settings
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import Case
from fieldcheck.usecases import cases, casework, register
from fieldcheck.usecases.case_views import CaseView
from fieldcheck.usecases.work import begin, look
from tests import factories as the

LATER = the.MONDAY + timedelta(hours=1)
JOINS = ("V-ADM-01", "V-WEB-04")


@pytest.fixture
def opened(database: Settings) -> Any:
    """Open an entry at a school and let it be of a code; gives its id."""
    the.a_region(database)
    people = the.a_volunteer(database), the.a_coordinator(database)
    known: set[str] = set()

    def one(code: str, school: str = "school-1") -> str:
        if school not in known:
            known.add(the.a_school(database, id_=school))
        visit = the.an_accepted_visit_with_findings(database, school, *people, ("V-COL-04",))
        with begin(database, people[1], now=the.MONDAY) as work:
            (number,) = register.open_cases(work, visit)
        with look(database, reviewer(database), now=LATER) as work:
            (id_,) = [line.id for line in register.entries(work, CaseFilter()).rows if line.number == number]
        with store.transaction(database.database_url) as session:
            entry = session.get(Case, id_)
            assert entry
            entry.code = code
            session.add(entry)
        return id_

    return one


def reviewer(settings: Settings) -> Any:
    """Bo, made once."""
    from fieldcheck.usecases import people

    there = [one for one in people.roster(settings) if one.code == "R-200"]
    return the.a_reviewer(settings) if not there else people.actor_by_account(settings, there[0].id)


def confirm(settings: Settings, case: str) -> None:
    """Let Bo stand behind it."""
    with begin(settings, reviewer(settings), now=LATER) as work:
        casework.confirm(work, case, "seen", seen=CaseState.DETECTED)


def seen(settings: Settings, case: str) -> CaseView:
    """Read it as Bo."""
    with look(settings, reviewer(settings), now=LATER) as work:
        return cases.read(work, case)


def test_one_alone_stays_what_it_is_and_so_do_both_until_both_are_confirmed(database: Settings, opened: Any) -> None:
    first, second = opened(JOINS[0]), opened(JOINS[1])
    confirm(database, first)

    assert {seen(database, one).nature for one in (first, second)} == {Nature.INDICATOR}


def test_confirmed_at_one_school_both_are_raised_and_each_names_the_other(database: Settings, opened: Any) -> None:
    first, second = opened(JOINS[0]), opened(JOINS[1])
    confirm(database, first)
    confirm(database, second)

    views = seen(database, first), seen(database, second)
    assert {view.nature for view in views} == {Nature.LEGAL_BREACH}
    assert [view.history[-1].move for view in views] == [CaseMove.JOIN] * 2
    assert [view.history[-1].reference for view in views] == [views[1].number, views[0].number]
    assert [view.state for view in views] == [CaseState.CONFIRMED] * 2


def test_neither_at_two_schools_nor_with_another_sign(database: Settings, opened: Any) -> None:
    alone, elsewhere, other = opened(JOINS[0]), opened(JOINS[1], "school-2"), opened("V-WEB-03")
    for case in (alone, elsewhere, other):
        confirm(database, case)

    assert {seen(database, case).nature for case in (alone, elsewhere, other)} == {Nature.INDICATOR}


def test_every_pair_of_the_reference_names_rules_that_exist(settings: Settings) -> None:
    from fieldcheck.storage.checklist_files import load

    sheets, reference = load(settings.checklists)
    codes = {rule.code for sheet in sheets for rule in sheet.rules}

    assert reference.joined
    assert {code for one in reference.joined.values() for code in (one.first, one.second)} <= codes
