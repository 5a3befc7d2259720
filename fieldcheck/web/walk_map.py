"""Where the answers of one visit were given, drawn around the school without any map from outside.

A map service would learn who looks at which school; so the drawing is a plane in metres with the school in its middle.
Distances are measured on the ellipsoid elsewhere; this flat picture is only for the eye.
"""

from collections.abc import Sequence
from math import cos, pi, radians, sin
from typing import Any

import altair as alt

from fieldcheck.domain.geo import NEAR, Fix, Point
from fieldcheck.web.drawing import numbers_axis
from fieldcheck.words import _, moment

_METRES_A_DEGREE = 111_320.0
_CORNERS = 36
_WIDEST = 2_000.0


def walk_map(school: Point, fixes: Sequence[Fix]) -> Any:
    """Draw the school, the circle that counts as being there, and every position with its accuracy."""
    spots = [(*_plane(school, fix.point), fix) for fix in fixes]
    reach = max([2 * NEAR, *(max(abs(x), abs(y)) + min(fix.accuracy, _WIDEST) for x, y, fix in spots)])
    rows = [{"x": x, "y": y, "when": moment(fix.at), "accuracy": round(fix.accuracy)} for x, y, fix in spots]
    rings = [row for n, (x, y, fix) in enumerate(spots) for row in _ring(x, y, min(fix.accuracy, _WIDEST), str(n))]
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    across = alt.X("x:Q", scale=scale, title=_("metres, west to east"), axis=numbers_axis())
    up = alt.Y("y:Q", scale=scale, title=_("metres, south to north"), axis=numbers_axis())
    order = {"detail": "ring:N", "order": "corner:Q"}
    near = _lines(_ring(0.0, 0.0, NEAR, "near"), "#2e7d32", 2.0).encode(x=across, y=up, **order)
    wide = _lines(rings, "#1d5b8f", 0.35).encode(x=across, y=up, **order)
    points = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_circle(size=70, color="#1d5b8f", opacity=0.7)
        .encode(
            x=across,
            y=up,
            tooltip=[
                alt.Tooltip("when:N", title=_("Time")),
                alt.Tooltip("accuracy:Q", title=_("Accuracy, metres")),
            ],
        )
    )
    centre = (
        alt.Chart(alt.InlineData(values=[{"x": 0.0, "y": 0.0, "name": _("School")}]))
        .mark_point(shape="square", size=120, filled=True, color="#2e7d32")
        .encode(x=across, y=up, tooltip=alt.Tooltip("name:N", title=_("School")))
    )
    return alt.layer(near, wide, points, centre).properties(height=360)


def _plane(school: Point, point: Point) -> tuple[float, float]:
    east = (point.lon - school.lon) * _METRES_A_DEGREE * cos(radians(school.lat))
    return round(east, 1), round((point.lat - school.lat) * _METRES_A_DEGREE, 1)


def _ring(x: float, y: float, radius: float, name: str) -> list[dict[str, float | str]]:
    return [
        {
            "x": x + radius * cos(2 * pi * corner / _CORNERS),
            "y": y + radius * sin(2 * pi * corner / _CORNERS),
            "corner": corner,
            "ring": name,
        }
        for corner in range(_CORNERS + 1)
    ]


def _lines(rows: Sequence[dict[str, float | str]], colour: str, width: float) -> Any:
    return alt.Chart(alt.InlineData(values=list(rows))).mark_line(color=colour, strokeWidth=width)
