"""A volunteer's own words after they were weighed: what was released in their place, and opening the original.

What is opened stands on the page for one run and in no session: the next click takes it away.
"""

import streamlit as st

from fieldcheck.usecases import texts
from fieldcheck.usecases.review import AnswerView
from fieldcheck.web import here
from fieldcheck.words import _


def show_sealed(visit_id: str, answer: AnswerView) -> None:
    """Show what the agency reads instead, and the way to the original."""
    if answer.released is None:
        st.badge(_("Not released"), icon=":material/lock:", color="gray")
    else:
        st.badge(_("As the agency reads it"), color="blue")
        with st.container(border=True):
            st.text(answer.released)
    name = f"{visit_id}-{answer.checklist[:12]}-{answer.question.id}"
    with st.popover(_("Open the original"), icon=":material/lock_open:"):
        st.write(_("Her own words are sealed. Whoever opens them says why; both stay in the record."))
        with st.form(f"open-{name}", clear_on_submit=True, border=False):
            reason = st.text_input(
                _("Why"),
                max_chars=texts.LONGEST_REASON,
                help=_("The reason stays in the record for good: write no name in it."),
                key=f"why-{name}",
            )
            if st.form_submit_button(_("Open once"), key=f"once-{name}"):
                with here.telling():
                    with here.doing() as work:
                        said = texts.open_original(work, visit_id, answer.checklist, answer.question.id, reason)
                    st.text(said)
                    st.caption(_("It is shown once and is gone with your next click."))
