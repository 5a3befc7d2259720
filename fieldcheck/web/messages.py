"""What the phone says to /api, and what it is told: the types from which the API is described and validated."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from fieldcheck.domain.visit import StopReason
from fieldcheck.usecases.sync import MOST_ANSWERS


class PlaceIn(BaseModel):
    """A position reading: degrees, metres, seconds. Odd numbers are weighed later; they never cost an answer."""

    lat: float
    lon: float
    accuracy: float
    age: float


class AnswerIn(BaseModel):
    """One answer; `value` null clears it. `id` is a UUID that the phone made once."""

    id: str = Field(max_length=64)
    checklist: str = Field(max_length=64)
    question: str = Field(max_length=40)
    value: Any = None
    given_at: AwareDatetime
    seen_at: AwareDatetime | None = None
    place: PlaceIn | None = None
    no_place: str | None = Field(default=None, max_length=16)


class AnswersIn(BaseModel):
    """A batch of answers in the order given."""

    phone_now: AwareDatetime
    device: str = Field(default="", max_length=64)
    app: str = Field(default="", max_length=64)
    answers: list[AnswerIn] = Field(max_length=MOST_ANSWERS)


class PhotoMeta(BaseModel):
    """What the phone says of a photo, in the header X-FC-Meta as base64url JSON."""

    checklist: str = Field(max_length=64)
    question: str = Field(max_length=40)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    taken_at: AwareDatetime
    source: str = Field(default="camera", max_length=10)
    place: PlaceIn | None = None
    no_place: str | None = Field(default=None, max_length=16)


class BriefingIn(BaseModel):
    """That the briefing was read."""

    id: str = Field(max_length=64)
    read_at: AwareDatetime


class SubmissionIn(BaseModel):
    """That the visit is handed in."""

    id: str = Field(max_length=64)
    submitted_at: AwareDatetime
    phone_now: AwareDatetime


class StopIn(BaseModel):
    """That the visit ended early, and why."""

    id: str = Field(max_length=64)
    at: AwareDatetime
    reason: StopReason
    note: str = Field(default="", max_length=4000)


class LanguageIn(BaseModel):
    """The language to be spoken to in."""

    language: Literal["ru", "kk", "en"]


class Health(BaseModel):
    """Whether the server is well, its version and its schema's revision."""

    status: Literal["ok"]
    version: str
    schema_: str = Field(alias="schema")


class ReceivedOut(BaseModel):
    """How much of a photo has come."""

    id: str
    received: int
    complete: bool
    sha256: str | None = None
    state: str | None = None
