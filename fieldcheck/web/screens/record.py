"""The record as the auditor reads it: who did what, when and on what; the signed heads; and whether it holds.

An administrator sees that something was done, not whom or what it was about: content is not his.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from fieldcheck import words
from fieldcheck.acts import act, doer
from fieldcheck.domain.access import Action, allowed
from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.usecases import record
from fieldcheck.usecases.record import EntryView
from fieldcheck.verifier import Report
from fieldcheck.web import here
from fieldcheck.words import _, number, plural


def _verify() -> None:
    """Verify on request, and say what was found until the page is left."""
    if st.button(_("Verify the record"), type="primary", icon=":material/verified:"):
        bar = st.progress(0.0, _("Reading the record…"))

        def tell(rows: int) -> None:
            bar.progress(min(rows / whole, 1.0), plural("{n} line read", "{n} lines read", rows))

        with here.telling(), here.looking() as work:
            whole = max(record.length(work), 1)
            st.session_state["record-report"] = record.verify(work, tell)
        bar.empty()
    found = st.session_state.get("record-report")
    if found is not None:
        _found(found)


def _found(report: Report) -> None:
    if report.holds:
        st.success(_("The record holds."))
    else:
        st.error(_("The record does not hold. Keep the server as it is and tell whoever receives the anchors."))
    if not report.anchors:
        st.warning(_("No anchor was kept here. Without one from outside, a record cut short or rewritten looks whole."))
    facts = [
        (_("Entries"), report.rows),
        (_("Gaps"), len(report.gaps)),
        (_("Altered"), len({*report.altered, *report.bodies_altered, *report.rewritten})),
        (_("Words gone without an order"), len(report.bodies_lost)),
        (_("Erased by order"), len(report.erased)),
        (_("Photos missing or damaged"), len(report.photos_missing) + len(report.photos_damaged)),
        (_("Bad heads"), len(report.heads_bad) + len(report.anchors_forged)),
    ]
    with st.container(horizontal=True):
        for label, value in facts:
            st.metric(label, number(value), width="content")
    st.caption(_("Anchors met: {met} of {all}", met=number(report.anchors_met), all=number(report.anchors)))
    if report.cut:
        st.error(_("The end is missing: there was an entry {seq}.", seq=number(report.cut)))


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


me = here.actor()
st.title(_("Record"))
_verify()
before = st.session_state.get("record-before")
with here.looking() as work:
    entries = record.newest(work, before)
    heads = record.heads(work)
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
if allowed(me, Action.RECORD_TRACE):
    _trace()
st.subheader(_("Signed heads"))
if heads:
    told = [
        {
            _("No."): head.seq,
            _("When"): words.moment(datetime.fromisoformat(head.at)),
            _("Hash"): head.hash,
            _("Key"): head.key_id,
        }
        for head in heads
    ]
    st.dataframe(told, hide_index=True, width="stretch")
else:
    st.info(_("No head has been signed yet: “fieldcheck anchor” on the server does it, once a day."))
