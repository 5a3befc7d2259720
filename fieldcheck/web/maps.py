"""Maps without tiles: points where the schools lie, or areas with a number where the schools are too many.

Nothing here asks a third party for anything: a map's tiles would tell somebody which schools are being looked at. Every
colour comes with a shape and a word in the legend.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import streamlit as st

from fieldcheck.naming import name
from fieldcheck.usecases.reports import MapPoint
from fieldcheck.web.drawing import SEVERITY_COLOURS, data, ink
from fieldcheck.words import _, number, pick

#: As wide as a phone shows at once.
_MAP = 340
#: A map that is wider than it is high is at least so high, as a part of its width.
_LOWEST = 0.6
#: More names than this would lie on top of each other; among circles with a figure even fewer have room.
_MOST_NAMES, _MOST_AREAS = 20, 8
#: So many points are drawn small.
_MANY = 150
#: A number that is drawn large, however small all of them are.
_LARGEST = 6
#: On these colours figures are dark: white ones could not be read.
_LIGHT, _DARK = {"#e69f00", "#56b4e9"}, "#1f2328"


def within(read: Callable[[tuple[str, ...]], Sequence[MapPoint]], key: str) -> Sequence[MapPoint]:
    """Read the points to draw; where they are areas, let somebody go into one of them, and into one of that."""
    area: tuple[str, ...] = ()
    while True:
        points = read(area)
        areas = {point.area: pick(point.school) for point in points if point.area}
        if not areas:
            return points
        label = _("Region") if all(len(one) == 1 for one in areas) else _("District")
        chosen = st.selectbox(
            label,
            sorted(areas, key=areas.__getitem__),
            index=None,
            format_func=areas.__getitem__,
            placeholder=_("All"),
            key=f"{key}-{'/'.join(area)}",
        )
        if chosen is None:
            return points
        area = chosen


def severity_map(points: Sequence[MapPoint], alt_text: str) -> None:
    """Draw schools by the gravest open entry: shape and colour say how grave, size how many are open."""
    kinds = {code: name("severity", code) for code in ("critical", "high", "medium", "low")}
    kinds["info"] = _("Nothing open")
    rows = [(point, point.worst.value if point.worst else "info", point.waiting or 1) for point in points]
    shapes = {"critical": "triangle-up", "high": "diamond", "medium": "square", "low": "circle", "info": "cross"}
    _map(rows, kinds, SEVERITY_COLOURS, shapes, alt_text)


def visits_map(points: Sequence[MapPoint], alt_text: str) -> None:
    """Draw schools: visited, on the way, as far as the door, or not yet; of an area all, some or none of them."""
    kinds = {
        "waiting": _("A visit is on the way"),
        "done": _("Visited"),
        "some": _("Some are visited"),
        "door": _("Ended at the door"),
        "none": _("Not visited yet"),
    }
    colours = {"waiting": "#e69f00", "done": "#0072b2", "some": "#56b4e9", "door": "#cc79a7", "none": "#6b7280"}
    shapes = {"waiting": "diamond", "done": "circle", "some": "circle", "door": "square", "none": "cross"}
    _map([(point, _how_far(point), _visits_of(point)) for point in points], kinds, colours, shapes, alt_text)


def _visits_of(point: MapPoint) -> int:
    return point.schools if point.area else point.count + point.waiting + point.doors or 1


def _how_far(point: MapPoint) -> str:
    if point.area:
        return "none" if not point.touched else "done" if point.touched == point.schools else "some"
    if point.waiting:
        return "waiting"
    return "done" if point.count else "door" if point.doors else "none"


def _map(
    rows: Iterable[tuple[MapPoint, str, int]],
    kinds: Mapping[str, str],
    colours: Mapping[str, str],
    shapes: Mapping[str, str],
    alt_text: str,
) -> None:
    """Draw points where they lie; a degree of longitude is made as short as it is at that latitude."""
    listed = list(rows)
    middle = sum(point.lat for point, _kind, _size in listed) / len(listed)
    shorter = math.cos(math.radians(middle))
    table: list[dict[str, Any]] = [
        {
            "x": point.lon * shorter,
            "y": point.lat,
            "kind": kinds[kind],
            "size": size,
            "school": pick(point.school),
            "said": f"{number(point.waiting)} / {number(point.count)}",
            "schools": number(point.schools),
            "figure": number(size),
            "ink": _DARK if colours[kind] in _LIGHT else "#ffffff",
        }
        for point, kind, size in listed
    ]
    gathered = any(point.area for point, _kind, _size in listed)
    there = [kind for kind in kinds if any(kind == used for _point, used, _size in listed)]
    names = [kinds[kind] for kind in there]
    across, up, height = _frame(table)
    legend = _legend(names)
    marks = ["circle" if gathered else shapes[kind] for kind in there]
    largest = max(size for _point, _kind, size in listed)
    drawn_from_to = [280, 900] if gathered else [25, 140] if len(listed) > _MANY else [50, 280]
    sizes = alt.Scale(type="sqrt", domain=[1, max(largest, _LARGEST)], range=drawn_from_to)
    chart = (
        alt.Chart(data(table))
        .mark_point(filled=True, opacity=0.85, stroke="#ffffff", strokeWidth=1)
        .encode(
            x=across,
            y=up,
            size=alt.Size("size:Q", scale=sizes, legend=None),
            color=alt.Color("kind:N", scale=alt.Scale(domain=names, range=[colours[k] for k in there]), legend=legend),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=marks), legend=legend),
            order=alt.Order("size:Q", sort="descending"),
            tooltip=_tooltip(gathered=gathered),
        )
    )
    layers = [_written(_places([point for point, _kind, _size in listed], shorter), across, up), chart]
    if gathered:
        layers += [
            alt.Chart(data([row for row in table if row["ink"] == colour]))
            .mark_text(fontSize=11, fontWeight="bold", color=colour, tooltip=None)
            .encode(x=across, y=up, text="figure:N")
            for colour in sorted({row["ink"] for row in table})
        ]
    drawn = alt.layer(*layers).properties(width=_MAP, height=height)
    st.altair_chart(drawn, width="content", alt=alt_text)


def _written(places: list[dict[str, Any]], across: alt.X, up: alt.Y) -> Any:
    mark = alt.Chart(data(places)).mark_text(color=ink(), opacity=0.75, fontSize=12, dy=-22)
    return mark.encode(x=across, y=up, text="said:N")


def _tooltip(*, gathered: bool) -> list[alt.Tooltip]:
    schools = [alt.Tooltip("schools:N", title=_("Schools"))] if gathered else []
    return [
        alt.Tooltip("school:N", title=_("Area") if gathered else _("School")),
        alt.Tooltip("kind:N", title=" "),
        *schools,
        alt.Tooltip("said:N", title=_("Open / all")),
    ]


def _places(points: Sequence[MapPoint], shorter: float) -> list[dict[str, Any]]:
    """Name the areas on the map above their northernmost school: districts, or regions once there are several."""
    several = len({pick(point.region) for point in points}) > 1
    areas: dict[str, list[MapPoint]] = {}
    for point in points:
        areas.setdefault(pick(point.region if several else point.district), []).append(point)
    if len(areas) > (_MOST_AREAS if any(point.area for point in points) else _MOST_NAMES):
        return []
    lats, lons = [point.lat for point in points], [point.lon * shorter for point in points]
    span = max(max(lats) - min(lats), max(lons) - min(lons), 0.01)
    return _apart(
        [
            {
                "x": sum(point.lon for point in there) / len(there) * shorter,
                "y": max(point.lat for point in there),
                "said": said,
            }
            for said, there in areas.items()
        ],
        span,
    )


def _apart(places: list[dict[str, Any]], span: float) -> list[dict[str, Any]]:
    """Lift a name above another that it would lie upon; *span* is the map's width in degrees of latitude."""
    line, letter = span * 0.07, span * 0.024
    placed: list[dict[str, Any]] = []
    for place in sorted(places, key=lambda one: (one["y"], one["said"])):
        while any(
            abs(place["y"] - other["y"]) < line
            and abs(place["x"] - other["x"]) < letter * (len(place["said"]) + len(other["said"])) / 2
            for other in placed
        ):
            place["y"] += line / 2
        placed.append(place)
    return placed


def _legend(names: Sequence[str]) -> alt.Legend:
    """Say what the signs mean, below the map: two long names do not stand beside each other in its column."""
    columns = 1 if max(map(len, names), default=0) > 14 else 2
    return alt.Legend(title=None, orient="bottom", columns=columns, symbolStrokeWidth=2, labelLimit=320)


def _frame(table: Sequence[Mapping[str, Any]]) -> tuple[alt.X, alt.Y, int]:
    """Give both axes the same scale, and the height for it: a map that is stretched lies about distances."""
    x, y = _window([row["x"] for row in table]), _window([row["y"] for row in table])
    wide = max(x[1] - x[0], y[1] - y[0])
    tall = min(max(y[1] - y[0], wide * _LOWEST), wide)

    def scale(ends: tuple[float, float], span: float) -> alt.Scale:
        middle = sum(ends) / 2
        return alt.Scale(domain=[middle - span / 2, middle + span / 2], nice=False, zero=False)

    across, up = alt.X("x:Q", axis=None, scale=scale(x, wide)), alt.Y("y:Q", axis=None, scale=scale(y, tall))
    return across, up, round(_MAP * tall / wide)


def _window(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = max((high - low) * 0.06, 0.004)
    return low - margin, high + margin
