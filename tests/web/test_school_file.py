"""A list of schools out of an XLSX file: the same checks as out of a CSV, and nothing it can do to its reader."""

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from fieldcheck.web.school_book import empty
from fieldcheck.web.school_file import MOST_ROWS, NEEDED, OPTIONAL, read_schools

REGIONS = ["750000000"]
SCHOOL: dict[str, Any] = {
    "school_id": "ALA-1", "name_ru": "Школа № 1", "name_kk": "№ 1 мектеп", "kato": 751110000,
    "district_ru": "Алмалинский район", "district_kk": "Алмалы ауданы", "ownership": "kgu_state_institution",
    "address_ru": "ул. Абая, 1", "address_kk": "Абай көшесі, 1", "lat": 43.2381, "lon": "76,8897", "pupils": 900.0,
}  # fmt: skip


def book(*rows: dict[str, Any], columns: tuple[str, ...] = tuple(SCHOOL)) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(name) for name in columns])
    return saved(made)


def saved(made: Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def codes(data: bytes) -> list[tuple[str, Any]]:
    return [(one.code, one.details.get("line")) for one in read_schools(data, REGIONS).wrong]


def with_part(name: str, content: bytes) -> bytes:
    """A right book in which one part is another."""
    packed, made = zipfile.ZipFile(io.BytesIO(book(SCHOOL))), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for part in packed.infolist():
            if part.filename != name:
                out.writestr(part.filename, packed.read(part))
        out.writestr(name, content)
    return made.getvalue()


def test_a_bomb_of_ten_kilobytes_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = with_part("xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * 9_000_000)
    monkeypatch.setattr("fieldcheck.web.school_book.load_workbook", lambda *_a, **_k: pytest.fail("it was opened"))

    assert len(bomb) < 20_000
    assert codes(bomb) == [("swells", None)]


def test_a_book_of_a_thousand_parts_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for n in range(1000):
            out.writestr(f"{n}", "")

    assert codes(made.getvalue()) == [("swells", None)]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\x00" * 200,
        with_part("xl/workbook.xml", b"<!DOCTYPE x [<!ENTITY a '1'>]><x>&b;</x>"),
        with_part("xl/worksheets/sheet1.xml", b"no xml"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(data: bytes) -> None:
    assert codes(data) == [("not_a_book", None)]


def test_a_formula_is_refused_and_not_computed() -> None:
    assert codes(book(SCHOOL, {**SCHOOL, "school_id": "ALA-2", "name_ru": '=HYPERLINK("http://x","y")'})) == [
        ("formula", 3)
    ]


def test_a_sheet_that_says_it_is_a_million_lines_long_is_read_to_the_limit() -> None:
    far = book(SCHOOL)
    sheet = zipfile.ZipFile(io.BytesIO(far)).read("xl/worksheets/sheet1.xml").decode()
    sheet = sheet.replace('<row r="2"', '<row r="1048570"').replace('"A2"', '"A1048570"')

    assert [code for code, _ in codes(with_part("xl/worksheets/sheet1.xml", sheet.encode()))] == ["no_rows"]


def test_too_many_lines_are_too_many() -> None:
    lines = ({**SCHOOL, "school_id": f"ALA-{n}"} for n in range(MOST_ROWS + 1))

    assert codes(book(*lines)) == [("too_many", None)]


def test_every_mistake_is_named_with_its_line_as_the_sheet_counts_it() -> None:
    data = book(
        SCHOOL,
        {},
        {**SCHOOL, "school_id": "ALA-2", "kato": 12, "pupils": 12.5},
        {**SCHOOL, "school_id": "ALA-3", "address_kk": None, "ownership": "stolen", "lat": 430},
        SCHOOL,
    )

    assert codes(data) == [("kato", 4), ("pupils", 4), ("empty", 5), ("ownership", 5), ("point", 5), ("twice", 6)]
    assert codes(book(SCHOOL, columns=tuple(SCHOOL)[1:])) == [("no_column", None)]
    assert codes(book()) == [("no_rows", None)]


def test_a_right_sheet_is_what_the_same_csv_is() -> None:
    as_csv = ";".join(SCHOOL) + "\n" + ";".join(str(one) for one in (SCHOOL | {"pupils": 900}).values())

    read = read_schools(book(SCHOOL, columns=(*SCHOOL, "color")), REGIONS)

    assert read.wrong == () and len(read.forms) == 1
    assert read.forms == read_schools(as_csv.encode(), REGIONS).forms
    assert read.unknown_columns == ("color",)


def test_the_empty_table_has_every_column_and_is_only_not_filled_in() -> None:
    made = empty(NEEDED + OPTIONAL, len(NEEDED))

    assert [cell.value for cell in load_workbook(io.BytesIO(made)).worksheets[0][1]] == [*NEEDED, *OPTIONAL]
    assert codes(made) == [("no_rows", None)]
