"""One walk as its editor reads it: what to look at twice first, then every answer, then the decision.

It accuses nobody and forgets nothing: an error leaves every tick and every word where it was.
"""

from datetime import timedelta
from typing import NoReturn

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.access import Action, allowed
from fieldcheck.domain.checklist import QuestionType
from fieldcheck.domain.visit import VisitState
from fieldcheck.naming import name
from fieldcheck.usecases import review, safety, schools, today
from fieldcheck.usecases.review import AnswerView, CheckView, PhotoView
from fieldcheck.web import here, names, pieces
from fieldcheck.web.drawing import plain
from fieldcheck.web.sealed_texts import show_sealed
from fieldcheck.web.signs import show_doubts, show_findings
from fieldcheck.web.urgent import show_followed_up
from fieldcheck.web.walk_map import walk_map
from fieldcheck.words import _, mark, pick, plural

ARRIVES_LATE = timedelta(minutes=5)
#: Seconds from which the age of a position is worth a word.
OLD = 30.0
FREE_TEXTS = (QuestionType.TEXT, QuestionType.QUOTE)
DECISIONS = {"accept": mark("Accept"), "return": mark("Send back"), "reject": mark("Set aside")}
OUTCOMES = {
    VisitState.ACCEPTED: mark("This visit is accepted. What was released is marked below."),
    VisitState.REJECTED: mark("This visit is set aside: nothing of it is in the register."),
    VisitState.RETURNED: mark("This visit was sent back; the volunteer is mending it."),
    VisitState.STOPPED: mark("The volunteer ended this visit early. That is a result, and she did right to leave."),
    VisitState.WITHDRAWN: mark("This visit was called off. What was recorded stays here."),
    VisitState.ASSIGNED: mark("The visit has not begun."),
    VisitState.IN_PROGRESS: mark("The visit is under way; what has arrived so far stands below."),
}

AT_DOOR = mark("This visit ended at the door. What happened there is its result, and counts like any other.")


def _key(kind: str, *names_: str) -> str:
    return "-".join((kind, visit_id, *names_))


def _header(seen: CheckView) -> None:
    st.title(plain(pick(seen.school_name)))
    pieces.told_before()
    st.caption(plain(pick(seen.address)))
    with st.container(horizontal=True):
        pieces.state_badge(seen.state)
        if (
            any(d.code in ("presence_unproven", "far_from_school") for d in seen.doubts)
            or seen.verdict.distance is not None
        ):
            presence = seen.verdict.presence
            st.badge(name("presence", presence.value), color=names.PRESENCE_COLOURS[presence])
    nearest = seen.verdict.distance
    took = _("{n} min", n=words.number(round(seen.minutes_taken))) if seen.minutes_taken else "—"
    with st.container(horizontal=True, gap="large"):
        st.metric(_("Volunteer"), seen.volunteer, width="content")
        st.metric(_("Time taken"), took, width="content")
        st.metric(_("Nearest position"), "—" if nearest is None else pieces.metres(nearest), width="content")
    if seen.submitted_at:
        st.caption(_("Submitted: {when}", when=words.moment(seen.submitted_at)))
    st.caption(_("Agreed days: {window}", window=pieces.window(seen.window_from, seen.window_to)))
    reasons = "; ".join(names.of(names.PRESENCE_REASONS, reason) for reason in seen.verdict.reasons)
    st.caption(_("Positions: {reasons}.", reasons=reasons))
    if seen.state is not VisitState.SUBMITTED:
        st.info(_(AT_DOOR if seen.ended_at_door else OUTCOMES[seen.state]))
    if seen.stop_reason:
        st.text(names.of(names.STOPS, seen.stop_reason))
    if seen.note:
        st.text(seen.note)


def _question(answer: AnswerView, *, open_: bool) -> None:
    question = answer.question
    with st.container(border=True):
        told, back = st.columns([5, 2])
        with told:
            st.subheader(f"{question.id} · {plain(pick(question.text))}", anchor=question.id.lower())
            _said(answer)
        if open_:
            with back:
                _send_back_choice(answer)
        pieces.gallery(answer.photos, _photo_choice if open_ else _photo_told)
        if open_ and question.type in FREE_TEXTS and answer.value is not None:
            _released_text(answer)


