"""In a whole demo programme nobody can be found: not one of its volunteers, nor a minute or a place of their visits.

Everybody who walks in it is a canary: name, phone, code, home, device; so is every minute and every position that a
phone sent, every word that was not released, and what a camera wrote into each photo. `tests/security` searches a
small one; `python -m fieldcheck.bench.security --canaries` the programme that `make run` makes, in three languages.
"""

import io
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlmodel import col

from fieldcheck import demo, words
from fieldcheck.bench.ports import free_port
from fieldcheck.demo import pictures, visits, walks
from fieldcheck.demo.drawing import Scene
from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.register import CaseFilter
from fieldcheck.settings import ZONE, Settings, read_settings
from fieldcheck.storage import database
from fieldcheck.storage import vault as vaults
from fieldcheck.storage.tables import (
    Answer,
    Case,
    ChecklistVersion,
    FindingRow,
    Photo,
    RecordEntry,
    Region,
    ReleasedText,
    School,
    Visit,
)
from fieldcheck.usecases import cases, evidence, people, register
from fieldcheck.usecases.people import Rostered
from fieldcheck.usecases.work import look
from tests.screens.sitting import Chair
from tests.security.conftest import HARD, Door, browser, serving
from tests.security.searching import LANGUAGES, Canaries, Desk, Place, Things, agencys, note, search, tables
from tests.security.town import sign_in

#: What everybody asks the server for while it writes its log.
PATHS = ("/", "/pocket", "/api/start", "/api/me", "/api/me/data", "/api/visits", "/api/register.csv")
SCALE = 1.0 if HARD else 0.1
EXIF = "exif-of-the-demo"
#: What is said in so few words that it may stand in anybody's text.
_LEAST = 12


@dataclass(frozen=True)
class Programme:
    """A demo, who is in it, and what must not be found."""

    settings: Settings
    said: dict[str, str]
    people: Sequence[Rostered]
    canaries: Canaries

    def actors(self, role: Role) -> list[Actor]:
        """Everybody of a role."""
        return [Actor(one.id, one.code, one.role, one.region, one.language) for one in self.people if one.role is role]


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    """The demo as it is made for whoever tries the house, but that each camera wrote into its photos."""
    folder = tmp_path_factory.mktemp("whole-demo")
    said = {"FIELDCHECK_DATA": str(folder), "FIELDCHECK_URL": f"http://localhost:{free_port()}"}
    settings = read_settings(said)
    database.upgrade(settings.database_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "take", _telling(pictures.take))
        # Some hours ago: no minute of it is one in which the search itself asks for something.
        demo.create(settings, datetime.now(UTC) - timedelta(hours=5), scale=SCALE, tell=lambda _line: None)
    while evidence.develop_waiting(settings, 100):
        pass
    settings, there = read_settings(said), people.roster(settings)
    yield Programme(settings, said, there, canaries(settings, there))
    database.engine(settings.database_url).dispose()


def _telling(take: Callable[..., bytes]) -> Callable[..., bytes]:
    """Let a camera write into a photo what cameras write."""

    def taken(scene: Scene, language: str, chance: random.Random) -> bytes:
        exif, out = Image.Exif(), io.BytesIO()
        exif[0x013B] = exif[0x0110] = EXIF
        with Image.open(io.BytesIO(take(scene, language, chance))) as photo:
            photo.save(out, "JPEG", quality=80, exif=exif, comment=EXIF.encode())
        return out.getvalue()

    return taken


# --- what must not be found


