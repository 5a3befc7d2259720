"""Every way of going wrong, as one kind per thing a caller would do differently.

An error carries a code and details and no sentence: the sentence is looked up once, at the door, in the reader's
language. Details hold ids and numbers, never names, places, answers or photos.
"""

from typing import Any


class FieldcheckError(Exception):
    """Something a person or a phone asked for cannot be done; `code` says which thing, `details` say where."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details: dict[str, Any] = details

    def __str__(self) -> str:
        """Return the code with its details, for logs and tests."""
        told = ", ".join(f"{key}={value!r}" for key, value in self.details.items())
        return f"{self.code}({told})" if told else self.code


class NotFound(FieldcheckError):
    """There is no such thing, or it is somebody else's: the two look the same on purpose."""


class Forbidden(FieldcheckError):
    """The actor's role does not hold this action at all."""


class NotNow(FieldcheckError):
    """The action exists and is hers, but the thing is in a state that does not allow it."""


class Invalid(FieldcheckError):
    """What was sent cannot be true; sending it again unchanged will fail again."""


class Conflict(FieldcheckError):
    """Somebody else got there first, or the same id came with another body."""


class TooLarge(FieldcheckError):
    """The bytes sent exceed a bound that is checked before anything is read."""


class Busy(FieldcheckError):
    """Nothing is wrong; the same request may succeed in a moment."""
