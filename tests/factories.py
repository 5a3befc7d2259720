"""Rows for tests that begin in the middle: a region, a school, people, and a visit that was accepted with findings.

Tests of a use-case that makes such rows use the use-case; these are for what stands after it.
"""

import io
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fieldcheck.domain.access import Actor
from fieldcheck.domain.checklist import from_body
from fieldcheck.domain.register import CaseFilter
from fieldcheck.settings import Settings
from fieldcheck.storage import database, vault
from fieldcheck.storage.tables import (
    Answer,
    Body,
    ChecklistVersion,
    FindingRow,
    Person,
    Photo,
    Region,
    ReleasedText,
    School,
    Visit,
    VisitChecklist,
)
from fieldcheck.usecases import identities, people, register_export
from fieldcheck.usecases.work import Work

ALMATY, ABAI = "750000000", "100000000"
#: A Monday, worked, with a full working week behind it.
MONDAY = datetime(2026, 9, 14, 6, 0, tzinfo=UTC)
#: What must never reach the agency. The position is that of the visit, its minute is 09:47 in Almaty.
CANARIES = ("V-7777", "Chelsea Canary", "+77015550123", "device-canary", "43.238111", "04:47", "09:47", "words-canary")


def csv_of(work: Work, wanted: CaseFilter | None = None) -> bytes:
    """Export the register within one piece of work."""
    file = io.BytesIO()
    rows = register_export.write(work, wanted or CaseFilter(), file)
    register_export.note(work, wanted or CaseFilter(), rows)
    return file.getvalue()


def words(text: str) -> dict[str, str]:
    """Say the same in three languages, each recognisable."""
    return {"ru": f"{text} (ru)", "kk": f"{text} (kk)", "en": text}


def question(id_: str, type_: str, text: str, **more: Any) -> dict[str, Any]:
    """Ask one thing that is always shown and never required."""
    return {"id": id_, "type": type_, "text": words(text), "required": False, **more}


def rule(code: str, **more: Any) -> dict[str, Any]:
    """Write a rule as a checklist's body holds it."""
    return {
        "code": code,
        "severity": "high",
        "nature": "legal_breach",
        "title": words(f"Sign {code}"),
        "when": {"q": "COL-05", "is": "mandatory"},
        "legal_basis": ["EDU-63-2-2", "UK-190"],
        "responsible_body": "DQA",
        "escalate_to": None,
        "deadline": {"value": 15, "unit": "working_days", "basis": "APPC-76"},
        "min_evidence": [{"quote": "COL-16"}],
        **more,
    }


BODY: dict[str, Any] = {
    "schema": "fieldcheck.checklist/1",
    "id": "illegal_collections",
    "prefix": "COL",
    "version": 1,
    "status": "draft_needs_legal_review",
    "title": words("Money collections"),
    "mode": "on_site_enquiry_or_phone",
    "applies_to": ["kgu_state_institution"],
    "est_minutes": 15,
    "max_visit_minutes": 25,
    "min_gap_days_same_school": 60,
    "scenario": words("Ask what is paid for"),
    "sections": [
        {
            "id": "all",
            "title": words("All"),
            "questions": [
                question("COL-02", "geopoint", "Where are you?"),
                question("COL-03", "datetime", "When was it said?"),
                question(
                    "COL-05",
                    "single",
                    "What was said about payments?",
                    options=[{"id": "mandatory", **words("Payment is mandatory")}, {"id": "none", **words("None")}],
                ),
                question("COL-07", "money", "Which amount?", min=0, max=5_000_000, unit="KZT"),
                question("COL-16", "quote", "Their words"),
                question("COL-17", "photo", "The notice"),
            ],
        }
    ],
    "rules": [
        rule("V-COL-02", severity="critical"),
        rule("V-COL-03"),
        rule("V-COL-04", severity="medium", nature="indicator"),
        rule("V-COL-90", severity="info", nature="positive"),
        rule("V-COL-99", responsible_body="PROGRAM"),
    ],
}
ASKED = ("COL-03", "COL-05", "COL-07", "COL-16", "COL-17", "COL-02")


def a_region(settings: Settings, id_: str = ALMATY, name: str = "Almaty") -> str:
    """Add a region, the bodies and the checklist, where they are not there yet."""
    checklist = from_body(BODY)
    with database.transaction(settings.database_url) as session:
        session.merge(Region(id=id_, iso=f"KZ-{id_[:2]}", name=words(name), lat=43.24, lon=76.89))
        session.merge(Body(id="DQA", name=words("Quality department")))
        session.merge(Body(id="EDU_LOCAL", name=words("District department")))
        session.merge(
            ChecklistVersion(
                digest=checklist.digest,
                checklist_id=checklist.id,
                version=1,
                title=dict(checklist.title),
                body=checklist.body(),
                published_at=MONDAY,
            )
        )
    return id_


def a_school(settings: Settings, region: str = ALMATY, id_: str = "school-1", name: str = "School No. 1") -> str:
    """Add a school with a point on the map."""
    with database.transaction(settings.database_url) as session:
        session.add(
            School(
                id=id_,
                region_id=region,
                district="bostandyk",
                district_name=words("Bostandyk"),
                name=words(name),
                address=words("1 Abay avenue"),
                ownership="kgu_state_institution",
                lat=43.2381,
                lon=76.8897,
                pupils=900,
            )
        )
    return id_


