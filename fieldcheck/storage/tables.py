"""Every table with its constraints, and no methods: what decides stands in `domain`, what does in `usecases`.

Times are aware and UTC. Words that exist in three languages are JSON objects {ru, kk, en}. Ids are random text; the
ids of answers, photos and submissions are made by the phone, once, and are the whole of their idempotence.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, Index, LargeBinary, MetaData, String, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Column, Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as UTC; a naive one is refused because nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time, keep the rest as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def bind_processor(self, dialect: Dialect) -> Any:
        """Write for SQLite the text that SQLAlchemy writes, in a fraction of its time: an answer has four moments."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's name
        """Give the time back aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@lru_cache(maxsize=1024)  # a batch has few moments, each in many columns
def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:-6]


def _moment(**kw: Any) -> Any:
    return Field(sa_type=Moment, **kw)


def _words(**kw: Any) -> Any:
    return Field(sa_column=Column(JSON, nullable=kw.pop("nullable", False)), **kw)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=column)


class Region(SQLModel, table=True):
    """A region or a city of republican significance. *order_ref* names its order on collections when one is on file."""

    id: str = Field(primary_key=True, max_length=9)
    iso: str = Field(max_length=8, unique=True)
    name: dict[str, str] = _words()
    lat: float
    lon: float
    order_ref: str | None = None


class Body(SQLModel, table=True):
    """A body that can be responsible for a finding; names change, so each is valid for a time."""

    id: str = Field(primary_key=True, max_length=40)
    name: dict[str, str] = _words()
    valid_from: datetime | None = _moment(default=None)
    valid_to: datetime | None = _moment(default=None)


class School(SQLModel, table=True):
    """A school as the programme knows it."""

    __table_args__ = (
        _one_of("ownership", "kgu_state_institution", "kgp_phv_state_enterprise", "private"),
        CheckConstraint("lat is null or (lat between -90 and 90)", name="lat"),
        CheckConstraint("lon is null or (lon between -180 and 180)", name="lon"),
        CheckConstraint("pupils is null or pupils >= 0", name="pupils"),
        Index("ix_school_region_district", "region_id", "district"),
    )
    id: str = Field(primary_key=True, max_length=40)
    region_id: str = Field(foreign_key="region.id", index=True)
    district: str = Field(max_length=80)
    district_name: dict[str, str] = _words()
    name: dict[str, str] = _words()
    address: dict[str, str] = _words()
    ownership: str = Field(max_length=32)
    lat: float | None = None
    lon: float | None = None
    pupils: int | None = None
    source: str = ""
    checked_at: datetime | None = _moment(default=None)


class Campaign(SQLModel, table=True):
    """A campaign: what the visits of a season are for."""

    id: str = Field(primary_key=True, max_length=40)
    name: dict[str, str] = _words()
    starts_at: datetime = _moment()
    ends_at: datetime = _moment()


class Person(SQLModel, table=True):
    """Somebody who signs in, known by a code. *region_id* None means the country (never for coordinators)."""

    __table_args__ = (
        _one_of("role", "volunteer", "coordinator", "reviewer", "administrator", "auditor", "custodian"),
        _one_of("language", "ru", "kk", "en"),
        CheckConstraint("region_id is not null or role not in ('volunteer', 'coordinator')", name="region_needed"),
    )
    id: str = Field(primary_key=True, max_length=40)
    code: str = Field(max_length=20, unique=True)
    role: str = Field(max_length=16, index=True)
    region_id: str | None = Field(default=None, foreign_key="region.id", index=True)
    language: str = Field(default="ru", max_length=2)
    active: bool = True
    created_at: datetime = _moment()
    conflicts_declared_at: datetime | None = _moment(default=None)


class VaultKey(SQLModel, table=True):
    """One person's own key, wrapped by a key that lies outside of every database. Without it her items are noise.

    It may stand in a database of its own, so it points at nothing.
    """

    __tablename__ = "vault_key"
    person_id: str = Field(primary_key=True, max_length=40)
    wrapped: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class VaultItem(SQLModel, table=True):
    """Something about a person that nobody reads in passing: who she is, or a conflict of interest; encrypted."""

    __tablename__ = "vault_item"
    __table_args__ = (_one_of("kind", "identity", "conflict"),)
    id: str = Field(primary_key=True, max_length=40)
    person_id: str = Field(max_length=40, index=True)
    kind: str = Field(max_length=10)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Reveal(SQLModel, table=True):
    """That somebody asked to learn who a volunteer is, and what a second person said to it. Never the answer."""

    __table_args__ = (
        _one_of("state", "asked", "refused", "consented", "opened"),
        CheckConstraint("decided_by is null or decided_by <> asked_by", name="two_people"),
    )
    id: str = Field(primary_key=True, max_length=40)
    person_id: str = Field(foreign_key="person.id", index=True)
    reason: str
    asked_by: str = Field(max_length=40)
    asked_at: datetime = _moment()
    state: str = Field(max_length=10)
    decided_by: str | None = Field(default=None, max_length=40)
    decided_at: datetime | None = _moment(default=None)
    opened_at: datetime | None = _moment(default=None)


class QuizTaken(SQLModel, table=True):
    """One try at the briefing's quiz; every try is kept, the season's newest passed one counts."""

    __tablename__ = "quiz_taken"
    __table_args__ = (Index("ix_quiz_taken_person_passed", "person_id", "passed", "taken_at"),)
    id: str = Field(primary_key=True, max_length=40)
    person_id: str = Field(foreign_key="person.id")
    digest: str = Field(max_length=64)
    answers: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    right: int
    asked: int
    passed: bool
    taken_at: datetime = _moment()


class Consent(SQLModel, table=True):
    """That a person consented to one version of the form, in the language she read it in; or withdrew that."""

    __table_args__ = (Index("ix_consent_person_given", "person_id", "given_at"),)
    id: str = Field(primary_key=True, max_length=40)
    person_id: str = Field(foreign_key="person.id")
    version: int
    digest: str = Field(max_length=64)
    language: str = Field(max_length=2)
    given_at: datetime = _moment()
    withdrawn_at: datetime | None = _moment(default=None)


class Invite(SQLModel, table=True):
    """A link that signs somebody in once; only the hash of its token is kept."""

    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: str = Field(foreign_key="person.id", index=True)
    created_by: str = Field(max_length=40)
    created_at: datetime = _moment()
    expires_at: datetime = _moment()
    used_at: datetime | None = _moment(default=None)


class Device(SQLModel, table=True):
    """A volunteer's phone; only the hash of its cookie is kept. It sends without a session, and reads only with one.

    *pin* is what is kept of what her PIN gives, *pin_before* of the one it took the place of, until the new one was
    used; *wrong* counts tries since the last right one. Of when it was heard of last, only the day is kept.
    """

    id: str = Field(primary_key=True, max_length=40)
    person_id: str = Field(foreign_key="person.id", index=True)
    cookie_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = _moment()
    expires_at: datetime = _moment()
    seen_day: str = Field(max_length=10)
    pin: str | None = Field(default=None, max_length=200)
    pin_before: str | None = Field(default=None, max_length=200)
    wrong: int = 0
    locked_at: datetime | None = _moment(default=None)
    ended_at: datetime | None = _moment(default=None)


class SignedIn(SQLModel, table=True):
    """A signed-in device; only the hash of its cookie is kept.

    *how* she signed in; *device* is no more than "phone" or "computer"; after *idle_seconds* unseen it ends, 0: never.
    """

    __tablename__ = "signed_in"
    cookie_hash: str = Field(primary_key=True, max_length=64)
    id: str = Field(max_length=40, unique=True)
    how: str = Field(default="link", max_length=10)
    device: str = Field(default="", max_length=10)
    idle_seconds: int = 0
    device_id: str | None = Field(default=None, foreign_key="device.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    created_at: datetime = _moment()
    expires_at: datetime = _moment()
    seen_at: datetime = _moment()
    revoked_at: datetime | None = _moment(default=None)


class Credential(SQLModel, table=True):
    """How somebody at a desk shows who she is: a password's hash, and the sealed secret of her second factor.

    *pending* is a factor that was shown and not confirmed yet; *factor_step* the last half minute whose code was used.
    """

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    password: str = ""
    password_at: datetime | None = _moment(default=None)
    factor: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    factor_at: datetime | None = _moment(default=None)
    factor_step: int = 0
    pending: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class RecoveryCode(SQLModel, table=True):
    """A printed code that stands in once for the second factor; only its keyed hash is kept."""

    __tablename__ = "recovery_code"
    hash: str = Field(primary_key=True, max_length=64)
    person_id: str = Field(foreign_key="person.id", index=True)
    made_at: datetime = _moment()
    used_at: datetime | None = _moment(default=None)


class OpenIdentity(SQLModel, table=True):
    """Under which subject of which OpenID provider somebody signs in; an e-mail is never asked for."""

    __tablename__ = "open_identity"
    issuer: str = Field(primary_key=True, max_length=300)
    subject: str = Field(primary_key=True, max_length=255)
    person_id: str = Field(foreign_key="person.id", unique=True)
    added_at: datetime = _moment()


class Tries(SQLModel, table=True):
    """How often somebody tried at a door of late, under a keyed hash of his account or address."""

    key: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=20)
    failures: int
    last_at: datetime = _moment()
    locked_until: datetime | None = _moment(default=None)
    forget_at: datetime = _moment(index=True)


class ChecklistVersion(SQLModel, table=True):
    """One published version of a checklist, under the digest of its canonical body; never changed."""

    __tablename__ = "checklist_version"
    __table_args__ = (UniqueConstraint("checklist_id", "version"),)
    digest: str = Field(primary_key=True, max_length=64)
    checklist_id: str = Field(max_length=60, index=True)
    version: int
    title: dict[str, str] = _words()
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    published_at: datetime = _moment()


class Visit(SQLModel, table=True):
    """One volunteer's visit to one school, bound to exact checklist versions."""

    __table_args__ = (
        _one_of(
            "state", "assigned", "in_progress", "submitted", "returned", "accepted", "rejected", "stopped", "withdrawn"
        ),
        CheckConstraint("window_to > window_from", name="window"),
        Index("ix_visit_region_state", "region_id", "state"),
    )
    id: str = Field(primary_key=True, max_length=40)
    school_id: str = Field(foreign_key="school.id", index=True)
    region_id: str = Field(foreign_key="region.id")
    volunteer_id: str = Field(foreign_key="person.id", index=True)
    campaign_id: str | None = Field(default=None, foreign_key="campaign.id")
    assigned_by: str = Field(foreign_key="person.id")
    window_from: datetime = _moment()
    window_to: datetime = _moment()
    scenario: dict[str, str] | None = _words(nullable=True, default=None)
    state: str = Field(max_length=16)
    created_at: datetime = _moment()
    briefed_at: datetime | None = _moment(default=None)
    started_at: datetime | None = _moment(default=None)
    submitted_at: datetime | None = _moment(default=None)
    received_at: datetime | None = _moment(default=None)
    decided_at: datetime | None = _moment(default=None)
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    decision_note: str = ""
    note_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    note_wrapped: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    stop_reason: str | None = Field(default=None, max_length=20)
    updated_at: datetime = _moment()


