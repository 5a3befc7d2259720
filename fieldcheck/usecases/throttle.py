"""Tries at a door, counted in the database so that all processes count together.

    at = [Knock("address", address, WIDE), Knock("account", code, NARROW, subject=person_id)]
    if throttle.admit(settings, at, now):
        ...judge the secret...
        throttle.forgive(settings, at, now)  # it was right

A try is counted before it is judged: thirty at once are thirty. Names and addresses are kept as keyed hashes only, and
not for long. A count says nothing about whether the account exists: one that does not is counted just the same.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from sqlmodel import Session

from fieldcheck.domain import throttle
from fieldcheck.domain.throttle import Limits
from fieldcheck.settings import Settings
from fieldcheck.storage import database, throttle_queries
from fieldcheck.usecases.work import write_record

#: Who writes in the record that a door was locked: nobody was signed in.
DOOR = "door"
ADDRESS, ACCOUNT, BROWSER, PROOF = "address", "account", "browser", "proof"


@dataclass(frozen=True)
class Knock:
    """One thing that tries are counted by: its *kind*, its *name*, and whom a lock of it concerns in the record."""

    kind: str
    name: str
    limits: Limits
    subject: str = ""


def of_account(settings: Settings, code: str, subject: str = "") -> Knock:
    """Count by the account that somebody says is his, whether there is one or not."""
    tries = settings.sign_in.tries
    return Knock(ACCOUNT, code, Limits(lock_after=tries, lock_for=settings.sign_in.locked_for), subject)


def of_browser(settings: Settings, name: str, subject: str) -> Knock:
    """Count by a browser that is known to the account: as patient as with strangers, and apart from them."""
    return replace(of_account(settings, name, subject), kind=BROWSER)


def of_proof(settings: Settings, person_id: str) -> Knock:
    """Count by who is signed in and says her password again: what strangers do at the door is nothing to her."""
    return replace(of_account(settings, person_id, person_id), kind=PROOF)


def of_address(settings: Settings, address: str, what: str = ADDRESS) -> Knock:
    """Count by the address it came from: five times as patient, because many may share one."""
    tries = settings.sign_in.tries
    limits = Limits(free=tries, lock_after=5 * tries, lock_for=settings.sign_in.locked_for)
    return Knock(what, neighbourhood(address), limits)


def neighbourhood(address: str) -> str:
    """Give what counts as one address: of the sixth version the network, because one machine has all of it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else parsed)


def admit(settings: Settings, at: Sequence[Knock], now: datetime) -> Knock | None:
    """Count a try against each of *at* in their order; gives the first that has to wait (None: judge the try).

    What comes after that one is not counted: a locked address must not lock other people's accounts.
    """
    with database.transaction(settings.database_url) as session:
        throttle_queries.sweep(session, now)
        return next((knock for knock in at if not _counted(session, settings, knock, now)), None)


def _counted(session: Session, settings: Settings, knock: Knock, now: datetime) -> bool:
    row = throttle_queries.take(session, key(settings, knock.kind, knock.name), knock.kind, now)
    before = throttle_queries.standing_of(row)
    if throttle.open_at(knock.limits, before, now) > now:
        return False
    after = throttle.counted(knock.limits, before, now)
    throttle_queries.keep(session, row, after, (after.locked_until or now) + knock.limits.forget_after)
    if after.locked_until is not None:
        details = {"until": after.locked_until.isoformat(timespec="seconds")}
        write_record(session, DOOR, f"{knock.kind}.locked", knock.subject or "unknown", details, now)
    return True


def forgive(settings: Settings, at: Sequence[Knock], now: datetime) -> None:
    """Take back the try that turned out to be right: an account's count begins anew, a shared address loses one."""
    with database.transaction(settings.database_url) as session:
        for knock in at:
            if not knock.kind.startswith(ADDRESS):
                throttle_queries.forget(session, [key(settings, knock.kind, knock.name)])
                continue
            row = throttle_queries.take(session, key(settings, knock.kind, knock.name), knock.kind, now)
            standing = throttle_queries.standing_of(row)
            if standing is not None:
                throttle_queries.keep(session, row, throttle.forgiven(standing), now + knock.limits.forget_after)


def free(session: Session, settings: Settings, kind: str, name: str) -> bool:
    """Forget an account's tries within the transaction of whoever was asked to; says whether there were any."""
    return bool(throttle_queries.forget(session, [key(settings, kind, name)]))


def locked(
    session: Session, settings: Settings, kind: str, names: Iterable[str], now: datetime
) -> Mapping[str, datetime]:
    """Say which of *names* are locked now, and until when."""
    by_key = {key(settings, kind, name): name for name in names}
    return {by_key[found]: until for found, until in throttle_queries.locked(session, by_key.keys(), now).items()}


def key(settings: Settings, kind: str, name: str) -> str:
    """Give what is kept of a name: nothing that could be turned back without the installation's secret."""
    text = f"throttle|{kind}|{name}".encode(errors="surrogatepass")
    return hmac.digest(settings.secret.encode(), text, "sha256").hex()
