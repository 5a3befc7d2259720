"""What a process writes down of its faults: which, and where in the code; never what they were about.

The text of an exception carries what was being done: a database names the row that it refuses, with the place, the
minute and the words in it, and a log outlives what is erased.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

from fieldcheck.domain.errors import FieldcheckError


def hush() -> None:
    """From here on, whatever logger is used and whoever uses it, no record holds the text of an exception."""
    make = logging.getLogRecordFactory()

    def made(*said: Any, **more: Any) -> logging.LogRecord:
        record = make(*said, **more)
        if isinstance(record.args, tuple):
            record.args = tuple(_name(one) if isinstance(one, BaseException) else one for one in record.args)
        if isinstance(record.msg, BaseException):
            record.msg = _name(record.msg)
        if record.exc_info and record.exc_info[1] is not None:
            # A formatter that finds a text here writes that, and makes none of its own.
            record.exc_text, record.exc_info = told(record.exc_info[1]), None
        return record

    logging.setLogRecordFactory(made)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_aside


def told(fault: BaseException) -> str:
    """Write *fault* down, with those that led to it and those in its group: each by its name and its places."""
    return "\n".join(_lines(fault, set()))


def _lines(fault: BaseException, met: set[int]) -> Iterator[str]:
    met.add(id(fault))
    before = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    if before is not None and id(before) not in met:
        yield from _lines(before, met)
    yield _name(fault)
    for place in extract_tb(fault.__traceback__):
        yield f"  {'/'.join(Path(place.filename).parts[-3:])}:{place.lineno} in {place.name}"
    for one in fault.exceptions if isinstance(fault, BaseExceptionGroup) else ():
        if id(one) not in met:
            yield from _lines(one, met)


def _name(fault: BaseException) -> str:
    name = f"{type(fault).__module__}.{type(fault).__qualname__}"
    return f"{name} {fault.code}" if isinstance(fault, FieldcheckError) else name


def _uncaught(_kind: type[BaseException], fault: BaseException, _places: TracebackType | None) -> None:
    print(told(fault), file=sys.stderr)


def _uncaught_aside(said: threading.ExceptHookArgs) -> None:
    if said.exc_value is not None:
        print(told(said.exc_value), file=sys.stderr)
