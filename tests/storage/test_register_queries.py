"""What the register's reads promise: scope in the WHERE, lasting orders, and indexes that are used."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from fieldcheck.domain.access import Reach, Scope
from fieldcheck.domain.register import CaseFilter, Order
from fieldcheck.settings import ZONE, Settings
from fieldcheck.storage import database as store
from fieldcheck.storage import register_queries as queries
from fieldcheck.usecases import register
from fieldcheck.usecases.work import begin
from tests import factories as the

CLOCK = queries.Clock(the.MONDAY, ZONE)
NOBODY = Reach(Scope.NONE, "", None)
COUNTRY = Reach(Scope.RELEASED, "", None, the.MONDAY + timedelta(days=30))
ABAI = Reach(Scope.RELEASED, "", the.ABAI, the.MONDAY + timedelta(days=30))


@pytest.fixture
def filled(database: Settings) -> Settings:
    the.a_region(database)
    the.a_region(database, the.ABAI, "Abai")
    the.a_school(database)
    alice, chelsea = the.a_coordinator(database), the.a_volunteer(database)
    codes = ("V-COL-02", "V-COL-03", "V-COL-04")
    visit = the.an_accepted_visit_with_findings(database, "school-1", chelsea, alice, codes)
    with begin(database, alice, now=the.MONDAY) as work:
        register.open_cases(work, visit)
    return database


def test_a_reach_that_reaches_nothing_finds_nothing(filled: Settings) -> None:
    with store.transaction(filled.database_url, reading=True) as session:
        some = queries.page(session, COUNTRY, CaseFilter(), CLOCK)[0][0].id

        for reach in (NOBODY, ABAI):
            assert queries.page(session, reach, CaseFilter(), CLOCK) == []
            assert queries.counts(session, reach, CaseFilter(), CLOCK) == {}
            assert list(queries.every(session, reach, CaseFilter(), CLOCK, 10)) == []
            assert queries.one(session, reach, some) is None
            assert queries.schools_with_cases(session, reach, the.ALMATY) == []


@pytest.mark.parametrize("order", Order)
def test_pages_of_one_order_show_every_entry_once(filled: Settings, order: Order) -> None:
    with store.transaction(filled.database_url, reading=True) as session:
        shown = [
            case.id
            for page in (1, 2, 3)
            for case, _school in queries.page(session, COUNTRY, CaseFilter(order=order, page=page, page_size=1), CLOCK)
        ]

    assert len(set(shown)) == 3


def test_the_gravest_come_first_when_asked(filled: Settings) -> None:
    with store.transaction(filled.database_url, reading=True) as session:
        rows = queries.page(session, COUNTRY, CaseFilter(order=Order.SEVERITY), CLOCK)

    assert [case.severity for case, _school in rows] == ["critical", "high", "medium"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "*", ":", "&", "' | '"])
def test_signs_are_no_words_and_mean_nothing_to_a_search(filled: Settings, text: str) -> None:
    with store.transaction(filled.database_url, reading=True) as session:
        everything = queries.page(session, COUNTRY, CaseFilter(), CLOCK)
        assert everything and queries.page(session, COUNTRY, CaseFilter(text=text), CLOCK) == everything
        assert queries.page(session, COUNTRY, CaseFilter(text=f"nosuchword{text}"), CLOCK) == []


def test_a_statement_is_looked_for_as_words(filled: Settings) -> None:
    with store.transaction(filled.database_url, reading=True) as session:
        assert queries.page(session, COUNTRY, CaseFilter(text='"; drop table register_case; --'), CLOCK) == []


def test_numbers_are_counted_by_region_and_year(filled: Settings) -> None:
    prefix = f"НР-2026-{the.ALMATY}-"
    with store.transaction(filled.database_url, reading=True) as session:
        cases = [case for case, _school in queries.page(session, COUNTRY, CaseFilter(), CLOCK)]
        there = sum(case.number.startswith(prefix) for case in cases)

        assert queries.numbers_taken(session, prefix) == there > 0
        assert queries.numbers_taken(session, "НР-2025-") == 0
        assert queries.is_taken(session, cases[0].number) and not queries.is_taken(session, "НР-2025-1-1")


def test_the_first_page_is_read_from_an_index(filled: Settings) -> None:
    if not filled.database_url.startswith("sqlite"):
        pytest.skip("the plan is SQLite's")

    with store.transaction(filled.database_url, reading=True) as session:
        plans = [
            str(session.execute(text(f"explain query plan {query}")).all())
            for query in (
                "select id from register_case order by opened_at desc, id desc limit 50",
                "select id from register_case where region_id = 'x' order by opened_at desc, id desc limit 50",
            )
        ]

    assert all("USING COVERING INDEX" in plan and "TEMP B-TREE" not in plan for plan in plans)
