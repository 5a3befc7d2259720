"""A field day: 1,000 volunteers at once, each tapping an answer every five seconds: `python -m fieldcheck.bench.day`.

Each has a session and an open visit of her own, and sends as the phone does: each answer when it was tapped, in one
batch with whatever waits behind an answer that is still on its way. Some acknowledgements are lost on purpose: the same
answer is sent again under its id. Counted in the end is what the database holds. Beforehand, what it costs that so many
have their page open and tap nothing.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from fieldcheck.bench import ground, server
from fieldcheck.bench.client import new_id
from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import database
from fieldcheck.storage.tables import Answer

EVERY = 5.0
FORGOTTEN = 0.02  # of the acknowledgements do not reach the phone


@dataclass
class Day:
    """What the phones saw. Seconds, counts."""

    sent: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    requests: int = 0
    again: int = 0
    reconnects: int = 0

    def percentile(self, share: float) -> float:
        """Give the milliseconds from a tap to its acknowledgement that *share* of the answers stayed below."""
        return 1000 * sorted(self.took)[int(len(self.took) * share)] if self.took else float("nan")


class Phone:
    """One phone: what was tapped and is not acknowledged waits, and goes together once the road is free."""

    def __init__(self, port: int, cookie: str, visit: str, told: Sequence[tuple[str, str, Any]], day: Day) -> None:
        self.port, self.cookie, self.visit, self.told, self.day = port, cookie, visit, told, day
        self.chance = random.Random(cookie)
        self.waiting: dict[str, tuple[dict[str, Any], float]] = {}
        self.there, self.empty = asyncio.Event(), asyncio.Event()
        self.line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def walks(self, until: float) -> None:
        """Tap every five seconds until then, and send; ends when all is acknowledged."""
        sending = asyncio.create_task(self._sends())
        await asyncio.sleep(self.chance.random() * EVERY)
        count = 0
        while time.monotonic() < until:
            self._taps(count)
            count += 1
            await asyncio.sleep(EVERY * self.chance.uniform(0.9, 1.1))
        await self.empty.wait()
        sending.cancel()
        if self.line:
            self.line[1].close()

    def _taps(self, count: int) -> None:
        digest, question, value = self.told[count % len(self.told)]
        at = datetime.now(UTC).isoformat()
        here = {"lat": 47.0001, "lon": 69.5001, "accuracy": 12.0, "age": 3.0}
        one = {"id": new_id(self.chance), "checklist": digest, "question": question, "value": value}
        self.waiting[one["id"]] = (
            {**one, "given_at": at, "seen_at": None, "place": here, "no_place": None}, time.monotonic()
        )  # fmt: skip
        self.day.sent.add(one["id"])
        self.empty.clear()
        self.there.set()

    async def _sends(self) -> None:
        while True:
            await self.there.wait()
            self.there.clear()
            while batch := [one for one, _at in self.waiting.values()]:
                body = {"phone_now": datetime.now(UTC).isoformat(), "device": "bench", "app": "1", "answers": batch}
                said = await self._asks(json.dumps(body).encode())
                if said is None or self.chance.random() < FORGOTTEN:
                    self.day.again += 1
                    continue
                self._hears(said)
            self.empty.set()

    def _hears(self, said: dict[str, Any]) -> None:
        for result in said["results"]:
            _one, at = self.waiting.pop(result["id"])
            if result["status"] in {"stored", "known"}:
                self.day.acknowledged.add(result["id"])
                self.day.took.append(time.monotonic() - at)
            else:
                self.day.refused[result["error"]["code"]] += 1

    async def _asks(self, body: bytes) -> dict[str, Any] | None:
        host = f"127.0.0.1:{self.port}"
        head = (
            f"POST /api/visits/{self.visit}/answers HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nX-FC: 1\r\n"
            f"Cookie: fc={self.cookie}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        self.day.requests += 1
        try:
            if self.line is None:
                self.line = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.line
            writer.write(head + body)
            came = (await reader.readuntil(b"\r\n\r\n")).lower()
            said = json.loads(await reader.readexactly(int(came.split(b"content-length:")[1].split(b"\r\n")[0])))
        except (ConnectionError, asyncio.IncompleteReadError):
            self.line = None  # a browser opens another without a word, too
            self.day.reconnects += 1
            return None
        if came[9:12] != b"200":
            self.day.refused[f"http {came[9:12].decode()}"] += 1
            await asyncio.sleep(1)
            return None
        return dict(said)


async def idle(port: int, many: int, seconds: float) -> None:
    """Hold the connections of so many phones that have opened their page and ask for nothing."""
    lines = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(many)))
    await asyncio.sleep(seconds)
    for _reader, writer in lines:
        writer.close()


async def walk(port: int, cookies: list[str], visits: list[str], told: Any, seconds: float) -> Day:
    """Let everybody walk for *seconds*."""
    day, until = Day(), time.monotonic() + seconds
    phones = (Phone(port, cookie, visit, told, day) for cookie, visit in zip(cookies, visits, strict=True))
    await asyncio.gather(*(phone.walks(until) for phone in phones))
    return day


def held(settings: Settings) -> tuple[int, set[str]]:
    """Give how many answers the database holds, and their ids."""
    with database.transaction(settings.database_url, reading=True) as session:
        many = session.execute(select(func.count()).select_from(Answer)).scalar_one()
        return many, set(session.execute(select(col(Answer.id))).scalars())


def measure(settings: Settings, people: int, seconds: float) -> None:
    """Lay a programme, serve it, measure both kinds of phones, and print."""
    laid = ground.lay(settings, people)
    visits = [mine[0] for mine in ground.visits(laid, 1)]
    cookies, told = ground.sign_in(laid), ground.answers(laid)
    print(f"\nA field day: {people} phones, load {os.getloadavg()[0]:.1f} before it")
    with server.serving(settings) as served:
        time.sleep(5)  # bundles are pressed in the first seconds
        before, alone = served.cpu(), 10.0
        time.sleep(alone)
        row("a core's share with nobody there, %", 100 * (served.cpu() - before) / alone)
        before, began = served.cpu(), time.monotonic()
        asyncio.run(idle(served.port, people, alone))
        took = time.monotonic() - began
        row("... with so many pages open, nobody tapping, %", 100 * (served.cpu() - before) / took)
        row("memory then, MB", served.memory())
        before, began, own = served.cpu(), time.monotonic(), time.process_time()
        day = asyncio.run(walk(served.port, cookies, visits, told, seconds))
        took, cost, own = time.monotonic() - began, served.cpu() - before, time.process_time() - own
        count, ids = held(settings)
        row("answers sent", len(day.sent))
        row("acknowledged", len(day.acknowledged))
        row("sent again, their acknowledgement lost", day.again)
        row("connections opened anew", day.reconnects)
        row("acknowledged and lost", len(day.acknowledged - ids))
        row("doubled", count - len(ids & day.sent))
        row("refused", sum(day.refused.values()), str(dict(day.refused) or ""))
        row("answers a second", len(day.acknowledged) / took)
        row("from tap to acknowledgement, p50 ms", day.percentile(0.5))
        row("p95 ms", day.percentile(0.95))
        row("p99 ms", day.percentile(0.99))
        row("server's CPU an answer, ms", 1000 * cost / max(1, len(day.acknowledged)))
        row("a core's share, %", 100 * cost / took, f"(the phones themselves: {100 * own / took:.0f} %)")
        row("memory then, MB", served.memory())
    print(f"load {os.getloadavg()[0]:.1f} after it")


def row(name: str, value: float, more: str = "") -> None:
    """Print one figure."""
    print(f"    {name:52} {value:12,.1f}  {more}".rstrip(), flush=True)


def main(said: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m fieldcheck.bench.day", description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args(said)
    folder = Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    try:
        checklists = os.environ.get("FIELDCHECK_CHECKLISTS", "")
        settings = read_settings({"FIELDCHECK_DATA": str(folder), "FIELDCHECK_CHECKLISTS": checklists})
        measure(settings, options.people, options.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
