"""The desks' own door: signing in by code, password and second factor, and setting these up and anew.

Plain pages, light, and neutral like the links' door: they say nothing about what stands behind them. A password never
enters a Streamlit session. Each page is one form; what it sends is answered by one use-case.
"""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any, NoReturn

import segno
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from fieldcheck.domain.access import Actor
from fieldcheck.domain.errors import Busy, FieldcheckError, Forbidden
from fieldcheck.settings import Settings
from fieldcheck.usecases import accounts, passwords, sessions
from fieldcheck.usecases.sessions import PASSWORD
from fieldcheck.web import door
from fieldcheck.web.cookies import browser_of, cookie_of
from fieldcheck.web.gate import failure, utc_now
from fieldcheck.words import LANGUAGES, _, language

_HERE = Path(__file__)
LONGEST_LINE = 200  # how many may wait for a hash before the door says that it is busy

Said = Mapping[str, str]


class Waiting:
    """Lets two at a time do what is slow, in threads of their own: phones never wait for a desk's password."""

    def __init__(self) -> None:
        self._seats = CapacityLimiter(passwords.AT_ONCE)

    async def run(self, act: Callable[..., Any], *args: Any) -> Any:
        """Do *act* when its turn comes."""
        if self._seats.statistics().tasks_waiting >= LONGEST_LINE:
            raise Busy("sign_in.busy")
        return await run_sync(lambda: act(*args), limiter=self._seats)


def routes(settings: Settings) -> list[Route]:
    """Give the routes of the desks' door."""
    line = Waiting()

    async def page_of(request: Request) -> Response:
        what = request.url.path.removeprefix("/sign-in").strip("/") or "in"
        if what == "in" and settings.sign_in.way == sessions.LINK:
            return RedirectResponse("/join", 303)
        written = page(what, settings.sign_in.way, refused="refused" in request.query_params)
        return HTMLResponse(written, headers={"Cache-Control": "no-store"})

    async def file(request: Request) -> Response:
        kind = {"js": "text/javascript", "css": "text/css"}[request.url.path.rsplit(".", 1)[1]]
        name = _HERE.with_name(request.url.path.strip("/").replace("-", "_"))
        return FileResponse(name, media_type=kind, headers={"Cache-Control": "no-cache"})

    async def answer(request: Request) -> Response:
        what = request.url.path.removeprefix("/sign-in").strip("/") or "in"
        try:
            if settings.sign_in.way != PASSWORD:
                raise Forbidden("sign_in.other_way")
            said = await _said(request)
            return await ACTS[what](settings, line, request, said)
        except FieldcheckError as error:
            return failure(_status(error), error.code, **error.details)

    made = [Route(f"/{name}", file, methods=["GET"]) for name in ("sign-in.js", "sign-in.css", "session.js")]
    for what in ACTS:
        path = "/sign-in" if what == "in" else f"/sign-in/{what}"
        made += [Route(path, page_of, methods=["GET"]), Route(path, answer, methods=["POST"])]
    return made


def _status(error: FieldcheckError) -> int:
    if error.code == "session.none":
        return 401
    if isinstance(error, Busy):
        return 429
    return 403 if isinstance(error, Forbidden) else 422


async def _said(request: Request) -> Said:
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return {}
    return {key: text for key, text in body.items() if isinstance(text, str)} if isinstance(body, dict) else {}


async def _sign_in(settings: Settings, line: Waiting, request: Request, said: Said) -> Response:
    before = cookie_of(request.headers, settings)
    told = (said.get("code", ""), said.get("password", ""), said.get("second", ""))
    where, device = door.address_of(request), door.device_of(request.headers)
    browser = browser_of(request.headers, settings) or ""
    session = await line.run(accounts.sign_in, settings, told, where, utc_now(), device, browser)
    if before:  # whoever was here before is signed out; a cookie that was planted is worth nothing
        await line.run(sessions.end, settings, before, utc_now())
    return door.with_cookie(settings, JSONResponse({"next": "/"}), session)