def _said(answer: AnswerView) -> None:
    said = pieces.answer_words(answer.question, answer.value)
    if answer.is_sealed:
        show_sealed(visit_id, answer)
    elif answer.question.type in FREE_TEXTS and answer.value is not None:
        with st.container(border=True):
            st.text(said)
    elif said:
        st.markdown(f"**{plain(said)}**")
    _circumstances(answer)
    if answer.returned:
        label = _("Sent back before and mended") if answer.mended else _("Sent back, not mended yet")
        st.badge(label, color="green" if answer.mended else "violet")
        for reason in answer.returned:
            st.text(reason)


def _circumstances(answer: AnswerView) -> None:
    if answer.given_at is None or answer.received_at is None:
        return
    parts = [_("given {when}", when=words.moment(answer.given_at))]
    if answer.seen_at is not None:
        parts.insert(0, _("seen {when}", when=words.moment(answer.seen_at)))
    if answer.received_at - answer.given_at > ARRIVES_LATE:
        parts.append(_("received {when}", when=words.moment(answer.received_at)))
    if answer.distance is not None and answer.accuracy is not None:
        away, accuracy = pieces.metres(answer.distance), pieces.metres(answer.accuracy)
        parts.append(_("{distance} from the school (within {accuracy})", distance=away, accuracy=accuracy))
        if answer.age is not None and answer.age >= OLD:
            parts.append(_("read {n} s before", n=words.number(round(answer.age))))
    elif answer.no_place:
        parts.append(names.of(names.NO_PLACES, answer.no_place))
    if answer.earlier:
        parts.append(plural("{n} earlier version", "{n} earlier versions", answer.earlier))
    st.caption(" · ".join(parts))


def _photo_choice(photo: PhotoView) -> None:
    st.checkbox(_("May be shown to the agency"), key=_key("release", photo.id))


def _photo_told(photo: PhotoView) -> None:
    if photo.released:
        st.badge(_("Shown to the agency"), color="blue")


def _send_back_choice(answer: AnswerView) -> None:
    name = (answer.checklist[:12], answer.question.id)
    if st.checkbox(_("Send this question back"), key=_key("back", *name)):
        st.text_area(
            _("Why, in words that help her"), max_chars=review.LONGEST_REASON, key=_key("reason", *name), height=80
        )


def _released_text(answer: AnswerView) -> None:
    st.text_area(
        _("As the agency will read it (empty: not released)"),
        value=str(answer.value),
        max_chars=4000,
        help=_("Rewrite what could point to the visitor: her manner of speaking, the hour, what only she could know."),
        key=_key("text", answer.checklist[:12], answer.question.id),
    )


def _ticked(kind: str, answer: AnswerView) -> object:
    return st.session_state.get(_key(kind, answer.checklist[:12], answer.question.id))


def _decide(seen: CheckView) -> None:
    st.header(_("Decision"), anchor="decision")
    answers = [answer for sheet in seen.walks for answer in sheet.answers]
    back = [answer for answer in answers if _ticked("back", answer)]
    chosen = st.segmented_control(
        _("Decision"),
        list(DECISIONS),
        format_func=lambda name: _(DECISIONS[name]),
        default="return" if back else "accept",
        key=_key("decision", "back" if back else "whole"),
        label_visibility="collapsed",
    )
    if chosen == "accept":
        _accept(seen, answers, back)
    elif chosen == "return":
        _send_back(back)
    elif chosen == "reject":
        _set_aside()


def _accept(seen: CheckView, answers: list[AnswerView], back: list[AnswerView]) -> None:
    photos = [p.id for answer in answers for p in answer.photos if st.session_state.get(_key("release", p.id))]
    texts = {
        (answer.checklist, answer.question.id): str(_ticked("text", answer) or "")
        for answer in answers
        if answer.question.type in FREE_TEXTS and answer.value is not None
    }
    st.caption(_("The agency will see: {photos}, {texts}.", photos=_photo_count(len(photos)), texts=_text_count(texts)))
    sure = [st.checkbox(_("I looked at everything under “Look at these twice”."), key=_key("sure", "doubts"))]
    if photos:
        sure.append(
            st.checkbox(
                _("The photos I ticked show no face, no child and no name."),
                key=_key("sure", "photos", *sorted(photos)),
            )
        )
    if any(text.strip() for text in texts.values()):
        sure.append(
            st.checkbox(
                _("The texts I release name nobody and do not point to the visitor."), key=_key("sure", "texts")
            )
        )
    note = st.text_input(
        _("Note for the record (nobody outside the programme reads it)"), key=_key("note"), max_chars=1000
    )
    if back:
        st.warning(_("Some questions are ticked to be sent back. Untick them, or send the visit back."))
    unsure = not all(sure) or bool(back)
    if st.button(_("Accept the visit"), type="primary", disabled=unsure, key=_key("accept"), shortcut="Ctrl+Enter"):
        with here.telling():
            with here.doing() as work:
                opened = review.accept(work, seen.id, photos, texts, note)
            pieces.tell_later(
                plural("Accepted. {n} entry was opened.", "Accepted. {n} entries were opened.", opened)
                if opened
                else _("Accepted. There was nothing to enter in the register.")
            )
            _onward()


