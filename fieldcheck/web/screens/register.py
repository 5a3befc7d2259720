"""The violations register as a list: what is in it, what is late, and the way to each entry."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from fieldcheck.domain.case import CaseState
from fieldcheck.domain.checklist import Nature, Severity
from fieldcheck.domain.register import CaseFilter, Order
from fieldcheck.naming import name
from fieldcheck.usecases import register
from fieldcheck.usecases.register import CaseLine, Choices, Page
from fieldcheck.web import case_next, drawing, here
from fieldcheck.words import _, mark, number, pick, plural

CASE = str(Path(__file__).with_name("case.py"))
FILE = "/api/register.csv"
PAGE_SIZE = 25
#: Which address the filters were last taken from or written to.
ADDRESS = "register-address"
ORDERS = {Order.NEWEST: mark("Newest first"), Order.DUE: mark("Due first"), Order.SEVERITY: mark("Gravest first")}


def kept(key: str) -> dict[str, Any]:
    """Give what every filter has in common: it outlives a look at an entry."""
    return {"key": f"register-{key}", "persist_state": "session"}


def page_key(wanted: CaseFilter) -> str:
    """Name the page turner of a filter: another filter begins at its own first page."""
    return f"register-page-{urlencode(wanted.to_query(), doseq=True)}"


def from_address() -> None:
    """Take what the address asks for, once: a link, a bookmark, a colleague's message."""
    asked = {name: st.query_params.get_all(name) for name in st.query_params}
    if not asked or st.session_state.get(ADDRESS) == asked:
        return
    st.session_state[ADDRESS] = asked
    wanted = CaseFilter.from_query(asked)
    fields = {
        "text": wanted.text,
        "order": wanted.order,
        "state": [value.value for value in wanted.state],
        "severity": [value.value for value in wanted.severity],
        "nature": [value.value for value in wanted.nature],
        "region": list(wanted.region),
        "code": list(wanted.code),
        "from": wanted.opened_from,
        "to": wanted.opened_to,
        "school": wanted.school,
        "overdue": wanted.overdue,
        "due": wanted.due_soon,
    }
    for key, value in fields.items():
        st.session_state[f"register-{key}"] = value


def to_address(wanted: CaseFilter) -> None:
    """Write the filter into the address, so that it can be kept, sent and come back to."""
    asked = wanted.to_query()
    if {name: st.query_params.get_all(name) for name in st.query_params} != asked:
        st.query_params.from_dict(asked)
    st.session_state[ADDRESS] = asked


def chosen_filter(choices: Choices) -> tuple[CaseFilter, Any]:
    """Ask what to list; gives the filter, and the place where the states stand once they are counted."""
    search, order = st.columns([5, 2], vertical_alignment="bottom")
    text = search.text_input(
        _("Search"), placeholder=_("School, district, number or sign"), max_chars=200, **kept("text")
    )
    in_order = order.selectbox(_("Order"), list(ORDERS), format_func=lambda value: _(ORDERS[value]), **kept("order"))
    place = st.container()
    states: list[str] = st.session_state.get("register-state") or []
    with st.expander(_("More filters"), icon=":material/tune:", expanded=any_hidden()):
        left, middle, right = st.columns(3)
        anything = _("Any")
        severities = left.multiselect(
            _("Severity"),
            [value.value for value in reversed(Severity)],
            placeholder=anything,
            format_func=lambda code: name("severity", code),
            **kept("severity"),
        )
        natures = left.multiselect(
            _("Nature"),
            [value.value for value in Nature],
            placeholder=anything,
            format_func=lambda code: name("nature", code),
            **kept("nature"),
        )
        regions = middle.multiselect(
            _("Region"),
            list(choices.regions),
            placeholder=anything,
            format_func=lambda id_: pick(choices.regions.get(id_, {})) or id_,
            **kept("region"),
        )
        codes = middle.multiselect(
            _("Rule"),
            list(choices.codes),
            placeholder=anything,
            format_func=lambda code: f"{code} · {pick(choices.codes.get(code, {}))}",
            **kept("code"),
        )
        since = right.date_input(_("Opened from"), value=None, format="DD.MM.YYYY", **kept("from"))
        until = right.date_input(_("Opened until"), value=None, format="DD.MM.YYYY", **kept("to"))
        school = school_of(regions[0]) if len(regions) == 1 else None
        with st.container(horizontal=True):
            overdue = st.toggle(_("Only overdue"), **kept("overdue"))
            due_soon = st.toggle(_("Due within three working days"), **kept("due"))
    wanted = CaseFilter(
        region=tuple(regions),
        school=school,
        severity=tuple(Severity(value) for value in severities),
        nature=tuple(Nature(value) for value in natures),
        code=tuple(codes),
        state=tuple(CaseState(value) for value in states),
        opened_from=since,
        opened_to=until,
        text=text,
        overdue=overdue,
        due_soon=due_soon,
        page_size=PAGE_SIZE,
        order=in_order,
    )
    return wanted, place


