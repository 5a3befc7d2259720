"""Prints every route of the application as JSON, in a process of its own: its runtime is one a process."""

import json
import os
import tempfile
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Mount


def main() -> None:
    """Build the application as a server would, and list its routes."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIELDCHECK_DATA"] = folder
        import app
        from fieldcheck.web import api, composition

        built = app.app._build_starlette_app()
        phone: Any = api.create(composition.read_settings())
        print(json.dumps({
            "app": [route.path + ("/" if isinstance(route, Mount) else "") for route in built.routes],
            "api": [route.path for route in phone.routes],
            "locked": [route.path for route in phone.routes if asks_who(route, api.who)],
        }))  # fmt: skip


def asks_who(route: object, who: object) -> bool:
    """Say whether a route is answered only to somebody whom the gate knows."""
    return isinstance(route, APIRoute) and any(needed.call is who for needed in route.dependant.dependencies)


if __name__ == "__main__":
    main()
