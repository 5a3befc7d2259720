"""What became of the entries, region by region: drawn, with the number beside each share, and never as a ranking.

A region with many entries may be one where people look; so regions stand in the order of their names, a share of a
handful is not told, and nothing is coloured as good or bad.
"""

from collections.abc import Sequence

import altair as alt
import streamlit as st

from fieldcheck.domain.revisit import share_gone
from fieldcheck.usecases.reports import Track
from fieldcheck.web.drawing import data, ink
from fieldcheck.words import _, number, percent, pick

_BLUE, _GREEN = "#0072b2", "#009e73"


def show(tracks: Sequence[Track]) -> None:
    """Draw put right and looked at again as shares, and name what stands behind them."""
    if not tracks:
        return
    st.subheader(_("What became of them, by region"))
    st.caption(_("In the order of names. More entries may only mean that more was looked at."))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{_('Put right, as the bodies answered')}**")
        _shares([(pick(one.name), one.fixed, one.confirmed) for one in tracks], _BLUE, _("of those confirmed"))
    with right:
        st.markdown(f"**{_('Gone when looked at again')}**")
        _shares([(pick(one.name), one.gone, one.looked_again) for one in tracks], _GREEN, _("of second visits"))
    told = [(pick(one.name), one) for one in tracks if one.median_days is not None]
    if told:
        st.caption(_("Days to an answer, the median over the last year:"))
        st.text("; ".join(_days(region, one) for region, one in told))


def _days(region: str, one: Track) -> str:
    return _("{region}: {days} ({n} answers)", region=region, days=number(one.median_days or 0), n=number(one.answered))


def _shares(rows: Sequence[tuple[str, int, int]], colour: str, of_what: str) -> None:
    table = []
    for region, part, whole in rows:
        share = share_gone(part, whole)
        few = _("too few to say ({n})", n=number(whole)) if share is None else ""
        said = few or f"{percent(share or 0)} · {number(part)} / {number(whole)}"
        table.append({"region": region, "share": share or 0, "whole": 0 if few else 1, "said": said})
    base = alt.Chart(data(table)).encode(
        y=alt.Y("region:N", title=None, sort=None, axis=alt.Axis(labelLimit=200, ticks=False, domain=False))
    )
    scale = alt.Scale(domain=[0, 1.75])
    frame = base.mark_bar(height=14, color="#d9dee5").encode(x=alt.X("whole:Q", axis=None, scale=scale))
    filled = base.mark_bar(height=14, color=colour).encode(x=alt.X("share:Q", axis=None, scale=scale))
    behind = alt.X("whole:Q", axis=None, scale=scale)
    told = base.mark_text(align="left", dx=6, color=ink()).encode(x=behind, text="said:N")
    drawn = (frame + filled + told).properties(height=alt.Step(26))
    st.altair_chart(drawn, alt=f"{of_what}: " + "; ".join(f"{row['region']} {row['said']}" for row in table))
