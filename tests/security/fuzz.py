"""Requests as nobody's page makes them: good ones, bent by a seeded hand."""

import base64
import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.security.test_matrix import filled, said
from tests.security.town import Town
from tests.story import new_id

#: What a value may become.
NASTY: list[Any] = [
    None, True, 0, -1, 1.5, 2**31, 2**63, -(2**64), 10**40, 1e308, float("nan"), float("inf"), "", " ", "\0", "a\0b",
    "\ud800", "\U0010ffff", "\u202e", "0" * 100, "x" * 5000, "é" * 300, [], {}, [[]], [None] * 300, {"": ""},
    {"a": {"b": {}}}, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-01-01T00:00:00+99:99", "2026-01-01",
    "2026-13-45T99:99Z",
    "0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z", "' OR 1=1 --", "../../../etc/passwd", "%00", "{{7*7}}",
    "<script>1</script>", "=1+1", "null", "NaN", "-0", "1e400", "٣", "00000000-0000-4000-8000-000000000000",
    "019f0000-0000-7000-8000-000000000000",
]  # fmt: skip
RAW = [
    b"", b"null", b"[]", b"0", b'"x"', b"{", b'{"a":', b"[" * 5000, b"{}" * 100, b"\xff\xfe\x00", b"\xef\xbb\xbf{}",
    b"1e400", b"9" * 5000, b'{"id":1,"id":2}', b"NaN", b'{"a":"' + b"x" * 1_000_000 + b'"}',
    b"\x1f\x8b\x08" + bytes(20),
]  # fmt: skip
TYPES = ["application/json"] * 12 + ["text/plain", "multipart/form-data; boundary=x", "application/xml", "", "é"]


@dataclass(frozen=True)
class Case:
    """One request."""

    method: str
    path: str
    headers: dict[str, bytes]
    content: bytes


def cases(town: Town, routes: list[tuple[str, str]], seed: int, number: int) -> Iterator[Case]:
    """Make requests that are never the same twice, and always the same for a seed."""
    chance = random.Random(seed)
    for _number in range(number):
        method, path = chance.choice(routes)
        yield a_case(chance, town, method, path)


def a_case(chance: random.Random, town: Town, method: str, path: str) -> Case:
    """Bend one good request."""
    content, headers = said(town, path)
    if path.endswith("/photos/{photo_id}"):
        headers = {**headers, "X-FC-Meta": bent_header(chance, headers["X-FC-Meta"])}
        if chance.random() < 0.5:
            headers["X-FC-Offset"] = str(chance.choice([0, 1, -1, len(content), 2**63, "x", "", "1e3"]))
        content = bent_bytes(chance, content)
    elif path == "/api/sealed/{photo_id}":
        content = bent_bytes(chance, content)
    elif method != "GET":
        content = bent_body(chance, json.loads(content))
    url, hers = filled(town, path), town.ids["her open visit"]
    if chance.random() < 0.2:
        url = url.replace(hers, chance.choice([new_id(), "%00", "x" * 64, "%ED%A0%80", "..%2f"]))
    if chance.random() < 0.3:
        url += "?" + chance.choice(["lang=%00", "from=9999-12-31", "text=%25", "state=x", "have=" + "," * 3999])
    kind = chance.choice(TYPES) if method != "GET" else ""
    made = {name: value.encode(errors="replace") for name, value in {**headers, "Content-Type": kind}.items()}
    return Case(method, url, made, b"" if method == "GET" else content)


def bent_body(chance: random.Random, body: dict[str, Any]) -> bytes:
    """Change one to three places of a good body; sometimes it is no body at all."""
    if chance.random() < 0.15:
        return chance.choice(RAW)
    body = copy.deepcopy(body)
    for _change in range(chance.randrange(4)):
        bend(chance, body)
    text = json.dumps(body).encode()
    if chance.random() < 0.15:
        text = text.replace(b"{", b'{"id":"twice",', 1)
    return bent_bytes(chance, text) if chance.random() < 0.15 else text


def bend(chance: random.Random, body: dict[str, Any]) -> None:
    """Change one place."""
    place: Any = body
    if body.get("answers") and isinstance(body["answers"], list) and chance.random() < 0.6:
        place = body["answers"][0]
    if not isinstance(place, dict) or not place:
        return
    key = chance.choice([*place, "place", "seen_at", "no_place", "extra"])
    how = chance.random()
    if how < 0.15:
        place.pop(key, None)
    elif how < 0.3:
        place[key] = {"lat": chance.choice(NASTY), "lon": 1, "accuracy": chance.choice(NASTY), "age": 1}
    else:
        place[key] = chance.choice(NASTY)


def bent_header(chance: random.Random, header: str) -> str:
    """Bend what a photo says of itself, or how that is packed."""
    meta = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    for _change in range(chance.randrange(3)):
        bend(chance, meta)
    packed = base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")
    return chance.choice([packed] * 8 + [packed[:-3], "%%", "", "W10", packed * 3])[:8000]


def bent_bytes(chance: random.Random, data: bytes) -> bytes:
    """Flip, cut, double or leave bytes."""
    how = chance.random()
    if how < 0.3 or not data:
        return data
    if how < 0.5:
        return data[: chance.randrange(len(data))]
    if how < 0.6:
        return data + data
    made = bytearray(data)
    for _flip in range(chance.randrange(1, 8)):
        made[chance.randrange(len(made))] = chance.randrange(256)
    return bytes(made)
