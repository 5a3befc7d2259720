"""What checklists refer to: citations, responsible bodies, regions and terms, each dated and with a confidence mark.

The marks are A (primary text read), B (secondary source read), C (recalled, never verified) and S (programme document).
Names of bodies changed in 2022 and 2025 and will change again: nothing here is written into code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Words = Mapping[str, str]


class Confidence(StrEnum):
    """How a fact is known; a citation of confidence C must not stand alone under a legal breach."""

    PRIMARY = "A"
    SECONDARY = "B"
    RECALLED = "C"
    PROGRAMME = "S"


@dataclass(frozen=True)
class Citation:
    """One norm: how it is cited, what it says in a line, and in which edition it was read."""

    id: str
    act: str
    cite: Words
    gist: Words
    confidence: Confidence
    edition_seen: str
    source: str
    as_of: str


@dataclass(frozen=True)
class Body:
    """Somebody who can put things right."""

    id: str
    name: Words
    confidence: Confidence
    as_of: str


@dataclass(frozen=True)
class Region:
    """A region or a city of republican significance, by its KATO code."""

    kato: str
    iso3166_2: str
    type: str
    name: Words
    centre: Words
    lat: float
    lon: float
    schools: int | None
    schools_source: str
    confidence: Confidence
    as_of: str


@dataclass(frozen=True)
class Term:
    """A word of the trade in three languages."""

    id: str
    words: Words
    confidence: Confidence
    as_of: str


@dataclass(frozen=True)
class Joined:
    """Two signs that weigh more together: confirmed at one school, each becomes of this nature."""

    id: str
    first: str
    second: str
    nature: str
    confidence: Confidence
    as_of: str

    def other(self, code: str) -> str | None:
        """Give the sign that *code* joins with; None where it is neither."""
        return {self.first: self.second, self.second: self.first}.get(code)


@dataclass(frozen=True)
class Reference:
    """All of it, by id."""

    citations: Mapping[str, Citation]
    bodies: Mapping[str, Body]
    regions: Mapping[str, Region]
    terms: Mapping[str, Term]
    joined: Mapping[str, Joined]


def from_lists(
    citations: list[dict[str, Any]],
    bodies: list[dict[str, Any]],
    regions: list[dict[str, Any]],
    terms: list[dict[str, Any]],
    joined: list[dict[str, Any]] | None = None,
) -> Reference:
    """Build the reference from lists whose shape was checked at the border."""
    return Reference(
        citations={row["id"]: Citation(**{**row, "confidence": Confidence(row["confidence"])}) for row in citations},
        bodies={row["id"]: Body(**{**row, "confidence": Confidence(row["confidence"])}) for row in bodies},
        regions={row["kato"]: Region(**{**row, "confidence": Confidence(row["confidence"])}) for row in regions},
        terms={row["id"]: Term(**{**row, "confidence": Confidence(row["confidence"])}) for row in terms},
        joined={row["id"]: Joined(**{**row, "confidence": Confidence(row["confidence"])}) for row in joined or []},
    )
