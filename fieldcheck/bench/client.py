"""The phones: plain sockets that send requests made beforehand, so that the two cores are left to the server.

It speaks just enough HTTP to be answered, keeps its connection, and counts what was acknowledged and how long it took.
"""

import base64
import hashlib
import json
import random
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

PHOTO_QUESTIONS = ("ENT-04", "ENT-05")


@dataclass
class Tally:
    """What one load gave. Seconds, counts."""

    visits: int = 0
    answers: int = 0
    photos: int = 0
    errors: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0

    def add(self, other: "Tally") -> None:
        """Join another client's tally."""
        self.visits += other.visits
        self.answers += other.answers
        self.photos += other.photos
        self.errors += other.errors
        self.took += other.took

    def percentile(self, share: float) -> float:
        """Give the visit's time in milliseconds that *share* of the visits stayed below."""
        return sorted(self.took)[int(len(self.took) * share)] * 1000 if self.took else float("nan")


@dataclass(frozen=True)
class Phone:
    """One volunteer's phone: its cookie, its visits, and what it sends for each."""

    port: int
    cookie: str
    visits: Sequence[str]
    answers: Sequence[tuple[str, str, Any]]
    photo: bytes | None
    one_by_one: bool = False

    def requests(self, visit: str, chance: random.Random) -> list[tuple[str, bytes, int, int]]:
        """Make the requests of one visit: (kind, bytes, answers in it, photos in it)."""
        now = datetime.now(UTC)
        given = [self._answer(one, now + timedelta(seconds=n - 900), chance) for n, one in enumerate(self.answers)]
        batches = [[one] for one in given] if self.one_by_one else [given]
        told = [("answers", self._answers(visit, batch, now), len(batch), 0) for batch in batches]
        if self.photo is not None:
            told += [("photo", self._photo(visit, question, now, chance), 0, 1) for question in PHOTO_QUESTIONS]
            body = {"id": new_id(chance), "submitted_at": now.isoformat(), "phone_now": now.isoformat()}
            told.append(("submission", self._post(visit, "submission", body), 0, 0))
        return told

    def _answer(self, one: tuple[str, str, Any], at: datetime, chance: random.Random) -> dict[str, Any]:
        digest, question, value = one
        place = {"lat": 47.0 + chance.random() / 5000, "lon": 69.5, "accuracy": 15.0, "age": 4.0}
        said = {"id": new_id(chance), "checklist": digest, "question": question, "value": value, "place": place}
        return {**said, "given_at": at.isoformat(), "seen_at": at.isoformat(), "no_place": None}

    def _answers(self, visit: str, batch: Sequence[Any], now: datetime) -> bytes:
        body = {"phone_now": now.isoformat(), "device": "bench", "app": "1", "answers": batch}
        return self._post(visit, "answers", body)

    def _post(self, visit: str, what: str, body: dict[str, Any]) -> bytes:
        data = json.dumps(body).encode()
        return self._head(f"POST /api/visits/{visit}/{what}", len(data), "application/json") + data

    def _photo(self, visit: str, question: str, now: datetime, chance: random.Random) -> bytes:
        assert self.photo is not None
        data = self.photo[:-2] + chance.randbytes(16) + self.photo[-2:]
        meta = {
            "checklist": self.answers[0][0], "question": question, "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data), "type": "image/jpeg", "taken_at": now.isoformat(), "source": "camera", "place": None,
            "no_place": "timeout",
        }  # fmt: skip
        told = base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")
        address = f"PUT /api/visits/{visit}/photos/{new_id(chance)}"
        return self._head(address, len(data), "image/jpeg", f"X-FC-Meta: {told}\r\nX-FC-Offset: 0\r\n") + data

    def _head(self, address: str, size: int, kind: str, more: str = "") -> bytes:
        host = f"127.0.0.1:{self.port}"
        return (
            f"{address} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nX-FC: 1\r\nCookie: fc={self.cookie}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {size}\r\n{more}\r\n"
        ).encode()


def new_id(chance: random.Random) -> str:
    """Make an id as a phone does."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def run(phones: Sequence[Phone], seconds: float) -> Tally:
    """Let all phones send for *seconds*; a visit that has begun is finished and counted."""
    tallies = [Tally() for _ in phones]
    ready, go = threading.Barrier(len(phones) + 1), threading.Event()
    threads = [
        threading.Thread(target=_send, args=(phone, tally, seconds, ready, go, seed))
        for seed, (phone, tally) in enumerate(zip(phones, tallies, strict=True))
    ]
    for thread in threads:
        thread.start()
    ready.wait()
    started, cpu = time.perf_counter(), time.process_time()
    go.set()
    for thread in threads:
        thread.join()
    total = Tally()
    for tally in tallies:
        total.add(tally)
    total.seconds, total.cpu = time.perf_counter() - started, time.process_time() - cpu
    return total


def _send(phone: Phone, tally: Tally, seconds: float, ready: threading.Barrier, go: threading.Event, seed: int) -> None:
    chance = random.Random(f"{seed}-{time.time_ns()}")
    with socket.create_connection(("127.0.0.1", phone.port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = line.makefile("rb")
        ready.wait()
        go.wait()
        end = time.perf_counter() + seconds
        for visit in phone.visits:
            if time.perf_counter() > end:
                return
            requests = phone.requests(visit, chance)
            began = time.perf_counter()
            for kind, data, answers, photos in requests:
                line.sendall(data)
                status, body = _answer(reader)
                if status != 200 or b"refused" in body:
                    tally.errors.append(f"{kind}: {status} {body[:200]!r}")
                    continue
                tally.answers += answers
                tally.photos += photos
            tally.visits += 1
            tally.took.append(time.perf_counter() - began)


def _answer(reader: Any) -> tuple[int, bytes]:
    status, length = int(reader.readline().split()[1]), 0
    while (line := reader.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return status, reader.read(length)
