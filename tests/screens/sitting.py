"""Sitting down at a desk: a screen of this test's own installation, opened as one of the story's people."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fieldcheck.domain.access import Actor
from fieldcheck.settings import Settings
from fieldcheck.web import here, main

HOUSE = Path(__file__).with_name("house.py")


class Chair:
    """Where somebody sits; the gate's answer is put in by hand, because a test has no cookie."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch = monkeypatch
        monkeypatch.setattr(here, "settings", lambda: settings)

    def sit(self, who: Actor | None, screen: str, **query: str) -> AppTest:
        """Open *screen* as *who*, through the navigation."""
        self.patch.setattr(here, "find_account", lambda: who.person_id if who else None)
        page = AppTest.from_file(str(HOUSE), default_timeout=120)
        for name, value in query.items():
            page.query_params[name] = value
        page.switch_page(str(main.SCREENS_FOLDER / f"{screen}.py"))
        return page.run()

    def alone(self, who: Actor, screen: str, **query: str) -> AppTest:
        """Run the file of *screen* as *who* without the navigation: what is left is the use-cases' own lock."""
        self.patch.setattr(here, "find_account", lambda: who.person_id)
        page = AppTest.from_function(_bare, args=(str(main.SCREENS_FOLDER / f"{screen}.py"),), default_timeout=120)
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()


def _bare(path: str) -> None:
    import streamlit as st

    from fieldcheck.web import here

    page = st.navigation([st.Page(path)])
    with here.telling():
        page.run()


def said(page: AppTest) -> str:
    """Everything that a page says, to look for words in."""
    assert not page.exception, page.exception
    kinds = (page.title, page.header, page.subheader, page.markdown, page.caption, page.text, page.info, page.success)
    more = (page.warning, page.error, page.code, page.metric)
    return "\n".join(str(one.value) for kind in (*kinds, *more) for one in kind)
