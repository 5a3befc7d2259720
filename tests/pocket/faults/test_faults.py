"""Everything breaks, by a fixed seed: what she was told is saved arrives once. And the count itself is not blind."""

import json
import subprocess
import sys
from typing import Any

import pytest

#: Three walks at a time, half a minute each; a busy machine takes several times as long, and that is no fault.
pytestmark = pytest.mark.timeout(1500)
RUNS, CONTROLS, MOST_CONTROLS = 20, 3, 12


def trial(*said: str) -> list[dict[str, Any]]:
    """Walk in a process of its own: a browser driven twice in one process gets in its own way."""
    command = [sys.executable, "-m", "fieldcheck.bench.faults", "--json", *said]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1400)
    assert done.returncode == 0, done.stderr[-3000:]
    counts: list[dict[str, Any]] = json.loads(done.stdout)
    return counts


@pytest.mark.parametrize("broken", ["outbox", "worker"])
def test_a_broken_outbox_and_a_worker_that_forgets_are_found_out(broken: str) -> None:
    # A walk that chance sends no fault at the wrong moment is whole, also with this broken; some walks more are not.
    counts: list[dict[str, Any]] = []
    while not is_found_out(broken, counts) and len(counts) < MOST_CONTROLS:
        counts += trial("--runs", str(CONTROLS), "--first", str(len(counts) + 1), "--broken", broken)

    assert is_found_out(broken, counts), counts


def is_found_out(broken: str, counts: list[dict[str, Any]]) -> bool:
    """Whether the count met what this broken does: it lets go, or sends, and something is lost."""
    let_go = sum(one["let_go"] if broken == "outbox" else one["blows"].get("sent by the worker", 0) for one in counts)
    return let_go > 0 and sum(one["lost"] for one in counts) > 0


def test_whatever_breaks_the_server_holds_each_thing_exactly_once() -> None:
    counts = trial("--runs", str(RUNS))

    wrong = [one for one in counts if one["lost"] or one["doubled"] or one["let_go"] or one["queued"] or one["notes"]]
    struck = {blow for one in counts for blow in one["blows"]}
    assert wrong == []
    assert sum(one["acknowledged"] for one in counts) > RUNS * 8
    assert {"reload", "tab closed", "browser killed", "no network", "server killed"} <= struck
    assert {"killed while locked, worker sends", "worker killed half-way"} <= struck
    assert sum(one["blows"].get("sent by the worker", 0) for one in counts) > 0
    assert {"cut the request", "cut the answer", "drop the answer", "deliver twice"} <= struck
