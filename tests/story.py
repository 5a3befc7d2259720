"""A small programme built through the use-cases, with the same people in every test.

Dana administers, Alice coordinates the north (Boris the south), Bo reviews the country, Chelsea and Dina walk.
"""

import io
import random
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.checklist import Checklist, QuestionType
from fieldcheck.domain.geo import Point
from fieldcheck.domain.walk import missing, visible
from fieldcheck.settings import Settings
from fieldcheck.storage import briefing_files
from fieldcheck.storage.checklist_files import load
from fieldcheck.usecases import checklists, consent, dispatch, endings, evidence, people, quiz, schools, sync
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import Work, begin

NORTH, SOUTH = "590000000", "610000000"
NOW = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)  # a Monday, ten in the morning in Almaty
SCHOOL = Point(54.8753, 69.1628)


def words(text: str) -> dict[str, str]:
    """The same word in three languages, told apart by their ending."""
    return {"ru": f"{text} ру", "kk": f"{text} қк", "en": text}


def new_id(chance: random.Random | None = None) -> str:
    """An id as a phone makes it."""
    bits = (chance or random.Random()).getrandbits(128)
    return str(uuid.UUID(int=bits, version=4))


def a_photo(seed: int = 1) -> bytes:
    """A small real JPEG, different for each seed."""
    picture = Image.effect_noise((64, 48), 40 + seed).convert("RGB")
    picture.putpixel((0, 0), (seed % 256, seed // 256 % 256, 7))
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


@dataclass
class Story:
    """One programme in one database; *now* is the clock that the next act sees."""

    settings: Settings
    now: datetime = NOW
    sheets: dict[str, Checklist] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def told_to(self, settings: Settings) -> "Story":
        """The same story in a copy of its database, with a clock and people of its own."""
        return replace(self, settings=settings, sheets=dict(self.sheets), actors=dict(self.actors))

    def work(self, name: str) -> Any:
        """Open work for somebody by name."""
        return begin(self.settings, self.actors[name], now=self.now)

    def later(self, **kw: float) -> None:
        """Let time pass."""
        self.now += timedelta(**kw)

    def assign(
        self,
        school: str = "N1",
        who: str = "chelsea",
        sheet: str = "entrance_stands",
        by: str = "alice",
    ) -> str:
        """Send somebody to a school for the next two days."""
        with self.work(by) as work:
            return dispatch.assign(
                work,
                school,
                self.actors[who].person_id,
                [self.sheets[sheet].digest],
                self.now - timedelta(hours=1),
                self.now + timedelta(days=2),
            )

    def answer(self, visit: str, sheet: str, question: str, value: Any, who: str = "chelsea") -> sync.Taken:
        """Give one answer at the school."""
        one = SentAnswer(
            new_id(),
            self.sheets[sheet].digest,
            question,
            value,
            self.now,
            None,
            Place(SCHOOL.lat, SCHOOL.lon, 20.0, 3.0),
        )
        with self.work(who) as work:
            (taken,) = sync.take_answers(work, visit, self.now, "phone", "test", [one])
        return taken

    def photo(self, visit: str, sheet: str, question: str, seed: int = 1, who: str = "chelsea") -> str:
        """Send one photo of a question; gives its id."""
        data = a_photo(seed)
        sent = evidence.SentPhoto(
            new_id(),
            self.sheets[sheet].digest,
            question,
            sha256(data).hexdigest(),
            len(data),
            self.now,
            "camera",
            Place(SCHOOL.lat, SCHOOL.lon, 20.0, 3.0),
        )
        evidence.take_part(self.settings, self.actors[who], visit, sent, 0, data, now=self.now)
        return sent.id

    def walk(
        self,
        visit: str,
        sheet: str = "entrance_stands",
        who: str = "chelsea",
        answers: dict[str, Any] | None = None,
        ownership: str = "kgu_state_institution",
    ) -> None:
        """Walk a whole checklist: the given answers, else the plainest one, and the photos that are needed."""
        checklist = self.sheets[sheet]
        wanted = answers or {}
        facts = {"ownership": ownership, "region": NORTH, "order_on_file": True}
        given: dict[str, Any] = {}
        for _ in range(len(checklist.questions) + 1):
            for question in visible(checklist, given, facts):
                if question.takes_a_value and question.id not in given:
                    value = wanted.get(question.id, plain_answer(question, self.now))
                    taken = self.answer(visit, sheet, question.id, value, who)
                    assert taken.status == "stored", taken
                    given[question.id] = value
                    self.later(seconds=40)
        lacking = missing(checklist, given, {}, facts)
        for seed, lack in enumerate(lacking, start=1):
            assert lack.what == "photo", lack
            self.photo(visit, sheet, lack.question_id, seed, who)

    def submit(self, visit: str, who: str = "chelsea") -> None:
        """Hand the visit in."""
        with self.work(who) as work:
            endings.submit(work, visit, new_id(), self.now, self.now)


def plain_answer(question: Any, now: datetime) -> Any:
    """The plainest answer that a question takes."""
    return {
        QuestionType.YES_NO_NA: lambda: "yes",
        QuestionType.SINGLE: lambda: question.options[0].id,
        QuestionType.MULTI: lambda: [question.options[0].id],
        QuestionType.NUMBER: lambda: question.min or 0,
        QuestionType.MONEY: lambda: 1000,
        QuestionType.TEXT: lambda: "текст",
        QuestionType.QUOTE: lambda: "«дословно»",
        QuestionType.DATE: lambda: now.date().isoformat(),
        QuestionType.DATETIME: lambda: now.isoformat(timespec="seconds"),
        QuestionType.GEOPOINT: lambda: {"lat": SCHOOL.lat, "lon": SCHOOL.lon, "accuracy": 15.0},
        QuestionType.STATEMENT: lambda: True,
    }[question.type]()


#: The stories that stand in a database already, each by its address: they were begun once, and copied there.
BEGUN: dict[str, Story] = {}


@cache
def sheets(folder: Path) -> tuple[Checklist, ...]:
    """The house's own checklists, read once."""
    return load(folder)[0]


def begin_story(settings: Settings, now: datetime = NOW) -> Story:
    """Build the programme: two regions, schools N1-N3 and S1, all checklists, and the people."""
    if begun := BEGUN.pop(settings.database_url, None):
        assert now == begun.now
        return begun.told_to(settings)
    story = Story(settings, now)
    dana = people.found(settings, "Dana", "en", now)
    story.actors["dana"] = Actor(dana, "A-0001", Role.ADMINISTRATOR, None, "en")
    chance = random.Random(7687)
    with begin(settings, story.actors["dana"], now=now, chance=chance) as work:
        _ground(work)
        for checklist in sheets(settings.checklists):
            checklists.publish(work, checklist)
            story.sheets[checklist.id] = checklist
        staff = [
            ("alice", Role.COORDINATOR, NORTH),
            ("boris", Role.COORDINATOR, SOUTH),
            ("bo", Role.REVIEWER, None),
            ("bella", Role.REVIEWER, SOUTH),
        ]
        for name, role, region in staff:
            _join(story, work, name, role, region)
    with begin(settings, story.actors["alice"], now=now, chance=chance) as work:
        for name in ("chelsea", "dina"):
            _join(story, work, name, Role.VOLUNTEER, NORTH)
    with begin(settings, story.actors["boris"], now=now, chance=chance) as work:
        _join(story, work, "serik", Role.VOLUNTEER, SOUTH)
    for name, by in (("chelsea", "alice"), ("dina", "alice"), ("serik", "boris")):
        make_ready(story, name, by)
    return story


def make_ready(story: Story, name: str, by: str) -> None:
    """Let a volunteer agree, pass the quiz, and be asked about her conflicts."""
    right = {one.id: one.right for one in briefing_files.quiz(story.settings.checklists).questions}
    with story.work(name) as work:
        consent.give(work, consent.current(work).form.version, "en")
        quiz.take(work, quiz.current(work).digest, right)
    with story.work(by) as work:
        people.confirm_conflicts(work, story.actors[name].person_id)


def _ground(work: Work) -> None:
    schools.put_region(work, NORTH, "KZ-59", words("North"), SCHOOL, order_ref="№ 1, 2018")
    schools.put_region(work, SOUTH, "KZ-61", words("South"), Point(43.2973, 68.2518))
    for body in ("SCHOOL", "EDU_LOCAL", "EDU_REGION", "DQA", "MINPROS", "ACS", "AGS", "SANEPID", "PROGRAM"):
        schools.put_body(work, body, words(body))
    forms = [
        schools.SchoolForm(
            id=id_,
            region=region,
            district=f"{id_[0]}-district",
            district_name=words(f"{id_[0]} district"),
            name=words(f"School {id_}"),
            address=words(f"{id_} street"),
            ownership=ownership,
            point=point,
            pupils=700,
        )
        for id_, region, ownership, point in [
            ("N1", NORTH, "kgu_state_institution", SCHOOL),
            ("N2", NORTH, "kgu_state_institution", Point(54.9, 69.2)),
            ("N3", NORTH, "private", None),
            ("S1", SOUTH, "kgu_state_institution", Point(43.3, 68.25)),
        ]
    ]
    schools.put_schools(work, forms)


def _join(story: Story, work: Work, name: str, role: Role, region: str | None) -> None:
    person = people.bring_in(work, role, region, name.title(), language="en", home=Point(54.87, 69.1))
    view = next(p for p in people.people(work) if p.id == person)
    story.actors[name] = Actor(person, view.code, role, region, "en")
