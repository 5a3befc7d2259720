"""The API as its description has it, tried by everybody with requests that schemathesis makes of that description.

Half of them fit the description and half do not, and half name things that are there. No answer may be a fault of the
server, none may be another than the description says, and no request that was refused may have changed anything.
"""

import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import schemathesis
from httpx2 import Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode, openapi
from schemathesis.core import NOT_SET

from tests.security.conftest import HARD, ON_SQLITE, Door
from tests.security.test_fuzz import NUMBER, SEED, was_refused
from tests.security.test_matrix import said
from tests.security.town import Town, digest

pytestmark = ON_SQLITE
WHO = ("chelsea", "alice", "bo", "dana", "ursula", "kira", None)
EACH = max(4, NUMBER // 500) if HARD else 4
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Tally:
    """What was tried, and what went wrong."""

    tried: int = 0
    refused: int = 0
    taken: int = 0
    faults: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


class Watch:
    """Notices that anything was written: cheaply, and then exactly."""

    def __init__(self, town: Town) -> None:
        self.town = town
        path = town.settings.database_url.removeprefix("sqlite:///")
        self.connection = sqlite3.connect(path, check_same_thread=False)
        self.version, self.digest = self._version(), digest(town.settings, "tries")

    def _version(self) -> tuple[Any, int]:
        (told,) = self.connection.execute("pragma data_version").fetchone()
        return told, sum(1 for path in self.town.settings.photos.rglob("*") if path.is_file())

    def changed(self) -> bool:
        """Say whether rows or files are others than at the last look."""
        version, before = self._version(), self.digest
        if version == self.version:
            return False
        self.version, self.digest = version, digest(self.town.settings, "tries")
        return self.digest != before

    def close(self) -> None:
        self.connection.close()


def made(description: dict[str, Any]) -> Iterator[Case]:
    """Make requests to every operation, the same ones for a seed."""
    for result in openapi.from_dict(description).get_all_operations():
        for mode in MODES:
            found: list[Case] = []

            @seed(SEED)
            @settings(
                max_examples=EACH, database=None, deadline=None, derandomize=not HARD,
                phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(result.ok().as_strategy(generation_mode=mode))
            def collect(case: Case) -> None:
                found.append(case)  # noqa: B023 - it is called in this same turn

            with suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
                collect()
            yield from found


def request(town: Town, case: Case, is_there: bool) -> dict[str, Any]:
    """Turn a case into a request of httpx; *is_there* puts ids of the town in the place of invented ones."""
    path, headers = f"/api{case.formatted_path}", {k: str(v) for k, v in dict(case.headers or {}).items()}
    if is_there:
        things = {"visit_id": "her open visit", "photo_id": "released photo north", "case_id": "case north"}
        names = {name: town.ids[id_] for name, id_ in things.items()}
        names["digest"] = next(iter(town.story.sheets.values())).digest
        kept = {key: value for key, value in dict(case.path_parameters or {}).items() if key not in names}
        path = "/api" + case.path.format(**names, **{key: quote(str(value), safe="") for key, value in kept.items()})
        if case.path.endswith("/photos/{photo_id}") and case.method.upper() == "PUT":
            headers["X-FC-Meta"] = said(town, case.path)[1]["X-FC-Meta"]
    body = b"" if case.body is NOT_SET else case.body
    if not isinstance(body, bytes):
        body = json.dumps(body).encode(errors="replace")
    plain = {name: value.encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"") for name, value in
             headers.items() if name.isascii() and name.strip() and name.lower() not in {"cookie", "host"}}  # fmt: skip
    return {"method": case.method, "url": path, "headers": plain, "content": body, "params": dict(case.query or {})}


def is_told(description: dict[str, Any], case: Case, got: Response) -> str:
    """Say what is not as the description has it; empty where all is."""
    answers = case.operation.definition.raw["responses"]
    told = answers.get(str(got.status_code))
    if told is None:
        return f"{got.status_code} is not described"
    kind = got.headers.get("content-type", "")
    content = {name.split(";")[0]: said for name, said in told.get("content", {}).items()}
    if kind.split(";")[0] not in content:
        return f"{got.status_code} as {kind} is not described"
    if kind.startswith("application/json"):
        schema = {**content["application/json"]["schema"], "components": description["components"]}
        wrong = next(iter(Draft202012Validator(schema).iter_errors(got.json())), None)
        return f"{got.status_code}: {wrong.message[:200]} at {wrong.json_path}" if wrong else ""
    return ""


def attack(town: Town, door: Door, cases: list[Case], description: dict[str, Any]) -> Tally:
    """Let everybody send everything."""
    tally = Tally()
    clients = {name: door.client(town.cookie(name) if name else None) for name in WHO}
    with closing(Watch(town)) as watch:
        for number, (case, who) in enumerate(itertools.product(cases, WHO)):
            asked = request(town, case, number // len(WHO) % 2 == 0)
            got = clients[who].request(**asked)
            about = f"{who}: {case.method} {asked['url']} {asked['params']} {asked['content'][:200]!r}"
            tally.tried += 1
            if got.status_code >= 500 and got.status_code != 503:
                tally.faults.append(f"{got.status_code} {about}")
            # What is in no path of the description is somebody else's path: an id with a slash, or none at all.
            elif got.status_code not in {404, 405} and (wrong := is_told(description, case, got)):
                tally.untold.append(f"{about}: {wrong}")
            changed = watch.changed()
            if was_refused(got):
                tally.refused += 1
                tally.writes += [about] if changed else []
            else:
                tally.taken += 1
    return tally


def test_no_described_request_of_anybody_breaks_the_server_or_changes_anything_by_being_refused(
    town: Town, door: Door, record_property: Any
) -> None:
    description = door.client(None).get("/api/openapi.json").json()
    cases = list(made(description))

    tally = attack(town, door, cases, description)

    record_property("tried", tally.tried)
    record_property("refused", tally.refused)
    record_property("5xx", len(tally.faults))
    record_property("changed by refused", len(tally.writes))
    print(f"schemathesis {schemathesis.__version__}: {tally.tried} requests by {len(WHO)} people, {tally.taken} taken, "
          f"{tally.refused} refused, 5xx {len(tally.faults)}, written by a refused one {len(tally.writes)}, "
          f"other than described {len(tally.untold)}")  # fmt: skip
    assert tally.faults == []
    assert tally.untold == []
    assert tally.writes == []
    assert tally.tried > 500 and tally.taken > 50


def test_every_answer_of_ours_is_described_field_by_field(door: Door) -> None:
    """A plain object would say yes to anything."""
    description = door.client(None).get("/api/openapi.json").json()
    vague = {
        f"{method} {path}"
        for path, ways in description["paths"].items()
        for method, operation in ways.items()
        for kind, content in operation["responses"]["200"].get("content", {"none": {}}).items()
        if kind == "none" or (kind == "application/json" and "$ref" not in content["schema"])
    }

    # Words by their keys, and a checklist, whose format has a description of its own.
    assert vague == {"get /words/{language}", "get /checklists/{digest}"}


def test_an_answer_that_is_not_as_described_is_noticed(door: Door, town: Town) -> None:
    """The control."""
    description = door.client(None).get("/api/openapi.json").json()
    case = next(case for case in made({**description, "paths": {"/me": description["paths"]["/me"]}}))
    got = door.client(town.cookie("bo")).get("/api/me")

    assert is_told(description, case, got) == ""
    description["components"]["schemas"]["Me"]["properties"].pop("code")
    assert "code" in is_told(description, case, got)
    description["components"]["schemas"]["Me"]["properties"]["role"] = {"type": "integer"}
    assert is_told(description, case, got)
