"""What is shown, what is missing, and which answers are taken: the browser runs the same vectors."""

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldcheck import words
from fieldcheck.domain.checklist import Checklist, Question, QuestionType, from_body
from fieldcheck.domain.errors import Invalid
from fieldcheck.domain.walk import accept_answer, counted, missing, visible
from tests.domain.checklists import lobby

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "walk.json").read_text("utf-8"))
CALMLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["lat", "lon", "accuracy", "x"]), part),
    max_leaves=5,
)
REFUSAL = object()
EVERY = [
    {"id": "ALL-01", "type": "yes_no_na"},
    {"id": "ALL-02", "type": "single", "options": ["a", "b"]},
    {"id": "ALL-03", "type": "multi", "options": ["a", "b", "none"]},
    {"id": "ALL-04", "type": "number", "min": -5, "max": 5},
    {"id": "ALL-05", "type": "number", "whole": True},
    {"id": "ALL-06", "type": "money"},
    {"id": "ALL-07", "type": "text"},
    {"id": "ALL-08", "type": "quote"},
    {"id": "ALL-09", "type": "date"},
    {"id": "ALL-10", "type": "datetime"},
    {"id": "ALL-11", "type": "photo"},
    {"id": "ALL-12", "type": "geopoint"},
    {"id": "ALL-13", "type": "statement"},
    {"id": "ALL-14", "type": "info"},
    {"id": "ALL-15", "type": "text", "max_length": 5},
]


def every_type() -> Checklist:
    named = dict.fromkeys(("ru", "kk", "en"), "x")
    questions = []
    for question in EVERY:
        options = [{"id": id_, **named, "exclusive": id_ == "none"} for id_ in question.get("options", ())]  # type: ignore[attr-defined]
        questions.append({**question, "text": named, "required": False, "options": options})
    body = {**lobby().body(), "rules": []}
    return from_body({**body, "sections": [{"id": "all", "title": named, "questions": questions}]})


ALL = every_type()
POINT = {"lat": 51.1, "lon": 71.4, "accuracy": 12.0}

REFUSED: list[tuple[str, Any, str]] = [
    ("ALL-99", "yes", "answer.unknown_question"),
    ("ALL-11", "yes", "answer.takes_no_value"),
    ("ALL-14", True, "answer.takes_no_value"),
    ("ALL-01", True, "answer.wrong_type"),
    ("ALL-01", "maybe", "answer.unknown_option"),
    ("ALL-01", "Yes", "answer.unknown_option"),
    ("ALL-01", "", "answer.unknown_option"),
    ("ALL-02", ["a"], "answer.wrong_type"),
    ("ALL-02", "c", "answer.unknown_option"),
    ("ALL-03", "a", "answer.wrong_type"),
    ("ALL-03", [], "answer.empty"),
    ("ALL-03", ["a", "c"], "answer.unknown_option"),
    ("ALL-03", ["a", 5], "answer.wrong_type"),
    ("ALL-03", ["a", "a"], "answer.repeated_option"),
    ("ALL-03", ["a"] * 50, "answer.repeated_option"),
    ("ALL-03", ["a", "none"], "answer.exclusive_option"),
    ("ALL-04", True, "answer.wrong_type"),
    ("ALL-04", "5", "answer.wrong_type"),
    ("ALL-04", 5.01, "answer.out_of_bounds"),
    ("ALL-04", -6, "answer.out_of_bounds"),
    ("ALL-04", math.nan, "answer.not_finite"),
    ("ALL-04", math.inf, "answer.not_finite"),
    ("ALL-05", 2.5, "answer.not_whole"),
    ("ALL-05", 10**400, "answer.out_of_bounds"),
    ("ALL-06", False, "answer.wrong_type"),
    ("ALL-06", 600.5, "answer.not_whole"),
    ("ALL-06", -1, "answer.out_of_bounds"),
    ("ALL-06", 10**11, "answer.out_of_bounds"),
    ("ALL-06", math.nan, "answer.not_finite"),
    ("ALL-07", 5, "answer.wrong_type"),
    ("ALL-07", "  \n", "answer.empty"),
    ("ALL-07", "а" * 4001, "answer.too_long"),
    ("ALL-07", "a\x00b", "answer.bad_characters"),
    ("ALL-07", "a\ud800b", "answer.bad_characters"),
    ("ALL-08", "а" * 2001, "answer.too_long"),
    ("ALL-15", "шестью", "answer.too_long"),
    ("ALL-09", 20260312, "answer.wrong_type"),
    ("ALL-09", "12.03.2026", "answer.bad_date"),
    ("ALL-09", "2026-02-30", "answer.bad_date"),
    ("ALL-09", "20260312", "answer.bad_date"),
    ("ALL-09", "2026-03-1٢", "answer.bad_date"),
    ("ALL-10", "2026-03-12T10:05:00", "answer.bad_datetime"),
    ("ALL-10", "2026-03-12", "answer.bad_datetime"),
    ("ALL-10", "2026-03-12T25:05:00+05:00", "answer.bad_datetime"),
    ("ALL-10", "2026-03-12T10:05:00+99:00", "answer.bad_datetime"),
    ("ALL-12", [51.1, 71.4], "answer.wrong_type"),
    ("ALL-12", {"lat": 51.1, "lon": 71.4}, "answer.wrong_type"),
    ("ALL-12", {**POINT, "name": "x"}, "answer.wrong_type"),
    ("ALL-12", {**POINT, "lat": "51"}, "answer.wrong_type"),
    ("ALL-12", {**POINT, "lat": True}, "answer.wrong_type"),
    ("ALL-12", {"none": "because"}, "answer.wrong_type"),
    ("ALL-12", {"none": ["denied"]}, "answer.wrong_type"),
    ("ALL-12", {"none": "denied", **POINT}, "answer.wrong_type"),
    ("ALL-12", {**POINT, "lat": 90.1}, "answer.bad_point"),
    ("ALL-12", {**POINT, "lon": -180.1}, "answer.bad_point"),
    ("ALL-12", {**POINT, "accuracy": -1}, "answer.bad_point"),
    ("ALL-12", {**POINT, "lat": math.nan}, "answer.bad_point"),
    ("ALL-13", "yes", "answer.wrong_type"),
    ("ALL-13", 1, "answer.wrong_type"),
    ("ALL-13", False, "answer.unconfirmed"),
]
TAKEN: list[tuple[str, Any, Any]] = [
    ("ALL-01", "na", "na"),
    ("ALL-02", "b", "b"),
    ("ALL-03", ["b", "a"], ["a", "b"]),
    ("ALL-03", ["none"], ["none"]),
    ("ALL-04", -5, -5),
    ("ALL-04", 0.25, 0.25),
    ("ALL-04", 3.0, 3),
    ("ALL-05", 7, 7),
    ("ALL-06", 0, 0),
    ("ALL-06", 600.0, 600),
    ("ALL-07", "  Без имён \n", "Без имён"),
    ("ALL-08", "«Сдают все»", "«Сдают все»"),
    ("ALL-08", "а" * 2000, "а" * 2000),
    ("ALL-09", "2024-02-29", "2024-02-29"),
    ("ALL-10", "2026-03-12T10:05:00.250+05:00", "2026-03-12T10:05:00.250+05:00"),
    ("ALL-10", "2026-03-12T05:05Z", "2026-03-12T05:05Z"),
    ("ALL-12", {"none": "denied"}, {"none": "denied"}),
    ("ALL-12", {"none": "timeout"}, {"none": "timeout"}),
    ("ALL-12", {"lat": 51, "lon": 71, "accuracy": 0}, {"lat": 51.0, "lon": 71.0, "accuracy": 0.0}),
    ("ALL-13", True, True),
    ("ALL-07", None, None),
]


