"""Each lock of the gate by itself, without a server: a request that would be good but for one thing is refused."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from fieldcheck.web.gate import BODY_LIMIT, Gate
from fieldcheck.web.index import policy
from fieldcheck.web.main import PAGES
from tests.security.conftest import ON_SQLITE
from tests.security.town import Town

pytestmark = ON_SQLITE


class Inside:
    """Whatever stands behind the gate: it notes what came through, reads all of it, and says yes."""

    def __init__(self) -> None:
        self.came: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.came.append(scope)
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def inside() -> Inside:
    return Inside()


@pytest.fixture
def bo(town: Town, inside: Inside) -> TestClient:
    gate = Gate(inside, town.settings, PAGES)
    headers = {"Origin": town.settings.url, "X-FC": "1", "Cookie": f"fc={town.cookie('bo')}"}
    return TestClient(gate, town.settings.url, headers=headers)


def test_what_is_right_in_everything_comes_through(bo: TestClient, inside: Inside) -> None:
    assert bo.post("/api/me/language", content=b"{}").status_code == 204
    assert len(inside.came) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Cookie": ""}, 401),
        ({"Cookie": "fc=" + "A" * 43}, 401),
        ({"Origin": ""}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://localhost:8501.elsewhere.example"}, 403),
        ({"Origin": "http://localhost:85010"}, 403),
        ({"X-FC": ""}, 403),
        ({"X-FC": "2"}, 403),
        ({"Host": "elsewhere.example"}, 403),
        ({"Host": "elsewhere.example:8501", "Origin": "http://elsewhere.example:8501"}, 403),
        ({"Content-Length": str(BODY_LIMIT + 1)}, 413),
    ],
    ids=str,
)
def test_one_thing_wrong_is_enough(bo: TestClient, inside: Inside, change: dict[str, str], status: int) -> None:
    got = bo.post("/api/me/language", content=b"{}", headers=change)

    assert got.status_code == status
    assert inside.came == []


@pytest.mark.parametrize("path", ["/api/me/language", "/join", "/sign-in", "/leave"])
def test_from_another_page_nothing_of_ours_is_done(bo: TestClient, inside: Inside, path: str) -> None:
    for change in ({"Origin": "https://elsewhere.example"}, {"X-FC": ""}):
        assert bo.post(path, content=b"{}", headers=change).status_code == 403
    assert inside.came == []


@pytest.mark.parametrize(
    "change",
    [
        {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"},  # a name that was made to lead here
        {"Origin": "https://elsewhere.example"},
        {"Cookie": ""},
    ],
    ids=str,
)
def test_a_socket_that_is_wrong_in_one_thing_is_closed(bo: TestClient, inside: Inside, change: dict[str, str]) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        bo.websocket_connect("/_stcore/stream", headers=change) as socket,
    ):
        socket.receive_text()

    assert closed.value.code == 1008
    assert inside.came == []


@pytest.mark.parametrize("url", ["http://localhost:8501", "https://notes.example"])
def test_only_at_home_is_the_api_described_to_a_stranger(town: Town, inside: Inside, url: str) -> None:
    client = TestClient(Gate(inside, replace(town.settings, url=url), PAGES), url)

    assert client.get("/api/openapi.json").status_code == (204 if "localhost" in url else 401)


@pytest.mark.usefixtures("town")
def test_a_page_speaks_to_nobody_but_us() -> None:
    said = dict(part.strip().partition(" ")[::2] for part in policy().split(";"))
    scripts = [word for word in said.pop("script-src").split() if not word.startswith("'sha256-")]

    assert scripts == ["'self'", "'wasm-unsafe-eval'"]
    assert said == {
        "default-src": "'none'", "style-src": "'self' 'unsafe-inline'", "img-src": "'self' data: blob:",
        "font-src": "'self' data:", "connect-src": "'self'", "media-src": "'self' blob:",
        "worker-src": "'self' blob:", "frame-src": "'self'", "manifest-src": "'self'", "object-src": "'none'",
        "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
    }  # fmt: skip


NOWHERE = [
    "/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/script-health-check", "/auth/login", "/app/static/x", "/data",
    "/fieldcheck.db", "//api/me", "/API/me", "/api", "/pocketx", "/.env", "/secret",
]  # fmt: skip


def test_what_is_in_no_list_is_not_there_for_anybody(bo: TestClient, inside: Inside) -> None:
    assert {path: bo.get(path).status_code for path in NOWHERE} == dict.fromkeys(NOWHERE, 404)
    assert inside.came == []


def test_without_a_session_nothing_that_is_somebodys_is_reached(bo: TestClient, inside: Inside) -> None:
    paths = ["/", "/register", "/api/me", "/media/x.png", "/component/x", "/_stcore/upload_file/a/b"]
    methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE"]

    got = {
        (method, path): bo.request(method, path, headers={"Cookie": ""}).status_code
        for method in methods
        for path in paths
    }

    assert {cell: status for cell, status in got.items() if status != 401} == {}
    assert inside.came == []


def test_a_body_is_counted_while_it_comes(bo: TestClient) -> None:
    def parts() -> Any:
        for _part in range(BODY_LIMIT // 65536 + 2):
            yield b" " * 65536

    got = bo.post("/api/me/language", content=parts())

    assert got.status_code == 413


@pytest.mark.parametrize("name", ["X-FC-Account", "x-fc-account", "X_FC_Account", "X-FC-Account-Id", "x-fc_account"])
def test_an_account_that_was_written_outside_stays_outside(
    bo: TestClient, inside: Inside, town: Town, name: str
) -> None:
    bo.get("/api/me", headers={name: town.actor("dana").person_id})

    (scope,) = inside.came
    accounts = [value for key, value in scope["headers"] if key.replace(b"_", b"-").startswith(b"x-fc-account")]
    assert accounts == [town.actor("bo").person_id.encode()]
    assert scope["fieldcheck.actor"].person_id == town.actor("bo").person_id


def test_every_answer_says_what_it_is(bo: TestClient) -> None:
    for path in ("/api/me", "/nonsense", "/join"):
        heads = bo.get(path).headers

        assert heads["x-content-type-options"] == "nosniff"
        assert heads["x-frame-options"] == "DENY"
        assert heads["referrer-policy"] == "no-referrer"
        assert heads["cross-origin-opener-policy"] == heads["cross-origin-resource-policy"] == "same-origin"
        assert "microphone=()" in heads["permissions-policy"]
        assert "default-src 'none'" in heads["content-security-policy"]
        assert heads["cache-control"] == "no-store"
