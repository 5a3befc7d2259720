"""Around an entry of the register: what is due and when, the next entry, the letter, second visits, its neighbours."""

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from fieldcheck.domain.case import CaseState
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.revisit import Seen
from fieldcheck.usecases import register
from fieldcheck.usecases.case_views import CaseView
from fieldcheck.web import drawing, here, pieces
from fieldcheck.words import _, date, mark, pick, plural

CASE = str(Path(__file__).with_name("screens") / "case.py")
#: The list that the reader came from.
LISTED = "register-listed"
LETTER_LANGUAGES = {"kk": mark("In Kazakh"), "ru": mark("In Russian"), "en": mark("In English")}
RESULTS = {
    Seen.GONE: mark("The sign was not seen again."),
    Seen.AGAIN: mark("The sign was seen again; it stands in the register anew."),
    Seen.UNCLEAR: mark("It could not be looked at: nothing can be said."),
}
_NEIGHBOURS = 10


@dataclass
class Listed:
    """The list that the reader came from: its filter, and the ids of its pages *first* to *last* in their order."""

    wanted: CaseFilter
    ids: list[str]
    first: int
    last: int

    def reach_on(self) -> None:
        """Add what comes next: where entries have left the list meanwhile, others have moved up into its page."""
        for number in (self.last, self.last + 1):
            page = self._page(number)
            fresh = [line.id for line in page.rows if line.id not in self.ids]
            if page.page == number and fresh:
                self.ids += fresh
                self.last = number
                return

    def reach_back(self) -> None:
        """Add what came before."""
        if self.first > 1:
            self.first -= 1
            self.ids[:0] = [line.id for line in self._page(self.first).rows if line.id not in self.ids]

    def _page(self, number: int) -> register.Page:
        with here.looking() as work:
            return register.entries(work, replace(self.wanted, page=number))


def due(view: CaseView) -> str:
    """Say until when, and how many working days that leaves."""
    if view.due_at is None:
        return _("Nothing is due")
    day = drawing.day(view.due_at)
    if view.overdue:
        return _("{date} (late)", date=day)
    left = plural("{date}, {n} working day left", "{date}, {n} working days left", view.days_left, date=day)
    return left if view.days_left else _("{date}, today is the last day", date=day)


def turn(view: CaseView) -> None:
    """Offer the entry before and after this one in the list that the reader came from, beyond its page too."""
    listed: Listed | None = st.session_state.get(LISTED)
    if listed is None or view.id not in listed.ids:
        return
    if view.id == listed.ids[-1]:
        listed.reach_on()
    if view.id == listed.ids[0]:
        listed.reach_back()
    pieces.turn("case", "case", listed.ids, view.id)


def _to(case: str, label: str) -> None:
    st.page_link(CASE, label=label, width="content", query_params={"case": case})


def letter(view: CaseView) -> None:
    """Offer the draft of a letter while there is somebody to write to."""
    if view.state not in (CaseState.CONFIRMED, CaseState.REFERRED, CaseState.ANSWERED):
        return
    with st.expander(
        _("Draft of a letter to the body"), icon=":material/draft:", expanded=view.state is CaseState.CONFIRMED
    ):
        st.caption(
            _("It tells what was seen and asks for a check. It accuses nobody and tells nothing of the visitor.")
        )
        with st.container(horizontal=True):
            for code, label in LETTER_LANGUAGES.items():
                st.link_button(_(label), f"/api/letters/{view.id}?language={code}", icon=":material/print:")


def again(view: CaseView) -> None:
    """Show second visits: between which days they are asked for, and what they saw. Not whether somebody goes."""
    if not view.revisits:
        return
    st.subheader(_("Second visit"))
    for one in view.revisits:
        with st.container(border=True):
            st.text(_("Asked for between {first} and {last}", first=date(one.opens), last=date(one.closes)))
            st.caption(_(RESULTS[one.seen]) if one.seen else _("No result yet."))


def related(view: CaseView) -> None:
    """Show the other entries of the same school: the same thing may be told twice."""
    with here.looking() as work:
        page = register.entries(work, CaseFilter(school=view.school.id, page_size=_NEIGHBOURS + 1))
    others = [line for line in page.rows if line.id != view.id][:_NEIGHBOURS]
    if not others:
        return
    st.subheader(_("Other entries of this school"))
    with st.container(border=True, gap="xsmall"):
        for line in others:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _to(line.id, drawing.plain(pick(line.title)))
                drawing.state_badge(line.state)
                if line.code == view.code:
                    st.badge(_("The same sign"), color="orange")
        if page.total > len(others) + 1:
            st.caption(plural("and {n} more", "and {n} more ", page.total - len(others) - 1))
