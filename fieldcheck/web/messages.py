"""What the phone says to /api, and what it is told: the types from which the API is described and validated."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from fieldcheck.domain.safety import Signal
from fieldcheck.domain.visit import StopReason
from fieldcheck.usecases.sync import MOST_ANSWERS

#: A phone whose battery died begins again in 1970; beyond these years no clock and no database can count.
FIRST_YEAR, LAST_YEAR = 1970, 2100


def _countable(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("no clock says so")
    return moment.astimezone(UTC)  # the parser's own zone is slow to ask, and an answer's moments are asked often


def keepable(text: str) -> str:
    """Leave out what no database keeps: a reason for stopping must not be lost for a stray NUL."""
    return text.replace("\x00", "")


Moment = Annotated[AwareDatetime, AfterValidator(_countable)]
Said = Annotated[str, AfterValidator(keepable)]


class PlaceIn(BaseModel):
    """A position reading: degrees, metres, seconds. Odd numbers are weighed later; they never cost an answer."""

    lat: float
    lon: float
    accuracy: float
    age: float


class AnswerIn(BaseModel):
    """One answer; `value` null clears it. `id` is a UUID that the phone made once."""

    id: Said = Field(max_length=64)
    checklist: Said = Field(max_length=64)
    question: Said = Field(max_length=40)
    value: Any = None
    given_at: Moment
    seen_at: Moment | None = None
    place: PlaceIn | None = None
    no_place: Said | None = Field(default=None, max_length=16)


class AnswersIn(BaseModel):
    """A batch of answers in the order given."""

    phone_now: Moment
    device: Said = Field(default="", max_length=64)
    app: Said = Field(default="", max_length=64)
    answers: list[AnswerIn] = Field(max_length=MOST_ANSWERS)


class LetterIn(BaseModel):
    """A letter and the id of what is in it; *data* is base64url."""

    id: Said = Field(max_length=64)
    data: str = Field(max_length=90_000)


class SealedIn(BaseModel):
    """Letters in the order in which they were written."""

    phone_now: Moment
    app: Said = Field(default="", max_length=64)
    letters: list[LetterIn] = Field(max_length=MOST_ANSWERS)


class CoveredIn(BaseModel):
    """What was done about faces and plates before the photo left the phone."""

    boxes: int = Field(ge=0, le=1000)
    confirmed: bool


class ClaimsIn(BaseModel):
    """What a chosen file said of itself before the phone encoded it anew. Nonsense in it costs no photo."""

    taken_at: Said | None = Field(default=None, max_length=40)
    lat: float | None = None
    lon: float | None = None


class PhotoMeta(BaseModel):
    """What the phone says of a photo, in the header X-FC-Meta as base64url JSON."""

    checklist: Said = Field(max_length=64)
    question: Said = Field(max_length=40)
    sha256: Said = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    taken_at: Moment
    source: Said = Field(default="camera", max_length=10)
    place: PlaceIn | None = None
    no_place: Said | None = Field(default=None, max_length=16)
    covered: CoveredIn | None = None
    claims: ClaimsIn | None = None
    phone_now: Moment | None = None


class BriefingIn(BaseModel):
    """That the briefing was read."""

    id: Said = Field(max_length=64)
    read_at: Moment


class SubmissionIn(BaseModel):
    """That the visit is handed in."""

    id: Said = Field(max_length=64)
    submitted_at: Moment
    phone_now: Moment


class StopIn(BaseModel):
    """That the visit ended early, and why."""

    id: Said = Field(max_length=64)
    at: Moment
    reason: StopReason
    note: Said = Field(default="", max_length=4000)


class SignalIn(BaseModel):
    """A word about her safety: when, where, and what the phone's clock says now."""

    id: Said = Field(max_length=64)
    kind: Signal
    at: Moment
    phone_now: Moment
    place: PlaceIn | None = None
    no_place: Said | None = Field(default=None, max_length=16)


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


class SealedPartOut(BaseModel):
    """How much of a photo has come sealed; when all is kept, the sha256 of its letter, which vouches for it."""

    id: str
    received: int
    complete: bool
    letter: str | None = None