def canaries(settings: Settings, there: Sequence[Rostered]) -> Canaries:
    """Gather from the demo itself all that would tell who was there, or when to the minute, or where she stood."""
    walkers = [one for one in there if one.role is Role.VOLUNTEER]
    with database.transaction(settings.database_url, reading=True) as session:
        with vaults.opened(settings, session, reading=True) as box:
            kept = {one.id: box.items("identity", [one.id])[one.id][one.id] for one in walkers}
        answers = session.execute(
            select(col(Answer.lat), col(Answer.lon), col(Answer.happened_at), col(Answer.seen_at), col(Answer.given_at))
        ).all()
        photos = session.execute(select(col(Photo.lat), col(Photo.lon), col(Photo.taken_at))).all()
        ends = session.execute(select(col(Visit.started_at), col(Visit.submitted_at))).all()
        # What somebody of the agency did at a minute is said with that minute.
        hers = col(RecordEntry.actor).in_([one.code for one in there if one.role is Role.REVIEWER])
        own = {datetime.fromisoformat(at) for at in session.execute(select(col(RecordEntry.at)).where(hers)).scalars()}
        own |= {at for row in session.execute(select(col(Case.opened_at), col(Case.released_at))) for at in row}
        # Where a school or a region lies is known; of thousands of positions some have a number in common with it.
        ground = [
            tuple(row) for table in (School, Region) for row in session.execute(select(col(table.lat), col(table.lon)))
        ]
        released = "\n".join(session.execute(select(col(ReleasedText.text))).scalars())
    texts = {"EXIF": EXIF}
    for one in walkers:
        name, phone = str(kept[one.id]["name"]).rpartition(" (")[0], str(kept[one.id]["phone"])
        texts |= {f"{one.code}, name": name, f"{one.code}, family name": name.rsplit(maxsplit=1)[-1],
                  f"{one.code}, phone": phone, f"{one.code}, digits": re.sub(r"\D", "", phone)}  # fmt: skip
        texts |= {
            f"{one.code}, code": one.code,
            f"{one.code}, person": one.id,
            f"{one.code}, device": f"demo-{one.code}",
        }
        if tuple(kept[one.id]["home"]) not in ground:
            texts[f"{one.code}, home"] = ", ".join(str(degree) for degree in kept[one.id]["home"])
    texts |= {f"words, {one[:20]}": one for one in said() if one not in released and len(one) > _LEAST}
    moments = (
        [at for row in answers for at in row[2:]] + [row[2] for row in photos] + [at for row in ends for at in row]
    )
    minutes = {_minute(at) for at in moments if at is not None} - {_minute(at) for at in own}
    points = {str(degree).encode() for row in (*answers, *photos) for degree in row[:2] if degree is not None}
    points -= {str(degree).encode() for row in ground for degree in row}
    return Canaries(texts, written(minutes), frozenset(one for one in points if len(one.partition(b".")[2]) >= 4))


def said() -> Iterator[str]:
    """All that a volunteer of the demo may have said in her own words."""
    yield from (one for spoken in walks._NOTES.values() for one in spoken)
    yield from visits._STOP_NOTES.values()
    yield from (one for sheet in walks._SAID.values() for kinds in sheet.values() for kind in kinds for one in kind)


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def written(minutes: set[datetime]) -> Mapping[bytes, Sequence[bytes]]:
    """Write each minute as the house, its tables and a camera would, on the wall and in UTC; by hour and minute."""
    found: dict[bytes, set[bytes]] = {}
    for at in minutes:
        for local in (at, at.astimezone(ZONE)):
            forms = {
                local.strftime(form)
                for form in ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y:%m:%d %H:%M", "%d.%m.%Y %H:%M")
            }
            forms |= {copy_context().run(_said_in, language, local.replace(tzinfo=ZONE)) for language in LANGUAGES}
            found.setdefault(local.strftime("%H:%M").encode(), set()).update(form.encode() for form in forms)
    return {at: tuple(forms) for at, forms in found.items()}


def _said_in(language: str, local: datetime) -> str:
    words.use(language)
    return words.moment(local)


# --- where it is looked for


@pytest.fixture
def desks(programme: Programme) -> Iterator[list[Desk]]:
    """The two reviewers."""
    settings, now = programme.settings, datetime.now(UTC)
    with ExitStack() as stack:
        door = Door(settings, stack)
        both = programme.actors(Role.REVIEWER)
        yield [Desk(one.code, one, door.client(sign_in(settings, one.code, now))) for one in both]


@pytest.fixture
def chair(programme: Programme, monkeypatch: pytest.MonkeyPatch) -> Chair:
    """Where they sit."""
    return Chair(programme.settings, monkeypatch)


def entries(programme: Programme) -> dict[str, str]:
    """Every entry that a reviewer of the country finds, by its number."""
    country = next(one for one in programme.actors(Role.REVIEWER) if one.region is None)
    with look(programme.settings, country) as work:
        return {line.number: line.id for line in register.entries(work, CaseFilter(page_size=200)).rows}


def things(programme: Programme, cases: Mapping[str, str]) -> Things:
    """Some entries, every photo, visit and checklist."""
    with database.transaction(programme.settings.database_url, reading=True) as session:
        ids: dict[str, list[str]] = {
            "case_id": list(cases.values()),
            "photo_id": list(session.execute(select(col(Photo.id))).scalars()),
            "visit_id": list(session.execute(select(col(Visit.id))).scalars()),
            "digest": list(session.execute(select(col(ChecklistVersion.digest))).scalars()),
        }
    return Things(cases, {f"photo {id_}": id_ for id_ in ids["photo_id"]}, ids.__getitem__)


