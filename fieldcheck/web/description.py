"""What /api says of itself, made true: what it answers with, and every way of saying no, in the form that it has.

FastAPI describes what goes in from the types. What comes out is plain values of ours, which nobody checks a second time
on their way to a phone; so they are described here, and a test holds every answer that it gets against this.
"""

from collections.abc import Callable
from typing import Any, Literal, NotRequired

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

Words = dict[str, str] | None
Thing = dict[str, Any]
REFS = "#/components/schemas/{model}"


class Strict(TypedDict):
    """An answer that has these fields and no others."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]


class Error(Strict):
    """What went wrong: a code, its details, and the sentence in the reader's language."""

    code: str
    details: Thing
    message: str


class Problem(Strict):
    """The one form in which everything is refused."""

    error: Error


class Me(Strict):
    """Who is signed in."""

    code: str
    role: str
    language: Literal["ru", "kk", "en"]
    session: str
    server_now: str
    pin: NotRequired[Literal["set", "wanted"] | None]


class Pin(Strict):
    """Whether the server knows this phone's PIN."""

    pin: Literal["set"]


class Phone(Strict):
    """One of one's own phones; of its last use only the day."""

    id: str
    since: str
    seen: str
    this: bool
    locked: bool


class Phones(Strict):
    """One's own phones."""

    devices: list[Phone]


class Sheet(Strict):
    """A checklist version of a visit."""

    digest: str
    id: str
    version: int


class Sent(Strict):
    """A question that was sent back."""

    checklist: str
    question: str
    reason: str


class Held(Strict):
    """An answer that the server holds."""

    id: str
    checklist: str
    question: str
    value: Any
    given_at: str


class Pictured(Strict):
    """A photo that the server holds."""

    id: str
    checklist: str
    question: str
    sha256: str
    state: str
    thumb: str


class Window(TypedDict("Window", {"from": str, "to": str})):
    """When a visit may be made."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]


class Visit(Strict):
    """One's own visit; with what the server holds of it where that was asked for."""

    id: str
    state: str
    school: Thing
    window: Window
    scenario: Words
    checklists: list[Sheet]
    returned: list[Sent]
    updated_at: str
    answers: NotRequired[list[Held]]
    photos: NotRequired[list[Pictured]]
    server_now: NotRequired[str]


class Visits(Strict):
    """One's own visits."""

    server_now: str
    visits: list[Visit]


class Start(Strict):
    """All that a phone needs to work alone."""

    me: Me
    app: str
    rescue: str
    server_now: str
    visits: list[Visit]
    checklists: dict[str, Thing]


class Taken(Strict):
    """What became of one answer."""

    id: str
    status: Literal["stored", "known", "refused"]
    received_at: NotRequired[str]
    error: NotRequired[Error]


class Batch(Strict):
    """What became of each answer."""

    server_now: str
    results: list[Taken]


class Carried(Strict):
    """What became of one letter; a phone that is locked is told no more."""

    id: str
    status: Literal["taken", "refused", "later"]
    code: NotRequired[str]


class Post(Strict):
    """What became of each letter."""

    server_now: str
    results: list[Carried]


class State(Strict):
    """The visit's state."""

    state: str


class HandedIn(State):
    """The visit's state, and when it came in."""

    received_at: str


class Heard(Strict):
    """When a word came in."""

    received_at: str


class Withdrawn(State):
    """A photo that was taken back."""

    id: str


class OwnData(TypedDict):
    """Everything that is held about oneself: rows by what they are."""

    made_at: str
    identity: Thing
    conflicts_of_interest: list[Thing]
    codes: list[Thing]
    visits: list[Thing]


class Language(Strict):
    """The language one is spoken to in."""

    language: Literal["ru", "kk", "en"]


class QuizQuestion(Strict):
    """A question of the quiz, without its answer."""

    id: str
    text: dict[str, str]
    options: Any


class Quiz(Strict):
    """The season's quiz."""

    digest: str
    title: dict[str, str]
    pass_mark: int | float
    passed_until: str | None
    questions: list[QuizQuestion]


class Explained(Strict):
    """What was right, and why."""

    question: str
    is_right: bool
    right_option: str
    explanation: dict[str, str]


