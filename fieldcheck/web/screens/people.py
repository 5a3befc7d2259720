"""Who takes part: the coordinator's volunteers, the administrator's staff, and everybody's way in."""

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.access import MAY_BRING_IN, TAKES_TWO, Action, Role, allowed
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.geo import Point
from fieldcheck.usecases import devices, identities, people, safety, schools, ways_in
from fieldcheck.usecases.devices import DeviceView
from fieldcheck.usecases.identities import Identity
from fieldcheck.usecases.people import CONFLICT_KINDS, PersonView
from fieldcheck.usecases.schools import Named
from fieldcheck.usecases.sessions import PASSWORD
from fieldcheck.usecases.ways_in import WayIn
from fieldcheck.web import here, names, phones_of_people, pieces, season, ways_of_people
from fieldcheck.web.drawing import plain
from fieldcheck.web.main import LANGUAGE_NAMES
from fieldcheck.words import _, pick, plural

EVERYWHERE = ""
#: A card holds forms: more of them at once cost a coordinator of 500 people more than a minute.
ROWS = 20


def _new_link() -> None:
    """Show a link that was made a moment ago, once, above everything else."""
    made = st.session_state.get("new_link")
    if made:
        with st.container(border=True):
            st.success(_("A link for {code}", code=made["code"]))
            pieces.hand_over(here.settings().url, made["token"])
            if st.button(_("I have sent it")):
                st.session_state.pop("new_link")
                st.rerun()


def _bring_in(roles: list[Role], regions: tuple[Named, ...]) -> None:
    with st.form("bring-in", border=False, enter_to_submit=False):
        role = roles[0]
        if len(roles) > 1:
            role = st.selectbox(_("Role"), roles, format_func=lambda one: _(names.ROLES[one]), key="new-role")
        region = me.region
        if region is None:
            region = _pick_region(regions)
        name = st.text_input(_("Name"), max_chars=200, key="new-name")
        phone = st.text_input(_("Phone (not needed)"), max_chars=40, key="new-phone")
        language = st.selectbox(
            _("Language"), words.LANGUAGES, format_func=LANGUAGE_NAMES.__getitem__, key="new-language"
        )
        home = _home() if Role.VOLUNTEER in roles else None
        if st.form_submit_button(_("Bring in"), type="primary"):
            with here.telling():
                with here.doing() as work:
                    person = people.bring_in(work, role, region, name, phone, language, home)
                    token = None if role in TAKES_TWO else people.invite(work, person)
                    code = next(one.code for one in people.people(work) if one.id == person)
                if token:
                    st.session_state["new_link"] = {"code": code, "token": token}
                else:
                    pieces.tell_later(plain(f"{code}. {ways_of_people.made_by_another(code)}"))
                for key in ("new-name", "new-phone", "new-lat", "new-lon"):
                    st.session_state.pop(key, None)
                st.rerun()


def _pick_region(regions: tuple[Named, ...]) -> str | None:
    found = {EVERYWHERE: _("The whole country"), **{region.id: pick(region.name) for region in regions}}
    chosen = st.selectbox(
        _("Region"),
        list(found),
        format_func=found.__getitem__,
        key="new-region",
        help=_("A coordinator needs a region; a reviewer or an administrator may have the whole country."),
    )
    return chosen or None


def _home() -> Point | None:
    st.caption(_("Where she lives is kept to about a kilometre, for distances only. Both fields may stay empty."))
    left, right = st.columns(2)
    lat = left.number_input(_("Latitude"), -90.0, 90.0, None, format="%.2f", key="new-lat")
    lon = right.number_input(_("Longitude"), -180.0, 180.0, None, format="%.2f", key="new-lon")
    return Point(lat, lon) if lat is not None and lon is not None else None


