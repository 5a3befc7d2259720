"""Who may do what, in one table.

The same entry answers two questions: "may she?" (scope is not NONE) and "which ones?" (the scope becomes the
WHERE of a query). What is not in the table is refused.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """The part a person plays; everybody has exactly one."""

    VOLUNTEER = "volunteer"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    CUSTODIAN = "custodian"


class Scope(StrEnum):
    """Which of the things: none, one's own, one's region's, those released to the agency, all."""

    NONE = "none"
    OWN = "own"
    REGION = "region"
    RELEASED = "released"
    ALL = "all"


class Action(StrEnum):
    """Everything a person can do, as noun.verb; the record uses the same words."""

    ACCOUNT_LANGUAGE = "account.language"
    DATA_TAKE = "data.take"
    ACCOUNT_SECURE = "account.secure"
    SCHOOL_LIST = "school.list"
    SCHOOL_WRITE = "school.write"
    REGION_WRITE = "region.write"
    BODY_LIST = "body.list"
    BODY_WRITE = "body.write"
    CAMPAIGN_LIST = "campaign.list"
    CAMPAIGN_WRITE = "campaign.write"
    CHECKLIST_READ = "checklist.read"
    CHECKLIST_PUBLISH = "checklist.publish"
    PERSON_LIST = "person.list"
    PERSON_ADD = "person.add"
    PERSON_INVITE = "person.invite"
    PERSON_CLOSE = "person.close"
    PERSON_MOVE = "person.move"
    PERSON_RESET = "person.reset"
    DEVICE_LIST = "device.list"
    DEVICE_END = "device.end"
    CONFLICT_WRITE = "conflict.write"
    SEASON_BEGIN = "season.begin"
    VISIT_ASSIGN = "visit.assign"
    VISIT_WITHDRAW = "visit.withdraw"
    VISIT_LIST = "visit.list"
    VISIT_WALK = "visit.walk"
    VISIT_CHECK = "visit.check"
    TEXT_OPEN = "text.open"
    PHOTO_SHOW = "photo.show"
    CASE_LIST = "case.list"
    CASE_WORK = "case.work"
    CASE_EXPORT = "case.export"
    REPORT_READ = "report.read"
    RECORD_READ = "record.read"
    RECORD_TRACE = "record.trace"
    ERASURE_LIST = "erasure.list"
    ERASURE_ASK = "erasure.ask"
    ERASURE_CONSENT = "erasure.consent"
    CASE_HOLD = "case.hold"
    IDENTITY_READ = "identity.read"
    REVEAL_LIST = "reveal.list"
    REVEAL_ASK = "reveal.ask"
    REVEAL_CONSENT = "reveal.consent"
    REVEAL_OPEN = "reveal.open"
    QUIZ_TAKE = "quiz.take"
    CONSENT_GIVE = "consent.give"


_A, _S = Action, Scope

