"""A road between phone and server that breaks on purpose: cut at any byte, refused, slowed, delivered twice.

It reads whole HTTP/1.1 requests, so that it can break one at a chosen byte, answer in the server's place, or deliver it
again; each fate comes from one seeded generator. It never changes a byte that it passes on.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

FATES = {
    "pass": 40, "cut the request": 12, "cut the answer": 14, "drop the answer": 8, "deliver twice": 8, "500": 4,
    "503": 4, "429": 2, "401": 1, "a stranger's page": 2, "slow": 5,
}  # fmt: skip
# What stands on the road and answers in the server's place.
ANSWERS = {
    "500": ("text/html", "<h1>Bad gateway</h1>"),
    "503": ("text/html", "<h1>Try later</h1>"),
    "429": ("text/html", "<h1>Too many</h1>"),
    "401": ("application/json", json.dumps({"error": {"code": "session.none", "details": {}, "message": "out"}})),
    "a stranger's page": ("text/html", "<title>Hotel</title>Please pay"),
}


class Cut(Exception):
    """The road ends here."""


@dataclass
class Road:
    """A proxy on *port* to a server on *to*; peaceful unless *chance* says otherwise."""

    port: int
    to: int
    chance: Callable[[bytes], random.Random | None] = lambda _head: None
    weights: Mapping[str, int] = field(default_factory=lambda: FATES)
    fates: Counter[str] = field(default_factory=Counter)
    trips: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def open(self) -> None:
        """Let traffic in."""
        self.server = await asyncio.start_server(self._travel, "127.0.0.1", self.port, limit=2**20)

    async def close(self) -> None:
        """Let nobody in any more, and nobody go on."""
        self.server.close()
        for trip in self.trips:
            trip.cancel()
        await asyncio.gather(*self.trips, return_exceptions=True)

    async def _travel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trip = asyncio.current_task()
        assert trip
        self.trips.add(trip)
        trip.add_done_callback(self.trips.discard)
        gone = (Cut, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
        # Cancelled only by `close`: a trip that ended so would be told of as a fault.
        with suppress(*gone, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                await self._deliver(head, body, writer)
        writer.transport.abort()

    async def _deliver(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        request = head + body
        dice = self.chance(head)
        fate = dice.choices(list(self.weights), list(self.weights.values()))[0] if dice else "pass"
        self.fates[fate] += 1
        if fate in ANSWERS:
            kind, text = ANSWERS[fate]
            status = fate if fate.isdecimal() else "200"
            said = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(text)}\r\n\r\n{text}"
            writer.write(said.encode())
            await writer.drain()
            return
        if fate == "cut the request" and dice:
            await _send(self.to, request[: dice.randrange(len(request))], whole=False)
            raise Cut
        if fate == "slow" and dice:
            await asyncio.sleep(dice.uniform(0.1, 0.8))
        answer = await _send(self.to, request)
        if fate == "deliver twice" and dice:
            again = await _send(self.to, request)
            answer = dice.choice((answer, again))
        if fate == "drop the answer" or not answer:
            raise Cut
        if fate == "cut the answer" and dice:
            writer.write(answer[: dice.randrange(len(answer))])
            await writer.drain()
            raise Cut
        writer.write(answer)
        await writer.drain()


async def _send(port: int, request: bytes, *, whole: bool = True) -> bytes:
    """Carry bytes to the server; gives its answer, nothing when it is not there or when the request was cut."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return b""
    try:
        writer.write(request)
        await writer.drain()
        if not whole:
            return b""
        head = await reader.readuntil(b"\r\n\r\n")
        method = request.split(b" ", 1)[0]
        none = method == b"HEAD" or head.split(b" ", 2)[1] in {b"204", b"304"}
        return head if none else head + await reader.readexactly(_length(head))
    except (ConnectionError, asyncio.IncompleteReadError):
        return b""
    finally:
        writer.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
