"""Carries in what did not come by a route of its own: out of a rescue file, or out of a letter.

The same messages as /api's, the same use-cases, as the volunteer; the same ids make sure that nothing comes in twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fieldcheck.domain.access import Actor
from fieldcheck.settings import Settings
from fieldcheck.usecases import endings, evidence, safety, sync
from fieldcheck.usecases.rescue import Item
from fieldcheck.usecases.sync import Place, SentAnswer, Taken
from fieldcheck.usecases.work import Work, begin
from fieldcheck.web.messages import (
    AnswerIn,
    BriefingIn,
    ClaimsIn,
    PhotoMeta,
    PlaceIn,
    SignalIn,
    StopIn,
    SubmissionIn,
    keepable,
)


def answers(
    settings: Settings,
    actor: Actor,
    visit_id: str,
    phone_now: datetime,
    device: str,
    app: str,
    said: Sequence[AnswerIn],
) -> tuple[Taken, ...]:
    """Take answers of one visit."""
    batch = [
        SentAnswer(a.id, a.checklist, a.question, a.value, a.given_at, a.seen_at, place(a.place, a.no_place))
        for a in said
    ]
    with begin(settings, actor) as work:
        return sync.take_answers(work, visit_id, phone_now, device, app, batch)


def word(settings: Settings, actor: Actor, item: Item, phone_now: datetime) -> None:
    """Take anything that is neither an answer nor a photo."""
    with begin(settings, actor) as work:
        _word(work, item, {**item.body, "phone_now": phone_now})


def _word(work: Work, item: Item, body: Mapping[str, Any]) -> None:
    if item.kind == "briefing":
        briefing = BriefingIn.model_validate({"read_at": body.get("at"), **body})
        sync.read_briefing(work, item.visit_id, briefing.id, briefing.read_at)
    elif item.kind == "stop":
        stop = StopIn.model_validate(body)
        endings.stop(work, item.visit_id, stop.id, stop.at, stop.reason, stop.note)
    elif item.kind == "submission":
        handed = SubmissionIn.model_validate({"submitted_at": body.get("at"), **body})
        endings.submit(work, item.visit_id, handed.id, handed.submitted_at, handed.phone_now)
    elif item.kind == "unphoto":
        evidence.withdraw(work, item.visit_id, keepable(str(body.get("photo"))))
    else:
        said = SignalIn.model_validate(body)
        where = place(said.place, said.no_place)
        signal = safety.SentSignal(said.id, said.kind, said.at, said.phone_now, where)
        safety.alarm(work, item.visit_id or None, signal)


def photo(id_: str, said: object, phone_now: datetime | None = None) -> evidence.SentPhoto:
    """Read what is said of a photo; *phone_now* where the phone's clock was told beside it."""
    meta = PhotoMeta.model_validate(said)
    return evidence.SentPhoto(
        id_,
        meta.checklist,
        meta.question,
        meta.sha256,
        meta.size,
        meta.taken_at,
        meta.source,
        place(meta.place, meta.no_place),
        meta.covered.boxes if meta.covered else None,
        meta.covered.confirmed if meta.covered else None,
        meta.phone_now or phone_now,
        _claims(meta.claims),
    )


def _claims(said: ClaimsIn | None) -> evidence.Claimed | None:
    if said is None:
        return None
    lat, lon = said.lat, said.lon
    # On no earth, or not a number: the time may stand nevertheless.
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        lat = lon = None
    return evidence.Claimed(said.taken_at, lat, lon)


def place(sent: PlaceIn | None, no_place: str | None) -> Place:
    """Read a position, or why there is none."""
    if sent is None:
        return Place(no_place=no_place)
    return Place(sent.lat, sent.lon, sent.accuracy, sent.age)
