"""Sending the right stranger to the right school: the school, what is walked, when, and who may go."""

from datetime import datetime, time, timedelta
from functools import partial

import streamlit as st

from fieldcheck.domain.access import Action
from fieldcheck.domain.visit import VisitState
from fieldcheck.naming import name
from fieldcheck.settings import ZONE
from fieldcheck.usecases import checklists, dispatch, people, reports, schools, visit_list
from fieldcheck.usecases.checklists import ChecklistView
from fieldcheck.usecases.dispatch import CandidateView
from fieldcheck.usecases.schools import SchoolView
from fieldcheck.web import here, maps, names, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.words import LANGUAGES, _, mark, number, pick, plural

UNDER_WAY = (VisitState.ASSIGNED, VisitState.IN_PROGRESS, VisitState.RETURNED)
#: The fittest stand first; so many are shown before anybody asks for more.
FIRST = 8
LANGUAGE_LABELS = {"ru": mark("In Russian"), "kk": mark("In Kazakh"), "en": mark("In English")}


def _instead(known: tuple[SchoolView, ...]) -> str | None:
    """Say which visit this one takes the place of, when somebody left or cannot go."""
    asked = st.query_params.get("instead", "")
    if not asked:
        return None
    with here.looking() as work:
        before = next((line for line in visit_list.visits(work, UNDER_WAY) if line.id == asked), None)
    if before is None or not any(school.id == before.school_id for school in known):
        return None
    st.info(_("In the place of {code}, whose visit is called off when you assign this one.", code=before.volunteer))
    return before.id


def _handed_over() -> None:
    """Show what to do after a visit was assigned: the link for her phone, if she needs one."""
    done = st.session_state.get("handed_over")
    if not done:
        return
    with st.container(border=True):
        st.success(_("Assigned to {code}. The visit is in her list at her next contact.", code=done["code"]))
        token = st.session_state.get("handed_token")
        if token:
            pieces.hand_over(here.settings().url, token)
        elif st.button(
            _("Make a sign-in link"), icon=":material/link:", help=_("If she is not signed in on her phone.")
        ):
            with here.telling():
                with here.doing() as work:
                    st.session_state["handed_token"] = people.invite(work, done["person"])
                st.rerun()
        if st.button(_("Assign another visit")):
            st.session_state.pop("handed_over")
            st.session_state.pop("handed_token", None)
            st.rerun()
    st.stop()


def _pick_school(known: tuple[SchoolView, ...]) -> SchoolView | None:
    asked = st.query_params.get("school")
    if asked and "school" not in st.session_state and any(school.id == asked for school in known):
        st.session_state["school"] = asked
    picked = pieces.school_picker(known, "school")
    if st.toggle(_("Map of the region's schools"), key="assign-map"):
        with here.looking() as work:
            pieces.schools_map(maps.within(partial(reports.school_points, work), "assign-map"))
    school = next((school for school in known if school.id == picked), None)
    if school:
        told = [pick(school.address), name("ownership", school.ownership), pieces.counted_visits(school.visits)]
        st.caption(plain(" · ".join(told)))
    return school


def _pick_checklists(school: SchoolView, published: tuple[ChecklistView, ...]) -> list[str]:
    fitting = {sheet.digest: sheet for sheet in published if school.ownership in sheet.applies_to}
    if not fitting:
        st.info(_("No published checklist applies to a school of this ownership."))
    key = f"sheets-{school.ownership}"
    asked = [digest for digest in st.query_params.get("sheets", "").split(",") if digest in fitting]
    if asked and key not in st.session_state:
        st.session_state[key] = asked
    chosen = st.multiselect(
        _("Checklists"),
        list(fitting),
        format_func=lambda digest: f"{pick(fitting[digest].title)} · {_('{n} min', n=fitting[digest].est_minutes)}",
        placeholder=_("Pick one or more"),
        key=key,
    )
    for digest in chosen:
        st.caption(plain(pick(fitting[digest].scenario)))
    return chosen


