"""/api: what the phone calls. Parse, one use-case, respond.

Every route acts for whoever the gate found behind the cookie; what she may do is decided in the use-cases. Errors leave
as `{"error": {"code", "details", "message"}}`, the message in the reader's language.
"""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, BinaryIO, Literal

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from fieldcheck import __version__, words
from fieldcheck.domain.access import Actor
from fieldcheck.domain.errors import Forbidden
from fieldcheck.domain.safety import Signal
from fieldcheck.settings import Settings
from fieldcheck.usecases import (
    cases,
    checklists,
    endings,
    evidence,
    health,
    own_data,
    people,
    register_export,
    rescue,
    safety,
    sync,
    visits,
)
from fieldcheck.usecases.work import begin, look
from fieldcheck.web import api_device, api_ready, carrying, letter, pocket, sealed, sending
from fieldcheck.web.description import describe
from fieldcheck.web.messages import (
    BriefingIn,
    Health,
    LanguageIn,
    ReceivedOut,
    Said,
    SignalIn,
    StopIn,
)
from fieldcheck.web.pressing import Pressing
from fieldcheck.web.shortcut import Api
from fieldcheck.web.telling import HANDLERS

_ID = Annotated[Said, Path(max_length=64)]
PIECE = 256 * 1024


async def who(request: Request) -> Actor:  # async: a plain function would cost a trip to another thread
    """Give whom the gate found; raises Forbidden `session.none`, also when a phone holds somebody else's notes."""
    actor = request.scope.get("fieldcheck.actor")
    if not isinstance(actor, Actor):
        raise Forbidden("session.none")
    words.use(actor.language)
    owner = request.headers.get("x-fc-owner")
    mine = people.store_name(request.app.state.settings, actor.person_id)
    if owner and not hmac.compare_digest(owner.encode(), mine.encode()):
        raise Forbidden("session.none")  # what one person recorded is never sent as another's; it waits for her
    return actor


Who = Annotated[Actor, Depends(who)]


def create(settings: Settings) -> Api:
    """Make the API; it is mounted under /api."""
    api = Api(
        who,
        title="fieldcheck",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        exception_handlers=HANDLERS,
    )
    api.state.settings = settings
    _account(api, settings)
    _visits(api, settings)
    api.state.writer = sending.add(api, settings, who)
    sealed.add(api, settings, who, api.state.writer)
    _safety(api, settings)
    _photos(api, settings)
    _register(api, settings)
    api_ready.add(api, settings, who)
    api_device.add(api, settings, who)
    api.add_middleware(Pressing)
    api.openapi = describe(api)  # type: ignore[method-assign]
    return api


def _account(api: FastAPI, settings: Settings) -> None:
    @api.get("/health")
    def health_now() -> Health:
        """Say that the server is well."""
        return Health(status="ok", version=__version__, schema=health.schema(settings))

    @api.get("/me")
    def me(actor: Who) -> dict[str, Any]:
        """Say who is signed in."""
        return _me(settings, actor)

    @api.get("/start", response_class=Response)
    def begin_page(request: Request, actor: Who, have: Annotated[str, Query(max_length=4000)] = "") -> Response:
        """Give all that a phone needs to work alone: who is here, her visits, and the checklists it has not got."""
        with look(settings, actor) as work:
            walks = visits.whole_of_mine(work)
            wanted = {one.digest for walk in walks for one in walk.visit.checklists} - set(have.split(","))
            bodies = {digest: checklists.body(work, digest) for digest in sorted(wanted)}
        start = {
            "me": {**_me(settings, actor), "pin": api_device.pin_state(settings, request)},
            "app": pocket.folder().hash,
            "rescue": rescue.public_key(settings),
            "server_now": _now(),
            "visits": [_walk(walk) for walk in walks],
            "checklists": bodies,
        }
        body = json.dumps(start, ensure_ascii=False, separators=(",", ":")).encode()
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    @api.post("/me/language")
    def speak(actor: Who, said: LanguageIn) -> dict[str, str]:
        """Choose the language."""
        with begin(settings, actor) as work:
            people.speak(work, said.language)
        return {"language": said.language}

    @api.get("/me/data", response_class=Response)
    def my_data(actor: Who) -> Response:
        """Give everything that is held about oneself, as a file."""
        with begin(settings, actor) as work:
            data = own_data.as_file(own_data.take(work))
        headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
        return Response(data, media_type="application/json", headers=headers)

    @api.get("/words/{language}")
    def walk_words(language: Literal["ru", "kk", "en"], response: Response) -> dict[str, Any]:
        """Give the walk's words in one language."""
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return dict(words.catalogue(language, "walk"))

    @api.get("/checklists/{digest}")
    def checklist(actor: Who, digest: _ID, response: Response) -> dict[str, Any]:
        """Give one checklist version, which never changes."""
        with look(settings, actor) as work:
            body = checklists.body(work, digest)
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return body


def _visits(api: FastAPI, settings: Settings) -> None:
    @api.get("/visits")
    def mine(actor: Who) -> dict[str, Any]:
        """List one's own visits."""
        with look(settings, actor) as work:
            rows = visits.mine(work)
        return {"server_now": _now(), "visits": [_visit(row) for row in rows]}

    @api.get("/visits/{visit_id}")
    def one(actor: Who, visit_id: _ID) -> dict[str, Any]:
        """Show one of one's own visits with what the server holds of it."""
        with look(settings, actor) as work:
            walk = visits.one_of_mine(work, visit_id)
        return {**_walk(walk), "server_now": _now()}

    @api.post("/visits/{visit_id}/briefing")
    def briefing(actor: Who, visit_id: _ID, sent: BriefingIn) -> dict[str, str]:
        """Note that the briefing was read."""
        with begin(settings, actor) as work:
            return {"state": sync.read_briefing(work, visit_id, sent.id, sent.read_at).value}

    @api.post("/visits/{visit_id}/stop")
    def stop(actor: Who, visit_id: _ID, sent: StopIn) -> dict[str, str]:
        """End the visit early."""
        with begin(settings, actor) as work:
            return {"state": endings.stop(work, visit_id, sent.id, sent.at, sent.reason, sent.note).value}


