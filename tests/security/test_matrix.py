"""Everybody at every route by every method: what each gets stands in a golden file; a new route fails until it does.

When the two differ, the failing test names a file with what is true now, to be copied over the golden one: a change of
it is a change of who may do what, and is read line by line.
"""

import base64
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fieldcheck.domain.access import Action, Scope, scope_of
from fieldcheck.web import while_locked
from tests.first import HOUSE
from tests.letters import a_letter, photo_box, photo_sealed, text
from tests.security.conftest import Served
from tests.security.town import EVERYBODY, Town
from tests.story import a_photo, new_id

GOLDEN = HOUSE / "tests" / "golden" / "routes.txt"
#: Phones without a session that holds: none, or one that was left alone for longer than it waits.
LOCKED = ("locked", "idle")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VISITORS = ("nobody", "revoked", "expired", "locked", "idle", "ended", *EVERYBODY)
#: What a phone without a session may do: the agreed copy, beside the table in `web/while_locked.py`.
SENDS = {
    ("POST", "/api/visits/{visit_id}/briefing"), ("POST", "/api/visits/{visit_id}/answers"),
    ("POST", "/api/visits/{visit_id}/submission"), ("POST", "/api/visits/{visit_id}/stop"),
    ("POST", "/api/visits/{visit_id}/check-in"), ("POST", "/api/visits/{visit_id}/check-out"),
    ("POST", "/api/visits/{visit_id}/alarm"), ("POST", "/api/alarm"),
    ("PUT", "/api/visits/{visit_id}/photos/{photo_id}"), ("GET", "/api/visits/{visit_id}/photos/{photo_id}"),
    ("DELETE", "/api/visits/{visit_id}/photos/{photo_id}"), ("POST", "/api/unlock"), ("POST", "/api/lock"),
    ("POST", "/api/sealed"), ("PUT", "/api/sealed/{photo_id}"),
}  # fmt: skip
#: Which action stands behind a route of the phone's API; what is not here is open to whoever is signed in.
BEHIND = {
    "/api/start": Action.VISIT_WALK,
    "/api/alarm": Action.VISIT_WALK,
    "/api/sealed": Action.VISIT_WALK,
    "/api/visits": Action.VISIT_WALK,
    "/api/me/devices": Action.DEVICE_LIST,
    "/api/checklists": Action.CHECKLIST_READ,
    "/api/photos": Action.PHOTO_SHOW,
    "/api/register.csv": Action.CASE_EXPORT,
    "/api/letters": Action.CASE_EXPORT,
}
#: Done last by whoever tries it, because nothing can be done after it.
LAST = ("/api/visits/{visit_id}/submission", "/api/visits/{visit_id}/stop", "/api/lock", "/leave")


@pytest.fixture(scope="module")
def paths() -> list[str]:
    """Every path of the composed application, ours, the API's and Streamlit's."""
    listed = subprocess.run(
        [sys.executable, "-m", "tests.web.routes"], cwd=HOUSE, capture_output=True, text=True, check=True
    )
    routes = json.loads(listed.stdout.splitlines()[-1])
    found = {path for path in routes["app"] if path != "/api/"} | {f"/api{path}" for path in routes["api"]}
    return sorted(found, key=lambda path: (LAST.index(path) + 1 if path in LAST else 0, path))


@pytest.fixture(scope="module")
def table(served: Served, paths: list[str]) -> dict[tuple[str, str], dict[str, int]]:
    """Try every cell; gives the status by (method, path) and visitor."""
    found: dict[tuple[str, str], dict[str, int]] = {
        (method, path): {} for path in sorted(paths) for method in METHODS
    }
    for visitor, cookie in served.town.cookies().items():
        with served.client(cookie) as browser:
            for path in paths:
                for method in METHODS:
                    found[method, path][visitor] = knock(browser, served.town, method, path)
    return found


