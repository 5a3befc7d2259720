"""What happens between the agency and the body that can put things right: replies, measures, and their bounds.

It knows the one rule of fairness that no form may forget: what a single visit saw is never the only ground for
disciplining somebody (requirement E-22).
"""

import calendar
from collections.abc import Collection
from datetime import date
from enum import StrEnum

from fieldcheck.domain.case import Outcome
from fieldcheck.domain.checklist import Severity
from fieldcheck.domain.revisit import Seen

#: An answer may be put off at most this many months from the referral (APPC art. 76).
LONGEST_MONTHS = 2


class Reply(StrEnum):
    """What the body says it found."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    NOT_CONFIRMED = "not_confirmed"
    NO_DATA = "no_data"


class Measure(StrEnum):
    """What was done about it; never about whom."""

    PRACTICE_ENDED = "practice_ended"
    MONEY_RETURNED = "money_returned"
    INFORMATION_POSTED = "posted"
    STAFF_INSTRUCTED = "staff_instructed"
    DISCIPLINARY = "disciplinary"
    OTHER = "other"


def latest_extension(referred: date) -> date:
    """Give the last day to which an answer may be put off."""
    month = referred.month + LONGEST_MONTHS
    year, month = referred.year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(referred.day, calendar.monthrange(year, month)[1]))


def needs_more_ground(outcome: Outcome, severity: Severity, told: Collection[Seen | None], document: str) -> bool:
    """Say whether a sanction would rest on one visit alone: *told* is what second visits saw, as far as it is told.

    Two independent visits are the one that was first and one that was asked for after an answer: dispatch sends
    somebody else to it. Any other visit to the school may have been by anybody, and it is not looked up by whom.
    """
    if outcome is not Outcome.SANCTIONED or severity not in (Severity.HIGH, Severity.CRITICAL):
        return False
    return Seen.AGAIN not in told and not document.strip()
