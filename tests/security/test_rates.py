"""Whoever hammers is asked to wait, on every route of ours, and nobody else is."""

import re

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from fieldcheck.web import composition
from fieldcheck.web.gate import Gate
from fieldcheck.web.main import PAGES
from fieldcheck.web.rates import DEAR, Buckets, Rate
from tests.security.conftest import ON_SQLITE
from tests.security.test_gate_locks import Inside
from tests.security.town import Town

pytestmark = ON_SQLITE
TEN = Rate(at_once=10, a_second=2)


class Ticking:
    """A clock that stands until it is told to go on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


def a_gate(town: Town, inside: Inside, ticking: Ticking, rate: Rate = TEN) -> Gate:
    return Gate(inside, town.settings, PAGES, buckets=Buckets(rate, rate), ticks=ticking)


def a_client(town: Town, gate: Gate, who: str | None, address: str = "10.1.1.1") -> TestClient:
    headers = {"Origin": town.settings.url, "X-FC": "1", "Accept-Language": "en"}
    if who is not None:
        headers["Cookie"] = f"fc={town.cookie(who)}"
    return TestClient(gate, town.settings.url, headers=headers, client=(address, 50000))


def paths_of_ours(town: Town) -> set[str]:
    found: set[str] = set()
    for route in composition.routes(town.settings):
        under = route.routes or [] if isinstance(route, Mount) else [route]
        before = route.path if isinstance(route, Mount) else ""
        found |= {before + re.sub(r"{[^}]*}", "x", one.path) for one in under if isinstance(one, Route)}
        if isinstance(route, Mount) and not under:
            found.add(f"{before}/x")
    return found


def test_every_route_of_ours_is_counted(town: Town, ticking: Ticking) -> None:
    """Each path for itself, with an empty bucket before it."""
    gate = a_gate(town, Inside(), ticking, Rate(0.5, 0.1))
    bo = a_client(town, gate, "bo")

    free = {path for path in paths_of_ours(town) if bo.get(path).status_code != 429}

    assert len(paths_of_ours(town)) > 25
    assert free == set()


def test_whoever_hammers_is_told_how_long_to_wait_and_let_in_after_it(
    town: Town, ticking: Ticking
) -> None:
    inside = Inside()
    bo = a_client(town, a_gate(town, inside, ticking), "bo")
    first = [bo.get("/api/me").status_code for _ in range(10)]

    refused = bo.get("/api/me")
    ticking.now += float(refused.headers["Retry-After"])
    later = bo.get("/api/me")

    assert first == [204] * 10
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json()["error"]["code"] == "request.too_often"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert later.status_code == 204
    assert len(inside.came) == 11


def test_one_who_hammers_costs_nobody_else_anything(town: Town, ticking: Ticking) -> None:
    gate = a_gate(town, Inside(), ticking)
    bo, alice, other, stranger = (
        a_client(town, gate, who, address)
        for who, address in (("bo", "10.1.1.1"), ("alice", "10.1.1.1"), ("bo", "10.1.1.1"), (None, "10.1.1.1"))
    )
    elsewhere = a_client(town, gate, None, "10.1.1.2")
    for client in (bo, stranger):
        while client.get("/api/health").status_code != 429:
            pass

    assert bo.get("/api/me").status_code == 429
    assert alice.get("/api/me").status_code == 204
    assert other.get("/api/me").status_code == 204  # another device of the same person
    assert stranger.get("/join").status_code == 429
    assert elsewhere.get("/join").status_code == 204


def test_a_new_cookie_for_each_guess_is_counted_by_the_address(town: Town, ticking: Ticking) -> None:
    stranger = a_client(town, a_gate(town, Inside(), ticking), None)

    got = [stranger.get("/api/me", headers={"Cookie": f"fc=guess{n}"}).status_code for n in range(12)]

    assert got == [401] * 10 + [429] * 2


def test_what_is_dear_costs_more(town: Town, ticking: Ticking) -> None:
    bo = a_client(town, a_gate(town, Inside(), ticking, Rate(DEAR["/api/register.csv"] * 2, 1)), "bo")

    assert [bo.get("/api/register.csv").status_code for _ in range(3)] == [204, 204, 429]
    assert bo.get("/api/register.csv").headers["Retry-After"] == "100"


def test_without_the_limit_nobody_is_asked_to_wait(town: Town, ticking: Ticking) -> None:
    """The control: it is the bucket that refuses, and nothing else on the way."""
    bo = a_client(town, a_gate(town, Inside(), ticking, Rate(10**9, 1)), "bo")

    assert {bo.get("/api/me").status_code for _ in range(50)} == {204}
