"""Reads a list of schools from a CSV or XLSX file and says everything that is wrong with it at once, line by line.

It decides nothing about schools: what it gives is what somebody wrote down, and `schools.put_schools` judges it again.
Unknown columns are left out and named, so that a misspelt one is seen.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fieldcheck.domain.geo import Point
from fieldcheck.usecases.schools import OWNERSHIPS, SchoolForm
from fieldcheck.web import school_book
from fieldcheck.web.school_book import NoBook
from fieldcheck.words import mark

NEEDED = (
    "school_id", "name_ru", "name_kk", "kato", "district_ru", "district_kk", "ownership", "address_ru", "address_kk",
)  # fmt: skip
OPTIONAL = ("name_en", "lat", "lon", "pupils", "source")
MOST_ROWS = 10_000
Row = tuple[int, Mapping[Any, Any]]
LONGEST = 300

WRONG = {
    "not_a_book": mark("The file cannot be opened as an XLSX workbook. Save it anew as XLSX, or as “CSV UTF-8”."),
    "swells": mark("The file unpacks to far more than a list of schools. Copy the list into a new workbook."),
    "formula": mark("Line {line}: a cell holds a formula. Copy the sheet and paste it as values."),
    "not_utf8": mark("The file is not UTF-8 text. Save it as “CSV UTF-8” and choose it again."),
    "too_many": mark("The file has more than {most} lines. Split it and bring the parts in one after the other."),
    "no_rows": mark("The file has no line below its heading. Add the schools and choose it again."),
    "no_column": mark("Line 1: the column “{column}” is missing. Add it to the heading."),
    "too_many_cells": mark("Line {line}: there are more cells than columns. Put quotes around a text with a comma."),
    "empty": mark("Line {line}: “{column}” is empty. Fill it in."),
    "too_long": mark("Line {line}: “{column}” is longer than {longest} characters. Shorten it."),
    "twice": mark("Line {line}: the number {school} stands on line {first} too. Keep one of them."),
    "kato": mark("Line {line}: {value} is no KATO code. Write its nine digits."),
    "region": mark("Line {line}: no region here has the KATO {value}. Check the code, or add the region first."),
    "ownership": mark("Line {line}: {value} is no form of ownership. Write one of: {known}."),
    "point": mark(
        "Line {line}: the place {value} is no latitude and longitude in degrees. Correct both or leave both out."
    ),
    "pupils": mark("Line {line}: {value} is no number of pupils. Write a whole number or leave it out."),
}


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: its code, and what its sentence needs."""

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SchoolList:
    """What a file holds: the schools, everything that is wrong, and the columns nobody asked for."""

    forms: tuple[SchoolForm, ...]
    wrong: tuple[Wrong, ...]
    unknown_columns: tuple[str, ...]


def read_schools(data: bytes, regions: Sequence[str]) -> SchoolList:
    """Read *data* as a list of schools of *regions* (KATO codes); no forms are given while anything is wrong."""
    try:
        columns, rows = _book(data) if school_book.is_book(data) else _csv(data)
    except NoBook as no:
        return SchoolList((), (Wrong(no.code, no.details),), ())
    lacking = [Wrong("no_column", {"column": name}) for name in NEEDED if name not in columns]
    unknown = tuple(name for name in columns if name and name not in NEEDED + OPTIONAL)
    if lacking:
        return SchoolList((), tuple(lacking), unknown)
    if not rows or len(rows) > MOST_ROWS:
        return SchoolList((), (Wrong("too_many", {"most": MOST_ROWS}) if rows else Wrong("no_rows"),), unknown)
    forms: list[SchoolForm] = []
    wrong: list[Wrong] = []
    seen: dict[str, int] = {}
    for line, row in rows:
        found, form = _school(line, row, regions)
        if form and form.id in seen:
            found.append(Wrong("twice", {"line": line, "school": form.id, "first": seen[form.id]}))
        if form:
            seen.setdefault(form.id, line)
            forms.append(form)
        wrong += found
    return SchoolList(() if wrong else tuple(forms), tuple(wrong), unknown)


