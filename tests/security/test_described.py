"""The API as its description has it, tried by schemathesis: no part of this house, and named by the bench."""

import os
import subprocess

import pytest

from tests.security.conftest import Served
from tests.security.town import EVERYBODY

#: The program `st` of the package schemathesis; `python -m fieldcheck.bench.security --schemathesis` names it.
PROGRAM = os.environ.get("FIELDCHECK_SCHEMATHESIS", "")


@pytest.mark.skipif(not PROGRAM, reason="for the bench: it names the program")
@pytest.mark.parametrize("name", EVERYBODY)
def test_no_described_request_of_anybody_breaks_the_server(served: Served, name: str) -> None:
    url = served.town.settings.url
    headers = {"Cookie": f"fc={served.town.cookie(name)}", "Origin": url, "X-FC": "1"}
    given = [part for key, value in headers.items() for part in ("-H", f"{key}: {value}")]

    done = subprocess.run(
        [PROGRAM, "run", f"{url}/api/openapi.json", "-u", f"{url}/api", *given, "--checks", "not_a_server_error",
         "-n", "30", "--seed", "7", "--suppress-health-check=all"],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-4000:]
