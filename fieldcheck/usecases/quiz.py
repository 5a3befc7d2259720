"""The briefing's quiz: read without its answers, taken as often as one likes, explained after each try.

Every try is kept. Whoever has not passed this season is not sent anywhere (requirement E-30).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fieldcheck.domain.access import Action
from fieldcheck.domain.briefing import mark
from fieldcheck.domain.checklist import Words
from fieldcheck.domain.dispatch import is_current
from fieldcheck.domain.errors import Conflict
from fieldcheck.storage import briefing_files, readiness_queries
from fieldcheck.storage.tables import QuizTaken
from fieldcheck.usecases.work import Work, permits


@dataclass(frozen=True)
class QuestionView:
    """A question as it is asked."""

    id: str
    text: Words
    options: Mapping[str, Words]


@dataclass(frozen=True)
class QuizView:
    """The quiz in force, and until when one's own pass counts."""

    digest: str
    title: Words
    pass_mark: int
    questions: tuple[QuestionView, ...]
    passed_until: datetime | None


@dataclass(frozen=True)
class Explained:
    """How one question was answered, and why the right answer is right."""

    question: str
    is_right: bool
    right_option: str
    explanation: Words


@dataclass(frozen=True)
class Result:
    """How a try went."""

    passed: bool
    right: int
    asked: int
    explained: tuple[Explained, ...]


@permits(Action.QUIZ_TAKE)
def current(work: Work) -> QuizView:
    """Show the quiz in force."""
    quiz, me = briefing_files.quiz(work.settings.checklists), work.actor.person_id
    passed = readiness_queries.passed_at(work.session, [me]).get(me)
    until = passed + work.settings.season if passed and is_current(passed, work.now, work.settings.season) else None
    asked = tuple(QuestionView(one.id, one.text, one.options) for one in quiz.questions)
    return QuizView(quiz.digest, quiz.title, quiz.pass_mark, asked, until)


@permits(Action.QUIZ_TAKE)
def take(work: Work, digest: str, answers: Mapping[str, str]) -> Result:
    """Mark one's answers to the quiz in force and keep them; gives what was right, with the reasons."""
    quiz = briefing_files.quiz(work.settings.checklists)
    if digest != quiz.digest:
        raise Conflict("quiz.changed")
    got = mark(quiz, answers)
    work.session.add(
        QuizTaken(
            id=work.new_id(),
            person_id=work.actor.person_id,
            digest=digest,
            answers=dict(answers),
            right=len(got.right),
            asked=got.asked,
            passed=got.passed,
            taken_at=work.now,
        )
    )
    work.record(Action.QUIZ_TAKE, work.actor.person_id, quiz=digest, right=len(got.right), passed=got.passed)
    explained = tuple(Explained(one.id, one.id in got.right, one.right, one.explanation) for one in quiz.questions)
    return Result(got.passed, len(got.right), got.asked, explained)
