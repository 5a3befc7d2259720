"""The vault: what it refuses to open, what stands in no file, and what is gone when a key is destroyed."""

import base64
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import inspect, text

from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import NotFound
from fieldcheck.domain.geo import Point
from fieldcheck.settings import BadSettings, Settings, read_settings
from fieldcheck.storage import database, guards, vault, vault_moves
from fieldcheck.storage.vault import IDENTITY
from fieldcheck.usecases import erasure, identities, people
from fieldcheck.usecases.work import begin, look
from tests.identity.people import in_files, rows, with_custodian
from tests.story import NORTH, Story, begin_story

NAMES = [f"Канарейка{n} Пернатова" for n in range(20)]
PHONES = [f"+7 000 777 {n:04}" for n in range(20)]


@pytest.fixture
def story(database: Settings) -> Story:
    return with_custodian(database)


@pytest.fixture
def apart(settings: Settings) -> Settings:
    """An installation whose vault lies in a database of its own."""
    apart = replace(settings, vault_url=f"sqlite:///{settings.data / 'names.db'}")
    database.upgrade(apart.database_url)
    vault_moves.adopt(apart)
    return apart


def plant(story: Story) -> list[str]:
    """Let Alice bring in twenty volunteers, each with a tie to N2; gives their ids."""
    ids = []
    for name, phone in zip(NAMES, PHONES, strict=True):
        with story.work("alice") as work:
            ids.append(people.bring_in(work, Role.VOLUNTEER, NORTH, name, phone, "ru", Point(54.87, 69.1)))
            people.declare_conflict(work, ids[-1], "childs_school", "N2")
    return ids


# The key


def test_a_key_that_others_can_read_is_refused(story: Story) -> None:
    story.settings.vault_key.chmod(0o640)

    with story.work("alice") as work, pytest.raises(BadSettings, match="chmod 600"):
        identities.read(work)


@pytest.mark.parametrize("weak", [b"", b"short", base64.urlsafe_b64encode(bytes(32)), "ключ".encode()])
def test_a_weak_key_is_refused(story: Story, weak: bytes) -> None:
    story.settings.vault_key.write_bytes(weak)

    with story.work("alice") as work, pytest.raises(BadSettings, match="holds no key"):
        identities.read(work)


def test_a_lost_key_is_not_replaced_by_a_new_one_behind_everybodys_back(story: Story) -> None:
    story.settings.vault_key.unlink()

    with story.work("alice") as work, pytest.raises(BadSettings, match="is gone"):
        identities.read(work)

    assert not story.settings.vault_key.exists()


def test_another_key_opens_nothing(story: Story) -> None:
    story.settings.vault_key.write_bytes(base64.urlsafe_b64encode(bytes(range(32))))

    with story.work("alice") as work, pytest.raises(BadSettings, match="does not open"):
        identities.read(work)


def test_the_key_is_made_for_its_owner_alone(story: Story) -> None:
    assert story.settings.vault_key.stat().st_mode & 0o777 == 0o600
    assert len(base64.urlsafe_b64decode(story.settings.vault_key.read_bytes())) == 32


def test_the_key_may_lie_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "usb" / "vault.key"

    settings = read_settings({"FIELDCHECK_DATA": str(tmp_path / "data"), "FIELDCHECK_VAULT_KEY_FILE": str(elsewhere)})

    assert settings.vault_key == elsewhere


# What is sealed is bound to its row


@pytest.mark.parametrize("column", ["person_id", "id"])
def test_a_sealed_row_moved_to_somebody_else_does_not_open(story: Story, column: str) -> None:
    chelsea, dina = (story.actors[name].person_id for name in ("chelsea", "dina"))
    with database.transaction(story.settings.database_url) as session:
        session.execute(text("delete from vault_item where person_id = :d"), {"d": dina})
        session.execute(text(f"update vault_item set {column} = :d where id = :c"), {"d": dina, "c": chelsea})

    with story.work("alice") as work, pytest.raises(BadSettings, match="was changed"):
        work.vault.items(IDENTITY, [chelsea, dina])


