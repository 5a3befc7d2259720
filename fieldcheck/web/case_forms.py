"""The forms under an entry of the register: one for each move, and only for the moves that are possible now.

A form's button runs before the page is read again, with the state that its reader saw: when somebody else was quicker,
the move is refused and says so.
"""

from collections.abc import Callable
from datetime import timedelta

import streamlit as st

from fieldcheck.domain.case import CaseMove, CaseState, Outcome
from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.domain.response import Measure, Reply
from fieldcheck.naming import name
from fieldcheck.settings import ZONE
from fieldcheck.usecases import casework
from fieldcheck.usecases.case_views import CaseView
from fieldcheck.web import here
from fieldcheck.words import _, mark, sentence
from fieldcheck.words import date as say_date

DONE, FAILED = "case-done", "case-failed"
#: What is usually done next, where more than one thing can be.
NEXT = {
    CaseState.DETECTED: CaseMove.CONFIRM,
    CaseState.CONFIRMED: CaseMove.REFER,
    CaseState.REFERRED: CaseMove.ANSWER,
    CaseState.ANSWERED: CaseMove.CLOSE,
}
TERMS = {
    "working_days": mark("The body has {n} working days to answer, counted from the day after the letter."),
    "calendar_days": mark("The body has {n} calendar days to answer, counted from the day after the letter."),
    "hours": mark("The body has {n} hours to answer."),
}


def tell() -> None:
    """Say once how the last move went."""
    if DONE in st.session_state:
        st.success(_("Written down: {what}.", what=name("move", st.session_state.pop(DONE))), icon=":material/check:")
    if FAILED in st.session_state:
        st.error(sentence(*st.session_state.pop(FAILED)))


def act(view: CaseView, what: CaseMove, fields: tuple[str, ...], does: Callable[..., None]) -> None:
    """Make the move that a form was filled in for, with the state that its reader saw."""
    keys = {field: f"{what.value}-{view.id}-{field}" for field in fields}
    given = {field: st.session_state.get(key) for field, key in keys.items()}
    if any(value is None for value in given.values()):
        st.session_state[FAILED] = ("case.form_incomplete", {})
        return
    try:
        with here.doing() as work:
            does(work, view.id, **given, seen=view.state)
    except FieldcheckError as error:
        st.session_state[FAILED] = (error.code, error.details)
        return
    st.session_state[DONE] = what.value
    for key in keys.values():
        st.session_state.pop(key, None)


def forms(view: CaseView, bodies: dict[str, str]) -> None:
    """Offer exactly the moves that are possible now, the next step opened."""
    st.subheader(_("What can be done"))
    if not view.moves:
        st.text(_("Good practice is noted. Nothing is asked of anyone."))
    for what in sorted(view.moves, key=lambda what: what is not NEXT.get(view.state)):
        with st.expander(name("move", what.value), expanded=what is NEXT.get(view.state)):
            FORMS[what](view, bodies)


def send(view: CaseView, what: CaseMove, fields: tuple[str, ...], does: Callable[..., None]) -> None:
    """End a form with its button."""
    st.form_submit_button(
        name("move", what.value),
        type="primary",
        on_click=act,
        args=(view, what, fields, does),
        width="stretch",
        shortcut="Ctrl+Enter" if what is NEXT.get(view.state) else None,
    )


def key(view: CaseView, what: CaseMove, field: str) -> str:
    """Name a field of a form: by move and entry, so that two entries never share what was typed."""
    return f"{what.value}-{view.id}-{field}"


def reason_form(what: CaseMove, ask: str, does: Callable[..., None]) -> Callable[[CaseView, dict[str, str]], None]:
    """Build a form that asks for nothing but a reason."""

    def form(view: CaseView, _bodies: dict[str, str]) -> None:
        with st.form(f"{what.value}-{view.id}", border=False):
            st.text_area(_(ask), key=key(view, what, "reason"), max_chars=casework.LONGEST_TEXT, height=110)
            send(view, what, ("reason",), does)

    return form


def refer_form(view: CaseView, bodies: dict[str, str]) -> None:
    """Ask whom the entry goes to, and under which letter."""
    what, ids = CaseMove.REFER, list(bodies)
    suggested = ids.index(view.suggested_body_id) if view.suggested_body_id in ids else None
    with st.form(f"{what.value}-{view.id}", border=False):
        st.selectbox(_("Body"), ids, index=suggested, format_func=bodies.__getitem__, key=key(view, what, "body_id"))
        letter(view, what)
        st.text_area(_("Note"), key=key(view, what, "note"), max_chars=casework.LONGEST_TEXT, height=80)
        value, unit = view.term
        if value:
            st.caption(_(TERMS[unit], n=value))
        send(view, what, ("body_id", "reference", "dated", "note"), casework.refer)


