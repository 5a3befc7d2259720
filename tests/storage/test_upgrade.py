"""A programme that is already there comes through an upgrade whole."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from fieldcheck.storage import database, guards

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