def test_one_flipped_bit_is_noticed(story: Story) -> None:
    chelsea = story.actors["chelsea"].person_id
    ((sealed,),) = rows(story, "select sealed from vault_item where id = :c", c=chelsea)
    bent = bytearray(bytes(sealed))
    bent[20] ^= 1
    with database.transaction(story.settings.database_url) as session:
        session.execute(text("update vault_item set sealed = :s where id = :c"), {"s": bytes(bent), "c": chelsea})

    with story.work("alice") as work, pytest.raises(BadSettings, match="was changed"):
        identities.read(work)


def test_the_length_of_what_is_sealed_tells_nothing_of_a_name(story: Story) -> None:
    for name in ("Li", "Aleksandra-Viktoriya Konstantinopolskaya"):
        with story.work("alice") as work:
            people.bring_in(work, Role.VOLUNTEER, NORTH, name)

    lengths = {len(bytes(sealed)) for (sealed,) in rows(story, "select sealed from vault_item where kind = 'identity'")}

    assert len(lengths) == 1


# What stands in no file


def test_planted_names_and_phones_are_in_no_file_of_the_database(settings: Settings) -> None:
    database.upgrade(settings.database_url)
    story = begin_story(settings)
    ids = plant(story)

    found = in_files(settings.data, "fieldcheck.db*", *NAMES, *PHONES, "childs_school")
    with database.transaction(settings.database_url) as session:  # the control: one that is planted in the open
        session.execute(text("update person set code = :n where id = :i"), {"n": PHONES[3], "i": ids[3]})
    leaked = in_files(settings.data, "fieldcheck.db*", *NAMES, *PHONES, "childs_school")

    assert found == 0
    assert leaked == 1
    with story.work("alice") as work:
        assert {who.name for who in identities.read(work).values()} >= set(NAMES)


def test_planted_names_and_phones_are_in_no_table(story: Story) -> None:
    plant(story)

    with database.engine(story.settings.database_url).connect() as connection:
        everything = "".join(
            str(row)
            for table in inspect(connection).get_table_names()
            for row in connection.execute(text(f'select * from "{table}"'))
        )

    assert not [one for one in (*NAMES, *PHONES) if one in everything]


# Erasing


def test_whoever_is_erased_cannot_be_read_with_the_key_and_an_old_copy_of_her_items(story: Story) -> None:
    chelsea = story.actors["chelsea"]
    ((sealed,),) = rows(story, "select sealed from vault_item where id = :c", c=chelsea.person_id)
    with story.work("dana") as work:
        order = erasure.ask(work, "person", chelsea.code, "she asked for it")

    erasure.consent(story.settings, story.actors["kira"], order, now=story.now)

    assert rows(story, "select count(*) from vault_key where person_id = :c", c=chelsea.person_id) == [(0,)]
    assert rows(story, "select count(*) from vault_item where person_id = :c", c=chelsea.person_id) == [(0,)]
    with database.transaction(story.settings.database_url) as session:
        session.execute(
            text("insert into vault_item (id, person_id, kind, sealed) values (:c, :c, 'identity', :s)"),
            {"c": chelsea.person_id, "s": sealed},
        )
    with story.work("alice") as work:
        assert chelsea.person_id not in identities.read(work)


def test_erasing_leaves_neither_key_nor_item_in_the_files(settings: Settings) -> None:
    database.upgrade(settings.database_url)
    story = with_custodian(settings)
    chelsea = story.actors["chelsea"]
    query = "select {} from {} where person_id = :c"
    kept = (query.format("wrapped", "vault_key"), query.format("sealed", "vault_item"))
    secrets = [bytes(one) for each in kept for (one,) in rows(story, each, c=chelsea.person_id)]
    with story.work("dana") as work:
        order = erasure.ask(work, "person", chelsea.code, "she asked for it")

    erasure.consent(settings, story.actors["kira"], order, now=story.now)

    whole = b"".join(path.read_bytes() for path in settings.data.glob("fieldcheck.db*"))
    assert len(secrets) == 2
    assert not [one for one in secrets if one in whole]


# A database of its own


def test_a_vault_of_its_own_leaves_nothing_in_the_main_database(apart: Settings) -> None:
    story = begin_story(apart)
    plant(story)

    assert rows(story, "select count(*) from vault_item") == [(0,)]
    assert rows(story, "select count(*) from vault_item", url=apart.vault_url)[0][0] >= 40
    with story.work("alice") as work:
        assert {who.name for who in identities.read(work).values()} >= set(NAMES)


