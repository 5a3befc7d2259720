"""Mounts the walk inside Streamlit: the same module that the small page runs, imported from its hashed address.

It holds no state and asks no question itself. The module lives on through reruns; Streamlit only hears of it when a
visit has moved (sent, stopped), never on a tap.
"""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from fieldcheck.web.pocket import module_url

# The loader is a file and not a text: Streamlit would run a text from a blob: address, which our policy refuses.
LOADER = ComponentManifest("fieldcheck", "1", [ComponentConfig("walk", "loader")])


@cache
def _component(manager: BidiComponentManager) -> Any:
    """Declare the loader, once for each runtime that this process has had: each keeps a list of its own."""
    manager.register_from_manifest(LOADER, Path(__file__).parent)
    return st.components.v2.component("fieldcheck.walk", html="<div class='host'></div>", js="desk.js")


def walk(visit_id: str, language: str) -> str | None:
    """Show the walk of a visit; return its new state in the run after it moved, else nothing."""
    data = {"module": module_url(), "visit": visit_id, "language": language}
    if not runtime.exists():  # a test of the screen alone: there is no page to mount the walk in
        return None
    result = _component(get_bidi_component_manager())(data=data, key=f"walk-{visit_id}", on_synced_change=lambda: None)
    return getattr(result, "synced", None)
