"""The checklists in words: what is asked, when, and what answers are a sign of. They are written in files, not here."""

import streamlit as st

from fieldcheck.domain.checklist import Checklist, Question, QuestionType, Rule, from_body
from fieldcheck.naming import name
from fieldcheck.usecases import checklists
from fieldcheck.usecases.checklists import ChecklistView
from fieldcheck.web import here, names
from fieldcheck.web.conditions_in_words import in_words
from fieldcheck.web.drawing import plain, severity_badge
from fieldcheck.words import _, mark, pick, plural

KINDS = {
    QuestionType.YES_NO_NA: mark("yes, no, does not apply"),
    QuestionType.SINGLE: mark("one of"),
    QuestionType.MULTI: mark("any of"),
    QuestionType.NUMBER: mark("a number"),
    QuestionType.MONEY: mark("an amount in tenge"),
    QuestionType.TEXT: mark("a text"),
    QuestionType.QUOTE: mark("the exact words"),
    QuestionType.DATE: mark("a date"),
    QuestionType.DATETIME: mark("a date and time"),
    QuestionType.PHOTO: mark("photos"),
    QuestionType.GEOPOINT: mark("a place on the map"),
    QuestionType.STATEMENT: mark("a statement to confirm"),
    QuestionType.INFO: mark("something to read"),
}


def _about(sheet: ChecklistView) -> None:
    st.subheader(plain(pick(sheet.title)))
    told = [
        _("version {n}", n=sheet.version),
        _(names.MODES[sheet.mode]),
        _("{n} min", n=sheet.est_minutes),
        plural("not again at a school within {n} day", "not again at a school within {n} days", sheet.gap_days),
    ]
    st.caption(" · ".join(told))
    st.caption(_("For: {what}", what="; ".join(name("ownership", one) for one in sheet.applies_to)))
    st.write(plain(pick(sheet.scenario)))


def _question(question: Question, checklist: Checklist) -> None:
    st.markdown(f"**{question.id}** {plain(pick(question.text))}")
    said = [_(KINDS[question.type])]
    if question.options:
        said = [f"{said[0]}: {'; '.join(pick(option.words) for option in question.options)}"]
    if question.photo:
        said.append(plural("up to {n} photo", "up to {n} photos", question.photo.max))
    if not question.required and question.type is not QuestionType.INFO:
        said.append(_("may be left out"))
    st.caption(plain(" · ".join(said)))
    if question.visible_if:
        st.caption(_("Asked when {condition}.", condition=plain(in_words(question.visible_if, checklist))))


def _rule(rule: Rule, checklist: Checklist) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{rule.code}** {plain(pick(rule.title))}")
            severity_badge(rule.severity)
            st.badge(name("nature", rule.nature.value), color="gray")
        st.caption(_("When {condition}.", condition=plain(in_words(rule.when, checklist))))
        st.caption(_("Grounds: {grounds}", grounds=plain(", ".join(rule.legal_basis))))


me = here.actor()
st.title(_("Checklists"))
with here.looking() as work:
    published = checklists.current(work)
if not published:
    st.info(_("No checklist is published yet. An administrator publishes them from the server's console."))
    st.stop()
st.caption(_("A visit stays with the version it was walked with, for ever. A change makes a new version."))
titles = {sheet.digest: pick(sheet.title) for sheet in published}
chosen = st.selectbox(_("Checklist"), list(titles), format_func=titles.__getitem__, key="sheet")
with here.looking() as work:
    checklist = from_body({"rules": [], **checklists.body(work, chosen)})  # she who walks it is not told them
_about(next(sheet for sheet in published if sheet.digest == chosen))
asked, judged = st.tabs(
    [
        plural("{n} question", "{n} questions", len(checklist.questions)),
        plural("{n} rule", "{n} rules", len(checklist.rules)),
    ]
)
with asked:
    for section in checklist.sections:
        with st.expander(plain(pick(section.title)), expanded=True):
            for question in section.questions:
                _question(question, checklist)
with judged:
    st.caption(_("A rule that holds is a sign for people to look at, and says nothing about anybody's fault."))
    for rule in checklist.rules:
        _rule(rule, checklist)
