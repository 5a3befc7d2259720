"""The register as a file for a spreadsheet: what the screen lists, one line an entry, nothing that a cell could run.

A spreadsheet runs a cell that begins like a formula. Every text that begins so, also after blanks and in full-width
letters, gets an apostrophe in front; numbers stay numbers.
"""

import csv
import io
from collections.abc import Callable, Iterable
from functools import cache

from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import TooLarge
from fieldcheck.domain.register import CaseFilter
from fieldcheck.naming import name
from fieldcheck.settings import ZONE
from fieldcheck.usecases import register
from fieldcheck.usecases.register import CaseLine
from fieldcheck.usecases.work import Work, permits
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


@permits(Action.CASE_EXPORT)
def csv_of(work: Work, wanted: CaseFilter) -> bytes:
    """Write the entries of a filter as CSV in the reader's language; the chain of custody records who took it."""
    lines = register.every(work, wanted, MOST_LINES + 1)
    if len(lines) > MOST_LINES:
        raise TooLarge("case.export_too_large", most=MOST_LINES)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe(_(word)) for word in _HEADER])
    named = cache(name)  # a word is looked up once a file, not once a cell
    writer.writerows([safe(cell) for cell in _cells(line, named)] for line in lines)
    work.record(Action.CASE_EXPORT, "register", rows=len(lines), filter=wanted.to_query())
    return text.getvalue().encode("utf-8-sig")


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
