"""The demo: one fictional region's worth of schools, people and visits in every state.

Everything is created through the use-cases, with the same seed always the same; only the links are new each time. It
refuses to touch a programme that is there: found again, it only gives fresh links, and only where the demo's region is.
"""

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from fieldcheck.demo import ground, programme
from fieldcheck.demo import people as cast
from fieldcheck.demo.agency import Agency
from fieldcheck.demo.people import DemoPerson
from fieldcheck.demo.timeline import Timeline
from fieldcheck.demo.visits import Stage, schedule
from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.checklist import Checklist
from fieldcheck.domain.errors import NotNow
from fieldcheck.domain.reference import Reference
from fieldcheck.settings import ZONE, Settings, set_release
from fieldcheck.storage import checklist_files
from fieldcheck.usecases import likeness, people, schools
from fieldcheck.usecases.people import Rostered
from fieldcheck.usecases.work import begin, look

__all__ = ["DemoPerson", "create", "links"]

SEED = 20260914
#: How long before now the programme was set up.
AGE = timedelta(days=95)


def create(
    settings: Settings, now: datetime, seed: int = SEED, scale: float = 1.0, tell: Callable[[str], None] | None = None
) -> tuple[DemoPerson, ...]:
    """Create the demo where nobody is yet; gives its people with their links. A second call only makes fresh links.

    An interrupted creation is taken up where its people were brought in; the visits that were made by then stay.
    """
    tell = tell or _tell
    there = people.roster(settings)
    founded = [one for one in there if one.code == "A-0001" and one.name == cast.FOUNDER]
    if there and not (founded and not any(one.role is Role.VOLUNTEER for one in there)):
        return links(settings, now)
    set_release(settings.data, 0)  # whoever accepts a visit of the demo wants to see the agency's side at once
    settings = replace(settings, release=replace(settings.release, after=timedelta(0)))
    started, chance = time.monotonic(), random.Random(seed)
    sheets, reference = checklist_files.load(settings.checklists)
    if not there:
        people.found(settings, cast.FOUNDER, "ru", now - AGE)
    _settle(settings, now, chance, sheets, reference, scale)
    tell("schools and people are there")
    done = _live(settings, now, chance, sheets, scale)
    tell(f"{done} things have happened in {time.monotonic() - started:.1f} s")
    return links(settings, now)


def links(settings: Settings, now: datetime) -> tuple[DemoPerson, ...]:
    """Give everybody of a demo a fresh link; nothing where the programme is not a demo."""
    there = people.roster(settings)
    if not any(one.region == ground.REGION for one in there):
        return ()
    return tuple(
        DemoPerson(one.code, one.role, one.name, one.language, f"{settings.url}/join#t={token}")
        for one in sorted(there, key=lambda one: (list(Role).index(one.role), one.name))
        if (token := _token(settings, one.code, now))
    )


def _token(settings: Settings, code: str, now: datetime) -> str:
    """Make a link's token; empty for a new season's code whose old one has to finish first."""
    try:
        return people.invite_from_console(settings, code, now)
    except NotNow as error:
        if error.code != "season.finish_first":
            raise
        return ""


def _settle(
    settings: Settings,
    now: datetime,
    chance: random.Random,
    sheets: tuple[Checklist, ...],
    reference: Reference,
    scale: float,
) -> None:
    """Lay the ground and bring everybody in; what is there already is left as it is."""
    if not any(one.role is Role.COORDINATOR for one in people.roster(settings)):
        with begin(settings, _actors(settings)["A-0001"], now=now - AGE + timedelta(hours=1), chance=chance) as work:
            ground.lay(work, sheets, reference, _schools(scale))
            cast.bring_staff(work)
    with begin(settings, _one(settings, Role.COORDINATOR), now=now - AGE + timedelta(days=1), chance=chance) as work:
        cast.bring_volunteers(work)
    named = {one.name: _actor(one) for one in people.roster(settings)}
    walkers = [named[name] for name, _ in cast.VOLUNTEERS]
    for place, walker in enumerate(walkers[:-1]):  # the last one shows what is then missing
        at = now - AGE + timedelta(days=1, hours=1, minutes=7 * place)
        cast.make_ready(settings, walker, at, chance, twice=place % 4 == 3)


def _live(settings: Settings, now: datetime, chance: random.Random, sheets: tuple[Checklist, ...], scale: float) -> int:
    """Let three months happen."""
    local, coordinator = now.astimezone(ZONE), _one(settings, Role.COORDINATOR)
    timeline = Timeline(local)
    actors = {one.name: _actor(one) for one in people.roster(settings)}
    walkers = tuple(actors[name] for name, _ in cast.VOLUNTEERS)
    stage = Stage(settings, chance, timeline, coordinator, walkers, round(programme.PHOTOS * scale))
    reviewer, country = (actors[name] for name, role, _, _ in cast.STAFF if role is Role.REVIEWER)
    stage.then = Agency(stage, reviewer, country).look_through
    with look(settings, coordinator, now=now) as work:
        around = sorted(schools.schools(work), key=lambda school: school.id)
    random.Random(len(around)).shuffle(around)
    for plan in programme.plans(around, sheets, local, scale):
        schedule(stage, plan)
    visits = timeline.run()
    likeness.leave_out(settings, [photo for photo in stage.photos if photo not in stage.alike])
    return visits


def _schools(scale: float) -> int:
    return max(round(programme.SCHOOLS * scale), programme.counts(scale).schools + 2)


def _actor(one: Rostered) -> Actor:
    return Actor(one.id, one.code, one.role, one.region, one.language)


def _actors(settings: Settings) -> dict[str, Actor]:
    return {one.code: _actor(one) for one in people.roster(settings)}


def _one(settings: Settings, role: Role) -> Actor:
    """Give the one of that role who is the demo region's."""
    return next(a for a in _actors(settings).values() if a.role is role and a.region == ground.REGION)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
