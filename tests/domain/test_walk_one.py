"""Asking about one question gives what the whole walk gives, on the shipped checklists and on answers at random."""

import random
from functools import cache
from typing import Any

import pytest

from fieldcheck.domain.checklist import Checklist, Question
from fieldcheck.domain.walk import is_shown, visible
from fieldcheck.storage.checklist_files import load
from tests.first import HOUSE

SHEETS = (
    "admission", "canteen_books_uniform", "entrance_stands", "illegal_collections", "teacher_hiring", "website_remote",
)  # fmt: skip
SCHOOLS = [
    None,
    {"ownership": "private", "region": "710000000", "order_on_file": False},
    {"ownership": "kgu_state_institution", "region": "710000000", "order_on_file": True},
]


@cache
def sheets() -> dict[str, Checklist]:
    """The shipped checklists by id."""
    return {sheet.id: sheet for sheet in load(HOUSE / "checklists")[0]}


def any_answer(question: Question, chance: random.Random) -> Any:
    """Some answer, none, or one that was cleared."""
    if not question.option_ids or chance.random() < 0.2:
        return chance.choice([None, 1, "text", True, ""])
    option = chance.choice(question.option_ids)
    return [option] if question.type == "multi" else option


def agree(sheet: Checklist, answers: dict[str, Any], school: Any) -> None:
    """Compare question by question."""
    whole = {question.id for question in visible(sheet, answers, school)}

    one_by_one = {question.id for question in sheet.questions if is_shown(sheet, answers, question, school)}

    assert one_by_one == whole


@pytest.mark.parametrize("name", SHEETS)
def test_one_question_agrees_with_the_walk_on_every_example(name: str) -> None:
    for example in sheets()[name].examples:
        agree(sheets()[name], dict(example.answers), example.school)


@pytest.mark.parametrize("name", SHEETS)
def test_one_question_agrees_with_the_walk_on_answers_at_random(name: str) -> None:
    chance = random.Random(name)

    for _ in range(300):
        answers = {q.id: any_answer(q, chance) for q in sheets()[name].questions if chance.random() < 0.8}
        agree(sheets()[name], answers, chance.choice(SCHOOLS))
