"""Several visits at once: which schools, then a fair proposal to look at, then one button that sends it whole.

Schools are drawn by lot and days too: what nobody can foresee nobody can prepare for.
"""

import random
from datetime import date as day_type
from datetime import datetime, timedelta

import streamlit as st

from fieldcheck.domain.planning import MOST_ERRANDS
from fieldcheck.domain.revisit import Ripeness
from fieldcheck.settings import ZONE
from fieldcheck.usecases import checklists, planning, revisits, schools
from fieldcheck.usecases.checklists import ChecklistView
from fieldcheck.usecases.planning import Errand, Proposal, Sending
from fieldcheck.usecases.revisits import Wish
from fieldcheck.usecases.schools import SchoolView
from fieldcheck.web import drawing, here, names, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.words import _, date, mark, number, pick, plural

TAKES = {"again": mark("Second visits"), "lot": mark("Draw schools by lot"), "pick": mark("Pick schools")}
RIPE = (Ripeness.NOW, Ripeness.SOON_OVER)


def _take_again(wishes: tuple[Wish, ...]) -> list[Errand]:
    """Offer the schools that the register asks to visit again; each keeps its own days."""
    ripe = [wish for wish in wishes if wish.ripeness in RIPE]
    early = [wish for wish in wishes if wish.ripeness is Ripeness.EARLY]
    st.caption(_("A body has answered. Somebody else goes and looks with the same eyes as the first time."))
    if not ripe:
        st.info(_("No school is due for a second visit now."))
    errands = []
    for wish in ripe[:MOST_ERRANDS]:
        until = _("until {date}", date=date(wish.closes.astimezone(ZONE).date()))
        told = [pick(wish.district_name), "; ".join(pick(title) for title in wish.checklists.values()), until]
        label = f"**{plain(pick(wish.school_name))}** · {plain(' · '.join(told))}"
        if wish.ripeness is Ripeness.SOON_OVER:
            label += f" :orange-badge[{_('runs out')}]"
        if st.checkbox(label, value=True, key=f"again-{wish.school_id}"):
            first = max(wish.opens.astimezone(ZONE).date(), _tomorrow())
            last = wish.closes.astimezone(ZONE).date()
            errands.append(Errand(wish.school_id, tuple(wish.checklists), first, max(first, last)))
    if early:
        soonest = date(min(wish.opens for wish in early).astimezone(ZONE).date())
        st.caption(
            plural(
                "{n} more school is not due yet; the first from {date}.",
                "{n} more schools are not due yet; the first from {date}.",
                len(early),
                date=soonest,
            )
        )
    return errands


def _take_new(take: str, known: tuple[SchoolView, ...], published: tuple[ChecklistView, ...]) -> list[Errand]:
    """Ask for checklists and days, and for the schools by lot or by hand."""
    titles = {sheet.digest: pick(sheet.title) for sheet in published}
    digests = st.multiselect(
        _("Checklists"),
        list(titles),
        format_func=titles.__getitem__,
        placeholder=_("Pick one or more"),
        key="plan-sheets",
    )
    picked = _lot(known, digests) if take == "lot" else _hand(known, published, digests)
    begin, end = st.columns(2)
    first = begin.date_input(_("From"), _tomorrow(), format="DD.MM.YYYY", key="plan-from")
    last = end.date_input(_("Until"), _tomorrow() + timedelta(days=20), format="DD.MM.YYYY", key="plan-to")
    if first > last:
        st.warning(_("The last day is before the first one. Correct the days."))
        return []
    return [Errand(school, tuple(digests), first, last) for school in picked] if digests else []


def _lot(known: tuple[SchoolView, ...], digests: list[str]) -> list[str]:
    districts = {school.district: pick(school.district_name) for school in known}
    where, many, button = st.columns([4, 2, 2], vertical_alignment="bottom")
    chosen = where.multiselect(
        _("Districts"), list(districts), format_func=districts.__getitem__, placeholder=_("All"), key="plan-districts"
    )
    count = many.number_input(_("How many schools"), 1, MOST_ERRANDS, 6, key="plan-count")
    if button.button(_("Draw"), icon=":material/casino:", disabled=not digests, width="stretch", key="draw"):
        with here.looking() as work:
            st.session_state["plan-drawn"] = planning.draw(work, digests, chosen, count)
        st.session_state["plan-seed"] = _seed()
    drawn: list[str] = list(st.session_state.get("plan-drawn", ()))
    if "plan-drawn" in st.session_state and not drawn:
        st.info(_("No school is left that nobody was sent to. Take other districts or other checklists."))
    return drawn


