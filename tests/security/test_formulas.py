"""What people wrote leaves for a spreadsheet as text: no cell of the export runs."""

import csv
import io
import unicodedata
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from fieldcheck.storage import database
from fieldcheck.storage.tables import School
from tests.security.conftest import ON_SQLITE, Door
from tests.security.town import Town
from tests.story import words

pytestmark = ON_SQLITE
PAYLOADS = (
    "=1+1", "=cmd|'/C calc'!A0", '=HYPERLINK("http://elsewhere.test","x")', "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1",
    "\n=1", "\r\n=1", " =1", "   +1+1", "\u00a0=1", "\u3000=1", "＝1", "＋1", "－1", "＠1", "\u3000＝1", "\x00=1",
    " \x00 =1", '"=1', "=\x001", "'=1",
)  # fmt: skip
STARTS = "=+-@＝＋－＠\t\r\n"


def is_live(cell: str) -> bool:
    """Say whether a spreadsheet would run a cell; blanks and what cannot be seen do not protect it."""
    text = cell.lstrip("\x00 \u00a0\u3000")
    while text and unicodedata.category(text[0]) == "Cf":
        text = text[1:]
    return text[:1] in tuple(STARTS) and not text.lstrip("+-").replace(".", "").isdecimal()


def test_no_payload_runs_in_any_cell_of_the_export(town: Town, door: Door, record_property: Any) -> None:
    bo, live, shown = door.client(town.cookie("bo")), [], 0

    for payload in PAYLOADS:
        with database.transaction(town.settings.database_url) as session:
            session.execute(
                update(School).where(col(School.id) == "N1").values(
                    name=dict.fromkeys(("ru", "kk", "en"), payload), district_name=words(payload)
                )
            )  # fmt: skip
        exported = bo.get("/api/register.csv").content.decode("utf-8-sig")
        cells = [cell for row in csv.reader(io.StringIO(exported, newline="")) for cell in row]
        live += [(payload, cell) for cell in cells if is_live(cell)]
        shown += any(payload.replace("\x00", "").strip("'\t\r\n ")[1:] in cell for cell in cells)

    record_property("tried", len(PAYLOADS))
    record_property("got through", len(live))
    assert live == []
    assert shown == len(PAYLOADS)  # the control: each payload is in the file
    assert all(is_live(payload) for payload in PAYLOADS if payload[0] not in "\"'")
