"""/api/quiz and /api/consent: what the phone asks before somebody goes out for the first time in a season."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel, Field

from fieldcheck.domain.access import Actor
from fieldcheck.settings import Settings
from fieldcheck.usecases import consent, quiz
from fieldcheck.usecases.consent import ConsentView
from fieldcheck.usecases.quiz import QuizView
from fieldcheck.usecases.work import begin, look
from fieldcheck.web.pressing import tagged


class QuizIn(BaseModel):
    """One try: the digest of the quiz that was shown, and the option chosen for each question."""

    digest: str = Field(max_length=64)
    answers: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=40)]] = Field(max_length=100)


class ConsentIn(BaseModel):
    """Agreeing to a version as it was read in a language; *given* false withdraws."""

    version: int = Field(ge=0, le=1_000_000)
    language: Literal["ru", "kk", "en"]
    given: bool = True


def add(api: FastAPI, settings: Settings, who: Callable[..., Awaitable[Actor]]) -> None:
    """Add the routes; *who* gives whom the gate found."""

    @api.get("/quiz", response_class=Response)
    def quiz_now(request: Request, actor: Annotated[Actor, Depends(who)]) -> Response:
        """Show the season's quiz, without its answers; nothing to who has it as it is now."""
        with look(settings, actor) as work:
            return _unless_known(request, _quiz(quiz.current(work)))

    @api.post("/quiz")
    def take_quiz(actor: Annotated[Actor, Depends(who)], sent: QuizIn) -> dict[str, Any]:
        """Mark one try and explain it."""
        with begin(settings, actor) as work:
            result = quiz.take(work, sent.digest, sent.answers)
        explained = [
            {
                "question": one.question,
                "is_right": one.is_right,
                "right_option": one.right_option,
                "explanation": one.explanation,
            }
            for one in result.explained
        ]
        return {"passed": result.passed, "right": result.right, "asked": result.asked, "explained": explained}

    @api.get("/consent", response_class=Response)
    def consent_now(request: Request, actor: Annotated[Actor, Depends(who)]) -> Response:
        """Show the consent form in force, and whether one has agreed to it; nothing to who has it as it is now."""
        with look(settings, actor) as work:
            return _unless_known(request, _consent(consent.current(work)))

    @api.post("/consent")
    def give_consent(actor: Annotated[Actor, Depends(who)], sent: ConsentIn) -> dict[str, Any]:
        """Agree, or withdraw."""
        with begin(settings, actor) as work:
            if sent.given:
                consent.give(work, sent.version, sent.language)
            else:
                consent.withdraw(work)
            return _consent(consent.current(work))


def _unless_known(request: Request, said: dict[str, Any]) -> Response:
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return tagged(request, body, {"Cache-Control": "no-store"})


def _quiz(view: QuizView) -> dict[str, Any]:
    return {
        "digest": view.digest,
        "title": view.title,
        "pass_mark": view.pass_mark,
        "passed_until": view.passed_until.isoformat() if view.passed_until else None,
        "questions": [{"id": one.id, "text": one.text, "options": one.options} for one in view.questions],
    }


def _consent(view: ConsentView) -> dict[str, Any]:
    return {
        "version": view.form.version,
        "digest": view.form.digest,
        "title": view.form.title,
        "paragraphs": [{"id": id_, "title": title, "text": text} for id_, title, text in view.form.paragraphs],
        "given_at": view.given_at.isoformat() if view.given_at else None,
        "language": view.language,
    }