def knock(browser: httpx2.Client, town: Town, method: str, path: str) -> int:
    """Try one cell with a request that would be good if it were allowed."""
    content, headers = said(town, path)
    url = filled(town, path)
    while True:
        # A redirect is an answer, and a page's long body is not waited for.
        with browser.stream(method, url, content=None if method == "GET" else content, headers=headers) as answer:
            if answer.status_code != 429:
                return answer.status_code
            time.sleep(int(answer.headers["Retry-After"]))  # the strangers here share an address, which is slowed down


def filled(town: Town, path: str) -> str:
    """Name what is Chelsea's own, in the north; a parameter that is not here must be added."""
    values = {
        "visit_id": town.ids["her open visit"],
        "photo_id": town.ids["released photo north"],
        "digest": town.story.sheets["entrance_stands"].digest,
        "case_id": town.ids["case north"],
        "kind": "thumb",
        "language": "en",
        "hash": "0" * 16,
        "file": "walk.js",
        "file_id:path": "0" * 56 + ".png",
        "session_id": "0" * 36,
        "file_id": "0" * 36,
        "path:path": "index.html",
        "device_id": "0" * 32,
    }
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, f"{path}: say in `filled` what this route is tried with"
    return path


def said(town: Town, path: str) -> tuple[bytes, dict[str, str]]:
    """Write a body that the route takes from whoever may send it."""
    now, sheet = town.story.now.isoformat(), town.story.sheets["entrance_stands"]
    if path.endswith("/photos/{photo_id}"):
        data = a_photo(4711)
        meta = {"checklist": sheet.digest, "question": "ENT-04", "sha256": sha256(data).hexdigest(),
                "size": len(data), "taken_at": now, "source": "camera"}  # fmt: skip
        return data, {"X-FC-Meta": base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")}
    if path.startswith("/api/sealed"):
        return said_sealed(town, path)
    answer = {"id": new_id(), "checklist": sheet.digest, "question": "ENT-03", "value": "free", "given_at": now}
    body: dict[str, Any] = {
        "id": new_id(), "read_at": now, "phone_now": now, "submitted_at": now, "at": now, "reason": "other",
        "language": "en", "answers": [answer], "kind": "check_in", "value": "0" * 64,
    }  # fmt: skip
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def said_sealed(town: Town, path: str) -> tuple[bytes, dict[str, str]]:
    """Write a letter of Chelsea's: an answer, or the photo that the path names with its sealed bytes."""
    now, sheet = town.story.now.isoformat(), town.story.sheets["entrance_stands"]
    write = partial(a_letter, town.settings, town.actor("chelsea").person_id)
    if path == "/api/sealed":
        answer = {"id": new_id(), "checklist": sheet.digest, "question": "ENT-03", "value": "free", "given_at": now}
        letter = text(write("answer", town.ids["her open visit"], answer))
        sent = {"phone_now": now, "letters": [{"id": answer["id"], "data": letter}]}
        return json.dumps(sent).encode(), {"Content-Type": "application/json"}
    data = a_photo(4712)
    meta = {"checklist": sheet.digest, "question": "ENT-04", "sha256": sha256(data).hexdigest(), "size": len(data),
            "taken_at": now, "id": town.ids["released photo north"]}  # fmt: skip
    return photo_sealed(data), {"X-FC-Letter": text(write("photo", town.ids["her open visit"], meta, **photo_box()))}


def written(table: dict[tuple[str, str], dict[str, int]]) -> str:
    """Write the table as the golden file holds it: a line a method and path, the visitors' answers in their order."""
    return "".join(
        f"{method:6} {path:50} {' '.join(str(cells[visitor]) for visitor in VISITORS)}\n"
        for (method, path), cells in table.items()
    )


def heading() -> str:
    """Name the columns."""
    return f"# Every route by every method, as it answers: {', '.join(VISITORS)}.\n"


def test_everybody_gets_at_every_route_what_the_table_says(
    table: dict[tuple[str, str], dict[str, int]], tmp_path: Path
) -> None:
    now = tmp_path / "routes.txt"

    now.write_text(heading() + written(table))

    assert now.read_text() == GOLDEN.read_text(), f"what is true now is in {now}"


def leaks(table: dict[tuple[str, str], dict[str, int]], town: Town) -> Iterator[str]:
    """Find what was answered to somebody who does not hold the action behind it, by the policy alone."""
    for (method, path), cells in table.items():
        action = next((action for begin, action in BEHIND.items() if path.startswith(begin)), None)
        for visitor, status in cells.items():
            if action is None or status >= 300:
                continue
            if visitor in LOCKED and (method, path) in SENDS:
                continue
            if visitor not in EVERYBODY or scope_of(town.actor(visitor).role, action) is Scope.NONE:
                yield f"{method} {path} {visitor} {status}"


def test_nothing_leaks_to_whoever_does_not_hold_the_action(
    table: dict[tuple[str, str], dict[str, int]], served: Served, record_property: Any
) -> None:
    found = list(leaks(table, served.town))

    cells = [status for row in table.values() for status in row.values()]
    record_property("tried", len(cells))
    record_property("refused", sum(status >= 400 for status in cells))
    record_property("got through", len(found))
    assert found == []
    assert len(cells) > 2000


def test_a_leak_in_the_table_would_be_found(
    table: dict[tuple[str, str], dict[str, int]], served: Served
) -> None:
    """The control: one cell changed by hand."""
    broken = {key: dict(cells) for key, cells in table.items()}
    broken["GET", "/api/register.csv"]["alice"] = 200
    broken["GET", "/api/visits"]["nobody"] = 200

    assert list(leaks(broken, served.town)) == ["GET /api/register.csv alice 200", "GET /api/visits nobody 200"]


def test_nobody_and_whoever_left_get_nowhere_but_to_the_door(table: dict[tuple[str, str], dict[str, int]]) -> None:
    """What is open: the door, the empty shell of the phone, and public files."""
    open_ = {path for (_method, path), cells in table.items() if min(cells[v] for v in ("nobody", "revoked")) < 300}

    for visitor in (*LOCKED, "ended"):
        assert {path for (_method, path), cells in table.items() if cells[visitor] < 300} - open_ <= {
            path for _method, path in SENDS if visitor in LOCKED
        }
    assert open_ == {
        "/join", "/join.js", "/leave", "/pocket", "/sw.js", "/icon.svg", "/icon-192.png", "/icon-512.png",
        "/manifest.webmanifest", "/api/health", "/api/openapi.json", "/sign-in/first", "/sign-in.js", "/sign-in.css",
        "/session.js",
    }  # fmt: skip
    # A phone whose holder's part was ended is told so at every route of the API, and empties itself.
    theirs = {key: {cells[visitor] for visitor in VISITORS[:3]} for key, cells in table.items()}
    assert {path for (_method, path), got in theirs.items() if len(got) > 1} <= {"/api/openapi.json"}


@pytest.mark.parametrize("visitor", LOCKED)
def test_a_locked_phone_sends_and_reads_nothing(table: dict[tuple[str, str], dict[str, int]], visitor: str) -> None:
    """Everything else is refused, and what it may do is not refused for being locked, or left alone too long."""
    got_in = {key for key, cells in table.items() if cells[visitor] != cells["nobody"]}

    assert got_in == SENDS
    assert {(method, re.sub(r"\{\w+\}", "{id}", path)) for method, path in SENDS} == set(while_locked.MAY)
    assert not any(while_locked.may("GET", f"/api/{what}") for what in ("start", "visits", "me", "quiz", "consent"))


def test_no_cell_is_a_fault_of_the_server(table: dict[tuple[str, str], dict[str, int]]) -> None:
    assert {key for key, cells in table.items() if any(status >= 500 for status in cells.values())} == set()
