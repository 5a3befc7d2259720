"""The register as a file for a spreadsheet: what the screen lists, one line an entry, nothing that a cell could run.

A spreadsheet runs a cell that begins like a formula. Every text that begins so, also after blanks and in full-width
letters, gets an apostrophe in front; numbers stay numbers.
"""

import csv
import io
from collections.abc import Callable, Iterable
from functools import cache
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from fieldcheck.domain.access import Action, Actor
from fieldcheck.domain.errors import TooLarge
from fieldcheck.domain.register import CaseFilter
from fieldcheck.naming import name
from fieldcheck.settings import ZONE, Settings
from fieldcheck.usecases import register
from fieldcheck.usecases.register import CaseLine
from fieldcheck.usecases.work import Work, begin, look, permits
from fieldcheck.words import _, mark, pick

#: A file with more lines opens in no spreadsheet.
MOST_LINES = 500_000
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HEADER = (
    mark("Number"),
    mark("Region code"),
    mark("District"),
    mark("School"),
    mark("Rule"),
    mark("Sign"),
    mark("Severity"),
    mark("Nature"),
    mark("State"),
    mark("Restricted"),
    mark("Day of the visit"),
    mark("Half of the day"),
    mark("Opened on"),
    mark("Due by"),
    mark("Overdue"),
    mark("Outcome"),
    mark("Closed on"),
    mark("Repeats"),
)


def export(settings: Settings, actor: Actor, wanted: CaseFilter) -> BinaryIO:
    """Write the entries of a filter into a file that has no name, and record who took it before anybody reads it.

    A hundred thousand lines take seconds: they are read as they stood at one moment, in a transaction that holds up
    nobody, into memory that does not grow; what is recorded then is one short act.
    """
    file = TemporaryFile(dir=settings.data)  # noqa: SIM115 - whoever asked for it reads and closes it
    try:
        with look(settings, actor) as work:
            rows = write(work, wanted, file)
        with begin(settings, actor) as work:
            note(work, wanted, rows)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


@permits(Action.CASE_EXPORT)
def write(work: Work, wanted: CaseFilter, into: IO[bytes]) -> int:
    """Write the entries of a filter as CSV in the reader's language; gives how many."""
    text, rows = io.TextIOWrapper(into, "utf-8-sig", newline="", write_through=False), 0
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe(_(word)) for word in _HEADER])
    named = cache(name)  # a word is looked up once a file, not once a cell
    for line in register.every(work, wanted, MOST_LINES + 1):
        rows += 1
        if rows > MOST_LINES:
            raise TooLarge("case.export_too_large", most=MOST_LINES)
        writer.writerow([safe(cell) for cell in _cells(line, named)])
    text.detach()  # flushes, and leaves the file open
    return rows


@permits(Action.CASE_EXPORT)
def note(work: Work, wanted: CaseFilter, rows: int) -> None:
    """Record who took so many entries of a filter out of the house."""
    work.record(Action.CASE_EXPORT, "register", rows=rows, filter=wanted.to_query())


def filter_of(pairs: Iterable[tuple[str, str]]) -> CaseFilter:
    """Read a filter from the fields of an address; a field may stand there several times."""
    fields: dict[str, list[str]] = {}
    for name_, value in pairs:
        fields.setdefault(name_, []).append(value)
    return CaseFilter.from_query(fields)


def safe(cell: object) -> object:
    """Make a text that no spreadsheet runs; a number is left alone."""
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\x00", "")
    starts = text.lstrip(" \u00a0\u3000")
    return f"'{text}" if starts.startswith(_RUNS) else text


def _cells(line: CaseLine, named: Callable[[str, str], str]) -> list[object]:
    day, _slash, half = line.visited.partition("/")  # a day, or a week, or nothing
    return [
        line.number,
        line.region,
        pick(line.district),
        pick(line.school),
        line.code,
        pick(line.title),
        named("severity", line.severity),
        named("nature", line.nature),
        named("state", line.state),
        int(line.restricted),
        day,
        half,
        line.opened_at.astimezone(ZONE).date().isoformat(),
        line.due_at.astimezone(ZONE).date().isoformat() if line.due_at else "",
        int(line.overdue),
        named("outcome", line.outcome or ""),
        line.closed_at.astimezone(ZONE).date().isoformat() if line.closed_at else "",
        line.repeat_of or "",
    ]
