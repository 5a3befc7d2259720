"""The desks' door over HTTP: one answer to all that is wrong, a new cookie each time, a link that leads no further."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from httpx2 import Response

from fieldcheck.settings import Settings, SignIn
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import Credential
from fieldcheck.usecases import passwords, people, sessions
from fieldcheck.web import sign_in
from tests.first import First
from tests.security.conftest import Door
from tests.story import Story
from tests.usecases.test_accounts import OTHER, WORDS


class Browser:
    """Somebody's browser before the desks' door."""

    def __init__(self, door: Door, story: Story) -> None:
        self.client, self.story, self.door, self.secret = door.client(None), story, door, ""

    def post(self, path: str, **said: str) -> Response:
        return self.client.post(path, json=said)

    def come_by_link(self, name: str) -> Response:
        token = people.invite_from_console(self.door.settings, self.story.actors[name].code, datetime.now(UTC))
        return self.post("/join", token=token)

    def set_up(self, name: str = "alice") -> Response:
        self.come_by_link(name)
        self.secret = self.post("/sign-in/first").json()["secret"]
        return self.post("/sign-in/first", password=WORDS, second=self.second())

    def second(self, half_minutes: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(datetime.now(UTC) + timedelta(seconds=30 * half_minutes))

    @property
    def cookie(self) -> str:
        return self.client.cookies.get("fc") or ""

    def is_in(self) -> bool:
        return bool(self.client.get("/api/me").status_code == 200)


@pytest.fixture
def story(settings: Settings, firsts: Callable[[str, str], First]) -> Iterator[Story]:
    one = firsts("sqlite", "story")
    with one.copied(settings) as copy:
        yield one.made.told_to(replace(copy, sign_in=SignIn(way="password")))


@pytest.fixture
def browser(story: Story) -> Iterator[Browser]:
    with ExitStack() as stack:
        yield Browser(Door(story.settings, stack), story)


def test_a_browser_is_known_again_by_a_cookie_that_no_script_reads(browser: Browser) -> None:
    set_up = browser.set_up()
    known = next(one for one in set_up.headers.get_list("set-cookie") if one.startswith("fc_known="))

    assert "HttpOnly" in known and "SameSite=lax" in known
    assert browser.story.actors["alice"].code not in known
    browser.client.cookies.delete("fc")
    for _try in range(30):  # a stranger's, elsewhere
        accounts_of_strangers(browser)
    again = browser.post(
        "/sign-in", code=browser.story.actors["alice"].code, password=WORDS, second=browser.second(1)
    )
    assert again.status_code == 200 and browser.is_in()


def accounts_of_strangers(browser: Browser) -> None:
    kept = dict(browser.client.cookies)
    browser.client.cookies.clear()
    refused = browser.post("/sign-in", code=browser.story.actors["alice"].code, password=OTHER, second="000000")
    assert refused.status_code in (403, 429)
    browser.client.cookies.update(kept)


def test_leaving_keeps_the_browser_known_and_nothing_that_opens(browser: Browser) -> None:
    browser.set_up()
    browser.post("/leave")

    assert set(browser.client.cookies) == {"fc_known"}
    assert not browser.is_in()


# Refusals


def test_all_that_is_wrong_looks_the_same(browser: Browser) -> None:
    code = browser.story.actors["alice"].code
    browser.set_up()
    browser.client.cookies.clear()
    wrong = [
        {"code": code, "password": OTHER, "second": browser.second(1)},
        {"code": code, "password": WORDS, "second": "000000"},
        {"code": "C-999", "password": WORDS, "second": browser.second(1)},
        {},
        {"code": "\x00", "password": "\x00", "second": "٣٣٣٣٣٣"},
    ]

    got = [browser.post("/sign-in", **said) for said in wrong]
    locked = [browser.post("/sign-in", code=code, password=WORDS, second="000000") for _try in range(4)]

    seen = {(one.status_code, one.text, tuple(sorted(one.headers.items()))) for one in (*got, *locked)}
    assert len(seen) == 1
    assert got[0].json()["error"]["code"] == "sign_in.wrong"
    assert not browser.is_in()


def test_a_link_leads_to_setting_up_and_to_nothing_else(browser: Browser) -> None:
    assert browser.come_by_link("alice").json()["next"] == "/sign-in/first"

    answers = {
        path: browser.client.get(path, headers={"Accept": "text/html"}, follow_redirects=False).status_code
        for path in ("/", "/people", "/api/me", "/sign-in/password", "/_stcore/health", "/api/register.csv")
    }
    assert set(answers.values()) <= {303, 401}
    assert browser.post("/sign-in/codes", current=WORDS).status_code == 401
    assert not browser.is_in()


def test_nobody_sets_anything_up(browser: Browser) -> None:
    assert browser.post("/sign-in/first").status_code == 401
    browser.client.cookies.set("fc", "planted" * 6)
    assert browser.post("/sign-in/first", password=WORDS, second="000000").status_code == 401
    for path in ("password", "factor", "codes"):
        assert browser.post(f"/sign-in/{path}", current=WORDS).status_code == 401


def test_a_volunteer_sets_up_no_password(browser: Browser) -> None:
    assert browser.come_by_link("chelsea").json()["next"] == "/pocket"

    for path in ("first", "password", "factor", "codes"):
        answer = browser.post(f"/sign-in/{path}", current=WORDS, password=WORDS, second="000000")
        assert answer.status_code in {401, 403, 422}
    with store.transaction(browser.door.settings.database_url, reading=True) as session:
        assert session.get(Credential, browser.story.actors["chelsea"].person_id) is None


@pytest.mark.parametrize("headers", [{"X-FC": ""}, {"Origin": "https://elsewhere.example"}, {"Origin": ""}])
def test_another_page_cannot_knock(browser: Browser, headers: dict[str, str]) -> None:
    assert browser.client.post("/sign-in", json={}, headers=headers).status_code == 403


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"code":1,"password":[],"second":{}}', b"[" * 9000])
def test_a_body_that_is_none_is_a_wrong_one(browser: Browser, body: bytes) -> None:
    assert browser.client.post("/sign-in", content=body).json()["error"]["code"] == "sign_in.wrong"


@pytest.mark.parametrize("way", ["link", "oidc"])
def test_where_desks_sign_in_otherwise_no_password_is_taken(browser: Browser, way: str) -> None:
    browser.set_up()
    with ExitStack() as stack:
        door = Door(replace(browser.door.settings, sign_in=SignIn(way=way)), stack)
        said = {"code": browser.story.actors["alice"].code, "password": WORDS, "second": browser.second(1)}
        assert door.client(None).post("/sign-in", json=said).json()["error"]["code"] == "sign_in.other_way"


# What holds


def test_setting_up_signs_in_under_a_new_cookie_and_gives_ten_codes(browser: Browser) -> None:
    browser.come_by_link("alice")
    by_link = browser.cookie
    answer = browser.set_up()

    assert len(answer.json()["codes"]) == 10
    assert browser.is_in() and browser.cookie != by_link
    assert sessions.actor_for(browser.door.settings, by_link, datetime.now(UTC)) is None
    assert answer.headers["cache-control"] == "no-store"


def test_each_sign_in_has_a_new_cookie_and_a_planted_one_is_worth_nothing(browser: Browser) -> None:
    """Session fixation: whoever plants a cookie in somebody's browser learns nothing when she signs in."""
    browser.set_up()
    before = browser.cookie
    browser.client.cookies.clear()
    browser.client.cookies.set("fc", planted := "planted" * 6)

    said = {"code": browser.story.actors["alice"].code.lower(), "password": WORDS, "second": browser.second(1)}
    answer = browser.client.post("/sign-in", json=said)

    given = re.search(r"fc=([^;]+)", answer.headers["set-cookie"])
    assert given and given[1] not in {planted, before}
    now = datetime.now(UTC)
    assert sessions.actor_for(browser.door.settings, planted, now) is None
    assert sessions.actor_for(browser.door.settings, given[1], now)
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))


