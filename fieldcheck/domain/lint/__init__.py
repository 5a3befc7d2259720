"""Every fault of a checklist at once: its shape, its ids, its conditions, its rules and its own examples.

A later check runs only over what the earlier ones left whole, so that one slip is told once. What is refused here
never reaches a phone: a rule that cannot fire, a breach of law without a norm that somebody has read, a duty of one
region's programme judged where no order is on file.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fieldcheck.domain.conditions import Tree, questions_in
from fieldcheck.domain.lint import shape
from fieldcheck.domain.lint.examples import example_faults
from fieldcheck.domain.lint.faults import Fault, Faults, near
from fieldcheck.domain.lint.questions import question_faults
from fieldcheck.domain.lint.rules import rule_faults
from fieldcheck.domain.lint.satisfy import Asked, can_hold
from fieldcheck.domain.lint.trees import tree_faults
from fieldcheck.domain.normal import required_by_default
from fieldcheck.domain.reference import Reference

__all__ = ["Fault", "Faults", "faults_of", "near"]


def faults_of(data: object, reference: Reference) -> tuple[Fault, ...]:
    """Return every fault and warning of a checklist as it stands in its file."""
    found = shape.checklist(data)
    if not isinstance(data, Mapping):
        return tuple(found)
    questions = list(_mappings(data, "sections", "questions"))
    rules = list(_mappings(data, "rules"))
    found += _duplicates(data, questions, rules)
    found += _prefixes(data, questions)
    asked = [_asked(question) for question in questions if _is_named(question)]
    known = {question.id: question for question in asked}
    found += _conditions(questions, rules, known)
    for question in questions:
        if _is_named(question):
            found += question_faults(question)
    for rule in rules:
        found += rule_faults(rule, known, reference)
    if all(fault.warning for fault in found):
        found += _impossible(data, rules, asked)
    if all(fault.warning for fault in found):
        found += example_faults(data)
    return tuple(_unique(found))


def _unique(found: Iterable[Fault]) -> list[Fault]:
    return list({(fault.code, fault.path, repr(fault.details)): fault for fault in found}.values())


def _mappings(data: Any, *keys: str) -> Iterator[Mapping[str, Any]]:
    """Yield the mappings of a nested list, passing over whatever `shape` has already told of."""
    inner = data.get(keys[0]) if isinstance(data, Mapping) else None
    for item in inner if isinstance(inner, list) else ():
        if isinstance(item, Mapping):
            if len(keys) > 1:
                yield from _mappings(item, *keys[1:])
            else:
                yield item


def _is_named(question: Mapping[str, Any]) -> bool:
    return isinstance(question.get("id"), str) and isinstance(question.get("type"), str)


def _asked(question: Mapping[str, Any]) -> Asked:
    """Read of a question what conditions and the search need, tolerating the faults that `shape` tells of."""
    options = [option for option in _mappings(question, "options") if isinstance(option.get("id"), str)]
    low, high = question.get("min"), question.get("max")
    return Asked(
        id=question["id"],
        type=question["type"],
        required=question.get("required", required_by_default(question)) is True,
        options=("yes", "no", "na") if question["type"] == "yes_no_na" else tuple(option["id"] for option in options),
        exclusive=frozenset(option["id"] for option in options if option.get("exclusive") is True),
        min=low if isinstance(low, int | float) else None,
        max=high if isinstance(high, int | float) else None,
        visible_if=question.get("visible_if"),
        takes_photos="photo" in question,
    )


def _duplicates(
    data: Mapping[str, Any], questions: list[Mapping[str, Any]], rules: list[Mapping[str, Any]]
) -> Iterator[Fault]:
    yield from _repeated(questions, "id", "questions")
    yield from _repeated(rules, "code", "rules")
    yield from _repeated(_mappings(data, "sections"), "id", "sections")
    yield from _repeated(_mappings(data, "examples"), "name", "examples")
    for question in questions:
        yield from _repeated(_mappings(question, "options"), "id", f"questions[{question.get('id')}].options")


def _repeated(items: Iterable[Mapping[str, Any]], key: str, path: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for item in items:
        name = item.get(key)
        if isinstance(name, str) and name in seen:
            yield Fault("checklist.duplicate_id", f"{path}[{name}]", {"id": name})
        elif isinstance(name, str):
            seen.add(name)


def _prefixes(data: Mapping[str, Any], questions: list[Mapping[str, Any]]) -> Iterator[Fault]:
    prefix = data.get("prefix")
    for question in questions:
        qid = question.get("id")
        if isinstance(prefix, str) and isinstance(qid, str) and not qid.startswith(f"{prefix}-"):
            yield Fault("checklist.prefix_differs", f"questions[{qid}].id", {"id": qid, "prefix": prefix})


def _conditions(
    questions: list[Mapping[str, Any]], rules: list[Mapping[str, Any]], known: Mapping[str, Asked]
) -> Iterator[Fault]:
    earlier: set[str] = set()
    for question in questions:
        if not _is_named(question):
            continue
        for key in ("visible_if", "required_if"):
            if key in question:
                yield from tree_faults(question[key], f"questions[{question['id']}].{key}", known, earlier)
        earlier.add(question["id"])
    for index, rule in enumerate(rules):
        if "when" in rule:
            yield from tree_faults(rule["when"], f"rules[{shape.named(rule, index)}].when", known)


def _impossible(data: Mapping[str, Any], rules: list[Mapping[str, Any]], asked: list[Asked]) -> Iterator[Fault]:
    """Search for questions never shown, rules that never fire, and programme duties judged without an order."""
    ownerships = data["applies_to"]
    for question in asked:
        shown = question.visible_if
        if shown is not None and not can_hold(shown, asked, ownerships):
            yield Fault("checklist.question_never_shown", f"questions[{question.id}].visible_if", _names(shown))
    for rule in rules:
        path = f"rules[{rule['code']}].when"
        if not can_hold(rule["when"], asked, ownerships):
            yield Fault("checklist.rule_never_fires", path, _names(rule["when"]))
        elif rule["nature"] == "programme_breach":
            unguarded = [rule["when"], {"school": "order_on_file", "is": False}]
            if can_hold(unguarded, asked, ownerships):
                yield Fault("checklist.programme_unguarded", path, {"code": rule["code"]})


def _names(tree: Tree) -> dict[str, str]:
    return {"questions": ", ".join(questions_in(tree)) or "-"}
