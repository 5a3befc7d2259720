"""/api/sealed: letters of a phone that nobody has unlocked, carried in as if she had sent what is in them.

A locked phone is told of each letter that it was taken, or refused with a code; nothing of what is in it. What a
refusal says to her is asked again, openly, when she unlocks.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from fieldcheck.domain.access import Actor
from fieldcheck.domain.errors import Busy, FieldcheckError, Invalid
from fieldcheck.settings import Settings
from fieldcheck.usecases import evidence, letters
from fieldcheck.usecases.letters import Letter
from fieldcheck.usecases.work import begin, look
from fieldcheck.web import carrying, sending
from fieldcheck.web.messages import AnswerIn, Moment, Said, SealedIn, SealedPartOut
from fieldcheck.web.shortcut import Api
from fieldcheck.web.writing import Writer

_ID = Annotated[Said, Path(max_length=64)]
MALFORMED = "request.malformed"
Told = dict[str, Any]


def add(api: Api, settings: Settings, who: Callable[..., Awaitable[Actor]], writer: Writer) -> None:
    """Add the routes; *who* gives whom the gate found, *writer* writes what came."""
    Who = Annotated[Actor, Depends(who)]  # noqa: N806 - a type

    @api.short("POST", "/sealed", response_model=dict[str, Any])
    async def take_letters(actor: Who, sent: SealedIn) -> Told:
        """Take letters in the order given; each gets its own result."""
        results = [_Result(one.id, _bytes_of(one.data)) for one in sent.letters]
        await run_in_threadpool(_open_all, settings, actor, results)
        wish = _Wish(settings, actor, sent.phone_now, sent.app)
        await writer.write(lambda: _carry_all(wish, results))
        return {"server_now": datetime.now(UTC).isoformat(), "results": [one.told() for one in results]}

    @api.short("PUT", "/sealed/{photo_id}", response_model_exclude_none=True)
    async def take_sealed_part(
        request: Request,
        actor: Who,
        photo_id: _ID,
        x_fc_letter: Annotated[str, Header(max_length=4000)],
        x_fc_offset: Annotated[int, Header(ge=0)] = 0,
        x_fc_now: Annotated[Moment | None, Header()] = None,
    ) -> SealedPartOut:
        """Take one part of a photo's sealed bytes, from `X-FC-Offset`; the letter in `X-FC-Letter` opens them."""
        data = _bytes_of(x_fc_letter)
        part = await sending.body_of(request)

        def lay() -> tuple[Letter, evidence.SentPhoto, evidence.Laid | evidence.Received]:
            with look(settings, actor) as work:
                letter = letters.read(work, photo_id, data)
            sent = _photo_of(letter, x_fc_now)
            return letter, sent, letters.lay_down(settings, actor, letter, sent, x_fc_offset, part)

        letter, sent, laid = await run_in_threadpool(lay)
        if isinstance(laid, evidence.Laid):
            got, is_new = await writer.write(lambda: _keep(settings, actor, letter.item.visit_id, sent, laid))
            await run_in_threadpool(evidence.tidy, laid, is_new=is_new)
        else:
            got = laid
        named = letters.name_of(data) if got.complete else None
        return SealedPartOut(id=got.id, received=got.received, complete=got.complete, letter=named)


@dataclass
class _Result:
    """One letter on its way, and what became of it."""

    id: str
    data: bytes
    letter: Letter | None = None
    error: FieldcheckError | None = None

    def told(self) -> Told:
        """Tell a phone that may read nothing."""
        if self.error is None:
            return {"id": self.id, "status": "taken"}
        later = isinstance(self.error, Busy) or letters.is_for_later(self.error)
        return {"id": self.id, "status": "later" if later else "refused", "code": self.error.code}


@dataclass(frozen=True)
class _Wish:
    """For whom letters are carried in, and what their phone said beside them."""

    settings: Settings
    actor: Actor
    phone_now: datetime
    app: str


def _open_all(settings: Settings, actor: Actor, results: Sequence[_Result]) -> None:
    with look(settings, actor) as work:
        read = letters.read_all(work, [(one.id, one.data) for one in results])
    for one, got in zip(results, read, strict=True):
        if isinstance(got, FieldcheckError):
            one.error = got
        elif got.item.kind == "photo":
            one.error = Invalid(MALFORMED, where="photo")  # its bytes come by the other route
        else:
            one.letter = got


def _carry_all(wish: _Wish, results: Sequence[_Result]) -> None:
    def batch(one: _Result) -> tuple[str, str] | str:
        assert one.letter
        item = one.letter.item
        return (item.visit_id, one.letter.device) if item.kind == "answer" else one.id

    for _, some in groupby((one for one in results if one.letter), batch):
        together = list(some)
        if together[0].letter and together[0].letter.item.kind == "answer":
            _carry_answers(wish, together)
        else:
            _carry(wish, together[0])


def _carry_answers(wish: _Wish, results: Sequence[_Result]) -> None:
    """Take answers of one visit together, as a phone that is open sends them."""
    first = results[0].letter
    assert first
    read = list(_answers(results))
    try:
        said = [one for _, one in read]
        taken = carrying.answers(
            wish.settings, wish.actor, first.item.visit_id, wish.phone_now, first.device, wish.app, said
        )
    except FieldcheckError as error:
        for result, _ in read:
            result.error = error
        return
    for (result, _), one in zip(read, taken, strict=True):
        result.error = one.error


def _answers(results: Sequence[_Result]) -> Iterator[tuple[_Result, AnswerIn]]:
    for result in results:
        assert result.letter
        try:
            yield result, AnswerIn.model_validate(result.letter.item.body)
        except ValidationError:
            result.error = Invalid(MALFORMED, where="answer")


def _carry(wish: _Wish, result: _Result) -> None:
    assert result.letter
    try:
        carrying.word(wish.settings, wish.actor, result.letter.item, wish.phone_now)
    except FieldcheckError as error:
        result.error = error
    except ValidationError:
        result.error = Invalid(MALFORMED, where=result.letter.item.kind)


def _photo_of(letter: Letter, phone_now: datetime | None) -> evidence.SentPhoto:
    try:
        if letter.item.kind == "photo":
            return carrying.photo(letter.id, letter.item.body, phone_now)
    except ValidationError:
        pass
    raise Invalid(MALFORMED, where="X-FC-Letter")


def _keep(
    settings: Settings, actor: Actor, visit_id: str, sent: evidence.SentPhoto, laid: evidence.Laid
) -> tuple[evidence.Received, bool]:
    with begin(settings, actor) as work:
        return evidence.keep(work, visit_id, sent, laid)


def _bytes_of(text: str) -> bytes:
    """Read base64url; what is none opens as no letter does."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
