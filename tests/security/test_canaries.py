"""Who was there, and when to the minute, is nowhere in what the agency sees: pages, answers, files, photos."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fieldcheck.storage import database, record_queries
from fieldcheck.storage.photos import Copy
from fieldcheck.usecases import evidence
from fieldcheck.usecases.work import locker
from tests.screens.sitting import Chair
from tests.security.conftest import ON_SQLITE, Door
from tests.security.searching import Canaries, Desk, Place, Things, agencys, note, search, tables
from tests.security.town import RELEASED, Town, rows_of

pytestmark = ON_SQLITE
Places = Callable[[], Iterator[Place]]


@pytest.fixture
def agency(town: Town, door: Door, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Everything that the agency can get hold of, in three languages where a language changes it."""
    evidence.develop_waiting(town.settings, 100)
    chair = Chair(town.settings, monkeypatch)
    desks = [Desk(name, town.actor(name), door.client(town.cookie(name))) for name in ("bo", "bella")]
    return lambda: agencys(chair, desks, things(town))


def things(town: Town) -> Things:
    """What there is; any id is tried anywhere."""
    named = {kind: [f"{kind} north", f"{kind} south"] for kind in ("case", "released photo")}
    cases, photos = ({name: town.ids[name] for name in names} for names in named.values())
    return Things(cases, photos, lambda _part: town.ids.values())


def found(town: Town, agency: Places) -> set[tuple[str, str]]:
    """Search everything for every canary: (canary, place)."""
    return search(agency(), Canaries(town.canaries()))[0]


def test_the_agency_finds_no_trace_of_who_was_there(town: Town, agency: Places, record_property: Any) -> None:
    canaries = Canaries(town.canaries())

    leaks, looked = search(agency(), canaries)

    note(record_property, looked, canaries, len(leaks))
    assert leaks == set()


def test_what_the_agency_should_see_is_there_so_the_search_looks_at_the_right_pages(
    town: Town, agency: Places
) -> None:
    texts = {place.where: place.data for place in agency()}

    assert RELEASED.encode() in texts["bo, page case case north"]
    assert b"School N1" in texts["bo, page register "]
    assert "School N1 ру".encode() in texts["bo, export in ru"]
    assert b"School N1" in texts["bo, letter case north, en"]
    assert texts["bo, released photo north, view"][:3] == b"\xff\xd8\xff"
    assert RELEASED.encode() not in texts["bella, page case case north"]  # the north is not hers


def test_a_leak_that_is_planted_is_found(town: Town, agency: Places) -> None:
    """The control: whatever the coordinator might let slip into a text, the same search finds it."""
    canaries = town.canaries()
    town.rewrite(f"They said so to {', '.join(canaries.values())}.")

    caught = {canary for canary, place in found(town, agency) if place == "bo, page case case north"}

    assert caught == set(canaries)


def test_the_agencys_part_of_the_database_holds_no_canary(town: Town, record_property: Any) -> None:
    """The control: the same search finds them in what the agency never reads."""
    canaries = Canaries(town.canaries())

    leaks, looked = search(tables(town.settings), canaries)
    elsewhere, _looked = search(tables(town.settings, others=True), canaries)

    note(record_property, looked, canaries, len(leaks))
    assert leaks == set()
    whole = {place.where: place.data for place in tables(town.settings)}
    assert whole["register_case"] and RELEASED.encode() in whole["released_text"]
    assert {"her words", "device", "code", "person"} <= {name for name, _where in elsewhere}


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
