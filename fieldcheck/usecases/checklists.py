"""Checklist versions: published once, never changed, read by whoever walks or judges with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fieldcheck.domain.access import Action, Scope
from fieldcheck.domain.checklist import Checklist, from_body
from fieldcheck.domain.errors import Conflict, NotFound
from fieldcheck.storage import programme_queries as programme
from fieldcheck.storage.tables import ChecklistVersion
from fieldcheck.usecases.work import Work, permits

_PARSED: dict[str, Checklist] = {}


@dataclass(frozen=True)
class ChecklistView:
    """A checklist as the desk picks it."""

    digest: str
    id: str
    version: int
    title: Mapping[str, str]
    mode: str
    applies_to: tuple[str, ...]
    est_minutes: int
    gap_days: int
    scenario: Mapping[str, str]


@permits(Action.CHECKLIST_PUBLISH)
def publish(work: Work, checklist: Checklist) -> str:
    """Publish one version; gives its digest. The same version with other content is refused."""
    there = programme.checklist(work.session, checklist.digest)
    if there is not None:
        return there.digest
    if any(
        row.checklist_id == checklist.id and row.version >= checklist.version
        for row in programme.newest_checklists(work.session)
    ):
        raise Conflict("checklist.version_taken", checklist=checklist.id, version=checklist.version)
    work.session.add(
        ChecklistVersion(
            digest=checklist.digest,
            checklist_id=checklist.id,
            version=checklist.version,
            title=dict(checklist.title),
            body=checklist.body(),
            published_at=work.now,
        )
    )
    work.session.flush()
    work.record(Action.CHECKLIST_PUBLISH, checklist.digest[:40], checklist=checklist.id, version=checklist.version)
    return checklist.digest


@permits(Action.CHECKLIST_READ)
def current(work: Work) -> tuple[ChecklistView, ...]:
    """List the newest version of each checklist; a volunteer gets those that her visits walk."""
    reach, newest = work.reach(Action.CHECKLIST_READ), programme.newest_checklists(work.session)
    if reach.scope is Scope.OWN:
        newest = [row for row in newest if programme.walks_checklist(work.session, reach.person_id, row.digest)]
    return tuple(view(load(work, row.digest)) for row in newest)


@permits(Action.CHECKLIST_READ)
def body(work: Work, digest: str) -> dict[str, Any]:
    """Give one version's body; a volunteer gets those that her visits walk, without the rules.

    Whoever knows which answer makes a finding looks for it: she is asked what is there.
    """
    reach = work.reach(Action.CHECKLIST_READ)
    row = programme.checklist(work.session, digest)
    mine = reach.scope is not Scope.OWN or programme.walks_checklist(work.session, reach.person_id, digest)
    if row is None or not mine:
        raise NotFound("checklist.not_found")
    return {key: part for key, part in row.body.items() if key != "rules" or reach.scope is not Scope.OWN}


def load(work: Work, digest: str) -> Checklist:
    """Give one version parsed; a version never changes, so each is parsed once a process. For use-cases only."""
    if digest not in _PARSED:
        row = programme.checklist(work.session, digest)
        if row is None:
            raise NotFound("checklist.not_found")
        _PARSED[digest] = from_body(row.body)
    return _PARSED[digest]


def view(checklist: Checklist) -> ChecklistView:
    """Show a checklist as the desk picks it."""
    return ChecklistView(
        digest=checklist.digest,
        id=checklist.id,
        version=checklist.version,
        title=checklist.title,
        mode=checklist.mode,
        applies_to=tuple(checklist.applies_to),
        est_minutes=checklist.est_minutes,
        gap_days=checklist.min_gap_days_same_school,
        scenario=checklist.scenario,
    )
