"""A programme that is already there comes through an upgrade whole."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from fieldcheck.storage import case_search, database, guards
from fieldcheck.storage.tables import Case

INSERTS = (
    """insert into person (id, code, role, language, active, created_at)
       values ('p', 'A-1', 'administrator', 'en', true, '2026-01-01')""",
    "insert into identity (person_id, name, phone) values ('p', 'Dana', '')",
)


def test_people_of_the_first_revision_come_through_with_everything_that_hangs_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    with monkeypatch.context() as patch:
        patch.setattr(guards, "put_up", lambda _connection: None)  # today's guards know tables that were not there yet
        command.upgrade(database._config(url), "0001")
    with database.transaction(url) as session:
        for statement in INSERTS:
            session.execute(text(statement))

    database.upgrade(url)

    assert database.revision(url) == database.newest_revision()
    with database.transaction(url, reading=True) as session:
        assert session.execute(text("select name from identity where person_id = 'p'")).scalar_one() == "Dana"
        assert session.execute(text("pragma foreign_keys")).scalar_one() == 1
    database.engine(url).dispose()


def test_entries_of_the_register_are_found_after_the_upgrade_that_indexed_their_words(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    command.upgrade(database._config(url), "0011")
    database.engine(url).dispose()
    with closing(sqlite3.connect(tmp_path / "old.db")) as bare:  # asks for no school and no finding of it
        bare.execute(
            "insert into register_case (id, number, finding_id, school_id, region_id, code, severity, nature, title,"
            " state, restricted, visited_half, visited_told, opened_at, released_at, dated_at, suggested_body_id,"
            " search_text) values ('C', 'НР-2026-75-00001', 'F', 'S', '75', 'V-1', 'low', 'indicator', '{}', 'closed',"
            " false, '', '', '2026-09-14', '2026-09-14', '2026-09-14', '', 'нр-2026-75-00001 школа №7 ёлкино')"
        )
        bare.commit()

    with pytest.raises(RuntimeError, match="pointing nowhere"):
        database.upgrade(url)

    with database.transaction(url, reading=True) as session:
        asked = select(Case.id).where(case_search.matching(session, ["елк", "00001"]))
        assert session.execute(asked).scalars().all() == ["C"]
    database.engine(url).dispose()
