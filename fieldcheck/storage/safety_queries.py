"""Named reads of what phones told of their holders' safety, and of who saw to it. Every list takes a reach."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach, Scope
from fieldcheck.storage.tables import ChecklistVersion, FollowUp, VisitAlarm, VisitChecklist

#: Beyond these nobody is helped by a longer list; the newest come first.
MOST = 500


def alarm(session: Session, alarm_id: str) -> VisitAlarm | None:
    """Find a signal by the phone's id, whosever it is."""
    return session.get(VisitAlarm, alarm_id)


def alarms(session: Session, reach: Reach, kinds: Sequence[str]) -> Sequence[VisitAlarm]:
    """List signals of some kinds within *reach* that nobody has seen to, the newest first."""
    if reach.scope is not Scope.REGION or reach.region is None:
        return []
    seen_to = select(col(FollowUp.subject)).where(col(FollowUp.what) == "alarm")
    query = select(VisitAlarm).where(
        col(VisitAlarm.region_id) == reach.region,
        col(VisitAlarm.kind).in_(kinds),
        col(VisitAlarm.id).not_in(seen_to),
    )
    return session.execute(query.order_by(col(VisitAlarm.received_at).desc()).limit(MOST)).scalars().all()


def told(session: Session, visit_ids: Sequence[str]) -> dict[str, list[VisitAlarm]]:
    """Give for each visit its signals in the order in which they were given."""
    found: dict[str, list[VisitAlarm]] = {visit_id: [] for visit_id in visit_ids}
    query = select(VisitAlarm).where(col(VisitAlarm.visit_id).in_(visit_ids)).order_by(col(VisitAlarm.at))
    for row in session.execute(query).scalars():
        found[row.visit_id or ""].append(row)
    return found


def seen_to(session: Session, what: str, subjects: Sequence[str]) -> dict[str, list[FollowUp]]:
    """Give for each subject who saw to it, the oldest first."""
    found: dict[str, list[FollowUp]] = {}
    query = select(FollowUp).where(col(FollowUp.what) == what, col(FollowUp.subject).in_(subjects))
    for row in session.execute(query.order_by(col(FollowUp.at))).scalars():
        found.setdefault(row.subject, []).append(row)
    return found


def last_seen_to(session: Session, what: str, subjects: Sequence[str]) -> dict[str, datetime]:
    """Give for each subject when somebody last saw to it."""
    query = select(col(FollowUp.subject), func.max(col(FollowUp.at))).where(
        col(FollowUp.what) == what, col(FollowUp.subject).in_(subjects)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(col(FollowUp.subject)))}


def minutes_there(session: Session, visit_ids: Sequence[str]) -> dict[str, int]:
    """Give for each visit how many minutes its checklists allow on the spot; what is done from afar counts none."""
    rows = session.execute(
        select(col(VisitChecklist.visit_id), col(ChecklistVersion.body))
        .join(ChecklistVersion, col(ChecklistVersion.digest) == col(VisitChecklist.digest))
        .where(col(VisitChecklist.visit_id).in_(visit_ids))
    )
    found = dict.fromkeys(visit_ids, 0)
    for visit_id, body in rows:
        if body.get("mode") != "remote":
            found[visit_id] += int(body.get("max_visit_minutes") or 0)
    return found
