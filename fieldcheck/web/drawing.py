"""Badges, bars and a map without tiles: what the screens of figures and of the register draw alike.

Nothing here asks a third party for anything: a map's tiles would tell somebody which schools are being looked at. Every
colour comes with a word or a shape; the colours are told apart by colour-blind readers too (Okabe and Ito).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import altair as alt
import streamlit as st

from fieldcheck.domain.case import CaseState
from fieldcheck.domain.checklist import Severity
from fieldcheck.naming import name
from fieldcheck.settings import ZONE
from fieldcheck.usecases.reports import MapPoint
from fieldcheck.words import _, language, number, pick, plural
from fieldcheck.words import date as say_date

SEVERITY_COLOURS = {"critical": "#b3261e", "high": "#d55e00", "medium": "#e69f00", "low": "#0072b2", "info": "#6b7280"}
_SEVERITY_BADGES: dict[str, tuple[Any, str]] = {
    "critical": ("red", ":material/priority_high:"),
    "high": ("orange", ":material/arrow_upward:"),
    "medium": ("yellow", ":material/drag_handle:"),
    "low": ("blue", ":material/arrow_downward:"),
    "info": ("gray", ":material/info:"),
}
_STATE_BADGES: dict[str, tuple[Any, str]] = {
    "noted": ("gray", ":material/thumb_up:"),
    "detected": ("violet", ":material/fiber_new:"),
    "confirmed": ("blue", ":material/check:"),
    "dismissed": ("gray", ":material/block:"),
    "referred": ("blue", ":material/outgoing_mail:"),
    "answered": ("green", ":material/mark_email_read:"),
    "closed": ("gray", ":material/task_alt:"),
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=])")
_BAR = 26
#: As wide as a phone shows at once.
_MAP = 340
#: More names than this would lie on top of each other.
_MOST_NAMES = 20
#: A map of more points is a blot, and takes a phone seconds.
MOST_POINTS = 1500


def plain(text: str) -> str:
    """Make *text* show as it is where Streamlit would read marks of its own in it."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def severity_badge(severity: Severity) -> None:
    """Show how soon somebody must look: a colour, a sign and the word."""
    colour, icon = _SEVERITY_BADGES[severity.value]
    st.badge(name("severity", severity.value), color=colour, icon=icon)


def state_badge(state: CaseState) -> None:
    """Show where an entry stands."""
    colour, icon = _STATE_BADGES[state.value]
    st.badge(name("state", state.value), color=colour, icon=icon)


def day(when: datetime) -> str:
    """Say the day of a moment on the programme's wall clock."""
    return say_date(when.astimezone(ZONE).date())


def half_day(half: str) -> str:
    """Say "2026-09-14/am" or "2026-W38" as people do; a day without a half is only a day; nothing is not told."""
    if not half:
        return _("not told")
    day, _slash, part = half.partition("/")
    if "W" in day:
        year, _w, week = day.partition("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
        return _("week of {date}", date=say_date(monday))
    said = say_date(date.fromisoformat(day))
    if part == "am":
        return _("{date}, before noon", date=said)
    if part == "pm":
        return _("{date}, after noon", date=said)
    return said


def bars(counts: Mapping[str, int], labels: Mapping[str, str], colours: Mapping[str, str], alt_text: str) -> None:
    """Draw counts as bars in the order of *labels*, each with its number; empty ones stay, they say something too."""
    rows = [
        {
            "label": label,
            "count": counts.get(code, 0),
            "said": number(counts.get(code, 0)),
            "colour": colours.get(code, "#0072b2"),
        }
        for code, label in labels.items()
    ]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=300, ticks=False, domain=False)),
        x=alt.X("count:Q", title=None, axis=None, scale=alt.Scale(domainMin=0, padding=24)),
        tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("said:N", title=" ")],
    )
    drawn = base.mark_bar(cornerRadiusEnd=3, height=16).encode(color=alt.Color("colour:N", scale=None))
    written = base.mark_text(align="left", dx=5).encode(text="said:N")
    st.altair_chart((drawn + written).properties(height=alt.Step(_BAR)), alt=alt_text)


def severity_map(points: Sequence[MapPoint], alt_text: str) -> None:
    """Draw schools by the gravest open entry: shape and colour say how grave, size how many are open."""
    kinds = {code: name("severity", code) for code in ("critical", "high", "medium", "low")}
    kinds["info"] = _("Nothing open")
    rows = [(point, point.worst.value if point.worst else "info", point.waiting or 1) for point in points]
    shapes = {"critical": "triangle-up", "high": "diamond", "medium": "square", "low": "circle", "info": "cross"}
    _map(rows, kinds, SEVERITY_COLOURS, shapes, alt_text)


