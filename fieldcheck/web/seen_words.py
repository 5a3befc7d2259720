"""An answer that the agency may read, in words: on its page, and in a letter."""

from fieldcheck.domain import release
from fieldcheck.domain.checklist import QuestionType
from fieldcheck.usecases.case_views import AnswerSeen
from fieldcheck.web.drawing import half_day
from fieldcheck.words import _, number, pick, tenge


def said(answer: AnswerSeen, *, coarse: bool = False) -> str:
    """Say one answer in the reader's language; *coarse* tells of a half-day no more than its week."""
    if answer.sealed:
        return _("Noted word for word; the programme has not released the text.")
    if answer.text is not None:
        return answer.text
    if answer.half is not None:
        return half_day(release.week_of(answer.half) if coarse and "/" in answer.half else answer.half)
    if answer.figure is not None:
        money = answer.kind is QuestionType.MONEY
        return tenge(answer.figure) if money else f"{number(answer.figure)} {answer.unit or ''}".rstrip()
    if answer.chosen:
        named = {"yes": _("Yes"), "no": _("No"), "na": _("Does not apply")}
        return "; ".join(named.get(one, one) if isinstance(one, str) else pick(one) for one in answer.chosen)
    return _("Confirmed by the visitor")
