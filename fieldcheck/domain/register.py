"""What one asks of the violations register, and what an entry is like when it is opened.

A filter is plain data, so that the list on the screen and the file that is exported cannot differ: both are the same
filter, also when it travels in an address.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Self

from fieldcheck.domain.case import TRIAGE_CRITICAL, TRIAGE_DAYS, CaseState, due_on
from fieldcheck.domain.checklist import Nature, Severity
from fieldcheck.domain.errors import Invalid

#: The same sign at the same school this soon after it was put right counts as a repeat, one step more severe.
REPEAT_WITHIN = timedelta(days=90)
#: Findings of the programme about itself (a volunteer's safety) never enter the register.
OWN_BODY = "PROGRAM"
#: No page is longer: a list that one cannot read is no list.
LARGEST_PAGE = 200
#: No entry was opened outside of these, and beyond them a day's first moment cannot be counted in another zone.
FIRST_YEAR, LAST_YEAR = 1970, 2100
#: A word is letters and figures; a number of the register is several words.
_WORD = re.compile(r"[^\W_]+")
_LADDER = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


class Order(StrEnum):
    """In which order entries are listed."""

    NEWEST = "newest"
    DUE = "due"
    SEVERITY = "severity"


@dataclass(frozen=True)
class CaseFilter:
    """Which entries: an empty choice means all. Days are days of the programme's wall clock, both included."""

    region: tuple[str, ...] = ()
    school: str | None = None
    severity: tuple[Severity, ...] = ()
    nature: tuple[Nature, ...] = ()
    code: tuple[str, ...] = ()
    state: tuple[CaseState, ...] = ()
    opened_from: date | None = None
    opened_to: date | None = None
    text: str = ""
    overdue: bool = False
    due_soon: bool = False
    page: int = 1
    page_size: int = 50
    order: Order = Order.NEWEST

    def to_query(self) -> dict[str, list[str]]:
        """Write the filter as the fields of an address; page and page size stay behind."""
        fields: dict[str, list[str]] = {
            "region": list(self.region),
            "school": [self.school] if self.school else [],
            "severity": [value.value for value in self.severity],
            "nature": [value.value for value in self.nature],
            "code": list(self.code),
            "state": [value.value for value in self.state],
            "from": [self.opened_from.isoformat()] if self.opened_from else [],
            "to": [self.opened_to.isoformat()] if self.opened_to else [],
            "text": [self.text] if self.text else [],
            "overdue": ["1"] if self.overdue else [],
            "due": ["soon"] if self.due_soon else [],
            "order": [self.order.value] if self.order is not Order.NEWEST else [],
        }
        return {name: values for name, values in fields.items() if values}

    @classmethod
    def from_query(cls, query: Mapping[str, Sequence[str]]) -> Self:
        """Read the filter from the fields of an address; raises Invalid `case.filter_wrong`."""
        # No database looks for a NUL, and no entry has one.
        query = {name: [value.replace("\x00", "") for value in values] for name, values in query.items()}
        try:
            return cls(
                region=tuple(query.get("region", ())),
                school=_last(query, "school") or None,
                severity=tuple(Severity(value) for value in query.get("severity", ())),
                nature=tuple(Nature(value) for value in query.get("nature", ())),
                code=tuple(query.get("code", ())),
                state=tuple(CaseState(value) for value in query.get("state", ())),
                opened_from=_day(_last(query, "from")),
                opened_to=_day(_last(query, "to")),
                text=_last(query, "text")[:200],
                overdue=_last(query, "overdue") == "1",
                due_soon=_last(query, "due") == "soon",
                order=Order(_last(query, "order") or Order.NEWEST),
            )
        except ValueError:
            raise Invalid("case.filter_wrong") from None

    def bounded(self) -> Self:
        """Give the same filter with a page that exists at all and a size that can be read."""
        return replace(self, page=max(self.page, 1), page_size=min(max(self.page_size, 1), LARGEST_PAGE))


def _last(query: Mapping[str, Sequence[str]], name: str) -> str:
    values = query.get(name) or ("",)
    return values[-1].strip()


def _day(value: str) -> date | None:
    day = date.fromisoformat(value) if value else None
    if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(value)
    return day


def words_of(text: str) -> tuple[str, ...]:
    """Cut a text into the words by which it is found: each once, in small letters, without accents, "ё" as "е"."""
    folded = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return tuple(dict.fromkeys(_WORD.findall(bare)))


def number(year: int, region: str, drawn: int) -> str:
    """Write the register number: drawn by lot, for one that ran on would tell in which order visits were accepted."""
    return f"{number_prefix(year, region)}{drawn:05}"


def lots(taken: int) -> range:
    """Give the numbers to draw from where that many are taken: at least ten times as many, of five figures or more."""
    begin = 10_000
    while taken * 10 > 9 * begin:
        begin *= 10
    return range(begin, 10 * begin)


def number_prefix(year: int, region: str) -> str:
    """Write what all numbers of a region and year begin with."""
    return f"НР-{year}-{region}-"


def raised(severity: Severity) -> Severity:
    """Give the next severity up; what is only information stays that."""
    if severity not in _LADDER:
        return severity
    return _LADDER[min(_LADDER.index(severity) + 1, len(_LADDER) - 1)]


def triage_due(severity: Severity, now: datetime) -> datetime | None:
    """Give when the agency must have looked; *now* is in the zone whose days count."""
    if severity is Severity.CRITICAL:
        return now + TRIAGE_CRITICAL
    return due_on(now, TRIAGE_DAYS, "working_days")


def half_day(when: datetime, zone: tzinfo) -> str:
    """Coarsen a moment to its day and half ("2026-09-14/am"): the minute would tell who the visitor was."""
    local = when.astimezone(zone)
    return f"{local.date().isoformat()}/{'am' if local.hour < 12 else 'pm'}"
