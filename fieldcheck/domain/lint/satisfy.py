"""Can a condition ever hold on this checklist? A real search over the answers that a volunteer could give.

Every question that the condition looks at, and every question that decides whether those are shown, is tried with the
values that could make a difference: the options named somewhere and one other, the bounds beside a number, nothing if
it may stay unanswered. A hidden question is unanswered. Branches that can no longer hold are cut by three-valued logic.
A search that grows past its budget is called possible: a doubt is never reported as a fault.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from fieldcheck.domain.conditions import COMPARISONS, Tree, evaluate, leaves, questions_in

BUDGET = 20_000


@dataclass(frozen=True)
class Asked:
    """What the search must know of a question."""

    id: str
    type: str
    required: bool
    options: tuple[str, ...] = ()
    exclusive: frozenset[str] = frozenset()
    min: float | None = None
    max: float | None = None
    visible_if: Tree | None = None
    takes_photos: bool = False


def can_hold(tree: Tree, asked: Sequence[Asked], ownerships: Sequence[str]) -> bool:
    """Say whether some answers, to some school, make *tree* hold."""
    by_id = {question.id: question for question in asked}
    concerned = _closure(tree, by_id)
    order = [question for question in asked if question.id in concerned]
    trees = [tree, *(question.visible_if for question in order if question.visible_if is not None)]
    values = {question.id: list(_values(question, trees)) for question in order}
    return any(_Search(tree, order, values, school).holds(0) for school in _schools(trees, ownerships))


@dataclass
class _Search:
    tree: Tree
    order: Sequence[Asked]
    values: Mapping[str, list[Any]]
    school: Mapping[str, Any]
    answers: dict[str, Any] = field(default_factory=dict)
    steps: int = 0

    def holds(self, at: int) -> bool:
        self.steps += 1
        if self.steps > BUDGET:
            return True
        facts = {"answers": self.answers, "school": self.school}
        undecided = {question.id for question in self.order[at:]}
        decided = _decide(self.tree, facts, undecided)
        if decided is not None:
            return decided
        question = self.order[at]
        shown = question.visible_if is None or evaluate(question.visible_if, facts)
        for value in self.values[question.id] if shown else [None]:
            self.answers[question.id] = value
            if self.holds(at + 1):
                return True
        self.answers.pop(question.id, None)
        return False


def _closure(tree: Tree, by_id: Mapping[str, Asked]) -> set[str]:
    """Collect the questions that *tree* looks at and those that decide whether they are shown."""
    concerned: set[str] = set()
    waiting = list(questions_in(tree))
    while waiting:
        qid = waiting.pop()
        if qid in by_id and qid not in concerned:
            concerned.add(qid)
            visible_if = by_id[qid].visible_if
            waiting += questions_in(visible_if) if visible_if is not None else ()
    return concerned


def _decide(tree: Tree, facts: Mapping[str, Any], undecided: set[str]) -> bool | None:
    """Evaluate with three values: None where an answer that is not chosen yet could still decide."""
    if isinstance(tree, Mapping):
        if "any" in tree:
            parts = [_decide(part, facts, undecided) for part in tree["any"]]
            return True if True in parts else (None if None in parts else False)
        if "not" in tree:
            inner = _decide(tree["not"], facts, undecided)
            return None if inner is None else not inner
        if "all" not in tree:
            return None if tree.get("q") in undecided else evaluate(tree, facts)
        tree = tree["all"]
    parts = [_decide(part, facts, undecided) for part in tree]
    return False if False in parts else (None if None in parts else True)


def _values(question: Asked, trees: Sequence[Tree]) -> Iterator[Any]:
    """Yield the values of *question* that could make a difference to *trees*."""
    mine = [leaf for tree in trees for leaf in leaves(tree) if leaf.get("q") == question.id]
    if not question.required:
        yield None
    if question.options:
        named = {option for leaf in mine for option in _options_named(leaf)} & set(question.options)
        other = [option for option in question.options if option not in named]
        if question.type == "multi":
            yield from _choices([*sorted(named), *other[:1]], question.exclusive)
        else:
            yield from [*sorted(named), *other[:1]]
    elif question.type in ("number", "money"):
        yield from _numbers(question, mine)
    elif question.type == "statement":
        yield True
    elif question.type == "geopoint":
        yield {"lat": 0.0, "lon": 0.0, "accuracy": 0.0}
    elif question.type not in ("photo", "info"):
        yield "given"


def _options_named(leaf: Mapping[str, Any]) -> list[str]:
    return [leaf["is"]] if isinstance(leaf.get("is"), str) else [*leaf.get("in", ()), *leaf.get("contains_any", ())]


def _choices(options: list[str], exclusive: frozenset[str]) -> Iterator[list[str]]:
    together = [option for option in options if option not in exclusive]
    yield from ([option] for option in options if option in exclusive)
    sizes = range(1, len(together) + 1) if len(together) <= 6 else (1, 2, len(together))
    for size in sizes:
        yield from (list(chosen) for chosen in combinations(together, size))


def _numbers(question: Asked, mine: Sequence[Mapping[str, Any]]) -> Iterator[float]:
    low = question.min if question.min is not None else (0 if question.type == "money" else -(10**12))
    high = question.max if question.max is not None else 10**12
    named = [leaf[operator] for leaf in mine for operator in (*COMPARISONS, "is") if operator in leaf]
    named += [number for leaf in mine for number in leaf.get("in", ())]
    beside = {low, high, *(number + step for number in named for step in (-1, -0.5, 0, 0.5, 1))}
    if question.type == "money":
        beside = {number for number in beside if float(number).is_integer()}
    yield from sorted(number for number in beside if low <= number <= high)


def _schools(trees: Sequence[Tree], ownerships: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    mine = [leaf for tree in trees for leaf in leaves(tree) if "school" in leaf]
    looked_at = {leaf["school"] for leaf in mine}
    regions = ["elsewhere"]
    for leaf in mine:
        if leaf["school"] == "region":
            regions += [leaf["is"]] if "is" in leaf else leaf["in"]
    for ownership in ownerships if "ownership" in looked_at else ownerships[:1]:
        for region in regions:
            for on_file in (True, False) if "order_on_file" in looked_at else (True,):
                yield {"ownership": ownership, "region": region, "order_on_file": on_file}