def _csv(data: bytes) -> tuple[list[str], list[Row]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoBook("not_utf8") from None
    first_line = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first_line.count(";") > first_line.count(",") else ",")
    columns = [str(name).strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    return columns, [(reader.line_num, row) for row, _n in zip(reader, range(MOST_ROWS + 1), strict=False)]


def _book(data: bytes) -> tuple[list[str], list[Row]]:
    heading, *lines = school_book.lines_of(data, MOST_ROWS + 1) or [(1, [])]
    columns = [name.strip() for name in heading[1]]
    rows: list[Row] = []
    for line, cells in lines:
        beyond = [cell for cell in cells[len(columns) :] if cell]
        row: dict[str | None, Any] = dict(zip(columns, cells, strict=False))
        rows.append((line, row | ({None: beyond} if beyond else {})))
    return columns, rows


def _school(line: int, row: Mapping[Any, Any], regions: Sequence[str]) -> tuple[list[Wrong], SchoolForm | None]:
    if None in row:
        return [Wrong("too_many_cells", {"line": line})], None
    cell = {name: (row.get(name) or "").strip() for name in NEEDED + OPTIONAL}
    wrong = [Wrong("empty", {"line": line, "column": name}) for name in NEEDED if not cell[name]]
    wrong += [
        Wrong("too_long", {"line": line, "column": name, "longest": LONGEST})
        for name, value in cell.items()
        if len(value) > LONGEST
    ]
    wrong += _kato(line, cell["kato"], regions) if cell["kato"] else []
    if cell["ownership"] and cell["ownership"] not in OWNERSHIPS:
        details = {"line": line, "value": cell["ownership"][:40], "known": ", ".join(OWNERSHIPS)}
        wrong.append(Wrong("ownership", details))
    point = _point(cell["lat"], cell["lon"])
    if point is None and (cell["lat"] or cell["lon"]):
        wrong.append(Wrong("point", {"line": line, "value": f"{cell['lat']}, {cell['lon']}"[:40]}))
    if cell["pupils"] and not (cell["pupils"].isascii() and cell["pupils"].isdigit() and len(cell["pupils"]) < 7):
        wrong.append(Wrong("pupils", {"line": line, "value": cell["pupils"][:40]}))
    return (wrong, None) if wrong else ([], _form(cell, point))


def _form(cell: Mapping[str, str], point: Point | None) -> SchoolForm:
    names = {"ru": cell["name_ru"], "kk": cell["name_kk"]}
    return SchoolForm(
        id=cell["school_id"],
        region=_region(cell["kato"]),
        district=cell["kato"][:4] + "00000",
        district_name={"ru": cell["district_ru"], "kk": cell["district_kk"]},
        name=names | ({"en": cell["name_en"]} if cell["name_en"] else {}),
        address={"ru": cell["address_ru"], "kk": cell["address_kk"]},
        ownership=cell["ownership"],
        point=point,
        pupils=int(cell["pupils"]) if cell["pupils"] else None,
        source=cell["source"],
    )


def _kato(line: int, kato: str, regions: Sequence[str]) -> list[Wrong]:
    if not (len(kato) == 9 and kato.isascii() and kato.isdigit()):
        return [Wrong("kato", {"line": line, "value": kato[:40]})]
    return [] if _region(kato) in regions else [Wrong("region", {"line": line, "value": kato})]


def _region(kato: str) -> str:
    """Name a region by its KATO: the first two digits are the region's."""
    return kato[:2] + "0000000"


def _point(lat: str, lon: str) -> Point | None:
    try:
        point = Point(float(lat.replace(",", ".")), float(lon.replace(",", ".")))
    except ValueError:
        return None
    return point if -90 <= point.lat <= 90 and -180 <= point.lon <= 180 else None
