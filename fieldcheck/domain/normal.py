"""The one form of a checklist that is stored: every default written out, nothing that proves it, nothing for editors.

Reads data that has been checked; a file that differs from another only in what it left unsaid has the same digest.
"""

from collections.abc import Mapping
from typing import Any

from fieldcheck.domain.checklist import Example

NEVER_IN_A_PHOTO = ("faces", "children", "guards", "turnstiles", "cameras", "floor_plans", "personal_numbers")


def body_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a checklist as it is stored, hashed and served."""
    body = {key: value for key, value in data.items() if key not in ("examples", "$schema")}
    body["sections"] = [
        {**section, "questions": [_question(question) for question in section["questions"]]}
        for section in data["sections"]
    ]
    body["rules"] = [
        {**rule, "legal_basis": rule.get("legal_basis", []), "min_evidence": rule.get("min_evidence", [])}
        for rule in data["rules"]
    ]
    return body


def examples_of(data: Mapping[str, Any]) -> tuple[Example, ...]:
    """Return the examples of a checklist file."""
    return tuple(
        Example(
            name=example["name"],
            answers=example.get("answers", {}),
            photos=example.get("photos", {}),
            school=example.get("school"),
            expect=tuple(example["expect"]),
            complete=example.get("complete", False),
        )
        for example in data.get("examples", ())
    )


def required_by_default(question: Mapping[str, Any]) -> bool:
    """A question must be answered, unless it is only read or says itself when it must be."""
    return question.get("type") != "info" and "required_if" not in question


def _question(question: Mapping[str, Any]) -> dict[str, Any]:
    body = dict(question)
    body["required"] = question.get("required", required_by_default(question))
    if photo := question.get("photo"):
        body["photo"] = {
            **photo,
            "min": photo.get("min", 0),
            "forbidden": photo.get("forbidden", list(NEVER_IN_A_PHOTO)),
            "when": photo.get("when", []),
        }
    return body
