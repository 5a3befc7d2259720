"""What a checklist is, once it has been read without a fault: frozen values in three languages.

A checklist is bound by the sha256 of its canonical body: the body is kept as it came and never rebuilt from these
types, so a field added to the types later cannot change the digest of what was walked before. Examples prove a
checklist and are no part of its body: a new example makes no new version. Nothing here reads a file or judges.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from fieldcheck.domain.conditions import Tree
from fieldcheck.domain.reference import Reference

Words = Mapping[str, str]
LANGUAGES = ("ru", "kk", "en")
SCHEMA = "fieldcheck.checklist/1"


class QuestionType(StrEnum):
    """How a question is asked, and with it what its answer looks like."""

    YES_NO_NA = "yes_no_na"
    SINGLE = "single"
    MULTI = "multi"
    NUMBER = "number"
    MONEY = "money"
    TEXT = "text"
    QUOTE = "quote"
    DATE = "date"
    DATETIME = "datetime"
    PHOTO = "photo"
    GEOPOINT = "geopoint"
    STATEMENT = "statement"
    INFO = "info"


class Nature(StrEnum):
    """What kind of thing a finding is; only the first two say that a duty was not met."""

    LEGAL_BREACH = "legal_breach"
    PROGRAMME_BREACH = "programme_breach"
    INDICATOR = "indicator"
    POSITIVE = "positive"


class Severity(StrEnum):
    """How soon somebody must look."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Mode(StrEnum):
    """Where the volunteer stands while she walks the checklist."""

    ON_SITE_OBSERVATION = "on_site_observation"
    ON_SITE_ENQUIRY_OR_PHONE = "on_site_enquiry_or_phone"
    REMOTE = "remote"


@dataclass(frozen=True)
class Option:
    """One choice of a question; an exclusive one ("none of these") goes with no other."""

    id: str
    words: Words
    exclusive: bool = False


@dataclass(frozen=True)
class PhotoNeed:
    """How many photos of what, and what must never be in them; `when` empty means for every answer."""

    min: int
    max: int
    subject: Words
    forbidden: tuple[str, ...]
    when: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One screen of the walk."""

    id: str
    type: QuestionType
    text: Words
    help: Words | None
    required: bool
    visible_if: Tree | None
    required_if: Tree | None
    options: tuple[Option, ...]
    min: float | None
    max: float | None
    whole: bool
    unit: str | None
    max_length: int | None
    autofill: bool
    photo: PhotoNeed | None

    @property
    def must_equal(self) -> bool | None:
        """A statement must be confirmed; nothing else has one right answer."""
        return True if self.type is QuestionType.STATEMENT else None

    @property
    def takes_a_value(self) -> bool:
        """Photos are counted apart and an information screen is only read."""
        return self.type not in (QuestionType.PHOTO, QuestionType.INFO)

    @cached_property
    def option_ids(self) -> tuple[str, ...]:
        """The ids that an answer may name, also those of a yes/no question."""
        if self.type is QuestionType.YES_NO_NA:
            return ("yes", "no", "na")
        return tuple(option.id for option in self.options)

    @cached_property
    def exclusive_ids(self) -> frozenset[str]:
        """The ids that may only be chosen alone."""
        return frozenset(option.id for option in self.options if option.exclusive)


@dataclass(frozen=True)
class Section:
    """A stretch of the walk with a heading."""

    id: str
    title: Words
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Deadline:
    """How long the body has to answer, and which norm says so."""

    value: int
    unit: str
    basis: str


@dataclass(frozen=True)
class Rule:
    """When the answers show a sign of something, what it is called and whose it is."""

    code: str
    severity: Severity
    nature: Nature
    title: Words
    when: Tree
    legal_basis: tuple[str, ...]
    responsible_body: str
    escalate_to: str | None
    deadline: Deadline
    min_evidence: tuple[Mapping[str, Any], ...]
    note: str | None


@dataclass(frozen=True)
class Example:
    """Answers, photos and a school, with the codes that must come out; `complete` claims it could be submitted."""

    name: str
    answers: Mapping[str, Any]
    photos: Mapping[str, int]
    school: Mapping[str, Any] | None
    expect: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, eq=False)
class Checklist:
    """Everything that is asked in one visit and what its answers mean."""

    id: str
    prefix: str
    version: int
    status: str
    title: Words
    mode: Mode
    applies_to: tuple[str, ...]
    season: Words | None
    est_minutes: int
    max_visit_minutes: int
    min_gap_days_same_school: int
    scenario: Words
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...]
    canonical: bytes = field(repr=False)
    examples: tuple[Example, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The sha256 of the canonical body: the name of this exact version."""
        return hashlib.sha256(self.canonical).hexdigest()

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the order of the walk."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def by_id(self) -> Mapping[str, Question]:
        """Every question by its id."""
        return {question.id: question for question in self.questions}

    def body(self) -> dict[str, Any]:
        """Return what is stored, hashed and served; a fresh copy each time."""
        body: dict[str, Any] = json.loads(self.canonical)
        return body

    def __eq__(self, other: object) -> bool:
        """Two checklists are one when they have the same body."""
        return isinstance(other, Checklist) and self.digest == other.digest

    def __hash__(self) -> int:
        """Hash by the digest."""
        return hash(self.digest)


