"""Erasing, by two people: one asks with a reason, the custodian consents or refuses. Nothing erased comes back."""

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.access import Action, allowed
from fieldcheck.usecases import erasure, reveals
from fieldcheck.usecases.erasure import KINDS, LONGEST_REASON, OrderView
from fieldcheck.web import here, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.words import _, mark

WHAT = {"photo": mark("A photo"), "visit": mark("All words and photos of a visit"), "person": mark("A person")}
STATES = {
    "asked": mark("waits for the second person"),
    "refused": mark("not allowed"),
    "consented": mark("is being erased"),
    "done": mark("erased"),
}


def _ask() -> None:
    with st.form("ask-erasure", clear_on_submit=True):
        kind = st.selectbox(_("What is to be erased"), KINDS, format_func=lambda one: _(WHAT[one]))
        where = _(
            "The id ends the address of the visit's page, or stands in that of the photo: whoever sees it tells you."
        )
        target = st.text_input(_("Its id, or the person's code"), max_chars=40, help=where)
        reason = st.text_area(
            _("Why"), max_chars=LONGEST_REASON, help=_("The reason stays in the record for good: write no name in it.")
        )
        if st.form_submit_button(_("Ask for it"), type="primary"):
            with here.telling(), here.doing() as work:
                erasure.ask(work, kind, target, reason)
                st.success(_("Asked. Nothing is erased until the custodian consents."))


def _order(one: OrderView) -> None:
    with st.container(border=True):
        st.markdown(f"**{_(WHAT.get(one.kind, WHAT['photo']))}** · {plain(one.target)} · {_(STATES[one.state])}")
        st.text(one.reason)
        told = _("Asked by {code}, {when}", code=one.asked_by, when=words.moment(one.asked_at))
        if one.decided_by and one.decided_at:
            told += " · " + _("Decided by {code}, {when}", code=one.decided_by, when=words.moment(one.decided_at))
        st.caption(told)
        if one.state == "asked" and allowed(me, Action.ERASURE_CONSENT):
            _decide(one)


def _decide(one: OrderView) -> None:
    with st.container(horizontal=True):
        with st.popover(_("Consent")):
            st.write(_("It is erased at once and cannot be brought back, not even from the record."))
            if st.button(_("Erase for good"), key=f"consent-{one.id}", type="primary"):
                with here.telling():
                    done = erasure.consent(here.settings(), here.actor(), one.id)
                    if not done.is_clean:
                        st.session_state["erasure-log"] = True
                    st.rerun()
        if st.button(_("Refuse"), key=f"refuse-{one.id}"):
            with here.telling():
                with here.doing() as work:
                    erasure.refuse(work, one.id)
                st.rerun()


me = here.actor()
st.title(_("Erasure"))
if st.session_state.pop("erasure-log", False):
    st.warning(_("Erased. The database's log still holds it until “fieldcheck retain” has run."))
if allowed(me, Action.ERASURE_ASK):
    _ask()
with here.looking() as work:
    orders = erasure.orders(work)
    waiting = reveals.requests(work) if allowed(me, Action.REVEAL_CONSENT) else ()
if any(one.state == "asked" for one in waiting):  # this is the custodian's first page, and that work is hers too
    pieces.link("reveals", _("Somebody asks to learn who a volunteer is"), icon=":material/arrow_forward:")
for one in orders:
    _order(one)
if len(orders) >= erasure.SHOWN:
    told = _("Shown are the open ones and the newest, {n} in all. Older ones stand in the record.", n=erasure.SHOWN)
    st.caption(told)
if not orders:
    st.info(_("Nobody has asked for anything to be erased."))
