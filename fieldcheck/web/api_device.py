"""/api/unlock and what else is about the phone itself: its PIN, its session, and the list of her phones."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.errors import Busy, Forbidden
from fieldcheck.settings import Settings
from fieldcheck.usecases import devices, sessions, throttle
from fieldcheck.usecases.work import begin, look
from fieldcheck.web import cookies

_Value = Annotated[str, Field(max_length=64)]


class PinIn(BaseModel):
    """What the PIN gives, derived on the phone; *old* is what the one before gave."""

    value: _Value
    old: _Value = ""


def add(api: FastAPI, settings: Settings, who: Callable[..., Awaitable[Actor]]) -> None:
    """Add the routes; *who* gives whom the gate found."""
    @api.post("/unlock", dependencies=[Depends(who)])
    def unlock(request: Request, sent: PinIn) -> Response:
        """Begin a session by what the PIN gives."""
        cookie, now = cookies.device_of(request.headers, settings), datetime.now(UTC)
        at = [throttle.of_address(settings, request.client.host if request.client else "", "address.pin")]
        if not cookie:
            raise Forbidden("session.none")
        if throttle.admit(settings, at, now):
            raise Busy("sign_in.too_many")
        session = devices.unlock(settings, cookie, sent.value, now)
        throttle.forgive(settings, at, now)
        response = JSONResponse({"state": "open"})
        cookies.remember(response, settings, session)
        return response

    @api.post("/lock")
    def lock(actor: Annotated[Actor, Depends(who)], request: Request) -> Response:
        """End the session; the phone stays known, and still sends."""
        cookie = cookies.cookie_of(request.headers, settings)
        if cookie and actor.role is Role.VOLUNTEER:
            sessions.end(settings, cookie, datetime.now(UTC))
        return JSONResponse({"state": "locked"})

    @api.post("/me/pin")
    def pin(actor: Annotated[Actor, Depends(who)], request: Request, sent: PinIn) -> dict[str, str]:
        """Keep what the phone's PIN gives."""
        cookie = cookies.device_of(request.headers, settings)
        if not cookie:
            raise Forbidden("session.none")
        devices.set_pin(settings, actor, cookie, sent.value, sent.old, datetime.now(UTC))
        return {"pin": "set"}

    @api.get("/me/devices")
    def mine(actor: Annotated[Actor, Depends(who)], request: Request) -> dict[str, Any]:
        """List one's own phones."""
        with look(settings, actor) as work:
            found = devices.listed(work, cookies.device_of(request.headers, settings) or "").get(actor.person_id, ())
        rows = [
            {
                "id": one.id,
                "since": one.since.isoformat(),
                "seen": one.seen_day,
                "this": one.is_this,
                "locked": one.is_locked,
            }
            for one in found
        ]
        return {"devices": rows}

    @api.delete("/me/devices/{device_id}")
    def end(actor: Annotated[Actor, Depends(who)], device_id: Annotated[str, Path(max_length=64)]) -> dict[str, str]:
        """End one of one's own phones."""
        with begin(settings, actor) as work:
            devices.end(work, device_id)
        return {"id": device_id, "state": "ended"}


def pin_state(settings: Settings, request: Request) -> str | None:
    """Say whether the server knows this phone's PIN, still wants it, or knows no phone."""
    cookie = cookies.device_of(request.headers, settings)
    known = devices.has_pin(settings, cookie) if cookie else None
    return None if known is None else "set" if known else "wanted"
