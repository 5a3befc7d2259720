"""The agency's screens: the register, an entry, the figures; refusals first."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fieldcheck import words
from fieldcheck.domain.access import Actor
from fieldcheck.domain.case import CaseState
from fieldcheck.domain.register import CaseFilter
from fieldcheck.settings import ZONE, Settings
from fieldcheck.usecases import cases, casework, register
from fieldcheck.usecases.work import begin, look
from fieldcheck.web import case_next, here
from tests import factories as the

DESK = Path(__file__).with_name("desk.py")
SCREENS = Path(here.__file__).parent / "screens"


class Desk:
    """Somebody at a desk of this test's own installation."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.patch = settings, monkeypatch
        monkeypatch.setattr(here, "settings", lambda: settings)

    def sits_down(self, who: Actor | None, screen: str, **query: str) -> AppTest:
        """Open *screen* as *who*."""
        self.patch.setattr(here, "find_account", lambda: who.person_id if who else None)
        page = AppTest.from_file(str(DESK), default_timeout=60)
        for name, value in query.items():
            page.query_params[name] = value
        page.switch_page(str(SCREENS / f"{screen}.py"))
        return page.run()


@pytest.fixture
def desk(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    the.a_region(database)
    yield Desk(database, monkeypatch)
    words.otherwise(lambda: None)


def opened(settings: Settings, *codes: str, school: str = "school-1") -> str:
    """Accept a visit with *codes* just now; give the first entry's id."""
    the.a_school(settings, id_=school)
    alice, chelsea = the.a_coordinator(settings), the.a_volunteer(settings)
    visit = the.an_accepted_visit_with_findings(settings, school, chelsea, alice, codes or ("V-COL-03",))
    with begin(settings, alice) as work:
        register.open_cases(work, visit)
    bo = the.a_reviewer(settings, code="R-999")
    with look(settings, bo) as work:
        return register.entries(work, CaseFilter()).rows[0].id


def everything(page: AppTest) -> str:
    """All that stands on a page, as one text."""
    kinds = (page.title, page.subheader, page.text, page.caption, page.markdown, page.info, page.warning, page.error)
    shown = [str(element.value) for kind in kinds for element in kind]
    links = [element.proto.label for element in page.get("page_link")]
    return " | ".join([*shown, *links, *(f"{metric.label} {metric.value}" for metric in page.metric)])


# Refusals


def test_nobody_sees_nothing(desk: Desk) -> None:
    for screen in ("register", "case", "figures"):
        page = desk.sits_down(None, screen)

        assert len(page.error) == 1
        assert not page.exception and not page.metric and "НР-" not in everything(page)


@pytest.mark.parametrize("screen", ["register", "case"])
def test_a_coordinator_and_a_volunteer_are_refused(desk: Desk, screen: str) -> None:
    id_ = opened(desk.settings)

    for who in (the.a_coordinator(desk.settings, code="C-2"), the.a_volunteer(desk.settings, code="V-2")):
        page = desk.sits_down(who, screen, case=id_)

        assert len(page.error) == 1
        assert "НР-" not in everything(page)


def test_an_entry_of_another_region_and_a_missing_one_say_the_same(desk: Desk) -> None:
    the.a_region(desk.settings, the.ABAI, "Abai")
    foreign = the.a_reviewer(desk.settings, the.ABAI)
    id_ = opened(desk.settings)

    told = [everything(desk.sits_down(foreign, "case", case=case)) for case in (id_, "no-such-entry", "")]

    assert len(set(told)) == 1
    assert "no such entry for you" in told[0]


def test_somebody_elses_quicker_decision_is_told_and_nothing_is_written(desk: Desk) -> None:
    id_ = opened(desk.settings)
    bo, ben = the.a_reviewer(desk.settings), the.a_reviewer(desk.settings, code="R-201")
    page = desk.sits_down(bo, "case", case=id_)
    with begin(desk.settings, ben) as work:
        casework.dismiss(work, id_, "not so", seen=CaseState.DETECTED)

    page.text_area(key=f"confirm-{id_}-reason").set_value("it is so")
    page.button(key=f"FormSubmitter:confirm-{id_}-Confirm").click().run()

    assert "somebody else changed it" in page.error[0].value
    with look(desk.settings, bo) as work:
        assert [event.reason for event in cases.read(work, id_).history] == ["not so"]


# The register


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_an_empty_register_says_what_would_fill_it(desk: Desk, language: str) -> None:
    bo = the.a_reviewer(desk.settings, language=language)

    page = desk.sits_down(bo, "register")

    words.use(language)
    empty = words._("The register is empty. Entries appear here when a coordinator accepts a visit with findings.")
    assert not page.exception
    assert [info.value for info in page.info] == [empty]
    assert [info.value for info in desk.sits_down(bo, "figures").info] == [empty]


def test_the_list_shows_each_entry_and_the_way_to_it(desk: Desk) -> None:
    id_ = opened(desk.settings, "V-COL-02")

    page = desk.sits_down(the.a_reviewer(desk.settings), "register")

    shown = everything(page)
    assert not page.exception
    assert "School No\\. 1" in shown or "School No. 1" in shown
    assert "Critical" in shown and "Restricted" in shown and "1 entry" in shown
    assert f"case={id_}" in str(page.get("page_link")[0].proto)


def test_the_list_is_filtered_by_what_is_typed(desk: Desk) -> None:
    opened(desk.settings, "V-COL-02", "V-COL-03")
    page = desk.sits_down(the.a_reviewer(desk.settings), "register")

    page.text_input(key="register-text").set_value("v-col-03").run()
    found = everything(page)
    page.text_input(key="register-text").set_value("nowhere").run()

    assert "1 entry" in found
    assert "No entry fits these filters" in everything(page)


def test_a_long_register_comes_in_pages(desk: Desk) -> None:
    for place in range(10):
        the.a_school(desk.settings, id_=f"s-{place}", name=f"School {place}")
    alice, chelsea = the.a_coordinator(desk.settings), the.a_volunteer(desk.settings)
    for place in range(10):
        codes = ("V-COL-02", "V-COL-03", "V-COL-04")
        visit = the.an_accepted_visit_with_findings(desk.settings, f"s-{place}", chelsea, alice, codes)
        with begin(desk.settings, alice) as work:
            register.open_cases(work, visit)

    page = desk.sits_down(the.a_reviewer(desk.settings), "register")

    assert len(page.get("page_link")) == 25
    assert "30 entries" in everything(page)


# An entry


def test_an_entry_shows_what_the_agency_may_see_and_nothing_of_the_volunteer(desk: Desk) -> None:
    id_ = opened(desk.settings)

    page = desk.sits_down(the.a_reviewer(desk.settings), "case", case=id_)

    shown = everything(page)
    assert not page.exception
    assert "Payment is mandatory" in shown and "before noon" in shown and "at the school" in shown.casefold()
    assert "wants a lawyer" in shown
    assert "/api/photos/" in shown and "/media/" not in shown
    assert [canary for canary in the.CANARIES if canary in shown] == []


def test_an_entry_is_confirmed_and_referred_from_its_page(desk: Desk) -> None:
    id_ = opened(desk.settings)
    bo = the.a_reviewer(desk.settings)
    page = desk.sits_down(bo, "case", case=id_)

    page.text_area(key=f"confirm-{id_}-reason").set_value("two agree")
    page.button(key=f"FormSubmitter:confirm-{id_}-Confirm").click().run()
    confirmed = page.success[0].value
    page.text_input(key=f"refer-{id_}-reference").set_value("12-3/45")
    page.date_input(key=f"refer-{id_}-dated").set_value(datetime.now(ZONE).date())
    page.button(key=f"FormSubmitter:refer-{id_}-Refer to a body").click().run()

    assert "Confirm" in confirmed
    assert not page.exception and not page.error
    with look(desk.settings, bo) as work:
        view = cases.read(work, id_)
    assert (view.state, view.history[-1].reference) == (CaseState.REFERRED, "12-3/45")


def test_a_form_without_its_reason_says_what_is_missing(desk: Desk) -> None:
    id_ = opened(desk.settings)
    page = desk.sits_down(the.a_reviewer(desk.settings), "case", case=id_)

    page.button(key=f"FormSubmitter:confirm-{id_}-Confirm").click().run()

    assert "reason is missing" in page.error[0].value


# The figures


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_each_role_has_its_own_figures(desk: Desk, language: str) -> None:
    opened(desk.settings)
    people = {
        role: the.a_person(
            desk.settings, role, None if role == "administrator" else the.ALMATY, f"X-{role}", "", language
        )
        for role in ("volunteer", "coordinator", "reviewer", "administrator")
    }

    pages = {role: desk.sits_down(who, "figures") for role, who in people.items()}

    assert not any(page.exception or page.error for page in pages.values())
    assert len(pages["volunteer"].info) == 1 and not pages["volunteer"].metric
    assert [len(pages[role].metric) for role in ("coordinator", "reviewer", "administrator")] == [3, 3, 4]
    assert len(pages["reviewer"].get("vega_lite_chart")) == 4


def test_a_first_page_leads_to_what_waits(desk: Desk) -> None:
    opened(desk.settings, "V-COL-02")

    page = desk.sits_down(the.a_reviewer(desk.settings), "figures")

    ways = [element.proto for element in page.get("page_link")]
    assert ["New: confirm or dismiss" in way.label for way in ways] == [False, True] or len(ways) == 1
    assert any("state=detected" in str(way) for way in ways)


# The address, the neighbours, the letter


def test_the_address_sets_the_filter_and_the_filter_writes_the_address(desk: Desk) -> None:
    opened(desk.settings, "V-COL-02", "V-COL-03")
    page = desk.sits_down(the.a_reviewer(desk.settings), "register", severity="high", order="due")

    assert "1 entry" in everything(page)
    page.text_input(key="register-text").set_value("v-col").run()

    assert page.query_params == {"severity": "high", "text": "v-col", "order": "due"}


def test_an_address_that_nobody_can_read_is_told(desk: Desk) -> None:
    page = desk.sits_down(the.a_reviewer(desk.settings), "register", severity="terrible")

    assert len(page.error) == 1 and not page.exception


def test_each_state_says_how_many_there_are(desk: Desk) -> None:
    opened(desk.settings, "V-COL-02", "V-COL-03", "V-COL-90")
    page = desk.sits_down(the.a_reviewer(desk.settings), "register")

    options = page.get("button_group")[0].proto.options
    assert {"Noted · 1", "New · 2"} <= {option.content for option in options}


TURNS = {"Previous one": "k", "Next one": "j"}


def test_an_entry_names_its_neighbours_and_turns_to_the_next_in_the_list(desk: Desk) -> None:
    id_ = opened(desk.settings, "V-COL-02", "V-COL-03")
    page = desk.sits_down(the.a_reviewer(desk.settings), "register")
    page.query_params["case"] = id_

    page.switch_page(str(SCREENS / "case.py")).run()

    turns = {button.label: (button.proto.shortcut, button.disabled) for button in page.button if button.label in TURNS}
    assert "Other entries of this school" in everything(page)
    assert {label: key for label, (key, _off) in turns.items()} == TURNS
    assert sorted(off for _key, off in turns.values()) == [False, True]  # it is the first of the two, or the last
    (submit,) = [one for one in page.button if one.label == "Confirm"]
    assert submit.proto.shortcut.lower() == "ctrl+enter"


def test_a_letter_is_offered_once_somebody_can_be_written_to(desk: Desk) -> None:
    id_ = opened(desk.settings)
    bo = the.a_reviewer(desk.settings)
    before = desk.sits_down(bo, "case", case=id_)
    with begin(desk.settings, bo) as work:
        casework.confirm(work, id_, "seen", seen=CaseState.DETECTED)
    after = desk.sits_down(bo, "case", case=id_)

    letters = [[one.proto.url for one in page.get("link_button")] for page in (before, after)]
    assert letters == [[], [f"/api/letters/{id_}?language={code}" for code in ("kk", "ru", "en")]]


# From one entry to the next


def six(desk: Desk) -> None:
    """Put six entries into the register, two of each of three schools."""
    alice, chelsea = the.a_coordinator(desk.settings), the.a_volunteer(desk.settings)
    for school in ("school-1", "school-2", "school-3"):
        the.a_school(desk.settings, id_=school)
        visit = the.an_accepted_visit_with_findings(desk.settings, school, chelsea, alice)
        with begin(desk.settings, alice) as work:
            register.open_cases(work, visit)


def beside(desk: Desk, wanted: CaseFilter, number: int, case: int) -> AppTest:
    """Open an entry of a page of a list, as it stood there."""
    bo = the.a_reviewer(desk.settings, code=f"R-{case}{number}")
    with look(desk.settings, bo) as work:
        ids = [line.id for line in register.entries(work, replace(wanted, page=number)).rows]
    desk.patch.setattr(here, "find_account", lambda: bo.person_id)
    page = AppTest.from_file(str(DESK), default_timeout=60)
    page.session_state[case_next.LISTED] = case_next.Listed(wanted, ids, number, number)
    page.query_params["case"] = ids[case]
    page.switch_page(str(SCREENS / "case.py"))
    return page.run()


def test_the_next_entry_comes_from_the_next_page_and_after_the_last_there_is_none(desk: Desk) -> None:
    six(desk)
    wanted = CaseFilter(page_size=2)

    page = beside(desk, wanted, 1, 1)
    listed = page.session_state[case_next.LISTED]
    assert (len(listed.ids), listed.last) == (4, 2)
    assert not page.button(key="turn-J").disabled

    page = beside(desk, wanted, 3, 1)
    assert page.button(key="turn-J").disabled and not page.button(key="turn-K").disabled

    page = beside(desk, wanted, 3, 0)
    listed = page.session_state[case_next.LISTED]
    assert (len(listed.ids), listed.first) == (4, 2)
    assert not page.button(key="turn-K").disabled


def test_what_was_worked_meanwhile_makes_nobody_pass_over_an_entry(desk: Desk) -> None:
    """Two of the first page are dismissed and leave the list; what moved up into that page is what comes next."""
    six(desk)
    bo, wanted = the.a_reviewer(desk.settings), CaseFilter(page_size=2, state=(CaseState.DETECTED,))
    with look(desk.settings, bo) as work:
        before = [line.id for line in register.entries(work, replace(wanted, page_size=6)).rows]
    for id_ in before[:2]:
        with begin(desk.settings, bo) as work:
            casework.dismiss(work, id_, "not so", seen=CaseState.DETECTED)
    desk.patch.setattr(here, "find_account", lambda: bo.person_id)
    page = AppTest.from_file(str(DESK), default_timeout=60)
    page.session_state[case_next.LISTED] = case_next.Listed(wanted, before[:2], 1, 1)
    page.query_params["case"] = before[1]
    page.switch_page(str(SCREENS / "case.py"))
    page.run()

    assert page.session_state[case_next.LISTED].ids == before[:4]