def _hand(known: tuple[SchoolView, ...], published: tuple[ChecklistView, ...], digests: list[str]) -> list[str]:
    applies = [set(sheet.applies_to) for sheet in published if sheet.digest in digests]
    labels = {s.id: pieces.school_label(s) for s in known if all(s.ownership in one for one in applies)}
    return st.multiselect(
        _("Schools"),
        list(labels),
        format_func=labels.__getitem__,
        placeholder=_("Type a part of the name, the district or the number"),
        max_selections=MOST_ERRANDS,
        key="plan-schools",
    )


def _proposed(proposal: Proposal) -> list[Sending]:
    """Show a plan to look at: each line can be left out; what it costs stands beside it."""
    told, cost = st.columns([3, 2], gap="large")
    with told:
        lines = [line for line in proposal.lines if _line(line)]
    with cost:
        st.markdown(f"**{_('Open visits, with these')}**")
        drawing.bars(proposal.loads, {code: code for code in proposal.loads}, {}, _("Open visits, with these"))
        st.caption(_("{n} km there and back in all, as far as homes are known.", n=number(round(proposal.kilometres))))
    for school, why in proposal.left.items():
        reasons = "; ".join(f"{_(names.HINDRANCES[one])} ({number(n)})" for one, n in why.items())
        school_name = plain(pick(proposal.left_names[school]))
        st.warning(_("Nobody can go to {school}: {reasons}.", school=school_name, reasons=reasons or _("all are busy")))
    return lines


def _line(line: Sending) -> bool:
    away = _("distance unknown") if line.distance is None else pieces.metres(line.distance)
    first, last = line.window_from.astimezone(ZONE).date(), line.window_to.astimezone(ZONE).date()
    days = date(first) if first == last else f"{date(first)} – {date(last)}"
    label = f"**{plain(pick(line.school_name))}** · {plain(pick(line.district_name))}  \n"
    label += f"{line.volunteer} · {plain(away)} · {plain(days)}"
    return st.checkbox(label, value=True, key=f"line-{line.errand.school_id}-{line.volunteer}")


def _tomorrow() -> day_type:
    return datetime.now(ZONE).date() + timedelta(days=1)


def _seed() -> int:
    return random.SystemRandom().randrange(2**31)


def _send(lines: list[Sending]) -> None:
    with here.telling():
        with here.doing() as work:
            sent = planning.send(work, lines)
        for key in ("plan-drawn", "plan-schools", "plan-seed"):
            st.session_state.pop(key, None)
        pieces.tell_later(
            plural(
                "{n} visit is assigned. It is in her list at her next contact.",
                "{n} visits are assigned. Each is in its volunteer's list at her next contact.",
                sent,
            )
        )
        pieces.go("visits", heap="under_way")


st.title(_("Plan several visits"))
pieces.told_before()
with here.looking() as work:
    known, published, wishes = schools.schools(work), checklists.current(work), revisits.wishes(work)
if not known or not published:
    st.info(_("There is no school or no published checklist yet. An administrator brings them in."))
    st.stop()
asked = st.query_params.get("take")
ripe = sum(wish.ripeness in RIPE for wish in wishes)
take = st.segmented_control(
    _("Which schools"),
    list(TAKES),
    default=asked if asked in TAKES else "again" if ripe else "lot",
    required=True,
    format_func=lambda one: f"{_(TAKES[one])} · {number(ripe)}" if one == "again" else _(TAKES[one]),
    label_visibility="collapsed",
    key="plan-take",
)
errands = _take_again(wishes) if take == "again" else _take_new(str(take), known, published)
if errands:
    st.subheader(_("Proposal"))
    seed = st.session_state.setdefault("plan-seed", _seed())
    with here.telling():
        with here.looking() as work:
            proposal = planning.propose(work, errands, seed)
        lines = _proposed(proposal)
        with st.container(horizontal=True):
            n = len(lines)
            label = plural("Assign {n} visit", "Assign {n} visits", n)
            if st.button(label, type="primary", disabled=not lines, key="send-plan"):
                _send(lines)
            if st.button(_("Draw other days"), icon=":material/casino:", key="other-days"):
                st.session_state["plan-seed"] = _seed()
                st.rerun()
