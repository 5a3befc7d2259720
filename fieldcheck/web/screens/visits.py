"""The coordinator's desk: what waits for her first, then everything else that is on the road or done."""

import streamlit as st

from fieldcheck.domain.access import Action, allowed
from fieldcheck.domain.visit import Heap, VisitState
from fieldcheck.usecases import dispatch, safety, visit_list
from fieldcheck.usecases.visit_list import VisitLine
from fieldcheck.web import here, names, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.web.urgent import show_urgent
from fieldcheck.words import _, mark, number, pick

UNDER_WAY = (VisitState.ASSIGNED, VisitState.IN_PROGRESS, VisitState.RETURNED)
HEAPS = {
    "submitted": mark("To check"),
    "door": mark("At the door"),
    "stopped": mark("Stopped visits"),
    "overdue": mark("Overdue"),
    "under_way": mark("Under way"),
    "done": mark("Finished"),
}
NOTHING = {
    "submitted": mark("Nothing waits for a check. What a volunteer submits appears here."),
    "door": mark("No visit ended at the door."),
    "stopped": mark("No visit was stopped early."),
    "overdue": mark("No visit is overdue."),
    "under_way": mark("Nobody is on the road. Assign a visit to begin."),
    "done": mark("No visit is finished yet."),
}


def _row(line: VisitLine) -> None:
    with st.container(border=True):
        what, when, ways = st.columns([5, 4, 3])
        with what:
            st.markdown(f"**{plain(pick(line.school_name))}**")
            sheets = "; ".join(pick(title) for title in line.checklists)
            st.caption(f"{plain(pick(line.district_name))}  \n{plain(sheets)}")
        with when:
            with st.container(horizontal=True):
                pieces.state_badge(line.state)
                if line.is_overdue:
                    st.badge(_("Overdue"), color="red")
                for severity in ("critical", "high", "medium", "low", "info"):
                    if line.findings.get(severity):
                        pieces.severity_count(severity, line.findings[severity])
            st.caption(f"{line.volunteer} · {pieces.window(line.window_from, line.window_to)}")
            if line.stop_reason:
                st.text(names.of(names.STOPS, line.stop_reason))
        with ways:
            _ways(line)


def _ways(line: VisitLine) -> None:
    if line.state is VisitState.SUBMITTED:
        pieces.link("check", _("Check"), icon=":material/fact_check:", visit=line.id)
    else:
        pieces.link("check", _("View"), icon=":material/visibility:", visit=line.id)
    if line.state is VisitState.STOPPED and allowed(me, Action.VISIT_ASSIGN):
        pieces.link("assign", _("Send somebody else"), icon=":material/person_add:", school=line.school_id)
    if line.state in UNDER_WAY and allowed(me, Action.VISIT_ASSIGN):
        sheets = ",".join(line.digests)
        pieces.link(
            "assign",
            _("Send somebody else"),
            icon=":material/swap_horiz:",
            school=line.school_id,
            instead=line.id,
            sheets=sheets,
        )
    if line.state in UNDER_WAY and allowed(me, Action.VISIT_WITHDRAW):
        with st.popover(_("Call off"), icon=":material/event_busy:"):
            _call_off(line)


def _call_off(line: VisitLine) -> None:
    st.caption(_("What was recorded so far stays. A phone without network may still hand it over."))
    reason = st.text_input(_("Why"), max_chars=500, key=f"why-{line.id}")
    if st.button(_("Call off"), key=f"call-off-{line.id}", disabled=not reason.strip()):
        with here.telling():
            with here.doing() as work:
                dispatch.withdraw(work, line.id, reason)
            pieces.tell_later(_("The visit is called off."))
            st.rerun()


me = here.actor()
st.title(_("Visits"))
pieces.told_before()
with here.looking() as work:
    counts = visit_list.counts(work)
    urgent = safety.urgent(work)
show_urgent(urgent)
if not counts:
    st.info(_("There is no visit yet. Pick a school and a volunteer, and the first one appears here."))
    pieces.link("assign", _("Assign a visit"), icon=":material/person_add:")
    st.stop()
asked = st.query_params.get("heap")
if asked in HEAPS and st.session_state.get("heap-asked") != asked:
    st.session_state["heap"] = st.session_state["heap-asked"] = asked
first = next((name for name in HEAPS if counts.get(Heap(name))), "submitted")
st.session_state.setdefault("heap", first)
chosen = st.segmented_control(
    _("Which visits"),
    list(HEAPS),
    required=True,
    format_func=lambda name: f"{_(HEAPS[name])} · {number(counts.get(Heap(name), 0))}",
    key="heap",
    label_visibility="collapsed",
)
sought = st.text_input(
    _("Search"),
    placeholder=_("School, district or volunteer's code"),
    icon=":material/search:",
    label_visibility="collapsed",
    key="sought-visit",
)
heap, turned = Heap(chosen or first), f"page-{chosen}-{sought}"
with here.looking() as work:
    page = visit_list.page(work, heap, sought, st.session_state.get(turned, 1))
if not page.rows:
    st.info(_("No visit fits this search.") if counts.get(heap) else _(NOTHING[heap]))
for line in page.rows:
    _row(line)
if page.pages > 1:
    st.pagination(page.pages, key=turned, persist_state="session")
