"""She is safe: what her phone tells of it, and what her coordinator has to see to.

A signal is taken at any time and in any state of a visit: it is never too late to say that somebody is in trouble. What
waits here waits until a person has written down that she saw to it; nothing empties the heap by itself, except that
somebody overdue comes out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldcheck.domain import custody
from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Conflict, Invalid, NotFound
from fieldcheck.domain.safety import ALARMS, RESULTS, Signal, Told, must_be_out
from fieldcheck.domain.visit import VisitState
from fieldcheck.storage import database, safety_queries, visit_queries
from fieldcheck.storage.tables import FollowUp, VisitAlarm
from fieldcheck.storage.visit_queries import VisitRow
from fieldcheck.usecases.sync import Place, checked_id, happened, my_visit
from fieldcheck.usecases.work import Work, permits

LONGEST_NOTE = 1000


@dataclass(frozen=True)
class SentSignal:
    """A signal as the phone sends it. Times aware; *phone_now* is the phone's clock at sending."""

    id: str
    kind: Signal
    at: datetime
    phone_now: datetime
    place: Place


@dataclass(frozen=True)
class Urgent:
    """One thing that a coordinator sees to, with the last known point. Times UTC; *since*: when it became urgent."""

    what: str
    subject: str
    kind: str
    volunteer: str
    since: datetime
    visit_id: str | None
    school_name: Mapping[str, str] | None
    place: Place | None


@dataclass(frozen=True)
class SeenTo:
    """Who saw to something, when, and what came of it."""

    by: str
    at: datetime
    note: str


@permits(Action.VISIT_WALK)
def check_in(work: Work, visit_id: str, sent: SentSignal) -> datetime:
    """Note that she went in; gives when the server heard of it. Saying it again changes nothing."""
    return _take(work, visit_id, sent)


@permits(Action.VISIT_WALK)
def check_out(work: Work, visit_id: str, sent: SentSignal) -> datetime:
    """Note that she is out; the timer ends."""
    return _take(work, visit_id, sent)


@permits(Action.VISIT_WALK)
def alarm(work: Work, visit_id: str | None, sent: SentSignal) -> datetime:
    """Tell the coordinator that she was recognised, or was made to open the app (then no visit is named)."""
    return _take(work, visit_id, sent)


def _take(work: Work, visit_id: str | None, sent: SentSignal) -> datetime:
    checked_id(sent.id)
    body_hash = custody.digest({"visit": visit_id, "kind": sent.kind.value, "at": sent.at.isoformat()})
    row = my_visit(work, visit_id) if visit_id else _under_way(work)
    database.lock_chain(work.session)  # the same word sent twice at once: the second finds the first
    before = safety_queries.alarm(work.session, sent.id)
    if before is not None:
        if before.body_hash != body_hash or before.person_id != work.actor.person_id:
            raise Conflict("id.reused")
        return before.received_at
    region = row.visit.region_id if row else work.actor.region
    if region is None:
        raise NotFound("visit.not_found")
    place = sent.place.checked()
    work.session.add(
        VisitAlarm(
            id=sent.id,
            visit_id=row.visit.id if row else None,
            person_id=work.actor.person_id,
            region_id=region,
            kind=sent.kind.value,
            at=min(happened(sent.at, work.now - sent.phone_now), work.now),
            received_at=work.now,
            lat=place.lat,
            lon=place.lon,
            accuracy=place.accuracy,
            age=place.age,
            no_place=place.no_place,
            body_hash=body_hash,
        )
    )
    work.record(f"visit.{sent.kind.value}", row.visit.id if row else work.actor.person_id, signal=sent.id)
    return work.now


def _under_way(work: Work) -> VisitRow | None:
    """Find the visit that she is on, as far as the server can know."""
    rows = visit_queries.visits(
        work.session, work.reach(Action.VISIT_WALK), [VisitState.IN_PROGRESS.value, VisitState.RETURNED.value]
    )
    return max(rows, key=lambda row: row.visit.updated_at, default=None)


@permits(Action.VISIT_LIST)
def urgent(work: Work) -> tuple[Urgent, ...]:
    """List what nobody has seen to yet: alarms first, then who should be out by now, then visits that were stopped."""
    reach = work.reach(Action.VISIT_LIST)
    alarms = safety_queries.alarms(work.session, reach, [kind.value for kind in ALARMS])
    under_way = visit_queries.visits(work.session, reach, [VisitState.IN_PROGRESS.value])
    stopped = visit_queries.visits(work.session, reach, [VisitState.STOPPED.value])
    rows = {row.visit.id: row for row in (*under_way, *stopped)}
    for missing in {a.visit_id for a in alarms if a.visit_id and a.visit_id not in rows}:
        found = visit_queries.visit(work.session, reach, missing)
        if found is not None:
            rows[missing] = found
    people = [a.person_id for a in alarms] + [row.visit.volunteer_id for row in rows.values()]
    codes = visit_queries.codes(work.session, people)
    told = safety_queries.told(work.session, list(rows))
    return (
        *(_alarm(one, rows.get(one.visit_id or ""), codes) for one in alarms),
        *_overdue(work, under_way, told, codes),
        *_stopped(work, stopped, told, codes),
    )


