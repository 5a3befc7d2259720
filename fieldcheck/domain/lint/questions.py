"""The faults of one question by its type: options where none are chosen, bounds the wrong way round, a lost photo."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from fieldcheck.domain.lint.faults import Fault, near

_ANY = {"id", "type", "text", "help", "required", "visible_if", "required_if"}
_OWN = {
    "yes_no_na": {"photo"},
    "single": {"options", "photo"},
    "multi": {"options", "photo"},
    "number": {"min", "max", "whole", "unit", "photo"},
    "money": {"min", "max", "unit", "photo"},
    "text": {"max_length", "photo"},
    "quote": {"max_length", "photo"},
    "date": {"autofill"},
    "datetime": {"autofill"},
    "photo": {"photo"},
    "geopoint": {"autofill"},
    "statement": set(),
    "info": set(),
}
_NEEDS = {"single": "options", "multi": "options", "photo": "photo", "money": "unit", "info": "help"}
LONGEST_QUOTE = 2_000


def question_faults(question: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what does not fit the type of *question*; its shape is told of elsewhere."""
    kind, path = question["type"], f"questions[{question['id']}]"
    if kind not in _OWN:
        return
    allowed = _ANY | _OWN[kind]
    for key in question:
        if key not in allowed and any(key in own for own in _OWN.values()):
            yield Fault("checklist.key_unfit", f"{path}.{key}", {"key": key, "type": kind})
    needed = _NEEDS.get(kind)
    if needed and needed not in question:
        yield Fault("checklist.missing_key", path, {"key": needed})
    if kind == "statement" and question.get("required") is False:
        yield Fault("checklist.statement_optional", f"{path}.required", {"id": question["id"]})
    if kind == "info" and (question.get("required") or "required_if" in question):
        yield Fault("checklist.key_unfit", f"{path}.required", {"key": "required", "type": kind})
    if question.get("required") is True and "required_if" in question:
        yield Fault("checklist.required_twice", f"{path}.required_if", {"id": question["id"]})
    yield from _bounds(question, path)
    photo = question.get("photo")
    if isinstance(photo, Mapping):
        yield from _photo(question, photo, f"{path}.photo")


def _bounds(question: Mapping[str, Any], path: str) -> Iterator[Fault]:
    low, high = question.get("min"), question.get("max")
    if _is_number(low) and _is_number(high) and low > high:
        yield Fault("checklist.bounds_reversed", f"{path}.min", {"min": low, "max": high})
    if question["type"] == "money":
        for key in ("min", "max"):
            bound = question.get(key)
            if _is_number(bound) and (bound < 0 or not float(bound).is_integer()):
                yield Fault("checklist.money_bound", f"{path}.{key}", {"value": bound})
        if question.get("unit") not in ("KZT", None):
            yield Fault("checklist.money_unit", f"{path}.unit", {"value": str(question["unit"])[:80]})
    longest = question.get("max_length")
    if question["type"] == "quote" and _is_number(longest) and longest > LONGEST_QUOTE:
        yield Fault("checklist.out_of_range", f"{path}.max_length", {"value": longest, "low": 1, "high": LONGEST_QUOTE})


def _photo(question: Mapping[str, Any], photo: Mapping[str, Any], path: str) -> Iterator[Fault]:
    low, high = photo.get("min", 0), photo.get("max")
    if _is_number(low) and _is_number(high) and low > high:
        yield Fault("checklist.bounds_reversed", f"{path}.min", {"min": low, "max": high})
    if question["type"] == "photo":
        if question.get("required") is False and _is_number(low) and low > 0:
            yield Fault("checklist.photo_optional_min", f"{path}.min", {"id": question["id"], "min": low})
        if photo.get("when"):
            yield Fault("checklist.key_unfit", f"{path}.when", {"key": "when", "type": "photo"})
        return
    options = _options(question)
    when = photo.get("when")
    for index, option in enumerate(when if isinstance(when, list) else ()):
        if option not in options:
            details = {
                "question": question["id"],
                "option": str(option)[:80],
                "near": near(option, options),
                "allowed": ", ".join(options) or "-",
            }
            yield Fault("checklist.option_unknown", f"{path}.when[{index}]", details)


def _options(question: Mapping[str, Any]) -> list[str]:
    if question["type"] == "yes_no_na":
        return ["yes", "no", "na"]
    options = question.get("options")
    return [
        option["id"]
        for option in (options if isinstance(options, list) else ())
        if isinstance(option, Mapping) and isinstance(option.get("id"), str)
    ]


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
