"""What the acts of the record are called by people, in the reader's language.

The record itself keeps the codes, whatever language anybody speaks; here is said what each of them tells.
"""

from fieldcheck.words import _, mark

#: Every action that is recorded, and what was done then.
ACTS = {
    "account.sign_in": mark("Signed in"),
    "account.password": mark("Set a password"),
    "account.second_factor": mark("Set a second key"),
    "account.recovery_codes": mark("Made new recovery codes"),
    "account.recovery_code": mark("Used a recovery code"),
    "account.session_ended": mark("Ended other sessions"),
    "account.locked": mark("A way in was locked after many tries"),
    "account.unlocked": mark("Opened a locked way in"),
    "browser.locked": mark("A known browser was locked after many tries"),
    "proof.locked": mark("Proving a password was locked after many tries"),
    "address.locked": mark("An address was locked after many tries"),
    "address.pin.locked": mark("An address was locked after many PINs"),
    "address.link.locked": mark("An address was locked after many links"),
    "data.take": mark("Took her own data"),
    "person.add": mark("Brought somebody in"),
    "person.invite": mark("Made a sign-in link"),
    "person.close": mark("Ended somebody's participation"),
    "person.move": mark("Changed a role or region"),
    "person.reset": mark("Took a way in away"),
    "person.identity": mark("Changed an account of a provider"),
    "person.sessions_ended": mark("Ended somebody's sessions"),
    "conflict.write": mark("Changed conflicts of interest"),
    "season.begin": mark("Began a season"),
    "consent.give": mark("Agreed, or withdrew that"),
    "quiz.take": mark("Took the quiz"),
    "identity.read": mark("Read names"),
    "reveal.ask": mark("Asked who a volunteer is"),
    "reveal.consent": mark("Decided on a reveal"),
    "reveal.open": mark("Learned who a volunteer is"),
    "device.add": mark("A phone came in"),
    "device.pin": mark("A phone's PIN was set"),
    "device.lock": mark("A phone was locked"),
    "device.end": mark("A phone was taken out"),
    "rescue.open": mark("Took in a file from a phone"),
    "region.write": mark("Wrote down a region"),
    "body.write": mark("Wrote down a body"),
    "campaign.write": mark("Wrote down a campaign"),
    "school.write": mark("Brought in schools"),
    "checklist.publish": mark("Published a checklist"),
    "visit.assign": mark("Assigned a visit"),
    "visit.withdraw": mark("Called a visit off"),
    "visit.briefed": mark("Read a briefing"),
    "answer.take": mark("Answers arrived"),
    "visit.submit": mark("Handed a visit in"),
    "visit.stop": mark("Stopped a visit"),
    "visit.word": mark("Wrote a word about a visit"),
    "visit.check_in": mark("Went into a school"),
    "visit.check_out": mark("Came out of a school"),
    "visit.recognised": mark("Was recognised"),
    "visit.duress": mark("Called for help"),
    "visit.follow_up": mark("Saw to a call"),
    "visit.return": mark("Sent a visit back"),
    "visit.accept": mark("Accepted a visit"),
    "visit.reject": mark("Set a visit aside"),
    "text.open": mark("Read a volunteer's own words"),
    "photo.take": mark("A photo arrived"),
    "photo.withdraw": mark("Took a photo back"),
    "photo.seal": mark("Sealed a photo"),
    "photo.original": mark("Gave a photo out as received"),
    "revisit.ask": mark("Asked for a second visit"),
    "revisit.drop": mark("Gave a second visit up"),
    "revisit.take_up": mark("Planned a second visit"),
    "revisit.settle": mark("A second visit was done"),
    "case.open": mark("Opened an entry of the register"),
    "case.work": mark("Worked an entry of the register"),
    "case.letter": mark("Drafted a letter"),
    "case.export": mark("Took the register as a file"),
    "case.hold": mark("Kept an entry from erasing, or let it go"),
    "erasure.ask": mark("Asked to erase"),
    "erasure.consent": mark("Decided on erasing"),
    "record.erased": mark("Erased by order"),
    "record.export": mark("Exported the record"),
    "record.trace": mark("Traced one thing in the record"),
}
#: Who acts without being anybody.
NOBODIES = {
    "console": mark("The server's console"),
    "system": mark("The system itself"),
    "door": mark("The way in"),
}


def act(code: str) -> str:
    """Say what was done; a code that is not known here stays as it is, for nothing of the record is hidden."""
    said = ACTS.get(code)
    return _(said) if said else code


def doer(code: str) -> str:
    """Say who did it: a person's code as it is, the house's own parts in words."""
    said = NOBODIES.get(code)
    return _(said) if said else code
