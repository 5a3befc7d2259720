"""What a coordinator should look at twice before she accepts a visit.

Nothing here refuses anything: each doubt is a code with details, and a person decides. The reasons come from field
practice: late quotes are remembered wrongly (Morrison, Colman, Preston 1997), a visit done in a fifth of the time was
not walked, the same photo in two visits is one photo, also when it was made smaller, darker or cut.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fieldcheck.domain.geo import CLOCK_GAP, PHOTO_ELSEWHERE, Point, Presence, Verdict, distance

QUOTE_WITHIN = timedelta(minutes=30)
REPORT_WITHIN = timedelta(hours=24)
TOO_FAST = 0.2
#: So long before the first answer and after the last a photo still belongs to the visit.
PHOTO_AROUND = timedelta(hours=1)
#: What the verdict on presence says of itself that is worth a second look.
_ODD = ("impossible_speed", "readings_alike", "clock_changed", "short_stay")
#: Words that suggest that the visitor offered something (requirement E-02); a person reads the sentence.
_OFFERED = re.compile(
    r"\bя\s+(предложил|предлагал|дал|заплатил)|ұсындым|төледім|\bI\s+(offered|paid|gave)\b", re.IGNORECASE
)
#: What looks like a personal number: twelve digits (IIN), a card of sixteen, a mobile phone.
_PERSONAL = re.compile(r"(?<!\d)(\d{12}|(?:\d{4}[ -]?){4}|(?:\+?7|8)[ -]?7\d{2}[ -]?\d{3}[ -]?\d{2}[ -]?\d{2})(?!\d)")


@dataclass(frozen=True)
class Doubt:
    """One thing to look at: a code, the question it is about (or None), what the desk's sentence needs.

    *photos* are shown beside the sentence, to be compared by eye.
    """

    code: str
    question: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """An answer as the doubts weigh it. Times are UTC; *gap* is the phone's clock gap in seconds."""

    question: str
    kind: str
    value: Any
    happened_at: datetime
    seen_at: datetime | None
    gap: int


@dataclass(frozen=True)
class Resembled:
    """A photo that looks like another one. Never who took it; nothing but that, where the reader may not see its visit.

    *question* is where it stands, in this same visit; *school* and *at* are of another one. *photo* is None where it
    may not be shown.
    """

    question: str | None = None
    school: Mapping[str, str] | None = None
    at: datetime | None = None
    photo: str | None = None


@dataclass(frozen=True)
class Pictured:
    """A photo as the doubts weigh it. *claimed_at* is when its own data say that it was taken."""

    question: str
    taken_at: datetime
    claimed_point: Point | None
    seen_elsewhere: bool
    id: str = ""
    claimed_at: datetime | None = None
    from_file: bool = False
    resembles: tuple[Resembled, ...] = ()


def doubts(
    told: Sequence[Told],
    pictured: Sequence[Pictured],
    verdict: Verdict,
    school: Point | None,
    window: tuple[datetime, datetime],
    submitted_at: datetime,
    minutes: tuple[int, int],
    left_at: datetime | None = None,
) -> tuple[Doubt, ...]:
    """List the doubts about one visit. *minutes* are the checklist's estimate and its longest visit.

    *left_at* is when she was out, as far as that is known: a quote with no mark of when it was heard counts from it.
    """
    return (
        *_about_place(verdict),
        *_about_time(told, window, submitted_at, minutes),
        *_about_quotes(told, left_at),
        *_about_texts(told),
        *_about_photos(pictured, school),
        *_about_origin(told, pictured),
        *(_resembling(one, other) for one in pictured if not one.seen_elsewhere for other in _told_apart(one)),
    )


def _about_place(verdict: Verdict) -> list[Doubt]:
    if verdict.presence is Presence.FAR:
        return [Doubt("far_from_school", details={"distance": round(verdict.distance or 0)})]
    found = [Doubt("presence_unproven")] if verdict.presence is Presence.UNPROVEN else []
    return found + [Doubt(code) for code in _ODD if code in verdict.reasons]