@pytest.mark.parametrize(("question", "value", "code"), REFUSED, ids=[f"{n}-{r[2]}" for n, r in enumerate(REFUSED)])
def test_an_answer_that_cannot_be_true_is_refused_by_name(question: str, value: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        accept_answer(ALL, {}, question, value)

    assert refused.value.code == code
    assert refused.value.details["question"] == question


def test_an_answer_to_a_hidden_question_is_refused_and_may_be_cleared() -> None:
    with pytest.raises(Invalid) as refused:
        accept_answer(lobby(), {"LOB-01": "no"}, "LOB-02", ["phone"])

    assert refused.value.code == "answer.hidden_question"
    assert accept_answer(lobby(), {"LOB-01": "no"}, "LOB-02", None) is None


def test_an_answer_out_of_bounds_says_the_bounds() -> None:
    with pytest.raises(Invalid) as refused:
        accept_answer(lobby(), {}, "LOB-03", 5001)

    assert refused.value.details == {"question": "LOB-03", "low": 0, "high": 5000}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_refusal_has_a_sentence_in_every_language(language: str) -> None:
    words.use(language)
    silent = [code for _, _, code in REFUSED if "{code}" in words.sentence(code) or words.sentence(code) == code]

    words.use("ru")
    assert silent == []


@pytest.mark.parametrize(("question", "value", "kept"), TAKEN, ids=[str(n) for n in range(len(TAKEN))])
def test_an_answer_is_written_down_in_one_way(question: str, value: Any, kept: Any) -> None:
    taken = accept_answer(ALL, {}, question, value)

    assert taken == kept
    assert type(taken) is type(kept)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_every_shared_vector_shows_and_misses_what_it_says(vector: dict[str, Any]) -> None:
    checklist = from_body(vector["checklist"])

    shown = visible(checklist, vector["answers"], vector["school"])
    lacks = missing(checklist, vector["answers"], vector["photo_counts"], vector["school"])

    assert [question.id for question in shown] == vector["visible"]
    assert [{"question": lack.question_id, "what": lack.what} for lack in lacks] == vector["missing"]


def test_a_hidden_answer_is_kept_by_the_caller_and_does_not_count() -> None:
    answers = {"LOB-01": "no", "LOB-02": ["phone"]}

    assert counted(lobby(), answers) == {"LOB-01": "no"}
    assert answers["LOB-02"] == ["phone"]


@CALMLY
@given(st.sampled_from([str(question["id"]) for question in EVERY]), JSON)
def test_any_json_is_taken_or_refused_and_never_crashes(question: str, value: Any) -> None:
    taken: Any = REFUSAL
    with suppress(Invalid):
        taken = accept_answer(ALL, {}, question, value)

    assert taken is REFUSAL or accept_answer(ALL, {}, question, taken) == taken


@CALMLY
@given(st.dictionaries(st.sampled_from(["LOB-01", "LOB-02", "LOB-03", "LOB-04", "LOB-05"]), JSON), JSON)
def test_what_a_hidden_question_holds_changes_nothing(answers: dict[str, Any], hidden: Any) -> None:
    checklist = lobby()
    shut = {**answers, "LOB-01": "no"}

    assert visible(checklist, {**shut, "LOB-02": hidden}) == visible(checklist, shut)
    assert missing(checklist, {**shut, "LOB-02": hidden}, {}) == missing(checklist, shut, {})


def test_every_type_of_question_is_walked_here() -> None:
    assert {question["type"] for question in EVERY} == set(QuestionType)
    assert all(isinstance(question, Question) for question in ALL.questions)
