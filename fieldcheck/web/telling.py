"""How /api says that something went wrong: a code, its details, and the sentence in the reader's language."""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fieldcheck import words
from fieldcheck.domain.access import Actor
from fieldcheck.domain.errors import Busy, Conflict, FieldcheckError, Forbidden, Invalid, NotFound, NotNow, TooLarge

_STATUS: dict[type[FieldcheckError], int] = {
    NotFound: 404,
    Forbidden: 403,
    NotNow: 409,
    Conflict: 409,
    Invalid: 422,
    TooLarge: 413,
    Busy: 503,
}

def told(error: FieldcheckError) -> dict[str, Any]:
    """Give an error as it leaves: its code, its details, and its sentence."""
    return {"code": error.code, "details": error.details, "message": words.sentence(error.code, error.details)}


def _speak_to(request: Request) -> None:
    actor = request.scope.get("fieldcheck.actor")
    if isinstance(actor, Actor):
        words.use(actor.language)
    else:
        words.use(request.headers.get("accept-language", "ru")[:2])


async def tell(request: Request, error: Exception) -> JSONResponse:
    """Answer an error of the house."""
    assert isinstance(error, FieldcheckError)
    _speak_to(request)
    status = 401 if error.code == "session.none" else _STATUS.get(type(error), 400)
    return JSONResponse({"error": told(error)}, status_code=status)


async def tell_malformed(request: Request, error: Exception) -> JSONResponse:
    """Answer a message that does not have the form that /api describes."""
    assert isinstance(error, RequestValidationError)
    _speak_to(request)
    where = ".".join(str(part) for part in error.errors()[0]["loc"]) if error.errors() else ""
    return JSONResponse({"error": told(Invalid("request.malformed", where=where))}, status_code=422)


async def tell_http(request: Request, error: Exception) -> JSONResponse:
    """Answer a path or a method that is not there."""
    assert isinstance(error, HTTPException)
    _speak_to(request)
    code = {404: "request.unknown", 405: "request.method"}.get(error.status_code, "request.malformed")
    return JSONResponse({"error": told(Invalid(code, where=request.url.path))}, status_code=error.status_code)




HANDLERS: dict[Any, Any] = {
    FieldcheckError: tell,
    RequestValidationError: tell_malformed,
    HTTPException: tell_http,
}
