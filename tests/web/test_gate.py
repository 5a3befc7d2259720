"""Nobody comes in by another door, another's session, or a header of his own."""

import gzip
import hashlib
import json
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import brotli
import httpx2
import pytest
import streamlit
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from fieldcheck.settings import Settings, read_settings
from fieldcheck.usecases import sessions
from fieldcheck.web import cookies, gate
from fieldcheck.web.gate import Gate
from fieldcheck.web.index import STATIC, Bundles, policy
from fieldcheck.web.main import PAGES
from tests.web.conftest import HOUSE, Server

BUNDLE = "/static/js/" + next(path.name for path in (STATIC / "static" / "js").glob("index.*.js"))
# Streamlit's, and not for us: no metrics, no agents, no sign-in by somebody else's account.
SHUT = ["/_stcore/agent/interact", "/_stcore/agent/mcp", "/_stcore/agent/openapi.json", "/_stcore/metrics",
        "/auth/login", "/auth/logout", "/oauth2callback"]  # fmt: skip
PLACES = ["/join", "/leave", "/pocket", "/sw.js", "/icon.svg", BUNDLE, "/api/health", "/api/me", "/api/nothing", "/",
          "/nonsense", "/_stcore/health", "/_stcore/metrics", "/media/x.png"]  # fmt: skip


# Sockets


def dial(server: Server, cookie: str | None, session: str = "", **headers: str) -> ClientConnection:
    """Open Streamlit's socket as a browser would; *session* asks for an older session of Streamlit's."""
    said = {**headers, **({"Cookie": f"fc={cookie}"} if cookie else {})}
    protocols = ["streamlit", "x", *([session] if session else [])]
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    return connect(
        address, additional_headers=said, origin=server.url, subprotocols=protocols, max_size=None, proxy=None
    )  # type: ignore[arg-type]


