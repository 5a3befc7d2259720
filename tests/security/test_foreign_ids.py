"""Every use-case that is told an id, by everybody, about everything: what is not hers looks as if it were not there.

Who reaches what is written down here by hand, not read from the code that is tested.
"""

import inspect
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from fieldcheck.domain.access import Role
from fieldcheck.domain.case import CaseState, Outcome
from fieldcheck.domain.errors import FieldcheckError, Forbidden
from fieldcheck.domain.response import Measure, Reply
from fieldcheck.domain.safety import Signal
from fieldcheck.domain.visit import StopReason
from fieldcheck.usecases import (
    cases,
    casework,
    checklists,
    devices,
    dispatch,
    endings,
    erasure,
    evidence,
    holds,
    moves,
    people,
    planning,
    record,
    reveals,
    review,
    safety,
    schools,
    sync,
    texts,
    visits,
    ways_in,
)  # fmt: skip
from fieldcheck.usecases.evidence import SentPhoto
from fieldcheck.usecases.safety import SentSignal
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import Work, begin
from tests.security.town import EVERYBODY, SHEET, Town, digest
from tests.story import a_photo, new_id
from tests.usecases.test_locks import doors

NOW, TODAY = datetime.now(UTC), datetime.now(UTC).date()
NOBODYS = "12345678-1234-4234-8234-123456789abc"
Act = Callable[[Work, str, Town], object]


@dataclass(frozen=True)
class Kind:
    """One kind of thing: its id in the north and in the south, and who reaches which."""

    north: str
    south: str
    reached_by: tuple[tuple[str, ...], tuple[str, ...]]


KINDS = {
    "own visit": Kind("visit north", "visit south", (("chelsea",), ("serik",))),
    "open visit": Kind("open visit", "visit south", (("dina",), ("serik",))),
    "region's visit": Kind("visit north", "visit south", (("alice",), ("boris",))),
    "case": Kind("case north", "case south", (("bo",), ("bo", "bella"))),
    "photo": Kind(
        "released photo north", "released photo south", (("chelsea", "alice", "bo"), ("serik", "boris", "bo", "bella"))
    ),
    "sealed photo": Kind("sealed photo north", "sealed photo south", (("chelsea", "alice"), ("serik", "boris"))),
    "taken back": Kind("withdrawn photo north", "withdrawn photo south", ((), ())),
    "volunteer": Kind("chelsea", "serik", (("alice",), ("boris",))),
    "staff": Kind("alice", "bella", (("dana",), ("dana",))),
    "alarm": Kind("alarm north", "alarm south", (("alice",), ("boris",))),
    "phone": Kind("phone north", "phone south", (("chelsea", "alice"), ("serik", "boris"))),
    "holder of phones": Kind("chelsea", "serik", (("chelsea", "alice"), ("serik", "boris"))),
    "session": Kind("session north", "session south", (("alice",), ("boris",))),
    "reveal": Kind("reveal", "reveal", (("dana",), ("dana",))),
    "conflict": Kind("conflict north", "conflict south", (("alice",), ("boris",))),
    "school": Kind("N2", "S1", (("alice", "dana"), ("boris", "dana"))),
    "school to visit": Kind("N2", "S1", (("alice",), ("boris",))),
}


def sheet(town: Town) -> str:
    return town.story.sheets[SHEET].digest


def answer(town: Town) -> SentAnswer:
    return SentAnswer(new_id(), sheet(town), "COL-01", "phone", NOW, None, Place(no_place="off"))


def photo(town: Town) -> SentPhoto:
    data = a_photo(5)
    return SentPhoto(
        new_id(), sheet(town), "COL-17", sha256(data).hexdigest(), len(data), NOW, "camera", Place(no_place="off")
    )


def signal(kind: Signal) -> SentSignal:
    return SentSignal(new_id(), kind, NOW, NOW, Place(no_place="off"))


def window() -> tuple[datetime, datetime]:
    return NOW, NOW + timedelta(days=2)


