"""The schools: which there are, which have been visited, and how an administrator brings in the list."""

import streamlit as st

from fieldcheck.domain.access import Action, allowed
from fieldcheck.naming import name
from fieldcheck.usecases import schools
from fieldcheck.usecases.schools import SchoolView
from fieldcheck.web import here, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.web.school_book import empty
from fieldcheck.web.school_file import NEEDED, OPTIONAL, WRONG, SchoolList, read_schools
from fieldcheck.words import _, mark, number, percent, pick, plural

MOST_SHOWN = 50
WHICH = {
    "all": mark("All"),
    "unvisited": mark("Schools not visited yet"),
    "pointless": mark("Without a point on the map"),
}


def _figures(known: tuple[SchoolView, ...]) -> None:
    visited = sum(school.visits > 0 for school in known)
    schools_, seen, visits = st.columns(3)
    schools_.metric(_("Schools"), number(len(known)))
    seen.metric(_("Visited at least once"), f"{number(visited)} ({percent(visited / len(known))})")
    visits.metric(_("Visits"), number(sum(school.visits for school in known)))


def _rows(found: list[SchoolView], regions: dict[str, str]) -> None:
    st.dataframe(
        [
            {
                "name": pick(school.name),
                "district": pick(school.district_name),
                "region": regions.get(school.region, school.region),
                "ownership": name("ownership", school.ownership),
                "pupils": school.pupils,
                "visits": school.visits,
                "id": school.id,
            }
            for school in found
        ],
        hide_index=True,
        placeholder="—",
        column_order=["name", "visits", "district", "ownership", "pupils", "id"] + ["region"] * (me.region is None),
        column_config={
            "name": st.column_config.TextColumn(_("School")),
            "district": st.column_config.TextColumn(_("District")),
            "region": st.column_config.TextColumn(_("Region")),
            "ownership": st.column_config.TextColumn(_("Ownership")),
            "pupils": st.column_config.NumberColumn(_("Pupils")),
            "visits": st.column_config.NumberColumn(_("Visits")),
            "id": st.column_config.TextColumn(_("Number")),
        },
    )


def _bring_in(regions: list[str]) -> None:
    st.download_button(
        _("An empty table to fill in (XLSX)"),
        lambda: empty(NEEDED + OPTIONAL, len(NEEDED)),
        "schools.xlsx",
        icon=":material/table:",
        on_click="ignore",
    )
    st.write(_("An XLSX or CSV file (UTF-8) with a heading. Needed columns:"))
    st.code(",".join(NEEDED), language=None, wrap_lines=True)
    st.write(_("Not needed:"))
    st.code(",".join(OPTIONAL), language=None, wrap_lines=True)
    st.caption(_("A school that is here already is corrected. Nothing is written until the whole file is right."))
    file = st.file_uploader(_("Choose the file"), type=["xlsx", "csv"], key="school-file")
    if file is None:
        return
    read = read_schools(file.getvalue(), regions)
    if read.unknown_columns:
        st.info(_("These columns are left out: {columns}.", columns=plain(", ".join(read.unknown_columns))))
    if read.wrong:
        _wrong(read)
        return
    st.success(plural("The file is right: {n} school.", "The file is right: {n} schools.", len(read.forms)))
    if st.button(_("Bring these schools in"), type="primary"):
        with here.telling():
            with here.doing() as work:
                n = schools.put_schools(work, read.forms)
            pieces.tell_later(plural("{n} school was brought in.", "{n} schools were brought in.", n))
            st.rerun()


def _wrong(read: SchoolList) -> None:
    st.error(
        plural(
            "The file has {n} mistake; nothing was written.",
            "The file has {n} mistakes; nothing was written.",
            len(read.wrong),
        )
    )
    for one in read.wrong[:MOST_SHOWN]:
        st.text(_(WRONG[one.code], **one.details))
    if len(read.wrong) > MOST_SHOWN:
        st.caption(_("And {n} more.", n=number(len(read.wrong) - MOST_SHOWN)))


me = here.actor()
st.title(_("Schools"))
pieces.told_before()
with here.looking() as work:
    known, regions = schools.schools(work), schools.regions(work)
may_write = allowed(me, Action.SCHOOL_WRITE)
if may_write and not regions:
    st.info(
        _("There is no region yet. Regions come with the reference data of the checklists, from the server's console.")
    )
if may_write and regions:
    with st.expander(_("Bring in a list of schools"), icon=":material/upload_file:", expanded=not known):
        _bring_in([region.id for region in regions])
if not known:
    st.info(
        _("There is no school yet. Bring in a list above.")
        if may_write
        else _("There is no school in your region yet. An administrator brings in the list.")
    )
    st.stop()
_figures(known)
which = st.segmented_control(
    _("Which schools"),
    list(WHICH),
    default="all",
    required=True,
    format_func=lambda name: _(WHICH[name]),
    label_visibility="collapsed",
    key="which-schools",
)
sought = st.text_input(
    _("Search"),
    placeholder=_("Name, district or number"),
    icon=":material/search:",
    label_visibility="collapsed",
    key="sought-school",
)
found = [
    school
    for school in known
    if sought.casefold().strip() in pieces.school_label(school).casefold()
    and not (which == "unvisited" and school.visits)
    and not (which == "pointless" and school.point)
]
if found:
    _rows(found, {region.id: pick(region.name) for region in regions})
else:
    st.info(_("No school fits this search."))
if any(school.point for school in found):
    pieces.schools_map(found)