def letter(view: CaseView, what: CaseMove) -> None:
    """Ask for a letter's number and day."""
    st.text_input(_("Number of the letter"), key=key(view, what, "reference"), max_chars=casework.LONGEST_REFERENCE)
    st.date_input(
        _("Day of the letter"),
        value=view.today,
        max_value=view.today,
        format="DD.MM.YYYY",
        key=key(view, what, "dated"),
    )


def extend_form(view: CaseView, _bodies: dict[str, str]) -> None:
    """Ask until when the body may take."""
    what, first = (
        CaseMove.EXTEND,
        view.due_at.astimezone(ZONE).date() + timedelta(days=1) if view.due_at else view.today,
    )
    last = view.latest_extension or first
    if first > last:
        st.text(_("The longest term the law gives has been used."))
        return
    with st.form(f"{what.value}-{view.id}", border=False):
        st.date_input(
            _("New day"), value=None, min_value=first, max_value=last, format="DD.MM.YYYY", key=key(view, what, "due")
        )
        st.caption(_("No later than {date}: two months from the referral.", date=say_date(last)))
        st.text_area(_("Why it is extended"), key=key(view, what, "reason"), max_chars=casework.LONGEST_TEXT, height=80)
        send(view, what, ("reason", "due"), casework.extend)


def answer_form(view: CaseView, _bodies: dict[str, str]) -> None:
    """Ask what the body answered."""
    what = CaseMove.ANSWER
    with st.form(f"{what.value}-{view.id}", border=False):
        st.selectbox(
            _("What the body found"),
            list(Reply),
            format_func=lambda reply: name("reply", reply.value),
            key=key(view, what, "reply"),
        )
        letter(view, what)
        st.text_area(_("In short"), key=key(view, what, "text"), max_chars=casework.LONGEST_TEXT, height=110)
        send(view, what, ("reference", "dated", "text", "reply"), casework.answer)


def measure_form(view: CaseView, _bodies: dict[str, str]) -> None:
    """Ask what was done about it."""
    what = CaseMove.MEASURE
    with st.form(f"{what.value}-{view.id}", border=False):
        st.selectbox(
            _("Measure"),
            list(Measure),
            format_func=lambda kind: name("measure", kind.value),
            key=key(view, what, "kind"),
        )
        st.text_area(
            _("What was done (roles, not names)"),
            key=key(view, what, "text"),
            max_chars=casework.LONGEST_TEXT,
            height=80,
        )
        send(view, what, ("text", "kind"), casework.measure)


def close_form(view: CaseView, _bodies: dict[str, str]) -> None:
    """Ask how it ended."""
    what = CaseMove.CLOSE
    with st.form(f"{what.value}-{view.id}", border=False):
        st.selectbox(
            _("Outcome"),
            list(Outcome),
            format_func=lambda outcome: name("outcome", outcome.value),
            key=key(view, what, "outcome"),
        )
        st.text_area(_("Why it is closed"), key=key(view, what, "reason"), max_chars=casework.LONGEST_TEXT, height=80)
        st.text_input(
            _("Document behind a sanction, if there is one"),
            key=key(view, what, "document"),
            max_chars=casework.LONGEST_REFERENCE,
            help=_("One visit alone is no ground for a sanction: name a document, or wait for a second visit."),
        )
        send(view, what, ("outcome", "reason", "document"), casework.close)


FORMS: dict[CaseMove, Callable[[CaseView, dict[str, str]], None]] = {
    CaseMove.CONFIRM: reason_form(CaseMove.CONFIRM, mark("Why the finding stands"), casework.confirm),
    CaseMove.DISMISS: reason_form(CaseMove.DISMISS, mark("Why the finding does not stand"), casework.dismiss),
    CaseMove.REFER: refer_form,
    CaseMove.EXTEND: extend_form,
    CaseMove.ANSWER: answer_form,
    CaseMove.MEASURE: measure_form,
    CaseMove.CLOSE: close_form,
    CaseMove.REOPEN: reason_form(CaseMove.REOPEN, mark("Why it is taken up again"), casework.reopen),
}
