"""A fault of a checklist as data: a code, where it stands, and the details that its sentence needs.

The author of a checklist is the user of these: every fault names its place the way a person would look for it
(`questions[COL-06].visible_if[0].q`) and, where a word is nearly right, the word that was probably meant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from fieldcheck.domain.errors import Invalid

WARNINGS = frozenset({"checklist.citation_recalled_among", "checklist.rule_unexampled"})


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in one place of one file."""

    code: str
    path: str
    details: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""

    @property
    def warning(self) -> bool:
        """A warning is told and stops nothing."""
        return self.code in WARNINGS

    def within(self, file: str) -> "Fault":
        """Return the same fault with the name of its file."""
        return replace(self, file=file)


class Faults(Invalid):
    """Everything that is wrong with what was read, all at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("checklist.faulty", count=len([fault for fault in self.faults if not fault.warning]))

    def __str__(self) -> str:
        """List the faults, for logs and tests."""
        return "; ".join(f"{fault.code} at {fault.path}" for fault in self.faults)


def near(word: object, known: Iterable[str]) -> str:
    """Return the known word that *word* was probably meant to be, or nothing."""
    words = list(known)
    if not isinstance(word, str):
        return ""
    lower = {candidate.lower(): candidate for candidate in words}
    matches = get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return lower[matches[0]] if matches else ""
