"""The one door: `streamlit run app.py`, `uvicorn app:app`, `fieldcheck serve` and AppTest all enter here.

Streamlit finds the application by the literal call below; the same file, run inside a page's script, shows the pages.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

if get_script_run_ctx(suppress_warning=True) is None:
    from fieldcheck.web import composition

    app = st.App(Path(__file__).resolve(), **composition.parts())
else:
    from fieldcheck.web.main import show_to_people

    show_to_people()
