"""The draft of a letter: it asks and accuses nobody, tells nothing of the visitor, and cannot be run."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from fieldcheck import words
from fieldcheck.domain.case import CaseState, soon, working_days_left
from fieldcheck.domain.checklist import QuestionType
from fieldcheck.settings import Settings
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import RecordEntry
from fieldcheck.usecases import cases, casework, register
from fieldcheck.usecases.case_views import AnswerSeen, CaseView
from fieldcheck.usecases.work import begin, look
from fieldcheck.web import letter
from tests import factories as the


@pytest.fixture
def view(database: Settings) -> CaseView:
    """A confirmed entry, taken for a letter."""
    the.a_region(database)
    school = the.a_school(database, name="=School <script>alert(1)</script>")
    visit = the.an_accepted_visit_with_findings(
        database, school, the.a_volunteer(database), the.a_coordinator(database), ("V-COL-03",)
    )
    with begin(database, the.a_coordinator(database, code="C-2"), now=the.MONDAY) as work:
        register.open_cases(work, visit)
    bo, later = the.a_reviewer(database), the.MONDAY + timedelta(hours=1)
    with look(database, bo, now=later) as work:
        (line,) = register.entries(work, register.CaseFilter()).rows
    with begin(database, bo, now=later) as work:
        casework.confirm(work, line.id, "seen", seen=CaseState.DETECTED)
        return cases.letter(work, line.id)


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_letter_tells_nothing_of_the_visitor_and_no_day(view: CaseView, language: str) -> None:
    words.use(language)
    told = letter.page(view)

    assert [canary for canary in the.CANARIES if canary in told] == []
    assert "11" not in re.sub(r"<style>.*?</style>|11\.|\d{4,}", "", told).split("</h1>")[1].split("<h2>")[0]


def test_a_name_that_is_markup_stays_a_name(view: CaseView) -> None:
    assert "<script>" not in letter.page(view) and "=School &lt;script&gt;" in letter.page(view)


def test_only_norms_that_somebody_read_are_cited_and_the_others_are_named_beside_the_letter(view: CaseView) -> None:
    recalled = [norm for norm in view.legal_basis if norm.wants_lawyer]
    hint, body = letter.page(view).split("</div>", 1)

    assert recalled
    assert all(words.pick(norm.cite) in hint and words.pick(norm.cite) not in body for norm in recalled)


def test_the_term_of_the_rule_is_asked_for(view: CaseView) -> None:
    assert "within 15 working days" in letter.page(view)
    assert "within 24 hours" in letter.page(replace(view, term=(24, "hours")))


def test_a_half_day_in_an_answer_becomes_its_week(view: CaseView) -> None:
    half = AnswerSeen({"en": "When?"}, QuestionType.DATETIME, half="2026-09-11/am")

    told = letter.page(replace(view, answers=(half,)))
    assert "<dd>week of 7 September 2026</dd>" in told and "11 September" not in told


def test_taking_a_letter_is_on_record(view: CaseView, database: Settings) -> None:
    with store.transaction(database.database_url, reading=True) as session:
        newest = select(RecordEntry).order_by(col(RecordEntry.seq).desc()).limit(1)
        assert session.execute(newest).scalar_one().action == "case.letter"


def test_the_days_left_are_working_days() -> None:
    friday = date(2026, 9, 11)
    assert [working_days_left(friday, friday + timedelta(days=n)) for n in (-3, 0, 1, 3, 7)] == [0, 0, 0, 1, 5]
    assert soon(datetime(2026, 9, 11, 9, tzinfo=the.MONDAY.tzinfo)).date() == date(2026, 9, 16)
