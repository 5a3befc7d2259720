"""What is worth a second look in a visit, of its rows: what the doubts weigh, gathered."""

from collections.abc import Sequence
from datetime import datetime

from fieldcheck.domain.access import Action
from fieldcheck.domain.checklist import Checklist
from fieldcheck.domain.doubts import Doubt, Pictured, Resembled, Told, doubts
from fieldcheck.domain.geo import Fix, Verdict, left_at
from fieldcheck.domain.safety import Signal
from fieldcheck.storage import likeness_queries, safety_queries, visit_queries
from fieldcheck.storage.tables import Answer, Photo
from fieldcheck.storage.visit_queries import VisitRow
from fieldcheck.usecases import presence
from fieldcheck.usecases.work import Work


def doubts_about(
    work: Work,
    row: VisitRow,
    sheets: Sequence[Checklist],
    answers: Sequence[Answer],
    photos: Sequence[Photo],
    judged: tuple[Sequence[Fix], Verdict],
) -> tuple[Doubt, ...]:
    """List what a coordinator should look at twice in one visit; *judged* are its readings and what they say."""
    kinds = {(sheet.digest, q.id): q.type.value for sheet in sheets for q in sheet.questions}
    elsewhere = visit_queries.same_bytes_elsewhere(work.session, row.visit.id, [p.sha256 for p in photos])
    fixes, verdict = judged
    point = presence.point_of(row.school)
    # A remote checklist (a website) asks for no presence.
    on_site = any(sheet.mode != "remote" for sheet in sheets)
    found = doubts(
        [
            Told(
                a.question_id,
                kinds.get((a.digest, a.question_id), ""),
                a.value,
                a.happened_at,
                a.seen_at,
                a.clock_gap_s,
            )
            for a in visit_queries.current(answers).values()
        ],
        _pictured(work, row, photos, elsewhere, {sheet.digest for sheet in sheets if sheet.mode != "remote"}),
        verdict,
        point if on_site else None,
        (row.visit.window_from, row.visit.window_to),
        row.visit.submitted_at or work.now,
        (sum(s.est_minutes for s in sheets), sum(s.max_visit_minutes for s in sheets)),
        _out_at(work, row.visit.id, left_at(fixes, point)),
    )
    about_place = ("presence_unproven", "far_from_school", "short_stay")
    return found if on_site else tuple(d for d in found if d.code not in about_place)


def _pictured(
    work: Work, row: VisitRow, photos: Sequence[Photo], elsewhere: set[str], on_site: set[str]
) -> list[Pictured]:
    """Weigh the photos. Of a website two people take the same picture, and take it from a file: nothing odd in that."""
    like = _resembled(work, row.visit.id, photos, on_site)
    return [
        Pictured(
            p.question_id,
            p.taken_at,
            presence.claimed_by(p),
            p.sha256 in elsewhere,
            p.id,
            presence.claimed_time(p),
            p.source == "file" and p.digest in on_site,
            tuple(like.get(p.id, ())),
        )
        for p in photos
    ]


def _resembled(
    work: Work, visit_id: str, photos: Sequence[Photo], on_site: set[str]
) -> dict[str, list[Resembled]]:
    reach, found = work.reach(Action.VISIT_CHECK), dict[str, list[Resembled]]()
    order = {photo.id: place for place, photo in enumerate(photos)}
    asked = [photo.id for photo in photos if photo.digest in on_site]
    for photo_id, other, visit, school in likeness_queries.of(work.session, asked):
        if visit.id == visit_id:
            # Of two in one visit the later one is told of.
            is_later = order.get(other.id, len(order)) < order[photo_id]
            seen = Resembled(question=other.question_id, photo=other.id) if is_later else None
        elif visit_queries.visit(work.session, reach, visit.id) is None:
            seen = Resembled()
        else:
            at = visit.submitted_at or visit.started_at or other.received_at
            seen = Resembled(school=school.name, at=at, photo=other.id)
        if seen is not None:
            found.setdefault(photo_id, []).append(seen)
    return found


def _out_at(work: Work, visit_id: str, seen_gone: datetime | None) -> datetime | None:
    """Give when she was out: as she said, or as her positions say, whichever was earlier."""
    said = [one.at for one in safety_queries.told(work.session, [visit_id])[visit_id] if one.kind == Signal.CHECK_OUT]
    return min((at for at in (*said[-1:], seen_gone) if at is not None), default=None)
