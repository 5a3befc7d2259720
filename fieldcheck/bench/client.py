"""The phones: plain sockets that send requests made beforehand, so that the two cores are left to the server.

One thread drives all of them. A request is a form into which a few fresh letters are put; a photo is never copied, and
of its hash only the last bytes are counted anew. It speaks just enough HTTP to be answered, keeps its connections, and
counts what was acknowledged and how long it took.
"""

import base64
import hashlib
import json
import random
import selectors
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

PHOTO_QUESTIONS = ("ENT-04", "ENT-05")
FRESH = b"f7e57f7e"
"""Stands in a form where each visit has eight letters of its own."""
VISIT = b"the-visit"
_TAIL = 18  # bytes at a photo's end that differ from photo to photo


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


@dataclass(frozen=True)
class Request:
    """One request as it goes to the socket, and what it counts for when it is acknowledged."""

    kind: str
    pieces: tuple[bytes | memoryview, ...]
    answers: int = 0
    photos: int = 0


class Forms:
    """What one phone sends for any visit, with gaps for what differs."""

    def __init__(self, phone: Phone, seed: int) -> None:
        self.phone, self.chance, self.count = phone, random.Random(f"{seed}-{time.time_ns()}"), 0
        self.now = datetime.now(UTC)
        given = [self._answer(one, n) for n, one in enumerate(phone.answers)]
        batches = [[one] for one in given] if phone.one_by_one else [given]
        said = {"phone_now": self.now.isoformat(), "device": "bench", "app": "1"}
        self.batches = [(self._post("answers", {**said, "answers": batch}), len(batch)) for batch in batches]
        at = self.now.isoformat()
        self.submission = self._post("submission", {"id": self._id(), "submitted_at": at, "phone_now": at})
        self.body = memoryview((phone.photo or b"")[:-_TAIL])
        self.begun = hashlib.sha256(self.body)

    def requests(self, visit: str) -> Iterator[Request]:
        """Fill the forms in for one visit."""
        self.count += 1
        fresh, name = b"%08x" % (self.count << 8 | self.chance.getrandbits(8)), visit.encode()
        for form, many in self.batches:
            yield Request("answers", (form.replace(VISIT, name, 1).replace(FRESH, fresh),), answers=many)
        if self.phone.photo is not None:
            for question in PHOTO_QUESTIONS:
                yield self._photo(visit, question)
            yield Request("submission", (self.submission.replace(VISIT, name, 1).replace(FRESH, fresh),))

    def _answer(self, one: tuple[str, str, Any], place: int) -> dict[str, Any]:
        digest, question, value = one
        at = (self.now + timedelta(seconds=place - 900)).isoformat()
        here = {"lat": 47.0 + self.chance.random() / 5000, "lon": 69.5, "accuracy": 15.0, "age": 4.0}
        said = {"id": self._id(), "checklist": digest, "question": question, "value": value, "place": here}
        return {**said, "given_at": at, "seen_at": at, "no_place": None}

    def _id(self) -> str:
        return FRESH.decode() + new_id(self.chance)[len(FRESH) :]

    def _post(self, what: str, body: dict[str, Any]) -> bytes:
        data = json.dumps(body).encode()
        return self._head(f"POST /api/visits/{VISIT.decode()}/{what}", len(data), "application/json") + data

    def _photo(self, visit: str, question: str) -> Request:
        assert self.phone.photo is not None
        tail, digest = self.chance.randbytes(_TAIL - 2) + self.phone.photo[-2:], self.begun.copy()
        digest.update(tail)
        meta = {
            "checklist": self.phone.answers[0][0], "question": question, "sha256": digest.hexdigest(),
            "size": len(self.phone.photo), "type": "image/jpeg", "taken_at": self.now.isoformat(),
            "source": "camera", "place": None, "no_place": "timeout",
        }  # fmt: skip
        told = base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")
        address = f"PUT /api/visits/{visit}/photos/{new_id(self.chance)}"
        more = f"X-FC-Meta: {told}\r\nX-FC-Offset: 0\r\n"
        return Request(
            "photo", (self._head(address, len(self.phone.photo), "image/jpeg", more), self.body, tail), photos=1
        )

    def _head(self, address: str, size: int, kind: str, more: str = "") -> bytes:
        host = f"127.0.0.1:{self.phone.port}"
        return (
            f"{address} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nX-FC: 1\r\n"
            f"Cookie: fc={self.phone.cookie}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{more}\r\n"
        ).encode()


