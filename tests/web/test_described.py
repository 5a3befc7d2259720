"""The API's description is open where one builds with it, and nowhere else."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from fieldcheck.settings import Settings
from fieldcheck.web import api
from fieldcheck.web.gate import Gate


@pytest.mark.parametrize(("url", "status"), [("https://notes.example", 401), ("http://localhost:8501", 200)])
def test_a_stranger_reads_the_description_on_ones_own_machine_only(
    database: Settings, url: str, status: int
) -> None:
    settings = Settings(database.data, database.database_url, database.checklists, url, database.secret)
    app = Starlette(
        routes=[Mount("/api", app=api.create(settings))],
        middleware=[Middleware(Gate, settings=settings, pages=frozenset())],
    )

    with TestClient(app, base_url=url) as client:
        got = client.get("/api/openapi.json")

    assert got.status_code == status
