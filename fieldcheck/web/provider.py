"""Signing in by an identity provider, with Streamlit's own machinery and without its cookie.

Streamlit's routes send the browser to the provider, check what comes back, and would keep who it is for thirty days in
a cookie that nobody can revoke. Here that cookie never reaches the browser: on its way out it is exchanged for a
session of ours, which the gate reads from the database at every message.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import encode_provider_token, get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.settings import Settings
from fieldcheck.usecases import providers
from fieldcheck.usecases.providers import Word
from fieldcheck.usecases.sessions import OIDC
from fieldcheck.web import door
from fieldcheck.web.gate import PROVIDER_DOORS, utc_now

NAME = "desk"
LOGIN, CALLBACK = PROVIDER_DOORS


def secrets(settings: Settings) -> dict[str, Any] | None:
    """Give what `st.App` must know of the provider; it stays in memory."""
    if settings.sign_in.way != OIDC:
        return None
    told = settings.provider
    # No e-mail and no name are asked for; and whoever sits at a shared desk shows herself anew.
    client = {"scope": "openid", "prompt": "login", "code_challenge_method": "S256"}
    section = {
        "client_id": told.client_id,
        "client_secret": told.client_secret,
        "server_metadata_url": told.metadata_url,
        "client_kwargs": client,
    }
    return {
        "auth": {
            "redirect_uri": f"{settings.url}{CALLBACK}",
            "cookie_secret": settings.cookie_secret,
            NAME: section,
        }
    }


def route(settings: Settings) -> Route:
    """Give the way to the provider; where desks sign in otherwise it leads back to the door."""

    async def begin(_request: Request) -> Response:
        to = f"{LOGIN}?provider={encode_provider_token(NAME)}" if settings.sign_in.way == OIDC else "/sign-in"
        return RedirectResponse(to, 303)

    return Route("/sign-in/provider", begin, methods=["GET"])


class Exchange:
    """ASGI middleware behind the gate: Streamlit's word about who somebody is becomes a session of ours."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the two doors of the provider."""
        if scope["type"] != "http" or scope["path"] not in PROVIDER_DOORS:
            await self.app(scope, receive, send)
            return
        heard: list[Message] = []

        async def listen(message: Message) -> None:
            heard.append(message)

        await self.app(scope, receive, listen)
        start = next((message for message in heard if message["type"] == "http.response.start"), None)
        if start is None:
            return
        cookies = [value.decode("latin-1") for name, value in start["headers"] if name.lower() == b"set-cookie"]
        kept = [self._dressed(one) for one in cookies if not one.startswith(USER_COOKIE_NAME)]
        if scope["path"] == CALLBACK:
            answer = await self._exchanged(scope, cookies)
        else:
            to = Headers(raw=start["headers"]).get("location", "/sign-in")
            answer = RedirectResponse(to, 302)
        for cookie in kept:
            answer.headers.append("set-cookie", cookie)
        answer.headers["Cache-Control"] = "no-store"
        await answer(scope, receive, send)

    async def _exchanged(self, scope: Scope, cookies: Iterable[str]) -> Response:
        request, word = Request(scope), word_in(cookies, self.settings.cookie_secret)
        if word is not None:
            where, device = door.address_of(request), door.device_of(request.headers)
            try:
                session = await run_sync(providers.sign_in, self.settings, word, where, utc_now(), device)
            except FieldcheckError:
                word = None
            else:
                return door.with_cookie(self.settings, RedirectResponse("/", 303), session)
        return RedirectResponse("/sign-in?refused", 303)

    def _dressed(self, cookie: str) -> str:
        """Give the cookie of the journey there and back what Streamlit leaves out."""
        return f"{cookie}; Secure" if self.settings.is_secure and "secure" not in cookie.lower() else cookie


def word_in(cookies: Iterable[str], secret: str) -> Word | None:
    """Read what Streamlit is about to tell the browser of who it is; None where it says nothing that holds."""
    jar: SimpleCookie = SimpleCookie()
    for cookie in cookies:
        jar.load(cookie)

    def one(name: str) -> bytes | None:
        morsel = jar.get(name)
        return decode_signed_value(secret, name, morsel.value) if morsel and morsel.value else None

    told = get_cookie_with_chunks(one, USER_COOKIE_NAME)
    try:
        said = json.loads(told or b"{}")
        expires_at = datetime.fromtimestamp(int(said["exp"]), UTC)
        return Word(str(said["iss"]), str(said["sub"]), expires_at, str(said.get("nonce") or ""))
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
