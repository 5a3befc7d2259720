"""The house rules that a machine can check: floors, lint, types, sizes, and what the repository may not hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent


def kept_files() -> list[Path]:
    """Every file that is (or is about to be) in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    return [HOUSE / line for line in listed.stdout.splitlines() if (HOUSE / line).is_file()]


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["mypy"], ["lint-imports", "--no-cache"]],
    ids=["lint", "types", "floors"],
)
def test_the_house_keeps_its_rules(command: list[str]) -> None:
    program = Path(sys.executable).parent / command[0]

    told = subprocess.run([program, *command[1:]], cwd=HOUSE, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout + told.stderr


def test_the_locks_name_every_dependency_with_its_hash_and_no_registry() -> None:
    for name in ("run.txt", "test.txt"):
        lock = (HOUSE / ".requirements" / name).read_text()

        pinned = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", lock, re.MULTILINE)
        blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]

        assert {"streamlit", "sqlmodel", "setuptools", "psycopg-binary"} <= set(pinned)
        assert all("--hash=sha256:" in block for block in blocks)
        assert "://" not in lock
        assert "index-url" not in lock


def test_what_runs_is_what_was_tested() -> None:
    run, tested = (
        set(re.findall(r"^([a-z0-9._-]+==[^ \\]+)", (HOUSE / ".requirements" / name).read_text(), re.MULTILINE))
        for name in ("run.txt", "test.txt")
    )

    assert run <= tested


def test_no_module_outgrows_a_reader() -> None:
    """But for the tables: they are looked up, not read."""
    long = [
        f"{path.relative_to(HOUSE)}: {lines}"
        for path in (HOUSE / "fieldcheck").rglob("*.py")
        if "versions" not in path.parts
        and path.name != "tables.py"
        and (lines := len(path.read_text().splitlines())) > 400
    ]

    assert not long


def test_the_repository_holds_no_secret_no_data_and_no_machine_of_ours() -> None:
    text = [path for path in kept_files() if path.suffix not in {".png", ".jpg", ".jpeg", ".heic", ".webp"}]
    telling = re.compile("/wo" + r"rk/|BEGIN [A-Z ]*PRIVATE KEY|py" + r"pi\.org|files\.python" + "hosted")

    found = [str(path.relative_to(HOUSE)) for path in text if telling.search(path.read_text(errors="replace"))]

    assert not found
    assert not [path for path in kept_files() if path.suffix in {".db", ".sqlite", ".pem", ".key"}]
