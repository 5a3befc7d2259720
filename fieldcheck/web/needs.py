"""What waits for whoever is here, as a list of ways: the most urgent first, one click to each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.today import Need, Waiting
from fieldcheck.usecases.reports import AgencyFigures, ProgrammeFigures
from fieldcheck.web import pieces
from fieldcheck.words import _, mark, plural

SAID = {
    Need.ALARM: mark("Alarms: somebody may need help now"),
    Need.NOT_OUT: mark("Should be out of the school by now: call them"),
    Need.STOPPED: mark("Stopped early: ask how she is"),
    Need.CHECK: mark("Waiting for your check"),
    Need.LEFT_BEHIND: mark("Visits of somebody who no longer takes part"),
    Need.WINDOW_OVER: mark("Visits overdue"),
    Need.WINDOW_SOON: mark("Not begun, and the days run out"),
    Need.RETURNED: mark("Sent back and not mended yet"),
    Need.AGAIN: mark("Schools to visit a second time"),
    Need.NOT_READY: mark("Volunteers who cannot be sent yet"),
}
WAYS: dict[Need, tuple[str, dict[str, str]]] = {
    Need.ALARM: ("visits", {"heap": "submitted"}),
    Need.NOT_OUT: ("visits", {"heap": "submitted"}),
    Need.STOPPED: ("visits", {"heap": "stopped"}),
    Need.CHECK: ("visits", {"heap": "submitted"}),
    Need.LEFT_BEHIND: ("visits", {"heap": "under_way"}),
    Need.WINDOW_OVER: ("visits", {"heap": "overdue"}),
    Need.WINDOW_SOON: ("visits", {"heap": "under_way"}),
    Need.RETURNED: ("visits", {"heap": "under_way"}),
    Need.AGAIN: ("plan", {"take": "again"}),
    Need.NOT_READY: ("people", {"which": "not_ready"}),
}
LACKING = {
    "coordinator": mark("Coordinators: bring in the first, she sends the volunteers"),
    "reviewer": mark("Reviewers: bring in the first, the agency works the register"),
    "custodian": mark("Custodians: without one nothing can be erased and nobody revealed"),
    "auditor": mark("Auditors: without one nobody but you reads the record"),
}
_GRAVE = frozenset({Need.ALARM, Need.NOT_OUT, Need.STOPPED, Need.LEFT_BEHIND, Need.WINDOW_OVER})


@dataclass(frozen=True)
class Row:
    """One thing that waits: how many, what, the way to it, what to add, and how loud."""

    count: int
    said: str
    screen: str
    query: Mapping[str, str] = field(default_factory=dict)
    added: str = ""
    colour: Any = "blue"


def show(rows: Sequence[Row], nothing: str) -> None:
    """Show what waits, or that nothing does."""
    if not rows:
        st.success(nothing, icon=":material/task_alt:")
        return
    with st.container(border=True, gap="xsmall"):
        for row in rows:
            count = f":{row.colour}-badge[{words.number(row.count)}]"
            pieces.link(row.screen, f"{count} **{row.said}**", **row.query)
            if row.added:
                st.caption(row.added)


def administrators(found: ProgrammeFigures) -> list[Row]:
    """Word what a programme still lacks: without these, nobody can be sent, nothing looked at, nothing erased."""
    lacking = [Row(0, _(said), "people") for role, said in LACKING.items() if not found.people.get(role)]
    return ([] if found.schools else [Row(0, _("Schools: bring in the list"), "schools")]) + lacking


def coordinators(found: Sequence[Waiting]) -> list[Row]:
    """Word what waits for a coordinator."""
    return [_row(one) for one in found]


def _row(one: Waiting) -> Row:
    screen, query = WAYS[one.need]
    added = []
    if one.late and one.need is Need.AGAIN:
        added.append(plural("for {n} the days run out", "for {n} the days run out ", one.late))
    elif one.late:
        added.append(plural("{n} past its time", "{n} past their time", one.late))
    if one.since:
        added.append(_("the oldest since {when}", when=words.moment(one.since)))
    colour = "red" if one.need in _GRAVE else "orange" if one.late else "blue"
    return Row(one.count, _(SAID[one.need]), screen, query, " · ".join(added), colour)


def reviewers(found: AgencyFigures) -> list[Row]:
    """Word what waits for a reviewer, what is late first."""
    states = found.states
    rows = [
        Row(found.overdue, _("Overdue"), "register", {"overdue": "1", "order": "due"}, colour="red"),
        Row(found.due_soon, _("Due within three working days"), "register", {"due": "soon"}, colour="orange"),
        Row(states.get("detected", 0), _("New: confirm or dismiss"), "register", {"state": "detected", "order": "due"}),
        Row(states.get("confirmed", 0), _("Confirmed: refer to a body"), "register", {"state": "confirmed"}),
        Row(states.get("answered", 0), _("Answered: judge the answer and close"), "register", {"state": "answered"}),
    ]
    return [row for row in rows if row.count]