class VisitChecklist(SQLModel, table=True):
    """Which checklist versions a visit walks, in order."""

    __tablename__ = "visit_checklist"
    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    digest: str = Field(primary_key=True, foreign_key="checklist_version.digest")
    position: int


class Answer(SQLModel, table=True):
    """An answer as it was given; never changed, a later one counts instead.

    Of a free text *value* is empty: its words are *sealed* under a key of their own, *wrapped* (`free_texts.py`).
    *given_at* is the phone's claim, *happened_at* the same corrected by the phone's clock gap, *received_at* ours;
    *ordinal* counts the visit's answers in the order they came in.
    """

    __table_args__ = (Index("ix_answer_visit_question", "visit_id", "digest", "question_id"),)
    id: str = Field(primary_key=True, max_length=40)
    visit_id: str = Field(foreign_key="visit.id")
    digest: str = Field(foreign_key="checklist_version.digest")
    question_id: str = Field(max_length=40)
    value: Any = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    wrapped: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    given_at: datetime = _moment()
    seen_at: datetime | None = _moment(default=None)
    happened_at: datetime = _moment()
    received_at: datetime = _moment()
    clock_gap_s: int = 0
    ordinal: int = 0
    device: str = Field(default="", max_length=40)
    app: str = Field(default="", max_length=40)
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    age: float | None = None
    no_place: str | None = Field(default=None, max_length=16)
    body_hash: str = Field(max_length=64)


