"""The quiz and the consent form as data: what is refused in a file, and how a try is marked."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fieldcheck.domain.briefing import Quiz, consent_from, mark, quiz_from
from fieldcheck.domain.errors import Invalid

FOLDER = Path(__file__).parents[2] / "checklists" / "briefing"
#: What the law on personal data asks a consent to say (article 8, paragraph 4), and how to take it back.
ASKED_BY_LAW = {
    "operator", "subject", "purpose", "data", "actions", "third_parties", "cross_border", "public_sources", "term",
    "withdrawal",
}  # fmt: skip


def words(text: str) -> dict[str, str]:
    return {"ru": f"{text} ру", "kk": f"{text} қк", "en": text}


def a_quiz(**changed: Any) -> dict[str, Any]:
    question = {
        "id": "one", "topic": "safety", "text": words("What now?"),
        "options": {"a": words("Go"), "b": words("Stay")}, "right": "a", "explanation": words("Because"),
    }  # fmt: skip
    questions = [question, {**question, "id": "two"}, {**question, "id": "three"}]
    return {"title": words("Quiz"), "pass_mark": 60, "questions": questions, **changed}


def of_file(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return data


@pytest.mark.parametrize(
    "changed",
    [
        {"questions": []},
        {"pass_mark": 0},
        {"pass_mark": "80"},
        {"title": {"ru": "Опрос", "en": "Quiz"}},
        {"questions": [a_quiz()["questions"][0]] * 2},
        {"questions": [{**a_quiz()["questions"][0], "right": "c"}]},
        {"questions": [{**a_quiz()["questions"][0], "explanation": {"ru": "", "kk": "", "en": ""}}]},
    ],
)  # fmt: skip
def test_a_quiz_that_lacks_something_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"briefing\.malformed"):
        quiz_from(a_quiz(**changed))


@pytest.mark.parametrize("answers", [{}, {"one": "a"}, {"one": "a", "two": "a", "three": "a", "four": "a"}])
def test_a_try_answers_every_question_and_no_other(answers: dict[str, str]) -> None:
    with pytest.raises(Invalid, match=r"quiz\.incomplete"):
        mark(quiz_from(a_quiz()), answers)


def test_an_option_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid, match=r"quiz\.unknown_option"):
        mark(quiz_from(a_quiz()), {"one": "a", "two": "a", "three": "z"})


@pytest.mark.parametrize(("second", "passed"), [("a", True), ("b", False)])
def test_the_mark_is_what_divides_passing_from_not(second: str, passed: bool) -> None:
    got = mark(quiz_from(a_quiz()), {"one": "a", "two": second, "three": "b"})

    assert (got.passed, got.asked) == (passed, 3)


def test_another_word_is_another_version() -> None:
    assert quiz_from(a_quiz()).digest != quiz_from(a_quiz(title=words("Test"))).digest


def test_the_house_s_quiz_covers_what_it_must_in_three_languages() -> None:
    quiz: Quiz = quiz_from(of_file("quiz.yaml"))

    assert 8 <= len(quiz.questions) <= 10
    assert quiz.pass_mark == 80
    assert {one.topic for one in quiz.questions} == {"no_provocation", "privacy", "photographs", "safety"}
    assert len({one.right for one in quiz.questions}) > 1  # not always the same letter


def test_the_house_s_consent_says_what_the_law_asks_for() -> None:
    form = consent_from(of_file("consent.yaml"))

    assert {id_ for id_, _title, _text in form.paragraphs} == ASKED_BY_LAW


def test_a_consent_without_a_version_is_refused() -> None:
    with pytest.raises(Invalid, match=r"briefing\.malformed"):
        consent_from({"title": words("Consent"), "paragraphs": [{"id": "a", "title": words("A"), "text": words("B")}]})