def _safety(api: FastAPI, settings: Settings) -> None:
    @api.post("/visits/{visit_id}/check-in")
    def check_in(actor: Who, visit_id: _ID, sent: SignalIn) -> dict[str, str]:
        """Note that she went in."""
        with begin(settings, actor) as work:
            return _heard(safety.check_in(work, visit_id, _signal(sent, Signal.CHECK_IN)))

    @api.post("/visits/{visit_id}/check-out")
    def check_out(actor: Who, visit_id: _ID, sent: SignalIn) -> dict[str, str]:
        """Note that she is out."""
        with begin(settings, actor) as work:
            return _heard(safety.check_out(work, visit_id, _signal(sent, Signal.CHECK_OUT)))

    @api.post("/visits/{visit_id}/alarm")
    def alarm(actor: Who, visit_id: _ID, sent: SignalIn) -> dict[str, str]:
        """Take the word that she was recognised."""
        with begin(settings, actor) as work:
            return _heard(safety.alarm(work, visit_id, _signal(sent, Signal.RECOGNISED)))

    @api.post("/alarm")
    def duress(actor: Who, sent: SignalIn) -> dict[str, str]:
        """Take the quiet word that she was made to open the app."""
        with begin(settings, actor) as work:
            return _heard(safety.alarm(work, None, _signal(sent, Signal.DURESS)))


def _signal(sent: SignalIn, kind: Signal) -> safety.SentSignal:
    place = carrying.place(sent.place, sent.no_place)
    return safety.SentSignal(sent.id, kind, sent.at, sent.phone_now, place)


def _heard(at: datetime) -> dict[str, str]:
    return {"received_at": at.isoformat()}


def _photos(api: FastAPI, settings: Settings) -> None:
    @api.get("/visits/{visit_id}/photos/{photo_id}", response_model_exclude_none=True)
    def received(actor: Who, visit_id: _ID, photo_id: _ID) -> ReceivedOut:
        """Say how much of a photo has come."""
        return sending.received(evidence.received(settings, actor, visit_id, photo_id))

    @api.delete("/visits/{visit_id}/photos/{photo_id}")
    def withdraw(actor: Who, visit_id: _ID, photo_id: _ID) -> dict[str, str]:
        """Take a photo back before submission."""
        with begin(settings, actor) as work:
            evidence.withdraw(work, visit_id, photo_id)
        return {"id": photo_id, "state": "withdrawn"}

    @api.get("/photos/{photo_id}/{kind}", response_class=Response)
    def shown(actor: Who, photo_id: _ID, kind: Literal["thumb", "view"]) -> Response:
        """Show a clean copy."""
        with look(settings, actor) as work:
            data = evidence.shown(work, photo_id, kind)
        headers = {"Cache-Control": "private, max-age=300", "Content-Security-Policy": "sandbox; default-src 'none'"}
        return Response(data, media_type="image/jpeg", headers=headers)


def _register(api: FastAPI, settings: Settings) -> None:
    @api.get("/register.csv", response_class=Response)
    def export(actor: Who, request: Request) -> Response:
        """Export the register, filtered by the same words as its screen's address."""
        wanted = register_export.filter_of(request.query_params.multi_items())
        file = register_export.export(settings, actor, wanted)
        headers = {"Content-Disposition": 'attachment; filename="register.csv"', "Cache-Control": "no-store"}
        return StreamingResponse(_pieces(file), media_type="text/csv; charset=utf-8", headers=headers)

    @api.get("/letters/{case_id}", response_class=Response)
    def letter_draft(actor: Who, case_id: str, language: Literal["ru", "kk", "en"] = "kk") -> Response:
        """Draft the letter about an entry, in the language of the body that it goes to."""
        with begin(settings, actor) as work:
            view = cases.letter(work, case_id)
        words.use(language)
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": "sandbox allow-modals; style-src 'unsafe-inline'",
        }
        return Response(letter.page(view), media_type="text/html; charset=utf-8", headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _me(settings: Settings, actor: Actor) -> dict[str, Any]:
    return {
        "code": actor.code,
        "role": actor.role.value,
        "language": actor.language,
        "session": people.store_name(settings, actor.person_id),
        "server_now": _now(),
    }


def _walk(walk: visits.MyWalk) -> dict[str, Any]:
    if not walk.whole:
        return _visit(walk.visit)
    answers = [
        {
            "id": a.id,
            "checklist": a.checklist,
            "question": a.question,
            "value": a.value,
            "given_at": a.given_at.isoformat(),
        }
        for a in walk.answers
    ]
    photos = [
        {
            "id": p.id,
            "checklist": p.checklist,
            "question": p.question,
            "sha256": p.sha256,
            "state": p.state,
            "thumb": f"/api/photos/{p.id}/thumb",
        }
        for p in walk.photos
    ]
    return {**_visit(walk.visit), "answers": answers, "photos": photos}


def _visit(visit: visits.MyVisit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "state": visit.state.value,
        "school": dict(visit.school),
        "window": {"from": visit.window_from.isoformat(), "to": visit.window_to.isoformat()},
        "scenario": visit.scenario,
        "checklists": [{"digest": w.digest, "id": w.checklist_id, "version": w.version} for w in visit.checklists],
        "returned": [{"checklist": r.checklist, "question": r.question, "reason": r.reason} for r in visit.returned],
        "updated_at": visit.updated_at.isoformat(),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
