"""The agency's pages side by side, as the navigation holds them: what a test of screens runs."""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.errors import Forbidden
from fieldcheck.web import here, screens

words.otherwise(lambda: st.session_state.get("spoken"))
with suppress(Forbidden):
    st.session_state["spoken"] = here.actor().language
folder = Path(next(iter(screens.__path__)))
st.navigation(
    [
        st.Page(folder / f"{name}.py", title=name, url_path=name)
        for name in ("figures", "register", "case", "visits", "people", "plan", "assign", "check")
    ]
).run()
