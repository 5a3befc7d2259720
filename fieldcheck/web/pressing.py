"""Compresses what is sent, in the best way that the asking browser takes: Brotli, gzip, or not at all.

What never changes is pressed once and hard; an answer made for one person is pressed quickly, on its way out.
"""

import gzip
import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What is known, the best first; a browser speaks of Brotli on HTTPS and on its own machine only.
WAYS = ("br", "gzip")
#: Below this the headers weigh more than what is saved.
WORTH = 400
#: Above this it takes long enough to be done beside the loop.
LONG = 32_000
PRESSED_TYPES = ("application/json", "text/")

HARD: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=11),
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),  # the clock stays out of it: same body, same bytes
}
QUICK: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}


@lru_cache(maxsize=64)
def way(accepted: str) -> str | None:
    """Choose how to press for who says in Accept-Encoding what is taken; None where nothing that is known is."""
    wishes = dict(_wish(part) for part in accepted.lower().split(",") if part.strip())
    weighed = {name: wishes.get(name, wishes.get("*", 0.0)) for name in WAYS}
    best = max(weighed, key=lambda name: weighed[name])  # of two alike the first, which is the better
    return best if weighed[best] > 0 else None


def _wish(part: str) -> tuple[str, float]:
    name, _, said = part.partition(";")
    try:
        return name.strip(), float(said.strip().removeprefix("q=") or 1)
    except ValueError:
        return name.strip(), 0.0


def tagged(request: Request, body: bytes, headers: Mapping[str, str]) -> Response:
    """Answer with JSON under a validator: whoever has it already is told so, and nothing else."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    worn = {**headers, "ETag": tag}
    known = request.headers.get("if-none-match", "")
    if any(one.strip().removeprefix("W/") == tag for one in known.split(",")):
        return Response(status_code=304, headers=worn)
    return Response(body, media_type="application/json", headers=worn)


class Pressing:
    """ASGI middleware: answers of one piece that are text leave compressed, all that vary by it say so."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Press one answer, where that is worth it."""
        chosen = way(Headers(scope=scope).get("accept-encoding", "")) if scope["type"] == "http" else None
        await self.app(scope, receive, _Held(send, chosen).send if scope["type"] == "http" else send)


class _Held:
    """Holds an answer's beginning back until its first piece tells whether there is more."""

    def __init__(self, send: Send, chosen: str | None) -> None:
        self._send, self.chosen = send, chosen
        self.start: MutableMapping[str, Any] | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_text(Headers(raw=message["headers"])):
            self.start = message
            return
        if self.start is not None:
            start, self.start = self.start, None
            message = await self._pressed(start, message)
            await self._send(start)
        await self._send(message)

    async def _pressed(self, start: MutableMapping[str, Any], message: Message) -> Message:
        headers = MutableHeaders(raw=start["headers"])
        headers.add_vary_header("Accept-Encoding")
        body = message.get("body", b"")
        if self.chosen is None or message.get("more_body") or len(body) < WORTH:
            return message
        press = QUICK[self.chosen]
        small = press(body) if len(body) < LONG else await run_in_threadpool(press, body)
        headers["Content-Encoding"], headers["Content-Length"] = self.chosen, str(len(small))
        if "etag" in headers:  # of the same words in another dress
            headers["ETag"] = "W/" + headers["etag"].removeprefix("W/")
        return {**message, "body": small}


def _is_text(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith(PRESSED_TYPES) and "content-encoding" not in headers
