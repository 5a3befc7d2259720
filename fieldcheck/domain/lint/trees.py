"""The faults of one condition tree: its shape, the questions and options it names, and what it compares them with.

Yields nothing for a tree that `conditions.evaluate` and the search in `satisfy` can take.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fieldcheck.domain.conditions import COMPARISONS, QUESTION_OPERATORS, SCHOOL_KEYS, SCHOOL_OPERATORS
from fieldcheck.domain.lint.faults import Fault, near
from fieldcheck.domain.lint.satisfy import Asked
from fieldcheck.domain.lint.shape import OWNERSHIPS

DEEPEST = 10
FITTING = {
    "yes_no_na": ("is", "in", "answered"),
    "single": ("is", "in", "answered"),
    "multi": ("contains_any", "answered"),
    "number": ("is", "in", *COMPARISONS, "answered"),
    "money": ("is", "in", *COMPARISONS, "answered"),
    "statement": ("is", "answered"),
}
_JOINS = ("all", "any", "not")


def tree_faults(
    tree: Any, path: str, known: Mapping[str, Asked], earlier: Collection[str] | None = None, depth: int = 0
) -> Iterator[Fault]:
    """Yield the faults of *tree*; with *earlier*, a question outside it is a look ahead."""
    if depth > DEEPEST:
        yield Fault("checklist.condition_too_deep", path, {"deepest": DEEPEST})
    elif isinstance(tree, list):
        for index, part in enumerate(tree):
            yield from tree_faults(part, f"{path}[{index}]", known, earlier, depth + 1)
    elif not isinstance(tree, Mapping):
        yield Fault("checklist.wrong_kind", path, {"expected": "condition", "found": type(tree).__name__})
    elif joins := [key for key in _JOINS if key in tree]:
        yield from _join_faults(tree, joins[0], path, known, earlier, depth)
    elif "q" in tree:
        yield from _question_faults(tree, path, known, earlier)
    elif "school" in tree:
        yield from _school_faults(tree, path)
    else:
        key = str(next(iter(tree), ""))
        meant = near(key, (*_JOINS, "q", "school"))
        yield Fault("checklist.condition_malformed", path, {"key": key, "near": meant})


def _join_faults(
    tree: Mapping[str, Any], join: str, path: str, known: Mapping[str, Asked], earlier: Any, depth: int
) -> Iterator[Fault]:
    for key in tree:
        if key != join:
            yield Fault("checklist.unknown_key", f"{path}.{key}", {"key": str(key), "near": ""})
    inner = tree[join]
    if join != "not" and not isinstance(inner, list):
        yield Fault("checklist.wrong_kind", f"{path}.{join}", {"expected": "list", "found": type(inner).__name__})
    elif join != "not" and not inner:
        yield Fault("checklist.too_few", f"{path}.{join}", {"least": 1, "found": 0})
    else:
        yield from tree_faults(inner, f"{path}.{join}", known, earlier, depth + 1)


def _question_faults(
    leaf: Mapping[str, Any], path: str, known: Mapping[str, Asked], earlier: Collection[str] | None
) -> Iterator[Fault]:
    yield from _keys(leaf, "q", QUESTION_OPERATORS, path)
    qid = leaf["q"]
    question = known.get(qid) if isinstance(qid, str) else None
    if question is None:
        yield Fault("checklist.question_unknown", f"{path}.q", {"id": str(qid)[:80], "near": near(qid, known)})
        return
    if earlier is not None and qid not in earlier:
        yield Fault("checklist.question_ahead", f"{path}.q", {"id": qid})
    operators = [key for key in QUESTION_OPERATORS if key in leaf]
    if question.type in ("photo", "info"):
        yield Fault("checklist.question_valueless", f"{path}.q", {"id": qid, "type": question.type})
    elif len(operators) == 1:
        yield from _operator_faults(leaf, operators[0], question, path)


def _operator_faults(leaf: Mapping[str, Any], operator: str, question: Asked, path: str) -> Iterator[Fault]:
    fitting = FITTING.get(question.type, ("answered",))
    value, place = leaf[operator], f"{path}.{operator}"
    if operator not in fitting:
        details = {"operator": operator, "id": question.id, "type": question.type, "fitting": ", ".join(fitting)}
        yield Fault("checklist.operator_unfit", place, details)
    elif operator == "answered":
        yield from _is_kind(value, place, "true or false", bool)
    elif operator in COMPARISONS:
        yield from _number_faults(value, place)
    elif operator == "is":
        yield from _value_faults(value, place, question)
    elif not isinstance(value, list):
        yield Fault("checklist.wrong_kind", place, {"expected": "list", "found": type(value).__name__})
    elif not value:
        yield Fault("checklist.too_few", place, {"least": 1, "found": 0})
    else:
        for index, item in enumerate(value):
            yield from _value_faults(item, f"{place}[{index}]", question)


def _value_faults(value: Any, place: str, question: Asked) -> Iterator[Fault]:
    """Check a value that an answer is compared with."""
    if question.type in ("number", "money"):
        yield from _number_faults(value, place)
    elif question.type == "statement":
        yield from _is_kind(value, place, "true or false", bool)
    elif not isinstance(value, str) or value not in question.options:
        details = {
            "question": question.id,
            "option": str(value)[:80],
            "near": near(value, question.options),
            "allowed": ", ".join(question.options),
        }
        yield Fault("checklist.option_unknown", place, details)


def _number_faults(value: Any, place: str) -> Iterator[Fault]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Fault("checklist.wrong_kind", place, {"expected": "number", "found": type(value).__name__})
    elif not -(10**12) <= value <= 10**12:
        yield Fault("checklist.out_of_range", place, {"value": str(value), "low": -(10**12), "high": 10**12})


def _school_faults(leaf: Mapping[str, Any], path: str) -> Iterator[Fault]:
    yield from _keys(leaf, "school", SCHOOL_OPERATORS, path)
    key = leaf["school"]
    if key not in SCHOOL_KEYS:
        details = {"value": str(key)[:80], "allowed": ", ".join(SCHOOL_KEYS), "near": near(key, SCHOOL_KEYS)}
        yield Fault("checklist.unknown_value", f"{path}.school", details)
        return
    for operator in SCHOOL_OPERATORS:
        if operator not in leaf:
            continue
        place = f"{path}.{operator}"
        items = [leaf[operator]] if operator == "is" else leaf[operator]
        if not isinstance(items, list):
            yield Fault("checklist.wrong_kind", place, {"expected": "list", "found": type(items).__name__})
            continue
        for item in items:
            yield from _school_value(key, item, place)


def _school_value(key: str, item: Any, place: str) -> Iterator[Fault]:
    if key == "order_on_file":
        yield from _is_kind(item, place, "true or false", bool)
    elif key == "ownership" and item not in OWNERSHIPS:
        details = {"value": str(item)[:80], "allowed": ", ".join(OWNERSHIPS), "near": near(item, OWNERSHIPS)}
        yield Fault("checklist.unknown_value", place, details)
    elif key == "region":
        yield from _is_kind(item, place, "text", str)


def _keys(leaf: Mapping[str, Any], head: str, operators: Collection[str], path: str) -> Iterator[Fault]:
    for key in leaf:
        if key != head and key not in operators:
            yield Fault("checklist.unknown_key", f"{path}.{key}", {"key": str(key), "near": near(key, operators)})
    found = [key for key in operators if key in leaf]
    if len(found) != 1:
        details = {"found": ", ".join(found) or "-", "allowed": ", ".join(operators)}
        yield Fault("checklist.operator_count", path, details)


def _is_kind(value: Any, place: str, name: str, wanted: type) -> Iterator[Fault]:
    if not isinstance(value, wanted):
        yield Fault("checklist.wrong_kind", place, {"expected": name, "found": type(value).__name__})