SEEN = CaseState.DETECTED
#: Each use-case that takes an id: what kind of thing the id names, and how it is called.
ACTS: dict[str, list[tuple[str, Act]]] = {
    "visits.one_of_mine": [("own visit", lambda w, i, _t: visits.one_of_mine(w, i))],
    "sync.read_briefing": [("open visit", lambda w, i, _t: sync.read_briefing(w, i, new_id(), NOW))],
    "sync.take_answers": [("open visit", lambda w, i, t: sync.take_answers(w, i, NOW, "d", "a", [answer(t)]))],
    "endings.submit": [("open visit", lambda w, i, _t: endings.submit(w, i, new_id(), NOW, NOW))],
    "endings.stop": [("open visit", lambda w, i, _t: endings.stop(w, i, new_id(), NOW, StopReason.UNSAFE, ""))],
    "evidence.expect": [("open visit", lambda w, i, t: evidence.expect(w, i, photo(t)))],
    "evidence.keep": [("open visit", lambda w, i, t: evidence.keep(w, i, photo(t), SEEN))],  # type: ignore[arg-type]
    "evidence.withdraw": [
        ("own visit", lambda w, i, t: evidence.withdraw(w, i, t.ids[f"released photo {side(w)}"])),
    ],
    "evidence.shown": [
        ("photo", lambda w, i, _t: evidence.shown(w, i, "view")),
        ("sealed photo", lambda w, i, _t: evidence.shown(w, i, "view")),
        ("taken back", lambda w, i, _t: evidence.shown(w, i, "view")),
    ],
    "safety.check_in": [("open visit", lambda w, i, _t: safety.check_in(w, i, signal(Signal.CHECK_IN)))],
    "safety.check_out": [("open visit", lambda w, i, _t: safety.check_out(w, i, signal(Signal.CHECK_OUT)))],
    "safety.alarm": [("open visit", lambda w, i, _t: safety.alarm(w, i, signal(Signal.RECOGNISED)))],
    "safety.followed_up": [("region's visit", lambda w, i, _t: safety.followed_up(w, i))],
    "safety.follow_up": [
        ("region's visit", lambda w, i, _t: safety.follow_up(w, "stopped", i, "called")),
        ("alarm", lambda w, i, _t: safety.follow_up(w, "alarm", i, "called")),
    ],
    "review.check": [("region's visit", lambda w, i, _t: review.check(w, i))],
    "review.send_back": [("region's visit", lambda w, i, t: review.send_back(w, i, [(sheet(t), "COL-01", "why")]))],
    "review.accept": [("region's visit", lambda w, i, _t: review.accept(w, i, [], {}))],
    "texts.open_original": [
        ("region's visit", lambda w, i, t: texts.open_original(w, i, sheet(t), "COL-16", "why"))
    ],
    "review.set_aside": [("region's visit", lambda w, i, _t: review.set_aside(w, i, "why"))],
    "dispatch.withdraw": [("region's visit", lambda w, i, _t: dispatch.withdraw(w, i, "why"))],
    "dispatch.candidates": [("school to visit", lambda w, i, t: dispatch.candidates(w, i, [sheet(t)], NOW))],
    "dispatch.assign": [
        (
            "school to visit",
            lambda w, i, t: dispatch.assign(w, i, t.actor(hers(w)).person_id, [sheet(t)], *window()),
        ),
        ("volunteer", lambda w, i, t: dispatch.assign(w, t.ids[school_of(w)], i, [sheet(t)], *window())),
    ],
    "cases.read": [("case", lambda w, i, _t: cases.read(w, i))],
    "cases.letter": [("case", lambda w, i, _t: cases.letter(w, i))],
    "planning.propose": [("school to visit", lambda w, i, t: planning.propose(w, [errand(i, t)], 7))],
    "planning.send": [("school to visit", lambda w, i, t: planning.send(w, [sending(i, t, hers(w))]))],
    "casework.confirm": [("case", lambda w, i, _t: casework.confirm(w, i, "why", seen=SEEN))],
    "casework.dismiss": [("case", lambda w, i, _t: casework.dismiss(w, i, "why", seen=SEEN))],
    "casework.refer": [("case", lambda w, i, _t: casework.refer(w, i, "DQA", "1", TODAY, seen=SEEN))],
    "casework.extend": [("case", lambda w, i, _t: casework.extend(w, i, "why", TODAY, seen=SEEN))],
    "casework.answer": [
        ("case", lambda w, i, _t: casework.answer(w, i, "1", TODAY, "so", next(iter(Reply)), seen=SEEN)),
    ],
    "casework.measure": [("case", lambda w, i, _t: casework.measure(w, i, "so", next(iter(Measure)), seen=SEEN))],
    "casework.close": [("case", lambda w, i, _t: casework.close(w, i, next(iter(Outcome)), "so", seen=SEEN))],
    "casework.reopen": [("case", lambda w, i, _t: casework.reopen(w, i, "so", seen=SEEN))],
    "holds.hold": [("case", lambda w, i, _t: holds.hold(w, i, "why"))],
    "holds.lift": [("case", lambda w, i, _t: holds.lift(w, i))],
    "holds.is_on_hold": [("case", lambda w, i, _t: holds.is_on_hold(w, i))],
    "people.invite": [
        ("volunteer", lambda w, i, _t: people.invite(w, i)), ("staff", lambda w, i, _t: people.invite(w, i))
    ],
    "people.close": [
        ("volunteer", lambda w, i, _t: people.close(w, i)), ("staff", lambda w, i, _t: people.close(w, i))
    ],
    "devices.end": [("phone", lambda w, i, _t: devices.end(w, i))],
    "devices.end_all": [("holder of phones", lambda w, i, _t: devices.end_all(w, i))],
    "moves.move": [("staff", lambda w, i, _t: moves.move(w, i, Role.REVIEWER, None))],
    "ways_in.bind": [("staff", lambda w, i, _t: ways_in.bind(w, i, "https://provider.example", "subject"))],
    "ways_in.end_one": [("session", lambda w, i, _t: ways_in.end_one(w, i))],
    "ways_in.end_sessions": [("staff", lambda w, i, _t: ways_in.end_sessions(w, i, "why"))],
    "ways_in.reset": [("staff", lambda w, i, _t: ways_in.reset(w, i, "why"))],
    "ways_in.unlock": [("staff", lambda w, i, _t: ways_in.unlock(w, i))],
    "people.confirm_conflicts": [("volunteer", lambda w, i, _t: people.confirm_conflicts(w, i))],
    "reveals.open_once": [("reveal", lambda w, i, _t: reveals.open_once(w, i))],
    "people.declare_conflict": [
        ("volunteer", lambda w, i, _t: people.declare_conflict(w, i, "other", district="x")),
        ("school to visit", lambda w, i, t: people.declare_conflict(w, t.actor(hers(w)).person_id, "other", i)),
    ],
    "people.drop_conflict": [("conflict", lambda w, i, _t: people.drop_conflict(w, i))],
    "schools.school": [("school", lambda w, i, _t: schools.school(w, i))],
}  # fmt: skip
#: These take an id that no role reaches only in part: whoever holds the action reaches all.
WHOLE = {
    "schools.put_region", "schools.put_body", "schools.put_campaign", "erasure.allow", "erasure.refuse",
    "reveals.consent", "reveals.refuse",
}  # fmt: skip


