"""Taking what the phone sends: the briefing read, and answers. How a visit ends stands in `endings.py`.

Everything has an id that the phone made once. The same id with the same body gets the same answer again and changes
nothing; another body under that id is refused. One refused answer never stops the others.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fieldcheck.domain import custody
from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Conflict, FieldcheckError, Invalid, NotFound, NotNow
from fieldcheck.domain.visit import WRITABLE, VisitMove, VisitState, move
from fieldcheck.domain.walk import accept_answer
from fieldcheck.storage import erasing, intake, visit_queries
from fieldcheck.storage.free_texts import FREE
from fieldcheck.storage.intake import Here
from fieldcheck.storage.visit_queries import VisitRow
from fieldcheck.usecases import checklists
from fieldcheck.usecases.work import Work, permits

#: A phone's clock within this is taken at its word; beyond it, times are corrected by the gap measured at contact.
CLOCK_TOLERANCE = timedelta(seconds=90)
#: Seconds that a column of whole numbers holds: 68 years, more than any phone is off by that knows its century.
LARGEST_GAP = 2**31 - 1
MOST_ANSWERS = 200
#: A visit that was called off while the phone was offline still takes what she recorded; it stays as a record.
TAKES_ANSWERS = WRITABLE | {VisitState.WITHDRAWN, VisitState.STOPPED}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_NO_PLACE = frozenset({"denied", "unavailable", "timeout", "off"})


@dataclass(frozen=True)
class Place:
    """The best position known when something was recorded, or why there is none. Metres, seconds, degrees."""

    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    age: float | None = None
    no_place: str | None = None

    def checked(self) -> "Place":
        """Give the place if it can be one; a nonsense position becomes "unavailable", it never costs an answer."""
        lat, lon, accuracy, age = self.lat, self.lon, self.accuracy, self.age
        good = (
            lat is not None
            and lon is not None
            and abs(lat) <= 90
            and abs(lon) <= 180
            and accuracy is not None
            and 0 <= accuracy < 1e7
            and age is not None
            and 0 <= age < 1e9
        )
        if good:
            return self if self.no_place is None else Place(lat, lon, accuracy, age, None)
        return Place(no_place=self.no_place if self.no_place in _NO_PLACE else "unavailable")


@dataclass(frozen=True)
class SentAnswer:
    """One answer as the phone sends it. Times aware; *value* None clears the answer."""

    id: str
    checklist: str
    question: str
    value: Any
    given_at: datetime
    seen_at: datetime | None
    place: Place


@dataclass(frozen=True)
class Taken:
    """What became of one sent answer: stored, known (sent before), or refused with its error."""

    id: str
    status: str
    received_at: datetime | None = None
    error: FieldcheckError | None = None


def checked_id(text: str, *, random: bool = False) -> str:
    """Give an id that a phone may have made; raises Invalid `id.malformed`.

    *random* refuses the versions that carry a time: the agency meets a photo's id, and must not learn the minute.
    """
    if not _UUID.fullmatch(text) or (random and text[14] != "4"):
        raise Invalid("id.malformed")
    return text


def my_visit(work: Work, visit_id: str) -> VisitRow:
    """Find one's own visit and hold it; somebody else's and a missing one look the same."""
    row = visit_queries.visit(work.session, work.reach(Action.VISIT_WALK), visit_id, lock=True)
    if row is None:
        raise NotFound("visit.not_found")
    return row


def school_facts(work: Work, row: VisitRow) -> dict[str, Any]:
    """Give what a rule may look at of the school."""
    region = visit_queries.region(work.session, row.visit.region_id)
    return {
        "ownership": row.school.ownership,
        "region": row.visit.region_id,
        "order_on_file": region is not None and region.order_ref is not None,
    }


@permits(Action.VISIT_WALK)
def read_briefing(work: Work, visit_id: str, sent_id: str, read_at: datetime) -> VisitState:
    """Note that she read the briefing; the visit begins. Saying it again changes nothing."""
    checked_id(sent_id)
    visit = held(work, visit_id)
    if VisitState(visit.state) not in WRITABLE or not intake.briefed(work.session, visit_id, work.now):
        return VisitState(visit.state)
    state = begin_visit(work, visit, work.now)
    work.record("visit.briefed", visit_id, read_at=read_at.isoformat())
    return state


def held(work: Work, visit_id: str) -> Here:
    """Find one's own visit as far as taking something in needs it, and hold it, as `my_visit` does."""
    visit = intake.here(work.session, work.reach(Action.VISIT_WALK), visit_id, lock=True)
    if visit is None:
        raise NotFound("visit.not_found")
    return visit


def must_take(work: Work, visit_id: str, state: str) -> None:
    """Raise NotNow `visit.closed` for a visit that takes nothing more; one that two people had erased stays empty."""
    closed = VisitState(state) not in TAKES_ANSWERS
    if closed or (VisitState(state) not in WRITABLE and erasing.is_erased(work.session, visit_id)):
        raise NotNow("visit.closed", state=state)


def begin_visit(work: Work, visit: Here, at: datetime) -> VisitState:
    """Let the first thing recorded begin the visit; gives its state after that."""
    state, started_at = VisitState(visit.state), visit.started_at
    if state is VisitState.ASSIGNED:
        state, started_at = move(state, VisitMove.BEGIN), min(at, work.now)
    intake.begun(work.session, visit, state.value, started_at, work.now)
    return state


