"""Serves the walk: its page, its script and words under the hash of their folder, the service worker, the manifest.

Everything is read once, joined once and pressed once; a request costs a dictionary look-up. The page asks for one
style and its words, and brings its script along the first time; the plain modules stand beside them for whoever wants
to read one. The hash covers every file and every word, so a page, its script and its words are always of one version.
No school, no programme and no person stands in anything served here.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fieldcheck.settings import Settings
from fieldcheck.web import icons, joiner, pressing
from fieldcheck.web.index import policy
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
# The walk in one script, for the page, for Streamlit's page and for the service worker, and what they call in it. What
# the first question does not need (photos, the pages beside the visits) comes after it in another.
SCRIPT, LATER = "notes.js", "more.js"
GIVES = {"mount": "walk.js", "start": "app.js"}
# What only the service worker runs, after the first; browsers keep it with the worker, and no page waits for it.
# It asks for SCRIPT although a first page had that within: a worker imports from the network, not from what a page
# hands over. With a script of its own (12 kB) it would fetch less then, but all would be over 80 kB.
WORKER, WAKES = "wake.js", {"sendAll": "background.js"}
PICTURES = ("/manifest.webmanifest", "/icon.svg", *(f"/icon-{size}.png" for size in icons.SIZES))
# What a phone asks for at once that has nothing yet; the page that is kept on it asks in its own time.
EARLY = '<link rel="preload" as="fetch" href="/api/start" crossorigin="anonymous">'
_BESIDE = '<script type="module" src="{}"></script>'
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Pressed:
    """One file as it is sent, plain and, as soon as somebody asks, compressed."""

    body: bytes
    type: str
    shrinks: bool = True

    @classmethod
    def of(cls, name: str, body: bytes) -> "Pressed":
        """Take a file of text by its name."""
        return cls(body, f"{TYPES[Path(name).suffix]}; charset=utf-8")

    def by(self, way: str | None) -> bytes:
        """Give the bytes that are sent *way*, pressed once and as hard as it goes."""
        return _pressed(self.body, way) if way else self.body


@cache
def _pressed(body: bytes, way: str) -> bytes:
    return pressing.HARD[way](body)


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
    modules = {name: body.decode() for name, body in bodies.items() if name.endswith(".js") and name not in FRAMES}
    digest = hashlib.sha256(Path(joiner.__file__).read_bytes())
    for name, body in sorted(bodies.items()):
        digest.update(f"{name} {len(body)}\n".encode() + body)
    version = digest.hexdigest()[:16]
    joined = joiner.join(modules, GIVES, f"/pocket/{version}/{SCRIPT}", LATER)
    bodies["walk.css"] = joiner.bare(bodies["walk.css"].decode()).encode()
    bodies |= {SCRIPT: joined.first.encode(), LATER: joined.later.encode()}
    bodies[WORKER] = joiner.join_onto(modules, WAKES, joiner.order(modules, *GIVES.values())).encode()
    return Folder(version, {name: Pressed.of(name, body) for name, body in bodies.items()})


def kept() -> tuple[str, ...]:
    """Name the files of the folder that a page needs; a phone keeps these, and no others."""
    return (SCRIPT, LATER, "walk.css", *(f"words.{language}.json" for language in LANGUAGES))


def module_url(name: str = SCRIPT) -> str:
    """Return the address of a file in the version that is served now."""
    return f"/pocket/{folder().hash}/{name}"


class AmbiguousWords(Exception):
    """Two sentences of a catalogue would be taken for each other; the message names the catalogue."""


def brief(sentence: str) -> str:
    """Name a sentence as the phone does (words.js): FNV-1a of 32 bits over its UTF-16 units, 8 bits less, base 36."""
    total, units = 0x811C9DC5, sentence.encode("utf-16-le")
    for low, high in zip(units[::2], units[1::2], strict=True):
        total = (total ^ (high << 8 | low)) * 0x01000193 & 0xFFFFFFFF
    total, name = total >> 8, ""
    while total:
        total, digit = divmod(total, 36)
        name = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + name
    return name or "0"


def _several(one: str | Sequence[str] | None) -> Sequence[str]:
    return (one,) if isinstance(one, str) else one or ()


def _words(language: str) -> bytes:
    with (LOCALES / language / "walk.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    found = [entry for entry in catalogue if entry.id and any(_several(entry.string))]
    sentences = {brief(_several(entry.id)[0]): entry.string for entry in found}
    if len(sentences) != len(found):
        raise AmbiguousWords(f"two sentences of {language}/walk.po have one brief name: word one of them otherwise")
    return json.dumps(sentences, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _language(request: Request) -> str:
    wishes = [wish.split(";")[0].strip()[:2].lower() for wish in request.headers.get("accept-language", "").split(",")]
    return next((wish for wish in wishes if wish in LANGUAGES), "ru")


def _send(request: Request, file: Pressed, cache_control: str, **headers: str) -> Response:
    way = pressing.way(request.headers.get("accept-encoding", "")) if file.shrinks else None
    return Response(
        file.by(way),
        headers={
            "Content-Type": file.type,
            "Cache-Control": cache_control,
            "Vary": "Accept-Encoding, Accept-Language" if cache_control == "no-cache" else "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            **({"Content-Encoding": way} if way else {}),
            **headers,
        },
    )


@cache
def _framed(name: str, language: str, early: bool = False) -> Pressed:
    text = folder().files[name].body.decode()
    values = {
        "hash": folder().hash,
        "language": language,
        "title": NAMES[language],
        "early": EARLY if early else f'<link rel="modulepreload" href="{module_url()}">',
        "files": '", "'.join([*map(module_url, kept()), *PICTURES]),
        "script": f'<script type="module">{_inside()}</script>' if early else _BESIDE.format(module_url()),
    }
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return Pressed.of(name, text.encode())


def _inside() -> str:
    """Give the script as it stands inside a page: nothing in it may end it."""
    script = folder().files[SCRIPT].body.decode()
    if re.search(r"</script|<!--", script, re.IGNORECASE):
        raise ValueError("the walk's script cannot stand inside a page")
    return script


async def _shell(request: Request) -> Response:
    """Serve the page; one that a phone opens for the first time brings its script along, a trip less from far away."""
    early = "kept" not in request.query_params
    page = _framed("shell.html", _language(request), early)
    headers = {"ETag": f'W/"{hashlib.sha256(page.body).hexdigest()[:24]}"'}
    if early:
        headers["Content-Security-Policy"] = policy(_inside())
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers={**headers, "Cache-Control": "no-cache"})
    return _send(request, page, "no-cache", **headers)


async def _manifest(request: Request) -> Response:
    return _send(request, _framed("manifest.webmanifest", _language(request)), "no-cache")


async def _worker(request: Request) -> Response:
    return _send(request, _framed("sw.js", "ru"), "no-cache", **{"Service-Worker-Allowed": "/"})


async def _icon(request: Request) -> Response:
    return _send(request, folder().files["icon.svg"], "public, max-age=86400")


def _picture(size: int) -> Callable[[Request], Awaitable[Response]]:
    picture = Pressed(icons.png(size), "image/png", shrinks=False)

    async def answer(request: Request) -> Response:
        return _send(request, picture, "public, max-age=86400")

    return answer


async def _file(request: Request) -> Response:
    name = request.path_params["file"]
    if request.path_params["hash"] != folder().hash or name in FRAMES or name not in folder().files:
        # Another version's file must never be answered with this one's.
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    return _send(request, folder().files[name], FOREVER)


def routes(_settings: Settings | None = None) -> list[Route]:
    """Return the routes of the walk; nothing here needs a signed-in person, and nothing here knows one."""
    for name in kept():  # a missing catalogue is found at start, and what is pressed hard is: not by the first phone
        for way in pressing.WAYS:
            folder().files[name].by(way)
    return [
        Route("/pocket", _shell),
        Route("/pocket/{hash}/{file}", _file),
        Route("/sw.js", _worker),
        Route("/manifest.webmanifest", _manifest),
        Route("/icon.svg", _icon),
        *(Route(f"/icon-{size}.png", _picture(size)) for size in icons.SIZES),
    ]
