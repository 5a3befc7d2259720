"""What a coordinator does about a volunteer's phones: how many, the day each was heard of last, ending them."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from fieldcheck import words
from fieldcheck.settings import ZONE
from fieldcheck.usecases import devices
from fieldcheck.usecases.devices import DeviceView
from fieldcheck.usecases.people import PersonView
from fieldcheck.web import here, pieces
from fieldcheck.words import _, plural


def told(phones: Sequence[DeviceView]) -> list[str]:
    """Say in a few words what there is; a locked one is named, because she waits for a link."""
    said = [plural("{n} phone", "{n} phones", len(phones))] if phones else []
    return said + [_("a phone is locked: she needs a new link")] * any(one.is_locked for one in phones)


def show(person: PersonView, phones: Sequence[DeviceView]) -> None:
    """List a volunteer's phones, and end one or all of them."""
    st.caption(_("A phone that is taken off shows nothing any more; what was not sent stays on it, sealed."))
    st.caption(_("A link that was not opened yet is then no longer good either: make a new one."))
    for one in phones:
        seen = words.date(date.fromisoformat(one.seen_day))
        said = _("Since {day}, last heard of on {seen}", day=words.date(one.since.astimezone(ZONE).date()), seen=seen)
        st.markdown(said + (f" · **{_('locked after wrong PINs')}**" if one.is_locked else ""))
        if st.button(_("Take it off"), key=f"phone-{one.id}", type="tertiary"):
            with here.telling():
                with here.doing() as work:
                    devices.end(work, one.id)
                pieces.withdraw_link(person.code)
                pieces.tell_later(_("A phone of {code} is taken off.", code=person.code))
                st.rerun()
    if len(phones) > 1 and st.button(_("Take all off"), key=f"phones-{person.id}"):
        with here.telling():
            with here.doing() as work:
                devices.end_all(work, person.id)
            pieces.withdraw_link(person.code)
            pieces.tell_later(_("All phones of {code} are taken off.", code=person.code))
            st.rerun()
