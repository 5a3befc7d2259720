"""What is asked next, what is still missing, and whether an answer can be taken.

A hidden question's answer is kept by those who store it and does not count here: it is as if it had not been given.
Nothing may look forward, so one pass in the order of the walk decides what is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from fieldcheck.domain.answers import normalise
from fieldcheck.domain.checklist import Checklist, Question, QuestionType
from fieldcheck.domain.conditions import evaluate, is_answered
from fieldcheck.domain.errors import Invalid

Answers = Mapping[str, Any]
School = Mapping[str, Any]


@dataclass(frozen=True)
class Missing:
    """One thing without which the visit cannot be submitted."""

    question_id: str
    what: Literal["answer", "photo", "statement"]


@dataclass(frozen=True)
class Walk:
    """The questions shown for these answers, and the answers that count."""

    shown: tuple[Question, ...]
    answers: Answers
    school: School | None

    @property
    def facts(self) -> Mapping[str, Any]:
        """What a condition may look at."""
        return {"answers": self.answers, "school": self.school}


def walk(checklist: Checklist, answers: Answers, school: School | None = None) -> Walk:
    """Go through *checklist* once and see which questions show and which answers count."""
    counted: dict[str, Any] = {}
    facts = {"answers": counted, "school": school}
    shown: list[Question] = []
    for question in checklist.questions:
        if question.visible_if is None or evaluate(question.visible_if, facts):
            shown.append(question)
            if question.takes_a_value and is_answered(answers.get(question.id)):
                counted[question.id] = answers[question.id]
    return Walk(tuple(shown), counted, school)


def visible(checklist: Checklist, answers: Answers, school: School | None = None) -> tuple[Question, ...]:
    """Return the questions that are shown for *answers*, in order."""
    return walk(checklist, answers, school).shown


def counted(checklist: Checklist, answers: Answers, school: School | None = None) -> Answers:
    """Return the answers that count: given, and to questions that are shown."""
    return walk(checklist, answers, school).answers


def is_required(question: Question, here: Walk) -> bool:
    """Say whether *question* must be answered on this walk."""
    return question.required or (question.required_if is not None and evaluate(question.required_if, here.facts))


def photos_needed(question: Question, here: Walk) -> int:
    """Return how many photos of *question* the visit cannot do without."""
    need = question.photo
    if need is None:
        return 0
    if question.type is QuestionType.PHOTO:
        return max(need.min, 1) if is_required(question, here) else 0
    value = here.answers.get(question.id)
    if not is_answered(value):
        return 0
    if not need.when:
        return need.min
    given = value if isinstance(value, list) else [value]
    return need.min if any(option in need.when for option in given if isinstance(option, str)) else 0


def missing(
    checklist: Checklist, answers: Answers, photo_counts: Mapping[str, int], school: School | None = None
) -> tuple[Missing, ...]:
    """Return everything that keeps the visit from being submitted, in the order of the walk."""
    here = walk(checklist, answers, school)
    lacks: list[Missing] = []
    for question in here.shown:
        if question.takes_a_value and question.id not in here.answers and is_required(question, here):
            lacks.append(Missing(question.id, "statement" if question.must_equal else "answer"))
        elif question.must_equal and question.id in here.answers and here.answers[question.id] is not True:
            lacks.append(Missing(question.id, "statement"))
        if photo_counts.get(question.id, 0) < photos_needed(question, here):
            lacks.append(Missing(question.id, "photo"))
    return tuple(lacks)


def accept_answer(
    checklist: Checklist, answers: Answers, question_id: str, value: Any, school: School | None = None
) -> Any:
    """Return *value* as it is stored, or refuse it; None clears an answer, also one that is hidden now."""
    question = checklist.by_id.get(question_id)
    if question is None:
        raise Invalid("answer.unknown_question", question=question_id)
    if value is None:
        return None
    if not question.takes_a_value:
        raise Invalid("answer.takes_no_value", question=question_id)
    if not is_shown(checklist, answers, question, school):
        raise Invalid("answer.hidden_question", question=question_id)
    return normalise(question, value)


def is_shown(checklist: Checklist, answers: Answers, question: Question, school: School | None = None) -> bool:
    """Say whether one question is shown, as `walk` would, by looking only at what its condition asks for."""
    if question.visible_if is None:
        return True
    before = _Before(checklist, answers, school, _places(checklist)[question.id])
    return evaluate(question.visible_if, {"answers": before, "school": school})


class _Before:
    """The answers that count before one place of the walk, each decided when a condition asks for it."""

    __slots__ = ("answers", "checklist", "place", "school")

    def __init__(self, checklist: Checklist, answers: Answers, school: School | None, place: int) -> None:
        self.checklist, self.answers, self.school, self.place = checklist, answers, school, place

    def get(self, question_id: str) -> Any:
        """Give the answer that counts, None where there is none, where it is hidden, and where it lies ahead."""
        value = self.answers.get(question_id)
        if not is_answered(value) or _places(self.checklist).get(question_id, self.place) >= self.place:
            return None
        question = self.checklist.by_id[question_id]
        counts = question.takes_a_value and is_shown(self.checklist, self.answers, question, self.school)
        return value if counts else None


@lru_cache(maxsize=64)
def _places(checklist: Checklist) -> Mapping[str, int]:
    return {question.id: place for place, question in enumerate(checklist.questions)}