def _person(
    person: PersonView,
    who_is: Identity,
    regions: dict[str, str],
    way: WayIn | None,
    phones: tuple[DeviceView, ...],
) -> None:
    with st.container(border=True):
        who, ways = st.columns([1, 1], vertical_alignment="center")
        with who:
            st.markdown(f"**{person.code}** {plain(who_is.name)}")
            told = [_(names.ROLES[person.role])] if person.role is not Role.VOLUNTEER else []
            told += (
                [regions.get(person.region or "", _("The whole country"))] if person.role is not Role.VOLUNTEER else []
            )
            told += [who_is.phone] if who_is.phone else []
            told += [plural("{n} conflict of interest", "{n} conflicts of interest", len(who_is.ties))] * bool(
                who_is.ties
            )
            told += ways_of_people.told(way) if way and person.active else []
            told += phones_of_people.told(phones) if person.active else []
            st.caption(plain(" · ".join(told)))
            lacks = _lacks(person) if person.active else []
            if lacks:
                st.caption(plain(_("Cannot be sent yet: {reasons}", reasons="; ".join(lacks))))
        with ways:
            if not person.active:
                st.badge(_("No longer takes part"), color="gray")
            else:
                _ways(person, who_is, regions, way, phones)
        if way and person.active:
            ways_of_people.lock(person, way)


def _lacks(person: PersonView) -> list[str]:
    """Say what a volunteer still needs before she is sent anywhere, in the words that dispatch uses."""
    ready = person.readiness
    if ready is None:
        return []
    stands = (
        (ready.has_consented, Hindrance.NO_CONSENT),
        (ready.is_briefed, Hindrance.NOT_BRIEFED),
        (ready.has_declared, Hindrance.CONFLICT_NOT_DECLARED),
    )
    return [_(names.HINDRANCES[why]) for is_so, why in stands if not is_so]


def _ways(
    person: PersonView,
    who_is: Identity,
    regions: dict[str, str],
    way: WayIn | None,
    phones: tuple[DeviceView, ...],
) -> None:
    with st.container(horizontal=True):
        comes_otherwise = way is not None and way.is_set_up and here.settings().sign_in.way == PASSWORD
        if not comes_otherwise and st.button(_("New link"), key=f"link-{person.id}", icon=":material/link:"):
            with here.telling():
                with here.doing() as work:
                    token = people.invite(work, person.id)
                st.session_state["new_link"] = {"code": person.code, "token": token}
                st.rerun()
        if allowed(me, Action.CONFLICT_WRITE):
            # A list of a region's schools in each of twenty cards was 360 kB at every click: it is drawn when opened.
            ties = st.popover(_("Conflicts of interest"), key=f"ties-{person.id}", on_change="rerun")
            if ties.open:
                with ties:
                    _conflicts(person, who_is)
        if way or phones or person.id != me.person_id:
            with st.popover(_("More"), icon=":material/more_horiz:"):
                _more(person, regions, way, phones)


def _more(person: PersonView, regions: dict[str, str], way: WayIn | None, phones: tuple[DeviceView, ...]) -> None:
    """Offer what is seldom needed: a row of six buttons a person made a list of sixty as long as a street."""
    if person.id in there:
        said = _(
            "{code} is inside a school, as far as is known. Call first: a phone taken off sends no alarm.",
            code=person.code,
        )
        st.warning(said, icon=":material/front_hand:")
    if phones:
        st.markdown(f"**{_('Phones')}**")
        phones_of_people.show(person, phones)
    if way:
        st.markdown(f"**{_('Way in')}**")
        ways_of_people.way_in(person, way)
    if person.id != me.person_id and allowed(me, Action.PERSON_MOVE):
        st.markdown(f"**{_('Role and region')}**")
        ways_of_people.move(person, roles, regions)
    if person.id != me.person_id:
        st.markdown(f"**{_('End participation')}**")
        _end(person)


