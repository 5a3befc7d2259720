"""What the one application is made of: our routes beside Streamlit's, the gate before both, and the start.

It decides nothing else; each part is in its own room.
"""

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from streamlit import config

from fieldcheck.settings import Settings, read_settings
from fieldcheck.usecases import evidence, health, likeness
from fieldcheck.web import api, door, pocket, provider, sign_in
from fieldcheck.web.gate import Gate
from fieldcheck.web.index import Bundles
from fieldcheck.web.main import PAGES
from fieldcheck.web.shortcut import Api, PastStreamlit
from fieldcheck.web.sockets import answer_at_once
from fieldcheck.web.writing import Writer
from fieldcheck.web.written_down import hush

#: Seconds between two looks for photos that wait, and how many are taken at once.
DEVELOP_EVERY, DEVELOP_AT_ONCE = 3.0, 8
#: Above this share of a second spent on writing what phones send, a photo waits so many times so many seconds.
CROWDED, MOST_WAITS, WAIT = 0.8, 8, 0.25


def parts() -> dict[str, Any]:
    """Give what `st.App` is called with, for the installation that the environment names."""
    settings = read_settings()
    if config.get_option("server.cookieSecret") != settings.cookie_secret:  # not started by `fieldcheck serve`
        config.set_option("server.cookieSecret", settings.cookie_secret)
    phone = api.create(settings)
    return {
        "routes": routes(settings, phone),
        "middleware": [
            Middleware(Gate, settings=settings, pages=PAGES),
            Middleware(PastStreamlit, api=phone),
            Middleware(provider.Exchange, settings=settings),
            Middleware(Bundles, cache_in=settings.data / "cache", pages=PAGES),
        ],
        "lifespan": start(settings, phone.state.writer),
        "secrets": provider.secrets(settings),
    }


def routes(settings: Settings, phone: Api | None = None) -> list[BaseRoute]:
    """List every route of ours; the gate's lists and this one are held together by a test."""
    doors = [*door.routes(settings), *sign_in.routes(settings), provider.route(settings)]
    return [*doors, *pocket.routes(settings), Mount("/api", app=phone or api.create(settings))]


def start(settings: Settings, writer: Writer) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Give what runs before the first visitor: silence about visitors, the schema, the compressed bundles."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        hush()
        health.prepare(settings)
        answer_at_once()
        logging.getLogger("uvicorn.access").addFilter(lambda _record: False)  # addresses, paths and session ids
        packing = Bundles(_nobody, settings.data / "cache", PAGES).pack
        threading.Thread(target=packing, name="pack", daemon=True).start()
        closing = threading.Event()
        threading.Thread(target=develop, args=(settings, writer, closing), name="darkroom", daemon=True).start()
        yield
        closing.set()

    return lifespan


def develop(settings: Settings, writer: Writer, closing: threading.Event) -> None:
    """Decode photos soon after they came in, a few at a time, until the server closes.

    Acknowledging a photo never waits for this; whoever opens one that was not decoded yet decodes it then.
    """

    def give_way(_done: int) -> None:
        """Let phones that wait for each other go first; never for long: the darkroom may fall behind, but goes on."""
        for _ in range(MOST_WAITS):
            if writer.share() < CROWDED or closing.wait(WAIT):
                return

    while not closing.wait(DEVELOP_EVERY):
        try:
            while evidence.develop_waiting(settings, DEVELOP_AT_ONCE, give_way) and not closing.is_set():
                pass
            while likeness.compare_waiting(settings, DEVELOP_AT_ONCE, give_way) and not closing.is_set():
                pass
        except Exception:  # one bad minute of the disk or the database must not end the darkroom for good
            logging.getLogger(__name__).exception("developing photos failed")


async def _nobody(_scope: Any, _receive: Any, _send: Any) -> None:
    """Answer nobody: the packer only needs the folder."""
