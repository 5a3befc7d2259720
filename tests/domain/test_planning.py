"""A plan for several errands is fair first, then short; and nobody is sent on a holiday."""

from datetime import date

import pytest

from fieldcheck.domain import planning
from fieldcheck.domain.dispatch import Fitness, Hindrance


def fit(who: str, metres: float | None = 1000.0, load: int = 0, *why: Hindrance) -> Fitness:
    """Somebody as dispatch weighed her."""
    return Fitness(who, why, metres, load)


def test_a_school_that_nobody_may_go_to_gets_nobody() -> None:
    assert planning.plan({"S": [fit("a", 1.0, 0, Hindrance.ROTATION)]}) == ()


def test_the_only_one_who_may_go_somewhere_is_not_sent_elsewhere() -> None:
    legs = planning.plan({"A": [fit("near", 10.0), fit("far", 9000.0)], "B": [fit("near", 10.0)]}, most=1)

    assert {leg.school_id: leg.volunteer_id for leg in legs} == {"A": "far", "B": "near"}


def test_load_is_shared_before_ways_are_short() -> None:
    near, far = fit("near", 10.0), fit("far", 9000.0)
    legs = planning.plan({f"S{n}": [near, far] for n in range(4)})

    assert sorted(leg.volunteer_id for leg in legs) == ["far", "far", "near", "near"]


def test_who_is_carrying_something_already_is_spared() -> None:
    (leg,) = planning.plan({"S": [fit("busy", 10.0, 2), fit("free", 9000.0)]})

    assert leg.volunteer_id == "free"


def test_among_equals_the_nearest_goes_and_an_unknown_way_counts_as_the_longest() -> None:
    (leg,) = planning.plan({"S": [fit("unknown", None), fit("far", 9000.0), fit("near", 10.0)]})

    assert leg.volunteer_id == "near"


def test_nobody_is_given_more_than_the_bound() -> None:
    legs = planning.plan({f"S{n}": [fit("one")] for n in range(9)}, most=3)

    assert len(legs) == 3


def test_a_plan_costs_its_ways_there_and_back() -> None:
    legs = planning.plan({"A": [fit("a", 1500.0)], "B": [fit("b", None)]})

    assert planning.kilometres(legs) == 3.0


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        # The 14th is a Monday; a visit has three days.
        (date(2026, 9, 14), date(2026, 9, 20), [14, 15, 16, 17, 18]),
        (date(2026, 9, 14), date(2026, 9, 17), [14, 15]),
        (date(2026, 9, 18), date(2026, 9, 19), [18]),
        (date(2026, 9, 19), date(2026, 9, 20), []),
    ],
)
def test_a_visit_begins_on_a_working_day_early_enough_to_end_in_its_window(
    first: date, last: date, days: list[int]
) -> None:
    assert [day.day for day in planning.first_days(first, last)] == days