def _photo_count(n: int) -> str:
    return plural("{n} photo", "{n} photos", n)


def _text_count(texts: dict[tuple[str, str], str]) -> str:
    return plural("{n} text", "{n} texts", sum(bool(text.strip()) for text in texts.values()))


def _send_back(back: list[AnswerView]) -> None:
    if not back:
        st.info(_("Tick “Send this question back” at each question that needs another look, and say why."))
        return
    st.write(_("Sent back: {questions}", questions=", ".join(answer.question.id for answer in back)))
    if st.button(_("Send the visit back"), type="primary", key=_key("send-back"), shortcut="Ctrl+Enter"):
        reasons = [(a.checklist, a.question.id, str(_ticked("reason", a) or "")) for a in back]
        with here.telling():
            with here.doing() as work:
                review.send_back(work, visit_id, reasons)
            pieces.tell_later(_("The visit is sent back. The volunteer sees your reasons at her next contact."))
            _onward()


def _set_aside() -> None:
    st.caption(_("Nothing of this visit will enter the register. The record of it stays. The volunteer is not blamed."))
    reason = st.text_area(_("Why it is set aside"), key=_key("aside"), max_chars=1000)
    if st.button(_("Set the visit aside"), type="primary", key=_key("set-aside")):
        with here.telling():
            with here.doing() as work:
                review.set_aside(work, visit_id, reason)
            pieces.tell_later(_("The visit is set aside."))
            _onward()


def _onward() -> NoReturn:
    """Open the next visit that waits, the gravest and oldest first; where none does, the list."""
    with here.looking() as work:
        waiting = today.next_to_check(work, visit_id)
    if waiting:
        pieces.go("check", visit=waiting)
    pieces.go("visits")


me = here.actor()
visit_id = st.query_params.get("visit", "")
if not visit_id:
    st.title(_("Check"))
    st.info(_("Pick a visit from the list first."))
    pieces.link("visits", _("Visits"), icon=":material/list:")
    st.stop()
way = st.container(horizontal=True, vertical_alignment="center")
if allowed(me, Action.VISIT_CHECK):  # a page that is not in somebody's navigation cannot be linked to
    with way:
        pieces.link("visits", _("All visits"), icon=":material/arrow_back:")
with here.looking() as work:
    seen = review.check(work, visit_id)
    waiting = today.queue(work) if seen.state is VisitState.SUBMITTED else ()
    seen_to = safety.followed_up(work, visit_id)
    bodies = {body.id: body.name for body in schools.bodies(work)}
with way:
    if len(waiting) > 1:
        pieces.turn("check", "visit", waiting, visit_id)
_header(seen)
show_followed_up(seen_to)
is_open = seen.state is VisitState.SUBMITTED
if seen.started_at:
    left, right = st.columns([3, 2])
    with left:
        show_doubts(seen.doubts)
    with right:
        if seen.school_point and seen.fixes:
            st.altair_chart(walk_map(seen.school_point, seen.fixes))
            st.caption(_("Square: the school. Ring: what counts as being there. Dots: where answers were given."))
    show_findings(seen.findings, bodies)
for sheet in seen.walks:
    st.header(plain(pick(sheet.title)))
    if is_open:
        st.caption(_("Before you show a photo: no faces, no children, no names, no guards or cameras."))
    for answer in sheet.answers:
        if answer.question.type is not QuestionType.INFO:
            _question(answer, open_=is_open)
if is_open:
    _decide(seen)
