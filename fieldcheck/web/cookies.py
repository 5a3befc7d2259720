"""The cookies: that somebody is signed in, which phone this is, and that a desk's browser was here before."""

import re
from functools import cache

from starlette.datastructures import Headers
from starlette.responses import Response

from fieldcheck.settings import Settings
from fieldcheck.usecases.devices import PHONE_FOR
from fieldcheck.usecases.known_browsers import KNOWN_FOR
from fieldcheck.usecases.sessions import NewSession


def cookie_name(settings: Settings) -> str:
    """Name the session's cookie; over HTTPS the name itself forbids a neighbour's subdomain to set it."""
    return "__Host-fc" if settings.is_secure else "fc"


def device_name(settings: Settings) -> str:
    """Name the phone's cookie."""
    return "__Host-fc_dev" if settings.is_secure else "fc_dev"


def browser_name(settings: Settings) -> str:
    """Name the cookie by which a desk's browser is known again."""
    return "__Host-fc_known" if settings.is_secure else "fc_known"


def browser_of(headers: Headers, settings: Settings) -> str | None:
    """Read what an earlier sign-in left in this browser."""
    return _read(headers, browser_name(settings))


def cookie_of(headers: Headers, settings: Settings) -> str | None:
    """Read the session's cookie; None where there is none or it is not one."""
    return _read(headers, cookie_name(settings))


def device_of(headers: Headers, settings: Settings) -> str | None:
    """Read the phone's cookie; of a phone from before there were two, the session's stands for it."""
    return _read(headers, device_name(settings)) or cookie_of(headers, settings)


def _read(headers: Headers, name: str) -> str | None:
    found = _cookie(name).findall(headers.get("cookie", ""))
    return found[-1] if found else None


@cache
def _cookie(name: str) -> re.Pattern[str]:
    """Give what a cookie of ours looks like among others; we never set one that does not look so."""
    return re.compile(rf"(?:^|;)\s*{re.escape(name)}=([A-Za-z0-9_-]{{1,128}})\s*(?=;|$)")


def remember(response: Response, settings: Settings, session: NewSession) -> None:
    """Give the browser the session's cookie, and the phone's where there is a new one."""
    given = [(cookie_name(settings), session.cookie, session.lasts)]
    if session.device_cookie:
        given.append((device_name(settings), session.device_cookie, PHONE_FOR))
    if session.browser_cookie:
        given.append((browser_name(settings), session.browser_cookie, KNOWN_FOR))
    for name, value, lasts in given:
        response.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=settings.is_secure,
            httponly=True,
            samesite="lax",
        )


def drop(response: Response, settings: Settings, *, phone: bool = True) -> None:
    """Take the session's cookie back, and with it the phone's unless that stays known."""
    for name in (cookie_name(settings), *([device_name(settings)] if phone else [])):
        response.delete_cookie(name, path="/", secure=settings.is_secure, httponly=True, samesite="lax")
