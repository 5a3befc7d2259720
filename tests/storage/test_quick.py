"""A quick statement refuses, writes and reads exactly what SQLAlchemy would, on either engine."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlmodel import Session, SQLModel, col

from fieldcheck.settings import Settings
from fieldcheck.storage import database as store
from fieldcheck.storage.quick import RAW, Quick
from fieldcheck.storage.tables import Consent, Person, QuizTaken

NOW = datetime(2026, 9, 14, 6, 0, 5, 120, tzinfo=UTC)
_TABLES = SQLModel.metadata.tables
ADD = Quick(insert(_TABLES["quiz_taken"]))
COLUMNS = [col(QuizTaken.id), col(QuizTaken.answers), col(QuizTaken.passed), col(QuizTaken.taken_at)]
BY_IDS = Quick(select(*COLUMNS).where(col(QuizTaken.id).in_(bindparam("ids", expanding=True))).order_by(COLUMNS[0]))
PASSED = Quick(
    select(col(QuizTaken.id)).where(col(QuizTaken.passed).is_(True), col(QuizTaken.right) > bindparam("least"))
)
MARK = Quick(update(_TABLES["quiz_taken"]).where(col(QuizTaken.id) == bindparam("one")).values(passed=bindparam("how")))
FORGET = Quick(delete(_TABLES["quiz_taken"]).where(col(QuizTaken.right) < bindparam("least")))
CONSENTS = Quick(select(col(Consent.id), col(Consent.withdrawn_at)))


def row(id_: str, right: int = 3, **kw: Any) -> dict[str, Any]:
    fields = {"id": id_, "person_id": "p", "digest": "d", "answers": {"q": "да"}, "right": right, "asked": 5}
    return {**fields, "passed": True, "taken_at": NOW, **kw}


def lay(session: Session, *rows: dict[str, Any]) -> None:
    session.execute(
        insert(Person), [{"id": "p", "code": "R-1", "role": "reviewer", "created_at": NOW, "active": True}]
    )
    ADD.many(session, rows)


def test_a_time_without_a_zone_is_refused(database: Settings) -> None:
    def add() -> None:
        with store.transaction(database.database_url) as session:
            lay(session, row("a", taken_at=NOW.replace(tzinfo=None)))

    with pytest.raises(Exception, match="without a zone"):
        add()


def test_what_is_written_quickly_is_read_by_sqlalchemy_and_the_other_way_round(database: Settings) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5)))
    with store.transaction(database.database_url) as session:
        lay(session, row("a", answers={"q": "да", "r": "ә"}, taken_at=there), row("b", passed=False))

    with store.transaction(database.database_url, reading=True) as session:
        (mine,) = session.execute(select(QuizTaken).where(col(QuizTaken.id) == "a")).scalars()
        rows = BY_IDS.rows(session, ids=["a", "b", "c"])

    assert (mine.answers, mine.passed, mine.taken_at) == ({"q": "да", "r": "ә"}, True, NOW)
    assert [tuple(one) for one in rows] == [
        ("a", {"q": "да", "r": "ә"}, True, NOW),
        ("b", {"q": "да"}, False, NOW),
    ]


def test_an_empty_list_finds_nothing_and_no_rows_are_written(database: Settings) -> None:
    with store.transaction(database.database_url) as session:
        lay(session)

        assert list(BY_IDS.rows(session, ids=[])) == []
        assert BY_IDS.first(session, ids=["a"]) is None
        assert list(CONSENTS.rows(session)) == []


def test_what_changes_rows_says_how_many(database: Settings) -> None:
    with store.transaction(database.database_url) as session:
        lay(session, row("a", right=1), row("b", right=4), row("c", right=5))

        assert MARK.run(session, one="c", how=False) == 1
        assert MARK.run(session, one="z", how=False) == 0
        assert [one[0] for one in PASSED.rows(session, least=2)] == ["b"]
        assert FORGET.run(session, least=2) == 1


def test_only_a_transaction_on_sqlite_is_run_on_the_drivers_connection(database: Settings) -> None:
    with store.transaction(database.database_url) as session:
        assert (RAW in session.info) == database.database_url.startswith("sqlite")
    with store.transaction(database.database_url, reading=True) as session:
        assert (RAW in session.info) == database.database_url.startswith("sqlite")