class Photo(SQLModel, table=True):
    """A photo: *sha256* and *size* as it was received. What EXIF says are claims.

    On the disk it lies sealed, under the name *stored*; *wrapped* is its own key, and destroying that is erasing it.
    Photos from before lie plain under *sha256*, and have neither.
    *boxes* were burned over faces and plates on the phone; *confirmed* that nobody is left to be known. None: not said.
    """

    __table_args__ = (
        _one_of("state", "received", "checked", "refused"),
        Index("ix_photo_visit_question", "visit_id", "digest", "question_id"),
    )
    id: str = Field(primary_key=True, max_length=40)
    visit_id: str = Field(foreign_key="visit.id")
    digest: str = Field(foreign_key="checklist_version.digest")
    question_id: str = Field(max_length=40)
    sha256: str = Field(max_length=64, index=True)
    size: int
    stored: str | None = Field(default=None, max_length=64, unique=True)
    stored_size: int | None = None
    wrapped: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    format: str = Field(max_length=8)
    width: int
    height: int
    source: str = Field(default="camera", max_length=10)
    taken_at: datetime = _moment()
    received_at: datetime = _moment()
    clock_gap_s: int | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    age: float | None = None
    no_place: str | None = Field(default=None, max_length=16)
    state: str = Field(default="received", max_length=10)
    claims: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    phash: str | None = Field(default=None, max_length=16, index=True)
    boxes: int | None = None
    confirmed: bool | None = None
    withdrawn_at: datetime | None = _moment(default=None)
    released: bool = False
    erased_at: datetime | None = _moment(default=None)
    body_hash: str = Field(max_length=64)


