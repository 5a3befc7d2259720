"""What a phone may do whose session is over: send what was recorded on it, and open the next session. Nothing else.

Nothing that a volunteer recorded waits for a PIN; nothing is told to whoever has only the phone. What is not in this
table is refused.
"""

import re

_VISIT = "/api/visits/{id}"
MAY = (
    ("POST", f"{_VISIT}/briefing"),
    ("POST", f"{_VISIT}/answers"),
    ("POST", f"{_VISIT}/submission"),
    ("POST", f"{_VISIT}/stop"),
    ("POST", f"{_VISIT}/check-in"),
    ("POST", f"{_VISIT}/check-out"),
    ("POST", f"{_VISIT}/alarm"),
    ("POST", "/api/alarm"),
    ("PUT", f"{_VISIT}/photos/{{id}}"),
    ("GET", f"{_VISIT}/photos/{{id}}"),  # how much of it has come, so that it goes on from there
    ("DELETE", f"{_VISIT}/photos/{{id}}"),
    ("POST", "/api/sealed"),
    ("PUT", "/api/sealed/{id}"),
    ("POST", "/api/unlock"),
    ("POST", "/api/lock"),
)
_SHAPES = [(method, re.compile(re.escape(path).replace(r"\{id\}", "[^/]+"))) for method, path in MAY]


def may(method: str, path: str) -> bool:
    """Say whether a locked phone may ask for this."""
    return any(method == wanted and shape.fullmatch(path) for wanted, shape in _SHAPES)
