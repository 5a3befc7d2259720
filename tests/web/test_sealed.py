"""Letters of a locked phone: what is not hers, whole and for this house is refused; the rest comes in exactly once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from fieldcheck.storage import database as store
from fieldcheck.storage import visit_queries
from fieldcheck.storage.tables import Photo, Submission, Visit
from fieldcheck.web import api
from tests.letters import a_letter, photo_box, photo_sealed, sealed, text
from tests.story import Story, a_photo, new_id
from tests.web.test_api import Phone, answer, batch

SHEET, PLAIN, PICTURED = "entrance_stands", "ENT-03", "ENT-04"
OTHER = "registered"


@pytest.fixture
def phone(story: Story) -> Phone:
    return Phone(Starlette(routes=[Mount("/api", app=api.create(story.settings))]))


@pytest.fixture
def client(phone: Phone, story: Story) -> Iterator[TestClient]:
    phone.actor = story.actors["chelsea"]
    with TestClient(phone, raise_server_exceptions=False) as client:
        yield client


def hers(story: Story, kind: str, visit: str, body: dict[str, Any], **more: Any) -> bytes:
    return a_letter(story.settings, story.actors["chelsea"].person_id, kind, visit, body, **more)


def sends(client: TestClient, story: Story, *letters: tuple[str, bytes]) -> list[tuple[str, str | None]]:
    """Send letters; gives what the phone is told of each."""
    said = {
        "phone_now": story.now.isoformat(),
        "app": "t",
        "letters": [{"id": id_, "data": text(data)} for id_, data in letters],
    }
    got = client.post("/api/sealed", json=said)
    assert got.status_code == 200, got.text
    results = got.json()["results"]
    assert [one["id"] for one in results] == [id_ for id_, _ in letters]
    assert {key for one in results for key in one} <= {"id", "status", "code"}
    return [(one["status"], one.get("code")) for one in results]


def held(story: Story, visit: str) -> list[tuple[str, Any]]:
    with store.transaction(story.settings.database_url, reading=True) as session:
        return [(row.question_id, row.value) for row in visit_queries.answers(session, visit)]


def photos(story: Story, visit: str) -> list[Photo]:
    with store.transaction(story.settings.database_url, reading=True) as session:
        return list(visit_queries.photos(session, visit))


def test_a_letter_that_is_bent_cut_or_about_another_thing_is_unreadable(client: TestClient, story: Story) -> None:
    visit, body = story.assign(), answer(story, PLAIN, "free")
    whole = hers(story, "answer", visit, body)
    other_point = sealed(story.settings, b"{}", body["id"])[:72]
    bad = [b"", whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole.replace(b"NOTES2", b"NOTES1"),
           other_point + whole[72:], sealed(story.settings, b"[]", body["id"]),
           hers(story, "answer", visit, body, id_=new_id()), hers(story, "wish", visit, body)]  # fmt: skip

    told = [sends(client, story, (body["id"], one)) for one in bad]

    assert told == [[("refused", "letter.unreadable")]] * len(bad)
    assert held(story, visit) == []


def test_a_letter_for_another_installations_key_is_unreadable(
    client: TestClient, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, body = story.assign(), answer(story, PLAIN, "free")
    letter = hers(story, "answer", visit, body)
    (story.settings.data / "rescue.key").unlink()  # the next look makes another one

    assert sends(client, story, (body["id"], letter)) == [("refused", "letter.unreadable")]
    assert held(story, visit) == []


def test_what_another_wrote_waits_for_her(client: TestClient, story: Story) -> None:
    visit, body = story.assign(), answer(story, PLAIN, "free")
    dinas = a_letter(story.settings, story.actors["dina"].person_id, "answer", visit, body)

    assert sends(client, story, (body["id"], dinas)) == [("later", "letter.not_hers")]
    assert held(story, visit) == []


def test_a_letter_about_anothers_visit_is_refused_as_if_there_were_none(client: TestClient, story: Story) -> None:
    body = answer(story, PLAIN, "free")

    told = sends(client, story, (body["id"], hers(story, "answer", story.assign(who="dina"), body)))

    assert told == [("refused", "visit.not_found")]


def test_too_large_a_letter_is_refused_and_so_are_too_many(client: TestClient, story: Story) -> None:
    visit = story.assign()
    body = answer(story, PLAIN, "x" * 66_000)
    some = {"phone_now": story.now.isoformat(), "letters": [{"id": new_id(), "data": ""}] * 201}

    assert sends(client, story, (body["id"], hers(story, "answer", visit, body))) == [("refused", "letter.too_large")]
    assert client.post("/api/sealed", json=some).status_code == 422


def test_a_desk_has_no_letters(client: TestClient, phone: Phone, story: Story) -> None:
    phone.actor = story.actors["alice"]

    got = client.post("/api/sealed", json={"phone_now": story.now.isoformat(), "letters": []})
    one = client.put(f"/api/sealed/{new_id()}", content=b"", headers={"X-FC-Letter": "AA"})

    assert (got.status_code, one.status_code) == (403, 403)


@pytest.mark.parametrize("kind", ["answer", "briefing", "stop", "alarm", "submission"])
def test_a_letter_without_the_form_of_its_kind_is_refused_alone(client: TestClient, story: Story, kind: str) -> None:
    visit, id_, body = story.assign(), new_id(), answer(story, PLAIN, "free")

    told = sends(
        client, story, (id_, hers(story, kind, visit, {"id": id_})), (body["id"], hers(story, "answer", visit, body))
    )

    assert told == [("refused", "request.malformed"), ("taken", None)]


def test_a_letter_says_what_the_open_way_says_and_the_two_never_double(client: TestClient, story: Story) -> None:
    visit = story.assign()
    first, second, odd = (answer(story, q, "free") for q in (PLAIN, PLAIN, "ENT-99"))
    letters = [(one["id"], hers(story, "answer", visit, one)) for one in (first, second, odd)]
    client.post(f"/api/visits/{visit}/answers", json=batch(story, first))

    told = sends(client, story, *letters)
    replayed = sends(client, story, *letters)
    plain = client.post(f"/api/visits/{visit}/answers", json=batch(story, first, second)).json()["results"]

    assert told == replayed == [("taken", None), ("taken", None), ("refused", "answer.unknown_question")]
    assert [one["status"] for one in plain] == ["known", "known"]
    assert held(story, visit) == [(PLAIN, "free")] * 2


def test_an_older_answer_that_comes_late_never_undoes_the_one_that_corrected_it(
    client: TestClient, story: Story
) -> None:
    """What was on its way when the page was killed comes after the worker sent it once more with its correction."""
    visit, old, new = story.assign(), answer(story, PLAIN, "free"), answer(story, PLAIN, OTHER)
    sends(client, story, *((one["id"], hers(story, "answer", visit, one)) for one in (old, new)))

    late = client.post(f"/api/visits/{visit}/answers", json=batch(story, old)).json()["results"]

    assert [one["status"] for one in late] == ["known"]
    assert held(story, visit) == [(PLAIN, "free"), (PLAIN, OTHER)]


def test_words_of_every_kind_come_in_and_again_change_nothing(client: TestClient, story: Story) -> None:
    visit, at = story.assign(), story.now.isoformat()
    said = {
        "briefing": {"id": new_id(), "at": at},
        "alarm": {"id": new_id(), "kind": "check_in", "at": at, "place": None, "no_place": "off"},
        "stop": {"id": new_id(), "at": at, "reason": "unsafe", "note": ""},
    }
    letters = [(body["id"], hers(story, kind, visit, body)) for kind, body in said.items()]
    forced = {"id": new_id(), "kind": "duress", "at": at, "place": None, "no_place": "off"}
    letters.append((forced["id"], hers(story, "alarm", "", forced)))

    assert sends(client, story, *letters) == sends(client, story, *letters) == [("taken", None)] * 4
    with store.transaction(story.settings.database_url, reading=True) as session:
        assert session.get_one(Visit, visit).state == "stopped"


def test_a_submission_that_lacks_something_tells_a_locked_phone_only_that(client: TestClient, story: Story) -> None:
    visit, body, read = story.assign(), *({"id": new_id(), "at": story.now.isoformat()} for _ in "12")
    words = (("briefing", read), ("submission", body))
    letters = [(said["id"], hers(story, kind, visit, said)) for kind, said in words]

    assert sends(client, story, *letters) == [("taken", None), ("refused", "visit.incomplete")]
    with store.transaction(story.settings.database_url, reading=True) as session:
        assert session.get(Submission, body["id"]) is None


def picture(story: Story) -> tuple[bytes, dict[str, Any]]:
    data = a_photo()
    meta = {"checklist": story.sheets[SHEET].digest, "question": PICTURED, "sha256": sha256(data).hexdigest(),
            "size": len(data), "taken_at": story.now.isoformat(), "source": "camera"}  # fmt: skip
    return data, meta


def put(client: TestClient, id_: str, letter: bytes, part: bytes, offset: int = 0) -> tuple[int, dict[str, Any]]:
    headers = {"X-FC-Letter": text(letter), "X-FC-Offset": str(offset)}
    got = client.put(f"/api/sealed/{id_}", content=part, headers=headers)
    return got.status_code, got.json()


def test_a_sealed_photo_comes_in_parts_and_once(client: TestClient, story: Story) -> None:
    visit, id_ = story.assign(), new_id()
    data, meta = picture(story)
    letter, box = hers(story, "photo", visit, meta, id_=id_, **photo_box()), photo_sealed(data)
    half = len(box) // 2

    asked = put(client, id_, letter, b"")
    first = put(client, id_, letter, box[:half])
    resumed = put(client, id_, letter, b"")
    gap = put(client, id_, letter, box[half:], half + 1)
    last = put(client, id_, letter, box[half:], half)
    again = put(client, id_, letter, box)

    assert asked == (200, {"id": id_, "received": 0, "complete": False})
    assert first[1] == resumed[1] == {"id": id_, "received": half, "complete": False}
    assert (gap[0], gap[1]["error"]["code"], gap[1]["error"]["details"]["received"]) == (409, "photo.offset", half)
    done = {"id": id_, "received": len(data), "complete": True, "letter": sha256(letter).hexdigest()}
    assert last == again == (200, done)
    (row,) = photos(story, visit)
    assert (row.id, row.sha256, row.size) == (id_, meta["sha256"], len(data))
    assert [p.name for p in (story.settings.photos / "incoming").iterdir() if p.suffix == ".part"] == []


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_photo_brings_the_phones_clock_along(client: TestClient, story: Story, is_sealed: bool) -> None:
    visit, id_ = story.assign(), new_id()
    data, meta = picture(story)
    slow = (datetime.now(UTC) - timedelta(hours=3)).isoformat()

    if is_sealed:
        letter = hers(story, "photo", visit, meta, id_=id_, **photo_box())
        said = {"X-FC-Letter": text(letter), "X-FC-Now": slow}
        got = client.put(f"/api/sealed/{id_}", content=photo_sealed(data), headers=said)
    else:
        packed = text(json.dumps({**meta, "phone_now": slow}).encode())
        got = client.put(f"/api/visits/{visit}/photos/{id_}", content=data, headers={"X-FC-Meta": packed})

    assert got.status_code == 200, got.text
    (row,) = photos(story, visit)
    assert row.clock_gap_s is not None and 0 <= row.clock_gap_s - 3 * 3600 < 60


def test_a_photo_that_came_openly_needs_no_sealed_bytes(client: TestClient, story: Story) -> None:
    visit, id_ = story.assign(), new_id()
    data, meta = picture(story)
    packed = text(json.dumps(meta).encode())
    client.put(f"/api/visits/{visit}/photos/{id_}", content=data, headers={"X-FC-Meta": packed})

    status, said = put(client, id_, hers(story, "photo", visit, meta, id_=id_, **photo_box()), b"")

    assert (status, said["complete"]) == (200, True)
    assert len(photos(story, visit)) == 1


def test_sealed_bytes_that_do_not_open_are_refused_and_may_come_again(client: TestClient, story: Story) -> None:
    visit, id_ = story.assign(), new_id()
    data, meta = picture(story)
    letter, box = hers(story, "photo", visit, meta, id_=id_, **photo_box()), photo_sealed(data)

    bent = put(client, id_, letter, box[:-1] + bytes([box[-1] ^ 1]))
    other = put(client, id_, letter, photo_sealed(b"\0" * len(data)))
    good = put(client, id_, letter, box)

    assert (bent[0], bent[1]["error"]["code"]) == (422, "photo.hash")
    assert (other[0], other[1]["error"]["code"]) == (422, "photo.not_image")
    assert good[1]["complete"] and len(photos(story, visit)) == 1


def test_a_photos_letter_without_a_key_and_a_photo_among_the_letters_are_refused(
    client: TestClient, story: Story
) -> None:
    visit, id_ = story.assign(), new_id()
    _, meta = picture(story)
    bare, whole = (hers(story, "photo", visit, meta, id_=id_, **box) for box in ({}, photo_box()))

    assert put(client, id_, bare, b"")[1]["error"]["code"] == "letter.unreadable"
    assert put(client, new_id(), whole, b"")[1]["error"]["code"] == "letter.unreadable"
    assert sends(client, story, (id_, whole)) == [("refused", "request.malformed")]
    assert put(client, id_, hers(story, "photo", visit, {}, id_=id_, **photo_box()), b"")[0] == 422


def test_a_photo_that_was_taken_back_is_taken_back_by_letter_too(client: TestClient, story: Story) -> None:
    visit, id_, word = story.assign(), new_id(), new_id()
    data, meta = picture(story)
    put(client, id_, hers(story, "photo", visit, meta, id_=id_, **photo_box()), photo_sealed(data))
    back = hers(story, "unphoto", visit, {**meta, "photo": id_}, id_=word)

    assert sends(client, story, (word, back)) == sends(client, story, (word, back)) == [("taken", None)]
    assert photos(story, visit) == []
    nowhere = hers(story, "unphoto", visit, {"photo": new_id()}, id_=word)
    assert sends(client, story, (word, nowhere)) == [("refused", "photo.not_found")]
