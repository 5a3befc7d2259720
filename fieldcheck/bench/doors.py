"""Serves the phone's doors alone: `python -m fieldcheck.bench.doors PORT`. No desks, so it starts in a second."""

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


def main() -> None:
    """Serve the installation that the environment names until killed."""
    settings = read_settings()
    health.prepare(settings)
    answer_at_once()
    routes = [*door.routes(settings), *pocket.routes(settings), Mount("/api", app=api.create(settings))]
    app = Starlette(routes=routes, middleware=[Middleware(Gate, settings=settings, pages=frozenset({"/"}))])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", timeout_keep_alive=30)


if __name__ == "__main__":
    main()
