"""Keeping nothing longer than was promised: what the periods in the settings reach, and erasing it by that order.

Three classes (requirement E-32): drafts that were never handed in, photos of what is closed, and findings with all that
led to them; with them go phones that have long been over. A register entry's own line (number, code, school, outcome)
stays: it names nobody. Nothing on hold goes.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from fieldcheck.settings import Settings
from fieldcheck.storage import database, erasing
from fieldcheck.storage.tables import Erasure
from fieldcheck.usecases import devices, erasure
from fieldcheck.usecases.erasure import Shredded

#: The class and what its order erases, in the order in which they are applied.
CLASSES = (("drafts", "visit"), ("findings", "visit"), ("photos", "photos"))


@dataclass(frozen=True)
class Due:
    """How much of one class is due: visits reached, and after applying, answers and photos that went."""

    name: str
    days: int
    visits: int
    items: int = 0


def due(settings: Settings, now: datetime) -> tuple[Due, ...]:
    """Count what the periods reach; changes nothing."""
    with database.transaction(settings.database_url, reading=True) as session:
        return tuple(
            Due(name, _period(settings, name).days, len(_reached(session, settings, name, now))) for name, _ in CLASSES
        )


def apply(settings: Settings, now: datetime) -> tuple[tuple[Due, ...], Shredded]:
    """Erase what the periods reach, one visit a transaction, and then the files."""
    done = []
    for name, kind in CLASSES:
        with database.transaction(settings.database_url, reading=True) as session:
            reached = _reached(session, settings, name, now)
        items = sum(_erase(settings, kind, name, visit_id, now) for visit_id in reached)
        done.append(Due(name, _period(settings, name).days, len(reached), items))
    devices.forget(settings, now)
    return tuple(done), erasure.shred(settings)


def _period(settings: Settings, name: str) -> timedelta:
    return {"drafts": settings.keep.drafts, "photos": settings.keep.photos, "findings": settings.keep.findings}[name]


def _reached(session: Session, settings: Settings, name: str, now: datetime) -> list[str]:
    cut = now - _period(settings, name)
    if name == "drafts":
        return erasing.stale_drafts(session, cut)
    return erasing.closed_before(session, cut, "photos" if name == "photos" else "visit")


def _erase(settings: Settings, kind: str, name: str, visit_id: str, now: datetime) -> int:
    with database.transaction(settings.database_url) as session:
        order = Erasure(
            id=secrets.token_hex(16),
            kind=kind,
            target=visit_id,
            reason=f"retention: {name}, {_period(settings, name).days} days",
            asked_by="retention",
            asked_at=now,
            state="asked",
        )
        return erasure.carry_out(session, order, "system", now)
