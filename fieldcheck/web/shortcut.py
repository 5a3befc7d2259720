"""A short way to the routes that phones call most: the same endpoint, called without the framework's tower.

Why it exists: finding a route, solving its dependencies and stepping through eight layers of middleware costs more than
taking in an answer. The route is declared and described by FastAPI as any other; here its endpoint's signature is read
once, and a request that is plainly right is parsed and handed over directly. Whatever is not (another content type, a
body or header that does not parse, an id too long) goes to FastAPI, which says what is wrong: there is one refusal.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from fastapi import FastAPI
from fastapi.params import Header, Path
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.web.telling import tell

Who = Callable[[Request], Awaitable[Any]]
JSON = "application/json"


class NotPlain(Exception):
    """A request that FastAPI itself must answer; *body* is what was read of it already."""

    def __init__(self, body: bytes | None = None) -> None:
        super().__init__()
        self.body = body


class Api(FastAPI):
    """An API some of whose routes have a short way."""

    def __init__(self, who: Who, **kw: Any) -> None:
        super().__init__(**kw)
        self.who = who
        self.shortcuts: list[Shortcut] = []

    def short(self, method: str, path: str, **kw: Any) -> Callable[[Any], Any]:
        """Declare a route that has a short way; its endpoint is a coroutine."""

        def declare(endpoint: Any) -> Any:
            self.add_api_route(path, endpoint, methods=[method], **kw)
            self.shortcuts.append(Shortcut.to(endpoint, method, path))
            return endpoint

        return declare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the short way where there is one and the request is plain, else as FastAPI does."""
        found = self._found(scope) if scope["type"] == "http" else None
        if found:
            request = Request({**scope, "app": self}, receive)
            try:
                response = await self._answer(found[0], found[1], request)
            except NotPlain as long:
                if long.body is not None:
                    receive = _again(long.body, receive)
            else:
                await response(scope, receive, send)
                return
        await super().__call__(scope, receive, send)

    def has_short_way(self, scope: Scope) -> bool:
        """Say whether a request is for a route that has one."""
        return self._found(scope) is not None

    def _found(self, scope: Scope) -> "tuple[Shortcut, Mapping[str, str]] | None":
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        for shortcut in self.shortcuts:
            match = shortcut.pattern.match(path) if scope["method"] == shortcut.method else None
            if match:
                return shortcut, match.groupdict()
        return None

    async def _answer(self, shortcut: "Shortcut", named: Mapping[str, str], request: Request) -> Response:
        try:
            values = shortcut.heads(request, named)
            if shortcut.who:
                values[shortcut.who] = await self.who(request)
            if shortcut.body:
                name, adapter = shortcut.body
                values[name] = await _parsed(request, adapter)
            said = await shortcut.endpoint(**values)
        except FieldcheckError as error:
            return await tell(request, error)
        if isinstance(said, BaseModel):
            return Response(said.model_dump_json(exclude_none=True), media_type="application/json")
        return said if isinstance(said, Response) else JSONResponse(said)


class PastStreamlit:
    """ASGI middleware: what has a short way does not go through Streamlit's own layers either."""

    def __init__(self, app: ASGIApp, api: Api, under: str = "/api") -> None:
        self.app, self.api, self.under = app, api, under

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what has a short way as if the API were mounted here."""
        if scope["type"] == "http" and scope["path"].startswith(self.under + "/"):
            here = {**scope, "root_path": self.under}
            if self.api.has_short_way(here):
                await self.api(here, receive, send)
                return
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Shortcut:
    """How one endpoint is called: which of its arguments come from where."""

    method: str
    pattern: Any
    endpoint: Callable[..., Awaitable[Any]]
    paths: Mapping[str, TypeAdapter[Any]]
    headers: Mapping[str, tuple[str, TypeAdapter[Any], Any]]
    body: tuple[str, TypeAdapter[Any]] | None
    who: str | None
    request: str | None

    @classmethod
    def to(cls, endpoint: Callable[..., Awaitable[Any]], method: str, path: str) -> "Shortcut":
        """Read an endpoint's signature."""
        hints, told = get_type_hints(endpoint, include_extras=True), inspect.signature(endpoint).parameters
        paths, headers = {}, {}
        body = who = request = None
        for name, parameter in told.items():
            hint = hints[name]
            marks = getattr(hint, "__metadata__", ())
            if hint is Request:
                request = name
            elif isinstance(hint, type) and issubclass(hint, BaseModel):
                body = (name, TypeAdapter(hint))
            elif any(isinstance(mark, Path) for mark in marks):
                paths[name] = TypeAdapter(hint)
            elif any(isinstance(mark, Header) for mark in marks):
                headers[name] = (name.replace("_", "-"), TypeAdapter(hint), parameter.default)
            else:
                who = name
        return cls(method, compile_path(path)[0], endpoint, paths, headers, body, who, request)

    def heads(self, request: Request, named: Mapping[str, str]) -> dict[str, Any]:
        """Read everything but the body; raises NotPlain for what does not fit."""
        values: dict[str, Any] = {self.request: request} if self.request else {}
        try:
            for name, adapter in self.paths.items():
                values[name] = adapter.validate_python(named[name])
            for name, (header, adapter, otherwise) in self.headers.items():
                said = request.headers.get(header)
                if said is None and otherwise is inspect.Parameter.empty:
                    raise NotPlain
                values[name] = otherwise if said is None else adapter.validate_strings(said)
        except ValidationError:
            raise NotPlain from None
        return values


async def _parsed(request: Request, adapter: TypeAdapter[Any]) -> Any:
    if not request.headers.get("content-type", "").startswith(JSON):
        raise NotPlain
    body = await request.body()
    try:
        return adapter.validate_json(body)
    except ValidationError:
        raise NotPlain(body) from None


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more."""
    told = False

    async def receive_again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
