"""Learning who a volunteer is, by two people: one asks with a reason, a custodian consents, it is shown once.

What it refuses: the same person twice, a second look, a look after the time is over, and anybody but who asked. The
answer is kept nowhere; that it was asked, allowed and seen stands in the record.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldcheck.domain.access import Action, Role
from fieldcheck.domain.errors import Forbidden, Invalid, NotFound, NotNow
from fieldcheck.storage import people_queries, reveal_queries
from fieldcheck.storage.tables import Reveal
from fieldcheck.usecases import identities
from fieldcheck.usecases.work import Work, permits

#: After the custodian's consent it can be opened this long.
OPEN_FOR = timedelta(minutes=15)
LONGEST_REASON = 500
SHOWN = 100


@dataclass(frozen=True)
class RevealView:
    """A request as its two people and the auditor see it: the code, never the name."""

    id: str
    code: str
    reason: str
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    may_open: bool


@dataclass(frozen=True)
class Revealed:
    """Who it is; shown once."""

    code: str
    name: str
    phone: str


@permits(Action.REVEAL_LIST)
def requests(work: Work) -> tuple[RevealView, ...]:
    """List the requests, open ones first."""
    return tuple(
        RevealView(
            row.id,
            code,
            row.reason,
            row.asked_by,
            row.asked_at,
            "expired" if row.state == "consented" and _is_over(row, work.now) else row.state,
            row.decided_by,
            row.decided_at,
            row.state == "consented" and row.asked_by == work.actor.code and not _is_over(row, work.now),
        )
        for row, code in reveal_queries.requests(work.session, SHOWN)
    )


@permits(Action.REVEAL_ASK)
def ask(work: Work, code: str, reason: str) -> str:
    """Ask to learn who a volunteer is; gives the request's id."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid("reveal.reason_needed", longest=LONGEST_REASON)
    person = people_queries.by_code(work.session, code.strip().upper())
    if person is None or person.role != Role.VOLUNTEER:
        raise NotFound("person.not_found")
    if reveal_queries.is_asked(work.session, person.id, work.actor.code):
        raise NotNow("reveal.already_asked")
    row = Reveal(
        id=work.new_id(),
        person_id=person.id,
        reason=reason,
        asked_by=work.actor.code,
        asked_at=work.now,
        state="asked",
    )
    work.session.add(row)
    work.record(Action.REVEAL_ASK, person.id, reveal=row.id, reason=reason)
    return row.id


@permits(Action.REVEAL_CONSENT)
def consent(work: Work, reveal_id: str) -> None:
    """Say yes, as somebody other than who asked: for a quarter of an hour it can be opened, once."""
    _decide(work, reveal_id, "consented")


@permits(Action.REVEAL_CONSENT)
def refuse(work: Work, reveal_id: str) -> None:
    """Say no: nothing is shown."""
    _decide(work, reveal_id, "refused")


def _decide(work: Work, reveal_id: str, state: str) -> None:
    row = work.session.get(Reveal, reveal_id, with_for_update=True)
    if row is None:
        raise NotFound("reveal.not_found")
    if row.state != "asked":
        raise NotNow("reveal.decided")
    if row.asked_by == work.actor.code:
        raise Forbidden("reveal.two_people")
    row.state, row.decided_by, row.decided_at = state, work.actor.code, work.now
    work.session.add(row)
    work.record(Action.REVEAL_CONSENT, row.person_id, reveal=row.id, consent=state == "consented")


@permits(Action.REVEAL_OPEN)
def open_once(work: Work, reveal_id: str) -> Revealed:
    """Show who it is to whoever asked, once, while the consent is fresh; kept work only, so that a record stays."""
    row = work.session.get(Reveal, reveal_id, with_for_update=True)
    if row is None or row.asked_by != work.actor.code:
        raise NotFound("reveal.not_found")
    if row.state != "consented" or _is_over(row, work.now):
        raise NotNow("reveal.not_open")
    if not work.is_kept:
        raise RuntimeError("an identity cannot be read where no record of it would stay")
    person = people_queries.by_id(work.session, row.person_id)
    name, phone = identities.one(work.vault, row.person_id)
    if person is None or not name:
        raise NotFound("reveal.erased")
    row.state, row.opened_at = "opened", work.now
    work.session.add(row)
    work.record(Action.REVEAL_OPEN, row.person_id, reveal=row.id)
    return Revealed(person.code, name, phone)


def _is_over(row: Reveal, now: datetime) -> bool:
    return row.decided_at is None or now - row.decided_at > OPEN_FOR