GRANTS: dict[Role, dict[Action, Scope]] = {
    Role.VOLUNTEER: {
        _A.ACCOUNT_LANGUAGE: _S.OWN,
        _A.DEVICE_LIST: _S.OWN,
        _A.DEVICE_END: _S.OWN,
        _A.DATA_TAKE: _S.OWN,
        _A.CHECKLIST_READ: _S.OWN,
        _A.VISIT_WALK: _S.OWN,
        _A.PHOTO_SHOW: _S.OWN,
        _A.REPORT_READ: _S.OWN,
        _A.QUIZ_TAKE: _S.OWN,
        _A.CONSENT_GIVE: _S.OWN,
    },
    Role.COORDINATOR: {
        _A.ACCOUNT_LANGUAGE: _S.OWN,
        _A.DATA_TAKE: _S.OWN,
        _A.ACCOUNT_SECURE: _S.OWN,
        _A.SCHOOL_LIST: _S.REGION,
        _A.BODY_LIST: _S.ALL,
        _A.CAMPAIGN_LIST: _S.ALL,
        _A.CHECKLIST_READ: _S.ALL,
        _A.PERSON_LIST: _S.REGION,
        _A.PERSON_ADD: _S.REGION,
        _A.PERSON_INVITE: _S.REGION,
        _A.PERSON_CLOSE: _S.REGION,
        _A.DEVICE_LIST: _S.REGION,
        _A.DEVICE_END: _S.REGION,
        _A.CONFLICT_WRITE: _S.REGION,
        _A.SEASON_BEGIN: _S.REGION,
        _A.VISIT_ASSIGN: _S.REGION,
        _A.VISIT_WITHDRAW: _S.REGION,
        _A.VISIT_LIST: _S.REGION,
        _A.VISIT_CHECK: _S.REGION,
        _A.TEXT_OPEN: _S.REGION,
        _A.PHOTO_SHOW: _S.REGION,
        _A.REPORT_READ: _S.REGION,
        _A.IDENTITY_READ: _S.REGION,
    },
    Role.REVIEWER: {
        _A.ACCOUNT_LANGUAGE: _S.OWN,
        _A.DATA_TAKE: _S.OWN,
        _A.ACCOUNT_SECURE: _S.OWN,
        _A.BODY_LIST: _S.ALL,
        _A.CASE_LIST: _S.RELEASED,
        _A.CASE_WORK: _S.RELEASED,
        _A.CASE_EXPORT: _S.RELEASED,
        _A.CASE_HOLD: _S.RELEASED,
        _A.PHOTO_SHOW: _S.RELEASED,
        _A.REPORT_READ: _S.RELEASED,
    },
    Role.ADMINISTRATOR: {
        _A.ACCOUNT_LANGUAGE: _S.OWN,
        _A.DATA_TAKE: _S.OWN,
        _A.ACCOUNT_SECURE: _S.OWN,
        _A.SCHOOL_LIST: _S.ALL,
        _A.SCHOOL_WRITE: _S.ALL,
        _A.REGION_WRITE: _S.ALL,
        _A.BODY_LIST: _S.ALL,
        _A.BODY_WRITE: _S.ALL,
        _A.CAMPAIGN_LIST: _S.ALL,
        _A.CAMPAIGN_WRITE: _S.ALL,
        _A.CHECKLIST_READ: _S.ALL,
        _A.CHECKLIST_PUBLISH: _S.ALL,
        _A.PERSON_LIST: _S.ALL,
        _A.PERSON_ADD: _S.ALL,
        _A.PERSON_INVITE: _S.ALL,
        _A.PERSON_CLOSE: _S.ALL,
        _A.PERSON_MOVE: _S.ALL,
        _A.PERSON_RESET: _S.ALL,
        _A.REPORT_READ: _S.ALL,
        _A.RECORD_READ: _S.ALL,
        _A.ERASURE_LIST: _S.ALL,
        _A.ERASURE_ASK: _S.ALL,
        # His staff's names only: ALL people are all but volunteers. A volunteer's he learns with a custodian's consent.
        _A.IDENTITY_READ: _S.ALL,
        _A.REVEAL_LIST: _S.ALL,
        _A.REVEAL_ASK: _S.ALL,
        _A.REVEAL_OPEN: _S.OWN,
    },
    # Reads the record, changes nothing.
    Role.AUDITOR: {
        _A.ACCOUNT_LANGUAGE: _S.OWN,
        _A.DATA_TAKE: _S.OWN,
        _A.ACCOUNT_SECURE: _S.OWN,
        _A.RECORD_READ: _S.ALL,
        _A.RECORD_TRACE: _S.ALL,
        _A.ERASURE_LIST: _S.ALL,
        _A.REVEAL_LIST: _S.ALL,
    },
    # The second of two people: consents, or does not, to what another asked for.
    Role.CUSTODIAN: {
        _A.ACCOUNT_LANGUAGE: _S.OWN,
        _A.DATA_TAKE: _S.OWN,
        _A.ACCOUNT_SECURE: _S.OWN,
        _A.ERASURE_LIST: _S.ALL,
        _A.ERASURE_CONSENT: _S.ALL,
        _A.REVEAL_LIST: _S.ALL,
        _A.REVEAL_CONSENT: _S.ALL,
    },
}

# Nobody grants what he does not hold: a coordinator brings in volunteers only, the administrator the others.
# The administrator does not bring in volunteers: he would then hold the link to a name, which is the coordinator's.
#: Who reads names, or agrees where two must: nobody alone makes such a person and comes in as her.
TAKES_TWO = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR, Role.CUSTODIAN})
MAY_BRING_IN: dict[Role, frozenset[Role]] = {
    Role.VOLUNTEER: frozenset(),
    Role.COORDINATOR: frozenset({Role.VOLUNTEER}),
    Role.REVIEWER: frozenset(),
    Role.ADMINISTRATOR: frozenset(
        {Role.COORDINATOR, Role.REVIEWER, Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN}
    ),
    Role.AUDITOR: frozenset(),
    Role.CUSTODIAN: frozenset(),
}


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a person as the policy sees her. *region* None means the whole country."""

    person_id: str
    code: str
    role: Role
    region: str | None
    language: str = "ru"


@dataclass(frozen=True)
class Reach:
    """How far an actor's grant reaches for one action, and when: what a query turns into its WHERE.

    Without *now* nothing counts as released yet. *told* is until when visits are counted for whoever does not
    coordinate them; without it none is.
    """

    scope: Scope
    person_id: str
    region: str | None
    now: datetime | None = None
    told: datetime | None = None


def scope_of(role: Role, action: Action) -> Scope:
    """Say the scope that *role* holds for *action*; what is not written is NONE."""
    return GRANTS.get(role, {}).get(action, Scope.NONE)


def allowed(actor: Actor, action: Action) -> bool:
    """Say whether *actor* may do *action* to anything at all."""
    return scope_of(actor.role, action) is not Scope.NONE


def reach(actor: Actor, action: Action, now: datetime | None = None, told: datetime | None = None) -> Reach:
    """Turn the grant into what a query needs at *now*.

    A coordinator without a region reaches nothing: a missing region must never widen a scope.
    """
    scope = scope_of(actor.role, action)
    if scope is Scope.REGION and actor.region is None:
        scope = Scope.NONE
    return Reach(scope, actor.person_id, actor.region, now, told)


def matrix() -> str:
    """Print the table as text, one line a cell that is not NONE; a test keeps it as a golden file."""
    rows = [
        f"{role.value:14} {action.value:20} {scope_of(role, action).value}"
        for role in Role
        for action in Action
        if scope_of(role, action) is not Scope.NONE
    ]
    return "\n".join(rows) + "\n"