def _conflicts(person: PersonView, who_is: Identity) -> None:
    with here.looking() as work:
        known = schools.schools(work)
    st.caption(_("She is not sent to this school or district. Write down no details."))
    labels = {school.id: pieces.school_label(school) for school in known}
    districts = {school.district: pick(school.district_name) for school in known}
    for one in who_is.ties:
        where = (
            labels.get(one.school_id or "") or districts.get(one.district or "") or one.school_id or one.district or ""
        )
        st.markdown(f"{_(names.CONFLICTS[one.kind])}: {plain(where)}")
        if st.button(_("Take back"), key=f"drop-{one.id}", type="tertiary"):
            with here.telling():
                with here.doing() as work:
                    people.drop_conflict(work, one.id)
                st.rerun()
    kind = st.selectbox(
        _("Kind"), CONFLICT_KINDS, format_func=lambda name: _(names.CONFLICTS[name]), key=f"kind-{person.id}"
    )
    school = pieces.school_picker(known, f"tie-{person.id}", _("With one school"))
    district = st.selectbox(
        _("Or with a whole district"),
        list(districts),
        index=None,
        format_func=districts.__getitem__,
        placeholder=_("Pick one"),
        key=f"district-{person.id}",
    )
    if st.button(_("Write down"), key=f"declare-{person.id}", disabled=not (school or district)):
        with here.telling():
            with here.doing() as work:
                people.declare_conflict(work, person.id, kind, school, district)
            st.rerun()
    if person.readiness and not person.readiness.has_declared:
        st.caption(
            _("Each season ask her about her employer, her own and her children's schools, relatives and refusals.")
        )
        if st.button(_("I have asked her; this is all"), key=f"asked-{person.id}", type="primary"):
            with here.telling():
                with here.doing() as work:
                    people.confirm_conflicts(work, person.id)
                st.rerun()


def _end(person: PersonView) -> None:
    st.write(_("{code} is signed out everywhere at once and cannot come back by an old link.", code=person.code))
    st.caption(_("What this person recorded stays."))
    if st.button(_("End participation"), key=f"end-{person.id}", type="primary"):
        with here.telling():
            with here.doing() as work:
                people.close(work, person.id)
            pieces.withdraw_link(person.code)
            pieces.tell_later(_("{code} no longer takes part.", code=person.code))
            st.rerun()


me = here.actor()
st.title(_("People"))
pieces.told_before()
with here.looking() as work:
    everybody = people.people(work)
    regions = schools.regions(work)
    phones = devices.listed(work) if allowed(me, Action.DEVICE_LIST) else {}
    there = safety.inside(work) if allowed(me, Action.VISIT_CHECK) else frozenset()
    ways = ways_in.ways(work) if allowed(me, Action.PERSON_RESET) else {}
with here.doing() as work:  # reading a name is an act: it is recorded, so it cannot be done while only looking
    identified = identities.read(work) if allowed(me, Action.IDENTITY_READ) else {}
everybody = tuple(one for one in everybody if not (one.id in identified and identified[one.id].is_renewed))
_new_link()
roles = sorted(MAY_BRING_IN[me.role])
if roles:
    label = _("Bring in a volunteer") if roles == [Role.VOLUNTEER] else _("Bring somebody in")
    with st.expander(label, icon=":material/person_add:", expanded=not everybody):
        _bring_in(roles, regions)
if allowed(me, Action.SEASON_BEGIN) and everybody:
    season.begin()
if not everybody:
    st.info(_("Nobody is here yet. Bring in the first person above; a link to sign in is made at once."))
asked = (st.query_params.get("who", ""), st.query_params.get("which", ""))
if any(asked) and st.session_state.get("people-asked") != asked:
    st.session_state["people-asked"] = asked
    st.session_state["sought-person"], st.session_state["only-lacking"] = asked[0], asked[1] == "not_ready"
sought = st.text_input(
    _("Search"),
    placeholder=_("Code or name"),
    icon=":material/search:",
    label_visibility="collapsed",
    key="sought-person",
)
if identified:
    st.caption(_("Names are shown because they are your work. That you opened this list is on record."))
only_lacking = me.role is Role.COORDINATOR and st.toggle(_("Only those who cannot be sent yet"), key="only-lacking")
by_region = {region.id: pick(region.name) for region in regions}
nobody = Identity("", "", has_home=False, ties=())
found = [
    person
    for person in sorted(everybody, key=lambda one: not one.active)
    if sought.casefold().strip() in f"{person.code} {identified.get(person.id, nobody).name}".casefold()
    and (not only_lacking or (person.active and _lacks(person)))
]
pages, turned = max(-(-len(found) // ROWS), 1), f"people-{sought}-{only_lacking}"
first = (min(st.session_state.get(turned) or 1, pages) - 1) * ROWS
for person in found[first : first + ROWS]:
    who_is = identified.get(person.id, nobody)
    _person(person, who_is, by_region, ways.get(person.id), phones.get(person.id, ()))
if pages > 1:
    st.pagination(pages, key=turned, persist_state="session")