def new_id(chance: random.Random) -> str:
    """Make an id as a phone does."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


class Line:
    """One phone's kept connection: what is still to be sent, what has come, and which visit it is at."""

    def __init__(self, phone: Phone, seed: int, tally: Tally) -> None:
        self.forms, self.tally = Forms(phone, seed), tally
        self.visits: Iterator[str] = iter(phone.visits)
        self.requests: Iterator[Request] = iter(())
        self.socket = socket.create_connection(("127.0.0.1", phone.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.rest: list[memoryview] = []
        self.came = b""
        self.asked = Request("", ())
        self.began = 0.0

    def go_on(self, end: float) -> bool:
        """Begin the next request, of the next visit where this one is sent; False when time or visits are over."""
        now = time.perf_counter()
        following = next(self.requests, None)
        if following is None:
            if self.asked.kind:
                self.tally.visits += 1
                self.tally.took.append(now - self.began)
            visit = next(self.visits, None) if now < end else None
            if visit is None:
                return False
            self.requests, self.began = self.forms.requests(visit), now
            following = next(self.requests)
        self.asked = following
        self.rest = [memoryview(piece) for piece in following.pieces]
        self.send()
        return True

    def send(self) -> None:
        """Send as much as the socket takes."""
        while self.rest:
            try:
                sent = self.socket.sendmsg(self.rest)
            except BlockingIOError:
                return
            while self.rest and sent >= len(self.rest[0]):
                sent -= len(self.rest.pop(0))
            if sent:
                self.rest[0] = self.rest[0][sent:]

    def is_answered(self) -> bool:
        """Read what has come; say whether the whole answer is here, and count it."""
        came = self.socket.recv(65536)
        if not came:
            raise ConnectionError("the server hung up")
        self.came += came
        end = self.came.find(b"\r\n\r\n")
        if end < 0:
            return False
        at = self.came.lower().find(b"content-length:", 0, end)
        size = int(self.came[at + 15 : self.came.find(b"\r\n", at)])
        if len(self.came) < end + 4 + size:
            return False
        if self.came[9:12] != b"200" or self.came.find(b"refused", end) > 0:
            self.tally.errors.append(f"{self.asked.kind}: {self.came[:12]!r} {self.came[end + 4 : end + 204]!r}")
        else:
            self.tally.answers += self.asked.answers
            self.tally.photos += self.asked.photos
        self.came = b""
        return True


def run(phones: Sequence[Phone], seconds: float) -> Tally:
    """Let all phones send for *seconds*; a visit that has begun is finished and counted."""
    tally = Tally()
    lines = [Line(phone, seed, tally) for seed, phone in enumerate(phones)]
    started, cpu = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as waiting:
        for line in lines:
            if line.go_on(started + seconds):
                waiting.register(line.socket, _wish(line), line)
        while waiting.get_map():
            for key, ready in waiting.select():
                line = key.data
                if ready & selectors.EVENT_WRITE:
                    line.send()
                if ready & selectors.EVENT_READ and line.is_answered() and not line.go_on(started + seconds):
                    waiting.unregister(line.socket)
                elif key.events != _wish(line):
                    waiting.modify(line.socket, _wish(line), line)
    tally.seconds, tally.cpu = time.perf_counter() - started, time.process_time() - cpu
    for line in lines:
        line.socket.close()
    return tally


def _wish(line: Line) -> int:
    return selectors.EVENT_READ | (selectors.EVENT_WRITE if line.rest else 0)
