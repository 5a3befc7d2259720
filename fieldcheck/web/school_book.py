"""Reads the first sheet of an XLSX file as lines of text, and makes an empty one to be filled in.

A workbook is a ZIP of XML that somebody sent: its size is judged before anything of it is unpacked, nothing outside of
it is followed, and a formula is refused rather than computed.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

#: Ten thousand schools with every column filled unpack to about twenty; nothing honest shrinks to a hundredth.
MOST_UNPACKED, MOST_SHRUNK, ALWAYS_FINE = 40 * 2**20, 100, 2**20
MOST_COLUMNS = 60
MOST_PARTS = 200

Line = tuple[int, list[str]]


class NoBook(Exception):
    """What was given cannot be read; *code* says why, *details* where."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def is_book(data: bytes) -> bool:
    """Say whether *data* begins like a ZIP, which no CSV does."""
    return data[:4] == b"PK\x03\x04"


def lines_of(data: bytes, most: int) -> list[Line]:
    """Give the lines of the first sheet that are not empty, each with its number; at most *most* and one more."""
    _judge(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the library leaves out (styles, lists of choices) is not asked for
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            try:
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # what a file says of its own size is not believed
                rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS), most + 1)
                return list(_lines(rows))
            finally:
                book.close()
    except NoBook:
        raise
    except Exception as error:
        raise NoBook("not_a_book") from error


def _judge(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise NoBook("not_a_book") from None
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > max(min(MOST_UNPACKED, MOST_SHRUNK * len(data)), ALWAYS_FINE):
        raise NoBook("swells")


def _lines(rows: Iterator[Sequence[Any]]) -> Iterator[Line]:
    for number, row in enumerate(rows, start=1):
        if any(cell.data_type == "f" for cell in row):
            raise NoBook("formula", line=number)
        cells = [_text(cell.value) for cell in row]
        if any(cells):
            yield number, cells


def _text(value: Any) -> str:
    """Write a cell as a CSV would hold it: 900.0 is 900, a day is its date."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()


def empty(columns: Sequence[str], needed: int) -> bytes:
    """Make a workbook that has only its heading, the *needed* first columns in bold."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(columns))
    for place, cell in enumerate(sheet[1]):
        cell.font = Font(bold=place < needed)
        sheet.column_dimensions[cell.column_letter].width = 18
    sheet.freeze_panes = "A2"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
