"""Checklists for the phone's tests: one short, one with every type of question."""

from typing import Any


def words(text: str) -> dict[str, str]:
    """The same words in three languages, told apart by their ending."""
    return {"ru": f"{text} ру", "kk": f"{text} қк", "en": text}


def question(key: str, kind: str, text: str, **more: Any) -> dict[str, Any]:
    """One question."""
    return {"id": key, "type": kind, "text": words(text), "required": True, **more}


def option(key: str, text: str, **more: Any) -> dict[str, Any]:
    """One option."""
    return {"id": key, **words(text), **more}


def checklist(*questions: dict[str, Any], key: str = "short") -> dict[str, Any]:
    """A checklist's body as the server keeps it."""
    return {
        "schema": "fieldcheck.checklist/1",
        "id": key,
        "prefix": "SHO",
        "version": 1,
        "status": "reviewed",
        "title": words("Short look"),
        "mode": "on_site_observation",
        "applies_to": ["kgu_state_institution"],
        "est_minutes": 5,
        "max_visit_minutes": 20,
        "min_gap_days_same_school": 60,
        "scenario": words("You are a visitor."),
        "sections": [{"id": "one", "title": words("At the door"), "questions": list(questions)}],
        "rules": [],
    }


def photo_need(least: int = 1, most: int = 3, when: tuple[str, ...] = ()) -> dict[str, Any]:
    """How many photos of what."""
    return {
        "min": least,
        "max": most,
        "subject": words("the whole stand"),
        "forbidden": ["faces", "children"],
        "when": list(when),
    }


SHORT = checklist(
    question("SHO-01", "yes_no_na", "Is there a stand?"),
    question("SHO-02", "text", "What does it say?", required=False, max_length=40),
    question("SHO-03", "yes_no_na", "Can it be read?", visible_if={"q": "SHO-01", "is": "yes"}),
    question("SHO-04", "statement", "Nobody is in my photos"),
)

EVERYTHING = checklist(
    question("ALL-01", "info", "Before you begin", required=False, help=words("Look round first.")),
    question("ALL-02", "geopoint", "Where are you?", autofill=True),
    question("ALL-03", "datetime", "When did you arrive?", autofill=True),
    question("ALL-04", "yes_no_na", "Is there a stand?", photo=photo_need(when=("yes",))),
    question(
        "ALL-05",
        "single",
        "How did you get in?",
        options=[option("free", "Freely"), option("asked", "After questions")],
    ),
    question(
        "ALL-06",
        "multi",
        "What does it show?",
        options=[
            option("ban", "A ban"),
            option("phone", "A phone number"),
            option("none", "None of these", exclusive=True),
        ],
    ),
    question("ALL-07", "number", "How many adults said so?", min=0, max=20, whole=True),
    question("ALL-08", "money", "Which sum was named?", min=0, max=5_000_000, unit="KZT", required=False),
    question("ALL-09", "text", "What else?", required=False, max_length=40),
    question("ALL-10", "quote", "What was said?", required=False),
    question("ALL-11", "date", "Which day is on the paper?", required=False),
    question("ALL-12", "photo", "Photograph the stand", photo=photo_need()),
    question("ALL-13", "statement", "Nobody is in my photos"),
    key="everything",
)
