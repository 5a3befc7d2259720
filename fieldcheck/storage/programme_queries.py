"""Named reads of what the programme consists of: regions, bodies, schools, campaigns, checklist versions."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Reach
from fieldcheck.storage.scopes import accepted_within, schools_within
from fieldcheck.storage.tables import Body, Campaign, ChecklistVersion, Region, School, Visit, VisitChecklist


def regions(session: Session) -> Sequence[Region]:
    """List all regions by id."""
    return session.execute(select(Region).order_by(col(Region.id))).scalars().all()


def bodies(session: Session) -> Sequence[Body]:
    """List all bodies by id."""
    return session.execute(select(Body).order_by(col(Body.id))).scalars().all()


def campaigns(session: Session) -> Sequence[Campaign]:
    """List all campaigns, newest first."""
    return session.execute(select(Campaign).order_by(col(Campaign.starts_at).desc())).scalars().all()


def school(session: Session, reach: Reach, school_id: str) -> School | None:
    """Find one school within *reach*."""
    return session.execute(
        select(School).where(col(School.id) == school_id, schools_within(reach))
    ).scalar_one_or_none()


def schools(session: Session, reach: Reach, district: str | None = None) -> Sequence[tuple[School, int]]:
    """List schools within *reach* with how many accepted visits each has as far as told, by district and id."""
    visits = (
        select(col(Visit.school_id), func.count().label("n"))
        .where(accepted_within(reach))
        .group_by(col(Visit.school_id))
        .subquery()
    )
    query = (
        select(School, func.coalesce(visits.c.n, 0))
        .join(visits, visits.c.school_id == col(School.id), isouter=True)
        .where(schools_within(reach))
        .order_by(col(School.district), col(School.id))
    )
    if district:
        query = query.where(col(School.district) == district)
    return [(row[0], row[1]) for row in session.execute(query)]


def schools_untouched(session: Session, reach: Reach) -> Sequence[School]:
    """List the schools within *reach* that nobody was ever sent to, or whose visits were all called off."""
    sent = select(col(Visit.school_id)).where(col(Visit.state) != "withdrawn")
    query = select(School).where(schools_within(reach), col(School.id).not_in(sent)).order_by(col(School.id))
    return session.execute(query).scalars().all()


def newest_checklists(session: Session) -> Sequence[ChecklistVersion]:
    """List the newest version of each checklist, by id."""
    newest = (
        select(col(ChecklistVersion.checklist_id), func.max(col(ChecklistVersion.version)).label("version"))
        .group_by(col(ChecklistVersion.checklist_id))
        .subquery()
    )
    return (
        session.execute(
            select(ChecklistVersion)
            .join(
                newest,
                (newest.c.checklist_id == col(ChecklistVersion.checklist_id))
                & (newest.c.version == col(ChecklistVersion.version)),
            )
            .order_by(col(ChecklistVersion.checklist_id))
        )
        .scalars()
        .all()
    )


def checklist(session: Session, digest: str) -> ChecklistVersion | None:
    """Find one published version."""
    return session.get(ChecklistVersion, digest)


def walks_checklist(session: Session, person_id: str, digest: str) -> bool:
    """Say whether any visit of this volunteer walks this version."""
    return (
        session.execute(
            select(col(VisitChecklist.visit_id))
            .join(Visit, col(Visit.id) == col(VisitChecklist.visit_id))
            .where(col(Visit.volunteer_id) == person_id, col(VisitChecklist.digest) == digest)
            .limit(1)
        ).first()
        is not None
    )
