"""Writing for many phones at once: what came in while the disk was busy is written together, by one commit.

Why it exists: a thread and a commit of its own for each request cost more than what the request writes. Here one thread
at a time does whatever waits, one piece after the other in the order they came, each with its own outcome; nobody is
told anything before all of it is durable. It is for the engine that lets in one writer at a time; on PostgreSQL each
piece goes to a thread of its own.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from fieldcheck.settings import Settings
from fieldcheck.usecases.work import together, writes_together

#: How many pieces at most wait for the same commit.
MOST = 32
T = TypeVar("T")


@dataclass
class Piece:
    """One piece of work, who waits for it, and what became of it."""

    do: Callable[[], Any]
    told: "asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None

    def work(self) -> None:
        """Do it; an error is its own."""
        try:
            self.result = self.do()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self.error = error

    def tell(self) -> None:
        """Wake up whoever waits, if she still does."""
        if self.told.cancelled():
            return
        if self.error is not None:
            self.told.set_exception(self.error)
        else:
            self.told.set_result(self.result)


class Writer:
    """The pieces of one process that wait to be written, and the thread that writes while there are any."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._waiting: deque[Piece] = deque()
        self._door = threading.Lock()
        self._is_busy = False
        self._wrote: deque[tuple[float, float]] = deque(maxlen=256)
        self._thread = ThreadPoolExecutor(1, "writer")

    async def write(self, do: Callable[[], T]) -> T:
        """Let *do*, which opens transactions of its own, be done; returns, or raises, when that is durable."""
        if not writes_together(self.settings):
            return await run_in_threadpool(do)
        loop = asyncio.get_running_loop()
        piece = Piece(do, loop.create_future(), loop)
        with self._door:
            self._waiting.append(piece)
            begin, self._is_busy = not self._is_busy, True
        if begin:
            self._thread.submit(self._write_all)
        told: T = await piece.told
        return told

    def share(self, now: float | None = None) -> float:
        """Say which share of the last second went into writing, 0 to 1: near 1, phones wait for each other."""
        now = time.monotonic() if now is None else now
        return min(1.0, sum(max(0.0, end - max(began, now - 1)) for began, end in list(self._wrote)))

    def _write_all(self) -> None:
        while True:
            with self._door:
                pieces = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
                self._is_busy = bool(pieces)
            if not pieces:
                return
            self._write(pieces)

    def _write(self, pieces: list[Piece]) -> None:
        began = time.monotonic()
        try:
            with together(self.settings):
                for piece in pieces:
                    piece.work()
        except BaseException as error:  # noqa: BLE001 - raised where each of them is waited for
            for piece in pieces:
                piece.error = piece.error or error
        self._wrote.append((began, time.monotonic()))
        for loop in {piece.loop for piece in pieces}:
            with suppress(RuntimeError):  # its server has closed, and nobody waits any more
                loop.call_soon_threadsafe(_tell, [piece for piece in pieces if piece.loop is loop])


def _tell(pieces: list[Piece]) -> None:
    for piece in pieces:
        piece.tell()