def parse(data: object, reference: Reference) -> Checklist:
    """Read a checklist as it stands in a file, or raise `Faults` with every fault of it at once."""
    # Imported here because the checks walk and judge the examples, and walking needs the types above.
    from fieldcheck.domain.lint import Faults, faults_of
    from fieldcheck.domain.normal import body_of, examples_of

    faults = faults_of(data, reference)
    if any(not fault.warning for fault in faults):
        raise Faults(faults)
    assert isinstance(data, Mapping)
    return from_body(body_of(data), examples_of(data))


def from_body(body: Mapping[str, Any], examples: tuple[Example, ...] = ()) -> Checklist:
    """Read a body that was checked before it was stored; trusts it."""
    return Checklist(
        id=body["id"],
        prefix=body["prefix"],
        version=body["version"],
        status=body["status"],
        title=body["title"],
        mode=Mode(body["mode"]),
        applies_to=tuple(body["applies_to"]),
        season=body.get("season"),
        est_minutes=body["est_minutes"],
        max_visit_minutes=body["max_visit_minutes"],
        min_gap_days_same_school=body["min_gap_days_same_school"],
        scenario=body["scenario"],
        sections=tuple(
            Section(part["id"], part["title"], tuple(_question(data) for data in part["questions"]))
            for part in body["sections"]
        ),
        rules=tuple(_rule(data) for data in body["rules"]),
        canonical=canonical_json(body),
        examples=examples,
    )


def canonical_json(value: object) -> bytes:
    """Write *value* the one way that is hashed: sorted keys, no blanks, UTF-8, no NaN."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def _question(data: Mapping[str, Any]) -> Question:
    photo = data.get("photo")
    return Question(
        id=data["id"],
        type=QuestionType(data["type"]),
        text=data["text"],
        help=data.get("help"),
        required=data["required"],
        visible_if=data.get("visible_if"),
        required_if=data.get("required_if"),
        options=tuple(
            Option(option["id"], {language: option[language] for language in LANGUAGES}, option.get("exclusive", False))
            for option in data.get("options", ())
        ),
        min=data.get("min"),
        max=data.get("max"),
        whole=data.get("whole", False),
        unit=data.get("unit"),
        max_length=data.get("max_length"),
        autofill=data.get("autofill", False),
        photo=photo
        and PhotoNeed(photo["min"], photo["max"], photo["subject"], tuple(photo["forbidden"]), tuple(photo["when"])),
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        code=data["code"],
        severity=Severity(data["severity"]),
        nature=Nature(data["nature"]),
        title=data["title"],
        when=data["when"],
        legal_basis=tuple(data["legal_basis"]),
        responsible_body=data["responsible_body"],
        escalate_to=data.get("escalate_to"),
        deadline=Deadline(**data["deadline"]),
        min_evidence=tuple(data["min_evidence"]),
        note=data.get("note"),
    )
