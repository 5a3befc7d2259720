"""Desks without an identity provider: signing in by code, password and second factor, and setting these up.

Every refusal of a sign-in is one and the same, and takes the same way through the code: whether the account exists,
which of the two was wrong, or that it is locked, is not told. What is slow (a hash) is done outside of transactions;
what was judged there is asked for once more within: a password, or the session itself, may be taken away meanwhile.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from fieldcheck.domain import passwords as policy
from fieldcheck.domain.access import Action, Actor, Role
from fieldcheck.domain.errors import Busy, Forbidden, Invalid, NotNow
from fieldcheck.settings import Settings
from fieldcheck.storage import account_queries, database, people_queries, vault
from fieldcheck.storage.tables import Credential
from fieldcheck.usecases import identities, known_browsers, passwords, second_factor, sessions, throttle
from fieldcheck.usecases.sessions import PASSWORD, NewSession
from fieldcheck.usecases.work import Work, begin, permits, write_record

#: Letters of our codes that look alike in two alphabets: whoever types a Cyrillic one means the Latin one.
_LOOKALIKES = str.maketrans("АСКВЕ", "ACKBE")


@dataclass(frozen=True)
class Factor:
    """A second factor to be confirmed: what an authenticator is told, as text and as the content of a QR code."""

    code: str
    secret: str
    address: str


def sign_in(
    settings: Settings, said: tuple[str, str, str], address: str, now: datetime, device: str = "", browser: str = ""
) -> NewSession:
    """Sign in with *said*: code, password, second factor; raises Forbidden `sign_in.wrong`, or Busy for an address.

    *browser* is what an earlier sign-in left in this browser.
    """
    code, password, second = as_code(said[0]), said[1][: policy.LONGEST], said[2]
    with database.transaction(settings.database_url, reading=True) as session:
        found = account_queries.credential_by_code(session, code)
    person, held = found or (None, None)
    whom, known = person.id if person else "", known_browsers.recognised(settings, held, browser)
    at = [throttle.of_address(settings, address), throttle.of_account(settings, code, whom)]
    if known:
        at = [throttle.of_browser(settings, known, whom)]
    _admit(settings, at, now)
    is_right = passwords.matches(settings, held.password if held else None, password)
    with database.transaction(settings.database_url) as session:
        actor = people_queries.actor_by_account(session, person.id if person else "")
        is_right &= actor is not None  # whoever was closed meanwhile uses no code up
        is_right &= _use_second(session, settings, held, second, now, use=is_right)
        started = None
        if is_right and actor is not None and actor.role is not Role.VOLUNTEER:
            started = sessions.start(session, settings, actor, PASSWORD, now, device)
    if started is None:
        raise Forbidden("sign_in.wrong")
    throttle.forgive(settings, at, now)
    return _introduced(settings, started, held)


def _introduced(settings: Settings, started: NewSession, held: Credential | None) -> NewSession:
    return replace(started, browser_cookie=known_browsers.introduced(settings, held)) if held else started


def _admit(settings: Settings, at: list[throttle.Knock], now: datetime) -> None:
    held = throttle.admit(settings, at, now)
    if held is not None:
        raise Busy("sign_in.too_many") if held.kind == throttle.ADDRESS else Forbidden("sign_in.wrong")


def _use_second(
    session: Session, settings: Settings, held: Credential | None, said: str, now: datetime, *, use: bool
) -> bool:
    """Judge the second factor, and use it up only where the password was right: nobody wastes another's codes."""
    sealed = held.factor if held else None
    secret = second_factor.unseal(settings, held.person_id, sealed) if held and sealed else second_factor.fresh()
    step = second_factor.step_of(secret, second_factor.tidy(said), now)
    if held is None or sealed is None or not use:
        return False
    if not account_queries.stands(session, held):
        return False
    if step is not None:
        return account_queries.use_step(session, held.person_id, step)
    kept = second_factor.kept(settings, held.person_id, said)
    if not account_queries.use_code(session, held.person_id, kept, now):
        return False
    left = account_queries.codes_left(session, held.person_id)
    person = people_queries.by_id(session, held.person_id)
    write_record(session, person.code if person else "", "account.recovery_code", held.person_id, {"left": left}, now)
    return True


def as_code(said: str) -> str:
    """Read an account's code as it was meant: in capitals, of our alphabet, with its dash."""
    meant = said.upper().translate(_LOOKALIKES).replace("–", "-")
    plain = "".join(letter for letter in meant if letter.isascii() and (letter.isalnum() or letter == "-"))[:20]
    return plain if "-" in plain or len(plain) < 2 else f"{plain[0]}-{plain[1:]}"


# Setting up: by a link's session that opens nothing else, or by somebody who is signed in


def begin_factor(settings: Settings, actor: Actor) -> Factor:
    """Make a second factor to be confirmed; the one that holds goes on until then."""
    secret = second_factor.fresh()
    with begin(settings, actor) as work:
        put_pending(work, second_factor.seal(settings, actor.person_id, secret))
    return Factor(actor.code, secret, second_factor.address(secret, actor.code))


