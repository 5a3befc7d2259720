"""Visits as their volunteer sees them: the list on her phone, and one visit whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import NotFound
from fieldcheck.domain.visit import WRITABLE, VisitState
from fieldcheck.storage import visit_queries
from fieldcheck.storage.free_texts import SEALED
from fieldcheck.storage.tables import Return
from fieldcheck.storage.visit_queries import VisitRow, Walked
from fieldcheck.usecases import texts
from fieldcheck.usecases.work import Work, permits


@dataclass(frozen=True)
class SentBack:
    """A question that the coordinator sent back, and why."""

    checklist: str
    question: str
    reason: str


@dataclass(frozen=True)
class MyVisit:
    """A visit as the volunteer's phone keeps it."""

    id: str
    state: VisitState
    school: Mapping[str, Any]
    window_from: datetime
    window_to: datetime
    scenario: Mapping[str, str] | None
    checklists: tuple[Walked, ...]
    returned: tuple[SentBack, ...]
    updated_at: datetime


@dataclass(frozen=True)
class MyAnswer:
    """An answer that counts now."""

    id: str
    checklist: str
    question: str
    value: Any
    given_at: datetime


@dataclass(frozen=True)
class MyPhoto:
    """A photo that the server holds."""

    id: str
    checklist: str
    question: str
    sha256: str
    state: str


@dataclass(frozen=True)
class MyWalk:
    """One visit with what the server holds of it, for a phone that starts anew."""

    visit: MyVisit
    answers: tuple[MyAnswer, ...] = ()
    photos: tuple[MyPhoto, ...] = ()
    #: Whether answers and photos were read; of a visit that is over the phone needs the head only.
    whole: bool = True


@permits(Action.VISIT_WALK)
def mine(work: Work) -> tuple[MyVisit, ...]:
    """List one's own visits."""
    rows = visit_queries.visits(work.session, work.reach(Action.VISIT_WALK))
    return _views(work, rows)


@permits(Action.VISIT_WALK)
def one_of_mine(work: Work, visit_id: str) -> MyWalk:
    """Show one of one's own visits with the answers and photos that count."""
    row = visit_queries.visit(work.session, work.reach(Action.VISIT_WALK), visit_id)
    if row is None:
        raise NotFound("visit.not_found")
    (view,) = _views(work, [row])
    return _walk(work, view)


@permits(Action.VISIT_WALK)
def whole_of_mine(work: Work) -> tuple[MyWalk, ...]:
    """List one's own visits, those that can still be walked with all that the server holds of them."""
    rows = visit_queries.visits(work.session, work.reach(Action.VISIT_WALK))
    views = _views(work, rows)
    return tuple(_walk(work, view) if view.state in WRITABLE else MyWalk(view, whole=False) for view in views)


def _walk(work: Work, view: MyVisit) -> MyWalk:
    current = visit_queries.current(visit_queries.answers(work.session, view.id, texts.opener(work, view.state)))
    photos = visit_queries.photos(work.session, view.id)
    return MyWalk(
        view,
        tuple(
            MyAnswer(a.id, a.digest, a.question_id, a.value, a.given_at)
            for a in current.values()
            if a.value is not SEALED
        ),
        tuple(MyPhoto(p.id, p.digest, p.question_id, p.sha256, p.state) for p in photos),
    )


def _views(work: Work, rows: list[VisitRow]) -> tuple[MyVisit, ...]:
    ids = [row.visit.id for row in rows]
    walked = visit_queries.walked(work.session, ids)
    returned = visit_queries.returns(work.session, ids)
    orders = {row.visit.region_id: _has_order(work, row.visit.region_id) for row in rows}
    return tuple(
        MyVisit(
            id=row.visit.id,
            state=VisitState(row.visit.state),
            school=_school(row, orders[row.visit.region_id]),
            window_from=row.visit.window_from,
            window_to=row.visit.window_to,
            scenario=row.visit.scenario,
            checklists=tuple(walked[row.visit.id]),
            returned=_open_returns(row, returned[row.visit.id]),
            updated_at=row.visit.updated_at,
        )
        for row in rows
    )


def _open_returns(row: VisitRow, returns: list[Return]) -> tuple[SentBack, ...]:
    if row.visit.state != VisitState.RETURNED or not returns:
        return ()
    newest = max(r.returned_at for r in returns)
    return tuple(SentBack(r.digest, r.question_id, r.reason) for r in returns if r.returned_at == newest)


def _has_order(work: Work, region_id: str) -> bool:
    region = visit_queries.region(work.session, region_id)
    return region is not None and region.order_ref is not None


def _school(row: VisitRow, order_on_file: bool) -> dict[str, Any]:
    school = row.school
    return {
        "name": school.name,
        "address": school.address,
        "district": school.district_name,
        "lat": school.lat,
        "lon": school.lon,
        "ownership": school.ownership,
        "region": school.region_id,
        "order_on_file": order_on_file,
    }
