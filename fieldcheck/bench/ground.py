"""A programme to load: one school, as many volunteers as clients, and more visits than they can walk.

People, checklists and sessions come from the use-cases; the visits are written in bulk, because sending ten thousand
times to one school is what dispatch is there to refuse.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.checklist import Checklist
from fieldcheck.domain.geo import Point
from fieldcheck.settings import Settings
from fieldcheck.storage import checklist_files, database
from fieldcheck.storage.tables import Visit, VisitChecklist
from fieldcheck.usecases import checklists, people, schools
from fieldcheck.usecases.work import begin

REGION = "990000000"
SHEETS = ("entrance_stands", "illegal_collections")
PLACE = {"lat": 47.0001, "lon": 69.5001, "accuracy": 12.0}


@dataclass(frozen=True)
class Ground:
    """What a load needs: the volunteers, the sheets, and how to get more visits."""

    settings: Settings
    walkers: tuple[str, ...]
    coordinator: str
    sheets: tuple[Checklist, ...]
    facts: dict[str, Any]


def lay(settings: Settings, walkers: int) -> Ground:
    """Build the programme in an empty database."""
    database.upgrade(settings.database_url)
    now = datetime.now(UTC)
    dana = Actor(people.found(settings, "Dana", "en", now), "A-0001", Role.ADMINISTRATOR, None)
    names = {"ru": "Демо", "kk": "Демо", "en": "Demo"}
    sheets = {sheet.id: sheet for sheet in checklist_files.load(settings.checklists)[0]}
    with begin(settings, dana, now=now) as work:
        schools.put_region(work, REGION, "KZ-99", names, Point(47.0, 69.5), order_ref="0")
        schools.put_schools(work, [_school(names)])
        for name in SHEETS:
            checklists.publish(work, sheets[name])
        alice = people.bring_in(work, Role.COORDINATOR, REGION, "Alice")
    with begin(settings, Actor(alice, "C-100", Role.COORDINATOR, REGION), now=now) as work:
        ids = [people.bring_in(work, Role.VOLUNTEER, REGION, f"Volunteer {n}") for n in range(walkers)]
    facts = {"ownership": "kgu_state_institution", "region": REGION, "order_on_file": True}
    return Ground(settings, tuple(ids), alice, tuple(sheets[name] for name in SHEETS), facts)


def _school(names: dict[str, str]) -> schools.SchoolForm:
    return schools.SchoolForm(
        "DEMO-001", REGION, "ulgi", names, names, names, "kgu_state_institution", Point(47.0, 69.5), 700, "bench"
    )


def sign_in(ground: Ground) -> list[str]:
    """Sign every volunteer in on a device of her own; gives the cookies. Each device may ask only so often."""
    now, codes = datetime.now(UTC), {one.id: one.code for one in people.roster(ground.settings)}
    invites = [people.invite_from_console(ground.settings, codes[walker], now) for walker in ground.walkers]
    return [people.redeem(ground.settings, invite, now).cookie for invite in invites]


def visits(ground: Ground, each: int) -> list[list[str]]:
    """Write *each* new visits for every volunteer; gives their ids by volunteer."""
    now = datetime.now(UTC)
    made = [[secrets.token_hex(16) for _ in range(each)] for _ in ground.walkers]
    common = {
        "school_id": "DEMO-001", "region_id": REGION, "assigned_by": ground.coordinator, "state": "assigned",
        "window_from": now - timedelta(hours=2), "window_to": now + timedelta(hours=8), "created_at": now,
        "updated_at": now,
    }  # fmt: skip
    with database.transaction(ground.settings.database_url) as session:
        for walker, ids in zip(ground.walkers, made, strict=True):
            session.execute(insert(Visit), [{"id": id_, "volunteer_id": walker, **common} for id_ in ids])
            walked = [
                {"visit_id": id_, "digest": sheet.digest, "position": place}
                for id_ in ids
                for place, sheet in enumerate(ground.sheets)
            ]
            session.execute(insert(VisitChecklist), walked)
    return made


def answers(ground: Ground) -> list[tuple[str, str, Any]]:
    """Give thirty answers that make a whole visit with two photos: (digest, question, value)."""
    first, second = ground.sheets
    clean = next(example for example in first.examples if not example.expect)
    banned = next(example for example in second.examples if example.expect == ("P-COL-01",))
    given = {**clean.answers, "ENT-08": "no", "ENT-22": "Стенд слева от входа."}
    given.pop("ENT-09", None)
    told = [(first.digest, question, value) for question, value in given.items()]
    told += [(second.digest, question, value) for question, value in banned.answers.items()]
    told.append((second.digest, "COL-22", "Ответили сразу."))
    places = {"ENT-01": PLACE, "COL-02": PLACE}
    order = {q.id: n for n, q in enumerate([*first.questions, *second.questions])}
    return sorted(((d, q, places.get(q, v)) for d, q, v in told), key=lambda one: order[one[1]])
