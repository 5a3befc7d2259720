"""What a volunteer does once a season before she goes out: agree, and pass the quiz. Its heading is a neutral one."""

from functools import partial

import streamlit as st

from fieldcheck import words
from fieldcheck.settings import ZONE
from fieldcheck.usecases import consent, quiz
from fieldcheck.usecases.consent import ConsentView
from fieldcheck.usecases.quiz import QuestionView, QuizView, Result
from fieldcheck.web import here
from fieldcheck.words import _, pick


def _consent(view: ConsentView) -> None:
    given = view.given_at is not None
    label = _("Agreed on {date}", date=words.moment(view.given_at)) if view.given_at else _("Read and agree")
    with st.expander(label, expanded=not given, icon=":material/contract:"):
        st.subheader(pick(view.form.title))
        for _id, title, text in view.form.paragraphs:
            st.markdown(f"**{pick(title)}**")
            st.text(pick(text))
        if not given and st.button(_("I agree"), type="primary", key="agree"):
            with here.telling():
                with here.doing() as work:
                    consent.give(work, view.form.version, words.language())
                st.rerun()
        if given and st.button(_("I no longer agree"), key="withdraw"):
            with here.telling():
                with here.doing() as work:
                    consent.withdraw(work)
                st.rerun()


def _option(question: QuestionView, id_: str) -> str:
    return pick(question.options[id_])


def _questions(view: QuizView) -> None:
    with st.form("quiz", border=False):
        chosen = {}
        for place, one in enumerate(view.questions, start=1):
            st.markdown(f"**{place}. {pick(one.text)}**")
            chosen[one.id] = st.radio(
                str(place),
                list(one.options),
                index=None,
                format_func=partial(_option, one),
                label_visibility="collapsed",
                key=f"q-{one.id}",
            )
        if st.form_submit_button(_("Done"), type="primary"):
            with here.telling():
                with here.doing() as work:
                    answered = {id_: option for id_, option in chosen.items() if option is not None}
                    st.session_state["quiz-result"] = quiz.take(work, view.digest, answered)
                st.rerun()


def _result(result: Result, view: QuizView) -> None:
    said = _("{right} of {asked} right", right=result.right, asked=result.asked)
    if result.passed:
        st.success(f"{_('Passed.')} {said}")
    else:
        st.warning(f"{_('Not yet. Read the explanations and try again.')} {said}")
    asked = {one.id: one for one in view.questions}
    for one in result.explained:
        question = asked.get(one.question)
        if question is None:
            continue
        icon = ":material/check:" if one.is_right else ":material/close:"
        with st.expander(pick(question.text), expanded=not one.is_right, icon=icon):
            st.text(pick(question.options[one.right_option]))
            st.caption(pick(one.explanation))


st.title(_("Get ready"))
with here.looking() as work:
    form, current = consent.current(work), quiz.current(work)
_consent(form)
result = st.session_state.get("quiz-result")
if result is not None:
    _result(result, current)
if current.passed_until is not None:
    st.info(_("The quiz is passed until {date}.", date=words.date(current.passed_until.astimezone(ZONE).date())))
else:
    st.caption(
        _("{percent} % of the answers must be right. You may try as often as you like.", percent=current.pass_mark)
    )
    _questions(current)
