"""What stands above a walk that is being checked: what to look at twice, and what the rules say.

Both are signs for a person to weigh. Nothing here says that anybody did anything.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import streamlit as st

from fieldcheck.domain.checklist import Severity
from fieldcheck.domain.doubts import Doubt
from fieldcheck.naming import name
from fieldcheck.usecases.review import FindingView
from fieldcheck.web import names
from fieldcheck.web.drawing import plain, severity_badge
from fieldcheck.words import _, mark, moment, pick

#: The gravest come first; the rest is a page away, for five hundred at once take a browser ten seconds.
AT_ONCE = 40
_GRAVEST = ("critical", "high", "medium", "low", "info")
LACKS = {"photo": mark("a photo"), "quote": mark("the exact words"), "answer": mark("an answer")}


def show_doubts(doubts: Sequence[Doubt]) -> None:
    """Show what to look at twice, each with a way to its question."""
    st.subheader(_("Look at these twice"))
    if not doubts:
        st.success(_("Nothing stands out: the times, the positions and the photos agree with each other."))
    for doubt in doubts:
        told = _(names.DOUBTS[doubt.code], **_said(doubt.details)) if doubt.code in names.DOUBTS else doubt.code
        where = f" [{doubt.question}](#{doubt.question.lower()})" if doubt.question else ""
        st.warning(f"{told}{where}", icon=":material/visibility:")
        _side_by_side(doubt)


def _said(details: Mapping[str, Any]) -> dict[str, object]:
    """Put names in the reader's language and times on her clock."""
    said = dict[str, object](details)
    said |= {name: plain(pick(value)) for name, value in details.items() if isinstance(value, Mapping)}
    return said | {name: moment(value) for name, value in details.items() if isinstance(value, datetime)}


def _side_by_side(doubt: Doubt) -> None:
    """Show the photos that a doubt is about beside each other, on a phone below, and say of each from where it is."""
    if not doubt.photos:
        return
    for cell, photo, whose in zip(st.columns(2, gap="small"), doubt.photos, _whose(doubt), strict=False):
        address = f"/api/photos/{quote(photo, safe='')}"
        with cell, st.container(gap="xsmall"):
            st.markdown(f"[![{_('Photo')}]({address}/thumb)]({address}/view)")
            st.caption(whose)


def _whose(doubt: Doubt) -> tuple[str, ...]:
    """Say of each photo from where it is: of this visit, or of which other one. Never who took it."""
    said = _said(doubt.details)
    mine = _("This visit: {question}", question=doubt.question or "")
    if "other" in said:
        return mine, _("This visit: {question}", question=said["other"])
    return mine, _("Another visit: {school}, {at}", school=said.get("school", ""), at=said.get("at", ""))


def show_findings(findings: Sequence[FindingView], bodies: Mapping[str, Mapping[str, str]]) -> None:
    """Show what the rules say: the sign, how grave, on what ground, whose it would be, and what is not there."""
    st.subheader(_("What the rules say"))
    st.caption(_("Each is a sign for people to look at. It becomes more only when two people have stood behind it."))
    if not findings:
        st.info(_("The rules found nothing to note in these answers."))
    gravest = sorted(findings, key=lambda one: _GRAVEST.index(one.severity))
    pages = -(-len(gravest) // AT_ONCE)
    first = max(min(st.session_state.get("findings-page") or 1, pages) - 1, 0) * AT_ONCE
    cells = st.columns(2)
    for place, finding in enumerate(gravest[first : first + AT_ONCE]):
        with cells[place % 2], st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{finding.code}** {plain(pick(finding.title))}")
                severity_badge(Severity(finding.severity))
                st.badge(name("nature", finding.nature), color="gray")
            body = (
                pick(bodies[finding.responsible_body])
                if finding.responsible_body in bodies
                else finding.responsible_body
            )
            st.caption(_("Would go to: {body}", body=plain(body)))
            st.caption("  \n".join(f"§ {plain(pick(ground))}" for ground in finding.grounds))
            if finding.evidence_missing:
                lacks = "; ".join(_lack(need) for need in finding.evidence_missing)
                st.warning(_("Evidence that is not there: {what}.", what=lacks), icon=":material/attach_file:")
    if pages > 1:
        st.pagination(pages, key="findings-page")


def _lack(need: str) -> str:
    parts = [one.partition(":") for one in need.split("|")]
    return _(" or ").join(
        f"{names.of(LACKS, kind)} [{question}](#{question.lower()})" for kind, _colon, question in parts
    )
