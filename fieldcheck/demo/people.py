"""The demo's people: invented, each with one role, brought in by whoever may.

Their names are made up and their telephone numbers cannot ring: no network of Kazakhstan begins with 000.
"""

import random
from dataclasses import dataclass
from datetime import datetime

from fieldcheck.demo.ground import CITY, REGION
from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.geo import Point
from fieldcheck.settings import Settings
from fieldcheck.storage import briefing_files
from fieldcheck.usecases import consent, people, quiz, schools
from fieldcheck.usecases.work import Work, begin

FOUNDER = "Дана Серикова (демо)"
ELSEWHERE = "310000000"

#: Name, role, region (None is the country), language.
STAFF = (
    ("Алия Омарова (демо)", Role.COORDINATOR, REGION, "ru"),
    ("Борис Ким (демо)", Role.COORDINATOR, ELSEWHERE, "ru"),
    ("Ботагоз Нурланова (демо)", Role.REVIEWER, REGION, "kk"),
    ("Тимур Лебедев (демо)", Role.REVIEWER, None, "ru"),
    ("Гүлнар Сейтова (демо)", Role.AUDITOR, None, "kk"),
    ("Игорь Тихонов (демо)", Role.CUSTODIAN, None, "ru"),
)
VOLUNTEERS = (
    ("Чолпан Ветрова (демо)", "ru"),
    ("Айсәуле Бұлақова (демо)", "kk"),
    ("Мария Луговая (демо)", "ru"),
    ("Нұргүл Таңатова (демо)", "kk"),
    ("Елена Ясная (демо)", "ru"),
    ("Ерлан Жазықов (демо)", "kk"),
    ("Ольга Полевая (демо)", "ru"),
    ("Дәурен Самалов (демо)", "kk"),
    ("Виктор Снегов (демо)", "ru"),
    ("Жансая Көктемова (демо)", "kk"),
    ("Sofia Reed (demo)", "en"),
    ("Самат Дархан (демо)", "kk"),
)
#: Who declared what: the place of the volunteer in the list, the kind, the school's place or the district.
CONFLICTS = (
    (2, "childs_school", 5, None),
    (4, "employer", None, "lake"),
    (5, "own_school", 11, None),
    (8, "relative_works_there", 2, None),
    (8, "rejected_there", 17, None),
)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the demo, with a link that signs her in once."""

    code: str
    role: Role
    name: str
    language: str
    link: str


def bring_staff(work: Work) -> None:
    """Bring in the coordinators, the reviewers, and the two who watch: the auditor and the custodian."""
    for name, role, region, language in STAFF:
        people.bring_in(work, role, region, name, language=language)


def bring_volunteers(work: Work) -> None:
    """Bring in those who walk, with their homes around the city, and write down what they declared."""
    ids = []
    for number, (name, language) in enumerate(VOLUNTEERS, start=1):
        phone = f"+7 000 000 00 {number:02}"
        ids.append(people.bring_in(work, Role.VOLUNTEER, REGION, name, phone, language, home(work.chance)))
    around = [school.id for school in sorted(schools.schools(work), key=lambda school: school.id)]
    for place, kind, school, district in CONFLICTS:
        people.declare_conflict(
            work, ids[place], kind, around[school % len(around)] if school is not None else None, district
        )
    for id_ in ids:
        people.confirm_conflicts(work, id_)


def make_ready(
    settings: Settings, volunteer: Actor, now: datetime, chance: random.Random, *, twice: bool = False
) -> None:
    """Let somebody agree and pass the quiz, at the second try where *twice*."""
    asked = briefing_files.quiz(settings.checklists).questions
    right = {one.id: one.right for one in asked}
    wrong = {one.id: next(iter(one.options)) for one in asked}
    with begin(settings, volunteer, now=now, chance=chance) as work:
        consent.give(work, consent.current(work).form.version, volunteer.language)
        for answers in (wrong, right) if twice else (right,):
            quiz.take(work, quiz.current(work).digest, answers)


def home(chance: random.Random) -> Point:
    """Invent a home in or around the city."""
    return Point(CITY.lat + chance.gauss(0, 0.05), CITY.lon + chance.gauss(0, 0.09))
