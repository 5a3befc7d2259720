"""Bent requests at every route of the API: none breaks the server, and none that is refused changes anything."""

import os
from typing import Any

from httpx2 import Response

from fieldcheck.usecases import review
from fieldcheck.usecases.work import look
from tests.security.conftest import HARD, Door
from tests.security.fuzz import cases
from tests.security.town import Town, changed, digest, rows_of

NUMBER, SEED = int(os.environ.get("FIELDCHECK_HARD") or 150), 1 + HARD  # on each engine


def test_bent_requests_break_nothing_and_change_nothing_unless_they_are_taken(
    town: Town, door: Door, record_property: Any
) -> None:
    people = [door.client(town.cookie("chelsea"))] * 6 + [door.client(town.cookie("bo")), door.client(None)]
    described = people[0].get("/api/openapi.json").json()["paths"]
    routes = [(method.upper(), f"/api{path}") for path, ways in described.items() for method in ways]
    routes += [(method, path) for method, path in routes if method != "GET"] * 3  # where there is something to bend
    faults, writes, refused = [], [], 0
    before, rows = digest(town.settings, "tries"), set(rows_of(town.settings))

    for number, case in enumerate(cases(town, routes, SEED, NUMBER)):
        who = people[number % len(people)]
        got = who.request(case.method, case.path, headers=case.headers, content=case.content)
        now = digest(town.settings, "tries")
        if got.status_code >= 500:
            faults.append(f"{number} {case}"[:400])
        if was_refused(got):
            refused += 1
            if now != before:
                writes.append(f"{number} {case.method} {case.path}: {changed(town.settings, rows)}"[:600])
        if now != before:
            before, rows = now, set(rows_of(town.settings))

    record_property("tried", NUMBER)
    record_property("refused", refused)
    record_property("5xx", len(faults))
    record_property("changed by refused", len(writes))
    assert faults == []
    assert writes == []
    assert NUMBER * 0.4 < refused < NUMBER  # it neither knocks at a wall nor at an open door
    with look(town.settings, town.actor("alice")) as work:  # what was taken, the desk can read
        assert review.check(work, town.ids["her open visit"]).walks


def was_refused(got: Response) -> bool:
    """Say whether nothing may have been written; a batch of answers is refused when each of them is."""
    if got.status_code >= 400:
        return True
    results = got.json().get("results") if got.headers.get("content-type") == "application/json" else None
    return isinstance(results, list) and all(one["status"] == "refused" for one in results)
