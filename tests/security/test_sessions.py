"""Signing in, and being cut off: one link signs one person in once, and whoever left is out at once."""

import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from fieldcheck.settings import Settings, read_settings
from fieldcheck.usecases import people, sessions
from fieldcheck.web.gate import Gate
from fieldcheck.web.main import PAGES
from tests.security.conftest import HARD, Door, Served
from tests.security.test_photo_uploads import described
from tests.security.town import Town, digest, make_peace
from tests.story import a_photo, new_id

#: Where a door counts tries, and the record of its being locked.
COUNTED = ("tries", "record_entry", "record_body")
RACERS, ROUNDS = 10, 20 if HARD else 5


def invite(town: Town, name: str, at: datetime | None = None) -> str:
    return people.invite_from_console(town.settings, town.actor(name).code, at or datetime.now(UTC))


def test_of_ten_who_race_for_one_link_one_wins(served: Served) -> None:
    wins: list[int] = []
    for _round in range(ROUNDS):
        make_peace(served.town.settings)
        token, ready = invite(served.town, "bo"), threading.Barrier(RACERS)
        got: list[httpx2.Response] = []

        def race(token: str = token, ready: threading.Barrier = ready, got: list[httpx2.Response] = got) -> None:
            with served.client() as browser:
                browser.get("/api/health")
                ready.wait(20)
                got.append(browser.post("/join", json={"token": token}))

        racers = [threading.Thread(target=race) for _racer in range(RACERS)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join(60)
        wins.append(sum(answer.status_code == 200 for answer in got))
        assert {answer.status_code for answer in got} == {200, 404}
        assert sum("set-cookie" in answer.headers for answer in got) == 1

    assert wins == [1] * ROUNDS


def test_a_link_that_is_no_longer_good_and_one_that_never_was_look_the_same(door: Door, town: Town) -> None:
    stranger = door.client(None)
    used, late = invite(town, "bo"), invite(town, "bo", datetime.now(UTC) - timedelta(hours=49))
    gone = people.invite_from_console(town.settings, town.actor("dina").code, datetime.now(UTC))
    with town.story.work("alice") as work:
        people.close(work, town.actor("dina").person_id)
    stranger.post("/join", json={"token": used})
    stranger.cookies.clear()

    tokens = (used, late, gone, "x" * 43, "", used[:-1], used + "A", used.swapcase(), sha256(used.encode()).hexdigest())
    got = [stranger.post("/join", json={"token": token}) for token in tokens]

    seen = {(answer.status_code, answer.text, tuple(sorted(answer.headers.items()))) for answer in got}
    assert len(seen) == 1
    assert got[0].json()["error"]["code"] == "invite.not_good"


def test_guessing_gets_nowhere_and_writes_nothing(door: Door, town: Town, record_property: Any) -> None:
    stranger, before = door.client(None), digest(town.settings, *COUNTED)
    chelsea = town.actor("chelsea")
    guesses = [chelsea.code, chelsea.person_id, "0" * 43, *(f"{number:043}" for number in range(200))]

    joined = [stranger.post("/join", json={"token": guess}).status_code for guess in guesses]
    cookies = [door.client(guess).get("/api/me").status_code for guess in guesses[:40]]

    record_property("tried", len(joined) + len(cookies))
    record_property("got through", sum(status < 400 for status in (*joined, *cookies)))
    assert joined[:10] == [404] * 10
    assert set(joined[10:]) <= {404, 429} and joined.count(404) <= 50
    assert set(cookies) == {401}
    assert digest(town.settings, *COUNTED) == before


def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_lines(door: Door, town: Town) -> None:
    plain = door.client(None).post("/join", json={"token": invite(town, "bo")})
    secure = read_settings({
        "FIELDCHECK_DATA": str(town.settings.data), "FIELDCHECK_DATABASE_URL": town.settings.database_url,
        "FIELDCHECK_URL": "https://notes.example",
    })  # fmt: skip
    away = TestClient(Door(secure, door.stack).app, secure.url, headers={"Origin": secure.url, "X-FC": "1"})
    locked = away.post("/join", json={"token": invite(town, "bo")})

    flags = set(plain.headers["set-cookie"].split("; ")[1:])
    held = locked.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= flags and "Domain" not in plain.headers["set-cookie"]
    assert held[0].startswith("__Host-fc=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(held[1:])
    assert len(held[0].split("=", 1)[1]) >= 43


def test_the_database_holds_no_cookie_and_no_token(town: Town) -> None:
    cookie, token = town.cookie("bo"), invite(town, "bo")
    held = b"".join(path.read_bytes() for path in town.settings.data.glob("*.db*"))

    assert cookie.encode() not in held
    assert token.encode() not in held


@pytest.mark.parametrize("end", ["signed out elsewhere", "part ended"])
def test_whoever_was_cut_off_is_out_at_her_next_request(door: Door, town: Town, end: str) -> None:
    cookie, data, photo = town.cookie("dina"), a_photo(77), new_id()
    phone = door.client(cookie)
    address = f"/api/visits/{town.ids['open visit']}/photos/{photo}"
    begun = phone.put(address, content=data[:500], headers=described(town, data))
    if end == "part ended":
        with town.story.work("alice") as work:
            people.close(work, town.actor("dina").person_id)
    else:
        sessions.end(town.settings, cookie, datetime.now(UTC))
    before = digest(town.settings)

    rest = phone.put(address, content=data[500:], headers=described(town, data, 500))
    others = [
        phone.get("/api/visits"), phone.get(f"/api/photos/{town.ids['open photo']}/view"), phone.get(address),
        phone.post(f"/api/visits/{town.ids['open visit']}/stop", json={}), phone.delete(address),
    ]  # fmt: skip

    assert begun.status_code == 200
    assert {answer.status_code for answer in (rest, *others)} == {401}
    assert digest(town.settings) == before


def test_a_session_ends_by_itself_when_its_time_is_over(town: Town, database: Settings) -> None:
    def gate(after: timedelta) -> Gate:
        return Gate(_nothing, town.settings, PAGES, clock=lambda: datetime.now(UTC) + after)

    headers = {"Cookie": f"fc={town.cookie('bo')}"}
    in_time = TestClient(gate(timedelta(hours=7)), town.settings.url).get("/api/me", headers=headers)
    too_late = TestClient(gate(timedelta(hours=9)), town.settings.url).get("/api/me", headers=headers)

    assert (in_time.status_code, too_late.status_code) == (204, 401)


async def _nothing(_scope: object, _receive: object, send: object) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]


def test_a_link_that_is_good_is_let_in_from_an_address_that_tried_too_often_only_after_a_while(
    door: Door, town: Town
) -> None:
    stranger = door.client(None)
    tries = [stranger.post("/join", json={"token": f"{number:043}"}) for number in range(14)]
    token = invite(town, "bo")

    held = stranger.post("/join", json={"token": token})
    make_peace(town.settings)

    assert tries[0].status_code == 404
    assert (held.status_code, held.json()["error"]["code"]) == (429, "sign_in.too_many")
    assert stranger.post("/join", json={"token": token}).status_code == 200
