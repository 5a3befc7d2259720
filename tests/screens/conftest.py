"""What every test of a screen may ask for."""

import pytest

from fieldcheck.settings import Settings
from tests.screens.sitting import Chair


@pytest.fixture
def chair(database: Settings, monkeypatch: pytest.MonkeyPatch) -> Chair:
    """A desk of this test's own installation."""
    return Chair(database, monkeypatch)
