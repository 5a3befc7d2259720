"""What the coordinator's and administrator's desks call things, beside the names that the whole house shares.

A colour never speaks alone: it always stands beside the word. Nothing here decides anything.
"""

from collections.abc import Mapping
from typing import Any

from fieldcheck.domain.access import Role
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.geo import Presence
from fieldcheck.domain.visit import StopReason, VisitState
from fieldcheck.words import _, mark

STATE_COLOURS: dict[VisitState, Any] = {
    VisitState.ASSIGNED: "gray",
    VisitState.IN_PROGRESS: "blue",
    VisitState.SUBMITTED: "orange",
    VisitState.RETURNED: "violet",
    VisitState.ACCEPTED: "green",
    VisitState.REJECTED: "gray",
    VisitState.STOPPED: "red",
    VisitState.WITHDRAWN: "gray",
}
SEVERITY_COLOURS: dict[str, Any] = {
    "critical": "red",
    "high": "orange",
    "medium": "yellow",
    "low": "blue",
    "info": "gray",
}
PRESENCE_COLOURS: dict[Presence, Any] = {
    Presence.INSIDE: "green",
    Presence.PROBABLY: "blue",
    Presence.UNPROVEN: "orange",
    Presence.FAR: "red",
}
MODES = {
    "on_site_observation": mark("On site, by looking"),
    "on_site_enquiry_or_phone": mark("On site or by phone, by asking"),
    "remote": mark("From afar"),
}
STOPS = {
    StopReason.UNSAFE: mark("It felt unsafe"),
    StopReason.RECOGNISED: mark("She was recognised"),
    StopReason.REFUSED_ENTRY: mark("She was not let in"),
    StopReason.CLOSED: mark("The school was closed"),
    StopReason.ASKED_MONEY: mark("She was asked for money"),
    StopReason.ASKED_ID: mark("She was asked for a document"),
    StopReason.ESCORTED: mark("She was led about and watched"),
    StopReason.OTHER: mark("Another reason"),
}
HINDRANCES = {
    Hindrance.INACTIVE: mark("no longer takes part"),
    Hindrance.OLD_CODE: mark("has a code of an earlier season"),
    Hindrance.NO_CONSENT: mark("has not agreed to the consent form in force"),
    Hindrance.NOT_BRIEFED: mark("has not passed the quiz this season"),
    Hindrance.CONFLICT_NOT_DECLARED: mark("was not asked about conflicts of interest this season"),
    Hindrance.CONFLICT_SCHOOL: mark("declared a conflict of interest with this school"),
    Hindrance.CONFLICT_DISTRICT: mark("declared a conflict of interest in this district"),
    Hindrance.OPEN_VISIT_THERE: mark("already has an open visit there"),
    Hindrance.ROTATION: mark("was at this school too recently"),
    Hindrance.SCHOOL_TOO_SOON: mark("the school was visited too recently"),
    Hindrance.WENT_FIRST: mark("was the first visitor; a second visit needs other eyes"),
}
PRESENCE_REASONS = {
    "school_without_point": mark("the school has no point on the map"),
    "no_position": mark("no answer carries a position"),
    "only_stale_positions": mark("all positions were already old when they were used"),
    "impossible_speed": mark("two positions are further apart than anybody travels in that time"),
    "readings_alike": mark("all positions are the same to the last digit, as a set position would be"),
    "several_readings_at_school": mark("several fresh positions lie at the school, minutes apart"),
    "short_stay": mark("the positions at the school lie seconds apart: it may have been passing by"),
    "clock_changed": mark("the phone's clock was set anew meanwhile, so how long she stayed is unknown"),
    "clock_off": mark("the phone's clock was wrong all along, and the times were corrected"),
    "photo_at_school": mark("a photo's own data name the school's place"),
    "photo_elsewhere": mark("a photo's own data name another place"),
    "one_reading_at_school": mark("one fresh position lies at the school"),
    "within_accuracy": mark("the school lies within the accuracy of several positions"),
    "all_readings_elsewhere": mark("all fresh positions lie more than a kilometre away"),
    "readings_inconclusive": mark("the positions are too coarse to say"),
}
UNITS = {"min": mark("min")}
NO_PLACES = {
    "denied": mark("position not allowed on the phone"),
    "unavailable": mark("the phone could not find its position"),
    "timeout": mark("finding the position took too long"),
    "off": mark("position switched off"),
}
CONFLICTS = {
    "employer": mark("Employer"),
    "own_school": mark("Own school"),
    "childs_school": mark("Her child's school"),
    "relative_works_there": mark("A relative works there"),
    "rejected_there": mark("Was turned down for a job there"),
    "other": mark("Another tie"),
}
ROLES = {
    Role.VOLUNTEER: mark("Volunteer"),
    Role.COORDINATOR: mark("Coordinator"),
    Role.REVIEWER: mark("Reviewer"),
    Role.ADMINISTRATOR: mark("Administrator"),
    Role.AUDITOR: mark("Auditor"),
    Role.CUSTODIAN: mark("Custodian"),
    Role.AUDITOR: mark("Auditor"),
    Role.CUSTODIAN: mark("Custodian"),
}
DOUBTS = {
    "far_from_school": mark("All positions lie away from the school: the nearest is {distance} m from it."),
    "presence_unproven": mark("The positions do not show whether the visit was at the school."),
    "impossible_speed": mark("Two positions are further apart than anybody travels in the time between them."),
    "readings_alike": mark(
        "All positions are the same to the last digit. An app that sets a position does that, and sometimes a phone"
        " indoors: look at the photos."
    ),
    "clock_changed": mark("The phone's clock was set anew during the visit: its times do not tell how long it took."),
    "short_stay": mark("The positions at the school lie seconds apart: the visitor may only have passed by."),
    "clock_gap": mark("The phone's clock differs from the server's by {minutes} min; times were corrected."),
    "outside_window": mark("The first answer was given outside the agreed days."),
    "too_fast": mark("The whole walk took {minutes} min: much quicker than expected."),
    "too_long": mark("The walk took {minutes} min: longer than a visit should last."),
    "late_report": mark("The report came {hours} h after the visit began."),
    "late_quote": mark("The quote was written down {minutes} min after it was heard, or after leaving."),
    "may_have_offered": mark("The text may say that the visitor offered something. Read the sentence."),
    "personal_number": mark(
        "The text seems to hold a personal number, a card or a phone. Leave it out of what you release."
    ),
    "photo_seen_elsewhere": mark("The same photo stands in another visit too."),
    "photo_resembles_visit": mark(
        "The photo resembles one of another visit: {school}, {at}. It may be the same picture, or the same thing"
        " from the same place. Compare them."
    ),
    "photo_resembles_far": mark(
        "The photo resembles one of a visit in another region. It may be the same picture, or the same printed notice."
    ),
    "photo_resembles_own": mark("The photo resembles the one at {other} of this visit. Compare them."),
    "photo_claims_other_time": mark("The photo's own data say that it was taken at another time than the visit: {at}."),
    "photos_from_files": mark("Photos chosen from the phone's files, not taken in the app: {n}. They may be older."),
    "photo_claims_elsewhere": mark("The photo's own data name a place {distance} m from the school."),
}


def of(table: Mapping[Any, str], key: str) -> str:
    """Say the name of *key*; one that is not in the table is shown as it is."""
    return _(table[key]) if key in table else key