def _alarm(one: VisitAlarm, row: VisitRow | None, codes: Mapping[str, str]) -> Urgent:
    return Urgent(
        "alarm", one.id, one.kind, codes[one.person_id], one.at, one.visit_id,
        row.school.name if row else None, _place(one),
    )  # fmt: skip


@permits(Action.VISIT_CHECK)
def inside(work: Work) -> frozenset[str]:
    """Give the people who are at a school now, as far as their phones have said and nobody has found out otherwise."""
    rows = visit_queries.visits(work.session, work.reach(Action.VISIT_CHECK), [VisitState.IN_PROGRESS.value])
    told = safety_queries.told(work.session, [row.visit.id for row in rows])
    return frozenset(row.visit.volunteer_id for row, _ in _there(work, rows, told))


def _there(
    work: Work, rows: Sequence[VisitRow], told: Mapping[str, Sequence[VisitAlarm]]
) -> Iterator[tuple[VisitRow, datetime]]:
    """Go through the visits whose walker has not come out, each with when she must be; not those that were seen to."""
    ids = [row.visit.id for row in rows]
    minutes = safety_queries.minutes_there(work.session, ids)
    seen_to = safety_queries.last_seen_to(work.session, "overdue", ids)
    for row in rows:
        visit = row.visit
        signals = [Told(Signal(one.kind), one.at) for one in told.get(visit.id, [])]
        due = must_be_out(visit.started_at, signals, minutes[visit.id])
        if due and not (visit.id in seen_to and seen_to[visit.id] >= due):
            yield row, due


def _overdue(
    work: Work, rows: Sequence[VisitRow], told: Mapping[str, Sequence[VisitAlarm]], codes: Mapping[str, str]
) -> list[Urgent]:
    late = [
        _of_visit("overdue", "overdue", due, row, told.get(row.visit.id, []), codes)
        for row, due in _there(work, rows, told)
        if work.now > due
    ]
    return sorted(late, key=lambda one: one.since)


def _stopped(
    work: Work, rows: Sequence[VisitRow], told: Mapping[str, Sequence[VisitAlarm]], codes: Mapping[str, str]
) -> list[Urgent]:
    seen_to = safety_queries.last_seen_to(work.session, "stopped", [row.visit.id for row in rows])
    waiting = [
        _of_visit(
            "stopped", row.visit.stop_reason or "other", row.visit.received_at or row.visit.updated_at, row,
            told.get(row.visit.id, []), codes,
        )
        for row in rows
        if row.visit.id not in seen_to
    ]  # fmt: skip
    # Whoever fled is called before whoever was turned away.
    return sorted(waiting, key=lambda one: (one.kind in RESULTS, one.since))


def _of_visit(
    what: str, kind: str, since: datetime, row: VisitRow, signals: Sequence[VisitAlarm], codes: Mapping[str, str]
) -> Urgent:
    place = next((found for one in reversed(signals) if (found := _place(one))), None)
    return Urgent(what, row.visit.id, kind, codes[row.visit.volunteer_id], since, row.visit.id, row.school.name, place)


def _place(one: VisitAlarm) -> Place | None:
    return Place(one.lat, one.lon, one.accuracy, one.age) if one.lat is not None else None


@permits(Action.VISIT_CHECK)
def follow_up(work: Work, what: str, subject: str, note: str) -> None:
    """Write down that somebody was called or met, and what came of it; it leaves the list of what is urgent."""
    if what not in ("alarm", "overdue", "stopped"):
        raise NotFound("visit.not_found")
    if not note.strip() or len(note) > LONGEST_NOTE:
        raise Invalid("follow_up.note", longest=LONGEST_NOTE)
    reach = work.reach(Action.VISIT_CHECK)
    if what == "alarm":
        found = safety_queries.alarm(work.session, subject)
        if found is None or found.region_id != reach.region:
            raise NotFound("visit.not_found")
    elif visit_queries.visit(work.session, reach, subject, lock=True) is None:
        raise NotFound("visit.not_found")
    work.session.add(
        FollowUp(id=work.new_id(), what=what, subject=subject, by=work.actor.person_id, at=work.now, note=note.strip())
    )
    work.record("visit.follow_up", subject, what=what, note=note.strip())


@permits(Action.VISIT_LIST)
def followed_up(work: Work, visit_id: str) -> tuple[SeenTo, ...]:
    """List who saw to a visit that was stopped or overdue, and to its alarms."""
    if visit_queries.visit(work.session, work.reach(Action.VISIT_LIST), visit_id) is None:
        raise NotFound("visit.not_found")
    alarms = [one.id for one in safety_queries.told(work.session, [visit_id])[visit_id]]
    rows = [
        row
        for what, subjects in (("stopped", [visit_id]), ("overdue", [visit_id]), ("alarm", alarms))
        for found in safety_queries.seen_to(work.session, what, subjects).values()
        for row in found
    ]
    codes = visit_queries.codes(work.session, [row.by for row in rows])
    return tuple(SeenTo(codes[row.by], row.at, row.note) for row in sorted(rows, key=lambda row: row.at))