class PhotoLook(SQLModel, table=True):
    """What a photo looks like (`likeness.py`), in the order in which they were compared; empty: not to be compared."""

    __tablename__ = "photo_look"
    seq: int | None = Field(default=None, primary_key=True)
    photo_id: str = Field(foreign_key="photo.id", unique=True)
    look: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PhotoLikeness(SQLModel, table=True):
    """That two photos look like one picture, by how much in per cent; *other_id* was compared before *photo_id*."""

    __tablename__ = "photo_likeness"
    photo_id: str = Field(foreign_key="photo.id", primary_key=True)
    other_id: str = Field(foreign_key="photo.id", primary_key=True, index=True)
    percent: int


class VisitAlarm(SQLModel, table=True):
    """What a phone told of its holder's safety: that she went in, came out, was recognised, was made to open it.

    A word under duress names no visit; *visit_id* is then the one that was under way, if there was one.
    """

    __tablename__ = "visit_alarm"
    __table_args__ = (
        _one_of("kind", "check_in", "check_out", "recognised", "duress"),
        Index("ix_visit_alarm_region_kind", "region_id", "kind", "received_at"),
    )
    id: str = Field(primary_key=True, max_length=40)
    visit_id: str | None = Field(default=None, foreign_key="visit.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    region_id: str = Field(foreign_key="region.id")
    kind: str = Field(max_length=12)
    at: datetime = _moment()
    received_at: datetime = _moment()
    lat: float | None = None
    lon: float | None = None
    accuracy: float | None = None
    age: float | None = None
    no_place: str | None = Field(default=None, max_length=16)
    body_hash: str = Field(max_length=64)


class FollowUp(SQLModel, table=True):
    """That somebody saw to an alarm, an overdue visit or a stopped one: who, when, what came of it."""

    __tablename__ = "follow_up"
    __table_args__ = (
        _one_of("what", "alarm", "overdue", "stopped"),
        Index("ix_follow_up_subject", "subject", "what", "at"),
    )
    id: str = Field(primary_key=True, max_length=40)
    what: str = Field(max_length=8)
    subject: str = Field(max_length=40)
    by: str = Field(foreign_key="person.id")
    at: datetime = _moment()
    note: str = ""


class Submission(SQLModel, table=True):
    """That a visit was handed in, once per round, under the phone's id."""

    id: str = Field(primary_key=True, max_length=40)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    submitted_at: datetime = _moment()
    received_at: datetime = _moment()
    body_hash: str = Field(max_length=64)


class Return(SQLModel, table=True):
    """Why a question was sent back, and when it was mended."""

    __tablename__ = "visit_return"
    id: str = Field(primary_key=True, max_length=40)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    digest: str = Field(foreign_key="checklist_version.digest")
    question_id: str = Field(max_length=40)
    reason: str
    returned_at: datetime = _moment()
    mended_at: datetime | None = _moment(default=None)


class FindingRow(SQLModel, table=True):
    """What the rules said about one submission; judged anew at each submission, kept from the last."""

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("visit_id", "code"),
        _one_of("nature", "legal_breach", "programme_breach", "indicator", "positive"),
        _one_of("severity", "critical", "high", "medium", "low", "info"),
    )
    id: str = Field(primary_key=True, max_length=40)
    visit_id: str = Field(foreign_key="visit.id", index=True)
    digest: str = Field(foreign_key="checklist_version.digest")
    code: str = Field(max_length=20)
    severity: str = Field(max_length=10)
    nature: str = Field(max_length=20)
    title: dict[str, str] = _words()
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    judged_at: datetime = _moment()


