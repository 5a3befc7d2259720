"""Legal holds: while a register entry is on hold, nothing of its visit is erased, by order or by period."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Invalid, NotFound
from fieldcheck.settings import Settings
from fieldcheck.storage import database, register_queries
from fieldcheck.storage.tables import Case, LegalHold
from fieldcheck.usecases.work import Work, permits, write_record

LONGEST_REASON = 500


@permits(Action.CASE_HOLD)
def hold(work: Work, case_id: str, reason: str) -> None:
    """Put an entry on hold, with the reason; a second hold replaces the reason of the first."""
    _case(work, case_id)
    _hold(work.session, case_id, reason, work.actor.code, work.now)


@permits(Action.CASE_HOLD)
def lift(work: Work, case_id: str) -> None:
    """Lift the hold of an entry; lifting one that is not there is no error."""
    _case(work, case_id)
    _lift(work.session, case_id, work.actor.code, work.now)


@permits(Action.CASE_HOLD)
def is_on_hold(work: Work, case_id: str) -> bool:
    """Say whether an entry is on hold."""
    _case(work, case_id)
    return work.session.get(LegalHold, case_id) is not None


def from_console(settings: Settings, number: str, reason: str | None, now: datetime) -> None:
    """Put the entry with this number on hold, or lift it where no reason is given, from the server's console."""
    with database.transaction(settings.database_url) as session:
        case = session.execute(select(Case).where(col(Case.number) == number)).scalar_one_or_none()
        if case is None:
            raise NotFound("case.not_found")
        if reason is None:
            _lift(session, case.id, "console", now)
        else:
            _hold(session, case.id, reason, "console", now)


def _case(work: Work, case_id: str) -> Case:
    found = register_queries.one(work.session, work.reach(Action.CASE_HOLD), case_id)
    if found is None:
        raise NotFound("case.not_found")
    return found


def _hold(session: Session, case_id: str, reason: str, by: str, now: datetime) -> None:
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid("hold.reason_needed", longest=LONGEST_REASON)
    session.merge(LegalHold(case_id=case_id, reason=reason, held_by=by, held_at=now))
    write_record(session, by, Action.CASE_HOLD, case_id, {"held": True, "reason": reason}, now)


def _lift(session: Session, case_id: str, by: str, now: datetime) -> None:
    held = session.get(LegalHold, case_id)
    if held is not None:
        session.delete(held)
        write_record(session, by, Action.CASE_HOLD, case_id, {"held": False}, now)
