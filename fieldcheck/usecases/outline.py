"""The record in outline, for whoever keeps it and has no business with content: the administrator.

Of what the house's own people did to the house she reads who, what and when. Everything else is counted by the week,
once the week is over: beside a list of schools, the minute of one entry about a visit names the school and who was
there, and so does a number that counts all entries. What is not named here as administration is content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldcheck.domain import release
from fieldcheck.domain.access import Action
from fieldcheck.settings import ZONE
from fieldcheck.storage import record_queries
from fieldcheck.usecases import record
from fieldcheck.usecases.work import Work, permits
from fieldcheck.verifier import Report

#: What is done to the house and not in the field; an action that begins with none of these is content.
ADMINISTRATION = (
    "account.", "browser.", "proof.", "address.", "data.", "person.", "season.", "identity.", "reveal.", "device.",
    "region.", "body.", "campaign.", "school.", "checklist.", "erasure.", "record.export", "record.trace",
)  # fmt: skip
SHOWN, WEEKS = 50, 4


@dataclass(frozen=True)
class ActSeen:
    """One act of administration; it has no number, for a number counts what everybody does."""

    at: datetime
    actor: str
    action: str
    subject: str


@dataclass(frozen=True)
class ActPage:
    """Some acts, the newest first, and whether there are older ones."""

    rows: tuple[ActSeen, ...]
    has_older: bool


@dataclass(frozen=True)
class WeekSeen:
    """How many entries of a past week ("2026-W38") are not told one by one."""

    week: str
    entries: int


@dataclass(frozen=True)
class HeadSeen:
    """Where the chain ended at a moment, signed: the hash is enough to compare it with what was sent out."""

    hash: str
    at: datetime
    key_id: str


@dataclass(frozen=True)
class Verdict:
    """Whether the record holds, and how much of it does not; not how long it is."""

    holds: bool
    gaps: int
    altered: int
    lost: int
    erased: int
    photos: int
    heads: int
    is_cut: bool
    anchors: int
    anchors_met: int


@permits(Action.RECORD_READ)
def acts(work: Work, page: int = 1) -> ActPage:
    """Give one page of what the house's own people did to the house, never to or by a volunteer."""
    skipped = (max(page, 1) - 1) * SHOWN
    lines = record_queries.of_administration(work.session, ADMINISTRATION, skipped, SHOWN + 1)
    rows = tuple(ActSeen(datetime.fromisoformat(one.at), one.actor, one.action, one.subject) for one in lines)
    return ActPage(rows[:SHOWN], len(rows) > SHOWN)


@permits(Action.RECORD_READ)
def weeks(work: Work) -> tuple[WeekSeen, ...]:
    """Count all other entries of the last weeks that are old enough to be told, the newest week first."""
    end = release.week_over(work.now, work.settings.release.after, ZONE)
    starts = [end - timedelta(weeks=back) for back in range(WEEKS, -1, -1)]
    counted = record_queries.of_content(work.session, ADMINISTRATION, starts)
    told = zip((release.week_of(start.date().isoformat()) for start in starts), counted, strict=False)
    return tuple(WeekSeen(week, entries) for week, entries in told)[::-1]


@permits(Action.RECORD_READ)
def heads(work: Work) -> Sequence[HeadSeen]:
    """List the newest signed heads."""
    rows = record_queries.heads(work.session, SHOWN)
    return tuple(HeadSeen(row.hash, datetime.fromisoformat(row.at), row.key_id) for row in rows)


@permits(Action.RECORD_READ)
def verify(work: Work) -> Verdict:
    """Verify the record as it stands, with its photos and the anchors kept here."""
    return verdict(record.read_through(work))


def verdict(found: Report) -> Verdict:
    """Say in short what the verifier found."""
    return Verdict(
        holds=found.holds,
        gaps=len(found.gaps),
        altered=len({*found.altered, *found.bodies_altered, *found.rewritten}),
        lost=len(found.bodies_lost),
        erased=len(found.erased),
        photos=len(found.photos_missing) + len(found.photos_damaged),
        heads=len(found.heads_bad) + len(found.anchors_forged),
        is_cut=bool(found.cut),
        anchors=found.anchors,
        anchors_met=found.anchors_met,
    )
