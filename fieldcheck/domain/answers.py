"""One answer against one question: its type, its bounds, and the one way it is written down.

Refuses what it does not understand and guesses nothing: no text is read as a number, no number as a truth value.
"""

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from fieldcheck.domain.checklist import Question, QuestionType
from fieldcheck.domain.errors import Invalid

LONGEST = {QuestionType.TEXT: 4_000, QuestionType.QUOTE: 2_000}
LARGEST_NUMBER = 10**12
LARGEST_SUM = 10**10
# Who reads an answer reads it in her own zone, and no zone can count beyond the calendar's ends.
FIRST_YEAR, LAST_YEAR = 1900, 2200
# Why a phone named no place. That is an answer too: she was asked, and the phone could not or might not tell.
NO_POINT = ("denied", "unavailable", "timeout")
WORST_ACCURACY = 1_000_000.0  # metres; a phone that knows nothing says tens of kilometres

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
# Neither can be kept by every database: a NUL, and half of a character that was cut in two.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def normalise(question: Question, value: Any) -> Any:
    """Return *value* as it is stored and hashed, or raise `Invalid` that says what is wrong with it."""
    return _READERS[question.type](question, value)


def _choice(question: Question, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(question, value)
    if value not in question.option_ids:
        raise Invalid("answer.unknown_option", question=question.id, option=value[:80])
    return value


def _choices(question: Question, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise _wrong_type(question, value)
    if not value:
        raise Invalid("answer.empty", question=question.id)
    if len(value) > len(question.option_ids):
        raise Invalid("answer.repeated_option", question=question.id)
    chosen = [_choice(question, option) for option in value]
    if len(set(chosen)) != len(chosen):
        raise Invalid("answer.repeated_option", question=question.id)
    alone = question.exclusive_ids.intersection(chosen)
    if alone and len(chosen) > 1:
        raise Invalid("answer.exclusive_option", question=question.id, option=min(alone))
    return sorted(chosen)


def _number(question: Question, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(question, value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid("answer.not_finite", question=question.id)
        if value.is_integer():
            value = int(value)
        elif question.whole:
            raise Invalid("answer.not_whole", question=question.id)
    _within(question, value, -LARGEST_NUMBER, LARGEST_NUMBER)
    return value


def _money(question: Question, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(question, value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid("answer.not_finite", question=question.id)
        if not value.is_integer():
            raise Invalid("answer.not_whole", question=question.id)
    _within(question, value, 0, LARGEST_SUM)
    return int(value)


def _within(question: Question, value: float, lowest: float, highest: float) -> None:
    low = lowest if question.min is None else question.min
    high = highest if question.max is None else question.max
    if not low <= value <= high:
        raise Invalid("answer.out_of_bounds", question=question.id, low=low, high=high)


def _text(question: Question, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type(question, value)
    text = value.strip()
    if not text:
        raise Invalid("answer.empty", question=question.id)
    longest = min(question.max_length or LONGEST[question.type], LONGEST[question.type])
    if len(text) > longest:
        raise Invalid("answer.too_long", question=question.id, length=len(text), longest=longest)
    if _UNKEEPABLE.search(text):
        raise Invalid("answer.bad_characters", question=question.id)
    return text


def _date(question: Question, value: Any) -> str:
    return _moment(question, value, _DATE, date.fromisoformat, "answer.bad_date")


def _datetime(question: Question, value: Any) -> str:
    return _moment(question, value, _DATETIME, datetime.fromisoformat, "answer.bad_datetime")


def _moment(question: Question, value: Any, shape: re.Pattern[str], read: Callable[[str], object], code: str) -> str:
    if not isinstance(value, str):
        raise _wrong_type(question, value)
    if not shape.fullmatch(value):
        raise Invalid(code, question=question.id)
    try:
        read(value)
    except ValueError as error:
        raise Invalid(code, question=question.id) from error
    if not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
        raise Invalid(code, question=question.id)
    return value


def _geopoint(question: Question, value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and set(value) == {"none"}:
        if value["none"] not in NO_POINT:
            raise _wrong_type(question, value)
        return {"none": value["none"]}
    if not isinstance(value, dict) or set(value) != {"lat", "lon", "accuracy"}:
        raise _wrong_type(question, value)
    point: dict[str, float] = {}
    for part, low, high in (("lat", -90.0, 90.0), ("lon", -180.0, 180.0), ("accuracy", 0.0, WORST_ACCURACY)):
        number = value[part]
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise _wrong_type(question, value)
        if not low <= number <= high:  # NaN compares false with everything and is refused here too
            raise Invalid("answer.bad_point", question=question.id, part=part, low=low, high=high)
        point[part] = float(number)
    return point


def _statement(question: Question, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(question, value)
    if not value:
        raise Invalid("answer.unconfirmed", question=question.id)
    return True


def _wrong_type(question: Question, value: Any) -> Invalid:
    return Invalid("answer.wrong_type", question=question.id, expected=str(question.type), found=type(value).__name__)


_READERS: dict[QuestionType, Callable[[Question, Any], Any]] = {
    QuestionType.YES_NO_NA: _choice,
    QuestionType.SINGLE: _choice,
    QuestionType.MULTI: _choices,
    QuestionType.NUMBER: _number,
    QuestionType.MONEY: _money,
    QuestionType.TEXT: _text,
    QuestionType.QUOTE: _text,
    QuestionType.DATE: _date,
    QuestionType.DATETIME: _datetime,
    QuestionType.GEOPOINT: _geopoint,
    QuestionType.STATEMENT: _statement,
}
