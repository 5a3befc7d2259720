"""Learning who a volunteer is, by two people: one asks with a reason, the custodian consents, it is shown once."""

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.access import Action, allowed
from fieldcheck.usecases import reveals
from fieldcheck.usecases.reveals import LONGEST_REASON, OPEN_FOR, RevealView
from fieldcheck.web import here
from fieldcheck.web.drawing import plain
from fieldcheck.words import _, mark

STATES = {
    "asked": mark("waits for the second person"),
    "refused": mark("not allowed"),
    "consented": mark("may be opened now, once"),
    "expired": mark("allowed, but not opened in time"),
    "opened": mark("was opened"),
}
MINUTES = int(OPEN_FOR.total_seconds() // 60)


def _ask() -> None:
    with st.form("ask-reveal", clear_on_submit=True):
        code = st.text_input(_("The volunteer's code"), max_chars=20)
        reason = st.text_area(
            _("Why"), max_chars=LONGEST_REASON, help=_("The reason stays in the record for good: write no name in it.")
        )
        if st.form_submit_button(_("Ask for it"), type="primary"):
            with here.telling(), here.doing() as work:
                reveals.ask(work, code, reason)
                st.success(_("Asked. Nothing is shown until the custodian consents."))


def _request(one: RevealView) -> None:
    with st.container(border=True):
        st.markdown(f"**{one.code}** · {_(STATES[one.state])}")
        st.text(one.reason)
        told = _("Asked by {code}, {when}", code=one.asked_by, when=words.moment(one.asked_at))
        if one.decided_by and one.decided_at:
            told += " · " + _("Decided by {code}, {when}", code=one.decided_by, when=words.moment(one.decided_at))
        st.caption(plain(told))
        if one.state == "asked" and allowed(me, Action.REVEAL_CONSENT):
            _decide(one)
        if one.may_open and allowed(me, Action.REVEAL_OPEN):
            _open(one)


def _decide(one: RevealView) -> None:
    with st.container(horizontal=True):
        with st.popover(_("Consent")):
            st.write(_("Whoever asked can open it once within {minutes} minutes.", minutes=MINUTES))
            if st.button(_("Allow it"), key=f"consent-{one.id}", type="primary"):
                with here.telling():
                    with here.doing() as work:
                        reveals.consent(work, one.id)
                    st.rerun()
        if st.button(_("Refuse"), key=f"refuse-{one.id}"):
            with here.telling():
                with here.doing() as work:
                    reveals.refuse(work, one.id)
                st.rerun()


def _open(one: RevealView) -> None:
    st.caption(_("It is shown once and is gone with your next click."))
    if st.button(_("Open"), key=f"open-{one.id}", type="primary"):
        with here.telling():
            with here.doing() as work:
                shown = reveals.open_once(work, one.id)
            # Only on this page and in this run: kept in no session, so the next click takes it away.
            st.text(" · ".join(part for part in (shown.code, shown.name, shown.phone) if part))


me = here.actor()
st.title(_("Reveals"))
if allowed(me, Action.REVEAL_ASK):
    _ask()
with here.looking() as work:
    requests = reveals.requests(work)
for one in requests:
    _request(one)
if len(requests) >= reveals.SHOWN:
    told = _("Shown are the open ones and the newest, {n} in all. Older ones stand in the record.", n=reveals.SHOWN)
    st.caption(told)
if not requests:
    st.info(_("Nobody has asked to learn who a volunteer is."))