def visits_map(points: Sequence[MapPoint], alt_text: str) -> None:
    """Draw a region's schools: visited, on the way, as far as the door, or not yet."""
    kinds = {
        "waiting": _("A visit is on the way"),
        "done": _("Visited"),
        "door": _("Ended at the door"),
        "none": _("Not visited yet"),
    }
    colours = {"waiting": "#e69f00", "done": "#0072b2", "door": "#cc79a7", "none": "#6b7280"}
    shapes = {"waiting": "diamond", "done": "circle", "door": "square", "none": "cross"}
    listed, left_out = _drawable(points)
    rows = [(point, _how_far(point), point.count + point.waiting + point.doors or 1) for point in listed]
    if rows:
        _map(rows, kinds, colours, shapes, alt_text)
    if left_out:
        st.caption(
            plural(
                "{n} school that nobody was sent to is not drawn.",
                "{n} schools that nobody was sent to are not drawn.",
                left_out,
            )
        )


def _drawable(points: Sequence[MapPoint]) -> tuple[Sequence[MapPoint], int]:
    """Leave out schools without a visit where there are more points than anybody tells apart or a phone draws."""
    if len(points) <= MOST_POINTS:
        return points, 0
    listed = [point for point in points if point.count or point.waiting or point.doors][:MOST_POINTS]
    return listed, len(points) - len(listed)


def _how_far(point: MapPoint) -> str:
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
        }
        for point, kind, size in listed
    ]
    there = [kind for kind in kinds if any(kind == used for _point, used, _size in listed)]
    names = [kinds[kind] for kind in there]
    across, up = _square(table)
    legend = _legend(names)
    chart = (
        alt.Chart(data(table))
        .mark_point(filled=True, opacity=0.85, stroke="#ffffff", strokeWidth=1)
        .encode(
            x=across,
            y=up,
            size=alt.Size("size:Q", scale=alt.Scale(type="sqrt", range=[50, 280]), legend=None),
            color=alt.Color("kind:N", scale=alt.Scale(domain=names, range=[colours[k] for k in there]), legend=legend),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=[shapes[k] for k in there]), legend=legend),
            order=alt.Order("size:Q", sort="descending"),
            tooltip=[
                alt.Tooltip("school:N", title=_("School")),
                alt.Tooltip("kind:N", title=" "),
                alt.Tooltip("said:N", title=_("Open / all")),
            ],
        )
    )
    names_of_places = (
        alt.Chart(data(_places([point for point, _kind, _size in listed], shorter)))
        .mark_text(color="#8a8f98", fontSize=12, dy=-22)
        .encode(x=across, y=up, text="said:N")
    )
    st.altair_chart((names_of_places + chart).properties(width=_MAP, height=_MAP), width="content", alt=alt_text)


def _places(points: Sequence[MapPoint], shorter: float) -> list[dict[str, Any]]:
    """Name the areas on the map above their northernmost school: districts, or regions once there are several."""
    several = len({pick(point.region) for point in points}) > 1
    areas: dict[str, list[MapPoint]] = {}
    for point in points:
        areas.setdefault(pick(point.region if several else point.district), []).append(point)
    if len(areas) > _MOST_NAMES:
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


def _square(table: Sequence[Mapping[str, Any]]) -> tuple[alt.X, alt.Y]:
    """Give both axes the same span round the points: a map that is stretched lies about distances."""
    x, y = _window([row["x"] for row in table]), _window([row["y"] for row in table])
    half = max(x[1] - x[0], y[1] - y[0]) / 2

    def scale(ends: tuple[float, float]) -> alt.Scale:
        middle = sum(ends) / 2
        return alt.Scale(domain=[middle - half, middle + half], nice=False, zero=False)

    return alt.X("x:Q", axis=None, scale=scale(x)), alt.Y("y:Q", axis=None, scale=scale(y))


def _window(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = max((high - low) * 0.06, 0.004)
    return low - margin, high + margin


def numbers_axis() -> alt.Axis:
    """Give an axis whose numbers are written in the reader's language; Vega alone would write them in English."""
    if language() == "en":
        return alt.Axis()
    return alt.Axis(labelExpr="replace(format(datum.value, ','), regexp(',', 'g'), '\u00a0')")


def data(rows: list[dict[str, Any]]) -> alt.Data:
    """Give rows to a chart as they are."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # altair's generated classes carry no types
