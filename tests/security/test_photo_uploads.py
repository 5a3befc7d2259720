"""Photos as an attacker sends them, through the gate: each its own clear error, and nobody's bytes but her own."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from httpx2 import Response
from PIL import Image
from starlette.testclient import TestClient

from fieldcheck.web.sending import LARGEST_PART
from tests.security.conftest import Door, Note, noted
from tests.security.town import EXIF, SHEET, Town, digest
from tests.story import a_photo, new_id


@pytest.fixture
def dina(door: Door, town: Town) -> TestClient:
    return door.client(town.cookie("dina"))


def described(town: Town, data: bytes, offset: int = 0, **more: Any) -> dict[str, str]:
    meta = {"checklist": town.story.sheets[SHEET].digest, "question": "COL-17", "sha256": sha256(data).hexdigest(),
            "size": len(data), "taken_at": town.story.now.isoformat(), "source": "camera", **more}  # fmt: skip
    packed = base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")
    return {"X-FC-Meta": packed, "X-FC-Offset": str(offset)}


def send(client: TestClient, town: Town, data: bytes, visit: str = "open visit", **headers: str) -> Response:
    address = f"/api/visits/{town.ids[visit]}/photos/{new_id()}"
    return client.put(address, content=data, headers=described(town, data) | headers)


def a_png(width: int, height: int, bits: int = 1) -> bytes:
    """A PNG that says it is as large as this, in a few bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(bytes(10_000))
    head = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
    return out.getvalue()


def a_gif() -> bytes:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    return out.getvalue()


REFUSED = {
    "nothing of a picture": (b"hello", "photo.not_image"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "photo.not_image"),
    "a drawing with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "photo.not_image"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "photo.not_image"),
    "an entity that reads a file": (b"<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>", "photo."),
    "a JPEG's first bytes and a program": (b"\xff\xd8\xff<?php system($_GET[0]); ?>", "photo."),
    "a GIF that is a script": (a_gif().replace(b"GIF89a", b"GIF89a/*", 1) + b"*/=1;alert(1)", "photo.not_image"),
    "an archive": (a_zip(), "photo.not_image"),
    "half of a JPEG": (a_photo(3)[: len(a_photo(3)) // 2], "photo.cut_short"),
    "a bomb, 81 megapixels": (a_png(9_000, 9_000), "photo.too_many_pixels"),
    "a bomb, 2500 megapixels": (a_png(50_000, 50_000), "photo.too_many_pixels"),
    "a strip a million wide": (a_png(1_000_000, 1), "photo.too_many_pixels"),
    "a size that is none": (a_png(0, 0), "photo."),
    "a size beyond counting": (a_png(2**31 - 1, 2**31 - 1), "photo."),
}  # fmt: skip


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_what_is_no_photo_is_refused_with_its_own_sentence(
    door: Door, town: Town, language: str, record_property: Note
) -> None:
    dina = door.client(town.cookie("dina"))
    dina.post("/api/me/language", json={"language": language})
    before = digest(town.settings)

    got = {what: send(dina, town, data) for what, (data, _code) in REFUSED.items()}

    through = {what: answer.status_code for what, answer in got.items() if answer.status_code not in {413, 422}}
    noted(record_property, [what not in through for what in got], {"got through": len(through)})
    errors = {what: answer.json()["error"] for what, answer in got.items()}
    assert through == {}
    assert {
        what: error["code"] for what, error in errors.items() if not error["code"].startswith(REFUSED[what][1])
    } == {}
    assert not [what for what, error in errors.items() if error["code"] in error["message"]]
    assert digest(town.settings) == before


def test_a_picture_that_is_something_else_too_is_shown_as_a_picture_only(
    dina: TestClient, town: Town, record_property: Note
) -> None:
    twofold = a_photo(11) + a_zip() + b"<script>alert(1)</script>"
    address = f"/api/visits/{town.ids['open visit']}/photos/{new_id()}"

    taken = dina.put(address, content=twofold, headers=described(town, twofold))
    shown = dina.get(f"/api/photos/{address.rsplit('/', 1)[1]}/view")

    assert taken.status_code == 200
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    left = [sign for sign in (b"<script>", b"PK\x03\x04", EXIF.encode()) if sign in shown.content]
    record_property("tried", 1)
    record_property("got through", int(bool(left)))
    assert left == []


def test_a_photo_past_the_limit_is_refused_before_all_of_it_came(
    dina: TestClient, town: Town, record_property: Note
) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while read < 100 * 2**20:
            read += 65536
            yield b"\xff" * 65536

    data = b"\xff\xd8\xff" + bytes(LARGEST_PART)
    at_once = send(dina, town, data)
    announced = send(dina, town, a_photo(), **{"Content-Length": str(10**9)})
    address = f"/api/visits/{town.ids['open visit']}/photos/{new_id()}"
    in_pieces = dina.put(address, content=endless(), headers=described(town, data))

    codes = [one.status_code for one in (at_once, announced, in_pieces)]
    noted(record_property, [code == 413 for code in codes], {"got through": sum(code < 400 for code in codes)})
    assert codes == [413, 413, 413]
    assert {one.json()["error"]["code"] for one in (at_once, announced)} <= {"photo.too_large", "request.too_large"}


def test_anothers_unfinished_photo_is_neither_seen_nor_touched(
    door: Door, town: Town, dina: TestClient, record_property: Note
) -> None:
    chelsea, data, photo = door.client(town.cookie("chelsea")), a_photo(12), new_id()
    hers = f"/api/visits/{town.ids['open visit']}/photos/{photo}"
    other = f"/api/visits/{town.ids['her open visit']}/photos/{photo}"
    dina.put(hers, content=data[:300], headers=described(town, data))
    entrance = town.story.sheets["entrance_stands"].digest

    seen = chelsea.get(other).json()["received"]
    spoilt = b"x" * 700
    chelsea.put(other, content=spoilt, headers=described(town, spoilt * 2, checklist=entrance, question="ENT-04"))
    rest = dina.put(hers, content=data[300:], headers=described(town, data, 300))

    whole = rest.json().get("sha256") == sha256(data).hexdigest()
    noted(record_property, [seen == 0, whole], {"got through": (seen != 0) + (not whole)})
    assert seen == 0
    assert rest.json()["complete"] is True
    assert rest.json()["sha256"] == sha256(data).hexdigest()


def test_a_photo_that_was_taken_back_is_shown_to_nobody(door: Door, town: Town, record_property: Note) -> None:
    gone = f"/api/photos/{town.ids['withdrawn photo north']}/view"

    seen = {name: door.client(town.cookie(name)).get(gone).status_code for name in ("chelsea", "alice", "bo")}

    shown = sum(status < 400 for status in seen.values())
    noted(record_property, [status >= 400 for status in seen.values()], {"got through": shown})
    assert seen == {"chelsea": 404, "alice": 404, "bo": 404}