def test_what_fails_in_the_main_database_leaves_nobody_in_a_vault_of_its_own(apart: Settings) -> None:
    story = begin_story(apart)
    before = rows(story, "select count(*) from vault_key", url=apart.vault_url)

    def fall() -> None:
        with story.work("alice") as work:
            people.bring_in(work, Role.VOLUNTEER, NORTH, "Aisha")
            people.invite(work, "nobody")

    with pytest.raises(NotFound):
        fall()

    assert rows(story, "select count(*) from vault_key", url=apart.vault_url) == before


def test_looking_only_changes_nothing_in_a_vault_of_its_own(apart: Settings) -> None:
    story = begin_story(apart)
    chelsea = story.actors["chelsea"].person_id

    with look(apart, story.actors["alice"]) as work:
        work.vault.forget(chelsea)

    assert rows(story, "select count(*) from vault_key where person_id = :c", url=apart.vault_url, c=chelsea) == [(1,)]


def test_a_vault_that_gets_a_database_of_its_own_later_moves_there(settings: Settings) -> None:
    database.upgrade(settings.database_url)
    story = begin_story(settings)
    apart = replace(settings, vault_url=f"sqlite:///{settings.data / 'names.db'}")

    moved = vault_moves.adopt(apart)

    assert moved > 0
    assert vault_moves.adopt(apart) == 0
    assert rows(story, "select count(*) from vault_key") == [(0,)]
    with begin(apart, story.actors["alice"], now=story.now) as work:
        assert identities.read(work)[story.actors["chelsea"].person_id].name == "Chelsea"


# What older revisions kept in the open


def an_old_database(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of the first revision with one volunteer, her name and her tie in plain tables."""
    with monkeypatch.context() as patch:
        patch.setattr(guards, "put_up", lambda _connection: None)  # today's guards know tables that were not there yet
        command.upgrade(database._config(settings.database_url), "0001")
    inserts: list[tuple[str, dict[str, Any]]] = [
        ("insert into region (id, iso, name, lat, lon) values ('590000000', 'KZ-59', '{}', 54, 69)", {}),
        ("insert into person values ('p', 'V-1', 'volunteer', '590000000', 'ru', true, '2026-01-01')", {}),
        ("insert into identity values ('p', :n, :t, 54.88, 69.12)", {"n": NAMES[0], "t": PHONES[0]}),
        ("insert into conflict values ('c', 'p', null, 'lake', 'employer', '2026-01-01')", {}),
    ]  # fmt: skip
    with database.transaction(settings.database_url) as session:
        for statement, values in inserts:
            session.execute(text(statement), values)


def test_names_of_an_older_revision_move_into_the_vault_and_out_of_the_files(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_old_database(settings, monkeypatch)
    database.upgrade(settings.database_url)
    before = in_files(settings.data, "fieldcheck.db*", NAMES[0], PHONES[0])

    moved = vault_moves.adopt(settings)

    with database.transaction(settings.database_url, reading=True) as session:
        tables = set(inspect(session.connection()).get_table_names())
        with vault.opened(settings, session, reading=True) as box:
            assert identities.one(box, "p") == (NAMES[0], PHONES[0])
            assert identities.standings(box, ["p"], "N1", "lake")["p"].tied_to_district
    assert (before, moved) == (2, 2)
    assert not tables & {"identity", "conflict"}
    assert in_files(settings.data, "fieldcheck.db*", NAMES[0], PHONES[0]) == 0
    assert vault_moves.adopt(settings) == 0


def test_a_copy_of_the_database_without_the_key_is_noise(settings: Settings, tmp_path: Path) -> None:
    database.upgrade(settings.database_url)
    story = begin_story(settings)
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    for path in settings.data.glob("fieldcheck.db*"):
        shutil.copy(path, stolen)

    thief = replace(settings, data=stolen, database_url=f"sqlite:///{stolen / 'fieldcheck.db'}")

    with pytest.raises(BadSettings, match="is gone"):
        people.roster(thief)
    assert in_files(stolen, "*", "Chelsea", "Dina") == 0
    assert story.actors
    database.engine(thief.database_url).dispose()