class Marked(Strict):
    """How one try went."""

    passed: bool
    right: int
    asked: int
    explained: list[Explained]


class Paragraph(Strict):
    """A paragraph of the consent form."""

    id: str
    title: dict[str, str]
    text: dict[str, str]


class Consent(Strict):
    """The consent form in force, and whether one has agreed to it."""

    version: int
    digest: str
    title: dict[str, str]
    paragraphs: list[Paragraph]
    given_at: str | None
    language: str | None


#: What a route answers with, where its own type does not say it.
ANSWERS: dict[str, Any] = {
    "get /me": Me,
    "get /start": Start,
    "post /me/language": Language,
    "post /me/pin": Pin,
    "get /me/devices": Phones,
    "delete /me/devices/{device_id}": Withdrawn,
    "post /unlock": State,
    "post /lock": State,
    "get /me/data": OwnData,
    "get /quiz": Quiz,
    "post /quiz": Marked,
    "get /consent": Consent,
    "post /consent": Consent,
    "get /visits": Visits,
    "get /visits/{visit_id}": Visit,
    "post /visits/{visit_id}/briefing": State,
    "post /visits/{visit_id}/answers": Batch,
    "post /visits/{visit_id}/submission": HandedIn,
    "post /visits/{visit_id}/stop": State,
    "post /visits/{visit_id}/check-in": Heard,
    "post /visits/{visit_id}/check-out": Heard,
    "post /visits/{visit_id}/alarm": Heard,
    "post /alarm": Heard,
    "post /sealed": Post,
    "delete /visits/{visit_id}/photos/{photo_id}": Withdrawn,
}
#: What is no JSON.
BYTES = {
    "get /photos/{photo_id}/{kind}": "image/jpeg",
    "get /register.csv": "text/csv; charset=utf-8",
    "get /letters/{case_id}": "text/html; charset=utf-8",
}
PHOTOS = ("put /visits/{visit_id}/photos/{photo_id}", "put /sealed/{photo_id}")
#: Why somebody may be refused: everywhere, where an id is named, and where something is sent.
ANYWHERE = {
    "401": "Nobody is signed in.",
    "403": "It is not yours to do.",
    "422": "It has not the form described here.",
    "429": "Too often: come back after Retry-After seconds.",
    "503": "Not now: come back later.",
}
NAMED = {"404": "There is none, or it is not yours to see."}
SENT = {"400": "It cannot be read at all.", "409": "It does not fit what is there.", "413": "It is too large."}


def describe(api: FastAPI) -> Callable[[], Thing]:
    """Give what makes the description, once."""

    def made() -> Thing:
        if api.openapi_schema is None:
            api.openapi_schema = _complete(
                get_openapi(title=api.title, version=api.version, routes=api.routes, description=__doc__)
            )
        return api.openapi_schema

    return made


def _complete(said: Thing) -> Thing:
    schemas = said.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = {"application/json": {"schema": _schema(Problem, schemas)}}
    for path, ways in said["paths"].items():
        for method, operation in ways.items():
            key, answers = f"{method} {path}", operation["responses"]
            if key in ANSWERS:
                answers["200"]["content"] = {"application/json": {"schema": _schema(ANSWERS[key], schemas)}}
            elif key in BYTES:
                answers["200"]["content"] = {BYTES[key]: {"schema": {"type": "string", "format": "binary"}}}
            if key in PHOTOS:
                whole = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                operation["requestBody"] = {"required": True, "content": whole}
            refusals = ANYWHERE | (NAMED if "{" in path else {}) | (SENT if method != "get" else {})
            if path == "/health":
                refusals = {"429": ANYWHERE["429"], "503": ANYWHERE["503"]}
            answers |= {status: {"description": why, "content": problem} for status, why in refusals.items()}
    return said


def _schema(of: Any, schemas: Thing) -> Thing:
    made = TypeAdapter(of).json_schema(ref_template=REFS, mode="serialization")
    schemas.update(made.pop("$defs", {}))
    name = of.__name__
    schemas[name] = made
    return {"$ref": REFS.format(model=name)}