@permits(Action.VISIT_WALK)
def take_answers(
    work: Work, visit_id: str, phone_now: datetime, device: str, app: str, sent: Sequence[SentAnswer]
) -> tuple[Taken, ...]:
    """Take a batch of answers in the order given; gives what became of each."""
    if len(sent) > MOST_ANSWERS:
        raise Invalid("answer.too_many", most=MOST_ANSWERS)
    visit = held(work, visit_id)
    known = intake.known_answers(work.session, [answer.id for answer in sent])
    before = intake.answers(work.session, visit_id, work.texts)
    given: dict[str, dict[str, Any]] = {digest: {} for digest in visit.digests}
    for (digest, question), (value, _) in intake.current(before).items():
        given.setdefault(digest, {})[question] = value
    gap, ordinal = work.now - phone_now, max((one.ordinal for one in before), default=0)
    taken: list[Taken] = []
    rows: list[dict[str, Any]] = []
    for one in sent:
        try:
            place = one.place.checked()
            is_free = _is_free(work, visit, one)
            body_hash = _body_hash(visit_id, one, place)
            if is_free:
                body_hash = work.texts.keyed(body_hash)
            if one.id in known:
                taken.append(_known(one.id, body_hash, *known[one.id]))
                continue
            value = _accept(work, visit, one, given)
        except FieldcheckError as error:
            taken.append(Taken(one.id, "refused", error=error))
            continue
        given[one.checklist][one.question] = value
        ordinal += 1
        row = _row(work, visit_id, one, value, gap, place)
        if is_free and value is not None:
            row |= {"value": None, **work.texts.seal(visit_id, one.id, value)}
        row |= {"body_hash": body_hash, "device": device[:40], "app": app[:40], "ordinal": ordinal}
        rows.append(row)
        known[one.id] = (body_hash, work.now)
        taken.append(Taken(one.id, "stored", work.now))
    if rows:
        intake.add(work.session, "answer", rows)
        begin_visit(work, visit, min(r["happened_at"] for r in rows))
        work.record("answer.take", visit_id, answers={r["id"]: work.texts.told_of(r) for r in rows})
    return tuple(taken)


def _is_free(work: Work, visit: Here, one: SentAnswer) -> bool:
    if one.checklist not in visit.digests:
        return False
    question = checklists.load(work, one.checklist).by_id.get(one.question)
    return question is not None and question.type in FREE


def _known(answer_id: str, body_hash: str, stored_hash: str, received_at: datetime) -> Taken:
    if body_hash == stored_hash:
        return Taken(answer_id, "known", received_at)
    return Taken(answer_id, "refused", error=Conflict("id.reused"))


def _accept(work: Work, visit: Here, one: SentAnswer, given: Mapping[str, Mapping[str, Any]]) -> Any:
    checked_id(one.id)
    must_take(work, visit.id, visit.state)
    if one.checklist not in visit.digests:
        raise NotFound("checklist.not_found")
    checklist = checklists.load(work, one.checklist)
    return accept_answer(checklist, given[one.checklist], one.question, one.value, visit.facts)


def _row(
    work: Work,
    visit_id: str,
    one: SentAnswer,
    value: Any,
    gap: timedelta,
    place: Place,
) -> dict[str, Any]:
    return {
        "id": one.id,
        "visit_id": visit_id,
        "digest": one.checklist,
        "question_id": one.question,
        "value": value,
        "wrapped": None,
        "sealed": None,
        "given_at": one.given_at,
        "seen_at": one.seen_at,
        "happened_at": happened(one.given_at, gap),
        "received_at": work.now,
        "clock_gap_s": gap_in_seconds(gap),
        "lat": place.lat,
        "lon": place.lon,
        "accuracy": place.accuracy,
        "age": place.age,
        "no_place": place.no_place,
    }


def gap_in_seconds(gap: timedelta) -> int:
    """Give how far a phone's clock was behind, as a column keeps it."""
    return max(-LARGEST_GAP, min(round(gap.total_seconds()), LARGEST_GAP))


def happened(given_at: datetime, gap: timedelta) -> datetime:
    """Correct a phone's time by its clock's gap (server minus phone), when the gap is more than a network's delay."""
    return given_at + gap if abs(gap) > CLOCK_TOLERANCE else given_at


def _body_hash(visit_id: str, one: SentAnswer, place: Place) -> str:
    try:
        return hashlib.sha256(body_of(visit_id, one, place).encode()).hexdigest()
    except ValueError:
        raise Invalid("answer.not_finite", question=one.question) from None


def body_of(visit_id: str, one: SentAnswer, place: Place) -> str:
    """Write what an answer's hash is taken of: its canonical record, put together by hand.

    All have one shape, and the general writer took a quarter of a batch's time. The numbers of a checked *place* are
    finite.
    """
    text = custody.text
    where = "null,null,null,null" if place.lat is None else f"{place.lat},{place.lon},{place.accuracy},{place.age}"
    return (
        f'{{"checklist":{text(one.checklist)},"given_at":"{one.given_at.isoformat()}",'
        f'"place":[{where},{text(place.no_place)}],"question":{text(one.question)},'
        f'"seen_at":{text(one.seen_at and one.seen_at.isoformat())},'
        f'"value":{text(one.value)},"visit":{text(visit_id)}}}'
    )
