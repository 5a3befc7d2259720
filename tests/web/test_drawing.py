"""Pictures that stay readable: names apart, no more points than a phone draws."""

import pytest

from fieldcheck.usecases.reports import MapPoint
from fieldcheck.web import drawing


def a_point(n: int, count: int = 0, waiting: int = 0) -> MapPoint:
    """A school somewhere."""
    names = {"school": {"en": f"S{n}"}, "district": {"en": "D"}, "region": {"en": "R"}}
    return MapPoint(**names, lat=50 + n / 1000, lon=70, count=count, waiting=waiting, worst=None)


def test_a_blot_of_unvisited_schools_is_not_drawn_but_counted() -> None:
    many = [a_point(n, count=int(n % 100 == 0)) for n in range(7687)]

    listed, left_out = drawing._drawable(many)

    assert len(listed) == 77 and all(point.count for point in listed)
    assert left_out == 7610
    assert drawing._drawable(many[:1500]) == (many[:1500], 0)


def test_two_names_never_lie_on_each_other() -> None:
    places = [{"x": 0.0, "y": 0.0, "said": "город Ульги"}, {"x": 0.05, "y": 0.0, "said": "Восточный район"}]

    low, high = drawing._apart([dict(place) for place in places], span=1.0)

    assert high["y"] - low["y"] >= 0.07
    far = [places[0], {**places[1], "x": 5.0}]
    assert {place["y"] for place in drawing._apart([dict(place) for place in far], span=1.0)} == {0.0}


@pytest.mark.parametrize(
    ("names", "columns"),
    [(["Посещена", "Визит предстоит или идёт"], 1), (["Жоғары", "Төмен"], 2), ([], 2)],
    ids=["long", "short", "none"],
)
def test_a_legend_of_long_names_has_one_column(names: list[str], columns: int) -> None:
    assert drawing._legend(names).columns == columns
