"""Badges and bars: what the screens of figures and of the register draw alike.

Nothing here asks a third party for anything. Every colour comes with a word or a shape; the colours are told apart by
colour-blind readers too (Okabe and Ito).
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import altair as alt
import streamlit as st

from fieldcheck.domain.case import CaseState
from fieldcheck.domain.checklist import Severity
from fieldcheck.naming import name
from fieldcheck.settings import ZONE
from fieldcheck.words import _, language, number
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


def last_day(until: datetime) -> str:
    """Say the last day before a moment that ends one."""
    return day(until - timedelta(seconds=1))


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
    written = base.mark_text(align="left", dx=5, color=ink()).encode(text="said:N")
    st.altair_chart((drawn + written).properties(height=alt.Step(_BAR)), alt=alt_text)


def ink() -> str:
    """Give the colour of words in a picture; Streamlit's theme colours axes and legends, and leaves these black."""
    return {"light": "#31333f", "dark": "#d5dae1"}.get(st.context.theme.type or "", "#7b8490")


def numbers_axis() -> alt.Axis:
    """Give an axis whose numbers are written in the reader's language; Vega alone would write them in English."""
    if language() == "en":
        return alt.Axis()
    return alt.Axis(labelExpr="replace(format(datum.value, ','), regexp(',', 'g'), '\u00a0')")


def data(rows: list[dict[str, Any]]) -> alt.Data:
    """Give rows to a chart as they are."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]  # altair's generated classes carry no types