def any_hidden() -> bool:
    """Say whether a filter is in force that would not be seen while the rest are folded away."""
    hidden = ("severity", "nature", "region", "code", "from", "to", "school", "overdue", "due")
    return any(st.session_state.get(f"register-{key}") for key in hidden)


def states_in(place: Any, counts: Mapping[CaseState, int]) -> None:
    """Offer the states, each with how many entries stand in it whatever states are chosen."""
    place.pills(
        _("State"),
        [state.value for state in CaseState],
        selection_mode="multi",
        format_func=lambda code: f"{name('state', code)} · {number(counts.get(CaseState(code), 0))}",
        **kept("state"),
    )


def school_of(region: str) -> str | None:
    """Ask for one school, once one region is chosen: the country's schools would be a list nobody reads."""
    with here.looking() as work:
        schools = register.schools(work, region)
    chosen: str | None = st.selectbox(
        _("School"),
        list(schools),
        index=None,
        placeholder=_("Any"),
        format_func=lambda id_: pick(schools.get(id_, {})) or id_,
        **kept("school"),
    )
    return chosen


def heading(page: Page, wanted: CaseFilter) -> None:
    """Say how many there are, in which states, and offer them as a file."""
    total, file = st.columns([3, 1], vertical_alignment="center")
    total.markdown(f"**{plural('{n} register entry', '{n} register entries', page.total)}**")
    if page.total:
        address = f"{FILE}?{urlencode(wanted.to_query(), doseq=True)}"
        file.link_button(_("Download as CSV"), address, icon=":material/download:", width="stretch")


def shown(line: CaseLine) -> None:
    """Show one entry: what, where, how grave, until when."""
    with st.container(border=True):
        what, where, marks = st.columns([5, 3, 4])
        with what, st.container(gap=None):
            title = f"**{drawing.plain(pick(line.title))}**"
            st.page_link(CASE, label=title, query_params={"case": line.id}, help=_("Open this entry"))
            st.caption(drawing.plain(f"{line.number} · {line.code}"))
        with where, st.container(gap=None):
            st.text(pick(line.school))
            st.caption(drawing.plain(f"{pick(line.district)} · {drawing.half_day(line.visited)}"))
        with marks, st.container(gap="xsmall"):
            with st.container(horizontal=True, gap="small"):
                drawing.severity_badge(line.severity)
                drawing.state_badge(line.state)
                if line.overdue:
                    st.badge(_("Overdue"), color="red", icon=":material/alarm:")
                if line.restricted:
                    st.badge(_("Restricted"), color="gray", icon=":material/lock:")
                if line.repeat_of:
                    st.badge(_("Repeated"), color="orange", icon=":material/replay:")
            if line.due_at:
                st.caption(_("Due by {date}", date=drawing.day(line.due_at)))


def nothing(wanted: CaseFilter) -> None:
    """Say why the list is empty, and what to do about it."""
    if wanted.to_query():
        st.info(_("No entry fits these filters. Take one of them away."), icon=":material/filter_alt_off:")
    else:
        st.info(
            _("The register is empty. Entries appear here when a coordinator accepts a visit with findings."),
            icon=":material/inbox:",
        )


st.title(_("Register"))
with here.telling():
    with here.looking() as work:
        choices = register.choices(work)
    from_address()
    wanted, states = chosen_filter(choices)
    to_address(wanted)
    with here.looking() as work:
        page = register.entries(work, replace(wanted, page=st.session_state.get(page_key(wanted), 1)))
    states_in(states, page.counts)
    st.session_state[case_next.LISTED] = case_next.Listed(wanted, [line.id for line in page.rows], page.page, page.page)
    heading(page, wanted)
    for line in page.rows:
        shown(line)
    if not page.rows:
        nothing(wanted)
    if page.pages > 1:
        st.pagination(page.pages, key=page_key(wanted), persist_state="session")
