"""What phones send most: answers, the submission, photos. Parsed, given to one use-case, answered.

Each has a short way (`shortcut.py`) and is written together with what others send (`writing.py`).
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from fieldcheck.domain.access import Actor
from fieldcheck.domain.errors import Invalid, TooLarge
from fieldcheck.settings import Settings
from fieldcheck.usecases import endings, evidence, sync
from fieldcheck.usecases.work import begin
from fieldcheck.web import carrying
from fieldcheck.web.messages import AnswersIn, ReceivedOut, Said, SubmissionIn
from fieldcheck.web.shortcut import Api
from fieldcheck.web.telling import told
from fieldcheck.web.writing import Writer

LARGEST_PART = 21 * 1024 * 1024
_ID = Annotated[Said, Path(max_length=64)]


def add(api: Api, settings: Settings, who: Callable[..., Awaitable[Actor]]) -> Writer:
    """Add the routes; *who* gives whom the gate found. Gives who writes what is sent."""
    writer, Who = Writer(settings), Annotated[Actor, Depends(who)]  # noqa: N806 - a type
    _notes(api, settings, writer, Who)
    _photos(api, settings, writer, Who)
    return writer


def _notes(api: Api, settings: Settings, writer: Writer, Who: Any) -> None:  # noqa: N803 - a type
    @api.short("POST", "/visits/{visit_id}/answers", response_model=dict[str, Any])
    async def answers(actor: Who, visit_id: _ID, sent: AnswersIn) -> Response:
        """Take a batch of answers; each gets its own result."""

        def take() -> tuple[sync.Taken, ...]:
            return carrying.answers(settings, actor, visit_id, sent.phone_now, sent.device, sent.app, sent.answers)

        taken = await writer.write(take)
        return JSONResponse({"server_now": _now(), "results": [_taken(one) for one in taken]})

    @api.short("POST", "/visits/{visit_id}/submission")
    async def submission(actor: Who, visit_id: _ID, sent: SubmissionIn) -> dict[str, str]:
        """Take the submission, when nothing is missing."""

        def take() -> datetime:
            with begin(settings, actor) as work:
                return endings.submit(work, visit_id, sent.id, sent.submitted_at, sent.phone_now)

        return {"state": "submitted", "received_at": (await writer.write(take)).isoformat()}


def _photos(api: Api, settings: Settings, writer: Writer, Who: Any) -> None:  # noqa: N803 - a type
    @api.short("PUT", "/visits/{visit_id}/photos/{photo_id}", response_model_exclude_none=True)
    async def part(
        request: Request,
        actor: Who,
        visit_id: _ID,
        photo_id: _ID,
        x_fc_meta: Annotated[str, Header(max_length=4000)],
        x_fc_offset: Annotated[int, Header(ge=0)] = 0,
    ) -> ReceivedOut:
        """Take one part of a photo's bytes, from `X-FC-Offset`; the body is the bytes."""
        sent = _sent_photo(photo_id, x_fc_meta)
        data = await body_of(request)
        laid = await run_in_threadpool(evidence.lay_down, settings, actor, visit_id, sent, x_fc_offset, data)
        if isinstance(laid, evidence.Received):
            return received(laid)

        def take() -> tuple[evidence.Received, bool]:
            with begin(settings, actor) as work:
                return evidence.keep(work, visit_id, sent, laid)

        got, is_new = await writer.write(take)
        if laid.upload or not is_new:
            await run_in_threadpool(evidence.tidy, laid, is_new=is_new)
        return received(got)


def _taken(one: sync.Taken) -> dict[str, Any]:
    out: dict[str, Any] = {"id": one.id, "status": one.status}
    if one.received_at is not None:
        out["received_at"] = one.received_at.isoformat()
    if one.error is not None:
        out["error"] = told(one.error)
    return out


def received(got: evidence.Received) -> ReceivedOut:
    """Tell how much of a photo has come."""
    return ReceivedOut(id=got.id, received=got.received, complete=got.complete, sha256=got.sha256, state=got.state)


def _sent_photo(photo_id: str, header: str) -> evidence.SentPhoto:
    try:
        padded = header + "=" * (-len(header) % 4)
        return carrying.photo(photo_id, json.loads(base64.urlsafe_b64decode(padded)))
    except (ValidationError, ValueError, binascii.Error, RecursionError):
        raise Invalid("request.malformed", where="X-FC-Meta") from None


async def body_of(request: Request) -> bytes:
    """Read the body, never more than the largest part."""
    got, size = list[bytes](), 0
    async for chunk in request.stream():
        got.append(chunk)
        size += len(chunk)
        if size > LARGEST_PART:
            raise TooLarge("photo.too_large", size=size, largest=LARGEST_PART)
    return b"".join(got)


def _now() -> str:
    return datetime.now(UTC).isoformat()
