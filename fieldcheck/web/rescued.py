"""Takes in what a rescue file held, as /api would have: the same messages, the same use-cases, as the volunteer.

One thing that cannot be taken never stops the others; what came in before is recognised by its id.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.settings import Settings
from fieldcheck.usecases import evidence, safety, sync
from fieldcheck.usecases.rescue import Item, Rescued
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import begin
from fieldcheck.web.messages import AnswerIn, BriefingIn, PhotoMeta, PlaceIn, SignalIn, StopIn, SubmissionIn

APP = "file"


@dataclass
class Fed:
    """What became of a file: how many of each kind are here now, and why others are not."""

    here: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)


def feed(settings: Settings, rescued: Rescued) -> Fed:
    """Take everything in, one by one, in the order in which a visit goes."""
    fed = Fed()
    for item in rescued.items:
        try:
            _take(settings, rescued, item)
            fed.here[item.kind] += 1
        except FieldcheckError as error:
            fed.refused.append((item.kind, error.code, error.details))
        except ValidationError:
            fed.refused.append((item.kind, "request.malformed", {"where": item.kind}))
    return fed


def _take(settings: Settings, rescued: Rescued, item: Item) -> None:
    phone_now = (datetime.now(UTC) + rescued.gap).isoformat()
    body = {**item.body, "phone_now": phone_now}
    if item.kind == "photo":
        _photo(settings, rescued, item)
        return
    with begin(settings, rescued.volunteer) as work:
        if item.kind == "answer":
            one = AnswerIn.model_validate(item.body)
            place = _place(one.place, one.no_place)
            sent = SentAnswer(one.id, one.checklist, one.question, one.value, one.given_at, one.seen_at, place)
            (taken,) = sync.take_answers(work, item.visit_id, datetime.fromisoformat(phone_now), APP, APP, [sent])
            if taken.error is not None:
                raise taken.error
        elif item.kind == "briefing":
            briefing = BriefingIn.model_validate({"read_at": item.body.get("at"), **item.body})
            sync.read_briefing(work, item.visit_id, briefing.id, briefing.read_at)
        elif item.kind == "stop":
            stop = StopIn.model_validate(item.body)
            sync.stop(work, item.visit_id, stop.id, stop.at, stop.reason, stop.note)
        elif item.kind == "submission":
            handed = SubmissionIn.model_validate({"submitted_at": item.body.get("at"), **body})
            sync.submit(work, item.visit_id, handed.id, handed.submitted_at, handed.phone_now)
        elif item.kind == "unphoto":
            evidence.withdraw(work, item.visit_id, str(item.body.get("photo")))
        else:
            said = SignalIn.model_validate(body)
            place = _place(said.place, said.no_place)
            signal = safety.SentSignal(said.id, said.kind, said.at, said.phone_now, place)
            safety.alarm(work, item.visit_id, signal)


def _photo(settings: Settings, rescued: Rescued, item: Item) -> None:
    meta = PhotoMeta.model_validate(item.body)
    sent = evidence.SentPhoto(
        str(item.body.get("id")),
        meta.checklist,
        meta.question,
        meta.sha256,
        meta.size,
        meta.taken_at,
        meta.source,
        _place(meta.place, meta.no_place),
        meta.covered.boxes if meta.covered else None,
        meta.covered.confirmed if meta.covered else None,
    )
    evidence.take_part(settings, rescued.volunteer, item.visit_id, sent, 0, item.data)


def _place(place: PlaceIn | None, no_place: str | None) -> Place:
    if place is None:
        return Place(no_place=no_place)
    return Place(place.lat, place.lon, place.accuracy, place.age)