def _pick_window() -> tuple[datetime, datetime]:
    today = datetime.now(ZONE).date()
    begin_day, begin_time, end_day, end_time = st.columns(4)
    first = begin_day.date_input(_("From"), today + timedelta(days=1), format="DD.MM.YYYY", key="from-day")
    opens = begin_time.time_input(_("Time"), time(9), key="from-time")
    last = end_day.date_input(_("Until"), today + timedelta(days=7), format="DD.MM.YYYY", key="to-day")
    closes = end_time.time_input(_("Time"), time(18), key="to-time")
    return pieces.at(first, opens), pieces.at(last, closes)


def _pick_note() -> dict[str, str]:
    with st.expander(_("A note to the scenario (not needed)"), icon=":material/edit_note:"):
        st.caption(_("The checklist has its scenario already. Add only what is special about this school."))
        return {
            language: st.text_area(_(LANGUAGE_LABELS[language]), key=f"note-{language}", max_chars=1000, height=80)
            for language in LANGUAGES
        }


def _pick_volunteer(candidates: tuple[CandidateView, ...]) -> CandidateView | None:
    may = {one.id: one for one in candidates if one.may_go}
    chosen = None
    if len(may) > FIRST + 2 and not st.toggle(_("Show all {n}", n=number(len(may))), key="all-candidates"):
        may = dict(list(may.items())[:FIRST])
    if may:
        chosen = st.radio(
            _("Who goes"),
            list(may),
            index=None,
            format_func=lambda id_: may[id_].code,
            captions=[_about(one) for one in may.values()],
            key="volunteer",
        )
    else:
        st.warning(_("Nobody may go there in these days. Pick other days or another school, or bring in a volunteer."))
        pieces.link("people", _("People"), icon=":material/group:")
    hindered = [one for one in candidates if not one.may_go]
    if hindered:
        with st.expander(plural("{n} person may not go", "{n} people may not go", len(hindered))):
            for one in hindered:
                st.markdown(f"**{one.code}**")
                st.caption("; ".join(_(names.HINDRANCES[why]) for why in one.hindrances))
    return may.get(chosen) if chosen else None


def _about(one: CandidateView) -> str:
    away = (
        _("distance unknown")
        if one.distance is None
        else _("{distance} from home", distance=pieces.metres(one.distance))
    )
    return f"{away} · {plural('{n} open visit', '{n} open visits', one.open_visits)}"


me = here.actor()
st.title(_("Assign a visit"))
pieces.told_before()
with here.looking() as work:
    work.reach(Action.VISIT_ASSIGN)  # refuses whoever only may read what the page is made of
    known, published = schools.schools(work), checklists.current(work)
    campaigns = schools.campaigns(work)
    everybody = people.people(work)
_handed_over()
if not known:
    st.info(_("There is no school yet. An administrator brings in the list of schools under “Schools”."))
    st.stop()
if not published:
    st.info(_("No checklist is published yet. An administrator publishes them from the server's console."))
    st.stop()
if not everybody:
    st.info(_("There is no volunteer yet. Bring one in first."))
    pieces.link("people", _("People"), icon=":material/group:")
    st.stop()
instead = _instead(known)
school = _pick_school(known)
if school is None:
    st.stop()
digests = _pick_checklists(school, published)
begins, ends = _pick_window()
scenario = _pick_note()
campaign = pieces.named_picker(campaigns, _("Campaign"), "campaign", none=_("No campaign")) if campaigns else None
with here.looking() as work:
    candidates = dispatch.candidates(work, school.id, digests, begins, instead)
goes = _pick_volunteer(candidates)
if not digests:
    st.caption(_("Pick a checklist to go on."))
if st.button(_("Assign"), type="primary", disabled=goes is None or not digests) and goes:
    with here.telling():
        with here.doing() as work:
            dispatch.assign(work, school.id, goes.id, digests, begins, ends, scenario, campaign, instead)
        st.session_state["handed_over"] = {"person": goes.id, "code": goes.code}
        st.session_state.pop("handed_token", None)
        st.rerun()
