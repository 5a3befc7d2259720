"""The record: to the auditor who did what, when and on what; the signed heads; and whether it holds.

An administrator reads what the house's own people did to the house. All else is counted for her by past weeks, without
a number, a minute or a kind: content is not hers.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fieldcheck import words
from fieldcheck.acts import act, doer
from fieldcheck.domain.access import Action, allowed
from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.usecases import outline, record
from fieldcheck.usecases.outline import Verdict
from fieldcheck.usecases.record import EntryView
from fieldcheck.verifier import Report
from fieldcheck.web import drawing, here
from fieldcheck.words import _, number, plural

# Whether it holds


def _verify() -> None:
    """Verify on request, and say what was found until the page is left."""
    if st.button(_("Verify the record"), type="primary", icon=":material/verified:"):
        with here.telling():
            st.session_state["record-report"] = _read_all() if reads_all else _read_through()
    found = st.session_state.get("record-report")
    if isinstance(found, Report):
        _found(outline.verdict(found), entries=found.rows)
        if found.cut:
            st.error(_("The end is missing: there was an entry {seq}.", seq=number(found.cut)))
    elif found is not None:
        _found(found)
        if found.is_cut:
            st.error(_("The end is missing."))


def _read_all() -> Report:
    """Verify and say how far it is."""
    bar = st.progress(0.0, _("Reading the record…"))

    def tell(rows: int) -> None:
        bar.progress(min(rows / whole, 1.0), plural("{n} line read", "{n} lines read", rows))

    with here.looking() as work:
        whole = max(record.length(work), 1)
        found = record.verify(work, tell)
    bar.empty()
    return found


def _read_through() -> Verdict:
    """Verify without a word of how much there is."""
    with st.spinner(_("Reading the record…")), here.looking() as work:
        return outline.verify(work)


def _found(verdict: Verdict, entries: int | None = None) -> None:
    if verdict.holds:
        st.success(_("The record holds."))
    else:
        st.error(_("The record does not hold. Keep the server as it is and tell whoever receives the anchors."))
    if not verdict.anchors:
        st.warning(_("No anchor was kept here. Without one from outside, a record cut short or rewritten looks whole."))
    facts = [
        *([(_("Entries"), entries)] if entries is not None else []),
        (_("Gaps"), verdict.gaps),
        (_("Altered"), verdict.altered),
        (_("Words gone without an order"), verdict.lost),
        (_("Erased by order"), verdict.erased),
        (_("Photos missing or damaged"), verdict.photos),
        (_("Bad heads"), verdict.heads),
    ]
    with st.container(horizontal=True):
        for label, value in facts:
            st.metric(label, number(value), width="content")
    st.caption(_("Anchors met: {met} of {all}", met=number(verdict.anchors_met), all=number(verdict.anchors)))


# The auditor's part


def _entries() -> None:
    """List the newest entries, or those before one."""
    before = st.session_state.get("record-before")
    with here.looking() as work:
        entries = record.newest(work, before)
    st.subheader(_("Newest entries") if before is None else _("Entries before {seq}", seq=number(before)))
    if entries:
        _table(entries)
    else:
        st.info(_("Nothing has been recorded yet."))
    older, newest = st.columns(2)
    if entries and entries[-1].seq > 1 and older.button(_("Older"), icon=":material/arrow_back:"):
        st.session_state["record-before"] = entries[-1].seq
        st.rerun()
    if before is not None and newest.button(_("Newest entries"), icon=":material/first_page:"):
        st.session_state.pop("record-before")
        st.rerun()


def _table(entries: tuple[EntryView, ...], *, details: bool = False) -> None:
    rows = [
        {
            _("No."): one.seq,
            _("What was done"): act(one.action),
            _("Who"): doer(one.actor) or "·",
            _("When"): words.moment(one.at),
            _("On what"): one.subject or ("✕" if one.is_erased else "·"),
            **({_("Details"): _in_words(one.details)} if details else {}),
        }
        for one in entries
    ]
    st.dataframe(rows, hide_index=True, width="stretch")


def _in_words(details: Mapping[str, Any]) -> str:
    """Write what was recorded of an act in a line, without the signs of a program's text."""
    told = ((name, ", ".join(map(str, value)) if isinstance(value, list) else value) for name, value in details.items())
    return "; ".join(f"{name}: {value}" for name, value in told if value not in (None, ""))


def _trace() -> None:
    with st.form("trace", border=False):
        subject = st.text_input(_("All that was done to one thing"), placeholder=_("Its id"), max_chars=40)
        asked = st.form_submit_button(_("Show"))
    if asked and subject.strip():
        try:
            with here.doing() as work:
                st.session_state["record-trace"] = record.trace(work, subject)
        except FieldcheckError as error:
            st.session_state.pop("record-trace", None)
            st.info(words.sentence(error.code, error.details))
    if "record-trace" in st.session_state:
        st.caption(_("That you read this is in the record as well."))
        _table(st.session_state["record-trace"], details=True)


# The administrator's part


def _acts() -> None:
    """List what was done to the house, a page at a time."""
    page = st.session_state.get("record-page", 1)
    with here.looking() as work:
        found = outline.acts(work, page)
    st.subheader(_("Administration"))
    st.dataframe(
        [
            {
                _("What was done"): act(one.action),
                _("Who"): doer(one.actor) or "·",
                _("When"): words.moment(one.at),
                _("On what"): one.subject or "·",
            }
            for one in found.rows
        ],
        hide_index=True,
        width="stretch",
    )
    older, newest = st.columns(2)
    if found.has_older and older.button(_("Older"), icon=":material/arrow_back:"):
        st.session_state["record-page"] = page + 1
        st.rerun()
    if page > 1 and newest.button(_("Newest entries"), icon=":material/first_page:"):
        st.session_state.pop("record-page")
        st.rerun()


def _weeks() -> None:
    """Count what is not told one by one."""
    with here.looking() as work:
        weeks = outline.weeks(work)
    st.subheader(_("All other entries"))
    st.caption(
        _(
            "What was done about visits, volunteers and the register is only counted, and only once its week is over: "
            "an exact time would show who was at a school."
        )
    )
    rows = [{_("Week"): drawing.half_day(one.week), _("Entries"): one.entries} for one in weeks]
    st.dataframe(rows, hide_index=True, width="content")


# For both


def _heads() -> None:
    """List the signed heads; where they stand in the record is the auditor's to know."""
    with here.looking() as work:
        numbers = [head.seq for head in record.heads(work)] if reads_all else []
        heads = outline.heads(work)
    st.subheader(_("Signed heads"))
    if not heads:
        st.info(_("No head has been signed yet: “fieldcheck anchor” on the server does it, once a day."))
        return
    rows: list[dict[str, Any]] = [
        {_("When"): words.moment(head.at), _("Hash"): head.hash, _("Key"): head.key_id} for head in heads
    ]
    if reads_all:
        rows = [{_("No."): seq, **row} for seq, row in zip(numbers, rows, strict=True)]
    st.dataframe(rows, hide_index=True, width="stretch")


me = here.actor()
reads_all = allowed(me, Action.RECORD_TRACE)
st.title(_("Record"))
_verify()
if reads_all:
    _entries()
    _trace()
else:
    _acts()
    _weeks()
_heads()
