"""Every id that anybody meets anywhere, tried by everybody on every parameter of every route."""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from fieldcheck.web import main
from tests.screens.sitting import Chair
from tests.security.conftest import HARD, ON_SQLITE, Door
from tests.security.pages import everything
from tests.security.test_matrix import said
from tests.security.town import EVERYBODY, Town, digest
from tests.story import new_id

pytestmark = ON_SQLITE
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
#: What is whose, by hand: the only attempts that may succeed.
HERS = {
    "chelsea": {
        "visit north", "her open visit", "released photo north", "sealed photo north", "withdrawn photo north"
    },
    "dina": {"open visit", "open photo"},
    "serik": {"visit south", "released photo south", "sealed photo south", "withdrawn photo south"},
    "alice": {"released photo north", "sealed photo north", "open photo"},
    "boris": {"released photo south", "sealed photo south"},
    "bo": {"released photo north", "released photo south"},
    "bella": {"released photo south"},
}  # fmt: skip


WANTED = ("visit north", "visit south", "case north", "case south", "open visit", "conflict north", "order")
#: Who tries in every run; the bench lets everybody try everything.
SOME = ("chelsea", "serik", "bella")


def met(town: Town, door: Door, chair: Chair) -> set[str]:
    """Gather every id that stands in any page or any answer of anybody."""
    texts: list[str] = []
    for name in EVERYBODY if HARD else ("chelsea", "serik", "alice", "boris", "bo", "dana", "kira"):
        reader = door.client(town.cookie(name))
        paths = ["/api/me", "/api/start", "/api/visits", *(f"/api/visits/{one}" for one in town.ids.values())]
        texts += [reader.get(path).text for path in paths]
        for screen in main.screens_of(town.actor(name)):
            things = {"case": town.ids["case north"], "visit": town.ids["visit north"]}
            page = chair.sit(town.actor(name), screen.file, **things)
            texts.append(everything(page))
            if screen.file == "people":  # what is drawn only when it is opened
                for actor in town.story.actors.values():
                    page.session_state[f"ties-{actor.person_id}"] = True
                texts.append(everything(page.run()))
    return {one for text in texts for pattern in (UUID, DIGEST) for one in pattern.findall(text)}


def routes(client: TestClient) -> Iterator[tuple[str, str]]:
    """Every route of the API that takes an id, as it is described."""
    for path, operations in client.get("/api/openapi.json").json()["paths"].items():
        for method in operations:
            if "{" in path.replace("{language}", "").replace("{kind}", ""):
                yield method.upper(), f"/api{path}"


def knocks(method: str, path: str, id_: str, own: str) -> Iterator[str]:
    """Put an id in every place where one belongs; beside one's own visit, too, but where she may make up any id."""
    path = path.replace("{kind}", "view").replace("{language}", "en")
    if "{photo_id}" in path and "{visit_id}" in path:
        yield path.replace("{visit_id}", id_).replace("{photo_id}", id_)
        if method != "PUT":
            yield path.replace("{visit_id}", own).replace("{photo_id}", id_)
    else:
        yield re.sub(r"\{(visit_id|photo_id|digest)\}", id_, path)


@pytest.fixture
def chair(town: Town, monkeypatch: pytest.MonkeyPatch) -> Chair:
    return Chair(town.settings, monkeypatch)


def test_no_id_opens_anything_to_whom_it_does_not_belong(
    town: Town, door: Door, chair: Chair, record_property: Any
) -> None:
    seen = met(town, door, chair)
    things = {one for one in town.ids.values() if UUID.fullmatch(one)}
    ids = seen | things if HARD else things | set(random.Random(4).sample(sorted(seen - things), 6))
    digests = {sheet.digest for sheet in town.story.sheets.values()}
    readers = {name: door.client(town.cookie(name)) for name in (EVERYBODY if HARD else SOME)}
    before, tried, leaks = digest(town.settings), 0, []

    for name, reader in readers.items():
        own = town.ids[{"chelsea": "her open visit", "serik": "visit south"}.get(name, "open visit")]
        hers = {town.ids[what] for what in HERS.get(name, ())}
        for method, path in routes(reader):
            for id_ in ids - hers - digests:
                for url in knocks(method, path, id_, own):
                    tried += 1
                    got = attempt(reader, town, method, path, url)
                    if got[0] < 400 and not is_as_nowhere(reader, town, method, path, url, id_, got):
                        leaks.append(f"{method} {url} by {name}: {got[0]}")

    record_property("tried", tried)
    record_property("ids", len(ids))
    record_property("got through", len(leaks))
    # The control: the search over pages and answers finds the things themselves, without being told of them.
    assert {name for name in WANTED if town.ids[name] not in seen} == set()
    assert leaks == []
    assert digest(town.settings) == before
    assert tried > 800


def attempt(reader: TestClient, town: Town, method: str, path: str, url: str) -> tuple[int, str]:
    content, headers = said(town, path)
    answer = reader.request(method, url, content=None if method == "GET" else content, headers=headers)
    return answer.status_code, answer.text


def is_as_nowhere(
    reader: TestClient, town: Town, method: str, path: str, url: str, id_: str, got: tuple[int, str]
) -> bool:
    """Say whether an id that nobody ever made gets the same answer: then nothing was learnt."""
    made_up = new_id()
    return attempt(reader, town, method, path, url.replace(id_, made_up)) == (got[0], got[1].replace(id_, made_up))
