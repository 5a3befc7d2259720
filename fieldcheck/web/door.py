"""Signing in by link, and signing out.

The token stands behind the `#` of the link, where no server log, proxy or link preview sees it; the page reads it and
sends it once. Everything that a stranger could see here is neutral: a page called Notes.
"""

from html import escape
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.settings import Settings
from fieldcheck.usecases import devices, people, sessions, throttle
from fieldcheck.usecases.sessions import LINK, NewSession
from fieldcheck.web import cookies
from fieldcheck.web.gate import failure, utc_now
from fieldcheck.words import _, language

_SCRIPT = Path(__file__).with_name("join.js")
_STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;margin:0;min-height:100dvh;display:grid;place-items:center;"
    "color:#17212b;background:#f2f5f8}main{max-width:26rem;padding:1.5rem;text-align:center}"
    "h1{font:inherit;margin:1em 0}button{font:inherit;margin-top:1rem;padding:.75rem 1.5rem;min-height:3rem;border:0;"
    "border-radius:.5rem;background:#1d5b8f;color:#fff}[hidden]{display:none}"
    "@media(prefers-color-scheme:dark){body{color:#e8edf2;background:#12181f}}"
)


def routes(settings: Settings) -> list[Route]:
    """Give the routes of the door."""

    async def join_page(_request: Request) -> Response:
        return HTMLResponse(page("join"), headers={"Cache-Control": "no-store"})

    async def leave_page(_request: Request) -> Response:
        return HTMLResponse(page("leave"), headers={"Cache-Control": "no-store"})

    async def script(_request: Request) -> Response:
        return FileResponse(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    async def join(request: Request) -> Response:
        return await redeem(settings, request)

    async def leave(request: Request) -> Response:
        return await sign_out(settings, request)

    return [
        Route("/join", join_page, methods=["GET"]),
        Route("/join", join, methods=["POST"]),
        Route("/join.js", script, methods=["GET"]),
        Route("/leave", leave_page, methods=["GET"]),
        Route("/leave", leave, methods=["POST"]),
    ]


async def redeem(settings: Settings, request: Request) -> Response:
    """Turn a link's token into a session, once; whoever was signed in here before is signed out."""
    token = await _said(request, "token")
    before, phone = cookies.cookie_of(request.headers, settings), cookies.device_of(request.headers, settings)
    at = [throttle.of_address(settings, address_of(request), "address.link")]
    if await run_in_threadpool(throttle.admit, settings, at, utc_now()):
        return failure(429, "sign_in.too_many")
    try:
        session = await run_in_threadpool(
            people.redeem, settings, str(token or ""), utc_now(), device_of(request.headers)
        )
    except FieldcheckError as error:
        return failure(404, error.code, **error.details)
    await run_in_threadpool(throttle.forgive, settings, at, utc_now())
    if before:
        await run_in_threadpool(sessions.end, settings, before, utc_now())
    if phone:
        await run_in_threadpool(devices.leave, settings, phone, utc_now(), session.person_id)
    next_page = "/pocket" if session.role is Role.VOLUNTEER else "/" if session.is_full else "/sign-in/first"
    return with_cookie(settings, JSONResponse({"role": session.role.value, "next": next_page}), session)


def with_cookie(settings: Settings, response: Response, session: NewSession) -> Response:
    """Hand the browser its session's cookie."""
    response.headers["Cache-Control"] = "no-store"
    cookies.remember(response, settings, session)
    return response


async def sign_out(settings: Settings, request: Request) -> Response:
    """End the session. Only a page that knows that nothing waits to be sent may have the phone's memory wiped."""
    wipe = await _said(request, "wipe") is True
    cookie, phone = cookies.cookie_of(request.headers, settings), cookies.device_of(request.headers, settings)
    if cookie:
        await run_in_threadpool(sessions.end, settings, cookie, utc_now())
    found = request.scope.get("fieldcheck.actor")
    actor = found if isinstance(found, Actor) else None
    if phone:
        await run_in_threadpool(devices.leave, settings, phone, utc_now(), actor.person_id if actor else "")
    is_volunteer = bool(phone and phone != cookie) or (actor is not None and actor.role is Role.VOLUNTEER)
    response = JSONResponse({"next": "/join" if settings.sign_in.way == LINK or is_volunteer else "/sign-in"})
    cookies.drop(response, settings)
    response.headers["Clear-Site-Data"] = '"*"' if wipe else '"cache"'
    return response


def address_of(request: Request) -> str:
    """Say where a request comes from; the gate has already looked behind proxies of ours."""
    return request.client.host if request.client else ""


def device_of(headers: Headers) -> str:
    """Say what kind of thing somebody signs in on, and no more than that."""
    said = headers.get("user-agent", "")
    return "phone" if "Mobi" in said or "Android" in said else "computer"


async def _said(request: Request, key: str) -> object:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return None
    return body.get(key) if isinstance(body, dict) else None


def page(what: str) -> str:
    """Write the page for *what* (join or leave) in the language spoken now."""
    told = {
        "wait": _("One moment…"),
        "none": _("Open the link that you were given."),
        "used": _("This link is no longer good. Ask for a new one."),
        "later": _("Too many tries from here. Wait a quarter of an hour, then try again."),
        "offline": _("There is no network. Nothing is lost; try again."),
        "sure": _("Sign out on this device?"),
    }
    buttons = {"again": _("Try again"), "leave": _("Sign out")}
    lines = "".join(f'<h1 id="{name}" hidden>{escape(text)}</h1>' for name, text in told.items())
    lines += "".join(f'<button id="{name}" hidden>{escape(text)}</button>' for name, text in buttons.items())
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8"><title>{escape(_("Notes"))}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
        '<link rel="icon" href="/icon.svg"><meta name="robots" content="noindex">'
        f'<style>{_STYLE}</style></head><body data-what="{what}"><main><div role="status">{lines}</div>'
        '</main><script type="module" src="/join.js"></script></body></html>'
    )
