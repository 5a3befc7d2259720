"""Writers take turns and share commits: refusals first, then that nothing is lost, doubled or told too early."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text

from fieldcheck.domain.errors import Busy
from fieldcheck.storage import database, turns
from fieldcheck.storage.turns import Turns

MANY = 12


@pytest.fixture
def queue(tmp_path: Path) -> Turns:
    """The turns of one process on a database of its own with one table."""
    url = f"sqlite:///{tmp_path / 'turns.db'}"
    with database.transaction(url) as session:
        session.execute(text("create table told (word text unique)"))
    return database.turns(url)


def tell(queue: Turns, word: str) -> None:
    """Write one word in a turn."""
    with queue.turn() as session:
        session.execute(text("insert into told values (:word)"), {"word": word})


def leave_half_done(queue: Turns, word: str) -> None:
    """Write one word, then go wrong."""
    with queue.turn() as session:
        session.execute(text("insert into told values (:word)"), {"word": word})
        raise ValueError(word)


def leave_ended(queue: Turns) -> None:
    """Go wrong as SQLite does when the disk is full: it ends the transaction by itself."""
    with queue.turn() as session:
        session.execute(text("insert into told values ('gone')"))
        session.connection().connection.dbapi_connection.rollback()  # type: ignore[union-attr]
        raise ValueError("ended")


def told(queue: Turns) -> list[str]:
    """Everything that is durable: read by a connection of its own."""
    other = create_engine(queue.engine.url)
    with other.connect() as connection:
        words = sorted(connection.execute(text("select word from told")).scalars())
    other.dispose()
    return words


def at_once(works: list[Callable[[], None]]) -> list[BaseException | None]:
    """Let all works go at the same moment; gives what each raised."""
    errors: list[BaseException | None] = [None] * len(works)
    go = threading.Barrier(len(works))

    def one(place: int) -> None:
        go.wait()
        try:
            works[place]()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors[place] = error

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def commits(queue: Turns) -> list[int]:
    """Count the commits from now on: the list grows by one with each."""
    counted: list[int] = []
    event.listen(queue.engine, "commit", lambda _: counted.append(1))
    return counted


def test_a_turn_within_a_turn_is_refused_and_undoes_nothing_else(queue: Turns) -> None:
    with pytest.raises(RuntimeError, match="within"), queue.turn(), queue.turn():
        pass

    tell(queue, "after")

    assert told(queue) == ["after"]


def test_whoever_waits_too_long_is_told_so(queue: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.05)

    with queue.turn():
        (error,) = at_once([lambda: tell(queue, "late")])

    assert isinstance(error, Busy)
    assert error.code == "database.busy"
    assert told(queue) == []


def test_an_error_undoes_its_own_turn_and_no_others(queue: Turns) -> None:
    tell(queue, "there")
    works = [lambda word=word: tell(queue, word) for word in [f"w{n:02}" for n in range(MANY)] + ["there"] * 3]

    errors = at_once(works)

    assert [type(error).__name__ for error in errors if error] == ["IntegrityError"] * 3
    assert told(queue) == sorted(["there", *(f"w{n:02}" for n in range(MANY))])


def test_what_an_error_left_half_done_is_undone(queue: Turns) -> None:
    errors = at_once([lambda: leave_half_done(queue, "half"), *(lambda n=n: tell(queue, f"w{n}") for n in range(4))])

    assert isinstance(errors[0], ValueError)
    assert told(queue) == ["w0", "w1", "w2", "w3"]


def test_a_turn_returns_only_when_its_word_is_durable(queue: Turns) -> None:
    missing: list[str] = []

    def work(word: str) -> None:
        tell(queue, word)
        if word not in told(queue):
            missing.append(word)

    errors = at_once([lambda n=n: work(f"w{n:02}") for n in range(MANY)])

    assert errors == [None] * MANY
    assert missing == []


def test_those_who_wait_together_share_a_commit(queue: Turns) -> None:
    counted = commits(queue)
    waiting = threading.Event()

    def first() -> None:
        with queue.turn() as session:
            session.execute(text("insert into told values ('first')"))
            waiting.wait()

    threads = [threading.Thread(target=first)]
    threads[0].start()
    threads += [threading.Thread(target=tell, args=(queue, f"w{n}")) for n in range(6)]
    for thread in threads[1:]:
        thread.start()
    while queue._waiting < 6:
        time.sleep(0.001)
    waiting.set()
    for thread in threads:
        thread.join()

    assert len(told(queue)) == 7
    assert len(counted) < 7


def test_a_commit_that_fails_is_told_to_everybody_whose_word_stood_in_it(queue: Turns) -> None:
    failing = [True]

    def fail(_: object) -> None:
        if failing:
            raise OSError("the disk is full")

    event.listen(queue.engine, "commit", fail)

    errors = at_once([lambda n=n: tell(queue, f"w{n}") for n in range(5)])
    failing.clear()
    tell(queue, "again")

    assert [type(error) for error in errors] == [OSError] * 5
    assert told(queue) == ["again"]


def test_a_transaction_that_sqlite_ended_by_itself_keeps_nothing_and_says_so(queue: Turns) -> None:
    (error,) = at_once([lambda: leave_ended(queue)])
    tell(queue, "after")

    assert isinstance(error, ValueError)
    assert told(queue) == ["after"]


def test_turns_in_a_row_share_one_commit_and_nothing_of_them_is_told_before_it(queue: Turns) -> None:
    counted = commits(queue)

    with queue.together():
        tell(queue, "one")
        tell(queue, "two")
        before = told(queue)

    assert before == []
    assert told(queue) == ["one", "two"]
    assert len(counted) == 1


def test_an_error_in_a_row_undoes_its_own_turn_only(queue: Turns) -> None:
    with queue.together():
        tell(queue, "one")
        with pytest.raises(ValueError, match="half"):
            leave_half_done(queue, "half")
        tell(queue, "two")

    assert told(queue) == ["one", "two"]


def test_a_turn_within_a_turn_of_a_row_is_refused(queue: Turns) -> None:
    with queue.together():
        tell(queue, "one")
        with pytest.raises(RuntimeError, match="within"), queue.turn():
            tell(queue, "inner")

    assert told(queue) == ["one"]


def test_a_row_whose_commit_fails_raises_and_keeps_nothing(queue: Turns) -> None:
    failing = [True]

    def fail(_: object) -> None:
        if failing:
            raise OSError("the disk is full")

    event.listen(queue.engine, "commit", fail)

    def row() -> None:
        with queue.together():
            tell(queue, "one")
            tell(queue, "two")

    with pytest.raises(OSError, match="full"):
        row()
    failing.clear()
    tell(queue, "again")

    assert told(queue) == ["again"]


def test_a_row_that_sqlite_ended_by_itself_is_over_for_all_that_stand_in_it(queue: Turns) -> None:
    later: list[str] = []

    def row() -> None:
        with queue.together():
            tell(queue, "one")
            with pytest.raises(ValueError, match="ended"):
                leave_ended(queue)
            with pytest.raises(Busy) as refused:
                tell(queue, "two")
            later.append(refused.value.code)

    with pytest.raises(Busy):
        row()
    tell(queue, "after")

    assert later == ["database.busy"]
    assert told(queue) == ["after"]


def test_rows_and_single_turns_of_other_threads_lose_nothing(queue: Turns) -> None:
    def row(first: int) -> None:
        with queue.together():
            for n in range(first, first + 5):
                tell(queue, f"r{n:02}")

    works = [*(lambda n=n: row(5 * n) for n in range(4)), *(lambda n=n: tell(queue, f"w{n}") for n in range(8))]

    errors = at_once(works)

    assert errors == [None] * 12
    assert told(queue) == sorted([*(f"r{n:02}" for n in range(20)), *(f"w{n}" for n in range(8))])
