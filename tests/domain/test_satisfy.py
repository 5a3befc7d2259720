"""The search for answers that make a condition hold finds them exactly where trying everything would."""

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldcheck.domain.conditions import evaluate
from fieldcheck.domain.lint import satisfy
from fieldcheck.domain.lint.satisfy import Asked, can_hold

CALMLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
OWNERSHIPS = ("kgu_state_institution", "private")
A = Asked("A", "single", required=True, options=("x", "y"))
B = Asked("B", "yes_no_na", required=False, options=("yes", "no", "na"), visible_if=[{"q": "A", "is": "x"}])
C = Asked("C", "number", required=True, min=0, max=2, visible_if={"not": {"q": "B", "is": "yes"}})
LEAVES = st.one_of(
    st.builds(lambda v: {"q": "A", "is": v}, st.sampled_from(["x", "y"])),
    st.builds(lambda v: {"q": "B", "in": v}, st.lists(st.sampled_from(["yes", "no", "na"]), min_size=1)),
    st.builds(lambda q, v: {"q": q, "answered": v}, st.sampled_from("ABC"), st.booleans()),
    st.builds(lambda o, v: {"q": "C", o: v}, st.sampled_from(["gt", "lt", "gte", "is"]), st.sampled_from([0, 1, 2])),
    st.builds(lambda v: {"school": "ownership", "is": v}, st.sampled_from(OWNERSHIPS)),
)
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3),
        st.builds(lambda parts: {"any": parts}, st.lists(part, min_size=1, max_size=3)),
        st.builds(lambda one: {"not": one}, part),
    ),
    max_leaves=8,
)


def by_trying_everything(tree: Any) -> bool:
    for a, b, c, ownership in product("xy", ("yes", "no", "na", None), (0, 0.5, 1, 1.5, 2), OWNERSHIPS):
        answers: dict[str, Any] = {"A": a}
        if a == "x" and b is not None:
            answers["B"] = b
        if answers.get("B") != "yes":
            answers["C"] = c
        if evaluate(tree, {"answers": answers, "school": {"ownership": ownership}}):
            return True
    return False


@CALMLY
@given(TREES)
def test_the_search_agrees_with_trying_everything(tree: Any) -> None:
    assert can_hold(tree, [A, B, C], OWNERSHIPS) is by_trying_everything(tree)


def test_a_condition_on_a_question_that_its_other_leaves_hide_cannot_hold() -> None:
    assert not can_hold([{"q": "A", "is": "y"}, {"q": "B", "is": "no"}], [A, B], OWNERSHIPS)


def test_a_required_question_cannot_be_unanswered_while_it_is_shown() -> None:
    assert not can_hold({"q": "A", "answered": False}, [A], OWNERSHIPS)
    assert can_hold({"q": "B", "answered": False}, [A, B], OWNERSHIPS)


def test_an_exclusive_option_goes_with_no_other() -> None:
    multi = Asked("M", "multi", required=True, options=("a", "b", "none"), exclusive=frozenset({"none"}))
    both = [{"q": "M", "contains_any": ["a"]}, {"q": "M", "contains_any": ["none"]}]

    assert not can_hold(both, [multi], OWNERSHIPS)
    assert can_hold([{"q": "M", "contains_any": ["a"]}, {"q": "M", "contains_any": ["b"]}], [multi], OWNERSHIPS)


def test_money_is_whole_and_within_its_bounds() -> None:
    money = Asked("M", "money", required=False, min=0, max=10)

    assert not can_hold([{"q": "M", "gt": 4}, {"q": "M", "lt": 5}], [money], OWNERSHIPS)
    assert not can_hold({"q": "M", "gt": 10}, [money], OWNERSHIPS)
    assert can_hold([{"q": "M", "gte": 4}, {"q": "M", "lt": 5}], [money], OWNERSHIPS)


def test_a_school_has_one_region_and_one_form_of_ownership() -> None:
    two = [{"school": "region", "is": "710000000"}, {"school": "region", "is": "750000000"}]

    assert not can_hold(two, [], OWNERSHIPS)
    assert can_hold({"not": two[0]}, [], OWNERSHIPS)
    assert not can_hold({"school": "ownership", "is": "kgp_phv_state_enterprise"}, [], OWNERSHIPS)


def test_a_search_past_its_budget_is_called_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    never = [{"q": "A", "is": "y"}, {"q": "B", "is": "no"}]
    monkeypatch.setattr(satisfy, "BUDGET", 1)

    assert can_hold(never, [A, B], OWNERSHIPS)