def test_nobody_of_a_whole_demo_can_be_found_by_the_agency(
    programme: Programme, desks: list[Desk], chair: Chair, record_property: Any
) -> None:
    looked_at = dict(list(entries(programme).items())[: None if HARD else 4])
    there = things(programme, looked_at)

    found, looked = search(agencys(chair, desks, there, LANGUAGES if HARD else ()), programme.canaries)
    in_tables, rows = search(tables(programme.settings), programme.canaries)

    note(record_property, looked + rows, programme.canaries, len(found | in_tables))
    assert found == set()
    assert in_tables == set()
    assert looked["pages"] > 10 and looked["letters"] > 20 and looked["photos"] > 10 and rows["tables"] > 5


def test_nobody_of_it_stands_in_what_the_server_writes_down(
    programme: Programme, tmp_path: Path, record_property: Any
) -> None:
    """They all come in from an address of their own, read and send; the two of the agency look at everything."""
    now, log = datetime.now(UTC), tmp_path / "log"
    asked, more = 0, {}
    with serving(programme.settings, programme.said, log):
        for place, one in enumerate([*programme.actors(Role.VOLUNTEER), *programme.actors(Role.REVIEWER)], start=1):
            address = more[f"{one.code}, address"] = f"203.0.113.{place}"
            with browser(programme.settings, sign_in(programme.settings, one.code, now)) as hers:
                hers.headers["X-Forwarded-For"] = address
                for path in PATHS:
                    asked += hers.get(path).status_code > 0
                for case in entries(programme).values() if one.role is Role.REVIEWER else ():
                    asked += hers.get(f"/api/letters/{case}?language=ru").status_code == 200
                hers.post("/api/visits/none/answers", content=b"[" * 9)
    wrote = Place("log", "log", log.read_bytes())
    canaries_ = Canaries({**programme.canaries.texts, **more}, programme.canaries.moments, programme.canaries.points)

    found, looked = search([wrote], canaries_)

    note(record_property, {"requests": asked, **looked}, canaries_, len(found))
    assert found == set()
    assert asked > 100


def test_whatever_is_planted_in_the_demo_is_found(
    programme: Programme, desks: list[Desk], chair: Chair, record_property: Any
) -> None:
    """The control: a leak of each kind, put into what a coordinator released; and the tables that do know."""
    minute = next(iter(programme.canaries.moments.values()))[0].decode()
    point = next(iter(programme.canaries.points)).decode()
    number, case = next((number, case) for number, case in entries(programme).items() if _released(programme, case))
    with _planted(programme, case, "; ".join([*programme.canaries.texts.values(), minute, point])):
        pages = Things({number: case}, {}, lambda _part: ())
        found, _looked = search(agencys(chair, desks, pages), programme.canaries)
    known, _looked = search(tables(programme.settings, others=True), programme.canaries)

    planted = {*programme.canaries.texts, f"moment {minute}", f"position {point}"}
    for kind in ("page case", "letter"):
        caught = {canary for canary, where in found if f", {kind} {number}" in where}
        record_property(f"planted in a {kind.split()[0]}", len(planted))
        record_property("caught", len(planted & caught))
        assert planted - caught == set()
    assert sum(canary.startswith("moment") for canary, _where in known) > 100
    assert sum(canary.startswith("position") for canary, _where in known) > 100


def _released(programme: Programme, case: str) -> set[str]:
    """What was released of somebody's words and stands in this entry."""
    with look(programme.settings, programme.actors(Role.REVIEWER)[0]) as work:
        return {answer.text for answer in cases.read(work, case).answers if answer.text is not None}


@contextmanager
def _planted(programme: Programme, case: str, leak: str) -> Iterator[None]:
    """Let a released text of this entry be a leak for a while."""
    with database.transaction(programme.settings.database_url) as session:
        finding = session.execute(select(FindingRow).join(Case).where(col(Case.id) == case)).scalar_one()
        where = (col(ReleasedText.visit_id) == finding.visit_id, col(ReleasedText.text).in_(_released(programme, case)))
        before = session.execute(select(col(ReleasedText.question_id), col(ReleasedText.text)).where(*where)).all()
        session.execute(update(ReleasedText).where(*where).values(text=leak))
    try:
        yield
    finally:
        with database.transaction(programme.settings.database_url) as session:
            for question, text in before:
                was = (where[0], col(ReleasedText.question_id) == question)
                session.execute(update(ReleasedText).where(*was).values(text=text))
