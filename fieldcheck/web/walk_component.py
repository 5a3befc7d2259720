"""Mounts the walk inside Streamlit: the same module that the small page runs, imported from its hashed address.

It holds no state and asks no question itself. The module lives on through reruns; Streamlit only hears of it when a visit has
moved (sent, stopped), never on a tap.
"""

from functools import cache
from typing import Any

import streamlit as st

from fieldcheck.web.pocket import module_url

LOADER = """
const live = new WeakMap();
export default function (c) {
  const host = c.parentElement.querySelector('.host');
  const data = {...c.data, kind: 'desk', onSynced: state => c.setTriggerValue('synced', state)};
  const it = live.get(host) || import(new URL(c.data.module, location.origin).href).then(m => m.mount(host, data));
  live.set(host, it);
  it.then(w => w.update(data));
  return () => it.then(w => { live.delete(host); w.destroy(); });
}"""


@cache
def _component() -> Any:
    return st.components.v2.component("fieldcheck_walk", html="<div class='host'></div>", js=LOADER)


def walk(visit_id: str, language: str) -> str | None:
    """Show the walk of a visit; return its new state in the run after it moved, else nothing."""
    data = {"module": module_url(), "visit": visit_id, "language": language}
    result = _component()(data=data, key=f"walk-{visit_id}", on_synced_change=lambda: None)
    return getattr(result, "synced", None)
