"""Signing in by an identity provider, against a real one on this machine and the whole application in a process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from fieldcheck.bench.ports import free_port
from fieldcheck.domain.errors import Forbidden
from fieldcheck.settings import BadSettings, Settings, read_settings
from fieldcheck.usecases import people, providers, sessions, ways_in
from fieldcheck.usecases.providers import Word
from fieldcheck.web.provider import LOGIN, Exchange
from tests.story import Story, begin_story
from tests.web.conftest import HOUSE, Server, people_of, wait_for
from tests.web.openid import CLIENT, SECRET, Provider, running

SUBJECT = "248289761001"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running(free_port()) as made:
        yield made


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Server]:
    """A server whose desks sign in at the provider; Bo is on the list, Dana came by a link."""
    folder, port = tmp_path_factory.mktemp("provided"), free_port()
    said = {
        "FIELDCHECK_DATA": str(folder / "data"), "FIELDCHECK_URL": f"http://localhost:{port}",
        "FIELDCHECK_DESK_SIGN_IN": "oidc", "FIELDCHECK_OIDC_METADATA_URL": provider.metadata,
        "FIELDCHECK_OIDC_CLIENT_ID": CLIENT, "FIELDCHECK_OIDC_CLIENT_SECRET": SECRET,
        "FIELDCHECK_SIGN_IN_TRIES": "100",
    }  # fmt: skip
    settings = read_settings(said)
    codes = people_of(settings)
    ways_in.bind_from_console(settings, codes["Bo"], provider.issuer, SUBJECT, datetime.now(UTC))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fieldcheck.cli", "serve", "--port", str(port)],
            cwd=HOUSE, env={**os.environ, **said}, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(settings.url, process, log)
            yield Server(settings, log, codes)
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def browser(desks: Server, provider: Provider) -> Iterator[httpx2.Client]:
    provider.subject, provider.wrong, provider.signing_key = SUBJECT, {}, None
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    with httpx2.Client(base_url=desks.url, headers=headers, timeout=30, trust_env=False) as client:
        yield client


def journey(browser: httpx2.Client) -> list[httpx2.Response]:
    """Go to the provider and back, a step at a time, up to the page after the callback."""
    steps = [browser.get("/sign-in/provider")]
    while steps[-1].is_redirect and "/oauth2callback" not in str(steps[-1].url):
        steps.append(browser.get(steps[-1].headers["location"]))
    return steps


def is_in(browser: httpx2.Client) -> str | None:
    answer = browser.get("/api/me", headers={"Accept": "application/json"})
    return str(answer.json()["code"]) if answer.status_code == 200 else None


# Refusals


@pytest.mark.parametrize(
    "wrong",
    [
        {"sub": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_700_000_000, "iat": 1_699_999_000},
        {"aud": "another-client"},
        {"nonce": "of another journey"},
        {"sub": "another", "email": "bo@example.org"},
        {"sub": SUBJECT + " "},
    ],
    ids=str,
)
def test_a_word_that_is_wrong_in_one_thing_opens_nothing(
    browser: httpx2.Client, provider: Provider, wrong: dict[str, Any]
) -> None:
    provider.wrong = wrong

    last = journey(browser)[-1]

    assert (last.status_code, last.headers["location"]) == (303, "/sign-in?refused")
    assert is_in(browser) is None
    assert "fc" not in browser.cookies


def test_a_word_that_another_key_signed_opens_nothing(browser: httpx2.Client, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})

    assert journey(browser)[-1].headers["location"] == "/sign-in?refused"
    assert is_in(browser) is None


def test_a_callback_that_comes_again_opens_nothing(browser: httpx2.Client) -> None:
    """Neither in the same browser, nor in another one with the cookies that the first had on its way."""
    steps = [browser.get("/sign-in/provider")]
    while "/oauth2callback" not in steps[-1].headers["location"]:
        steps.append(browser.get(steps[-1].headers["location"]))
    callback, on_the_way = steps[-1].headers["location"], dict(browser.cookies)
    first = browser.get(callback)
    came_in = is_in(browser)
    del browser.cookies["fc"]

    again = browser.get(callback)
    with httpx2.Client(base_url=str(browser.base_url), cookies=on_the_way, trust_env=False) as thief:
        stolen = thief.get(callback)
    with httpx2.Client(base_url=str(browser.base_url), trust_env=False) as stranger:
        bare = stranger.get(callback)

    assert first.headers["location"] == "/" and came_in
    assert {one.headers["location"] for one in (again, stolen, bare)} == {"/sign-in?refused"}
    assert not any("fc=" in one.headers.get("set-cookie", "") for one in (again, stolen, bare))


def test_a_callback_that_nobody_asked_for_opens_nothing(browser: httpx2.Client) -> None:
    for query in ("", "?code=x&state=y", "?error=access_denied&error_description=no", "?state=y"):
        answer = browser.get(f"/oauth2callback{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?refused")
    assert browser.get("/auth/logout").status_code == 404


def test_a_link_opens_nothing_for_whoever_is_on_the_list(desks: Server) -> None:
    with pytest.raises(Exception, match="not_needed"):
        people.invite_from_console(desks.settings, desks.codes["Bo"], datetime.now(UTC))


# What holds


def test_whoever_is_on_the_list_gets_our_session_and_none_of_streamlits(
    browser: httpx2.Client, desks: Server, provider: Provider
) -> None:
    steps = journey(browser)

    given = [cookie for step in steps for cookie in step.headers.get_list("set-cookie")]
    assert steps[-1].headers["location"] == "/"
    assert is_in(browser) == desks.codes["Bo"]
    assert not [cookie for cookie in given if cookie.startswith("_streamlit_user")]
    assert {name for name in browser.cookies if name.startswith("_streamlit_user")} == set()
    asked = provider.asked[-1]
    assert asked["scope"] == "openid" and asked["code_challenge_method"] == "S256"
    assert asked["nonce"] and asked["state"] and asked["prompt"] == "login"


def test_taking_the_identity_away_cuts_the_session(browser: httpx2.Client, desks: Server, provider: Provider) -> None:
    journey(browser)
    before = is_in(browser)
    now = datetime.now(UTC)

    ways_in.bind_from_console(desks.settings, desks.codes["Bo"], "", "", now)
    cut = is_in(browser)
    refused = journey(browser)[-1]
    ways_in.bind_from_console(desks.settings, desks.codes["Bo"], provider.issuer, SUBJECT, now)

    assert before and cut is None
    assert refused.headers["location"] == "/sign-in?refused"


def test_the_first_administrator_comes_by_a_link(desks: Server) -> None:
    with desks.client("Dana") as dana:
        assert dana.get("/api/me").json()["code"] == desks.codes["Dana"]


def test_the_log_names_nobody_and_no_secret(browser: httpx2.Client, desks: Server) -> None:
    journey(browser)
    log = desks.log.read_text()

    assert not [word for word in (SUBJECT, SECRET, "dana@example.org", desks.codes["Bo"]) if word in log]


# The exchange by itself


@pytest.fixture
def story(database: Any) -> Story:
    """The programme; Alice is on the list."""
    found = begin_story(database)
    ways_in.bind_from_console(found.settings, found.actors["alice"].code, "https://id.example", "1", found.now)
    return found


@pytest.mark.parametrize(("url", "is_secure"), [("https://notes.example", True), ("http://localhost:8501", False)])
def test_the_cookie_of_the_way_to_the_provider_is_kept_from_plain_lines(
    database: Settings, url: str, is_secure: bool
) -> None:
    async def streamlit(_scope: Scope, _receive: Receive, send: Send) -> None:
        cookie = (b"set-cookie", b"_streamlit_journey=there-and-back; HttpOnly; Path=/; SameSite=lax")
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", b"/there"), cookie]})
        await send({"type": "http.response.body", "body": b""})

    browser = TestClient(Exchange(streamlit, replace(database, url=url)), url, follow_redirects=False)

    said = browser.get(LOGIN).headers["set-cookie"]

    assert said.startswith("_streamlit_journey=there-and-back; HttpOnly")
    assert ("secure" in said.lower()) == is_secure


@pytest.mark.parametrize(
    ("issuer", "subject", "minutes", "nonce"),
    [
        ("https://id.example", "2", 5, "n"),
        ("https://id.example/", "1", 5, "n"),
        ("https://other.example", "1", 5, "n"),
        ("https://id.example", "1", 0, "n"),
        ("https://id.example", "1", 5, ""),
    ],
)
def test_the_list_is_asked_for_issuer_and_subject_together(
    story: Story, issuer: str, subject: str, minutes: int, nonce: str
) -> None:
    word = Word(issuer, subject, story.now + timedelta(minutes=minutes), nonce)

    with pytest.raises(Forbidden, match="not_listed"):
        providers.sign_in(story.settings, word, "192.0.2.7", story.now)


def test_a_word_is_good_once(story: Story) -> None:
    word = Word("https://id.example", "1", story.now + timedelta(minutes=5), "of one journey")
    session = providers.sign_in(story.settings, word, "192.0.2.7", story.now)

    assert sessions.actor_for(story.settings, session.cookie, story.now) == story.actors["alice"]
    with pytest.raises(Forbidden, match="not_listed"):
        providers.sign_in(story.settings, word, "192.0.2.7", story.now)


def test_whoever_was_closed_or_became_a_volunteer_does_not_come_in(story: Story) -> None:
    word = Word("https://id.example", "1", story.now + timedelta(minutes=5), "n")
    with story.work("dana") as work:
        people.close(work, story.actors["alice"].person_id)

    with pytest.raises(Forbidden, match="not_listed"):
        providers.sign_in(story.settings, word, "192.0.2.7", story.now)


@pytest.mark.parametrize(
    "lacking", [{"FIELDCHECK_OIDC_CLIENT_ID": ""}, {"FIELDCHECK_OIDC_METADATA_URL": "http://id.example/x"}]
)
def test_a_provider_that_is_half_told_of_stops_the_house(tmp_path: Path, lacking: dict[str, str]) -> None:
    said = {
        "FIELDCHECK_DATA": str(tmp_path), "FIELDCHECK_DESK_SIGN_IN": "oidc", "FIELDCHECK_OIDC_CLIENT_ID": "x",
        "FIELDCHECK_OIDC_METADATA_URL": "https://id.example/x", "FIELDCHECK_OIDC_CLIENT_SECRET": "y", **lacking,
    }  # fmt: skip

    with pytest.raises(BadSettings, match="OIDC"):
        read_settings(said)


def test_a_providers_secret_that_others_can_read_stops_the_house(tmp_path: Path) -> None:
    (tmp_path / "oidc.secret").write_text("secret")
    (tmp_path / "oidc.secret").chmod(0o644)

    with pytest.raises(BadSettings, match=r"oidc\.secret"):
        read_settings({"FIELDCHECK_DATA": str(tmp_path)})
