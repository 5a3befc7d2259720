"""The one door of the house, for pages, sockets and the phone's API alike.

Why it exists: a Streamlit session id alone opens another person's session, and Streamlit guards neither our routes
nor its own media. So every request and every message of a socket passes here: the cookie becomes an account, read
from the database each time, and is handed inwards in a header that nobody outside can write. What is in none of the
lists below is not there.

It refuses to know roles or rules: what an account may do is decided by the use-cases.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import SplitResult, parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldcheck import words
from fieldcheck.domain.access import Actor
from fieldcheck.settings import Settings
from fieldcheck.usecases import devices, sessions
from fieldcheck.usecases.devices import Standing
from fieldcheck.usecases.sessions import LINK, OIDC
from fieldcheck.web.cookies import cookie_of, device_of
from fieldcheck.web.index import policy
from fieldcheck.web.plain_page import for_reader
from fieldcheck.web.proxies import seen_through
from fieldcheck.web.rates import Buckets
from fieldcheck.web.while_locked import may

# Without signing in: the sign-in itself, the empty shell of the phone, and public files of Streamlit and ours.
OPEN = frozenset(
    {"/join", "/join.js", "/leave", "/api/health", "/pocket", "/sw.js", "/manifest.webmanifest", "/icon.svg"}
    | {"/sign-in", "/sign-in/first", "/sign-in/provider", "/sign-in.js", "/sign-in.css", "/session.js"}
    | {"/icon-192.png", "/icon-512.png"}
    | {"/favicon.png"}  # Streamlit's page asks for it; it gets our icon
)
OPEN_BELOW = ("/pocket/", "/static/")
# Streamlit's way to an identity provider and back; open only where desks sign in by one.
PROVIDER_DOORS = ("/auth/login", "/oauth2callback")
# With a session: what Streamlit needs for its pages, and our API, which asks the use-cases.
SIGNED_IN = frozenset(
    {"/_stcore/health", "/_stcore/host-config", "/_stcore/stream"}
    | {"/sign-in/password", "/sign-in/factor", "/sign-in/codes"}
)
SIGNED_IN_BELOW = ("/api/", "/media/", "/component/", "/_stcore/upload_file/", "/_stcore/bidi-components/")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OURS = ("/api/", "/join", "/sign-in", "/leave")  # Streamlit checks its own writes by its token; these are ours to check
# All of ours; not what Streamlit's pages ask for.
COUNTED = (*OURS, *PROVIDER_DOORS, "/pocket", "/session.js", "/sw.js", "/manifest", "/icon", "/favicon")
PHOTO_LIMIT, BODY_LIMIT = 22 * 2**20, 2 * 2**20  # above the API's own 21 MiB, which has the better sentence
ACCOUNT = b"x-fc-account"
HERE = frozenset({"localhost", "127.0.0.1", "::1"})

#: What a phone is told that is over: it keeps what was not sent, sealed, and shows nothing else any more.
OVER = {Standing.ENDED: "session.ended", Standing.REVOKED: "session.revoked"}

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


class Gate:
    """ASGI middleware, outermost: who is it, may she come in, and with which headers does the answer leave."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        pages: frozenset[str],
        clock: Clock = utc_now,
        buckets: Buckets | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app, self.settings, self.pages, self.clock = app, settings, pages, clock
        self.buckets, self.ticks = buckets or Buckets(), ticks
        self.hosts = HERE if settings.host in HERE else frozenset({settings.host})
        self.dress = dress(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one connection in, or answer it here."""
        if scope["type"] != "lifespan":
            scope = seen_through(scope, self.settings.proxies)
        if scope["type"] == "http":
            await self._request(scope, receive, _dressed(send, self.dress))
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        actor = await self.actor(headers)
        standing, holder = (Standing.NONE, None) if actor else await self._phone(headers)
        language = language_of(scope, headers, actor or holder)
        words.use(language)
        if holder is not None and may(scope["method"], scope["path"]):
            actor = holder
        refusal = (
            self._too_often(scope, headers, actor)
            or await self._revoked(scope, headers, actor, standing)
            or self._refusal(scope, headers, actor, standing)
        )
        if refusal:
            await for_reader(scope, headers, refusal)(scope, receive, send)
            return
        scope = {**scope, "headers": stamped(scope, actor), "fieldcheck.actor": actor, "fieldcheck.language": language}
        body = Measured(receive, send, limit_for(scope["path"]))
        try:
            await self.app(scope, body.receive, body.send)
        finally:  # an error goes on to the log, which names the place in the code and nothing of the request
            if body.over and not body.started:
                await failure(413, "request.too_large", limit=body.limit)(scope, receive, send)
            elif not body.started:
                await for_reader(scope, headers, failure(500, "server.failed"))(scope, receive, send)

    def _too_often(self, scope: Scope, headers: Headers, actor: Actor | None) -> Response | None:
        """Ask whoever hammers to come back later; a cookie that is nobody's counts for the address it came from."""
        if not scope["path"].startswith(COUNTED):
            return None
        cookie = device_of(headers, self.settings) if actor else None
        address = (scope.get("client") or ("",))[0]
        seconds = self.buckets.wait(cookie, address, scope["path"], self.ticks())
        if not seconds:
            return None
        refusal = failure(429, "request.too_often", seconds=seconds)
        refusal.headers["Retry-After"] = str(seconds)
        return refusal

    async def _revoked(
        self, scope: Scope, headers: Headers, actor: Actor | None, standing: Standing
    ) -> Response | None:
        """Tell a phone that is over, or whose holder's part is, from one that is only signed out: it empties itself."""
        cookie = cookie_of(headers, self.settings)
        if actor is not None or not scope["path"].startswith("/api/") or is_open(scope["path"]):
            return None
        if standing in OVER:
            return failure(401, OVER[standing])
        if not cookie:
            return None
        ended = await run_in_threadpool(sessions.part_ended, self.settings, cookie)
        return failure(401, "session.revoked") if ended else None

    def _refusal(self, scope: Scope, headers: Headers, actor: Actor | None, standing: Standing) -> Response | None:
        path, method = scope["path"], scope["method"]
        if not self._is_our_host(headers):
            return failure(403, "request.wrong_host")
        if not (self._is_open(path) or needs_session(path, self.pages)):
            return failure(404, "request.unknown", where=path)
        if actor is None and not (self._is_open(path) or self._is_described(path)):
            is_locked = standing is Standing.LOCKED
            if method == "GET" and "text/html" in headers.get("accept", ""):
                door = "/join" if self.settings.sign_in.way == LINK else "/sign-in"
                return RedirectResponse("/pocket" if is_locked else door, 303)
            return failure(401, "session.locked" if is_locked else "session.none")
        if method not in SAFE_METHODS and path.startswith(OURS):
            if headers.get("x-fc") != "1" or not is_same_origin(headers):
                return failure(403, "request.wrong_origin")
        if announced(headers) > limit_for(path):
            return failure(413, "request.too_large", limit=limit_for(path))
        return None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        actor = await self.actor(headers)
        known = scope["path"] == "/_stcore/stream" and self._is_our_host(headers) and is_same_origin(headers)
        if actor is None or not known:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return

        async def receive_while_signed_in() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                still = await self.actor(headers)
                if still is None or still.person_id != actor.person_id:
                    await send({"type": "websocket.close", "code": 1008})
                    return {"type": "websocket.disconnect", "code": 1008}
            return message

        await self.app({**scope, "headers": stamped(scope, actor)}, receive_while_signed_in, send)

    async def actor(self, headers: Headers) -> Actor | None:
        """Read who is signed in under the cookie, from the database, now."""
        cookie = cookie_of(headers, self.settings)
        if not cookie:
            return None
        if not sessions.reads_at_once(self.settings):
            return await run_in_threadpool(sessions.actor_for, self.settings, cookie, self.clock())
        known = sessions.known(self.settings, cookie, self.clock())
        if known is not None and known.is_due:
            await run_in_threadpool(sessions.note, self.settings, cookie, self.clock())
        return known.actor if known else None

    async def _phone(self, headers: Headers) -> tuple[Standing, Actor | None]:
        """Say what the phone's own cookie is worth, where nobody is signed in on it."""
        cookie = device_of(headers, self.settings)
        if not cookie:
            return Standing.NONE, None
        return await run_in_threadpool(devices.holder, self.settings, cookie, self.clock())

    def _is_open(self, path: str) -> bool:
        return is_open(path) or (path in PROVIDER_DOORS and self.settings.sign_in.way == OIDC)

    def _is_described(self, path: str) -> bool:
        """Say whether the API's description may be read by anybody: on the machine of whoever builds with it.

        On an address that others reach it would tell a stranger what this page called Notes is for.
        """
        return path == "/api/openapi.json" and self.settings.host in HERE

    def _is_our_host(self, headers: Headers) -> bool:
        return _parts(f"//{headers.get('host', '')}").hostname in self.hosts


class Measured:
    """Counts a request's bytes as they come in; past the limit nothing is read and no answer leaves.

    Nor does a broken route's own answer leave: the gate says in our form that the fault is ours.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self.limit = receive, send, limit
        self.seen, self.started = 0, False

    @property
    def over(self) -> bool:
        """Whether more came than is allowed."""
        return self.seen > self.limit

    async def receive(self) -> Message:
        """Pass one message on."""
        message = await self._receive()
        self.seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.over else message

    async def send(self, message: Message) -> None:
        """Pass one message back."""
        if message["type"] == "http.response.start" and not self.over and message["status"] != 500:
            self.started = True
        if self.started:
            await self._send(message)


def is_open(path: str) -> bool:
    """Say whether *path* is answered without signing in."""
    return path in OPEN or path.startswith(OPEN_BELOW)


def needs_session(path: str, pages: frozenset[str]) -> bool:
    """Say whether *path* exists for whoever is signed in."""
    return path in SIGNED_IN or path in pages or path.startswith(SIGNED_IN_BELOW)


def limit_for(path: str) -> int:
    """Give how many bytes a request to *path* may carry."""
    return PHOTO_LIMIT if "/photos/" in path or path.startswith("/_stcore/upload_file/") else BODY_LIMIT


def stamped(scope: Scope, actor: Actor | None) -> list[tuple[bytes, bytes]]:
    """Give the headers without any account that was written outside, and with the one that we know."""
    kept = [(name, value) for name, value in scope["headers"] if name[:1] not in b"xX" or not _says_account(name)]
    return [*kept, (ACCOUNT, actor.person_id.encode())] if actor else kept


def _says_account(name: bytes) -> bool:
    return name.lower().replace(b"_", b"-").startswith(ACCOUNT)


def is_same_origin(headers: Headers) -> bool:
    """Say whether the page that asks is one of ours; a browser always tells."""
    return bool(headers.get("host")) and _parts(headers.get("origin", "")).netloc == headers.get("host")


def announced(headers: Headers) -> int:
    """Say how many bytes a request announces; 0 where it does not, or not in figures."""
    said = headers.get("content-length") or "0"
    # Python reads no number of thousands of digits; whoever writes one means more than we take.
    return int(said[:18]) if said.isascii() and said.isdecimal() else 0


@lru_cache(maxsize=256)
def _parts(address: str) -> SplitResult:
    """Take an address apart; one that is none has no parts."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def language_of(scope: Scope, headers: Headers, actor: Actor | None) -> str:
    """Choose the language: asked for in the address, else the person's own, else the browser's first that we speak."""
    return next((language for language in _wishes(scope, headers, actor) if language in words.LANGUAGES), "ru")


def _wishes(scope: Scope, headers: Headers, actor: Actor | None) -> Iterator[str]:
    if scope.get("query_string"):
        yield parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    if actor:
        yield actor.language
    for part in headers.get("accept-language", "").split(","):
        yield part.split(";")[0].strip()[:2].lower()


def failure(status: int, code: str, **details: object) -> JSONResponse:
    """Say what is wrong in the one form that all our answers use."""
    error = {"code": code, "details": details, "message": words.sentence(code, details)}
    return JSONResponse({"error": error}, status, headers={"Cache-Control": "no-store"})


def dress(settings: Settings) -> tuple[tuple[bytes, bytes], ...]:
    """List the security headers that every answer wears; what a route has already said stands."""
    worn = {
        b"content-security-policy": policy().encode(),
        b"permissions-policy": b"camera=(self), geolocation=(self), microphone=()",
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
        b"referrer-policy": b"no-referrer",
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
        b"cache-control": b"no-store",
    }
    if settings.is_secure:
        worn[b"strict-transport-security"] = b"max-age=63072000; includeSubDomains"
    return tuple(worn.items())


def _dressed(send: Send, worn: tuple[tuple[bytes, bytes], ...]) -> Callable[[Message], Awaitable[None]]:
    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = {name.lower() for name, _value in message["headers"]}
            missing = [one for one in worn if one[0] not in said]
            message = {**message, "headers": [*message["headers"], *missing]}
        await send(message)

    return dressed
