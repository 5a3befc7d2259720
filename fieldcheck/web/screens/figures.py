"""The first page of each role: how things stand, in figures, bars and a map.

Which part is shown follows from what the role may do, never from its name. The agency's part counts entries per school;
it has no visits and no days, because a region and a day with one visit would point to one visitor.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from fieldcheck.domain.access import Action, allowed
from fieldcheck.domain.today import Waiting
from fieldcheck.naming import name
from fieldcheck.usecases import reports, today
from fieldcheck.usecases.reports import AgencyFigures, MapPoint, OwnFigures, ProgrammeFigures, RegionFigures
from fieldcheck.web import drawing, here, maps, needs, pieces, tracks
from fieldcheck.words import _, number, percent, plural

#: Reads what a map shows of an area.
Points = Callable[[tuple[str, ...]], tuple[MapPoint, ...]]
VISITS = ("assigned", "in_progress", "submitted", "returned", "accepted", "rejected", "stopped", "withdrawn")
CASES = ("detected", "confirmed", "referred", "answered", "closed", "dismissed", "noted")
SEVERITIES = ("critical", "high", "medium", "low", "info")
NATURES = ("legal_breach", "programme_breach", "indicator", "positive")
DOORS = ("refused_entry", "asked_id", "escorted", "asked_money", "closed")
ROLES = ("volunteer", "coordinator", "reviewer", "administrator", "auditor", "custodian")


def figure(label: str, said: str, of: str | None = None, help_: str | None = None) -> None:
    """Show one figure on a card with what stands behind it; cards stand beside each other where there is room."""
    st.metric(label, said, delta=of, delta_color="off", delta_arrow="off", help=help_, border=True, width=158)


def named(kind: str, codes: tuple[str, ...]) -> dict[str, str]:
    """Name codes in the order in which they are drawn."""
    return {code: name(kind, code) for code in codes}


def own(found: OwnFigures) -> None:
    """Show a volunteer her own visits."""
    if not found.visits:
        st.info(_("You have no tasks yet. They appear here when your coordinator gives you one."))
        return
    with st.container(horizontal=True):
        for state in VISITS:
            if state in found.visits:
                figure(name("visit", state), number(found.visits[state]))


def region(waiting: tuple[Waiting, ...], found: RegionFigures, read: Points) -> None:
    """Show a coordinator what waits for her, then her region."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(_("What needs you now"))
        begin = _("Nothing waits for you now.") if found.visits else _("Begin: plan the first visits.")
        needs.show(needs.coordinators(waiting), begin)
        if not found.visits and found.schools:
            pieces.link("plan", _("Plan several visits"), icon=":material/event_upcoming:")
        with st.container(horizontal=True):
            share = found.schools_visited / found.schools if found.schools else 0
            of = f"{number(found.schools_visited)} / {number(found.schools)}"
            figure(_("Schools visited"), percent(share), of)
            why = _("Not let in, asked for a document, led about, asked for money, closed: each is a result.")
            figure(_("Ended at the door"), number(sum(found.doors.values())), help_=why)
            why = _("Visits whose answers ask for the programme's own attention.")
            figure(_("Incidents"), number(found.incidents), help_=why)
        if found.visits:
            st.subheader(_("Visits by state"))
            drawing.bars(_apart(found), named("visit", (*VISITS, "door")), {}, _("Visits by state"))
        if found.doors:
            st.subheader(_("What happened at the door"))
            drawing.bars(found.doors, named("door", DOORS), {}, _("What happened at the door"))
    with right:
        st.subheader(_("Schools of the region"))
        points = maps.within(read, "map-visits")
        if points:
            maps.visits_map(points, _("Schools of the region"))
        else:
            st.info(_("No school with a point on the map yet. The administrator adds schools."))


def _apart(found: RegionFigures) -> dict[str, int]:
    """Count visits by state, with a result at the door told apart from leaving early."""
    states = {**found.visits, "stopped": found.stopped, "door": sum(found.doors.values())}
    return {state: n for state, n in states.items() if n}


def agency(found: AgencyFigures, read: Points) -> None:
    """Show a reviewer the register."""
    if not found.total:
        st.info(_("The register is empty. Entries appear here when a coordinator accepts a visit with findings."))
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(_("What needs you now"))
        needs.show(needs.reviewers(found), _("Nothing waits for you now."))
        with st.container(horizontal=True):
            figure(_("With a body now"), number(found.states.get("referred", 0)))
            median = "—" if found.median_days is None else number(round(found.median_days, 1))
            answers = sum(track.answered for track in found.tracks)
            figure(_("Days to an answer"), median, plural("median of {n}", "median of {n} ", answers))
            share = percent(found.fixed / found.confirmed) if found.confirmed else "—"
            of = f"{number(found.fixed)} / {number(found.confirmed)}"
            figure(_("Put right"), share, of)
        st.subheader(_("Entries by state"))
        drawing.bars(found.states, named("state", CASES), {}, _("Entries by state"))
        st.subheader(_("Entries by nature"))
        drawing.bars(found.natures, named("nature", NATURES), {}, _("Entries by nature"))
    with right:
        st.subheader(_("Schools in the register"))
        points = maps.within(read, "map-cases")
        if points:
            maps.severity_map(points, _("Schools in the register"))
        else:
            st.info(_("No school of the register has a point on the map."))
        st.subheader(_("Entries by severity"))
        drawing.bars(
            found.severities, named("severity", SEVERITIES), drawing.SEVERITY_COLOURS, _("Entries by severity")
        )
        if found.doors:
            st.subheader(_("What happened at the door"))
            drawing.bars(found.doors, named("door", DOORS), {}, _("What happened at the door"))
            st.caption(
                _(
                    "Visits of this season that ended there, to the end of a past week, told only where several "
                    "visitors and schools are counted. It says nothing about any one school."
                )
            )
    tracks.show(found.tracks)


def programme(found: ProgrammeFigures) -> None:
    """Show an administrator what is still missing, then what the programme consists of."""
    st.subheader(_("What needs you now"))
    needs.show(needs.administrators(found), _("Nothing waits for you now."))
    with st.container(horizontal=True):
        figure(_("Regions"), number(found.regions))
        figure(_("Schools"), number(found.schools))
        figure(_("Checklist versions"), number(found.checklists))
        figure(_("Accepted visits"), number(found.accepted))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(_("People"))
        drawing.bars(found.people, named("role", ROLES), {}, _("People"))
    with right:
        st.subheader(_("Entries by state"))
        drawing.bars(found.cases, named("state", CASES), {}, _("Entries by state"))
        if found.until:
            st.caption(_("Visits and entries are counted up to {date}.", date=drawing.last_day(found.until)))


st.title(_("Overview"))
with here.telling(), here.looking() as work:
    if allowed(work.actor, Action.VISIT_WALK):
        own(reports.own_figures(work))
    if allowed(work.actor, Action.VISIT_CHECK):
        region(today.today(work), reports.region_figures(work), partial(reports.visit_points, work))
    if allowed(work.actor, Action.CASE_LIST):
        agency(reports.agency_figures(work), partial(reports.case_points, work))
    if allowed(work.actor, Action.REGION_WRITE):
        programme(reports.programme_figures(work))
