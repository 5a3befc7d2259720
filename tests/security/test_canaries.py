"""Who was there, and when to the minute, is nowhere in what the agency sees: pages, answers, files, photos."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from fieldcheck.storage import database, record_queries
from fieldcheck.storage.photos import Copy
from fieldcheck.usecases import evidence
from fieldcheck.usecases.work import locker
from tests.screens.sitting import Chair
from tests.security.conftest import ON_SQLITE, Door
from tests.security.pages import everything
from tests.security.town import RELEASED, Town, rows_of

pytestmark = ON_SQLITE
Texts = Callable[[], Iterator[tuple[str, bytes]]]
#: The agency's own pages, and all others that it might try.
PAGES = ("figures", "register", "case")


@pytest.fixture
def agency(town: Town, door: Door, monkeypatch: pytest.MonkeyPatch) -> Texts:
    """Everything that the agency can get hold of, in three languages where a language changes it."""
    evidence.develop_waiting(town.settings, 100)
    chair = Chair(town.settings, monkeypatch)
    readers = {name: door.client(town.cookie(name)) for name in ("bo", "bella")}

    def gather() -> Iterator[tuple[str, bytes]]:
        for name, reader in readers.items():
            yield from _pages(town, chair, name)
            yield from _answers(town, reader, name)
            yield from _files(town, reader, name)

    return gather


def _pages(town: Town, chair: Chair, name: str) -> Iterator[tuple[str, bytes]]:
    for screen in PAGES:
        for case in ("case north", "case south") if screen == "case" else ("",):
            page = chair.sit(town.actor(name), screen, **({"case": town.ids[case]} if case else {}))
            assert not page.exception, page.exception
            yield f"{name}, page {screen} {case}", everything(page).encode()


def _answers(town: Town, reader: TestClient, name: str) -> Iterator[tuple[str, bytes]]:
    for path, operations in reader.get("/api/openapi.json").json()["paths"].items():
        if "get" not in operations:
            continue
        for id_ in town.ids.values() if "{" in path else ("",):
            filled = re.sub(r"{(visit_id|photo_id|case_id|digest)}", id_, path)
            filled = filled.replace("{case_id}", id_)
            answer = reader.get("/api" + filled.replace("{kind}", "view").replace("{language}", "en"))
            heads = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())
            # What she said herself is said back to her in an error: that is no news to her.
            yield f"{name}, GET {path}", (heads + "\n").encode() + answer.content.replace(id_.encode() or b"\0", b"")


def _files(town: Town, reader: TestClient, name: str) -> Iterator[tuple[str, bytes]]:
    for language in ("ru", "kk", "en"):
        reader.post("/api/me/language", json={"language": language})
        yield f"{name}, export in {language}", reader.get("/api/register.csv").content
    for kind in ("view", "thumb"):
        for photo in ("released photo north", "released photo south"):
            yield f"{name}, {photo}, {kind}", reader.get(f"/api/photos/{town.ids[photo]}/{kind}").content


def found(town: Town, agency: Texts) -> set[tuple[str, str]]:
    """Search everything for every canary: (canary, place)."""
    return {
        (name, place) for place, text in agency() for name, canary in town.canaries().items() if canary.encode() in text
    }


def test_the_agency_finds_no_trace_of_who_was_there(town: Town, agency: Texts, record_property: Any) -> None:
    record_property("searched", len(list(agency())) * len(town.canaries()))
    leaks = found(town, agency)

    record_property("found", len(leaks))
    assert leaks == set()


def test_what_the_agency_should_see_is_there_so_the_search_looks_at_the_right_pages(town: Town, agency: Texts) -> None:
    texts = dict(agency())

    assert RELEASED.encode() in texts["bo, page case case north"]
    assert b"School N1" in texts["bo, page register "]
    assert "School N1 ру".encode() in texts["bo, export in ru"]
    assert texts["bo, released photo north, view"][:3] == b"\xff\xd8\xff"
    assert RELEASED.encode() not in texts["bella, page case case north"]  # the north is not hers


def test_a_leak_that_is_planted_is_found(town: Town, agency: Texts) -> None:
    """The control: whatever the coordinator might let slip into a text, the same search finds it."""
    canaries = town.canaries()
    town.rewrite(f"They said so to {', '.join(canaries.values())}.")

    caught = {canary for canary, place in found(town, agency) if place == "bo, page case case north"}

    assert caught == set(canaries)


#: What the agency's queries read; the rest of the database it never asks.
AGENCYS = ("register_case", "case_event", "released_text", "legal_hold", "revisit", "body", "school", "region")


def test_the_agencys_part_of_the_database_holds_no_canary(town: Town) -> None:
    """The control: the same search finds them in what the agency never reads."""
    texts = {name: "\n".join(row for row in rows_of(town.settings) if row.startswith(f"{name} ")) for name in AGENCYS}
    others = "\n".join(row for row in rows_of(town.settings) if not row.startswith(tuple(f"{n} " for n in AGENCYS)))
    canaries = town.canaries()

    assert [(name, where) for where, text in texts.items() for name, one in canaries.items() if one in text] == []
    assert texts["register_case"] and RELEASED in texts["released_text"]
    assert {"her words", "device", "code", "person"} <= {name for name, canary in canaries.items() if canary in others}


def test_names_and_phones_stand_in_no_row_at_all(town: Town) -> None:
    """They are in the vault, and what the vault holds is sealed; so are her own words, wherever they lie."""
    whole = "\n".join(rows_of(town.settings))
    canaries = town.canaries()

    nowhere = ("name", "family name", "phone", "the phone in her words", "EXIF")
    assert not [name for name in nowhere if canaries[name] in whole]
    assert canaries["code"] in whole  # the control


def test_what_the_disk_holds_for_showing_has_lost_what_the_camera_wrote(town: Town) -> None:
    evidence.develop_waiting(town.settings, 100)
    shelves = locker(town.settings)
    with database.transaction(town.settings.database_url, reading=True) as session:
        photos = list(record_queries.kept_photos(session))
    shown = [shelves.derivative(photo, kind) for photo in photos for kind in Copy]
    kept = [shelves.read(photo) for photo in photos]
    lying = [path.read_bytes() for path in town.settings.photos.rglob("*") if path.is_file()]

    canaries = [canary.encode() for canary in town.canaries().values()]

    assert len(shown) >= 10
    assert not any(canary in data for canary in canaries for data in shown)
    assert any(canaries[0] in data for data in kept)  # the originals are as they came
    assert not any(canary in data for canary in canaries for data in lying)  # and nobody reads them without their keys
