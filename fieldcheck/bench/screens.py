"""What each screen of a desk costs the server in a whole country: `python -m fieldcheck.bench.screens`.

7,687 schools, 1,000 volunteers, 11,000 visits and 100,000 entries are written; each screen is then drawn by Streamlit's
own test runner, without a browser. Measured are the time of one drawing and the processor's time in it (medians of
three, after one to warm up), the rows that it reads from the database, its queries, and what it would send.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import bindparam, event, insert, select, update
from sqlmodel import col
from streamlit.testing.v1 import AppTest

from fieldcheck.bench import register
from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.geo import Point
from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import checklist_files, database
from fieldcheck.storage.tables import Case, ChecklistVersion, School, Visit, VisitChecklist
from fieldcheck.usecases import checklists, people
from fieldcheck.usecases.work import begin
from fieldcheck.web import here, main

SCHOOLS, VOLUNTEERS, VISITS, OPEN_ONES = 7_687, 1_000, 10_000, 1_000
_OPEN = ("assigned", "in_progress", "submitted", "submitted", "returned")


@dataclass
class Cost:
    """What one drawing cost."""

    ms: float
    cpu: float = 0.0
    rows: int = 0
    queries: int = 0
    sent: int = 0


@dataclass(frozen=True)
class Country:
    """A programme as large as the country's, and somebody at each desk."""

    settings: Settings
    desks: dict[str, Actor]
    addresses: dict[str, str]


SCREENS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("coordinator", "figures", {}),
    ("coordinator", "visits", {}),
    ("coordinator", "visits", {"heap": "done"}),
    ("coordinator", "assign", {}),
    ("coordinator", "assign", {"school": "school", "sheets": "sheet"}),
    ("coordinator", "plan", {}),
    ("coordinator", "schools", {}),
    ("coordinator", "people", {}),
    ("coordinator", "rescue", {}),
    ("reviewer", "figures", {}),
    ("reviewer", "register", {}),
    ("reviewer", "register", {"region": "region", "school": "school"}),
    ("reviewer", "case", {"case": "case"}),
    ("reviewer of a region", "figures", {}),
    ("administrator", "figures", {}),
    ("administrator", "schools", {}),
    ("administrator", "people", {}),
    ("administrator", "checklists", {}),
    ("administrator", "record", {}),
    ("auditor", "record", {}),
    ("custodian", "erasure", {}),
    ("custodian", "reveals", {}),
)


