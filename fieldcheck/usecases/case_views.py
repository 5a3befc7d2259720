"""An entry of the register, typed for the agency.

There is no field for the volunteer, her device, her minute or her place: what is not in the type cannot leak.
"""

from dataclasses import dataclass
from datetime import date, datetime

from fieldcheck.domain.case import CaseMove, CaseState
from fieldcheck.domain.checklist import Nature, QuestionType, Severity, Words
from fieldcheck.domain.geo import Presence
from fieldcheck.usecases.revisits import RevisitSeen


@dataclass(frozen=True)
class SchoolSeen:
    """The school of an entry."""

    id: str
    name: Words
    district: Words
    region: Words
    address: Words
    ownership: str


@dataclass(frozen=True)
class GroundSeen:
    """A norm under a finding, how well it is known, and whether a lawyer must look before it is cited."""

    id: str
    cite: Words
    gist: Words
    confidence: str
    edition: str
    wants_lawyer: bool


@dataclass(frozen=True)
class AnswerSeen:
    """An answer that the rule looked at. Exactly what is filled in depends on the kind of question.

    *half* is a half-day or a week, empty where it is not told; *sealed* says that there are words which the programme
    keeps to itself.
    """

    question: Words
    kind: QuestionType
    chosen: tuple[Words | str, ...] = ()
    figure: float | None = None
    unit: str | None = None
    half: str | None = None
    text: str | None = None
    sealed: bool = False


@dataclass(frozen=True)
class PhotoSeen:
    """A photo that the coordinator released: the clean copy is served under its id."""

    id: str
    question: Words


@dataclass(frozen=True)
class EventSeen:
    """One thing done to an entry, by whom of the agency."""

    at: datetime
    by: str
    move: CaseMove
    state: CaseState
    reason: str
    body: Words | None
    reference: str
    dated: date | None
    due_at: datetime | None
    outcome: str | None
    text: str


@dataclass(frozen=True)
class LinkSeen:
    """One link of the chain of custody about this entry: what anybody can compare with a printed copy.

    Its number is not here: the chain counts what everybody does, so between two own acts it would tell how much
    arrived from a school meanwhile.
    """

    at: datetime
    action: str
    hash: str


@dataclass(frozen=True)
class CaseView:
    """An entry of the register as the agency reads it; *today* is the day of reading on the programme's wall clock."""

    id: str
    number: str
    today: date
    code: str
    title: Words
    checklist: Words
    checklist_version: int
    school: SchoolSeen
    severity: Severity
    nature: Nature
    state: CaseState
    restricted: bool
    overdue: bool
    visited: str
    presence: Presence | None
    opened_at: datetime
    due_at: datetime | None
    days_left: int
    closed_at: datetime | None
    outcome: str | None
    repeat_of: str | None
    body: Words | None
    suggested_body: Words
    suggested_body_id: str
    term: tuple[int, str]
    latest_extension: date | None
    legal_basis: tuple[GroundSeen, ...]
    answers: tuple[AnswerSeen, ...]
    photos: tuple[PhotoSeen, ...]
    evidence_missing: tuple[tuple[str, Words], ...]
    history: tuple[EventSeen, ...]
    chain: tuple[LinkSeen, ...]
    moves: tuple[CaseMove, ...]
    revisits: tuple[RevisitSeen, ...]