def run_page(socket: ClientConnection) -> tuple[str, bytes]:
    """Let Streamlit run the page; gives its session id and everything that it sent."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    socket.send(message.SerializeToString())
    session, heard = "", b""
    while True:
        data = socket.recv(timeout=30)
        assert isinstance(data, bytes)
        heard += data
        forward = ForwardMsg.FromString(data)
        if forward.WhichOneof("type") == "new_session":
            session = forward.new_session.initialize.session_id
        if forward.WhichOneof("type") == "script_finished":
            return session, heard


def test_a_socket_without_a_session_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        dial(server, None)
    with pytest.raises(InvalidStatus, match="403"):
        dial(server, "made-up")


def test_a_socket_from_another_page_is_refused(server: Server) -> None:
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    said = {"Cookie": f"fc={server.sign_in('Bo')}"}

    for origin in ("https://elsewhere.example", None):
        with pytest.raises(InvalidStatus, match="403"):
            connect(address, additional_headers=said, origin=origin, proxy=None)  # type: ignore[arg-type]


def test_anothers_streamlit_session_cannot_be_taken_over_while_it_lives(server: Server) -> None:
    with dial(server, server.sign_in("Dana")) as hers:
        session, _heard = run_page(hers)

        with dial(server, server.sign_in("Bo"), session) as his:
            got, heard = run_page(his)

    assert got != session
    assert server.codes["Bo"].encode() in heard
    assert server.codes["Dana"].encode() not in heard


def test_anothers_streamlit_session_cannot_be_taken_over_after_it_was_left(server: Server) -> None:
    with dial(server, server.sign_in("Dana")) as hers:
        session, _heard = run_page(hers)

    with dial(server, server.sign_in("Bo"), session) as his:
        got, heard = run_page(his)

    assert got != session
    assert server.codes["Dana"].encode() not in heard


def test_ones_own_session_goes_on_after_a_gap(server: Server) -> None:
    cookie = server.sign_in("Dana")
    with dial(server, cookie) as first:
        session, _heard = run_page(first)

    with dial(server, cookie, session) as second:
        got, heard = run_page(second)

    assert got == session
    assert server.codes["Dana"].encode() in heard


@pytest.mark.parametrize("name", ["X-FC-Account", "x-fc-account", "X_FC_Account", "X-FC-Account-Id"])
def test_an_account_written_outside_is_ignored(server: Server, name: str) -> None:
    dana = sessions.actor_for(server.settings, server.sign_in("Dana"), datetime.now(UTC))
    assert dana

    with dial(server, server.sign_in("Bo"), **{name: dana.person_id}) as socket:
        _session, heard = run_page(socket)
    with server.client("Bo") as browser:
        me = browser.get("/api/me", headers={name: dana.person_id}).json()

    assert me["code"] == server.codes["Bo"]
    assert server.codes["Dana"].encode() not in heard


def test_a_session_that_was_ended_closes_its_socket_at_the_next_message(server: Server) -> None:
    cookie = server.sign_in("Bo")
    with dial(server, cookie) as socket:
        run_page(socket)
        sessions.end(server.settings, cookie, datetime.now(UTC))

        with pytest.raises(ConnectionClosed) as closed:
            run_page(socket)

    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1008


# Requests


@pytest.mark.parametrize("path", ["/api/me", "/api/visits", "/media/x.png", "/_stcore/health", "/_stcore/host-config"])
def test_a_request_without_a_session_is_refused(server: Server, path: str) -> None:
    with server.client() as nobody:
        answer = nobody.get(path)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "session.none"


def test_a_page_without_a_session_leads_to_the_door(server: Server) -> None:
    with server.client() as nobody:
        answer = nobody.get("/", headers={"Accept": "text/html"})

    assert answer.status_code == 303
    assert answer.headers["location"] == "/join"


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/interact", "/_stcore/script-health-check",
     "/_stcore/allowed-message-origins", "/app/static/x", "/nonsense", "/index.html", "/manifest.json", "/../app.py"],
)  # fmt: skip
def test_what_is_in_no_list_is_not_there_even_for_those_who_are_signed_in(server: Server, path: str) -> None:
    with server.client("Dana") as browser:
        answer = browser.get(path)

    assert answer.status_code == 404
    assert "Streamlit" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", PLACES)
def test_every_answer_wears_the_headers(server: Server, path: str, method: str) -> None:
    with server.client("Dana") as browser:
        answer = browser.request(method, path)

    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["permissions-policy"] == "camera=(self), geolocation=(self), microphone=()"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/join", "/", "/api/me", "/api/health"])
def test_what_is_ours_is_kept_by_no_cache(server: Server, path: str) -> None:
    with server.client("Dana") as browser:
        assert browser.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
def test_a_write_from_another_page_is_refused(server: Server, origin: str) -> None:
    with server.client("Bo") as browser:
        answer = browser.post("/api/me/language", json={"language": "kk"}, headers={"Origin": origin})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "request.wrong_origin"


def test_a_write_without_our_header_is_refused(server: Server) -> None:
    with server.client("Bo") as browser:
        del browser.headers["X-FC"]

        assert browser.post("/leave", json={}).status_code == 403
        assert browser.get("/api/me").status_code == 200


def test_another_name_for_this_server_is_refused(server: Server) -> None:
    with server.client("Bo") as browser:
        answer = browser.get("/api/me", headers={"Host": "rebound.example"})

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "request.wrong_host"


def test_a_body_past_the_limit_is_refused_before_it_is_read_and_while_it_comes(server: Server) -> None:
    too_much = gate.BODY_LIMIT + 1

    def in_parts() -> Iterator[bytes]:
        for _n in range(too_much // 65536 + 1):
            yield b" " * 65536

    with server.client("Bo") as browser:
        at_once = browser.post("/api/me/language", content=b" " * too_much)
        in_pieces = browser.post("/api/me/language", content=in_parts())

    assert (at_once.status_code, in_pieces.status_code) == (413, 413)
    assert at_once.json()["error"]["code"] == in_pieces.json()["error"]["code"] == "request.too_large"


@pytest.mark.parametrize(
    ("wish", "path", "start"),
    [
        ("kk-KZ,ru;q=0.8", "/api/nothing", "Кіру"),
        ("fr,en;q=0.5", "/api/nothing", "Sign-in"),
        ("", "/api/nothing", "Вход"),
        ("ru", "/api/nothing?lang=en", "Sign-in"),
    ],
)
def test_an_error_is_told_in_the_readers_language(server: Server, wish: str, path: str, start: str) -> None:
    with server.client() as nobody:
        told = nobody.get(path, headers={"Accept-Language": wish}).json()

    assert told["error"]["message"].startswith(start)


# Signing in and out


def test_a_link_signs_in_once(server: Server) -> None:
    token = server.invite("Bo")
    with server.client() as browser, server.client() as thief:
        first = browser.post("/join", json={"token": token})
        second = thief.post("/join", json={"token": token})

        assert browser.get("/api/me").json()["code"] == server.codes["Bo"]

    assert first.json() == {"role": "reviewer", "next": "/"}
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(first.headers["set-cookie"].split("; "))
    assert second.status_code == 404
    assert second.json()["error"]["code"] == "invite.not_good"
    assert "set-cookie" not in second.headers


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 7}', b'{"token": "x"}', b"\xff"])
def test_a_link_that_was_never_given_signs_nobody_in(server: Server, body: bytes) -> None:
    with server.client() as browser:
        answer = browser.post("/join", content=body)

    assert answer.status_code == 404


def test_looking_at_the_join_page_uses_no_link_up(server: Server) -> None:
    token = server.invite("Bo")
    with server.client() as preview:
        assert preview.get("/join").status_code == 200
        assert preview.get(f"/join?t={token}").status_code == 200

        assert preview.post("/join", json={"token": token}).status_code == 200


def test_whoever_was_signed_in_here_before_is_signed_out(server: Server) -> None:
    before = server.sign_in("Dana")
    with server.client() as browser:
        browser.post("/join", json={"token": server.invite("Bo")}, headers={"Cookie": f"fc={before}"})

    assert sessions.actor_for(server.settings, before, datetime.now(UTC)) is None


def test_leaving_ends_the_session_and_keeps_what_waits_on_the_phone(server: Server) -> None:
    with server.client("Bo") as browser:
        cookie = browser.cookies["fc"]
        kept = browser.post("/leave", json={})

    assert sessions.actor_for(server.settings, cookie, datetime.now(UTC)) is None
    assert kept.headers["clear-site-data"] == '"cache"'


def test_leaving_wipes_the_phone_only_when_the_page_says_so(server: Server) -> None:
    with server.client("Bo") as browser:
        assert browser.post("/leave", json={"wipe": True}).headers["clear-site-data"] == '"*"'


@pytest.mark.parametrize(("wish", "title"), [("ru", "Заметки"), ("kk", "Жазбалар"), ("en", "Notes")])
def test_the_door_is_neutral_in_three_languages(server: Server, wish: str, title: str) -> None:
    with server.client() as browser:
        page = browser.get("/join", headers={"Accept-Language": wish}).text

    assert f"<title>{title}</title>" in page
    assert not re.search("fieldcheck|school|inspect|школ|провер|мектеп|тексер", page, re.IGNORECASE)


def test_a_link_opens_the_pages_in_a_real_browser_and_nothing_is_blocked(server: Server, chromium: Browser) -> None:
    context = chromium.new_context(locale="en")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{server.url}/join#t={server.invite('Bo')}")
    page.get_by_text(server.codes["Bo"]).first.wait_for()
    address = page.url
    page.goto(f"{server.url}/leave")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("Open the link that you were given.").wait_for()
    context.close()

    assert address == f"{server.url}/"
    assert [text for text in complaints if "401" not in text] == []


# Streamlit's own files


def test_the_policy_knows_the_one_inline_script_of_the_installed_streamlit() -> None:
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    scripts = re.findall(r"<script>(.*?)</script>", index, re.DOTALL)

    hashes = [b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]

    assert len(hashes) == 1
    assert f"'sha256-{hashes[0]}'" in policy()
    script = next(part for part in policy().split(";") if part.strip().startswith("script-src"))
    assert "unsafe-inline" not in script
    assert "'unsafe-eval'" not in script


def test_the_page_is_in_neutral_dress(server: Server) -> None:
    with server.client("Bo") as browser:
        html = browser.get("/").text

    assert "<title>Notes</title>" in html
    assert "Streamlit" not in re.sub(r'"/static/[^"]*"', "", html)
    assert 'as="font"' not in html
    assert 'src="/static/js/index.' in html
    assert "viewport-fit=cover" in html


def test_bundles_go_out_compressed_and_are_kept_for_ever(server: Server) -> None:
    with server.client() as browser, browser.stream("GET", BUNDLE, headers={"Accept-Encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())

    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert gzip.decompress(sent) == (STATIC / BUNDLE.lstrip("/")).read_bytes()
    assert len(sent) * 2 < len(gzip.decompress(sent))


def test_a_bundle_is_at_its_smallest_once_a_browser_that_can_unpack_it_has_asked(tmp_path: Path) -> None:
    bundles, source = Bundles(Starlette(), tmp_path, PAGES), STATIC / BUNDLE.lstrip("/")

    first = bundles.packed(source, "br")
    wanted = Bundles.wanted.get_nowait()
    bundles.made(wanted, "br")
    then = bundles.packed(source, "br")

    assert (wanted, first[1], then[1]) == (source, "gzip", "br")
    assert brotli.decompress(then[0].read_bytes()) == source.read_bytes()
    assert then[0].stat().st_size < 0.9 * first[0].stat().st_size


def test_no_bundle_leads_out_of_its_folder(server: Server) -> None:
    with server.client("Dana") as browser:
        for path in ("/static/../../app.py", "/static/%2e%2e/%2e%2e/web/cli.py", "/static//etc/passwd"):
            assert browser.get(path).status_code in {400, 404}


# The lists are whole


def test_every_route_is_in_a_list() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "tests.web.routes"], cwd=HOUSE, capture_output=True, text=True, check=True
    )
    routes = json.loads(listed.stdout.splitlines()[-1])

    shut = [path for path in routes["app"] if not (gate.is_open(path) or gate.needs_session(path, PAGES))]
    unlocked = [path for path in routes["api"] if path not in routes["locked"]]

    assert sorted(set(shut)) == SHUT
    assert sorted(unlocked) == ["/health", "/openapi.json", "/words/{language}"]


# What differs over HTTPS, and when something breaks


@pytest.fixture
def https(database: Settings) -> Iterator[tuple[TestClient, Settings]]:
    """The gate before a small app, at an address that browsers reach over HTTPS."""
    settings = read_settings({"FIELDCHECK_DATA": str(database.data), "FIELDCHECK_URL": "https://notes.example",
                              "FIELDCHECK_DATABASE_URL": database.database_url})  # fmt: skip

    async def break_down(*_request: object) -> None:
        raise RuntimeError("the answer was 42")

    inner = Starlette(
        routes=[Route("/api/health", break_down), Route("/leave", break_down), Mount("/join", break_down)]
    )
    with TestClient(Gate(inner, settings, PAGES), "https://notes.example", raise_server_exceptions=False) as client:
        yield client, settings


def test_over_https_the_cookie_is_bound_to_the_host(https: tuple[TestClient, Settings]) -> None:
    _client, settings = https

    assert cookies.cookie_name(settings) == "__Host-fc"
    assert cookies.device_name(settings) == "__Host-fc_dev"
    assert settings.is_secure


def test_a_fault_of_ours_tells_nothing_of_itself(https: tuple[TestClient, Settings]) -> None:
    client, _settings = https

    answer = client.get("/api/health", headers={"Accept-Language": "en"})

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "server.failed"
    assert "42" not in answer.text
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_over_https_the_machines_own_names_are_refused(https: tuple[TestClient, Settings]) -> None:
    client, _settings = https

    assert client.get("/api/health", headers={"Host": "localhost"}).status_code == 403


# Last: what the server wrote down while all this happened


def test_the_servers_output_names_no_visitor(server: Server) -> None:
    token, cookie = server.invite("Bo"), server.sign_in("Dana")
    with dial(server, cookie) as socket:
        session, _heard = run_page(socket)
    with httpx2.Client(base_url=server.url, cookies={"fc": cookie}, trust_env=False) as browser:
        browser.get(f"/api/visits?token={token}")

    written = server.log.read_text()

    for secret in (token, cookie, session, "127.0.0.1:", "/api/", "GET "):
        assert secret not in written


def test_whoever_opens_what_is_not_there_in_a_browser_reads_a_sentence_and_not_a_programs_answer(
    https: tuple[TestClient, Settings],
) -> None:
    client, _settings = https
    told = {"Accept": "text/html,*/*", "Accept-Language": "kk"}

    there = client.get("/<b>nowhere</b>", headers=told)
    broken = client.get("/leave", headers=told)
    program = client.get("/nowhere")
    api = client.get("/api/health", headers=told)

    assert (there.status_code, broken.status_code) == (404, 500)
    assert all(one.headers["content-type"].startswith("text/html") for one in (there, broken))
    assert "мұнда ештеңе жоқ" in there.text and "Бірінші бетке" in there.text
    assert "<b>" not in there.text and "fieldcheck" not in there.text.casefold()
    assert "default-src 'none'" in there.headers["content-security-policy"]
    assert program.json()["error"]["code"] == "request.unknown"
    assert api.json()["error"]["code"] == "server.failed"
