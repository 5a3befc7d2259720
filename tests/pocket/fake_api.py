"""A server for the phone that keeps everything in memory and can be told to fail in any way.

It speaks the API as agreed and stores by client id, so a test can count what is acknowledged, lost or doubled. Faults
are chosen by the test, request by request: another answer, none at all, or the work done and its answer dropped.
"""

import base64
import hashlib
import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from fieldcheck.domain.checklist import canonical_json, from_body
from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.domain.walk import accept_answer, missing
from fieldcheck.web import pocket, while_locked

#: A fault looks at a request and may answer in the server's place: "drop" loses the answer after the work was done.
Fault = Callable[[Request], Response | Awaitable[Response] | str | None]


def error(status: int, code: str, **details: Any) -> JSONResponse:
    """An answer in the agreed shape of an error."""
    body = {"code": code, "details": details, "message": f"{code} in words"}
    return JSONResponse({"error": body}, status_code=status)


def now() -> str:
    """The server's clock."""
    return datetime.now(UTC).isoformat()


@dataclass
class FakeApi:
    """What the fake server holds, and how it misbehaves."""

    checklists: dict[str, dict[str, Any]] = field(default_factory=dict)
    visits: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    photos: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, bytearray] = field(default_factory=dict)
    words: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    passed_until: str | None = "2027-09-01T00:00:00+00:00"
    agreed_at: str | None = "2026-09-01T00:00:00+00:00"
    alarms: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    signed_in: bool = True
    #: What the server says of this phone's PIN: "wanted", "set", or that it knows no phone, as desks.
    pin: str | None = None
    value: str = ""
    locked: bool = False
    wrong: int = 0
    phones: list[dict[str, Any]] = field(default_factory=list)
    person: str = "c0ffee0123456789"
    language: str = "ru"
    app: str = ""
    rescue_key: bytes = b""
    fault: Fault | None = None
    doubled: int = 0

    def add_checklist(self, body: dict[str, Any]) -> str:
        """Hold a checklist; gives its digest."""
        digest = hashlib.sha256(canonical_json(body)).hexdigest()
        self.checklists[digest] = body
        return digest

    def add_visit(self, visit_id: str, *digests: str, state: str = "assigned", **more: Any) -> str:
        """Hold a visit to a fictional school."""
        self.visits[visit_id] = {
            "id": visit_id,
            "state": state,
            "school": {
                "name": {"ru": "Школа № 7", "kk": "№ 7 мектеп", "en": "School No. 7"},
                "address": {"ru": "ул. Абая, 12", "kk": "Абай көшесі, 12"},
                "district": {"ru": "Центральный", "kk": "Орталық"},
                "lat": 54.87,
                "lon": 69.16,
                "ownership": "kgu_state_institution",
                "region": "590000000",
                "order_on_file": True,
            },
            "window": {"from": "2026-11-20T03:00:00+00:00", "to": "2026-12-05T13:00:00+00:00"},
            "scenario": None,
            "checklists": [{"digest": d, "id": self.checklists[d]["id"], "version": 1} for d in digests],
            "returned": [],
            "updated_at": now(),
            **more,
        }
        return visit_id

    def current(self, visit_id: str) -> dict[str, Any]:
        """The value of each question as the server sees it."""
        given = [answer for answer in self.answers.values() if answer["visit"] == visit_id]
        return {answer["question"]: answer["value"] for answer in given if answer["value"] is not None}

    def routes(self) -> list[Route]:
        """The agreed API, each door behind the same gate."""

        def route(path: str, method: str, work: Callable[[Request], Any]) -> Route:
            async def endpoint(request: Request) -> Response:
                return await self.answer(request, work)

            return Route(path, endpoint, methods=[method])

        one = "/api/visits/{visit}"
        return [
            route("/api/me", "GET", self.me),
            route("/api/start", "GET", self.start),
            route("/api/me/language", "POST", self.speak),
            route("/leave", "POST", self.leave),
            route("/api/unlock", "POST", self.unlock),
            route("/api/lock", "POST", self.lock),
            route("/api/me/pin", "POST", self.learn_pin),
            route("/api/me/devices", "GET", self.devices),
            route("/api/me/devices/{device}", "DELETE", self.end_device),
            route("/api/visits", "GET", self.mine),
            route(one, "GET", self.one),
            route("/api/checklists/{digest}", "GET", self.checklist),
            route(f"{one}/briefing", "POST", self.briefing),
            route(f"{one}/answers", "POST", self.take_answers),
            route(f"{one}/submission", "POST", self.submission),
            route(f"{one}/stop", "POST", self.stop),
            *(route(f"{one}/{what}", "POST", self.alarm) for what in ("check-in", "check-out", "alarm")),
            route("/api/alarm", "POST", self.alarm),
            route("/api/quiz", "GET", self.ask),
            route("/api/quiz", "POST", self.mark),
            route("/api/consent", "GET", self.form),
            route("/api/consent", "POST", self.agree),
            route(f"{one}/photos/{{photo}}", "PUT", self.take_part),
            route(f"{one}/photos/{{photo}}", "GET", self.received),
            route(f"{one}/photos/{{photo}}", "DELETE", self.withdraw),
            route("/api/photos/{photo}/thumb", "GET", self.thumb),
        ]

    async def answer(self, request: Request, work: Callable[[Request], Any]) -> Response:
        """Fail as told, or do the work; a dropped answer is dropped after the work."""
        self.requests.append(f"{request.method} {request.url.path}")
        told = self.fault(request) if self.fault else None
        if isinstance(told, Response):
            return told
        if isinstance(told, Awaitable):
            return await told
        if told == "refuse":
            raise ConnectionResetError
        closed = self._closed_to(request)
        if closed:
            return closed
        try:
            response = await work(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if told == "drop":
            raise ConnectionResetError
        return response if isinstance(response, Response) else JSONResponse(response)

    def _closed_to(self, request: Request) -> Response | None:
        if not self.signed_in or request.headers.get("x-fc-owner", "") not in {"", self.person}:
            return error(401, "session.none")
        if self.locked and request.url.path != "/leave" and not while_locked.may(request.method, request.url.path):
            return error(401, "session.locked")
        if request.method != "GET" and request.headers.get("x-fc") != "1":
            return error(403, "request.not_ours")
        if request.path_params.get("visit", next(iter(self.visits), None)) not in {*self.visits, None}:
            return error(404, "visit.not_found")
        return None

    async def me(self, request: Request) -> Any:
        """Who is here."""
        return {
            "code": "V-1234",
            "role": "volunteer",
            "language": self.language,
            "session": self.person,
            "server_now": now(),
        }

    async def start(self, request: Request) -> Any:
        """All that a phone needs to work alone."""
        whole = [
            self.whole(visit) if visit["state"] in {"assigned", "in_progress", "returned"} else visit
            for visit in self.visits.values()
        ]
        known = request.query_params.get("have", "").split(",")
        return {
            "me": {**await self.me(request), "pin": self.pin},
            "app": self.app or pocket.folder().hash,
            "rescue": base64.b64encode(self.rescue_key).decode(),
            "server_now": now(),
            "visits": whole,
            "checklists": {digest: body for digest, body in self.checklists.items() if digest not in known},
        }

    async def speak(self, request: Request) -> Any:
        """Choose a language."""
        self.language = (await request.json())["language"]
        return {"language": self.language}

    async def leave(self, request: Request) -> Any:
        """Sign out."""
        self.signed_in = False
        return {}

    async def unlock(self, request: Request) -> Any:
        """A session by what the PIN gives."""
        if self.wrong >= 5:
            return error(403, "device.locked")
        if not self.value or (await request.json())["value"] != self.value:
            self.wrong += 1
            return error(403, "pin.wrong")
        self.locked, self.wrong = False, 0
        return {"state": "open"}

    async def lock(self, request: Request) -> Any:
        """The session ends; a phone whose PIN is known opens the next one."""
        self.locked = self.pin == "set"
        return {"state": "locked"}

    async def learn_pin(self, request: Request) -> Any:
        """What the PIN gives; another one only by whoever knows the one before."""
        said = await request.json()
        if self.value and said["old"] != self.value:
            return error(403, "pin.wrong")
        self.value, self.pin = said["value"], "set"
        return {"pin": "set"}

    async def devices(self, request: Request) -> Any:
        """Her phones."""
        return {"devices": self.phones}

    async def end_device(self, request: Request) -> Any:
        """One of them is taken off."""
        self.phones = [one for one in self.phones if one["id"] != request.path_params["device"]]
        return {"id": request.path_params["device"], "state": "ended"}

    async def mine(self, request: Request) -> Any:
        """All visits."""
        return {"server_now": now(), "visits": list(self.visits.values())}

    async def one(self, request: Request) -> Any:
        """One visit with what is held of it."""
        visit = self.visits.get(request.path_params["visit"])
        return error(404, "visit.not_found") if visit is None else self.whole(visit)

    def whole(self, visit: dict[str, Any]) -> dict[str, Any]:
        """A visit with the answers and photos that count."""
        latest = {a["question"]: a for a in self.answers.values() if a["visit"] == visit["id"]}
        keys = ("id", "checklist", "question", "value", "given_at")
        photos = [
            {
                "id": k,
                "checklist": p["checklist"],
                "question": p["question"],
                "sha256": p["sha256"],
                "state": "received",
                "thumb": f"/api/photos/{k}/thumb",
            }
            for k, p in self.photos.items()
            if p["visit"] == visit["id"] and not p.get("withdrawn")
        ]
        return {**visit, "answers": [{key: a[key] for key in keys} for a in latest.values()], "photos": photos}

    async def checklist(self, request: Request) -> Any:
        """A checklist's body."""
        return self.checklists[request.path_params["digest"]]

    async def briefing(self, request: Request) -> Any:
        """The briefing was read."""
        visit = self._word(request, "briefing", await request.json())
        if visit["state"] == "assigned":
            visit["state"] = "in_progress"
        return {"state": visit["state"]}

    async def take_answers(self, request: Request) -> Any:
        """Take a batch; one that is refused stops none of the others."""
        body = await request.json()
        visit = self.visits[request.path_params["visit"]]
        return {"server_now": now(), "results": [self._take(visit, one) for one in body["answers"]]}

    def _take(self, visit: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
        kept = self.answers.get(one["id"])
        if kept:
            same = {k: v for k, v in kept.items() if k not in {"visit", "received_at"}} == one
            if same:
                return {"id": one["id"], "status": "known", "received_at": kept["received_at"]}
            self.doubled += 1
            return {
                "id": one["id"],
                "status": "refused",
                "error": {"code": "id.reused", "details": {}, "message": "reused"},
            }
        checklist = from_body(self.checklists[one["checklist"]])
        try:
            accept_answer(checklist, self.current(visit["id"]), one["question"], one["value"], visit["school"])
        except FieldcheckError as refused:
            told = {"code": refused.code, "details": refused.details, "message": f"{refused.code} in words"}
            return {"id": one["id"], "status": "refused", "error": told}
        self.answers[one["id"]] = {**one, "visit": visit["id"], "received_at": now()}
        visit["updated_at"] = now()
        return {"id": one["id"], "status": "stored", "received_at": now()}

    async def take_part(self, request: Request) -> Any:
        """Take a part of a photo; the whole is kept once its hash is right."""
        key = request.path_params["photo"]
        padded = request.headers["x-fc-meta"] + "==="
        meta = json.loads(base64.urlsafe_b64decode(padded[: len(padded) // 4 * 4]))
        if key in self.photos:
            return {
                "id": key,
                "received": meta["size"],
                "complete": True,
                "sha256": self.photos[key]["sha256"],
                "state": "received",
            }
        held = self.parts.setdefault(key, bytearray())
        if int(request.headers.get("x-fc-offset", 0)) != len(held):
            return error(409, "photo.offset", received=len(held))
        async for chunk in request.stream():
            held += chunk
        if len(held) < meta["size"]:
            return {"id": key, "received": len(held), "complete": False}
        if hashlib.sha256(held).hexdigest() != meta["sha256"]:
            del self.parts[key]
            return error(422, "photo.hash")
        self.photos[key] = {**meta, "visit": request.path_params["visit"], "bytes": bytes(held)}
        del self.parts[key]
        return {"id": key, "received": meta["size"], "complete": True, "sha256": meta["sha256"], "state": "received"}

    async def received(self, request: Request) -> Any:
        """How much of a photo is here."""
        key = request.path_params["photo"]
        whole = key in self.photos
        if not whole and key not in self.parts:
            return error(404, "photo.not_found")
        return {"id": key, "received": self.photos[key]["size"] if whole else len(self.parts[key]), "complete": whole}

    async def withdraw(self, request: Request) -> Any:
        """Take a photo back."""
        key = request.path_params["photo"]
        if key not in self.photos:
            return error(404, "photo.not_found")
        self.photos[key]["withdrawn"] = True
        return {"id": key, "state": "withdrawn"}

    async def thumb(self, request: Request) -> Any:
        """A photo's small picture; here the photo itself."""
        return Response(self.photos[request.path_params["photo"]]["bytes"], media_type="image/jpeg")

    async def submission(self, request: Request) -> Any:
        """Hand a visit in when nothing is missing."""
        body = await request.json()
        visit = self.visits[request.path_params["visit"]]
        lacks = [
            {"checklist": walked["digest"], "question": one.question_id, "what": one.what}
            for walked in visit["checklists"]
            for one in missing(
                from_body(self.checklists[walked["digest"]]),
                self.current(visit["id"]),
                self._counts(visit["id"]),
                visit["school"],
            )
        ]
        if lacks:
            return error(422, "visit.incomplete", missing=lacks)
        self._word(request, "submission", body)["state"] = "submitted"
        visit["updated_at"] = now()
        return {"state": "submitted", "received_at": now()}

    def _counts(self, visit_id: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        for photo in self.photos.values():
            if photo["visit"] == visit_id and not photo.get("withdrawn"):
                counts[photo["question"]] = counts.get(photo["question"], 0) + 1
        return counts

    async def ask(self, request: Request) -> Any:
        """The quiz, without its answers."""
        options = {key: {"ru": key, "kk": key, "en": f"Option {key}"} for key in "ab"}
        text = {"ru": "Вопрос", "kk": "Сұрақ", "en": "May she offer money?"}
        title = {"ru": "Тест", "kk": "Тест", "en": "Before you go"}
        questions = [{"id": "Q1", "text": text, "options": options}]
        said = {"digest": "q", "title": title, "questions": questions, "passed_until": self.passed_until}
        tag = f'"{self.passed_until}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return JSONResponse(said, headers={"ETag": tag})

    async def mark(self, request: Request) -> Any:
        """Mark a try; a is right."""
        right = (await request.json())["answers"] == {"Q1": "a"}
        if right:
            self.passed_until = "2027-09-01T00:00:00+00:00"
        why = {"ru": "Нет.", "kk": "Жоқ.", "en": "Never offer money."}
        explained = [{"question": "Q1", "is_right": right, "right_option": "a", "explanation": why}]
        return {"passed": right, "right": int(right), "asked": 1, "explained": explained}

    async def form(self, request: Request) -> Any:
        """The consent form."""
        said = {"ru": "Согласие", "kk": "Келісім", "en": "What is kept of you"}
        paragraphs = [{"id": "one", "title": said, "text": said}]
        return {"version": 3, "title": said, "paragraphs": paragraphs, "given_at": self.agreed_at, "language": None}

    async def agree(self, request: Request) -> Any:
        """Agree to it, or withdraw."""
        self.agreed_at = now() if (await request.json())["given"] else None
        return await self.form(request)

    async def alarm(self, request: Request) -> Any:
        """A word about her safety."""
        body = await request.json()
        if not any(known["id"] == body["id"] for known in self.alarms):
            self.alarms.append({"visit": request.path_params.get("visit"), **body})
        return {"received_at": now()}

    async def stop(self, request: Request) -> Any:
        """End a visit early."""
        visit = self._word(request, "stop", await request.json())
        visit.update(state="stopped", updated_at=now())
        return {"state": "stopped"}

    def _word(self, request: Request, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        visit = self.visits[request.path_params["visit"]]
        if not any(said == (kind, visit["id"], body) for said in self.words):
            self.words.append((kind, visit["id"], body))
        return visit


async def _foreign(request: Request) -> Response:
    return HTMLResponse("<title>another page</title><p>desk")


def app(api: FakeApi, tests: str) -> Starlette:
    """The fake API, the real page and modules, and one page that is nobody's, as Streamlit's are."""

    async def bench(request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><title>bench</title><div id=host></div>{tests}")

    return Starlette(routes=[*pocket.routes(), *api.routes(), Route("/bench", bench), Route("/", _foreign)])


class Server:
    """A uvicorn on a free port that can be killed and started again, with what it holds kept or not."""

    def __init__(self, api: FakeApi, tests: str = "") -> None:
        """Take a port and keep it for every start."""
        self.api = api
        self.tests = tests
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://localhost:{self.port}"

    def start(self) -> None:
        """Serve until stopped; returns when the port answers."""
        config = uvicorn.Config(app(self.api, self.tests), port=self.port, log_level="critical", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)

    def kill(self) -> None:
        """Stop at once, whoever is connected."""
        self.server.force_exit = True
        self.server.should_exit = True
        self.thread.join(10)


@contextmanager
def serving(api: FakeApi, tests: str = "") -> Iterator[Server]:
    """A running server for the length of a test."""
    server = Server(api, tests)
    server.start()
    try:
        yield server
    finally:
        server.kill()
