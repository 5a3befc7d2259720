"""Serves the walk: its page, its modules and words under the hash of their folder, the service worker, the manifest.

Everything is read once and pressed once; a request costs a dictionary look-up. The hash covers every file and every
word, so a page, its modules and its words are always of one version. No school, no programme and no person stands in
anything served here.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fieldcheck.settings import Settings
from fieldcheck.words import LANGUAGES, LOCALES

FOLDER = Path(__file__).parent / "pocket"
NAMES = {"ru": "Заметки", "kk": "Жазбалар", "en": "Notes"}
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".webmanifest": "application/manifest+json",
}
# Made anew for each request's language or for the version, so not part of the immutable folder.
FRAMES = {"shell.html", "sw.js", "manifest.webmanifest"}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Pressed:
    """One file as it is sent, plain and compressed."""

    body: bytes
    pressed: bytes
    type: str

    @classmethod
    def of(cls, name: str, body: bytes) -> "Pressed":
        """Press *body* once; the clock stays out of it, so that the same body is always the same bytes."""
        return cls(body, gzip.compress(body, 9, mtime=0), f"{TYPES[Path(name).suffix]}; charset=utf-8")


@dataclass(frozen=True)
class Folder:
    """The walk's files and words of one version."""

    hash: str
    files: Mapping[str, Pressed]


@cache
def folder() -> Folder:
    """Read the walk's modules and words, and name them by one hash."""
    bodies = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
    bodies |= {f"words.{language}.json": _words(language) for language in LANGUAGES}
    digest = hashlib.sha256()
    for name, body in sorted(bodies.items()):
        digest.update(f"{name} {len(body)}\n".encode() + body)
    files = {name: Pressed.of(name, body) for name, body in bodies.items()}
    return Folder(digest.hexdigest()[:16], files)


def module_url(name: str = "walk.js") -> str:
    """Return the address of a module in the version that is served now."""
    return f"/pocket/{folder().hash}/{name}"


def _words(language: str) -> bytes:
    with (LOCALES / language / "walk.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    sentences = {
        (entry.id[0] if isinstance(entry.id, tuple) else entry.id): (
            list(entry.string) if isinstance(entry.string, tuple) else entry.string
        )
        for entry in catalogue
        if entry.id and any(entry.string if isinstance(entry.string, tuple) else (entry.string,))
    }
    return json.dumps(sentences, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _language(request: Request) -> str:
    wishes = [wish.split(";")[0].strip()[:2].lower() for wish in request.headers.get("accept-language", "").split(",")]
    return next((wish for wish in wishes if wish in LANGUAGES), "ru")


def _send(request: Request, file: Pressed, cache_control: str, **headers: str) -> Response:
    pressed = "gzip" in request.headers.get("accept-encoding", "")
    return Response(
        file.pressed if pressed else file.body,
        headers={
            "Content-Type": file.type,
            "Cache-Control": cache_control,
            "Vary": "Accept-Encoding, Accept-Language" if cache_control == "no-cache" else "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            **({"Content-Encoding": "gzip"} if pressed else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def _own_files() -> list[str]:
    return [f"/pocket/{folder().hash}/{name}" for name in sorted(folder().files) if name not in FRAMES] + [
        "/icon.svg",
        "/manifest.webmanifest",
    ]


@cache
def _framed(name: str, language: str) -> Pressed:
    text = folder().files[name].body.decode()
    modules = [path for path in _own_files() if path.endswith(".js") and not path.endswith("/app.js")]
    values = {
        "hash": folder().hash,
        "language": language,
        "title": NAMES[language],
        "preloads": "\n".join(f'<link rel="modulepreload" href="{path}">' for path in modules),
        "files": '", "'.join(_own_files()),
    }
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return Pressed.of(name, text.encode())


async def _shell(request: Request) -> Response:
    return _send(request, _framed("shell.html", _language(request)), "no-cache")


async def _manifest(request: Request) -> Response:
    return _send(request, _framed("manifest.webmanifest", _language(request)), "no-cache")


async def _worker(request: Request) -> Response:
    return _send(request, _framed("sw.js", "ru"), "no-cache", Service_Worker_Allowed="/")


async def _icon(request: Request) -> Response:
    return _send(request, folder().files["icon.svg"], "public, max-age=86400")


async def _file(request: Request) -> Response:
    name = request.path_params["file"]
    if request.path_params["hash"] != folder().hash or name in FRAMES or name not in folder().files:
        # Another version's file must never be answered with this one's.
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    return _send(request, folder().files[name], FOREVER)


def routes(_settings: Settings | None = None) -> list[Route]:
    """Return the routes of the walk; nothing here needs a signed-in person, and nothing here knows one."""
    folder()  # a missing catalogue is found at start, not by the first phone
    return [
        Route("/pocket", _shell),
        Route("/pocket/{hash}/{file}", _file),
        Route("/sw.js", _worker),
        Route("/manifest.webmanifest", _manifest),
        Route("/icon.svg", _icon),
    ]