def a_person(
    settings: Settings, role: str, region: str | None, code: str, name: str = "", language: str = "en"
) -> Actor:
    """Add somebody and give her as an actor."""
    id_ = str(uuid.uuid4())
    with database.transaction(settings.database_url) as session:
        session.add(Person(id=id_, code=code, role=role, region_id=region, language=language, created_at=MONDAY))
        session.flush()
        with vault.opened(settings, session) as box:
            identities.keep(box, id_, name or code, "+77015550123")
    found = people.actor_by_account(settings, id_)
    assert found
    return found


def a_volunteer(settings: Settings, region: str = ALMATY, code: str = "V-7777") -> Actor:
    """Add Chelsea, who walks."""
    return a_person(settings, "volunteer", region, code, name="Chelsea Canary")


def a_coordinator(settings: Settings, region: str = ALMATY, code: str = "C-100") -> Actor:
    """Add Alice, who coordinates."""
    return a_person(settings, "coordinator", region, code)


def a_reviewer(settings: Settings, region: str | None = None, code: str = "R-200", language: str = "en") -> Actor:
    """Add Bo, who reviews for the agency; without a region, the whole country."""
    return a_person(settings, "reviewer", region, code, language=language)


def an_accepted_visit_with_findings(
    settings: Settings,
    school: str,
    volunteer: Actor,
    coordinator: Actor,
    codes: Sequence[str] = ("V-COL-02", "V-COL-03"),
    at: datetime = datetime(2026, 9, 11, 4, 47, 13, tzinfo=UTC),
) -> str:
    """Add a visit as it stands after its acceptance, with answers, a released photo and findings; gives its id."""
    checklist, id_ = from_body(BODY), str(uuid.uuid4())
    asked: dict[str, Any] = {
        "COL-02": {"lat": 43.238111, "lon": 76.889711, "accuracy": 12.0},
        "COL-03": at.isoformat(),
        "COL-05": "mandatory",
        "COL-07": 5000,
        "COL-16": "words-canary: they said so at the gate",
    }
    by_code = {found.code: found for found in checklist.rules}
    with database.transaction(settings.database_url) as session:
        session.add(
            Visit(
                id=id_,
                school_id=school,
                region_id=str(volunteer.region),
                volunteer_id=volunteer.person_id,
                assigned_by=coordinator.person_id,
                window_from=at - timedelta(days=1),
                window_to=at + timedelta(days=1),
                state="accepted",
                created_at=at - timedelta(days=2),
                briefed_at=at,
                started_at=at,
                submitted_at=at + timedelta(minutes=20),
                received_at=at + timedelta(minutes=20),
                decided_at=at + timedelta(days=1),
                decided_by=coordinator.person_id,
                updated_at=at,
            )
        )
        session.flush()
        session.add(VisitChecklist(visit_id=id_, digest=checklist.digest, position=0))
        for place, (question_id, value) in enumerate(asked.items()):
            session.add(
                Answer(
                    id=str(uuid.uuid4()),
                    visit_id=id_,
                    digest=checklist.digest,
                    question_id=question_id,
                    value=value,
                    given_at=at,
                    happened_at=at + timedelta(seconds=place),
                    received_at=at,
                    device="device-canary",
                    lat=43.238111,
                    lon=76.889711,
                    accuracy=12.0,
                    age=2.0,
                    body_hash="0" * 64,
                )
            )
        for released in (True, False):
            session.add(
                Photo(
                    id=str(uuid.uuid4()),
                    visit_id=id_,
                    digest=checklist.digest,
                    question_id="COL-17",
                    sha256=uuid.uuid4().hex * 2,
                    size=1000,
                    format="JPEG",
                    width=100,
                    height=100,
                    taken_at=at,
                    received_at=at,
                    state="checked",
                    released=released,
                    body_hash="0" * 64,
                    claims={"camera": "device-canary"},
                )
            )
        for code in codes:
            found = by_code[code]
            session.add(
                FindingRow(
                    id=str(uuid.uuid4()),
                    visit_id=id_,
                    digest=checklist.digest,
                    code=code,
                    severity=found.severity.value,
                    nature=found.nature.value,
                    title=dict(found.title),
                    judged_at=at,
                    detail={
                        "legal_basis": list(found.legal_basis),
                        "responsible_body": found.responsible_body,
                        "escalate_to": found.escalate_to,
                        "deadline": {"value": 15, "unit": "working_days", "basis": "APPC-76"},
                        "questions": list(ASKED),
                        "evidence_missing": ["quote:COL-16|photo:COL-17"],
                    },
                )
            )
    return id_


def a_released_text(settings: Settings, visit_id: str, text: str, question_id: str = "COL-16") -> None:
    """Release a text to the agency as the coordinator words it."""
    with database.transaction(settings.database_url) as session:
        session.add(
            ReleasedText(
                visit_id=visit_id, digest=from_body(BODY).digest, question_id=question_id, text=text, released_at=MONDAY
            )
        )
