"""What a coordinator sees to before anything else: an alarm, somebody who should be out by now, a visit stopped early.

Each stands here until she has written down what came of it. It blames nobody: leaving early is right, and a result.
"""

from collections.abc import Sequence

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.safety import RESULTS
from fieldcheck.usecases import safety
from fieldcheck.usecases.safety import SeenTo, Urgent
from fieldcheck.web import here, names, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.words import _, mark, pick, plural

KINDS = {
    "recognised": mark("She was recognised"),
    "duress": mark("She was made to open the app"),
    "overdue": mark("She should be out by now. Call her."),
}
COLOURS = {"alarm": "red", "overdue": "orange", "stopped": "blue", "door": "gray"}
LABELS = {"alarm": mark("Alarm"), "overdue": mark("Not out yet"), "stopped": mark("Stopped")}
LABELS |= {"door": mark("At the door")}
#: So many stand above the list of visits; of those that may wait the others are folded away, an alarm never is.
SHOWN = 4


def show_urgent(things: tuple[Urgent, ...]) -> None:
    """Show what nobody has seen to yet, each with a place to write down that somebody has."""
    if not things:
        return
    st.subheader(_("See to these first"), anchor="urgent")
    at_once, rest = parted(things)
    for one in at_once:
        with st.container(border=True):
            _one(one)
    if rest:
        label = plural("{n} more visit that ended early", "{n} more visits that ended early", len(rest))
        with st.expander(label, icon=":material/expand_more:"):
            for one in rest:
                with st.container(border=True):
                    _one(one)


def parted(things: Sequence[Urgent]) -> tuple[tuple[Urgent, ...], tuple[Urgent, ...]]:
    """Say what is shown at once, and what is folded away: never whoever may be in danger."""
    danger = [one for one in things if one.what != "stopped"]
    ended = [one for one in things if one.what == "stopped"]
    beside = max(SHOWN - len(danger), 0)
    return (*danger, *ended[:beside]), tuple(ended[beside:])


def _one(one: Urgent) -> None:
    told, way = st.columns([5, 5], vertical_alignment="center")
    with told:
        with st.container(horizontal=True):
            what = "door" if one.what == "stopped" and one.kind in RESULTS else one.what
            st.badge(_(LABELS[what]), color=COLOURS[what])  # type: ignore[arg-type]
            st.markdown(f"**{one.volunteer}** · {words.moment(one.since)}")
        st.text(_(KINDS[one.kind]) if one.kind in KINDS else names.of(names.STOPS, one.kind))
        if one.school_name:
            st.caption(plain(pick(one.school_name)))
        if one.place and one.place.lat is not None and one.place.lon is not None:
            place = one.place
            st.caption(
                _(
                    "Last point: {lat}, {lon} (within {accuracy})",
                    lat=f"{place.lat:.5f}",
                    lon=f"{place.lon:.5f}",
                    accuracy=pieces.metres(place.accuracy or 0),
                )
            )
    with way, st.container(horizontal=True, vertical_alignment="center"):
        if one.what != "stopped" or one.kind not in RESULTS:
            pieces.link("people", _("Name and phone"), icon=":material/call:", who=one.volunteer)
        if one.visit_id:
            pieces.link("check", _("View"), icon=":material/visibility:", visit=one.visit_id)
        with st.popover(_("Followed up"), icon=":material/check:"):
            _follow_up(one)


def _follow_up(one: Urgent) -> None:
    key = f"{one.what}-{one.subject}"
    note = st.text_input(_("What came of it"), max_chars=safety.LONGEST_NOTE, key=f"followed-{key}")
    if st.button(_("Write it down"), key=f"follow-{key}", disabled=not note.strip()):
        with here.telling():
            with here.doing() as work:
                safety.follow_up(work, one.what, one.subject, note)
            pieces.tell_later(_("It is written down, and off this list."))
            st.rerun()


def show_followed_up(seen_to: tuple[SeenTo, ...]) -> None:
    """Show who saw to a visit, and what came of it."""
    for one in seen_to:
        st.caption(_("Followed up by {who}, {when}:", who=one.by, when=words.moment(one.at)))
        st.text(one.note)
