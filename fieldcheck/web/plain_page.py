"""A refusal as a person meets it who opened an address in a browser: one sentence, and the way back to the first page.

Programs get the same refusal as JSON. Like every page that a stranger may see it is called Notes and says no more.
"""

import json
from html import escape

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from fieldcheck.words import _, language

STYLE = (
    "body{font:1.125rem/1.5 system-ui,sans-serif;margin:0;min-height:100dvh;display:grid;place-items:center;"
    "color:#17212b;background:#f2f5f8}main{max-width:26rem;padding:1.5rem;text-align:center}"
    "h1{font:inherit;margin:1em 0}"
    "a{display:inline-block;margin-top:1rem;padding:.75rem 1.5rem;min-height:1.5rem;border-radius:.5rem;"
    "background:#1d5b8f;color:#fff;text-decoration:none}"
    "@media(prefers-color-scheme:dark){body{color:#e8edf2;background:#12181f}}"
)


def for_reader(scope: Scope, headers: Headers, refusal: Response) -> Response:
    """Give *refusal* as a page where a browser asked for one, else as it is."""
    asks = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
    if not asks or not isinstance(refusal, JSONResponse) or scope["path"].startswith("/api/"):
        return refusal
    told = json.loads(bytes(refusal.body))["error"]["message"]
    kept = {name: value for name, value in refusal.headers.items() if name in ("retry-after", "cache-control")}
    return HTMLResponse(page(told), refusal.status_code, headers=kept)


def page(told: str) -> str:
    """Write the page in the language spoken now."""
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8"><title>{escape(_("Notes"))}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg">'
        f'<meta name="robots" content="noindex"><style>{STYLE}</style></head><body><main>'
        f'<div role="alert"><h1>{escape(told)}</h1></div>'
        f'<a href="/">{escape(_("To the first page"))}</a></main></body></html>'
    )