class ReleasedText(SQLModel, table=True):
    """Free text as the coordinator released it to the agency; the volunteer's own words stay sealed in the answer."""

    __tablename__ = "released_text"
    visit_id: str = Field(primary_key=True, foreign_key="visit.id")
    digest: str = Field(primary_key=True, foreign_key="checklist_version.digest")
    question_id: str = Field(primary_key=True, max_length=40)
    text: str
    released_at: datetime = _moment()


class Case(SQLModel, table=True):
    """An entry of the violations register. It carries what a list needs, and nothing of the volunteer.

    *visited_half* is the day and its half ("2026-09-14/am"); the agency is told *visited_told*, which may be only its
    week, from *dated_at* on, and sees the entry from *released_at* on. *opened_at* is when it opened to the agency: its
    acceptance stands with the visit, and would tell when that was made.
    """

    __tablename__ = "register_case"
    __table_args__ = (
        _one_of("state", "noted", "detected", "confirmed", "dismissed", "referred", "answered", "closed"),
        Index("ix_register_case_region_state_opened", "region_id", "state", "opened_at", "released_at"),
        Index("ix_register_case_opened", "opened_at", "id"),
        Index("ix_register_case_region_opened", "region_id", "opened_at", "id"),
        Index("ix_register_case_school_state", "school_id", "state", "severity", "region_id", "released_at"),
        Index("ix_register_case_due", "state", "due_at", "released_at"),
        Index("ix_register_case_severity", "severity", "region_id", "released_at"),
        Index("ix_register_case_nature", "nature", "region_id", "released_at"),
    )
    id: str = Field(primary_key=True, max_length=40)
    number: str = Field(max_length=40, unique=True)
    finding_id: str = Field(foreign_key="finding.id", unique=True)
    school_id: str = Field(foreign_key="school.id")
    region_id: str = Field(foreign_key="region.id")
    code: str = Field(max_length=20, index=True)
    severity: str = Field(max_length=10)
    nature: str = Field(max_length=20)
    title: dict[str, str] = _words()
    state: str = Field(max_length=12)
    restricted: bool = False
    visited_half: str = Field(max_length=13)
    visited_told: str = Field(max_length=13)
    opened_at: datetime = _moment()
    released_at: datetime = _moment()
    dated_at: datetime = _moment()
    due_at: datetime | None = _moment(default=None)
    body_id: str | None = Field(default=None, foreign_key="body.id")
    suggested_body_id: str = Field(max_length=40)
    outcome: str | None = Field(default=None, max_length=16)
    closed_at: datetime | None = _moment(default=None)
    repeat_of: str | None = Field(default=None, max_length=40)


class CaseWords(SQLModel, table=True):
    """The words by which a register entry is found, each once, in small letters, a space between them."""

    __tablename__ = "case_words"
    id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(foreign_key="register_case.id", unique=True)
    words: str


