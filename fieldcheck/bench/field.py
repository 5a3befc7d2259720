"""A programme for phones to walk, and its server in a process of its own that can be killed like a power cut.

Served are the phone's doors (page, API, gate) as one process of them runs beside the desks; people, visits and sessions
come from the use-cases. Each walker has a school and a visit of her own, so that runs do not meet.
"""

import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fieldcheck.demo.people import make_ready
from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.checklist import Checklist, from_body
from fieldcheck.domain.geo import Point
from fieldcheck.settings import Settings, read_settings
from fieldcheck.storage import database
from fieldcheck.usecases import checklists, dispatch, people, schools
from fieldcheck.usecases.work import begin

QUESTIONS, PHOTOS = 6, 2
QUESTION_TITLES = [f"Question {n}" for n in range(1, QUESTIONS + 1)]
PHOTO_TITLES = [f"Photo {n}" for n in range(1, PHOTOS + 1)]
REGION = "990000000"
HERE = Point(47.0, 69.5)


def words(text: str) -> dict[str, str]:
    """Give the same words in three languages."""
    return {"ru": text, "kk": text, "en": text}


def sheet(questions: int, photos: int, key: str = "field", version: int = 1) -> Checklist:
    """Make a checklist of so many questions to tap and so many to photograph."""
    asked: list[dict[str, Any]] = [
        {"id": f"FLD-{n:02}", "type": "yes_no_na", "text": words(f"Question {n}"), "required": True}
        for n in range(1, questions + 1)
    ]
    need = {"min": 1, "max": 3, "subject": words("the stand"), "forbidden": ["faces"], "when": []}
    asked += [
        {"id": f"PHO-{n:02}", "type": "photo", "text": words(f"Photo {n}"), "required": True, "photo": need}
        for n in range(1, photos + 1)
    ]
    return from_body({
        "schema": "fieldcheck.checklist/1", "id": key, "prefix": "FLD", "version": version, "status": "reviewed",
        "title": words("Field"), "mode": "on_site_observation", "applies_to": ["kgu_state_institution"],
        "est_minutes": 5, "max_visit_minutes": 60, "min_gap_days_same_school": 1, "scenario": words("A visitor."),
        "sections": [{"id": "one", "title": words("Field"), "questions": asked}], "rules": [],
    })  # fmt: skip


@dataclass
class Field:
    """An installation with its server on *port*; browsers use its address, and a broken road may stand between."""

    settings: Settings
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    #: Whether the service worker that it serves forgets what it should send.
    forgetful: bool = False
    alice: Actor = field(init=False)
    dana: Actor = field(init=False)

    def start(self) -> None:
        """Serve, and wait until it answers."""
        environment = {**os.environ, "FIELDCHECK_DATA": str(self.settings.data), "FIELDCHECK_URL": self.settings.url}
        with (self.settings.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fieldcheck.bench.doors", str(self.port), *["forgetful"][: self.forgetful]],
                env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        end = time.monotonic() + 300
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError((self.settings.data / "server.log").read_text()[-2000:])
            try:
                with urllib.request.urlopen(f"http://localhost:{self.port}/api/health", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError("the server did not answer within five minutes")

    def kill(self) -> None:
        """Kill the server with no goodbye to anybody."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(20)

    def publish(self, checklist: Checklist) -> str:
        """Publish a checklist; gives its digest."""
        with begin(self.settings, self.dana) as work:
            return checklists.publish(work, checklist)

    def walker(self, number: int, digests: list[str], language: str = "en") -> tuple[str, str, Actor]:
        """Bring in a volunteer with one visit; gives her cookie, the visit's id and herself."""
        cookie, walker = self.newcomer(number, language)
        make_ready(self.settings, walker, datetime.now(UTC), random.Random(number))
        return cookie, self.assign(walker, number, digests), walker

    def newcomer(self, number: int, language: str = "en") -> tuple[str, Actor]:
        """Bring in a volunteer who has agreed to nothing yet; gives her cookie and herself."""
        now = datetime.now(UTC)
        with begin(self.settings, self.alice) as work:
            person = people.bring_in(work, Role.VOLUNTEER, REGION, f"Walker {number}", language=language)
            people.confirm_conflicts(work, person)
            code = next(one.code for one in people.people(work) if one.id == person)
        cookie = people.redeem(self.settings, people.invite_from_console(self.settings, code, now), now).cookie
        return cookie, Actor(person, code, Role.VOLUNTEER, REGION, language)

    def assign(self, walker: Actor, number: int, digests: list[str]) -> str:
        """Give a volunteer a visit to a school of its own; gives the visit's id."""
        now = datetime.now(UTC)
        school = f"DEMO-{number:04}"
        name = words(f"School {number}")
        form = schools.SchoolForm(school, REGION, "ulgi", name, name, name, "kgu_state_institution", HERE, 700, "bench")
        with begin(self.settings, self.dana) as work:
            schools.put_schools(work, [form])
        with begin(self.settings, self.alice) as work:
            until = now + timedelta(days=2)
            return dispatch.assign(work, school, walker.person_id, digests, now - timedelta(hours=1), until)


def lay(folder: Path, port: int, url: str) -> Field:
    """Build an empty programme in *folder*; its server is not started yet."""
    settings = read_settings({"FIELDCHECK_DATA": str(folder), "FIELDCHECK_URL": url})
    database.upgrade(settings.database_url)
    laid = Field(settings, port)
    now = datetime.now(UTC)
    laid.dana = Actor(people.found(settings, "Dana", "en", now), "A-0001", Role.ADMINISTRATOR, None, "en")
    with begin(settings, laid.dana) as work:
        schools.put_region(work, REGION, "KZ-99", words("Demo"), HERE, order_ref="0")
        alice = people.bring_in(work, Role.COORDINATOR, REGION, "Alice")
    laid.alice = Actor(alice, "C-100", Role.COORDINATOR, REGION, "en")
    return laid


