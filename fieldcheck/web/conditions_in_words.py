"""Says a checklist's condition the way one would read it aloud: nobody needs the file to know what is asked when.

It evaluates nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fieldcheck.domain.checklist import Checklist, Question, QuestionType
from fieldcheck.domain.conditions import Tree
from fieldcheck.naming import name
from fieldcheck.web import names
from fieldcheck.web.pieces import YES_NO_NA
from fieldcheck.words import _, mark, number, pick

SCHOOL_FACTS = {
    "ownership": mark("the school's ownership"),
    "region": mark("the school's region"),
    "order_on_file": mark("an order on collections is on file"),
}
COMPARISONS: dict[str, str] = {
    "gt": mark("{what} is more than {value}"),
    "gte": mark("{what} is at least {value}"),
    "lt": mark("{what} is less than {value}"),
    "lte": mark("{what} is at most {value}"),
}


def in_words(tree: Tree, checklist: Checklist) -> str:
    """Say *tree* as one sentence without a full stop."""
    if isinstance(tree, list):
        return _joined(tree, checklist, _("; and "))
    node: Mapping[str, Any] = tree  # type: ignore[assignment]
    if "all" in node:
        return _joined(node["all"], checklist, _("; and "))
    if "any" in node:
        return f"({_joined(node['any'], checklist, _('; or '))})"
    if "not" in node:
        return _("not: {what}", what=in_words(node["not"], checklist))
    if "school" in node:
        return _school(node)
    return _leaf(node, checklist.by_id[node["q"]])


def _joined(trees: list[Tree], checklist: Checklist, between: str) -> str:
    return between.join(in_words(tree, checklist) for tree in trees)


def _school(node: Mapping[str, Any]) -> str:
    fact = names.of(SCHOOL_FACTS, node["school"])
    wanted = node["in"] if "in" in node else [node["is"]]
    if wanted == [True]:
        return fact
    if wanted == [False]:
        return _("not: {what}", what=fact)
    return _is(fact, [name("ownership", str(one)) for one in wanted])


def _leaf(node: Mapping[str, Any], question: Question) -> str:
    what = _("{id} “{question}”", id=question.id, question=pick(question.text))
    if "answered" in node:
        return _("{what} is answered", what=what) if node["answered"] else _("{what} is not answered", what=what)
    for operator, sentence in COMPARISONS.items():
        if operator in node:
            return _(sentence, what=what, value=number(node[operator]))
    called = _namer(question)
    if "contains_any" in node:
        return _(
            "{what} names {options}", what=what, options=_("; or ").join(called(one) for one in node["contains_any"])
        )
    return _is(what, [called(one) for one in (node["in"] if "in" in node else [node["is"]])])


def _is(what: str, options: list[str]) -> str:
    return _("{what} is {options}", what=what, options=_(" or ").join(f"«{option}»" for option in options))


def _namer(question: Question) -> Callable[[Any], str]:
    if question.type is QuestionType.YES_NO_NA:
        return lambda one: names.of(YES_NO_NA, str(one))
    named = {option.id: pick(option.words) for option in question.options}
    return lambda one: named.get(one, str(one))
