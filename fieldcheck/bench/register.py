"""How long the register's first page takes when the country has been at it for years."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.case import CaseState
from fieldcheck.domain.checklist import Severity
from fieldcheck.domain.register import CaseFilter, Order, number, words_of
from fieldcheck.settings import Settings
from fieldcheck.storage import case_search, database
from fieldcheck.storage.tables import Body, Case, CaseWords, ChecklistVersion, FindingRow, Person, Region, School, Visit
from fieldcheck.usecases import register, register_export, reports
from fieldcheck.usecases.work import look

NOW = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)
REGIONS, SCHOOLS, CODES, BATCH = 20, 2_000, 40, 5_000
_STATES = ["detected"] * 2 + ["confirmed", "referred", "answered", "noted", "dismissed"] + ["closed"] * 5
_SEVERITIES = ["critical", "high", "high", "medium", "medium", "low", "info"]
_NATURES = ["legal_breach", "programme_breach", "indicator", "positive"]


def measure(settings: Settings, rows: int = 100_000) -> dict[str, float]:
    """Fill an empty database with *rows* entries; give milliseconds (medians of 9) for what a reviewer does."""
    database.upgrade(settings.database_url)
    started = time.perf_counter()
    with database.transaction(settings.database_url) as session:
        fill(session, rows)
    filled = time.perf_counter() - started
    country, region = _reviewer(None), _reviewer(region_id(3))
    asked: dict[str, tuple[Actor, CaseFilter]] = {
        "first page, country": (country, CaseFilter()),
        "first page, one region": (region, CaseFilter()),
        "page 1000, country": (country, CaseFilter(page=1000)),
        "open ones, by term": (country, CaseFilter(state=(CaseState.REFERRED,), order=Order.DUE)),
        "overdue": (country, CaseFilter(overdue=True, order=Order.DUE)),
        "critical": (country, CaseFilter(severity=(Severity.CRITICAL,))),
        "severest first": (country, CaseFilter(order=Order.SEVERITY)),
        "one code": (country, CaseFilter(code=("V-007",))),
        "text": (country, CaseFilter(text="school 77")),
        "text in every entry": (country, CaseFilter(text="school")),
        "text in no entry": (country, CaseFilter(text="гимназия")),
        "a number": (country, CaseFilter(text="00777")),
        "one school": (country, CaseFilter(school="school-77")),
    }
    told = {"filled, s": round(filled, 1)}
    for name, (actor, wanted) in asked.items():
        told[f"{name}, ms"] = _median(settings, actor, lambda work, wanted=wanted: register.entries(work, wanted))
    told["figures of the agency, ms"] = _median(settings, country, reports.agency_figures)
    told["points of the agency, ms"] = _median(settings, country, reports.case_points)
    started = time.perf_counter()
    with register_export.export(settings, country, CaseFilter()) as file:
        told["export of all, s"] = round(time.perf_counter() - started, 2)
        told["export of all, MB"] = round(file.seek(0, 2) / 1e6, 1)
    return told


def _median(settings: Settings, actor: Actor, what: Callable[..., Any]) -> float:
    took = []
    for _ in range(9):
        started = time.perf_counter()
        with look(settings, actor, now=NOW) as work:
            what(work)
        took.append(time.perf_counter() - started)
    return round(statistics.median(took) * 1000, 1)


def _reviewer(region: str | None) -> Actor:
    return Actor("bo", "R-200", Role.REVIEWER, region, "en")


def region_id(place: int) -> str:
    """Give the id of the region at this place of the list."""
    return f"{10 + place}0000000"


def _words(text: str) -> dict[str, str]:
    return {"ru": text, "kk": text, "en": text}


def fill(session: Session, rows: int, schools: int = SCHOOLS, each: int = CODES) -> None:
    """Write regions, schools, one volunteer, one reviewer, visits with *each* findings, and *rows* entries of them."""
    chance = random.Random(7)
    regions = [region_id(place) for place in range(REGIONS)]
    session.execute(
        insert(Region),
        [{"id": id_, "iso": f"KZ-{id_[:2]}", "name": _words(id_), "lat": 48.0, "lon": 67.0} for id_ in regions],
    )
    session.execute(insert(Body), [{"id": "DQA", "name": _words("DQA")}])
    session.execute(
        insert(School),
        [
            {
                "id": f"school-{n}",
                "region_id": regions[n % REGIONS],
                "district": f"d{n % REGIONS}-{_district(n)}",
                "district_name": _words(f"District {_district(n)}"),
                "name": _words(f"School {n}"),
                "address": _words("1"),
                "ownership": "kgu_state_institution",
                "lat": 42 + n % REGIONS // 5 * 3 + _district(n) // 4 * 0.8 + chance.random() * 0.7,
                "lon": 50 + n % 5 * 7 + _district(n) % 4 * 1.4 + chance.random() * 1.2,
            }
            for n in range(schools)
        ],
    )
    session.execute(
        insert(Person),
        [
            {"id": "chelsea", "code": "V-1000", "role": "volunteer", "region_id": regions[0], "created_at": NOW},
            {"id": "bo", "code": "R-200", "role": "reviewer", "region_id": None, "created_at": NOW},
        ],
    )
    session.execute(
        insert(ChecklistVersion),
        [
            {
                "digest": "0" * 64,
                "checklist_id": "bench",
                "version": 1,
                "title": _words("b"),
                "body": {"rules": []},
                "published_at": NOW,
            }
        ],
    )
    for table, made in (
        (Visit, _visits(rows, schools, each)),
        (FindingRow, _findings(rows, each)),
        (Case, _cases(rows, regions, schools, chance)),
    ):
        batch: list[dict[str, Any]] = []
        for values in made:
            batch.append(values)
            if len(batch) == BATCH:
                session.execute(insert(table), batch)
                batch = []
        if batch:
            session.execute(insert(table), batch)
    found_by: list[dict[str, Any]] = []
    for id_, given, code, title, school in session.execute(
        select(col(Case.id), col(Case.number), col(Case.code), col(Case.title), col(Case.school_id))
    ).all():
        place = school.removeprefix("school-")
        words = " ".join([given, code, title["en"], f"school {place} district {_district(int(place))}"])
        found_by.append({"case_id": id_, "words": " ".join(words_of(words))})
    session.execute(insert(CaseWords), found_by)
    case_search.rebuild(session)


def _district(school: int) -> int:
    """Say in which of a region's twelve districts a school lies."""
    return school // REGIONS % 12


