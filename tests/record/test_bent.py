"""The eight ways of bending a record, many times each: by the one file that verifies alone, and by the house itself.

`test_verifier.py` asks the function; here a whole export is bent and read by a copy of the file far from the house, and
the rows of a real programme are bent in its own database. `FIELDCHECK_HARD` makes it two hundred of each.
"""

import importlib.util
import io
import os
import random
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import delete, insert, text
from sqlmodel import SQLModel

from fieldcheck import verifier
from fieldcheck.settings import Settings
from fieldcheck.storage import database, record_queries
from fieldcheck.usecases import record
from tests.first import settle
from tests.record.chains import WAYS, Entry, a_chain, a_head, tampered, write_export
from tests.record.test_verifier import LENGTH, UNSEEN_ALONE
from tests.story import NOW, begin_story

HARD = bool(os.environ.get("FIELDCHECK_HARD"))
FILES, ROWS = (200, 200) if HARD else (15, 3)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[ModuleType]:
    """The verifier's one file, copied away and read as a program of its own."""
    spec = importlib.util.spec_from_file_location("alone", shutil.copy(verifier.__file__, tmp_path / "alone.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["alone"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["alone"]


def judged(program: ModuleType, *said: object) -> int:
    """Run it; gives its exit code."""
    with redirect_stdout(io.StringIO()):
        return int(program.main([str(one) for one in said]))


@pytest.mark.parametrize("way", WAYS)
def test_a_bent_file_is_known_by_the_one_file_alone(
    alone: ModuleType, tmp_path: Path, way: str, record_property: Any
) -> None:
    key, export, pub, anchor = (Ed25519PrivateKey.generate(), *(tmp_path / name for name in ("e.zip", "pub", "a.json")))
    pub.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    by_itself = anchored = 0
    for number in range(FILES):
        chance = random.Random(f"{way} {number}")
        chain = a_chain(chance, LENGTH)
        anchor.write_bytes(verifier.canonical(a_head(chain, LENGTH, key)) + b"\n")
        write_export(export, tampered(chain, way, chance), [])
        by_itself += judged(alone, export, "--pub", pub) == 1
        anchored += judged(alone, export, "--pub", pub, "--anchor", anchor) == 1

    record_property("tried", FILES)
    record_property("detected alone", by_itself)
    record_property("detected with an anchor", anchored)
    assert (by_itself, anchored) == (0 if way in UNSEEN_ALONE else FILES, FILES)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A programme with a visit, its record as it is, and the head that somebody outside was sent."""
    folder = tmp_path_factory.mktemp("bent")
    settings = settle(folder)
    database.upgrade(settings.database_url)
    story = begin_story(settings)
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    _head, path = record.anchor(settings, NOW)
    outside = path.rename(folder / "outside.json")
    with database.transaction(settings.database_url) as session:
        for act in ("update", "delete"):
            for table in ("record_entry", "record_head"):
                session.execute(text(f"drop trigger {table}_no_{act}"))  # whoever holds the database takes them down
    with database.transaction(settings.database_url, reading=True) as session:
        chain = list(record_queries.everything(session))
        subjects = {row[0]: row[1] for row in session.execute(text("select seq, subject from record_body"))}
    yield settings, chain, subjects, outside
    database.engine(settings.database_url).dispose()


def rewritten(settings: Settings, chain: list[Entry], subjects: dict[int, str]) -> None:
    """Put a bent chain in the place of what the tables hold, and take the signed heads away."""
    tables = SQLModel.metadata.tables
    entries = [{name: one[name] for name in (*verifier.SEALED, "hash")} for one in chain]
    bodies = [
        {
            "seq": one["seq"],
            "subject": subjects.get(one["seq"], "x"),
            "salt": bytes.fromhex(one["salt"]),
            "body": one["body"],
        }
        for one in chain
    ]
    with database.transaction(settings.database_url) as session:
        for name in ("record_head", "record_body", "record_entry"):
            session.execute(delete(tables[name]))
        session.execute(insert(tables["record_entry"]), entries)
        session.execute(insert(tables["record_body"]), bodies)


def bent(chain: list[Entry], way: str, chance: random.Random) -> list[Entry]:
    """Bend it; what is added to a number in made-up chains is added to any word here."""
    chain = (
        [{**one, "body": {**one["body"], "n": one["body"].get("n", 0)}} for one in chain]
        if way == "alter a body"
        else chain
    )
    return tampered(chain, way, chance)


@pytest.mark.parametrize("way", WAYS)
def test_rows_that_were_bent_in_the_database_are_known_by_the_house(told: Any, way: str, record_property: Any) -> None:
    settings, chain, subjects, outside = told
    by_itself = anchored = 0
    for number in range(ROWS):
        rewritten(settings, bent(chain, way, random.Random(f"{way} {number}")), subjects)
        by_itself += not record.verify_live(settings).holds
        anchored += not record.verify_live(settings, [outside]).holds

    record_property("tried", ROWS)
    record_property("detected alone", by_itself)
    record_property("detected with an anchor", anchored)
    assert anchored == ROWS
    assert by_itself == ROWS or way in UNSEEN_ALONE


def test_rows_that_nobody_bent_hold(told: Any) -> None:
    """The control: the same rows, written back as they were."""
    settings, chain, subjects, outside = told
    rewritten(settings, chain, subjects)

    report = record.verify_live(settings, [outside])

    assert report.holds, verifier.told(report)
    assert report.anchors_met == 1
