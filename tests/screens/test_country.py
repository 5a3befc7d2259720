"""In a whole country a screen reads the page that it shows, and its map areas instead of thousands of schools."""

from pathlib import Path

import pytest

from fieldcheck.bench import screens
from fieldcheck.bench.screens import Country
from fieldcheck.settings import read_settings
from fieldcheck.storage import spots
from fieldcheck.usecases import school_list

SCHOOLS = 620


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    """Six hundred schools in twenty regions; on SQLite, because rows are counted by its driver."""
    folder: Path = tmp_path_factory.mktemp("country")
    return screens.lay(read_settings({"FIELDCHECK_DATA": str(folder)}), 3_000, SCHOOLS, 20)


@pytest.fixture(autouse=True)
def _crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spots, "MOST_SCHOOLS", 100)


@pytest.mark.parametrize(
    ("who", "screen", "most"),
    [("administrator", "schools", school_list.ROWS * 2 + 100), ("reviewer", "figures", 400)],
    ids=["the list of schools", "the first page of the register"],
)
def test_a_screen_reads_far_fewer_rows_than_there_are_schools(
    country: Country, who: str, screen: str, most: int
) -> None:
    cost = screens.draw(country, who, screen, {})

    assert 0 < cost.rows < most < SCHOOLS
    assert cost.sent < 100_000
