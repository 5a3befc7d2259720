"""Everybody at every screen, also at those that are not in her navigation: what each gets stands in a golden file."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fieldcheck import words
from fieldcheck.usecases import people
from fieldcheck.web import here, main
from tests.first import HOUSE
from tests.screens.sitting import Chair
from tests.security.conftest import ON_SQLITE
from tests.security.pages import everything
from tests.security.town import Town, digest

pytestmark = ON_SQLITE
GOLDEN = HOUSE / "tests" / "golden" / "screens.txt"
VISITORS = ("chelsea", "alice", "bo", "dana", "ursula", "kira")


@pytest.fixture
def chair(town: Town, monkeypatch: pytest.MonkeyPatch) -> Chair:
    return Chair(town.settings, monkeypatch)


def test_everybody_gets_at_every_screen_what_the_table_says(
    town: Town, chair: Chair, tmp_path: Path, record_property: Any
) -> None:
    """A screen that is run without the navigation shows nothing to whoever has no use for it: only that it is so."""
    telling = [*(town.actor(name).code for name in ("chelsea", "dina")), "School N", "Canarina", *town.ids.values()]
    rows, leaks, faults = [], [], []
    screens = sorted(path.stem for path in main.SCREENS_FOLDER.glob("*.py") if path.stem != "__init__")
    for screen in screens:
        got = []
        for name in VISITORS:
            page = opened(chair, town, name, screen)
            refused = any(error.value == forbidden() for error in page.error)
            got.append("refused" if refused else "shown")
            faults += [f"{screen}, {name}: {one.message} {one.stack_trace}" for one in page.exception]
            if refused:
                leaks += [f"{screen}, {name}: {one}" for one in telling if one in everything(page)]
        rows.append(f"{screen:12} {' '.join(f'{one:8}' for one in got)}".rstrip() + "\n")
    now = tmp_path / "screens.txt"

    now.write_text(f"# Every screen without the navigation, as it answers: {', '.join(VISITORS)}.\n{''.join(rows)}")

    record_property("tried", len(screens) * len(VISITORS))
    record_property("refused", sum(row.count("refused") for row in rows))
    record_property("got through", len(leaks))
    assert faults == []
    assert leaks == []
    assert now.read_text() == GOLDEN.read_text(), f"what is true now is in {now}"


def opened(chair: Chair, town: Town, name: str, screen: str) -> AppTest:
    """Open *screen* with the ids of things in the north in the address, as if the navigation held every screen."""
    who = town.actor(name)
    chair.patch.setattr(here, "find_account", lambda: who.person_id)
    page = AppTest.from_function(_every_screen, args=(str(main.SCREENS_FOLDER), screen), default_timeout=120)
    page.query_params["case"], page.query_params["visit"] = town.ids["case north"], town.ids["visit north"]
    return page.run()


def _every_screen(folder: str, first: str) -> None:
    from pathlib import Path

    import streamlit as st

    from fieldcheck.web import here

    files = sorted(path for path in Path(folder).glob("*.py") if path.stem != "__init__")
    page = st.navigation([st.Page(path, url_path=path.stem, default=path.stem == first) for path in files])
    with here.telling():
        page.run()


def forbidden() -> str:
    """How a screen says that this is not hers."""
    return words.sentence("access.forbidden", {"action": ""})


def test_the_navigation_holds_the_screens_that_are_hers_and_no_others(town: Town) -> None:
    held = {name: {screen.file for screen in main.screens_of(town.actor(name))} for name in VISITORS}

    rows = [line.split() for line in GOLDEN.read_text().splitlines() if not line.startswith("#")]
    shown = {name: {row[0] for row in rows if row[1 + place] == "shown"} for place, name in enumerate(VISITORS)}
    assert {name: held[name] - shown[name] for name in VISITORS} == {name: set() for name in VISITORS}


def test_whoever_was_cut_off_while_the_page_stood_open_can_do_nothing_more_with_it(town: Town, chair: Chair) -> None:
    """Streamlit runs a callback before the page's first line; the use-cases look for themselves who acts."""
    page = chair.sit(town.actor("alice"), "people")
    links = [button for button in page.button if button.key and button.key.startswith("link-")]
    with town.story.work("dana") as work:
        people.close(work, town.actor("alice").person_id)
    before = digest(town.settings)

    after = links[0].click().run()

    assert digest(town.settings) == before
    assert "Open the link that you were given." in everything(after)
    assert "#t=" not in everything(after)