def set_up(
    settings: Settings, actor: Actor, password: str, second: str, now: datetime, here: str, device: str = ""
) -> tuple[NewSession, tuple[str, ...]]:
    """Set a first password and confirm the second factor: gives the first full session and the recovery codes.

    *here*, as in all of these, is the cookie of the session that it is done in.
    """
    check_policy(settings, actor, password)
    kept, codes = passwords.kept(settings, password), tuple(second_factor.recovery_codes())
    with begin(settings, actor, now=now) as work:
        _hold(work, here)
        if account_queries.complete(work.session, [actor.person_id]):
            raise NotNow("account.set_up_already")
        confirm_factor(work, second)
        put_password(work, kept)
        put_codes(work, codes)
        return _introduced(settings, start_anew(work, device), _credential(work)), codes


def change_password(
    settings: Settings, actor: Actor, current: str, password: str, now: datetime, here: str, device: str = ""
) -> NewSession:
    """Change one's password: all sessions end, and a new one begins for whoever did it."""
    proved = prove(settings, actor, current, now)
    check_policy(settings, actor, password)
    kept = passwords.kept(settings, password)
    with begin(settings, actor, now=now) as work:
        _hold(work, here, proved)
        put_password(work, kept)
        return _introduced(settings, start_anew(work, device), _credential(work))


def change_factor(
    settings: Settings, actor: Actor, current: str, second: str, now: datetime, here: str, device: str = ""
) -> NewSession:
    """Put the second factor that waits in the place of the old one: all other sessions end."""
    proved = prove(settings, actor, current, now)
    with begin(settings, actor, now=now) as work:
        _hold(work, here, proved)
        confirm_factor(work, second)
        return start_anew(work, device)


def new_codes(settings: Settings, actor: Actor, current: str, now: datetime, here: str) -> tuple[str, ...]:
    """Make a new set of recovery codes; the old set is good for nothing any more."""
    proved = prove(settings, actor, current, now)
    codes = tuple(second_factor.recovery_codes())
    with begin(settings, actor, now=now) as work:
        _hold(work, here, proved)
        put_codes(work, codes)
    return codes


def prove(settings: Settings, actor: Actor, password: str, now: datetime) -> Credential:
    """Ask for the password again before something weighty; wrong ones count as at the door, and apart from those.

    Gives what it was judged by.
    """
    at = [throttle.of_proof(settings, actor.person_id)]
    held = _held(settings, actor)
    _admit(settings, at, now)
    is_hers = passwords.matches(settings, held.password if held else None, password[: policy.LONGEST])
    if held is None or not is_hers:
        raise Forbidden("password.wrong")
    throttle.forgive(settings, at, now)
    return held


def _held(settings: Settings, actor: Actor) -> Credential | None:
    with database.transaction(settings.database_url, reading=True) as session:
        return account_queries.credential(session, actor.person_id)


def _hold(work: Work, here: str, proved: Credential | None = None) -> None:
    """Refuse whose session was ended, or whose way in changed, while the password was judged; and hold both."""
    is_open = account_queries.is_open(work.session, work.actor.person_id, sessions.hashed(here), work.now)
    if not is_open or (proved is not None and not account_queries.stands(work.session, proved)):
        raise Forbidden("session.none")


def check_policy(settings: Settings, actor: Actor, password: str) -> None:
    """Refuse a password that is short or plain, with the reason."""
    with (
        database.transaction(settings.database_url, reading=True) as session,
        vault.opened(settings, session, reading=True) as box,
    ):
        name, phone = identities.one(box, actor.person_id)
    fault = policy.fault(password, (actor.code, name, phone, actor.role.value))
    if fault:
        raise Invalid(fault, least=policy.SHORTEST, most=policy.LONGEST)


@permits(Action.ACCOUNT_SECURE)
def put_pending(work: Work, sealed: bytes) -> None:
    """Keep a second factor that was shown and not confirmed yet."""
    row = _credential(work)
    row.pending = sealed
    work.session.add(row)


@permits(Action.ACCOUNT_SECURE)
def put_password(work: Work, kept: str) -> None:
    """Write down a password's hash."""
    row = _credential(work)
    row.password, row.password_at = kept, work.now
    work.session.add(row)
    work.record("account.password", work.actor.person_id)


@permits(Action.ACCOUNT_SECURE)
def confirm_factor(work: Work, said: str) -> None:
    """Take the second factor that waits, if *said* is a code of it; that code is used up with it."""
    row, me = _credential(work), work.actor.person_id
    if row.pending is None:
        raise NotNow("second.none_waits")
    secret = second_factor.unseal(work.settings, me, row.pending)
    step = second_factor.step_of(secret, second_factor.tidy(said), work.now)
    if step is None:
        raise Invalid("second.wrong")
    row.factor, row.factor_at, row.factor_step, row.pending = row.pending, work.now, step, None
    work.session.add(row)
    work.session.flush()
    work.record("account.second_factor", me)


@permits(Action.ACCOUNT_SECURE)
def put_codes(work: Work, codes: tuple[str, ...]) -> None:
    """Keep the hashes of a new set of recovery codes."""
    me = work.actor.person_id
    account_queries.put_codes(work.session, me, [second_factor.kept(work.settings, me, one) for one in codes], work.now)
    work.record("account.recovery_codes", me, codes=len(codes))


@permits(Action.ACCOUNT_SECURE)
def start_anew(work: Work, device: str) -> NewSession:
    """End all of one's sessions and begin one, under a cookie that nobody has seen yet."""
    account_queries.end_all(work.session, work.actor.person_id, work.now)
    return sessions.start(work.session, work.settings, work.actor, PASSWORD, work.now, device)


def _credential(work: Work) -> Credential:
    return account_queries.credential(work.session, work.actor.person_id) or Credential(person_id=work.actor.person_id)