class CaseEvent(SQLModel, table=True):
    """One thing done to a register entry."""

    __tablename__ = "case_event"
    id: str = Field(primary_key=True, max_length=40)
    case_id: str = Field(foreign_key="register_case.id", index=True)
    at: datetime = _moment()
    by: str = Field(foreign_key="person.id")
    move: str = Field(max_length=12)
    state: str = Field(max_length=12)
    reason: str = ""
    body_id: str | None = Field(default=None, foreign_key="body.id")
    reference: str = Field(default="", max_length=80)
    dated: datetime | None = _moment(default=None)
    due_at: datetime | None = _moment(default=None)
    outcome: str | None = Field(default=None, max_length=16)
    text: str = ""


class Revisit(SQLModel, table=True):
    """That the register asks for a second visit after an answer, which visit is meant to be it, and what that one saw.

    The agency is told *seen* from *told_at* on, never which visit it was nor whether one is on its way.
    """

    __table_args__ = (
        _one_of("seen", "gone", "again", "unclear"),
        Index("ix_revisit_region_closes", "region_id", "closes_at"),
        Index("ix_revisit_school", "school_id", "checklist_id"),
    )
    id: str = Field(primary_key=True, max_length=40)
    case_id: str = Field(foreign_key="register_case.id", index=True)
    school_id: str = Field(foreign_key="school.id")
    region_id: str = Field(foreign_key="region.id")
    checklist_id: str = Field(max_length=60)
    opens_at: datetime = _moment()
    closes_at: datetime = _moment()
    asked_at: datetime = _moment()
    dropped_at: datetime | None = _moment(default=None)
    visit_id: str | None = Field(default=None, foreign_key="visit.id", index=True)
    seen: str | None = Field(default=None, max_length=8)
    told_at: datetime | None = _moment(default=None)


class RecordEntry(SQLModel, table=True):
    """One link of the chain of custody: a commitment, never the record itself."""

    __tablename__ = "record_entry"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str = Field(max_length=40)
    actor: str = Field(max_length=40)
    action: str = Field(max_length=40, index=True)
    commitment: str = Field(max_length=64)
    prev: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class RecordBody(SQLModel, table=True):
    """What an entry says, with the salt of its commitment; erasable without breaking the chain."""

    __tablename__ = "record_body"
    seq: int = Field(primary_key=True, foreign_key="record_entry.seq", sa_column_kwargs={"autoincrement": False})
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    subject: str = Field(default="", sa_column=Column(String(40), nullable=False, index=True))
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class RecordHead(SQLModel, table=True):
    """The newest entry of the chain at a moment, signed with a key that is not in the database."""

    __tablename__ = "record_head"
    seq: int = Field(primary_key=True, foreign_key="record_entry.seq", sa_column_kwargs={"autoincrement": False})
    key_id: str = Field(primary_key=True, max_length=16)
    hash: str = Field(max_length=64)
    at: str = Field(max_length=40)
    signature: str = Field(max_length=128)


class Erasure(SQLModel, table=True):
    """An order to erase: one person asks, another consents; or a period of retention ended.

    What it destroyed stands in its entry of the record.
    """

    __table_args__ = (
        _one_of("kind", "photo", "photos", "person", "visit"),
        _one_of("state", "asked", "refused", "consented", "done"),
        CheckConstraint("decided_by is null or decided_by <> asked_by", name="two_people"),
        Index("ix_erasure_target", "target", "kind", "state"),
    )
    id: str = Field(primary_key=True, max_length=40)
    kind: str = Field(max_length=8)
    target: str = Field(max_length=40)
    reason: str
    asked_by: str = Field(max_length=40)
    asked_at: datetime = _moment()
    state: str = Field(max_length=10)
    decided_by: str | None = Field(default=None, max_length=40)
    decided_at: datetime | None = _moment(default=None)
    record_seq: int | None = None


class LegalHold(SQLModel, table=True):
    """A register entry whose evidence must not be erased, whatever the periods say, until the hold is lifted."""

    __tablename__ = "legal_hold"
    case_id: str = Field(primary_key=True, foreign_key="register_case.id")
    reason: str
    held_by: str = Field(max_length=40)
    held_at: datetime = _moment()
