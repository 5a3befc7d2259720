"""One piece of work: who acts, in which transaction, at what time. And the lock on every use-case.

    with begin(settings, actor) as work:
        visits.submit(work, visit_id, ...)

Leaving the block commits, an error rolls back; no other line says commit. `look` is the same for reading only.
"""

import random
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlmodel import Session

from fieldcheck.domain import custody, release
from fieldcheck.domain.access import Action, Actor, Reach, Scope, reach, scope_of
from fieldcheck.domain.errors import Forbidden
from fieldcheck.settings import ZONE, Settings
from fieldcheck.storage import chain, database, vault
from fieldcheck.storage.free_texts import FreeTexts
from fieldcheck.storage.photos import Locker
from fieldcheck.storage.sealing import Keyring
from fieldcheck.storage.vault import Vault

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Work:
    """What a use-case works with. *now* is aware UTC. *chance* is only for codes and ids, never for secrets.

    Of work that only reads (*is_kept* False) no record stays either.
    """

    settings: Settings
    actor: Actor
    session: Session
    photos: Locker
    vault: Vault
    now: datetime
    is_kept: bool = True
    chance: random.Random = field(default_factory=random.SystemRandom)

    @property
    def texts(self) -> FreeTexts:
        """What opens the words of answers."""
        return FreeTexts(Keyring(self.settings.vault_key))

    def reach(self, action: Action) -> Reach:
        """Give how far the actor's grant reaches; raises Forbidden when it reaches nothing."""
        told = release.counted_until(self.now, self.settings.release.after, ZONE)
        granted = reach(self.actor, action, self.now, told)
        if granted.scope is Scope.NONE:
            raise Forbidden("access.forbidden", action=action.value)
        return granted

    def counted_until(self, action: Action) -> datetime | None:
        """Say until when accepted visits are counted for the actor; None where each is at once."""
        granted = self.reach(action)
        at_once = granted.scope is Scope.REGION or not self.settings.release.after
        return None if at_once else granted.told

    def new_id(self) -> str:
        """Make a fresh random id."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def record(self, action: Action | str, subject: str, **details: Any) -> int:
        """Write what is being done into the chain of custody, in this same transaction; gives its seq."""
        return write_record(self.session, self.actor.code, str(action), subject, details, self.now)


def write_record(
    session: Session, actor: str, action: str, subject: str, details: Mapping[str, Any], now: datetime
) -> int:
    """Append one entry to the chain: sealed to the one before it, its body kept apart under a fresh salt."""
    salt = secrets.token_bytes(32)
    body = {"subject": subject, **details}
    last = chain.last(session)
    link = custody.Link(
        seq=last.seq + 1,
        at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
        actor=actor,
        action=action,
        commitment=custody.commitment(salt, body),
        prev=last.hash,
    )
    chain.append(session, link, custody.seal(link), salt, subject, body)
    return link.seq


@contextmanager
def begin(
    settings: Settings, actor: Actor, *, now: datetime | None = None, chance: random.Random | None = None
) -> Iterator[Work]:
    """Open the one transaction of a piece of work."""
    with database.transaction(settings.database_url) as session, vault.opened(settings, session) as box:
        yield _work(settings, actor, session, box, now, chance)


@contextmanager
def together(settings: Settings) -> Iterator[None]:
    """Let this thread do any number of pieces of work in a row; none is to be told before this is left.

    Where one writer at a time is let in, one commit makes them durable; if it fails, leaving raises and none is kept.
    """
    with database.together(settings.database_url):
        yield


def writes_together(settings: Settings) -> bool:
    """Say whether pieces of work that are done in a row share a commit, so that a queue of them is worth it."""
    return database.has_turns(settings.database_url)


@contextmanager
def look(settings: Settings, actor: Actor, *, now: datetime | None = None) -> Iterator[Work]:
    """Open a transaction that only reads; nothing done in it is kept."""
    with (
        database.transaction(settings.database_url, reading=True) as session,
        vault.opened(settings, session, reading=True) as box,
    ):
        yield replace(_work(settings, actor, session, box, now, None), is_kept=False)


def _work(
    settings: Settings, actor: Actor, session: Session, box: Vault, now: datetime | None, chance: random.Random | None
) -> Work:
    now = now or datetime.now(UTC)
    return Work(settings, actor, session, locker(settings), box, now, chance=chance or random.SystemRandom())


def locker(settings: Settings) -> Locker:
    """Give the locker of photos, with the key that opens it."""
    return Locker(settings.photos, Keyring(settings.vault_key))


def permits(action: Action) -> Callable[[Callable[Concatenate[Work, P], R]], Callable[Concatenate[Work, P], R]]:
    """Lock a use-case: whoever's role does not hold *action* is refused before its first line runs."""

    def fit(use_case: Callable[Concatenate[Work, P], R]) -> Callable[Concatenate[Work, P], R]:
        @wraps(use_case)
        def locked(work: Work, *args: P.args, **kwargs: P.kwargs) -> R:
            if scope_of(work.actor.role, action) is Scope.NONE:
                raise Forbidden("access.forbidden", action=action.value)
            return use_case(work, *args, **kwargs)

        locked.action = action  # type: ignore[attr-defined]  # read by the test that finds unlocked doors
        return cast(Callable[Concatenate[Work, P], R], locked)

    return fit
