"""Who was there, and when to the minute, is shown to nobody whose work it is not: every screen of every other desk.

The agency's own pages, answers and files are searched in `test_canaries.py`. Here: whoever else sits at a desk, what
leaves the house as a file, and for each kind of place a leak that is planted and found.
"""

import json
import logging
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from fieldcheck.storage import database, photo_rows, record_queries
from fieldcheck.storage.photos import Copy
from fieldcheck.storage.tables import CaseEvent, Photo, School
from fieldcheck.usecases import evidence, record
from fieldcheck.usecases.work import begin, locker
from fieldcheck.web import main
from tests.screens.sitting import Chair
from tests.security.conftest import HARD, ON_SQLITE, Door
from tests.security.pages import everything
from tests.security.searching import AGENCYS
from tests.security.town import Town, rows_of, telling_photo

pytestmark = ON_SQLITE
#: Of the canaries of one volunteer of the north, what each other desk may read by its office, and no more: the auditor
#: reads the record, by codes and times; an administrator that something was done, and when, of no volunteer.
MAY_READ: dict[str, set[str]] = {
    "boris": set(),
    "bo": set(),
    "bella": set(),
    "kira": set(),
    "dana": {"minute, her clock"},
    "ursula": {"code", "person", "minute, her clock", "minute, UTC"},
    "dina": set(),
    # He walked at the same minute, and said the same with the same phone: these are his own.
    "serik": {"EXIF", "device", "position, latitude", "position, longitude", "minute, her clock", "minute, UTC",
              "her words", "the phone in her words"},
}  # fmt: skip
#: What lies in the vault or in what a camera wrote: it is in no file that leaves, whoever takes it.
NEVER = {"name", "family name", "phone", "phone without its plus", "home, latitude", "home, longitude", "EXIF"}
LANGUAGES = ("ru", "kk", "en") if HARD else ("en",)


def shown(town: Town, door: Door, chair: Chair, name: str) -> Iterator[tuple[str, str]]:
    """Every screen of somebody, with things of the north in the address, and every answer that takes no id or any."""
    reader = door.client(town.cookie(name))
    things = {"case": town.ids["case north"], "visit": town.ids["visit north"]}
    for language in LANGUAGES:
        assert reader.post("/api/me/language", json={"language": language}).status_code == 200
        for screen in main.screens_of(town.actor(name)):
            page = chair.sit(town.actor(name), screen.file, **things)
            assert not page.exception, (screen.file, page.exception)
            yield f"page {screen.file}, {language}", everything(page)
    for path in ("/pocket", "/api/start", "/api/me", "/api/visits", "/api/me/data", "/api/register.csv", "/join"):
        yield path, reader.get(path).text
    for path in ("/api/visits/{}", "/api/photos/{}/view", "/api/letters/{}?language=ru"):
        for id_ in town.ids.values():
            answer = reader.get(path.format(id_))
            yield path, answer.text.replace(id_, "") + json.dumps(dict(answer.headers))


@pytest.mark.parametrize("name", MAY_READ)
def test_no_other_desk_reads_more_of_a_volunteer_than_its_office_needs(
    town: Town, door: Door, monkeypatch: pytest.MonkeyPatch, name: str, record_property: Any
) -> None:
    evidence.develop_waiting(town.settings, 100)
    canaries, places = town.canaries(), list(shown(town, door, Chair(town.settings, monkeypatch), name))

    found = {(canary, place) for place, text in places for canary, said in canaries.items() if said in text}

    record_property("searched", len(places) * len(canaries))
    record_property("found", len({one for one in found if one[0] not in MAY_READ[name]}))
    assert {one for one in found if one[0] not in MAY_READ[name]} == set()
    assert len(places) > 20


def test_her_own_coordinator_does_read_them_so_the_search_looks_at_the_right_pages(
    town: Town, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of all the others: the same search at the desk whose work it is."""
    evidence.develop_waiting(town.settings, 100)
    text = "\n".join(said for _place, said in shown(town, door, Chair(town.settings, monkeypatch), "alice"))

    found = {name for name, said in town.canaries().items() if said in text}

    assert {"name", "family name", "phone", "code", "person", "her words", "minute, her clock"} <= found


def test_the_exported_record_names_nobody(town: Town, tmp_path: Path) -> None:
    """A file for whoever verifies: codes and times, and nothing that lies in the vault or came from a camera."""
    record.export(town.settings, datetime.now(UTC), tmp_path / "record.zip")
    with zipfile.ZipFile(tmp_path / "record.zip") as archive:
        text = "\n".join(archive.read(name).decode() for name in archive.namelist())

    canaries = town.canaries()

    assert {name for name in NEVER if canaries[name] in text} == set()
    assert canaries["code"] in text  # the control


def test_a_leak_that_is_planted_is_found_in_every_kind_of_place(
    town: Town, door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The control: a name in a page, an answer, an export, a letter, a photo, the record, a table, and the log."""
    name, chair = town.canaries()["name"], Chair(town.settings, monkeypatch)
    evidence.develop_waiting(town.settings, 100)
    with caplog.at_level("INFO"):
        before = {kind: name in text for kind, text in kinds(town, door, chair, caplog.text)}

        town.rewrite(f"{name} said so.")
        _plant(town, name)
        logging.getLogger("fieldcheck.web").warning("refused: %s", name)
        after = {kind: name in text for kind, text in kinds(town, door, chair, caplog.text)}

    assert before == dict.fromkeys(KINDS, False)
    assert after == dict.fromkeys(KINDS, True)


KINDS = ("page", "answer", "export", "letter", "photo", "record", "table", "log")


def kinds(town: Town, door: Door, chair: Chair, log: str) -> Iterator[tuple[str, str]]:
    """One place of each kind that the searches look into."""
    case, photo, bo = town.ids["case north"], town.ids["released photo north"], door.client(town.cookie("bo"))
    yield "answer", door.client(town.cookie("chelsea")).get("/api/start").text
    yield "log", log
    yield "page", everything(chair.sit(town.actor("bo"), "case", case=case))
    yield "export", bo.get("/api/register.csv").text
    yield "letter", bo.get(f"/api/letters/{case}?language=en").text
    yield "photo", bo.get(f"/api/photos/{photo}/view").content.decode("latin-1")
    with database.transaction(town.settings.database_url, reading=True) as session:
        yield "record", json.dumps(list(record_queries.everything(session)), ensure_ascii=False)
    yield "table", "\n".join(row for row in rows_of(town.settings) if row.startswith(tuple(f"{n} " for n in AGENCYS)))


def _plant(town: Town, name: str) -> None:
    """Put a name where the house never puts one."""
    shelves, photo = locker(town.settings), town.ids["released photo north"]
    data = telling_photo(town.walked_at, 5)
    with database.transaction(town.settings.database_url) as session:
        session.execute(
            update(School).where(col(School.id) == "N1").values(name=dict.fromkeys(("ru", "kk", "en"), name))
        )
        session.execute(update(CaseEvent).values(text=name))
        row = session.get(Photo, photo)
        assert row is not None
        kept = photo_rows.kept(row)
    shelves.keep_derivative(kept, Copy.VIEW, data)
    with begin(town.settings, town.actor("bo")) as work:
        work.record("test.leak", "nobody", note=name)
