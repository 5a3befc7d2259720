"""What the codes of the house are called by people: severities, natures, states, outcomes, in the reader's language.

A name never says more than the code does: a finding is "a sign of", whatever its nature, until two people agree.
"""

from fieldcheck.words import _, mark

_NAMES = {
    "severity": {
        "critical": mark("Critical"),
        "high": mark("High"),
        "medium": mark("Medium"),
        "low": mark("Low"),
        "info": mark("For information"),
    },
    "nature": {
        "legal_breach": mark("Sign of a breach of law"),
        "programme_breach": mark("Sign of a breach of programme rules"),
        "indicator": mark("Needs checking"),
        "positive": mark("Good practice"),
    },
    "state": {
        "noted": mark("Noted"),
        "detected": mark("New (entry)"),
        "confirmed": mark("Confirmed (entry)"),
        "dismissed": mark("Dismissed"),
        "referred": mark("Referred to a body"),
        "answered": mark("Answered"),
        "closed": mark("Closed (entry)"),
    },
    "outcome": {
        "remedied": mark("Put right"),
        "not_confirmed": mark("Not confirmed"),
        "insufficient": mark("Not enough was done"),
        "sanctioned": mark("Somebody was held responsible"),
    },
    "reply": {
        "confirmed": mark("The body confirms it"),
        "partly": mark("The body confirms it in part"),
        "not_confirmed": mark("The body does not confirm it"),
        "no_data": mark("The body has no data"),
    },
    "measure": {
        "practice_ended": mark("The practice was ended"),
        "money_returned": mark("Money was returned"),
        "posted": mark("Information was posted"),
        "staff_instructed": mark("Staff were instructed"),
        "disciplinary": mark("Disciplinary measure"),
        "other": mark("Another measure"),
    },
    "move": {
        "confirm": mark("Confirm"),
        "dismiss": mark("Dismiss"),
        "refer": mark("Refer to a body"),
        "extend": mark("Extend the term"),
        "answer": mark("Record the answer"),
        "measure": mark("Record a measure"),
        "close": mark("Close"),
        "reopen": mark("Reopen"),
    },
    "done": {
        "confirm": mark("Confirmed: the finding stands"),
        "dismiss": mark("Dismissed"),
        "refer": mark("Referred to a body"),
        "extend": mark("Term extended"),
        "answer": mark("The body's answer"),
        "measure": mark("Measure taken"),
        "close": mark("Closed (entry)"),
        "reopen": mark("Opened again"),
        "join": mark("Weighs more: another sign stands confirmed at this school"),
    },
    "presence": {
        "inside": mark("At the school"),
        "probably": mark("Probably at the school"),
        "unproven": mark("Presence is not proven"),
        "far": mark("Readings are far from the school"),
    },
    "ownership": {
        "kgu_state_institution": mark("State institution"),
        "kgp_phv_state_enterprise": mark("State enterprise"),
        "private": mark("Private school"),
    },
    "visit": {
        "assigned": mark("Assigned"),
        "in_progress": mark("In progress"),
        "submitted": mark("Waiting for the check"),
        "returned": mark("Returned for mending"),
        "accepted": mark("Accepted (visit)"),
        "rejected": mark("Not accepted (visit)"),
        "stopped": mark("Stopped early"),
        "withdrawn": mark("Withdrawn"),
        "door": mark("Ended at the door"),
    },
    "door": {
        "refused_entry": mark("Visitors were not let in"),
        "asked_id": mark("Documents were asked for"),
        "escorted": mark("Visitors were accompanied throughout"),
        "asked_money": mark("Money was spoken of"),
        "closed": mark("The school was closed that day"),
    },
    "role": {
        "volunteer": mark("Volunteers"),
        "coordinator": mark("Coordinators"),
        "reviewer": mark("Reviewers"),
        "administrator": mark("Administrators"),
        "auditor": mark("Auditors"),
        "custodian": mark("Custodians"),
    },
}


def name(kind: str, code: str) -> str:
    """Name *code*, which is one of the codes of *kind*; an unknown code stays as it is."""
    msgid = _NAMES[kind].get(code)
    return _(msgid) if msgid else code
