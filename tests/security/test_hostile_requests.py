"""Requests that no page of ours sends: each gets an answer of the house, never a fault of the server."""

import base64
import json
from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from fieldcheck.usecases import review
from fieldcheck.usecases.work import look
from tests.security.conftest import Door, Note, noted
from tests.security.test_fuzz import was_refused
from tests.security.town import SHEET, Town
from tests.story import a_photo, new_id

LONG_AGO, FAR_AHEAD = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"


@pytest.fixture
def chelsea(door: Door, town: Town) -> TestClient:
    return door.client(town.cookie("chelsea"))


@pytest.fixture
def dina(door: Door, town: Town) -> TestClient:
    return door.client(town.cookie("dina"))


def batch(town: Town, answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One answer that the checklist takes, but for what is changed in it."""
    now = town.story.now.isoformat()
    good = {"id": new_id(), "checklist": town.story.sheets[SHEET].digest, "question": "COL-01", "value": "phone",
            "given_at": now, "no_place": "off"}  # fmt: skip
    return {"phone_now": now, "device": "d", "app": "t", "answers": [{**good, **answer}], **more}


def described(town: Town, data: bytes, **more: Any) -> dict[str, str]:
    meta = {"checklist": town.story.sheets[SHEET].digest, "question": "COL-17", "sha256": sha256(data).hexdigest(),
            "size": len(data), "taken_at": town.story.now.isoformat(), "source": "camera", **more}  # fmt: skip
    return {"X-FC-Meta": base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")}


def faults(note: Note, got: Iterable[tuple[object, Response]], expected: Collection[int]) -> list[str]:
    """The answers that are not of the house; how many were tried, refused, and broke something, is written down."""
    answers = list(got)
    found = [f"{what!r:.80}: {answer.status_code}" for what, answer in answers if answer.status_code not in expected]
    noted(note, [was_refused(answer) for _what, answer in answers], {"5xx or unforeseen": len(found)})
    return found


HEADERS = [
    ("Host", "["), ("Host", "[::1"), ("Host", "localhost:port"), ("Origin", "http://["), ("Origin", "http://[::1"),
    ("Content-Length", "9" * 5000), ("Content-Length", "٣"), ("X-FC-Owner", "é"), ("Cookie", "fc=é"),
    ("Accept-Language", "é"), ("Content-Type", "é"),
]  # fmt: skip


def test_a_header_that_cannot_be_read_is_no_fault_of_the_server(chelsea: TestClient, record_property: Note) -> None:
    def ask(method: str, path: str, name: str, value: str) -> Response:
        return chelsea.request(method, path, headers={name: value.encode()}, content=b"{}")

    read = [(pair, ask("GET", "/api/me", *pair)) for pair in HEADERS]
    written = [(pair, ask("POST", "/api/me/language", *pair)) for pair in HEADERS]

    assert faults(record_property, read + written, range(200, 500)) == []


BODIES = [
    b'{"token": "\\ud800"}', b'{"token": "\\u0000"}', b"[" * 100_000, b'{"token":' + b"[" * 5000, b'{"token": 1e400}',
    b'{"token":' + b"9" * 5000 + b"}", b"\xff\xfe", b'{"token": NaN}', b'{"wipe": "\\ud800"}',
]  # fmt: skip


def test_a_strangers_nonsense_at_the_door_is_answered(door: Door, record_property: Note) -> None:
    stranger = door.client(None)

    joined = [(body, stranger.post("/join", content=body)) for body in BODIES]
    left = [(body, stranger.post("/leave", content=body)) for body in BODIES]

    assert faults(record_property, joined, {404}) == []
    assert faults(record_property, left, {200}) == []


PATHS = [
    "/api/visits/%00", "/api/photos/%00/view", "/api/checklists/%00", "/api/visits/x/photos/%00", "/api/visits/%ff",
    "/api/visits/%ED%A0%80", "/%00", "/api/me?lang=%00", "/api/words/%00", "/api/start?have=%00",
]  # fmt: skip


def test_an_address_with_half_a_character_or_none_is_nobodys(chelsea: TestClient, record_property: Note) -> None:
    assert faults(record_property, [(path, chelsea.get(path)) for path in PATHS], {200, 400, 404, 422}) == []


QUERIES = [
    "text=%00", "region=%00", "school=%00", "code=%00", "from=0001-01-01", "to=9999-12-31", "to=0001-01-01",
    "from=9999-12-31&to=0001-01-01", "order=x", "from=x", "text=" + "a" * 3000, "region=%ED%A0%80", "text=%25_%5C",
]  # fmt: skip


def test_a_filter_that_nobody_can_mean_exports_nothing_or_is_refused(
    door: Door, town: Town, record_property: Note
) -> None:
    bo = door.client(town.cookie("bo"))

    assert (
        faults(record_property, [(query, bo.get(f"/api/register.csv?{query}")) for query in QUERIES], {200, 400, 422})
        == []
    )


ANSWERS: list[dict[str, Any]] = [
    {"given_at": LONG_AGO}, {"given_at": FAR_AHEAD}, {"seen_at": LONG_AGO}, {"seen_at": FAR_AHEAD},
    {"given_at": "0001-01-01T00:00:00Z"}, {"given_at": "9999-12-31T23:59:59Z"}, {"no_place": "\0"}, {"id": "\0"},
    {"checklist": "\0"}, {"question": "\0"}, {"value": "\ud800"}, {"value": {"\ud800": "\0"}}, {"value": "\0"},
    {"value": float("nan")}, {"place": {"lat": float("nan"), "lon": 0, "accuracy": float("inf"), "age": -1}},
    {"place": {"lat": 10**400, "lon": 0, "accuracy": 0, "age": 0}}, {"value": 10**4000},
    {"question": "COL-22", "value": "a\0b"}, {"question": "COL-03", "value": LONG_AGO},
    {"question": "COL-03", "value": FAR_AHEAD}, {"question": "COL-19", "value": 10**30},
]  # fmt: skip
PHONES: list[dict[str, Any]] = [
    {"phone_now": "0001-01-01T00:00:00Z"}, {"phone_now": LONG_AGO}, {"phone_now": "9999-12-31T23:59:59Z"},
    {"phone_now": FAR_AHEAD}, {"device": "a\0b"}, {"app": "a\0b"}, {"device": "\ud800"}, {"phone_now": 1e400},
    {"phone_now": "2026-01-01T00:00:00+99:99"},
]  # fmt: skip


def test_an_answer_that_nobody_can_give_is_refused_or_kept_but_breaks_nothing(
    dina: TestClient, town: Town, record_property: Note
) -> None:
    visit = f"/api/visits/{town.ids['open visit']}"

    got = [(change, dina.post(f"{visit}/answers", content=json.dumps(batch(town, change)))) for change in ANSWERS]
    got += [(more, dina.post(f"{visit}/answers", content=json.dumps(batch(town, {}, **more)))) for more in PHONES]

    assert faults(record_property, got, {200, 400, 422}) == []
    assert dina.get(visit).status_code == 200
    with look(town.settings, town.actor("alice")) as work:  # nor does what was kept break the desk
        assert review.check(work, town.ids["open visit"]).walks


@pytest.mark.parametrize("began", ["1970-01-01T00:04:00Z", "2099-12-31T23:59:59Z"])
def test_a_phone_whose_clock_tells_another_century_loses_nothing(dina: TestClient, town: Town, began: str) -> None:

    got = dina.post(
        f"/api/visits/{town.ids['open visit']}/answers", json=batch(town, {"given_at": began}, phone_now=began)
    )

    assert got.json()["results"][0]["status"] == "stored"


@pytest.mark.parametrize("value", [LONG_AGO, FAR_AHEAD, "1899-12-31T23:59:59Z", "2201-01-01T00:00:00Z"])
def test_a_moment_that_no_desk_could_read_is_no_answer(
    dina: TestClient, town: Town, value: str, record_property: Note
) -> None:
    sent = batch(town, {"question": "COL-03", "value": value})

    got = dina.post(f"/api/visits/{town.ids['open visit']}/answers", json=sent).json()["results"][0]

    noted(record_property, [got["status"] == "refused"], {"got through": got["status"] != "refused"})
    assert got["error"]["code"] == "answer.bad_datetime"


def test_a_nest_of_brackets_breaks_nothing(dina: TestClient, town: Town, record_property: Note) -> None:
    flat = json.dumps(batch(town, {"value": "@"}))
    nests = {
        depth: flat.replace('"@"', "[" * depth + "]" * depth) for depth in (50, 500, 900, *range(950, 1000, 5), 10**5)
    }

    got = [
        (depth, dina.post(f"/api/visits/{town.ids['open visit']}/answers", content=nest))
        for depth, nest in nests.items()
    ]

    assert faults(record_property, got, {200, 400}) == []
    assert not any('"stored"' in answer.text for _depth, answer in got)


def test_a_moment_outside_of_every_calendar_is_refused(dina: TestClient, town: Town, record_property: Note) -> None:
    now, visit = town.story.now.isoformat(), f"/api/visits/{town.ids['open visit']}"
    sent = {"id": new_id(), "read_at": now, "submitted_at": now, "phone_now": now, "at": now, "reason": "other"}
    acts = [("briefing", "read_at"), ("submission", "submitted_at"), ("submission", "phone_now"), ("stop", "at")]
    moments = [LONG_AGO, FAR_AHEAD, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]

    got = [dina.post(f"{visit}/{act}", json={**sent, said: moment}) for act, said in acts for moment in moments]

    through = [answer for answer in got if answer.status_code < 400]
    noted(record_property, [answer not in through for answer in got], {"got through": len(through)})
    assert {answer.json()["error"]["code"] for answer in got} == {"request.malformed"}
    assert dina.get(visit).json()["state"] == "in_progress"


def test_a_reason_with_a_character_that_no_database_keeps_still_stops_the_visit(dina: TestClient, town: Town) -> None:
    sent = {"id": new_id(), "at": town.story.now.isoformat(), "reason": "unsafe", "note": "a\0b"}

    assert dina.post(f"/api/visits/{town.ids['open visit']}/stop", json=sent).json() == {"state": "stopped"}


DESCRIBED: list[dict[str, Any]] = [
    {"taken_at": LONG_AGO}, {"taken_at": FAR_AHEAD}, {"source": "\0"}, {"source": "\ud800"}, {"size": 10**400},
    {"size": 2**63}, {"question": "\0"}, {"checklist": "\0"}, {"no_place": "\0"},
]  # fmt: skip


def test_a_photo_described_as_no_phone_does_breaks_nothing(dina: TestClient, town: Town, record_property: Note) -> None:
    data, photos = a_photo(900), f"/api/visits/{town.ids['open visit']}/photos"

    got = [
        (more, dina.put(f"{photos}/{new_id()}", content=data, headers=described(town, data, **more)))
        for more in DESCRIBED
    ]

    assert faults(record_property, got, {200, 404, 413, 422}) == []


def test_an_offset_that_is_none_is_refused(dina: TestClient, town: Town, record_property: Note) -> None:
    data, photos = a_photo(901), f"/api/visits/{town.ids['open visit']}/photos"
    headers = {name: value.encode() for name, value in described(town, data).items()}

    got = [
        (offset, dina.put(f"{photos}/{new_id()}", content=data, headers={**headers, "X-FC-Offset": offset.encode()}))
        for offset in ("9" * 30, "9223372036854775807", "-1", "1e3", "9" * 5000, "", "٣")
    ]

    assert faults(record_property, got, {409, 413, 422}) == []