def errand(school: str, town: Town) -> planning.Errand:
    """A school to be visited within a week."""
    return planning.Errand(school, (sheet(town),), TODAY, TODAY + timedelta(days=7))


def sending(school: str, town: Town, who: str) -> planning.Sending:
    """One line of a plan."""
    person = town.actor(who)
    return planning.Sending(errand(school, town), {}, {}, person.person_id, person.code, None, *window())


def hers(work: Work) -> str:
    """A volunteer of the coordinator who acts; for all others it does not come to that."""
    return "serik" if work.actor.region and work.actor.region.startswith("61") else "dina"


def side(work: Work) -> str:
    return "south" if hers(work) == "serik" else "north"


def school_of(work: Work) -> str:
    return "S1" if hers(work) == "serik" else "N2"


def attempts(town: Town) -> Iterator[tuple[str, str, str, Act, str, bool]]:
    """Every use-case by everybody, north and south: (use-case, who, the thing's name, how, its id, whether she may)."""
    for name, ways in ACTS.items():
        for kind, act in ways:
            thing = KINDS[kind]
            for where, reached_by in zip((thing.north, thing.south), thing.reached_by, strict=True):
                for who in EVERYBODY:
                    yield name, who, where, act, named(town, where), who in reached_by


def named(town: Town, name: str) -> str:
    """Give the id behind a name: a thing's, a person's, or a school's own."""
    return town.ids.get(name) or (town.actor(name).person_id if name in town.story.actors else name)


