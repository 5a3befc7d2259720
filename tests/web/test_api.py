"""The phone's API: what it refuses and how it says so, then a whole visit through it."""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from fieldcheck.domain.access import Actor
from fieldcheck.storage.database import newest_revision
from fieldcheck.storage.tables import Photo
from fieldcheck.usecases.work import look
from fieldcheck.web import api
from tests.story import Story, a_photo, new_id

SHEET = "entrance_stands"


class Phone:
    """A signed-in phone: stands where the gate stands."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.actor: Actor | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "fieldcheck.actor": self.actor}, receive, send)


@pytest.fixture
def phone(story: Story) -> Phone:
    return Phone(Starlette(routes=[Mount("/api", app=api.create(story.settings))]))


@pytest.fixture
def client(phone: Phone, story: Story) -> Iterator[TestClient]:
    phone.actor = story.actors["chelsea"]
    with TestClient(phone, raise_server_exceptions=False) as client:
        yield client


def answer(story: Story, question: str, value: Any, **kw: Any) -> dict[str, Any]:
    digest = story.sheets[SHEET].digest
    fields = {"id": new_id(), "checklist": digest, "question": question, "value": value}
    return {**fields, "given_at": story.now.isoformat(), "place": None, "no_place": "off", **kw}


def batch(story: Story, *answers: dict[str, Any]) -> dict[str, Any]:
    return {"phone_now": story.now.isoformat(), "device": "d", "app": "t", "answers": list(answers)}


def photo_headers(story: Story, data: bytes, offset: int = 0, **kw: Any) -> dict[str, str]:
    meta = {
        "checklist": story.sheets[SHEET].digest,
        "question": "ENT-04",
        "sha256": sha256(data).hexdigest(),
        "size": len(data),
        "taken_at": story.now.isoformat(),
        "source": "camera",
        **kw,
    }
    packed = base64.urlsafe_b64encode(json.dumps(meta).encode()).decode().rstrip("=")
    return {"X-FC-Meta": packed, "X-FC-Offset": str(offset)}


def test_whoever_is_not_signed_in_is_told_so(client: TestClient, phone: Phone) -> None:
    phone.actor = None

    got = client.get("/api/visits", headers={"Accept-Language": "kk"})

    assert got.status_code == 401
    assert got.json()["error"]["code"] == "session.none"


def test_an_unknown_path_is_404_in_json(client: TestClient) -> None:
    got = client.get("/api/nothing/here")

    assert got.status_code == 404
    assert got.json()["error"]["code"] == "request.unknown"


@pytest.mark.parametrize("path", ["/api/visits/{other}", "/api/visits/nonsense"])
def test_anothers_visit_and_none_look_the_same(client: TestClient, story: Story, path: str) -> None:
    other = story.assign(who="dina")

    got = client.get(path.format(other=other))

    assert (got.status_code, got.json()["error"]["code"]) == (404, "visit.not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phone_now": "yesterday", "answers": []},
        {"phone_now": "2026-09-14T05:00:00", "answers": []},
        {"phone_now": "2026-09-14T05:00:00Z", "answers": "all"},
        {"phone_now": "2026-09-14T05:00:00Z", "answers": [{"id": 5}]},
    ],
)
def test_a_malformed_batch_says_where(client: TestClient, story: Story, body: dict[str, Any]) -> None:
    visit = story.assign()

    got = client.post(f"/api/visits/{visit}/answers", json=body)

    assert got.status_code == 422
    error = got.json()["error"]
    assert error["code"] == "request.malformed"
    assert error["details"]["where"].startswith("body")


@pytest.mark.parametrize("header", ["", "%%%", base64.urlsafe_b64encode(b"{}").decode(), "W10", "x" * 3999])
def test_a_photo_with_a_malformed_description_is_refused(client: TestClient, story: Story, header: str) -> None:
    visit = story.assign()

    got = client.put(f"/api/visits/{visit}/photos/{new_id()}", content=b"x", headers={"X-FC-Meta": header})

    assert (got.status_code, got.json()["error"]["code"]) == (422, "request.malformed")


@pytest.mark.parametrize(
    "claims", [{}, {"lat": 1e9, "lon": 0}, {"lat": None, "lon": 71}, {"taken_at": "once", "lat": 51.1, "lon": -999}]
)
def test_nonsense_that_a_file_says_of_itself_costs_no_photo(
    client: TestClient, story: Story, claims: dict[str, Any]
) -> None:
    visit, photo, data = story.assign(), new_id(), a_photo(9)

    got = client.put(
        f"/api/visits/{visit}/photos/{photo}", content=data, headers=photo_headers(story, data, claims=claims)
    ).json()

    assert got["complete"] is True
    with look(story.settings, story.actors["alice"]) as work:
        kept = work.session.get(Photo, photo)
        assert kept is not None and kept.claims is not None and (kept.claims["lat"], kept.claims["lon"]) == (None, None)


def test_every_error_is_told_in_the_readers_language(client: TestClient, phone: Phone, story: Story) -> None:
    told = set()
    for language in ("ru", "kk", "en"):
        actor = story.actors["chelsea"]
        phone.actor = Actor(actor.person_id, actor.code, actor.role, actor.region, language)
        told.add(client.get("/api/visits/none").json()["error"]["message"])

    assert len(told) == 3
    assert not any("visit.not_found" in sentence for sentence in told)


def test_a_refused_answer_carries_its_sentence_and_the_others_are_stored(client: TestClient, story: Story) -> None:
    visit = story.assign()
    bad, good = answer(story, "ENT-03", "flew"), answer(story, "ENT-03", "free")

    got = client.post(f"/api/visits/{visit}/answers", json=batch(story, bad, good))

    refused, stored = got.json()["results"]
    assert got.status_code == 200
    assert refused["error"]["code"] == "answer.unknown_option" and refused["error"]["message"]
    assert stored["status"] == "stored"


def test_the_agency_and_the_desk_have_no_visits_of_their_own(client: TestClient, phone: Phone, story: Story) -> None:
    for name in ("alice", "bo", "dana"):
        phone.actor = story.actors[name]

        assert client.get("/api/visits").status_code == 403


def test_nobody_but_a_volunteer_asks_for_the_quiz_or_consents(client: TestClient, phone: Phone, story: Story) -> None:
    for name in ("alice", "bo", "dana"):
        phone.actor = story.actors[name]

        assert client.get("/api/quiz").status_code == 403
        assert client.get("/api/consent").status_code == 403


@pytest.mark.parametrize(
    "body",
    [{}, {"digest": "x" * 65, "answers": {}}, {"digest": "d", "answers": {"q": 1}}, {"digest": "d", "answers": []}],
)
def test_a_malformed_try_at_the_quiz_is_refused_and_not_kept(client: TestClient, body: dict[str, Any]) -> None:
    got = client.post("/api/quiz", json=body)

    assert got.status_code == 422
    assert got.json()["error"]["code"] == "request.malformed"


@pytest.mark.parametrize("what", ["quiz", "consent"])
def test_a_text_that_the_phone_has_is_not_sent_again_and_else_comes_compressed(client: TestClient, what: str) -> None:
    first = client.get(f"/api/{what}")
    tag = first.headers["etag"]

    same = client.get(f"/api/{what}", headers={"if-none-match": tag})
    other = client.get(f"/api/{what}", headers={"if-none-match": '"another"'})
    plain = client.get(f"/api/{what}", headers={"accept-encoding": "identity"})

    assert (first.headers["content-encoding"], first.headers["vary"]) == ("br", "Accept-Encoding")
    assert first.headers["cache-control"] == "no-store"
    assert (same.status_code, same.content) == (304, b"")
    assert other.json() == first.json() == plain.json()
    assert "content-encoding" not in plain.headers


def test_who_took_her_word_back_meanwhile_is_told_although_the_text_is_the_same(client: TestClient) -> None:
    before = client.get("/api/consent")
    client.post("/api/consent", json={"version": before.json()["version"], "language": "ru", "given": False})

    after = client.get("/api/consent", headers={"if-none-match": before.headers["etag"]})

    assert before.json()["given_at"]
    assert (after.status_code, after.json()["given_at"]) == (200, None)


def test_the_quiz_is_asked_without_its_answers_and_explained_after_a_try(client: TestClient) -> None:
    asked = client.get("/api/quiz").json()
    first = {one["id"]: next(iter(one["options"])) for one in asked["questions"]}

    failed = client.post("/api/quiz", json={"digest": asked["digest"], "answers": first}).json()
    right = {one["question"]: one["right_option"] for one in failed["explained"]}
    passed = client.post("/api/quiz", json={"digest": asked["digest"], "answers": right}).json()

    assert not [one for one in asked["questions"] if set(one) != {"id", "text", "options"}]
    assert (failed["passed"], passed["passed"], passed["right"]) == (False, True, len(asked["questions"]))
    assert client.get("/api/quiz").json()["passed_until"]


def test_consent_is_shown_withdrawn_and_given_again(client: TestClient) -> None:
    form = client.get("/api/consent").json()
    said = {"version": form["version"], "language": "kk"}

    outdated = client.post("/api/consent", json={**said, "version": form["version"] + 1})
    withdrawn = client.post("/api/consent", json={**said, "given": False}).json()
    given = client.post("/api/consent", json=said).json()

    assert outdated.json()["error"]["code"] == "consent.changed"
    assert withdrawn["given_at"] is None
    assert given["given_at"] and given["language"] == "kk"
    assert {"ru", "kk", "en"} == set(form["title"])


def test_a_whole_visit_goes_through(client: TestClient, story: Story) -> None:
    visit = story.assign()
    assert client.post(f"/api/visits/{visit}/briefing", json={"id": new_id(), "read_at": story.now.isoformat()}).json()
    data = a_photo(9)
    half = len(data) // 2
    photo = new_id()
    url = f"/api/visits/{visit}/photos/{photo}"
    first = client.put(url, content=data[:half], headers=photo_headers(story, data)).json()
    resumed = client.get(url).json()
    last = client.put(url, content=data[half:], headers=photo_headers(story, data, half)).json()
    values = {
        "ENT-01": {"lat": 54.8753, "lon": 69.1628, "accuracy": 12.5},
        "ENT-02": story.now.isoformat(timespec="seconds"),
        "ENT-03": "denied",
    }
    client.post(f"/api/visits/{visit}/answers", json=batch(story, *(answer(story, q, v) for q, v in values.items())))
    submission = {
        "id": new_id(),
        "submitted_at": story.now.isoformat(),
        "phone_now": story.now.isoformat(),
    }
    incomplete = client.post(f"/api/visits/{visit}/submission", json=submission)
    for lack in incomplete.json()["error"]["details"]["missing"]:
        question = story.sheets[SHEET].by_id[lack["question"]]
        value = {"statement": True, "yes_no_na": "no", "text": "x", "quote": "x"}.get(question.type.value)
        if value is None:
            value = question.options[0].id if question.options else None
        client.post(f"/api/visits/{visit}/answers", json=batch(story, answer(story, question.id, value)))
    done = client.post(f"/api/visits/{visit}/submission", json=submission)
    seen = client.get(f"/api/visits/{visit}").json()

    assert (first["complete"], resumed["received"], last["complete"]) == (False, half, True)
    assert last["sha256"] == sha256(data).hexdigest()
    assert incomplete.status_code == 422
    assert done.json()["state"] == "submitted"
    assert seen["state"] == "submitted" and seen["photos"][0]["id"] == photo
    assert client.get(f"/api/photos/{photo}/thumb").headers["content-type"] == "image/jpeg"


def test_a_checklist_is_given_to_whom_it_is_walked_by(client: TestClient, story: Story) -> None:
    digest = story.sheets[SHEET].digest
    before = client.get(f"/api/checklists/{digest}").status_code
    story.assign()
    got = client.get(f"/api/checklists/{digest}")

    assert (before, got.status_code) == (404, 200)
    assert "immutable" in got.headers["cache-control"]
    assert got.json()["id"] == SHEET
    assert "rules" not in got.json()


def test_the_description_names_every_route(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()

    assert {"/health", "/visits", "/visits/{visit_id}/answers", "/visits/{visit_id}/photos/{photo_id}"} <= set(
        described["paths"]
    )
    assert described["servers"] == [{"url": "/api"}]


def test_health_names_version_and_schema(client: TestClient, phone: Phone) -> None:
    phone.actor = None

    got = client.get("/api/health").json()

    assert got["status"] == "ok" and got["schema"] == newest_revision()


def test_what_one_person_recorded_is_never_taken_from_anothers_session(
    client: TestClient, phone: Phone, story: Story
) -> None:
    visit = story.assign()
    hers = client.get("/api/me").json()["session"]
    phone.actor = story.actors["dina"]

    told = client.post(
        f"/api/visits/{visit}/answers", json=batch(story, answer(story, "ENT-03", "free")), headers={"X-FC-Owner": hers}
    )

    assert told.status_code == 401
    assert told.json()["error"]["code"] == "session.none"


def test_a_phone_starts_with_one_answer_and_is_not_told_again_what_it_has(client: TestClient, story: Story) -> None:
    visit = story.assign()
    digest = story.sheets[SHEET].digest
    story.answer(visit, SHEET, "ENT-03", "free")

    first = client.get("/api/start")
    again = client.get(f"/api/start?have={digest}").json()

    said = first.json()
    assert first.headers["content-encoding"] == "br"
    # This client holds a session without a phone: there is nothing that a PIN would open.
    assert said["me"] == {**client.get("/api/me").json(), "server_now": said["me"]["server_now"], "pin": None}
    assert [one["value"] for one in said["visits"][0]["answers"]] == ["free"]
    assert list(said["checklists"]) == [digest]
    assert again["checklists"] == {}
    assert again["visits"] == said["visits"]
