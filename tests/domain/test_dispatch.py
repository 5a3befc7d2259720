"""Who may be sent where: every hindrance alone, then the order."""

from datetime import UTC, datetime, timedelta

import pytest

from fieldcheck.domain.dispatch import Candidate, Fitness, Hindrance, PastVisit, fitness, is_current, ranked
from fieldcheck.domain.geo import Point

NOW = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)
PLACE = Point(51.17, 71.45)


def chelsea(**kw: object) -> Candidate:
    fields: dict[str, object] = {
        "volunteer_id": "chelsea",
        "is_active": True,
        "home": Point(51.2, 71.5),
        "tied_to_school": False,
        "tied_to_district": False,
        "has_consented": True,
        "is_briefed": True,
        "has_declared": True,
    }
    return Candidate(**{**fields, **kw})  # type: ignore[arg-type]


def weigh(candidate: Candidate, *visits: PastVisit, gap: int = 60) -> Fitness:
    return fitness(candidate, "N1", PLACE, visits, NOW, gap)


def ago(days: float, who: str = "chelsea", school: str = "N1", is_open: bool = False) -> PastVisit:
    return PastVisit(who, school, NOW - timedelta(days=days), is_open)


def test_somebody_who_left_is_not_sent() -> None:
    assert weigh(chelsea(is_active=False)).hindrances == (Hindrance.INACTIVE,)


def test_a_conflict_with_the_school_hinders() -> None:
    assert weigh(chelsea(tied_to_school=True)).hindrances == (Hindrance.CONFLICT_SCHOOL,)


def test_a_conflict_with_the_whole_district_hinders() -> None:
    assert weigh(chelsea(tied_to_district=True)).hindrances == (Hindrance.CONFLICT_DISTRICT,)


@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        ("has_consented", Hindrance.NO_CONSENT),
        ("is_briefed", Hindrance.NOT_BRIEFED),
        ("has_declared", Hindrance.CONFLICT_NOT_DECLARED),
    ],
)
def test_whoever_is_not_ready_for_the_season_is_not_sent(lacks: str, why: Hindrance) -> None:
    assert weigh(chelsea(**{lacks: False})).hindrances == (why,)


def test_what_was_done_counts_to_the_last_day_of_a_season_and_no_longer() -> None:
    season = timedelta(days=365)

    assert is_current(NOW - season, NOW, season)
    assert not is_current(NOW - season - timedelta(seconds=1), NOW, season)
    assert not is_current(None, NOW, season)


def test_an_open_visit_there_hinders() -> None:
    assert weigh(chelsea(), ago(3, is_open=True)).hindrances == (Hindrance.OPEN_VISIT_THERE,)


def test_nobody_returns_within_the_rotation_time() -> None:
    assert weigh(chelsea(), ago(59)).hindrances == (Hindrance.ROTATION,)
    assert weigh(chelsea(), ago(61)).may_go


def test_a_checklist_may_ask_for_a_longer_rotation() -> None:
    assert weigh(chelsea(), ago(61), gap=90).hindrances == (Hindrance.ROTATION,)


def test_a_school_is_not_visited_twice_in_a_short_time_by_anybody() -> None:
    assert weigh(chelsea(), ago(10, who="dina")).hindrances == (Hindrance.SCHOOL_TOO_SOON,)
    assert weigh(chelsea(), ago(10, who="dina", school="N2")).may_go


def test_a_visit_planned_ahead_counts_like_one_behind() -> None:
    assert weigh(chelsea(), ago(-10)).hindrances == (Hindrance.ROTATION,)


def test_distance_is_unknown_without_a_home_and_never_hinders() -> None:
    fit = weigh(chelsea(home=None))

    assert fit.distance is None and fit.may_go


def test_open_visits_elsewhere_are_counted_and_do_not_hinder() -> None:
    fit = weigh(chelsea(), ago(1, school="N2", is_open=True), ago(2, school="N3", is_open=True))

    assert fit.open_visits == 2 and fit.may_go


def test_the_fair_order_is_may_go_then_least_laden_then_nearest() -> None:
    near_but_laden = Fitness("a", (), 100.0, 3)
    far_and_free = Fitness("b", (), 9_000.0, 0)
    near_and_free = Fitness("c", (), 500.0, 0)
    hindered = Fitness("d", (Hindrance.ROTATION,), 1.0, 0)
    unknown = Fitness("e", (), None, 0)

    order = ranked([hindered, near_but_laden, unknown, far_and_free, near_and_free])

    assert [fit.volunteer_id for fit in order] == ["c", "b", "e", "a", "d"]
