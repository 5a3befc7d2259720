"""The condition tree: the vectors the browser runs too, and what holds for every tree."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldcheck.domain.conditions import evaluate, leaves, questions_in
from fieldcheck.domain.errors import Invalid

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "conditions.json").read_text("utf-8"))

CALMLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
IDS = st.sampled_from(["A", "B", "C"])
WORDS = st.sampled_from(["yes", "no", "x"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.lists(WORDS)
LEAVES = st.one_of(
    st.builds(lambda q, v: {"q": q, "is": v}, IDS, WORDS | st.integers() | st.booleans()),
    st.builds(lambda q, v: {"q": q, "in": v}, IDS, st.lists(WORDS)),
    st.builds(lambda q, v: {"q": q, "contains_any": v}, IDS, st.lists(WORDS)),
    st.builds(lambda q, o, v: {"q": q, o: v}, IDS, st.sampled_from(["gt", "gte", "lt", "lte"]), st.integers()),
    st.builds(lambda q, v: {"q": q, "answered": v}, IDS, st.booleans()),
    st.builds(lambda v: {"school": "order_on_file", "is": v}, st.booleans()),
)
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.lists(part, max_size=3),
        st.builds(lambda parts: {"all": parts}, st.lists(part, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(part, max_size=3)),
        st.builds(lambda one: {"not": one}, part),
    ),
    max_leaves=12,
)
FACTS = st.builds(
    lambda answers, school: {"answers": answers, "school": school},
    st.dictionaries(IDS, VALUES),
    st.none() | st.builds(lambda on: {"order_on_file": on}, st.booleans()),
)


@pytest.mark.parametrize("tree", [None, "yes", 5, {}, {"q": "A"}, {"school": "region"}, {"if": []}])
def test_a_malformed_tree_is_refused_and_never_guessed(tree: Any) -> None:
    facts = {"answers": {"A": "yes"}, "school": {"region": "710000000"}}

    with pytest.raises(Invalid) as refused:
        evaluate(tree, facts)

    assert refused.value.code == "condition.malformed"


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_every_shared_vector_gives_what_it_says(vector: dict[str, Any]) -> None:
    assert evaluate(vector["tree"], vector["facts"]) is vector["expect"]


def test_the_shared_vectors_are_many_and_differently_named() -> None:
    names = [vector["name"] for vector in VECTORS]

    assert len(names) >= 60
    assert len(set(names)) == len(names)


@CALMLY
@given(TREES, FACTS)
def test_a_well_formed_tree_is_always_decided(tree: Any, facts: Any) -> None:
    assert evaluate(tree, facts) in (True, False)


@CALMLY
@given(TREES, FACTS)
def test_denying_twice_is_not_denying(tree: Any, facts: Any) -> None:
    assert evaluate({"not": {"not": tree}}, facts) is evaluate(tree, facts)


@CALMLY
@given(TREES, TREES, FACTS)
def test_all_and_any_are_each_others_mirror(left: Any, right: Any, facts: Any) -> None:
    mirrored = {"not": {"any": [{"not": left}, {"not": right}]}}

    assert evaluate(mirrored, facts) is evaluate([left, right], facts)


@CALMLY
@given(TREES, FACTS)
def test_answers_that_a_tree_does_not_name_cannot_change_it(tree: Any, facts: Any) -> None:
    named = set(questions_in(tree))
    stripped = {**facts, "answers": {key: value for key, value in facts["answers"].items() if key in named}}

    assert evaluate(tree, stripped) is evaluate(tree, facts)


def test_the_questions_of_a_tree_are_named_once_in_reading_order() -> None:
    tree = {
        "all": [
            {"q": "B", "is": 1},
            {"not": [{"q": "A", "is": 1}, {"q": "B", "is": 2}]},
            {"school": "region", "is": "x"},
        ]
    }

    assert questions_in(tree) == ("B", "A")
    assert len(list(leaves(tree))) == 4
