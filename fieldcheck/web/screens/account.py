"""One's own ways in: password, second key, recovery codes, and where one is signed in."""

import streamlit as st

from fieldcheck import acts, words
from fieldcheck.usecases import sessions, ways_in
from fieldcheck.usecases.ways_in import Mine, SessionView
from fieldcheck.web import here, pieces
from fieldcheck.web.cookies import cookie_name
from fieldcheck.words import _, mark, plural

DEVICES = {"phone": mark("Phone"), "computer": mark("Computer"), "": mark("Unknown device")}


def _cookie() -> str:
    return str(st.context.cookies.get(cookie_name(here.settings())) or "")


def _way(mine: Mine) -> None:
    """Show by what one signs in; what is secret is asked for on a page of its own, never here."""
    way = here.settings().sign_in.way
    if way == sessions.OIDC:
        st.write(_("You sign in with your organisation's account. Its password and second key are changed there."))
        return
    if way == sessions.LINK:
        st.write(_("You sign in by a link that is good once. Ask for a new one when you are signed out."))
        return
    if mine.password_at is None or mine.factor_at is None:
        return
    rows = (
        (_("Password"), _("Set on {date}", date=words.moment(mine.password_at)), "/sign-in/password"),
        (_("Second key"), _("Set on {date}", date=words.moment(mine.factor_at)), "/sign-in/factor"),
        (_("Recovery codes"), _("{n} of {all} left", n=mine.codes_left, all=10), "/sign-in/codes"),
    )
    for name, told, address in rows:
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{name}**  \n{told}")
            label = _("New set") if address.endswith("codes") else _("Change")
            st.markdown(f"[{label}]({address})")
    if mine.codes_left <= 3:
        st.warning(_("Few recovery codes are left. Make a new set and print it."))


def _session(one: SessionView) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        told = _("since {since}, last seen {seen}", since=words.moment(one.since), seen=words.moment(one.seen))
        st.markdown(f"**{_(DEVICES.get(one.device, DEVICES['']))}**  \n{told}")
        if one.is_this_one:
            st.badge(_("This one"), color="green")
        elif st.button(_("End this one"), key=f"end-{one.id}"):
            with here.telling():
                with here.doing() as work:
                    ways_in.end_one(work, one.id)
                pieces.tell_later(_("That session has ended."))
                st.rerun()


def _others() -> None:
    if st.button(_("End all others"), key="end-others", icon=":material/logout:"):
        with here.telling():
            with here.doing() as work:
                ended = ways_in.end_others(work, _cookie())
            pieces.tell_later(plural("{n} session has ended.", "{n} sessions have ended.", ended))
            st.rerun()


def _told(mine: Mine) -> None:
    """Say what others did about one's ways in: nobody comes in as somebody else without her seeing it."""
    if not mine.told:
        return
    st.subheader(_("What others did about your ways in"))
    st.caption(_("If you did not ask for one of these, tell somebody else than whoever did it."))
    for one in mine.told:
        st.text(f"{words.moment(one.at)} · {acts.act(one.act)} · {acts.doer(one.by)}")


st.title(_("My account"))
pieces.told_before()
with here.looking() as work:
    mine = ways_in.mine(work, _cookie())
_way(mine)
_told(mine)
st.subheader(_("Where you are signed in"))
st.caption(_("If you do not know one of these, end it and tell your administrator."))
for one in mine.sessions:
    _session(one)
if any(not one.is_this_one for one in mine.sessions):
    _others()
pieces.own_data()
