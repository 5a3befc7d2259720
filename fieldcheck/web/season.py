"""The part of the people's page that begins a season: new codes for a region's volunteers."""

import streamlit as st

from fieldcheck.usecases import seasons
from fieldcheck.web import here, pieces
from fieldcheck.words import _, plural


def begin() -> None:
    """Say how many codes are of an earlier season, and offer to renew all that can be."""
    with here.looking() as work:
        now = seasons.standing(work)
    label = _("New season")
    if now.old:
        label = plural(
            "New season: {n} code is an earlier season's", "New season: {n} codes are an earlier season's", now.old
        )
    with st.expander(label, icon=":material/autorenew:"):
        st.write(
            _(
                "Every volunteer gets a new code. What was done under the old one stays with it, and only the vault "
                "knows whose both are. All are renewed together, so that not even the moment tells."
            )
        )
        st.caption(
            _("They are signed out: send each a new link. Consent, quiz and conflicts of interest are asked again.")
        )
        st.caption(
            _(
                "A visit that may be under way is finished under the old code, which is good for nothing else and ends "
                "when it is decided; then send the link for the new one."
            )
        )
        if now.called_off:
            st.caption(
                plural(
                    "{n} visit whose days have not begun is called off: plan it anew.",
                    "{n} visits whose days have not begun are called off: plan them anew.",
                    now.called_off,
                )
            )
        if now.finishing:
            st.caption(
                plural("{n} old code still finishes a visit.", "{n} old codes still finish visits.", now.finishing)
            )
        sure = st.checkbox(_("I have told them"), key="season-sure")
        if st.button(_("Give new codes"), key="season-begin", type="primary", disabled=not (sure and now.ready)):
            with here.telling():
                with here.doing() as work:
                    done = seasons.begin(work)
                pieces.tell_later(plural("{n} has a new code.", "{n} have new codes.", done.ready))
                st.rerun()
