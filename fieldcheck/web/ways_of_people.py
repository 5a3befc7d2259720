"""What an administrator does about somebody's way in: role and region, sessions, a lock, a reset, a provider."""

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.access import Role
from fieldcheck.usecases import moves, sessions, ways_in
from fieldcheck.usecases.people import PersonView
from fieldcheck.usecases.ways_in import WayIn
from fieldcheck.web import here, names, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.words import _, plural


def told(way: WayIn) -> list[str]:
    """Say in a few words how somebody comes in."""
    said = [_("password and second key are set")] if way.is_set_up else []
    said += [_("bound to a provider's account")] if way.identity else []
    said += [plural("signed in once", "signed in {n} times", way.sessions)] if way.sessions else []
    return said


def lock(person: PersonView, way: WayIn) -> None:
    """Say that somebody is locked out, and let the administrator open the door."""
    if way.locked_until is None:
        return
    st.warning(_("Locked out until {moment}, after many wrong tries.", moment=words.moment(way.locked_until)))
    if st.button(_("Let in again"), key=f"unlock-{person.id}", icon=":material/lock_open:"):
        with here.telling():
            with here.doing() as work:
                ways_in.unlock(work, person.id)
            pieces.tell_later(_("{code} can try again.", code=person.code))
            st.rerun()


def move(person: PersonView, roles: list[Role], regions: dict[str, str]) -> None:
    """Give somebody another role or region."""
    st.caption(_("It holds at once, also on pages that are open. The code stays the same."))
    role = st.selectbox(
        _("Role"),
        roles,
        index=roles.index(person.role),
        format_func=lambda one: _(names.ROLES[one]),
        key=f"role-{person.id}",
    )
    places = {"": _("The whole country"), **regions}
    region = st.selectbox(
        _("Region"),
        list(places),
        index=list(places).index(person.region or ""),
        format_func=places.__getitem__,
        key=f"region-{person.id}",
    )
    same = (role, region or None) == (person.role, person.region)
    if st.button(_("Change"), key=f"move-{person.id}", type="primary", disabled=same):
        with here.telling():
            with here.doing() as work:
                moves.move(work, person.id, role, region or None)
            pieces.tell_later(_("{code} has the new role and region.", code=person.code))
            st.rerun()


def made_by_another(code: str) -> str:
    """Say who makes a link that one does not make oneself, and how at the server."""
    return _(
        "The link is made by somebody else: another administrator, or at the server with "
        "fieldcheck invite --person {code}.",
        code=code,
    )


def way_in(person: PersonView, way: WayIn) -> None:
    """End somebody's sessions, or take away what she signs in with; both for a reason that is kept."""
    reason = st.text_input(
        _("Reason"), max_chars=ways_in.REASON_LENGTH, key=f"why-{person.id}", help=_("It is kept in the record.")
    )
    st.caption(_("With the sessions a link that was not opened yet is no longer good either."))
    if st.button(_("End all sessions"), key=f"out-{person.id}", icon=":material/logout:"):
        with here.telling():
            with here.doing() as work:
                ended = ways_in.end_sessions(work, person.id, reason)
            pieces.withdraw_link(person.code)
            pieces.tell_later(plural("{n} session has ended.", "{n} sessions have ended.", ended))
            st.rerun()
    if way.is_set_up:
        st.caption(_("Password, second key and recovery codes are taken away; a new link then lets this person begin."))
        st.caption(plain(made_by_another(person.code)))
        if st.button(_("Reset sign-in"), key=f"reset-{person.id}", icon=":material/lock_reset:"):
            with here.telling():
                with here.doing() as work:
                    ways_in.reset(work, person.id, reason)
                pieces.withdraw_link(person.code)
                pieces.tell_later(_("{code} needs a new link now.", code=person.code))
                st.rerun()
    if here.settings().sign_in.way == sessions.OIDC or way.identity:
        _identity(person, way)


def _identity(person: PersonView, way: WayIn) -> None:
    st.markdown(f"**{_('Account at the provider')}**")
    if way.identity:
        st.text(f"{way.identity[0]}\n{way.identity[1]}")
    st.caption(_("The subject is the provider's own unchanging id of the account. An e-mail address is not enough."))
    issuer = st.text_input(_("Issuer"), max_chars=300, key=f"issuer-{person.id}", placeholder="https://")
    subject = st.text_input(_("Subject"), max_chars=255, key=f"subject-{person.id}")
    if st.button(_("Write down"), key=f"bind-{person.id}", disabled=not (issuer and subject)):
        _bind(person, issuer, subject)
    if way.identity and st.button(_("Take away"), key=f"unbind-{person.id}", type="tertiary"):
        _bind(person, "", "")


def _bind(person: PersonView, issuer: str, subject: str) -> None:
    with here.telling():
        with here.doing() as work:
            ways_in.bind(work, person.id, issuer, subject)
        pieces.withdraw_link(person.code)
        pieces.tell_later(_("{code} is signed out, and signs in anew.", code=plain(person.code)))
        st.rerun()
