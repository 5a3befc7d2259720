"""What phones send together is written together: refusals and failures first, then that each has its own outcome."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, text

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.errors import NotFound
from fieldcheck.settings import Settings
from fieldcheck.storage import database as store
from fieldcheck.usecases.work import begin
from fieldcheck.web.writing import Writer

#: On PostgreSQL each piece has a commit of its own, and nothing is shared that could fail or be measured.
TOGETHER = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DANA = Actor("dana", "A-1", Role.ADMINISTRATOR, None)


@pytest.fixture
def words(database: Settings) -> Settings:
    """An installation whose database has one more table, for words."""
    with store.transaction(database.database_url) as session:
        session.execute(text("create table told (word varchar(20) unique)"))
    return database


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a loop to its end, in a thread of its own: the browser's tests leave one running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def tell(settings: Settings, word: str, *, fail: BaseException | None = None) -> Callable[[], str]:
    def do() -> str:
        with begin(settings, DANA) as work:
            work.session.execute(text("insert into told values (:word)"), {"word": word})
            if fail:
                raise fail
        return word

    return do


def told(settings: Settings) -> list[str]:
    with store.transaction(settings.database_url, reading=True) as session:
        return sorted(session.execute(text("select word from told")).scalars())


def written(settings: Settings, *pieces: Callable[[], str]) -> list[Any]:
    """Let all pieces be written at the same time; gives what became of each."""

    async def all_of_them() -> list[Any]:
        writer = Writer(settings)
        return await asyncio.gather(*(writer.write(piece) for piece in pieces), return_exceptions=True)

    return run(all_of_them())


def test_an_error_is_its_own_and_undoes_nothing_else(words: Settings) -> None:
    missing = NotFound("visit.not_found")

    got = written(words, tell(words, "one"), tell(words, "half", fail=missing), tell(words, "two"))

    assert got == ["one", missing, "two"]
    assert told(words) == ["one", "two"]


@TOGETHER
def test_a_commit_that_fails_is_told_to_all_who_waited_for_it(words: Settings) -> None:
    failing, own = [True], NotFound("visit.not_found")

    def fail(_: object) -> None:
        if failing:
            raise OSError("the disk is full")

    event.listen(store.engine(words.database_url), "commit", fail)

    got = written(words, tell(words, "one"), tell(words, "two"), tell(words, "three", fail=own))
    failing.clear()
    again = written(words, tell(words, "one"))

    assert [type(one) for one in got[:2]] == [OSError, OSError]
    assert got[2] is own
    assert again == ["one"]
    assert told(words) == ["one"]


def test_nobody_is_told_before_it_is_durable(words: Settings) -> None:
    early: list[str] = []

    async def one(writer: Writer, word: str) -> None:
        await writer.write(tell(words, word))
        if word not in told(words):
            early.append(word)

    async def all_of_them() -> None:
        writer = Writer(words)
        await asyncio.gather(*(one(writer, f"w{n:02}") for n in range(50)))

    run(all_of_them())

    assert early == []
    assert len(told(words)) == 50


def test_a_writer_serves_one_loop_after_another(words: Settings) -> None:
    writer = Writer(words)

    async def one(word: str) -> str:
        return await writer.write(tell(words, word))

    assert [run(one(word)) for word in ("one", "two")] == ["one", "two"]


def test_whoever_gives_up_waiting_stops_nobody_else(words: Settings) -> None:
    async def all_of_them() -> list[str]:
        writer = Writer(words)
        left = asyncio.ensure_future(writer.write(tell(words, "left")))
        await asyncio.sleep(0)
        left.cancel()
        return [await writer.write(tell(words, "stayed")), await writer.write(tell(words, "later"))]

    assert run(all_of_them()) == ["stayed", "later"]
    assert {"stayed", "later"} <= set(told(words))


@TOGETHER
def test_a_writer_says_how_much_of_the_last_second_it_wrote(words: Settings) -> None:
    writer = Writer(words)

    before = writer.share()
    run(_one(writer, words))
    ((began, end),) = writer._wrote

    assert before == 0
    assert writer.share(end) == pytest.approx(min(1.0, end - began))
    assert writer.share(end + 2) == 0


async def _one(writer: Writer, settings: Settings) -> None:
    await writer.write(tell(settings, "one"))
