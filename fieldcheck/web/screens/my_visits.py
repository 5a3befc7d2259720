"""The volunteer's visits inside Streamlit, and the walk mounted in the page. Its heading tells a stranger nothing."""

import streamlit as st

from fieldcheck.domain.visit import WRITABLE
from fieldcheck.usecases import visits
from fieldcheck.usecases.visits import MyVisit
from fieldcheck.web import here, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.web.walk_component import walk
from fieldcheck.words import _, pick


def _card(visit: MyVisit) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(pick(visit.school['name']))}**")
        st.caption(plain(pick(visit.school["address"])))
        pieces.state_badge(visit.state)
        st.caption(pieces.window(visit.window_from, visit.window_to))
        st.caption(plain("; ".join(pick(sheet.title) for sheet in visit.checklists)))
        if visit.state in WRITABLE:
            label = _("Mend") if visit.returned else _("Go on") if visit.state != "assigned" else _("Begin")
            pieces.link("my_visits", label, icon=":material/arrow_forward:", visit=visit.id)


me = here.actor()
opened = st.query_params.get("visit")
if opened:
    with here.looking() as work:
        visits.one_of_mine(work, opened)
    pieces.link("my_visits", _("All tasks"), icon=":material/arrow_back:")
    if walk(opened, me.language):
        st.rerun()
    st.stop()
st.title(_("Notes"))
st.markdown(f"[{_('Open on the phone, also without network')}](/pocket)")
with here.looking() as work:
    mine = visits.mine(work)
if not mine:
    st.info(_("There is nothing to do now. What is given to you appears here."))
for visit in sorted(mine, key=lambda one: (one.state not in WRITABLE, one.window_to)):
    _card(visit)
pieces.own_data()
