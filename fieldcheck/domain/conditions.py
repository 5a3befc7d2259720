"""The condition tree of checklists: plain data, decided here and in the browser from the same test vectors.

A leaf looks at one answer or at one fact of the school; `all`, `any` and `not` join them, a bare list means all.
There is no expression language and nothing is ever evaluated as code. A leaf on an unanswered question is false,
except `answered: false`. Whether a tree is well formed is decided by `lint`; a malformed tree is refused here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fieldcheck.domain.errors import Invalid

Tree = Mapping[str, Any] | Sequence[Any]
Facts = Mapping[str, Any]

COMPARISONS = ("gt", "gte", "lt", "lte")
QUESTION_OPERATORS = ("is", "in", "contains_any", *COMPARISONS, "answered")
SCHOOL_OPERATORS = ("is", "in")
SCHOOL_KEYS = ("ownership", "region", "order_on_file")


def evaluate(tree: Tree, facts: Facts) -> bool:
    """Say whether *tree* holds for the answers and the school in *facts*."""
    if isinstance(tree, dict) or isinstance(tree, Mapping):  # noqa: SIM101 - a dict is seen ten times faster
        if "all" in tree:
            return all(evaluate(part, facts) for part in tree["all"])
        if "any" in tree:
            return any(evaluate(part, facts) for part in tree["any"])
        if "not" in tree:
            return not evaluate(tree["not"], facts)
        if "q" in tree:
            return _question_leaf(tree, (facts.get("answers") or {}).get(tree["q"]))
        if "school" in tree:
            return _choice(tree, (facts.get("school") or {}).get(tree["school"]))
    elif isinstance(tree, list | tuple):
        return all(evaluate(part, facts) for part in tree)
    raise Invalid("condition.malformed")


def is_answered(value: object) -> bool:
    """Say whether *value* is an answer: nothing, an empty text and an empty choice are not."""
    return value is not None and value not in ("", [], ())


def leaves(tree: Tree) -> Iterator[Mapping[str, Any]]:
    """Yield every leaf of a well-formed *tree*, in reading order."""
    if isinstance(tree, Mapping):
        for join in ("all", "any"):
            if join in tree:
                for part in tree[join]:
                    yield from leaves(part)
                return
        if "not" in tree:
            yield from leaves(tree["not"])
        else:
            yield tree
    else:
        for part in tree:
            yield from leaves(part)


def questions_in(tree: Tree) -> tuple[str, ...]:
    """Return the ids of the questions that *tree* looks at, each once, in reading order."""
    return tuple(dict.fromkeys(leaf["q"] for leaf in leaves(tree) if "q" in leaf))


def same(left: object, right: object) -> bool:
    """Compare as JSON does: a truth value is never a number, though Python thinks that True is 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def _question_leaf(leaf: Mapping[str, Any], value: object) -> bool:
    if "answered" in leaf:
        return is_answered(value) is leaf["answered"]
    if not is_answered(value):
        return False
    if "contains_any" in leaf:
        return isinstance(value, list | tuple) and any(option in value for option in leaf["contains_any"])
    for operator in COMPARISONS:
        if operator in leaf:
            return _compares(operator, value, leaf[operator])
    return _choice(leaf, value)


def _choice(leaf: Mapping[str, Any], value: object) -> bool:
    if value is None:
        return False
    if "is" in leaf:
        return same(value, leaf["is"])
    if "in" in leaf:
        return any(same(value, option) for option in leaf["in"])
    raise Invalid("condition.malformed")


def _compares(operator: str, value: object, bound: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if operator == "gt":
        return value > bound
    if operator == "gte":
        return value >= bound
    if operator == "lt":
        return value < bound
    return value <= bound
