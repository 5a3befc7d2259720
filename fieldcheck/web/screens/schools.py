"""The schools: which there are, which have been visited, and how an administrator brings in the list."""

import streamlit as st

from fieldcheck.domain.access import Action, allowed
from fieldcheck.naming import name
from fieldcheck.usecases import reports, school_list, schools
from fieldcheck.usecases.school_list import Figures, Page, Which
from fieldcheck.usecases.schools import Named
from fieldcheck.web import here, pieces
from fieldcheck.web.drawing import last_day, plain
from fieldcheck.web.school_book import empty
from fieldcheck.web.school_file import NEEDED, OPTIONAL, WRONG, SchoolList, read_schools
from fieldcheck.words import _, mark, number, percent, pick, plural

MOST_SHOWN = 50
WHICH = {
    Which.ALL: mark("All"),
    Which.UNVISITED: mark("Schools not visited yet"),
    Which.POINTLESS: mark("Without a point on the map"),
}


def _figures(found: Figures) -> None:
    facts = (
        (_("Schools"), number(found.schools)),
        (_("Visited at least once"), f"{number(found.visited)} ({percent(found.visited / found.schools)})"),
        (_("Visits"), number(found.visits)),
    )
    with st.container(horizontal=True):
        for label, said in facts:
            st.metric(label, said, width="content")
    if found.until:
        st.caption(_("Visits are counted up to {date}.", date=last_day(found.until)))


def _area(regions: tuple[Named, ...]) -> tuple[str, ...]:
    """Ask for a region, then for one of its districts; whoever has one region begins with its districts."""
    region, left = me.region, st.container(horizontal=True)
    with left:
        if region is None:
            region = pieces.named_picker(regions, _("Region"), "schools-region", none=_("All"))
        if region is None:
            return ()
        with here.looking() as work:
            districts = school_list.districts(work, region)
        key = f"schools-district-{region}"
        district = pieces.named_picker(districts, _("District"), key, none=_("All")) if len(districts) > 1 else None
    return (region, district) if district else (region,)


def _rows(page: Page, regions: dict[str, str]) -> None:
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
            for school in page.rows
        ],
        hide_index=True,
        placeholder="—",
        height="content",
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
    figures, regions = school_list.figures(work), schools.regions(work)
may_write = allowed(me, Action.SCHOOL_WRITE)
if may_write and not regions:
    st.info(
        _("There is no region yet. Regions come with the reference data of the checklists, from the server's console.")
    )
if may_write and regions:
    with st.expander(_("Bring in a list of schools"), icon=":material/upload_file:", expanded=not figures.schools):
        _bring_in([region.id for region in regions])
if not figures.schools:
    st.info(
        _("There is no school yet. Bring in a list above.")
        if may_write
        else _("There is no school in your region yet. An administrator brings in the list.")
    )
    st.stop()
_figures(figures)
which = st.segmented_control(
    _("Which schools"),
    list(WHICH),
    default=Which.ALL,
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
area = _area(regions)
turned = f"schools-page-{which}-{sought}-{'/'.join(area)}"
with here.looking() as work:
    page = school_list.page(work, Which(which), area, sought, st.session_state.get(turned) or 1)
    points = reports.school_points(work, area)
if page.rows:
    st.markdown(f"**{plural('{n} school', '{n} schools', page.total)}**")
    _rows(page, {region.id: pick(region.name) for region in regions})
else:
    st.info(_("No school fits this search."))
if page.pages > 1:
    st.pagination(page.pages, key=turned, persist_state="session")
pieces.schools_map(points)
