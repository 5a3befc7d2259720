"""A short way answers what is plainly right; whatever is not gets the framework's own answer, to the letter."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, Header, Path, Request
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from fieldcheck.domain.errors import Conflict, Forbidden
from fieldcheck.web.shortcut import Api, PastStreamlit
from fieldcheck.web.telling import HANDLERS


class Note(BaseModel):
    """What is sent."""

    words: list[str] = Field(max_length=2)
    size: int = 1


class Told(BaseModel):
    """What is answered."""

    said: Any
    more: str | None = None


async def who(request: Request) -> str:
    name = request.headers.get("x-name")
    if name is None:
        raise Forbidden("session.none")
    return name


def make() -> Api:
    api = Api(who, exception_handlers=HANDLERS)
    Who = Annotated[str, Depends(who)]  # noqa: N806 - a type
    Id = Annotated[str, Path(max_length=8)]  # noqa: N806 - a type

    @api.short("POST", "/notes/{note_id}")
    async def note(actor: Who, note_id: Id, sent: Note) -> dict[str, Any]:
        if sent.size == 409:
            raise Conflict("id.reused")
        return {"by": actor, "id": note_id, "words": [ascii(word) for word in sent.words], "size": sent.size}

    @api.short("PUT", "/notes/{note_id}/bytes", response_model_exclude_none=True)
    async def part(
        request: Request, actor: Who, note_id: Id, x_meta: Annotated[str, Header(max_length=9)],
        x_offset: Annotated[int, Header(ge=0)] = 0,
    ) -> Told:  # fmt: skip
        return Told(said=[actor, note_id, x_meta, x_offset, (await request.body()).decode()])

    return api


@pytest.fixture
def both() -> Iterator[tuple[TestClient, TestClient]]:
    """The same API twice: with its short ways, and without."""
    short, long = make(), make()
    long.shortcuts = []
    apps = [Starlette(routes=[Mount("/api", app=one)]) for one in (short, long)]
    first, second = (TestClient(app, headers={"X-Name": "Bo"}) for app in apps)
    with first, second:
        yield first, second


NOTE = "/api/notes/n1"
JSON = {"Content-Type": "application/json"}
ODD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "no JSON": ("POST", NOTE, {"content": b"{words", "headers": JSON}),
    "another type": ("POST", NOTE, {"content": b'{"words": []}', "headers": {"Content-Type": "text/plain"}}),
    "no type": ("POST", NOTE, {"content": b'{"words": []}'}),
    "no body": ("POST", NOTE, {"headers": JSON}),
    "a list": ("POST", NOTE, {"json": []}),
    "too many": ("POST", NOTE, {"json": {"words": ["a", "b", "c"]}}),
    "a wrong type": ("POST", NOTE, {"json": {"words": [1]}}),
    "too long an id": ("POST", "/api/notes/123456789", {"json": {"words": []}}),
    "another method": ("GET", NOTE, {}),
    "another path": ("POST", "/api/notes", {"json": {"words": []}}),
    "a refusal": ("POST", NOTE, {"json": {"words": [], "size": 409}}),
    "no header": ("PUT", NOTE + "/bytes", {"content": b"x"}),
    "too long a header": ("PUT", NOTE + "/bytes", {"content": b"x", "headers": {"X-Meta": "1234567890"}}),
    "no number": ("PUT", NOTE + "/bytes", {"content": b"x", "headers": {"X-Meta": "m", "X-Offset": "one"}}),
    "below zero": ("PUT", NOTE + "/bytes", {"content": b"x", "headers": {"X-Meta": "m", "X-Offset": "-1"}}),
}
PLAIN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "half a character": ("POST", NOTE, {"content": b'{"words": ["\\ud800"]}', "headers": JSON}),
    "a note": ("POST", NOTE, {"json": {"words": ["да", "ә"], "size": 3}}),
    "with a charset": (
        "POST", NOTE, {"content": b'{"words": []}', "headers": {"Content-Type": "application/json; charset=utf-8"}}
    ),
    "more than is asked for": ("POST", NOTE, {"json": {"words": [], "other": 1}}),
    "bytes": ("PUT", NOTE + "/bytes", {"content": b"x" * 100_000, "headers": {"X-Meta": "m", "X-Offset": "7"}}),
    "bytes from the first": ("PUT", NOTE + "/bytes", {"content": b"x", "headers": {"X-Meta": "m"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", [*ODD, *PLAIN])
def test_the_short_way_and_the_long_one_answer_alike(both: tuple[TestClient, TestClient], name: str) -> None:
    method, path, sent = {**ODD, **PLAIN}[name]

    short, long = (client.request(method, path, **sent) for client in both)

    assert (short.status_code, short.json()) == (long.status_code, long.json())
    assert short.headers["content-type"] == long.headers["content-type"]
    assert (short.status_code == 200) == (name in PLAIN)


def test_whoever_is_not_known_is_refused_on_both_ways(both: tuple[TestClient, TestClient]) -> None:
    for client in both:
        del client.headers["x-name"]
        got = client.post(NOTE, json={"words": []})
        assert (got.status_code, got.json()["error"]["code"]) == (401, "session.none")


def test_both_ways_are_described_once(both: tuple[TestClient, TestClient]) -> None:
    short, long = (client.get("/api/openapi.json").json()["paths"] for client in both)

    assert list(short) == list(long) == ["/notes/{note_id}", "/notes/{note_id}/bytes"]
    assert short == long


def test_only_what_has_a_short_way_goes_past_the_layers_inside(both: tuple[TestClient, TestClient]) -> None:
    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"inside": scope["path"]})(scope, receive, send)

    client = TestClient(PastStreamlit(inside, make()), headers={"X-Name": "Bo"})

    assert client.post(NOTE, json={"words": []}).json()["id"] == "n1"
    assert client.put(NOTE + "/bytes", content=b"x", headers={"X-Meta": "m"}).json()["said"][0] == "Bo"
    for method, path in (("GET", NOTE), ("POST", "/api/notes"), ("POST", "/notes/n1"), ("POST", "/apinotes/n1")):
        assert client.request(method, path).json() == {"inside": path}
