"""A phone without its session: it sends and reads nothing; a PIN is not guessed; a phone that was ended is cut off."""

import base64
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from fieldcheck.domain.access import Role
from fieldcheck.usecases import devices, passwords, people
from fieldcheck.usecases.devices import Standing
from fieldcheck.usecases.work import look
from fieldcheck.web import while_locked
from tests.security.conftest import Door
from tests.security.town import Town, digest, make_peace
from tests.story import a_photo, new_id

RIGHT = "ab" * 32


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 64, 1))


def locked(door: Door, town: Town, pin: str = "") -> TestClient:
    """Chelsea's phone, its session over."""
    cookie = town.phone("chelsea")
    if pin:
        devices.set_pin(town.settings, town.actor("chelsea"), cookie, pin, "", datetime.now(UTC))
    return door.client(f"fc_dev={cookie}")


def code(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize(
    "path",
    ["/api/start", "/api/me", "/api/visits", "/api/quiz", "/api/consent", "/api/me/devices", "/api/openapi.json2"],
)
def test_a_locked_phone_is_told_nothing_and_told_so(door: Door, town: Town, path: str) -> None:
    answer = locked(door, town).get(path)

    assert (answer.status_code, code(answer)) == (401, "session.locked")


def test_nothing_of_a_visit_or_a_photo_is_told_to_a_locked_phone(door: Door, town: Town) -> None:
    phone, visit = locked(door, town), town.ids["her open visit"]
    for path in (f"/api/visits/{visit}", f"/api/photos/{town.ids['released photo north']}/view", "/api/register.csv",
                 f"/api/checklists/{town.story.sheets['entrance_stands'].digest}"):  # fmt: skip
        assert code(phone.get(path)) == "session.locked"


def test_a_locked_phone_agrees_to_nothing_and_changes_no_language_nor_pin(door: Door, town: Town) -> None:
    phone, before = locked(door, town), digest(town.settings, "device", "signed_in")

    answers = [
        phone.post("/api/consent", json={"version": 1, "language": "en"}),
        phone.post("/api/quiz", json={"digest": "x", "answers": {}}),
        phone.post("/api/me/language", json={"language": "kk"}),
        phone.post("/api/me/pin", json={"value": RIGHT}),
    ]

    assert {code(answer) for answer in answers} == {"session.locked"}
    assert digest(town.settings, "device", "signed_in") == before


def test_what_a_locked_phone_may_send_is_that_and_nothing_that_looks_like_it() -> None:
    """Every word of the table is a lock: another method, a longer path, a path within a path."""
    for method, path in while_locked.MAY:
        real = path.replace("{id}", "one")
        assert while_locked.may(method, real)
        near = [(method, f"{real}/more"), (method, f"/x{real}"), (method, real.upper())]
        near += [(method, path.replace("{id}", "one/two"))] if "{id}" in path else []
        near += [(other, real) for other in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
                 if (other, path) not in while_locked.MAY]  # fmt: skip
        assert [one for one in near if while_locked.may(*one)] == []


def test_a_page_asked_for_on_a_locked_phone_leads_to_the_notes(door: Door, town: Town) -> None:
    answer = locked(door, town).get("/", headers={"Accept": "text/html"}, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/pocket")


def test_what_was_recorded_is_sent_without_a_session(door: Door, town: Town) -> None:
    phone, visit, now = locked(door, town), town.ids["her open visit"], datetime.now(UTC).isoformat()
    sheet, data, photo = town.story.sheets["entrance_stands"].digest, a_photo(5), new_id()
    meta = {"checklist": sheet, "question": "ENT-04", "sha256": sha256(data).hexdigest(), "size": len(data),
            "taken_at": now, "source": "camera"}  # fmt: skip
    headers = {"X-FC-Meta": base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")}
    answer = {"id": new_id(), "checklist": sheet, "question": "ENT-03", "value": "free", "given_at": now}
    signal = {"id": new_id(), "kind": "duress", "at": now, "phone_now": now}

    got = [
        phone.post(f"/api/visits/{visit}/briefing", json={"id": new_id(), "read_at": now}),
        phone.post(f"/api/visits/{visit}/answers", json={"phone_now": now, "answers": [answer]}),
        phone.put(f"/api/visits/{visit}/photos/{photo}", content=data[:1000], headers=headers),
        phone.get(f"/api/visits/{visit}/photos/{photo}"),
        phone.put(
            f"/api/visits/{visit}/photos/{photo}", content=data[1000:], headers={**headers, "X-FC-Offset": "1000"}
        ),
        phone.post("/api/alarm", json=signal),
    ]

    assert [one.status_code for one in got] == [200] * 6
    assert got[1].json()["results"][0]["status"] == "stored" and got[4].json()["complete"]


def test_a_pin_is_not_guessed_and_the_phone_says_so_to_nobody_else(
    door: Door, town: Town, record_property: Any
) -> None:
    """Brute force: 200 tries over the wire, the right one among the last."""
    phone = locked(door, town, RIGHT)
    said = []
    for number in range(200):
        make_peace(town.settings)  # from as many addresses as one likes
        said.append(phone.post("/api/unlock", json={"value": RIGHT if number == 190 else f"{number:064x}"}))

    codes = [code(answer) for answer in said]
    record_property("tried", len(said))
    record_property("judged", codes.count("pin.wrong") + 1)
    record_property("got through", sum(answer.status_code == 200 for answer in said))
    assert codes[:5] == ["pin.wrong"] * 4 + ["device.locked"] and set(codes[5:]) == {"device.locked"}
    assert not any("set-cookie" in answer.headers for answer in said)


def test_tries_from_one_address_are_slowed_down_over_all_phones(door: Door, town: Town) -> None:
    phones = [locked(door, town, RIGHT) for _phone in range(12)]

    said = [one.post("/api/unlock", json={"value": "cd" * 32}) for one in phones for _try in range(4)]

    assert "sign_in.too_many" in {code(answer) for answer in said}


def test_the_pin_opens_a_session_under_a_new_cookie(door: Door, town: Town) -> None:
    phone = locked(door, town, RIGHT)

    answer = phone.post("/api/unlock", json={"value": RIGHT})

    held = answer.headers["set-cookie"].split("; ")
    assert answer.status_code == 200 and held[0].startswith("fc=") and {"HttpOnly", "SameSite=lax"} <= set(held)
    assert door.client(held[0]).get("/api/me").json()["code"] == town.actor("chelsea").code


def test_a_link_gives_a_phone_both_cookies_and_a_desk_one(door: Door, town: Town) -> None:
    def names(name: str) -> set[str]:
        token = people.invite_from_console(town.settings, town.actor(name).code, datetime.now(UTC))
        given = door.client(None).post("/join", json={"token": token}).headers.get_list("set-cookie")
        assert all("HttpOnly" in one for one in given)
        return {one.split("=")[0] for one in given}

    assert names("chelsea") == {"fc", "fc_dev"}
    assert town.actor("alice").role is Role.COORDINATOR and names("alice") == {"fc"}


def test_a_phone_that_was_ended_is_cut_off_and_told_so(door: Door, town: Town) -> None:
    token = people.invite_from_console(town.settings, town.actor("chelsea").code, datetime.now(UTC))
    session = people.redeem(town.settings, token, datetime.now(UTC))
    phone = door.client(f"fc={session.cookie}; fc_dev={session.device_cookie}")
    assert phone.get("/api/visits").status_code == 200
    with look(town.settings, town.actor("chelsea")) as work:
        views = devices.listed(work, session.device_cookie)[town.actor("chelsea").person_id]
    with town.story.work("alice") as work:
        devices.end(work, next(one.id for one in views if one.is_this))

    answers = [phone.get("/api/visits"), phone.post(f"/api/visits/{town.ids['her open visit']}/stop", json={})]

    assert {code(answer) for answer in answers} == {"session.ended"}


def test_leaving_ends_the_phone_and_takes_both_cookies_back(door: Door, town: Town) -> None:
    cookie = town.phone("chelsea")
    phone = door.client(f"fc_dev={cookie}")

    answer = phone.post("/leave", json={"wipe": True})

    gone = [one for one in answer.headers.get_list("set-cookie") if "Max-Age=0" in one]
    assert {one.split("=")[0] for one in gone} == {"fc", "fc_dev"}
    assert answer.headers["clear-site-data"] == '"*"'
    assert code(phone.get("/api/visits")) == "session.ended"


def test_the_phone_of_somebody_whose_session_idles_away_keeps_its_place(door: Door, town: Town) -> None:
    token = people.invite_from_console(town.settings, town.actor("chelsea").code, datetime.now(UTC))
    session = people.redeem(town.settings, token, datetime.now(UTC) - timedelta(hours=9))
    phone = door.client(f"fc={session.cookie}; fc_dev={session.device_cookie}")

    assert code(phone.get("/api/visits")) == "session.locked"
    assert phone.post("/api/lock", json={}).status_code == 200
    assert devices.holder(town.settings, session.device_cookie, datetime.now(UTC))[0] is Standing.LOCKED
