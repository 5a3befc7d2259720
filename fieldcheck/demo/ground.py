"""The demo's ground: an invented region with an invented city, its schools, and everything real that stands around it.

It refuses to name a real school: whatever the demo shows would accuse somebody. The region has a code that no region
has, and every school's name says that it is a demo.
"""

import random
from datetime import datetime, timedelta

from fieldcheck.domain.case import is_working_day
from fieldcheck.domain.checklist import Checklist
from fieldcheck.domain.geo import Point
from fieldcheck.domain.reference import Reference
from fieldcheck.usecases import founding, schools
from fieldcheck.usecases.schools import SchoolForm
from fieldcheck.usecases.work import Work

REGION = "990000000"
CAMPAIGN = "no-collections-2026"
CITY = Point(47.0, 69.5)
MARK = "демо"

_REGION_NAME = {"ru": "Демонстрационная область", "kk": "Демонстрациялық облыс", "en": "Demo Region"}
_CAMPAIGN_NAME = {"ru": "#НЕТ_ПОБОРАМ 2026", "kk": "#АҚША_ЖИНАУҒА_ЖОҚ 2026", "en": "#NO_COLLECTIONS 2026"}
#: District: its id, its name, how far it lies from the city (degrees), how many of ten schools it has.
_DISTRICTS = (
    ("ulgi", {"ru": "город Ульги (демо)", "kk": "Үлгі қаласы (демо)", "en": "Ulgi city (demo)"}, (0.0, 0.0), 5),
    (
        "east",
        {"ru": "Восточный район (демо)", "kk": "Шығыс ауданы (демо)", "en": "East district (demo)"},
        (0.04, 0.46),
        2,
    ),
    ("lake", {"ru": "Озёрный район (демо)", "kk": "Көл ауданы (демо)", "en": "Lake district (demo)"}, (0.34, -0.2), 2),
    (
        "steppe",
        {"ru": "Степной район (демо)", "kk": "Дала ауданы (демо)", "en": "Steppe district (demo)"},
        (-0.4, 0.1),
        1,
    ),
)
_STREETS = (
    ("Садовая", "Бақ", "Garden St."), ("Школьная", "Мектеп", "School St."), ("Степная", "Дала", "Steppe St."),
    ("Мира", "Бейбітшілік", "Peace St."), ("Озёрная", "Көл", "Lake St."), ("Северная", "Солтүстік", "North St."),
    ("Новая", "Жаңа", "New St."), ("Тихая", "Тыныш", "Quiet St."), ("Светлая", "Жарық", "Bright St."),
    ("Речная", "Өзен", "River St."),
)  # fmt: skip
#: What a school is: words around its number, and how it is owned.
_KINDS = (
    (("Школа № {n}", "№ {n} мектеп", "School No. {n}"), "kgu_state_institution"),
    (("Школа-гимназия № {n}", "№ {n} мектеп-гимназия", "School-gymnasium No. {n}"), "kgp_phv_state_enterprise"),
    (("Школа № {n}", "№ {n} мектеп", "School No. {n}"), "kgu_state_institution"),
    (("Школа-лицей № {n}", "№ {n} мектеп-лицей", "School-lyceum No. {n}"), "kgp_phv_state_enterprise"),
    (("Школа № {n}", "№ {n} мектеп", "School No. {n}"), "kgu_state_institution"),
    (("Основная школа № {n}", "№ {n} негізгі мектеп", "Basic school No. {n}"), "kgu_state_institution"),
    (("Частная школа № {n}", "№ {n} жекеменшік мектеп", "Private school No. {n}"), "private"),
)


def lay(work: Work, sheets: tuple[Checklist, ...], reference: Reference, many: int) -> None:
    """Write down the regions, the bodies, the campaign, the checklists and *many* invented schools."""
    schools.put_region(work, REGION, "KZ-99", _REGION_NAME, CITY, order_ref="№ 0-Д (демо)")
    founding.lay_ground(work, sheets, reference)
    schools.put_campaign(work, CAMPAIGN, _CAMPAIGN_NAME, work.now, work.now + timedelta(days=365))
    schools.put_schools(work, [form(number, work.chance) for number in range(1, many + 1)])


def form(number: int, chance: random.Random) -> SchoolForm:
    """Invent the school with this number."""
    district, district_name, (north, east), _ = _district_of(number)
    words, ownership = _KINDS[number % len(_KINDS)]
    ru, kk, en = (word.format(n=number) for word in words)
    street_ru, street_kk, street_en = chance.choice(_STREETS)
    house = chance.randrange(1, 90)
    # A grid of quarters, about a kilometre apart, a little shaken.
    place = Point(
        round(CITY.lat + north + (number % 7 - 3) * 0.011 + chance.uniform(-0.003, 0.003), 6),
        round(CITY.lon + east + (number // 7 % 9 - 4) * 0.016 + chance.uniform(-0.004, 0.004), 6),
    )
    return SchoolForm(
        id=f"DEMO-{number:03}",
        region=REGION,
        district=district,
        district_name=district_name,
        name={"ru": f"{ru} ({MARK})", "kk": f"{kk} ({MARK})", "en": f"{en} (demo)"},
        address={
            "ru": f"ул. {street_ru}, {house}",
            "kk": f"{street_kk} көшесі, {house}",
            "en": f"{house} {street_en}",
        },
        ownership=ownership,
        point=place,
        pupils=chance.randrange(12, 160) * 10,
        source="demo",
    )


def _district_of(number: int) -> tuple[str, dict[str, str], tuple[float, float], int]:
    place = number % 10
    for district in _DISTRICTS:
        place -= district[3]
        if place < 0:
            return district
    return _DISTRICTS[0]


def working_moment(now: datetime, days: int, hour: int, minute: int) -> datetime:
    """Give a moment of a working day about *days* before *now*; *now* is in the zone whose days count."""
    day = now.date() - timedelta(days=days)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=now.tzinfo)
