"""The coordinator's day: everything that waits for her, counted, the most urgent first."""

from collections.abc import Sequence
from datetime import datetime

from fieldcheck.domain.access import Action
from fieldcheck.domain.revisit import Ripeness
from fieldcheck.domain.today import Need, Waiting, check_due, in_order, runs_out
from fieldcheck.domain.visit import VisitState
from fieldcheck.settings import ZONE
from fieldcheck.usecases import people, revisits, safety, visit_list
from fieldcheck.usecases.visit_list import VisitLine
from fieldcheck.usecases.work import Work, permits

_KINDS = {"alarm": Need.ALARM, "overdue": Need.NOT_OUT, "stopped": Need.STOPPED}
_ON_THE_ROAD = (VisitState.ASSIGNED, VisitState.IN_PROGRESS, VisitState.RETURNED)


@permits(Action.VISIT_CHECK)
def today(work: Work) -> tuple[Waiting, ...]:
    """Count what waits for the coordinator of a region."""
    everybody = people.people(work)
    lines = visit_list.visits(work, [*_ON_THE_ROAD, VisitState.SUBMITTED])
    gone = {person.code for person in everybody if not person.active}
    urgent = safety.urgent(work)
    found = [
        _since(need, [one.since for one in urgent if _KINDS[one.what] is need])
        for need in dict.fromkeys(_KINDS.values())
    ]
    found += _of_visits(work, lines, gone)
    wishes = [wish for wish in revisits.wishes(work) if wish.ripeness in (Ripeness.NOW, Ripeness.SOON_OVER)]
    found.append(Waiting(Need.AGAIN, len(wishes), sum(wish.ripeness is Ripeness.SOON_OVER for wish in wishes)))
    unready = [one for one in everybody if one.active and one.readiness and not one.readiness.is_ready]
    found.append(Waiting(Need.NOT_READY, len(unready)))
    return in_order(found)


@permits(Action.VISIT_CHECK)
def next_to_check(work: Work, besides: str) -> str | None:
    """Give the visit to check next, the first of the queue."""
    return next((id_ for id_ in queue(work) if id_ != besides), None)


@permits(Action.VISIT_CHECK)
def queue(work: Work) -> tuple[str, ...]:
    """List what waits for a check: visits with a critical finding first, then those that wait longest."""
    lines = list(visit_list.visits(work, [VisitState.SUBMITTED]))
    lines.sort(key=lambda line: ("critical" not in line.findings, line.submitted_at or line.window_to, line.id))
    return tuple(line.id for line in lines)


def _of_visits(work: Work, lines: Sequence[VisitLine], gone: set[str]) -> list[Waiting]:
    submitted = [line for line in lines if line.state is VisitState.SUBMITTED]
    road = [line for line in lines if line.state in _ON_THE_ROAD and line.volunteer not in gone]
    returned = [line for line in road if line.state is VisitState.RETURNED]
    late = [
        line
        for line in submitted
        if line.submitted_at
        and check_due(line.submitted_at, critical="critical" in line.findings, zone=ZONE) < work.now
    ]
    soon = [line for line in road if line.state is VisitState.ASSIGNED and runs_out(line.window_to, work.now)]
    behind = [line for line in lines if line.state in _ON_THE_ROAD and line.volunteer in gone]
    handed_in = [line.submitted_at for line in submitted if line.submitted_at]
    return [
        Waiting(Need.CHECK, len(submitted), len(late), min(handed_in, default=None)),
        Waiting(Need.LEFT_BEHIND, len(behind)),
        Waiting(Need.WINDOW_OVER, sum(line.is_overdue for line in road)),
        Waiting(Need.WINDOW_SOON, len(soon)),
        Waiting(Need.RETURNED, len(returned)),
    ]


def _since(need: Need, moments: Sequence[datetime]) -> Waiting:
    return Waiting(need, len(moments), 0, min(moments, default=None))
