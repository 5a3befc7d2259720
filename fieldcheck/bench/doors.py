"""Serves the phone's doors alone: `python -m fieldcheck.bench.doors PORT`. No desks, so it starts in a second.

With `forgetful` behind the port the service worker that it serves throws letters away as if they were sent: the count
of what was lost must find that.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from fieldcheck.settings import read_settings
from fieldcheck.usecases import health
from fieldcheck.web import api, door, pocket
from fieldcheck.web.gate import Gate
from fieldcheck.web.sockets import answer_at_once

SENDS = 'const said = await call("POST", "/api/sealed", { body });'
FORGETS = "return this.outbox.settle(entries);"


def spoil() -> None:
    """Serve a worker that forgets letters."""
    files = pocket.folder().files
    worker = files[pocket.WORKER].body.decode()
    if SENDS not in worker:
        raise RuntimeError("the worker sends its letters in another way now")
    spoilt = pocket.Pressed.of(pocket.WORKER, worker.replace(SENDS, FORGETS).encode())
    vars(pocket.folder())["files"] = {**files, pocket.WORKER: spoilt}


def main() -> None:
    """Serve the installation that the environment names until killed."""
    settings = read_settings()
    health.prepare(settings)
    if sys.argv[2:] == ["forgetful"]:
        spoil()
    answer_at_once()
    routes = [*door.routes(settings), *pocket.routes(settings), Mount("/api", app=api.create(settings))]
    app = Starlette(routes=routes, middleware=[Middleware(Gate, settings=settings, pages=frozenset({"/"}))])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", timeout_keep_alive=30)


if __name__ == "__main__":
    main()