def test_signing_in_again_ends_the_session_that_the_browser_had(browser: Browser) -> None:
    browser.set_up()
    before = browser.cookie

    browser.post("/sign-in", code=browser.story.actors["alice"].code, password=WORDS, second=browser.second(1))

    assert browser.is_in() and browser.cookie != before
    assert sessions.actor_for(browser.door.settings, before, datetime.now(UTC)) is None


def test_password_key_and_codes_are_changed_by_whoever_knows_the_password(browser: Browser) -> None:
    browser.set_up()
    assert browser.post("/sign-in/codes", current=OTHER).status_code == 403
    assert len(browser.post("/sign-in/codes", current=WORDS).json()["codes"]) == 10
    short = browser.post("/sign-in/password", current=WORDS, password="short")
    assert (short.status_code, short.json()["error"]["code"]) == (422, "password.short")
    assert browser.post("/sign-in/password", current=WORDS, password=OTHER).json()["next"] == "/account"
    browser.secret = browser.post("/sign-in/factor").json()["secret"]
    assert browser.post("/sign-in/factor", current=OTHER, second=browser.second()).status_code == 200
    assert browser.is_in()


def test_a_page_without_a_session_leads_to_the_desks_door(browser: Browser) -> None:
    answer = browser.client.get("/people", headers={"Accept": "text/html"}, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("what", ["", "/first"])
@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_the_page_says_nothing_about_what_stands_behind_it(browser: Browser, what: str, language: str) -> None:
    page = browser.client.get(f"/sign-in{what}?lang={language}")

    telling = r"fieldcheck|inspect|volunteer|school|agency|провер|волонт|школ|ерікті|мектеп|тексеру|streamlit"
    assert page.status_code == 200
    assert not re.search(telling, page.text, re.IGNORECASE)
    assert not re.search(r"\son[a-z]+=|<script>|style=", page.text)


def test_a_password_that_waits_lets_phones_through() -> None:
    """What is slow has two seats of its own; the threads that answer phones are not asked for one."""
    line = sign_in.Waiting()

    assert line._seats.total_tokens == passwords.AT_ONCE == 2