def _about_time(
    told: Sequence[Told], window: tuple[datetime, datetime], submitted_at: datetime, minutes: tuple[int, int]
) -> list[Doubt]:
    if not told:
        return []
    found: list[Doubt] = []
    first, last = min(t.happened_at for t in told), max(t.happened_at for t in told)
    estimate, longest = minutes
    worst = max(told, key=lambda t: abs(t.gap))
    if abs(worst.gap) > CLOCK_GAP:
        found.append(Doubt("clock_gap", details={"minutes": round(worst.gap / 60)}))
    if not window[0] <= first <= window[1]:
        found.append(Doubt("outside_window"))
    if last - first < timedelta(minutes=estimate * TOO_FAST):
        found.append(Doubt("too_fast", details={"minutes": round((last - first).total_seconds() / 60)}))
    if last - first > timedelta(minutes=longest) and last - first < REPORT_WITHIN:
        found.append(Doubt("too_long", details={"minutes": round((last - first).total_seconds() / 60)}))
    if submitted_at - first > REPORT_WITHIN:
        found.append(Doubt("late_report", details={"hours": round((submitted_at - first).total_seconds() / 3600)}))
    return found


def _about_quotes(told: Sequence[Told], left_at: datetime | None) -> list[Doubt]:
    late = [
        (t.question, t.happened_at - heard)
        for t in told
        if t.kind == "quote" and t.value is not None and (heard := t.seen_at or left_at) is not None
    ]
    return [
        Doubt("late_quote", question, {"minutes": round(after.total_seconds() / 60)})
        for question, after in late
        if after > QUOTE_WITHIN
    ]


def _about_texts(told: Sequence[Told]) -> list[Doubt]:
    texts = [t for t in told if isinstance(t.value, str) and t.kind in ("text", "quote")]
    found = [Doubt("may_have_offered", t.question) for t in texts if _OFFERED.search(t.value)]
    return found + [Doubt("personal_number", t.question) for t in texts if _PERSONAL.search(t.value)]


def _about_photos(pictured: Sequence[Pictured], school: Point | None) -> list[Doubt]:
    found = [Doubt("photo_seen_elsewhere", p.question) for p in pictured if p.seen_elsewhere]
    if school is not None:
        found += [
            Doubt("photo_claims_elsewhere", p.question, {"distance": round(distance(p.claimed_point, school))})
            for p in pictured
            if p.claimed_point is not None and distance(p.claimed_point, school) > PHOTO_ELSEWHERE
        ]
    return found


def _about_origin(told: Sequence[Told], pictured: Sequence[Pictured]) -> list[Doubt]:
    """Say of which photos the time or the way they came does not fit a walk with the page's own camera."""
    found: list[Doubt] = []
    times = [t.happened_at for t in told]
    if times:
        first, last = min(times) - PHOTO_AROUND, max(times) + PHOTO_AROUND
        found += [
            Doubt("photo_claims_other_time", p.question, {"at": p.claimed_at}, (p.id,))
            for p in pictured
            if p.claimed_at is not None and not first <= p.claimed_at <= last
        ]
    chosen = [p for p in pictured if p.from_file]
    if chosen:
        found.append(Doubt("photos_from_files", chosen[0].question, {"n": len(chosen)}))
    return found


def _told_apart(one: Pictured) -> list[Resembled]:
    """Name each other question and each other visit once; two photos of one question may well look alike."""
    kept: dict[Any, Resembled] = {}
    for other in one.resembles:
        if other.question != one.question:
            kept.setdefault((other.question, other.school and tuple(other.school.values()), other.at), other)
    return list(kept.values())


def _resembling(one: Pictured, other: Resembled) -> Doubt:
    shown = (one.id, other.photo) if other.photo else ()
    if other.question is not None:
        return Doubt("photo_resembles_own", one.question, {"other": other.question}, shown)
    if other.school is None:
        return Doubt("photo_resembles_far", one.question)
    return Doubt("photo_resembles_visit", one.question, {"school": other.school, "at": other.at}, shown)
