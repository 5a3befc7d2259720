"""The sign-in gate of the pages, and which pages a role's navigation holds.

The navigation is a convenience, not the lock: every screen's use-cases are locked by themselves. The gate in front of
the socket has already put the account into `st.user`; here it becomes the actor, afresh at every run.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from fieldcheck import words
from fieldcheck.domain.access import Action, Actor, Role, allowed
from fieldcheck.domain.errors import Forbidden
from fieldcheck.usecases import people
from fieldcheck.web import here
from fieldcheck.words import _, mark

SCREENS_FOLDER = Path(__file__).parent / "screens"
ICON = Path(__file__).parent / "pocket" / "icon.svg"
LANGUAGE_NAMES = {"ru": "Рус", "kk": "Қаз", "en": "Eng"}
# Streamlit leaves six rems of nothing above a page; on a phone that is a fifth of it.
STYLE = (
    "<style>[data-testid=stMainBlockContainer]{padding:4rem clamp(1rem,3vw,3rem) 3rem}"
    # A link in a narrow column says all of its words, and so does the name of a figure.
    ":is([data-testid=stPageLink],[data-testid=stMetricLabel],[data-testid=stMetricDelta],"
    "[data-testid=stSidebarNavLink]) *"
    "{white-space:normal!important;overflow:visible!important}"
    # No browser hyphenates Kazakh: a long word gets more room instead of a break.
    "[data-testid=stMetricLabel] p{hyphens:auto;overflow-wrap:normal;font-size:.8rem;letter-spacing:-.01em}"
    "[data-testid=stCheckbox] label *{white-space:normal!important;overflow:visible!important}"
    "@media(min-width:48rem){[data-testid=stMainBlockContainer]{padding-top:2.5rem}}</style>"
)

#: What the script of Streamlit's own words looks for (desk_words.js).
SPOKEN = "<span data-spoken='{}' hidden></span>"


@dataclass(frozen=True)
class Screen:
    """One page: its file, its name, and the action without which it is not in the navigation.

    It has no sign: Streamlit would fetch it from elsewhere for the browser's tab.
    """

    file: str
    title: str
    action: Action
    in_menu: bool = True

    @property
    def address(self) -> str:
        """Give its path in the browser, which must tell a stranger nothing."""
        return self.file.replace("_", "-")


SCREENS = (
    Screen("my_visits", mark("My tasks"), Action.VISIT_WALK),
    Screen("quiz", mark("Get ready"), Action.QUIZ_TAKE),
    Screen("figures", mark("Overview"), Action.REPORT_READ),
    Screen("visits", mark("Visits"), Action.VISIT_CHECK),
    Screen("check", mark("Check"), Action.VISIT_CHECK, in_menu=False),
    Screen("assign", mark("Assign a visit"), Action.VISIT_ASSIGN),
    Screen("plan", mark("Plan several visits"), Action.VISIT_ASSIGN),
    Screen("rescue", mark("A file from a phone"), Action.VISIT_CHECK),
    Screen("register", mark("Register"), Action.CASE_LIST),
    Screen("case", mark("Entry"), Action.CASE_LIST, in_menu=False),
    Screen("schools", mark("Schools"), Action.SCHOOL_LIST),
    Screen("people", mark("People"), Action.PERSON_LIST),
    # A volunteer reads hers in the walk; the list is for whoever sees the schools.
    Screen("checklists", mark("Checklists"), Action.SCHOOL_LIST),
    Screen("record", mark("Record"), Action.RECORD_READ),
    Screen("erasure", mark("Erasure"), Action.ERASURE_LIST),
    Screen("reveals", mark("Reveals"), Action.REVEAL_LIST),
    Screen("account", mark("My account"), Action.ACCOUNT_SECURE),
)
# Every address under which Streamlit's page is served: the first screen's is the root.
PAGES = frozenset({"/"} | {f"/{screen.address}" for screen in SCREENS})


def show() -> None:
    """Show the page that was asked for to whoever is here."""
    words.otherwise(lambda: st.session_state.get("spoken"))
    try:
        actor = here.actor()
    except Forbidden:
        st.set_page_config(page_title=_("Notes"))
        st.info(_("Open the link that you were given."))
        st.stop()
    st.session_state["spoken"] = actor.language
    page = st.navigation([_page(screen, first=index == 0) for index, screen in enumerate(screens_of(actor))])
    # After the navigation, which would put the page's own name on the browser's tab.
    st.set_page_config(page_title=_("Notes"), page_icon=ICON, layout="wide")
    st.html(STYLE + SPOKEN.format(actor.language))
    _sidebar(actor)
    with here.telling():
        page.run()


def show_to_people() -> None:
    """Show the page; a fault of ours is a sentence in the reader's language, never Streamlit's own with its links."""
    try:
        show()
    except Exception:
        logging.getLogger(__name__).exception("page.failed")
        st.error(words.sentence("server.failed"), icon=":material/error:")


def screens_of(actor: Actor) -> list[Screen]:
    """List the screens that *actor* has a use for."""
    return [screen for screen in SCREENS if allowed(actor, screen.action)]


def _page(screen: Screen, *, first: bool) -> st.Page:
    shown: Literal["visible", "hidden"] = "visible" if screen.in_menu else "hidden"
    path = SCREENS_FOLDER / f"{screen.file}.py"
    return st.Page(path, title=_(screen.title), url_path=screen.address, default=first, visibility=shown)


def _sidebar(actor: Actor) -> None:
    with st.sidebar:
        st.caption(f"{actor.code} · {_role_name(actor.role)}")
        st.segmented_control(
            _("Language"),
            words.LANGUAGES,
            default=actor.language,
            format_func=LANGUAGE_NAMES.__getitem__,
            key="chosen_language",
            on_change=_speak,
            label_visibility="collapsed",
        )
        st.markdown(f"[{_('Sign out')}](/leave)")


def _speak() -> None:
    chosen = st.session_state.get("chosen_language")
    if chosen:
        with here.telling(), here.doing() as work:
            people.speak(work, chosen)


def _role_name(role: Role) -> str:
    names = {
        Role.VOLUNTEER: mark("Volunteer"),
        Role.COORDINATOR: mark("Coordinator"),
        Role.REVIEWER: mark("Reviewer"),
        Role.ADMINISTRATOR: mark("Administrator"),
        Role.AUDITOR: mark("Auditor"),
        Role.CUSTODIAN: mark("Custodian"),
    }
    return _(names[role])
