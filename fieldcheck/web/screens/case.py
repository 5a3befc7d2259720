"""One entry of the register on one page: what was seen, on what ground, what was done, and what can be done now."""

from pathlib import Path
from typing import Any

import streamlit as st

from fieldcheck.acts import act
from fieldcheck.domain.access import Action, allowed
from fieldcheck.naming import name
from fieldcheck.usecases import cases
from fieldcheck.usecases.case_views import CaseView, EventSeen
from fieldcheck.web import case_forms, case_next, drawing, here
from fieldcheck.web.seen_words import said
from fieldcheck.words import _, mark, moment, pick
from fieldcheck.words import date as say_date

REGISTER = str(Path(__file__).with_name("register.py"))
OUTCOMES = {"answer": "reply", "measure": "measure", "close": "outcome"}
MISSING = {
    "photo": mark("A photo: {question}"),
    "quote": mark("Their words: {question}"),
    "answer": mark("An answer: {question}"),
}


# What is shown


def facts(view: CaseView) -> None:
    """Show where, when and how grave."""
    with st.container(horizontal=True, gap="small"):
        drawing.severity_badge(view.severity)
        drawing.state_badge(view.state)
        st.badge(name("nature", view.nature.value), color="gray")
        if view.restricted:
            st.badge(_("Restricted"), color="gray", icon=":material/lock:")
        if view.overdue:
            st.badge(_("Overdue"), color="red", icon=":material/alarm:")
    if view.restricted:
        st.warning(_("This entry is restricted: do not pass it on outside the agency."), icon=":material/lock:")
    if view.repeat_of:
        st.info(_("The same sign was put right here as {number} and is back.", number=view.repeat_of))
    with st.container(border=True):
        where, left, right = st.columns([5, 3, 4], gap="medium")
        with where, st.container(gap="xsmall"):
            st.subheader(drawing.plain(pick(view.school.name)))
            st.text(" · ".join((pick(view.school.region), pick(view.school.district), pick(view.school.address))))
            st.caption(name("ownership", view.school.ownership))
        fact(left, _("When the visit was"), drawing.half_day(view.visited))
        fact(left, _("Presence"), presence(view))
        fact(right, _("Responsible"), pick(view.body or view.suggested_body))
        fact(right, _("Due by"), case_next.due(view))
        if view.outcome:
            fact(right, _("Outcome"), name("outcome", view.outcome))


def fact(where: Any, label: str, said: str) -> None:
    """Show one fact under its name."""
    with where, st.container(gap=None):
        st.caption(label)
        st.text(said)


def presence(view: CaseView) -> str:
    """Say how likely it is that the school itself was visited, and nothing of where anybody stood."""
    return name("presence", view.presence.value) if view.presence else _("Checked from afar, no visit needed")


def seen(view: CaseView) -> None:
    """Show the answers the rule looked at, and the released photos."""
    st.subheader(_("What was seen"))
    st.caption(drawing.plain(_("{checklist}, version {n}", checklist=pick(view.checklist), n=view.checklist_version)))
    for answer in view.answers:
        fact(st.container(), drawing.plain(pick(answer.question)), said(answer))
    if view.photos:
        gallery(view)
    for kind, question in view.evidence_missing:
        told = _(MISSING[kind], question=pick(question)) if kind in MISSING else pick(question)
        st.warning(drawing.plain(_("Not there: {what}", what=told)), icon=":material/quick_reference:")


def gallery(view: CaseView) -> None:
    """Show the photos from our own route: Streamlit's would serve them to anybody who has the address."""
    st.caption(_("Photos released by the programme. Open one to see it large."))
    with st.container(horizontal=True):
        for place, photo in enumerate(view.photos, start=1):
            label = _("Photo {n}", n=place)
            st.markdown(
                f"[![{label}](/api/photos/{photo.id}/thumb)](/api/photos/{photo.id}/view)",
                width="content",
                help=drawing.plain(pick(photo.question)),
            )


def ground(view: CaseView) -> None:
    """Show the legal basis, and how well it is known."""
    st.subheader(_("Legal basis"))
    if not view.legal_basis:
        st.text(_("No norm is named for this sign."))
    for norm in view.legal_basis:
        with st.container(border=True):
            st.text(pick(norm.cite))
            if norm.gist:
                st.caption(drawing.plain(pick(norm.gist)))
            if norm.wants_lawyer:
                st.badge(_("Recalled, not checked: wants a lawyer"), color="orange", icon=":material/gavel:")
            else:
                mark_said = {"A": _("Primary text read"), "B": _("Secondary source"), "S": _("Programme document")}
                known = mark_said.get(norm.confidence, norm.confidence)
                st.caption(_("{mark}, edition of {edition}", mark=known, edition=norm.edition or "—"))


def history(view: CaseView) -> None:
    """Show what was done, and the seals under it."""
    st.subheader(_("History"))
    st.text(_("{when}: entered the register as {number}", when=moment(view.opened_at), number=view.number))
    for event in view.history:
        happened(event)
    with st.expander(_("Chain of custody"), icon=":material/link:"):
        st.caption(_("Each step is sealed to the one before it. Compare these seals with a printed copy."))
        for link in view.chain:
            st.code(f"{moment(link.at)}  {act(link.action)}\n{link.hash}", language=None, wrap_lines=True)


def happened(event: EventSeen) -> None:
    """Show one thing that was done."""
    with st.container(border=True):
        st.markdown(f"**{name('done', event.move.value)}**")
        st.caption(drawing.plain(" · ".join(part for part in (moment(event.at), event.by) if part)))
        told = [
            pick(event.body) if event.body else "",
            _("No. {reference}", reference=event.reference) if event.reference else "",
            _("dated {date}", date=say_date(event.dated)) if event.dated else "",
            name(OUTCOMES[event.move.value], event.outcome) if event.outcome and event.move.value in OUTCOMES else "",
            _("due by {date}", date=drawing.day(event.due_at)) if event.due_at else "",
        ]
        for part in (*told, event.reason, event.text):
            if part:
                st.text(part)


# The page

if st.button(_("Back to the register"), icon=":material/arrow_back:", type="tertiary"):
    st.switch_page(REGISTER)
with here.telling():
    with here.looking() as work:
        view = cases.read(work, st.query_params.get("case", ""))
        bodies = {id_: pick(words) for id_, words in cases.bodies(work).items()}
        may_work = allowed(work.actor, Action.CASE_WORK)
    case_next.turn(view)
    st.caption(drawing.plain(f"{view.number} · {view.code}"))
    st.title(drawing.plain(pick(view.title)))
    case_forms.tell()
    facts(view)
    reading, doing = st.columns([2, 1], gap="large")
    with reading:
        seen(view)
        ground(view)
        case_next.related(view)
    with doing:
        if may_work:
            case_forms.forms(view, bodies)
            case_next.letter(view)
        case_next.again(view)
        history(view)
