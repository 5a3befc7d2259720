"""The demo's visits: each is assigned, walked, handed in and checked by the same use-cases as any other.

A plan says how a visit goes and how far it comes; nothing here writes a state.
"""

import hashlib
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from fieldcheck.demo import pictures, walks
from fieldcheck.demo.drawing import Scene
from fieldcheck.demo.ground import CAMPAIGN, REGION
from fieldcheck.demo.timeline import Timeline
from fieldcheck.demo.walks import Seen, Visitor
from fieldcheck.domain.access import Actor
from fieldcheck.domain.checklist import Checklist, Mode, QuestionType
from fieldcheck.domain.visit import StopReason
from fieldcheck.settings import Settings
from fieldcheck.usecases import dispatch, endings, evidence, review, sync
from fieldcheck.usecases.evidence import SentPhoto
from fieldcheck.usecases.schools import SchoolView
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import begin, look

APP = "demo"
#: A degree of latitude in metres, near enough for a few of them.
DEGREE = 111_320.0


@dataclass(frozen=True)
class Plan:
    """How one visit goes: when she comes, how it ends, and what oddity makes the coordinator look twice."""

    school: SchoolView
    sheets: tuple[Checklist, ...]
    start: datetime
    end: str
    temper: str = "clean"
    oddity: str = ""
    who: int | None = None


