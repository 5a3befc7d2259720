"""Pictures that stay readable: names apart, and areas that say how much is in them."""

from typing import Any

import pytest
import streamlit as st

from fieldcheck import words
from fieldcheck.usecases.reports import MapPoint
from fieldcheck.web import maps


def an_area(n: int, schools: int, touched: int) -> MapPoint:
    """A region with that many schools, *touched* of them visited."""
    names = {"school": {"en": f"R{n}"}, "district": {"en": "D"}, "region": {"en": f"R{n}"}}
    place = {"lat": 50 + n, "lon": 70, "count": touched, "waiting": 0, "worst": None}
    return MapPoint(**names, **place, schools=schools, touched=touched, area=(f"r{n}",))


def test_an_area_says_whether_all_some_or_none_of_its_schools_are_visited() -> None:
    told = [maps._how_far(an_area(n, 400, touched)) for n, touched in enumerate((0, 1, 400))]

    assert told == ["none", "some", "done"]


def test_a_map_of_areas_writes_how_many_schools_are_in_each(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(st, "altair_chart", lambda chart, **_rest: drawn.append(chart.to_dict()))

    maps.visits_map([an_area(1, 1234, 3), an_area(2, 5, 0)], "Schools")

    rows = [row for layer in drawn[0]["layer"] for row in layer["data"]["values"]]
    assert {row["figure"] for row in rows if "figure" in row} == {words.number(1234), words.number(5)}


def test_two_names_never_lie_on_each_other() -> None:
    places = [{"x": 0.0, "y": 0.0, "said": "город Ульги"}, {"x": 0.05, "y": 0.0, "said": "Восточный район"}]

    low, high = maps._apart([dict(place) for place in places], span=1.0)

    assert high["y"] - low["y"] >= 0.07
    far = [places[0], {**places[1], "x": 5.0}]
    assert {place["y"] for place in maps._apart([dict(place) for place in far], span=1.0)} == {0.0}


@pytest.mark.parametrize(
    ("names", "columns"),
    [(["Посещена", "Визит предстоит или идёт"], 1), (["Жоғары", "Төмен"], 2), ([], 2)],
    ids=["long", "short", "none"],
)
def test_a_legend_of_long_names_has_one_column(names: list[str], columns: int) -> None:
    assert maps._legend(names).columns == columns
