"""What a volunteer must know and agree to before she goes out: the season's quiz and the consent form, as plain data.

Both are versioned by their content: what somebody passed or agreed to can be shown again word for word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldcheck.domain.checklist import Words
from fieldcheck.domain.custody import digest
from fieldcheck.domain.errors import Invalid

LANGUAGES = ("ru", "kk", "en")


@dataclass(frozen=True)
class QuizQuestion:
    """One question with one right option, and why that is so."""

    id: str
    topic: str
    text: Words
    options: Mapping[str, Words]
    right: str
    explanation: Words


@dataclass(frozen=True)
class Quiz:
    """A season's quiz; *pass_mark* in percent."""

    digest: str
    title: Words
    pass_mark: int
    questions: tuple[QuizQuestion, ...]


@dataclass(frozen=True)
class Mark:
    """How a try went: which questions were answered rightly, and whether that is enough."""

    right: frozenset[str]
    asked: int
    passed: bool


@dataclass(frozen=True)
class ConsentForm:
    """One version of the consent form: titled paragraphs in three languages."""

    version: int
    digest: str
    title: Words
    paragraphs: tuple[tuple[str, Words, Words], ...]


def quiz_from(data: Mapping[str, Any]) -> Quiz:
    """Read a quiz; raises Invalid `briefing.malformed` naming the place."""
    questions = tuple(_question(one, f"questions.{place}") for place, one in enumerate(data.get("questions") or ()))
    mark = data.get("pass_mark")
    if not questions or not isinstance(mark, int) or not 1 <= mark <= 100:
        raise Invalid("briefing.malformed", where="pass_mark" if questions else "questions")
    if len({one.id for one in questions}) != len(questions):
        raise Invalid("briefing.malformed", where="questions.id")
    return Quiz(digest(dict(data)), _words(data, "title", "quiz"), mark, questions)


def _question(data: Mapping[str, Any], where: str) -> QuizQuestion:
    options = data.get("options") or {}
    if len(options) < 2 or data.get("right") not in options:
        raise Invalid("briefing.malformed", where=f"{where}.right")
    return QuizQuestion(
        str(data.get("id")),
        str(data.get("topic")),
        _words(data, "text", where),
        {id_: _words(options, id_, f"{where}.options") for id_ in options},
        data["right"],
        _words(data, "explanation", where),
    )


def consent_from(data: Mapping[str, Any]) -> ConsentForm:
    """Read a consent form; raises Invalid `briefing.malformed` naming the place."""
    parts = data.get("paragraphs") or ()
    if not parts or not isinstance(data.get("version"), int):
        raise Invalid("briefing.malformed", where="consent")
    paragraphs = tuple(
        (str(one.get("id")), _words(one, "title", f"paragraphs.{n}"), _words(one, "text", f"paragraphs.{n}"))
        for n, one in enumerate(parts)
    )
    return ConsentForm(data["version"], digest(dict(data)), _words(data, "title", "consent"), paragraphs)


def _words(data: Mapping[str, Any], name: str, where: str) -> Words:
    words = data.get(name)
    if not isinstance(words, Mapping) or not all(isinstance(words.get(one), str) and words[one] for one in LANGUAGES):
        raise Invalid("briefing.malformed", where=f"{where}.{name}")
    return {language: str(words[language]).strip() for language in LANGUAGES}


def mark(quiz: Quiz, answers: Mapping[str, str]) -> Mark:
    """Mark a try; raises Invalid for an option or a question that is not in the quiz, or a question left out."""
    by_id = {one.id: one for one in quiz.questions}
    if set(answers) != set(by_id):
        raise Invalid("quiz.incomplete", missing=sorted(set(by_id) - set(answers)))
    for id_, chosen in answers.items():
        if chosen not in by_id[id_].options:
            raise Invalid("quiz.unknown_option", question=id_)
    right = frozenset(id_ for id_, chosen in answers.items() if by_id[id_].right == chosen)
    return Mark(right, len(by_id), len(right) * 100 >= quiz.pass_mark * len(by_id))