def told(town: Town, who: str, act: Act, id_: str) -> tuple[str, str, str]:
    """Try it; gives the error as whoever asks can tell it from others. Whatever was done is kept."""
    try:
        with begin(town.settings, town.actor(who)) as work:
            act(work, id_, town)
    except FieldcheckError as error:
        return type(error).__name__, error.code, str(error.details)
    return "done", "", ""


def with_names(town: Town) -> Town:
    """Let schools be found by name like everything else."""
    town.ids |= {"N2": "N2", "S1": "S1"}
    return town


def test_what_is_not_hers_looks_as_if_it_were_not_there_and_nothing_is_written(
    town: Town, record_property: Any
) -> None:
    town, before = with_names(town), digest(with_names(town).settings)
    tried, leaks = 0, []

    for name, who, where, act, id_, may in attempts(town):
        if may:
            continue
        tried += 1
        got, nowhere = told(town, who, act, id_), told(town, who, act, NOBODYS)
        if got != nowhere or got[0] not in {"NotFound", "Forbidden"}:
            leaks.append(f"{name} by {who} on {where}: {got}, elsewhere {nowhere}")

    record_property("tried", tried)
    record_property("refused", tried - len(leaks))
    record_property("got through", len(leaks))
    assert leaks == []
    assert digest(town.settings) == before
    assert tried > 500


def test_what_is_hers_is_found(town: Town) -> None:
    """The control: the same acts on the same things, by those who may, are not told that nothing is there."""
    lost = [
        f"{name} by {who} on {where}"
        for name, who, where, act, id_, may in attempts(with_names(town))
        if may and is_lost(town, who, act, id_)
    ]

    assert lost == []


def is_lost(town: Town, who: str, act: Act, id_: str) -> bool:
    """Try it and undo it; says whether it was refused as if there were nothing."""

    class Undo(Exception): ...

    try:
        with begin(town.settings, town.actor(who)) as work:
            act(work, id_, town)
            raise Undo  # noqa: TRY301 - it is how a transaction is undone
    except FieldcheckError as error:
        if error.code == "invite.two_people":  # she is found, and let in by another than who brought her in
            return False
        return isinstance(error, Forbidden) or error.code.endswith(".not_found")
    except (Undo, AttributeError):  # `keep` was given no picture: it came as far as writing
        return False


def test_every_use_case_that_takes_an_id_is_tried_here() -> None:
    asked = {
        name
        for name, function in doors()
        if hasattr(function, "action")
        and any(p.endswith("_id") and p != "sent_id" for p in inspect.signature(function).parameters)
    }

    assert asked - WHOLE <= set(ACTS)


def test_what_is_whole_is_whole(town: Town) -> None:
    """An order is the custodian's, whoever asked; a trace is the auditor's; a checklist is whose visit walks it."""
    visit, walked = town.ids["visit north"], town.story.sheets["entrance_stands"].digest

    def told_everybody(act: Act, id_: str) -> dict[str, str]:
        return {who: told(town, who, act, id_)[0] for who in EVERYBODY}

    order = told_everybody(lambda w, i, _t: erasure.refuse(w, i), NOBODYS)
    trace = told_everybody(lambda w, i, _t: record.trace(w, i), visit)
    body = told_everybody(lambda w, i, _t: checklists.body(w, i), walked)

    assert {who for who, got in order.items() if got != "Forbidden"} == {"kira"}
    assert {who for who, got in trace.items() if got == "done"} == {"ursula"}
    assert {who for who, got in body.items() if got == "done"} == {"chelsea", "alice", "boris", "dana"}


def test_an_id_is_no_sign_of_when_it_was_made(town: Town) -> None:
    """What the agency meets carries no time; version 7 would."""
    met = [town.ids[name] for name in ("case north", "case south", "released photo north", "released photo south")]

    assert {uuid.UUID(one).version for one in met} == {4}
    assert date(2026, 1, 1) < TODAY
    assert {town.actor(name).role for name in EVERYBODY} == set(Role)