async def _first(settings: Settings, line: Waiting, request: Request, said: Said) -> Response:
    here = _here(settings, request)
    actor = await line.run(sessions.setting_up, settings, here, utc_now())
    if actor is None:
        _nobody()
    if "second" not in said:
        return _factor(await line.run(accounts.begin_factor, settings, actor))
    device = door.device_of(request.headers)
    password, second = said.get("password", ""), said["second"]
    session, codes = await line.run(accounts.set_up, settings, actor, password, second, utc_now(), here, device)
    return door.with_cookie(settings, JSONResponse({"codes": codes}), session)


async def _change_password(settings: Settings, line: Waiting, request: Request, said: Said) -> Response:
    actor, here, device = who(request), _here(settings, request), door.device_of(request.headers)
    current, password = said.get("current", ""), said.get("password", "")
    session = await line.run(accounts.change_password, settings, actor, current, password, utc_now(), here, device)
    return door.with_cookie(settings, JSONResponse({"next": "/account"}), session)


async def _change_factor(settings: Settings, line: Waiting, request: Request, said: Said) -> Response:
    actor = who(request)
    if "second" not in said:
        return _factor(await line.run(accounts.begin_factor, settings, actor))
    current, second, device = said.get("current", ""), said["second"], door.device_of(request.headers)
    here = _here(settings, request)
    session = await line.run(accounts.change_factor, settings, actor, current, second, utc_now(), here, device)
    return door.with_cookie(settings, JSONResponse({"next": "/account"}), session)


async def _new_codes(settings: Settings, line: Waiting, request: Request, said: Said) -> Response:
    actor, here = who(request), _here(settings, request)
    codes = await line.run(accounts.new_codes, settings, actor, said.get("current", ""), utc_now(), here)
    return JSONResponse({"codes": codes})


#: The pages below /sign-in, and what answers them.
ACTS = {"in": _sign_in, "first": _first, "password": _change_password, "factor": _change_factor, "codes": _new_codes}


def who(request: Request) -> Actor:
    """Give who is signed in, as the gate found it."""
    actor = request.scope.get("fieldcheck.actor")
    if not isinstance(actor, Actor):
        _nobody()
    return actor


def _here(settings: Settings, request: Request) -> str:
    """Give the cookie of the session that something is done in."""
    return cookie_of(request.headers, settings) or ""


def _nobody() -> NoReturn:
    raise Forbidden("session.none")


def _factor(factor: accounts.Factor) -> Response:
    code = segno.make(factor.address, error="m")
    drawn = code.svg_data_uri(border=4, light="#fff", dark="#000", omitsize=True)
    return JSONResponse({"secret": factor.secret, "qr": drawn, "code": factor.code})


# The pages


def page(what: str, way: str, *, refused: bool = False) -> str:
    """Write one of the pages in the language spoken now."""
    titles = {
        "in": _("Sign in"),
        "first": _("Your password and your second key"),
        "password": _("Another password"),
        "factor": _("Another second key"),
        "codes": _("New recovery codes"),
    }
    lead = {"first": _("You came by a link. From now on you sign in with your code, a password and a key.")}.get(what)
    body = f"<h1>{escape(titles[what])}</h1>" + (f"<p>{escape(lead)}</p>" if lead else "")
    body += _provider(refused=refused) if (what, way) == ("in", sessions.OIDC) else _form(what)
    others = " ".join(f'<a href="?lang={one}" lang="{one}">{name}</a>' for one, name in _LANGUAGE_NAMES.items())
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8"><title>{escape(_("Notes"))}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">'
        '<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/sign-in.css">'
        f'<meta name="robots" content="noindex"></head><body data-what="{what}"><main>{body}{_printed()}</main>'
        f'<footer>{others}</footer><script type="module" src="/sign-in.js"></script></body></html>'
    )


_LANGUAGE_NAMES = dict(zip(LANGUAGES, ("Русский", "Қазақша", "English"), strict=True))


