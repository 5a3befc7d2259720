"""The first day of a real programme, and the days when a checklist gets a new version; both at the server's console.

The folder of checklists is the source: regions, responsible bodies and checklists come from there, schools are brought
in by the administrator, and people bring in people.
"""

from datetime import datetime
from pathlib import Path

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.checklist import Checklist
from fieldcheck.domain.geo import Point
from fieldcheck.domain.reference import Reference
from fieldcheck.settings import Settings
from fieldcheck.storage.checklist_files import load
from fieldcheck.usecases import checklists, people, schools
from fieldcheck.usecases.work import Work, begin

CONSOLE = Actor("console", "console", Role.ADMINISTRATOR, None)


def establish(settings: Settings, name: str, language: str, now: datetime) -> str:
    """Found a programme in an empty database; gives the token of the first administrator's link.

    Raises Faults when the folder of checklists has any, Conflict `person.already_founded` when there is a programme.
    """
    sheets, reference = load(settings.checklists)
    first = people.actor_by_account(settings, people.found(settings, name, language, now))
    assert first is not None
    with begin(settings, first, now=now) as work:
        lay_ground(work, sheets, reference)
        return people.invite_self(work)


def lay_ground(work: Work, sheets: tuple[Checklist, ...], reference: Reference) -> None:
    """Write down the regions and bodies of the reference, and publish the checklists."""
    for region in reference.regions.values():
        schools.put_region(work, region.kato, region.iso3166_2, region.name, Point(region.lat, region.lon))
    for body in reference.bodies.values():
        schools.put_body(work, body.id, body.name)
    for sheet in sheets:
        checklists.publish(work, sheet)


def publish(settings: Settings, folder: Path, now: datetime) -> tuple[Checklist, ...]:
    """Publish what is new in *folder*; gives the checklists that were not there before.

    A version that is there with other words is refused: a visit is bound to exactly what it was walked with.
    """
    sheets, _ = load(folder)
    with begin(settings, CONSOLE, now=now) as work:
        known = {sheet.digest for sheet in checklists.current(work)}
        fresh = tuple(sheet for sheet in sheets if sheet.digest not in known)
        for sheet in fresh:
            checklists.publish(work, sheet)
    return fresh
