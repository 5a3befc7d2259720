"""Streamlit's own page and bundles, served the way a slow network and a curious neighbour ask for.

Why it exists: Streamlit serves its bundles uncompressed and names itself in the page. Here they go out compressed
once and for all, to be kept for ever by the browser (their names carry a hash), and the page has a neutral title and
no font to fetch. It changes nothing inside the bundles: what is replaced in the page is listed below, and a test says
so at each upgrade of Streamlit.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import ClassVar

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fieldcheck.domain.access import Actor, Role
from fieldcheck.web import desk_words, pressing

STATIC = Path(streamlit.__file__).resolve().parent / "static"  # what is found below it is resolved too
# What shrinks when it is compressed, and what it is.
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".wasm": "application/wasm",
}
SUFFIXES = {"br": ".br", "gzip": ".gz"}
FOR_EVER = "public, max-age=31536000, immutable"
_DROPPED = (
    r'\s*<link\s+rel="preload"[^>]*as="font"[^>]*>',  # the theme speaks in the phone's own letters
    r'\s*<link rel="service-desc"[^>]*>',  # there is no agent API here to describe
    r"\s*<noscript>.*?</noscript>",  # the same, in words
    r"\s*<!--.*?-->",
)


@cache
def page(language: str = "en", *, at_desk: bool = False) -> str:
    """Give the page that hosts the desks, in neutral dress; one *at_desk* goes to the door when its session has ended.

    A volunteer's stays where it is: what she walks goes on without anybody being signed in.
    """
    html = (STATIC / "index.html").read_text()
    for pattern in _DROPPED:
        html = re.sub(pattern, "", html, flags=re.DOTALL)
    html = html.replace("<title>Streamlit</title>", "<title>Notes</title>")
    html = html.replace('<html lang="en">', f'<html lang="{language}">')
    html = html.replace("</head>", f'<script defer src="{desk_words.SCRIPT}"></script></head>')
    html = html.replace("./favicon.png", "/icon.svg").replace('"./static/', '"/static/')
    if at_desk:
        html = html.replace("</head>", '<script type="module" src="/session.js"></script></head>')
    return html.replace("shrink-to-fit=no", "viewport-fit=cover")


@cache
def policy(inside: str = "") -> str:
    """Give the Content-Security-Policy: our own files; by hash Streamlit's own script and one *inside* a page."""
    scripts = [*re.findall(r"<script>(.*?)</script>", page(), re.DOTALL), *([inside] if inside else [])]
    hashes = " ".join(f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
        "worker-src 'self' blob:; frame-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


class Bundles:
    """ASGI middleware: Streamlit's page, its bundles and its host settings, in our form."""

    #: What browsers asked for that is not there at its smallest yet; one thread of the process makes it.
    wanted: ClassVar["SimpleQueue[Path]"] = SimpleQueue()

    def __init__(self, app: ASGIApp, cache_in: Path, pages: frozenset[str]) -> None:
        self.app, self.pages = app, pages
        self.cache = cache_in / f"streamlit-{streamlit.__version__}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is ours, pass on the rest."""
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            response = await self._answer(scope)
            if response:
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if path in self.pages:
            actor = scope.get("fieldcheck.actor")
            at_desk = isinstance(actor, Actor) and actor.role is not Role.VOLUNTEER
            written = page(scope.get("fieldcheck.language", "en"), at_desk=at_desk)
            return HTMLResponse(written, headers={"Cache-Control": "no-store"})
        if path == "/favicon.png":
            return RedirectResponse("/icon.svg")
        if path == "/_stcore/host-config":
            return JSONResponse(HOST_CONFIG, headers={"Cache-Control": "no-cache"})
        if path == desk_words.SCRIPT:
            headers = {"Cache-Control": "no-cache"}
            return Response(desk_words.script(), media_type="text/javascript", headers=headers)
        if path.startswith("/static/"):
            source = bundle(path)
            if source is None:  # Streamlit would answer with its page, and say that all is well
                return Response(status_code=404)
            way = pressing.way(Headers(scope=scope).get("accept-encoding", ""))
            if source.suffix in TYPES and way:
                twin, made = await run_in_threadpool(self.packed, source, way)
                headers = {"Content-Encoding": made, "Vary": "Accept-Encoding", "Cache-Control": FOR_EVER}
                return FileResponse(twin, headers=headers, media_type=TYPES[source.suffix])
        return None

    def packed(self, source: Path, chosen: str) -> tuple[Path, str]:
        """Give the compressed twin of a bundle, and how it was made; the first who asks does not wait for the best."""
        twin = self._twin(source, chosen)
        if chosen == "br" and not twin.exists():
            self.wanted.put(source)
            chosen = "gzip"
        return self.made(source, chosen), chosen

    def pack(self) -> None:
        """Compress everything ahead of the first visitor, then harder whatever browsers ask for; does not end.

        Brotli at its hardest takes a minute for all bundles; of these a page asks for a tenth.
        """
        for source in STATIC.rglob("*"):
            if source.suffix in TYPES:
                self.made(source, "gzip")
        while True:
            with suppress(OSError):  # a full disk keeps gzip's twin in service, not this thread from the next one
                self.made(self.wanted.get(), "br")

    def _twin(self, source: Path, chosen: str) -> Path:
        return self.cache / (source.relative_to(STATIC).as_posix().replace("/", "-") + SUFFIXES[chosen])

    def made(self, source: Path, chosen: str) -> Path:
        """Give a bundle's twin, made where there is none yet."""
        twin = self._twin(source, chosen)
        if not twin.exists():
            self.cache.mkdir(parents=True, exist_ok=True)
            draft = twin.with_suffix(f".{secrets.token_hex(4)}")
            draft.write_bytes(pressing.HARD[chosen](source.read_bytes()))
            draft.replace(twin)
        return twin


def bundle(path: str) -> Path | None:
    """Give the file of Streamlit's that *path* names; None where there is none, or outside its folder."""
    source = (STATIC / path.lstrip("/")).resolve()
    return source if source.is_file() and source.is_relative_to(STATIC.resolve()) else None


# Streamlit asks here how to behave inside its page. Its error boxes stay off: the walk goes on without a network.
HOST_CONFIG = {
    "allowedOrigins": [],
    "useExternalAuthToken": False,
    "enableCustomParentMessages": False,
    "enforceDownloadInNewTab": False,
    "metricsUrl": "",
    "blockErrorDialogs": True,
    "resourceCrossOriginMode": None,
}