def _visits(rows: int, schools: int, each: int) -> Iterator[dict[str, Any]]:
    for n in range(-(-rows // each)):
        yield {
            "id": f"visit-{n}",
            "school_id": f"school-{n % schools}",
            "region_id": region_id(n % schools % REGIONS),
            "volunteer_id": "chelsea",
            "assigned_by": "chelsea",
            "window_from": NOW,
            "window_to": NOW + timedelta(days=1),
            "state": "accepted",
            "created_at": NOW,
            "updated_at": NOW,
        }


def _findings(rows: int, each: int) -> Iterator[dict[str, Any]]:
    for n in range(rows):
        yield {
            "id": f"finding-{n}",
            "visit_id": f"visit-{n // each}",
            "digest": "0" * 64,
            "code": f"V-{n % CODES:03}",
            "severity": "high",
            "nature": "legal_breach",
            "title": _words("A sign"),
            "judged_at": NOW,
            "detail": {"responsible_body": "DQA"},
        }


def _cases(rows: int, regions: list[str], schools: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    for n in range(rows):
        place, state = chance.randrange(schools), chance.choice(_STATES)
        region, opened = regions[place % REGIONS], NOW - timedelta(minutes=chance.randrange(3 * 365 * 24 * 60))
        given, title = number(opened.year, region, n + 1), _words(f"A sign of a breach, the {n % CODES}th of its kind")
        yield {
            "id": f"{n:08x}-{chance.getrandbits(64):016x}",
            "number": given,
            "finding_id": f"finding-{n}",
            "school_id": f"school-{place}",
            "region_id": region,
            "code": f"V-{n % CODES:03}",
            "severity": chance.choice(_SEVERITIES),
            "nature": chance.choice(_NATURES),
            "title": title,
            "state": state,
            "restricted": False,
            "visited_half": f"{opened.date()}/am",
            "visited_told": f"{opened.date()}/am",
            "opened_at": opened,
            "released_at": opened,
            "dated_at": opened,
            "due_at": opened + timedelta(days=21) if state in ("detected", "confirmed", "referred") else None,
            "suggested_body_id": "DQA",
            "closed_at": opened + timedelta(days=60) if state == "closed" else None,
            "outcome": "remedied" if state == "closed" else None,
        }
