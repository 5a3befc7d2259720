"""The tests would notice a missing lock: some are taken off here, all by `python -m fieldcheck.bench.security`."""

import random
import re
from pathlib import Path

from fieldcheck.bench import guards, security
from tests.first import HOUSE
from tests.security.conftest import HARD


def test_a_lock_that_is_taken_off_is_noticed(tmp_path: Path) -> None:
    """Three use-cases here, in a copy of the house; all locks of every kind in the bench, which takes minutes."""
    every = [mutant for mutant in security.mutants() if mutant.tests == (security.LOCKS_FIRST,)]
    chosen = security.sample(6) if HARD else random.Random(len(every)).sample(every, 3)

    assert security.survivors(chosen, tmp_path / "house") == []


def test_what_was_said_to_be_no_lock_still_stands_there() -> None:
    """A reason for a line that is gone would excuse the next one that is written like it."""
    there = {one.name for one in guards.every(HOUSE)}

    assert set(guards.HARMLESS) | set(guards.NOTICED) <= there
    assert set(guards.ROOMS) >= {one.file for one in guards.found(HOUSE)}


def test_every_lock_can_be_taken_off() -> None:
    """A lock that has moved or changed must be found again, or nobody would notice that it is no longer tried."""
    every = list(security.mutants())

    assert [mutant.name for mutant in every if not mutant.tests] == [], "say in bench/guards.py who must notice"
    for mutant in every:
        assert security.broken((HOUSE / "fieldcheck" / mutant.file).read_text(), mutant)
    locks = sum(
        len(re.findall(r"^@permits", path.read_text(), re.MULTILINE))
        for path in (HOUSE / "fieldcheck" / "usecases").glob("*.py")
    )
    assert sum(mutant.new.startswith("@") for mutant in every) >= locks - 1  # one inner lock has no door of its own