def lay(settings: Settings, rows: int, schools: int = SCHOOLS, volunteers: int = VOLUNTEERS) -> Country:
    """Write the country's programme into an empty database."""
    now, chance = datetime.now(UTC), random.Random(11)
    database.upgrade(settings.database_url)
    dana = Actor(people.found(settings, "Dana", "en", now), "A-0001", Role.ADMINISTRATOR, None, "en")
    with database.transaction(settings.database_url) as session:
        register.fill(session, rows, schools, max(rows // VISITS, 1))
    regions = [register.region_id(n) for n in range(register.REGIONS)]
    sheets = {sheet.id: sheet for sheet in checklist_files.load(settings.checklists)[0]}
    desks, walkers = {"administrator": dana}, dict[str, list[str]]()
    with begin(settings, dana, now=now) as work:
        sheet = checklists.publish(work, sheets["entrance_stands"])
        for name, role, region in (
            ("coordinator", Role.COORDINATOR, regions[0]),
            ("reviewer", Role.REVIEWER, None),
            ("reviewer of a region", Role.REVIEWER, regions[0]),
            ("auditor", Role.AUDITOR, None),
            ("custodian", Role.CUSTODIAN, None),
        ):
            desks[name] = Actor(people.bring_in(work, role, region, name, language="en"), "", role, region, "en")
        bosses = {one: people.bring_in(work, Role.COORDINATOR, one, "Boss") for one in regions}
    for region, boss in bosses.items():
        with begin(settings, Actor(boss, "C-1", Role.COORDINATOR, region), now=now) as work:
            walkers[region] = [
                people.bring_in(work, Role.VOLUNTEER, region, f"Aisha {n}", home=Point(48.0, 67.0))
                for n in range(volunteers // register.REGIONS)
            ]
    _walk(settings, walkers, desks["coordinator"], sheet, chance, now, schools)
    with database.transaction(settings.database_url, reading=True) as session:
        case = session.execute(select(col(Case.id)).where(col(Case.region_id) == regions[0]).limit(1)).scalar_one()
    return Country(settings, desks, {"case": case, "school": "school-0", "sheet": sheet, "region": regions[0]})


def _walk(
    settings: Settings,
    walkers: dict[str, list[str]],
    boss: Actor,
    digest: str,
    chance: random.Random,
    now: datetime,
    schools: int,
) -> None:
    """Give each visit that is there to somebody of its region, and send people on more that are under way."""
    with database.transaction(settings.database_url) as session:
        there = session.execute(select(col(Visit.id), col(Visit.region_id))).all()
        mine = update(Visit).where(col(Visit.id) == bindparam("which")).values(volunteer_id=bindparam("who"))
        session.connection().execute(mine, [{"which": id_, "who": chance.choice(walkers[at])} for id_, at in there])
        some = session.execute(select(col(School.id), col(School.region_id)).limit(min(OPEN_ONES, schools))).all()
        made = [
            {
                "id": f"open-{n}", "school_id": school, "region_id": region,
                "volunteer_id": chance.choice(walkers[region]),
                "assigned_by": boss.person_id, "window_from": now - timedelta(days=2), "created_at": now,
                "window_to": now + timedelta(days=chance.randrange(-1, 9), hours=1), "updated_at": now,
                "state": chance.choice(_OPEN), "submitted_at": now - timedelta(hours=5),
            }
            for n, (school, region) in enumerate(some)
        ]  # fmt: skip
        session.execute(insert(Visit), made)
        walked = [{"visit_id": one["id"], "digest": digest, "position": 0} for one in made]
        walked += [{"visit_id": id_, "digest": digest, "position": 0} for id_, _region in there]
        session.execute(insert(VisitChecklist), walked)
        body = session.execute(select(ChecklistVersion).where(col(ChecklistVersion.digest) == digest)).scalar_one().body
        old = update(ChecklistVersion).where(col(ChecklistVersion.checklist_id) == "bench")
        session.execute(old.values(checklist_id=body["id"], version=0, body=body))


@contextmanager
def counting(url: str, cost: Cost) -> Iterator[None]:
    """Count the rows that SQLite hands out, and the queries that are sent to it."""
    engine = database.engine(url)

    def row(_cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> tuple[Any, ...]:
        cost.rows += 1
        return values

    def connected(connection: Any, *_rest: Any) -> None:
        connection.row_factory = row

    def let_go(connection: Any, *_rest: Any) -> None:
        connection.row_factory = None

    def asked(*_what: Any) -> None:
        cost.queries += 1

    heard: tuple[tuple[str, Callable[..., None]], ...] = (
        ("checkout", connected),
        ("checkin", let_go),
        ("before_cursor_execute", asked),
    )
    for name, what in heard:
        event.listen(engine, name, what)
    try:
        yield
    finally:
        for name, what in heard:
            event.remove(engine, name, what)


def draw(country: Country, who: str, screen: str, asked: dict[str, str]) -> Cost:
    """Draw one screen once."""
    actor = country.desks[who]
    with (
        patch.object(here, "settings", lambda: country.settings),
        patch.object(here, "find_account", lambda: actor.person_id),
    ):
        page = AppTest.from_function(_house, default_timeout=300)
        for name, value in asked.items():
            page.query_params[name] = country.addresses.get(value, value)
        page.switch_page(str(main.SCREENS_FOLDER / f"{screen}.py"))
        cost = Cost(0)
        with counting(country.settings.database_url, cost):
            began, worked = time.perf_counter(), time.process_time()
            page.run()
            cost.ms, cost.cpu = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
    if page.exception or page.error:
        raise RuntimeError(f"{who}, {screen}: {page.exception or page.error}")
    cost.sent = sum(proto.ByteSize() for proto in (getattr(one, "proto", None) for one in page) if proto is not None)
    return cost


def _house() -> None:
    from fieldcheck.web import main

    main.show()


def measure(settings: Settings, rows: int = 100_000) -> Iterator[tuple[str, Cost]]:
    """Lay the country and draw every screen; gives the median drawing of each as it is had."""
    country = lay(settings, rows)
    for who, screen, asked in SCREENS:
        draw(country, who, screen, asked)
        costs = [draw(country, who, screen, asked) for _ in range(3)]
        costs[0].ms = statistics.median(cost.ms for cost in costs)
        costs[0].cpu = statistics.median(cost.cpu for cost in costs)
        yield f"{who}: {screen} {' '.join(f'{k}={v}' for k, v in asked.items())}".strip(), costs[0]


def show(settings: Settings, rows: int) -> None:
    """Measure and print."""
    print(f"\nA desk's screens with {SCHOOLS} schools, {VOLUNTEERS} volunteers, {rows} entries")
    print(f"    {'':52}{'ms':>8}{'CPU ms':>8}{'rows':>9}{'queries':>9}{'kB sent':>9}")
    for name, cost in measure(settings, rows):
        told = f"{cost.ms:8.0f}{cost.cpu:8.0f}{cost.rows:9}{cost.queries:9}{cost.sent / 1000:9.0f}"
        print(f"    {name:52}{told}", flush=True)


def run() -> None:
    """Measure in a folder of its own and print."""
    asked = argparse.ArgumentParser(prog="python -m fieldcheck.bench.screens", description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--kept", type=Path, help="keep the folder, to look at it")
    options = asked.parse_args()
    folder = options.kept or Path(tempfile.mkdtemp(prefix=".bench-", dir=Path.cwd()))
    try:
        show(read_settings({"FIELDCHECK_DATA": str(folder / "screens")}), options.rows)
    finally:
        if not options.kept:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    run()
