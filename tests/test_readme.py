"""The README tells the truth: its files exist, its commands are there, its journey has six steps."""

import re
from pathlib import Path

import pytest

from fieldcheck.cli import parser

HOUSE = Path(__file__).parent.parent
README = (HOUSE / "README.md").read_text()
NAMED = re.findall(r"`((?:fieldcheck|tests|checklists)/[\w./-]+)`", README)
LINKED = re.findall(r"\]\(([\w./-]+)\)", README)
PATHS = sorted({*NAMED, *LINKED})


def section(title: str) -> str:
    """The text under a heading."""
    return README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("path", PATHS)
def test_every_file_that_is_named_exists(path: str) -> None:
    assert (HOUSE / path).exists()


def test_an_answers_journey_has_six_lines_each_naming_a_file() -> None:
    lines = re.findall(r"^\d\. .*(?:\n(?!\d\.|\n).*)*", section("One answer's journey"), re.MULTILINE)

    assert len(lines) == 6
    assert all(re.search(r"`fieldcheck/[\w/.]+`", line) for line in lines)


def test_the_two_commands_are_targets_of_make() -> None:
    makefile = (HOUSE / "Makefile").read_text()

    for target in re.findall(r"^    make (\w+)", section("Two commands"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_command_of_the_console_is_told() -> None:
    told = set(re.findall(r"`(?:fieldcheck )?([\w-]+)[^`]*`", section("Two commands").split("| what it does |", 1)[1]))
    actions = parser()._subparsers._group_actions  # type: ignore[union-attr]

    assert set(actions[0].choices) <= told  # type: ignore[arg-type]