@dataclass
class Stage:
    """Everybody and everything that a visit needs."""

    settings: Settings
    chance: random.Random
    timeline: Timeline
    coordinator: Actor
    volunteers: tuple[Actor, ...]
    photos_left: int
    #: Every photo's id; of each scene the first that was accepted; and those that shall look like one another.
    photos: list[str] = field(default_factory=list)
    first: dict[Scene, tuple[str, bytes]] = field(default_factory=dict)
    alike: set[str] = field(default_factory=set)
    then: Callable[[datetime], None] = field(default=lambda _: None)

    def new_id(self) -> str:
        """Make an id as a phone does."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))


def schedule(stage: Stage, plan: Plan) -> None:
    """Put a visit on the timeline; it is assigned two days before it begins, or half an hour before now."""
    at = min(plan.start - timedelta(days=2), stage.timeline.until - timedelta(minutes=30))
    stage.timeline.at(at, partial(_assign, stage, plan))


def _assign(stage: Stage, plan: Plan, moment: datetime) -> None:
    digests = [sheet.digest for sheet in plan.sheets]
    opens = plan.start.replace(hour=8, minute=0)
    closes = opens + timedelta(hours=34 if plan.end in ("assigned", "in_progress") else 10)
    with begin(stage.settings, stage.coordinator, now=moment, chance=stage.chance) as work:
        fit = [one for one in dispatch.candidates(work, plan.school.id, digests, opens) if one.may_go]
        wanted = stage.volunteers[plan.who].person_id if plan.who is not None else None
        chosen = next((one for one in fit if one.id == wanted), fit[0])
        visit = dispatch.assign(work, plan.school.id, chosen.id, digests, opens, closes, campaign_id=CAMPAIGN)
    volunteer = next(one for one in stage.volunteers if one.person_id == chosen.id)
    if plan.end == "withdrawn":
        stage.timeline.at(moment + timedelta(hours=5), partial(_withdraw, stage, visit))
    elif plan.end != "assigned":
        stage.timeline.at(plan.start, _Walking(stage, plan, visit, volunteer).begin)


def _withdraw(stage: Stage, visit: str, moment: datetime) -> None:
    with begin(stage.settings, stage.coordinator, now=moment, chance=stage.chance) as work:
        dispatch.withdraw(work, visit, "Школа закрыта на карантин.")


@dataclass
class _Walking:
    """One visit while it is walked."""

    stage: Stage
    plan: Plan
    visit: str
    volunteer: Actor
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def begin(self, moment: datetime) -> None:
        """Read the briefing, walk each checklist, then end as planned."""
        with begin(self.stage.settings, self.volunteer, now=moment) as work:
            sync.read_briefing(work, self.visit, self.stage.new_id(), moment)
        at = moment + timedelta(minutes=1)
        for sheet in self.plan.sheets:
            at = self._walk(sheet, at)
        if self.plan.end.startswith("stopped"):
            self.stage.timeline.at(at, self._stop)
        elif self.plan.end != "in_progress":
            self.stage.timeline.at(at + timedelta(minutes=3), self._submit)

    def _walk(self, sheet: Checklist, start: datetime) -> datetime:
        chance, minutes = self.stage.chance, self._minutes(sheet)
        visitor = Visitor(self.volunteer.language, self._facts(), self._point())
        seen = walks.walk(sheet, self.plan.temper, visitor, start, minutes, chance)
        if self.plan.end.startswith(("stopped", "in_progress")):
            seen = seen[: max(3, len(seen) // 3)]
        given = {one.question.id: one.value for one in seen}
        self.answers[sheet.digest] = given
        for batch in _batches(seen):
            sent_at = batch[-1].given_at + timedelta(seconds=chance.uniform(1, 6))
            self.stage.timeline.at(sent_at, partial(self._send, sheet, batch))
        end = start + timedelta(minutes=minutes)
        for place, question in enumerate(self._photo_questions(sheet, given)):
            value = given.get(question.id)
            taken = end - timedelta(seconds=20 * (place + 1))
            arrives = end + timedelta(seconds=4 * place + 8)
            self.stage.timeline.at(arrives, partial(self._photo, sheet, question, value, taken))
        return end + timedelta(seconds=90)

    def _photo_questions(self, sheet: Checklist, given: Mapping[str, Any]) -> list[Any]:
        if self.plan.end.startswith("stopped"):
            return []
        wanted = walks.photos_wanted(sheet, given, self._facts())
        if self.plan.end == "in_progress":
            wanted = wanted[:1]
        self.stage.photos_left -= len(wanted)
        optional = [q for q in sheet.questions if q.photo and q.photo.min == 0 and q.id in given]
        if optional and self.stage.photos_left > 0 and self.plan.end != "in_progress" and self.plan.temper != "clean":
            self.stage.photos_left -= 1
            wanted.append(self.stage.chance.choice(optional))
        return wanted

    def _minutes(self, sheet: Checklist) -> float:
        if self.plan.oddity == "too_fast":
            return 1.5
        return sheet.est_minutes * self.stage.chance.uniform(0.65, 1.15)

    def _facts(self) -> dict[str, Any]:
        return {"ownership": self.plan.school.ownership, "region": REGION, "order_on_file": True}

    def _point(self) -> dict[str, float]:
        place = self._place()
        return {"lat": place.lat or 0.0, "lon": place.lon or 0.0, "accuracy": place.accuracy or 0.0}

    def _place(self) -> Place:
        """Say where the phone thinks it is: near the school, as well as phones know."""
        chance, point = self.stage.chance, self.plan.school.point
        if point is None or (all(sheet.mode is Mode.REMOTE for sheet in self.plan.sheets)):
            return Place(no_place="off")
        if chance.random() < 0.06:
            return Place(no_place="timeout")
        away = 4_200.0 if self.plan.oddity == "far" else 0.0
        spread = 9_000.0 if self.plan.oddity == "vague" else 22.0
        lat = point.lat + (chance.gauss(0, min(spread, 60)) + away) / DEGREE
        lon = point.lon + chance.gauss(0, min(spread, 60)) / DEGREE
        accuracy = chance.uniform(6, 45) if spread < 100 else spread
        age = round(abs(chance.gauss(0, 12)), 1) if spread < 100 else 900.0
        return Place(round(lat, 6), round(lon, 6), round(accuracy, 1), age)

    def _send(self, sheet: Checklist, batch: Sequence[Seen], moment: datetime) -> None:
        gap = timedelta(minutes=25) if self.plan.oddity == "clock" else timedelta(0)
        sent = [
            SentAnswer(
                self.stage.new_id(), sheet.digest, one.question.id, one.value, one.given_at - gap,
                one.seen_at - gap - self._lateness(one), self._place(),
            )
            for one in batch
        ]  # fmt: skip
        with begin(self.stage.settings, self.volunteer, now=moment) as work:
            sync.take_answers(work, self.visit, moment - gap, f"demo-{self.volunteer.code}", APP, sent)

    def _lateness(self, one: Seen) -> timedelta:
        late = self.plan.oddity == "late_quote" and one.question.type is QuestionType.QUOTE
        return timedelta(minutes=50) if late else timedelta(0)

    def _photo(self, sheet: Checklist, question: Any, value: Any, taken: datetime, moment: datetime) -> None:
        scene = pictures.scene_of(question, value)
        data, photo_id = pictures.take(scene, self.volunteer.language, self.stage.chance), self.stage.new_id()
        if self.plan.oddity == "recycled" and scene in self.stage.first:
            data = pictures.again(self.stage.first[scene][1])
            self.stage.alike |= {photo_id, self.stage.first[scene][0]}
        elif self.plan.end == "accepted":
            self.stage.first.setdefault(scene, (photo_id, data))
        self.stage.photos.append(photo_id)
        sent = SentPhoto(
            photo_id, sheet.digest, question.id, hashlib.sha256(data).hexdigest(), len(data), taken,
            "camera" if self.stage.chance.random() < 0.85 else "file", self._place(),
        )  # fmt: skip
        evidence.take_part(self.stage.settings, self.volunteer, self.visit, sent, 0, data, now=moment)

    def _stop(self, moment: datetime) -> None:
        reason = StopReason(self.plan.end.partition(":")[2])
        with begin(self.stage.settings, self.volunteer, now=moment) as work:
            endings.stop(work, self.visit, self.stage.new_id(), moment, reason, _STOP_NOTES[reason])

    def _submit(self, moment: datetime) -> None:
        with begin(self.stage.settings, self.volunteer, now=moment, chance=self.stage.chance) as work:
            endings.submit(work, self.visit, self.stage.new_id(), moment, moment)
        hours = self.stage.chance.uniform(3, 30)
        if self.plan.end in ("returned", "mended"):
            self.stage.timeline.at(moment + timedelta(hours=hours / 3), self._send_back)
        elif self.plan.end == "rejected":
            self.stage.timeline.at(moment + timedelta(hours=hours), self._set_aside)
        elif self.plan.end == "accepted":
            self.stage.timeline.at(moment + timedelta(hours=hours), self._accept)

    def _send_back(self, moment: datetime) -> None:
        """Ask for one question again; a visit that is mended answers it the next day."""
        sheet = self.plan.sheets[0]
        asked = next(q for q in reversed(sheet.questions) if q.type is QuestionType.QUOTE or q.photo)
        with begin(self.stage.settings, self.stage.coordinator, now=moment, chance=self.stage.chance) as work:
            shown = {a.question.id for w in review.check(work, self.visit).walks for a in w.answers}
            question = asked.id if asked.id in shown else next(iter(self.answers[sheet.digest]))
            review.send_back(work, self.visit, [(sheet.digest, question, _RETURN_REASON)])
        if self.plan.end == "mended":
            self.stage.timeline.at(moment + timedelta(hours=20), partial(self._mend, sheet, question))

    def _mend(self, sheet: Checklist, question: str, moment: datetime) -> None:
        value = self.answers[sheet.digest].get(question)
        if sheet.by_id[question].photo:
            self._photo(sheet, sheet.by_id[question], value, moment - timedelta(minutes=2), moment)
        else:
            one = Seen(sheet.by_id[question], value, moment - timedelta(minutes=2), moment - timedelta(minutes=6))
            self._send(sheet, [one], moment)
        with begin(self.stage.settings, self.volunteer, now=moment, chance=self.stage.chance) as work:
            endings.submit(work, self.visit, self.stage.new_id(), moment, moment)
        self.stage.timeline.at(moment + timedelta(hours=4), self._accept)

    def _set_aside(self, moment: datetime) -> None:
        with begin(self.stage.settings, self.stage.coordinator, now=moment) as work:
            review.set_aside(work, self.visit, "Положение не подтверждено, ответы даны за две минуты.")

    def _accept(self, moment: datetime) -> None:
        """Stand behind the visit: release the photos and the words that its findings rest on."""
        with look(self.stage.settings, self.stage.coordinator, now=moment) as work:
            seen = review.check(work, self.visit)
        asked = {question for finding in seen.findings for question in finding.questions}
        answers = [answer for walk in seen.walks for answer in walk.answers if answer.question.id in asked]
        photos = [photo.id for answer in answers for photo in answer.photos if photo.state != "refused"]
        texts = {
            (answer.checklist, answer.question.id): str(answer.value)
            for answer in answers
            if answer.question.type is QuestionType.QUOTE and answer.value
        }
        with begin(self.stage.settings, self.stage.coordinator, now=moment, chance=self.stage.chance) as work:
            review.accept(work, self.visit, photos, texts)
        self.stage.then(moment)


_RETURN_REASON = "Запишите, пожалуйста, подробнее: так, как прозвучало."
_STOP_NOTES = {
    StopReason.UNSAFE: "Стало не по себе, ушла.",
    StopReason.RECOGNISED: "Меня узнала соседка.",
    StopReason.REFUSED_ENTRY: "Без записи не пустили.",
    StopReason.CLOSED: "Школа закрыта, ремонт.",
    StopReason.ASKED_MONEY: "Попросили внести взнос.",
    StopReason.ASKED_ID: "Попросили удостоверение.",
    StopReason.OTHER: "Заболел ребёнок.",
}


def _batches(seen: Sequence[Seen]) -> list[Sequence[Seen]]:
    """Send as a phone on a middling network does: a handful of answers at a time."""
    third = max(len(seen) // 3, 4)
    return [seen[at : at + third] for at in range(0, len(seen), third)]