def _form(what: str) -> str:
    fields = {
        "in": (_code(), _password("password", _("Password"), "current-password"), _second(may_recover=True)),
        "first": (_mine(), _password("password", _("Password"), "new-password", new=True), _qr(), _second()),
        "password": (
            _password("current", _("The password you have now"), "current-password"),
            _password("password", _("The new password"), "new-password", new=True),
        ),
        "factor": (_qr(), _second(), _password("current", _("Your password"), "current-password")),
        "codes": (_password("current", _("Your password"), "current-password"),),
    }
    notes = {
        "in": _("The first time you come by a link. If you cannot get in, ask whoever gave you the link."),
        "password": _("You are then signed out everywhere else."),
        "factor": _("The old key is then good for nothing, and you are signed out everywhere else."),
        "codes": _("The codes that you have now are then good for nothing."),
    }
    said = {
        "offline": _("There is no network. Nothing is lost; try again."),
        "wait": _("Wait {n} s"),
        "nobody": _("Open the link that you were given."),
    }
    data = " ".join(f'data-{name}="{escape(text)}"' for name, text in said.items())
    button = _("Sign in") if what == "in" else _("Go on")
    note = f'<p class="note">{escape(notes[what])}</p>' if what in notes else ""
    return (
        f'<form {data} novalidate><p id="wrong" role="alert" hidden></p>{"".join(fields[what])}'
        f"<button>{escape(button)}</button>{note}</form>"
    )


def _field(name: str, label: str, hint: str = "", **attributes: str) -> str:
    said = " ".join(f'{key}="{escape(text)}"' for key, text in attributes.items())
    told = f'<small id="{name}-hint">{escape(hint)}</small>' if hint else ""
    described = f' aria-describedby="{name}-hint"' if hint else ""
    written = f'<input id="{name}" name="{name}" {said}{described} required>'
    return f'<label for="{name}">{escape(label)}</label>{written}{told}'


def _code() -> str:
    return _field(
        "code", _("Your code"), autocomplete="username", autocapitalize="characters", spellcheck="false", maxlength="20"
    )


def _mine() -> str:
    """Say which code is hers, in a field too, so that the browser keeps the password under it."""
    field = '<input autocomplete="username" readonly tabindex="-1" aria-hidden="true" hidden>'
    return f'<p>{escape(_("Your code"))}: <strong class="mine"></strong></p>{field}'


def _password(name: str, label: str, kind: str, *, new: bool = False) -> str:
    hint = _("At least {n} characters. A few words in a row are good and easy to remember.", n=12) if new else ""
    show = f'<button type="button" class="show" data-for="{name}">{escape(_("Show"))}</button>'
    return _field(name, label, hint, type="password", autocomplete=kind, maxlength="200") + show


def _second(*, may_recover: bool = False) -> str:
    hint = _("If you have no app at hand: one of your printed recovery codes.") if may_recover else ""
    return _field(
        "second", _("Code from the app"), hint, autocomplete="one-time-code", inputmode="text", maxlength="20",
        spellcheck="false",
    )  # fmt: skip


def _qr() -> str:
    return (
        f'<fieldset><legend>{escape(_("Second key"))}</legend><p>{escape(_("Take a picture of this square in an app that makes one-time codes (an authenticator), then write down the code it shows."))}</p>'  # noqa: E501 - one sentence
        f'<img id="qr" alt="{escape(_("Square for the app"))}" width="200" height="200" hidden>'
        f'<details><summary>{escape(_("Without a camera"))}</summary><p>{escape(_("Type this into the app:"))} '
        '<code id="secret"></code></p></details></fieldset>'
    )


def _printed() -> str:
    """What is shown once, after the form: the recovery codes, made for printing."""
    return (
        f'<section id="printed" hidden><h1>{escape(_("Recovery codes"))}</h1>'
        f'<p>{escape(_("Each stands in once for the code from the app. Print them now, or write them down: they are shown only here."))}</p>'  # noqa: E501 - one sentence
        f'<ol id="codes"></ol><p>{escape(_("Keep the page where nobody looks, and not beside your password."))}</p>'
        f'<div class="unprinted"><button type="button" id="print">{escape(_("Print"))}</button>'
        f'<a class="button" href="/account">{escape(_("I have them; go on"))}</a></div></section>'
    )


def _provider(*, refused: bool) -> str:
    told = _("You could not be signed in with that account. Ask whoever brought you in.")
    wrong = f'<p id="wrong" role="alert">{escape(told)}</p>' if refused else ""
    return f'{wrong}<p><a class="button" href="/sign-in/provider">{escape(_("Sign in"))}</a></p>'
