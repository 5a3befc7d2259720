"""Photos compared with all that came before: one picture is not evidence of two visits. A sign, never a refusal."""

import threading
from collections.abc import Callable, Collection

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.errors import FieldcheckError
from fieldcheck.settings import Settings
from fieldcheck.storage import likeness, likeness_queries, photo_rows
from fieldcheck.storage.likeness import Looks
from fieldcheck.storage.photos import Copy, Kept, Locker
from fieldcheck.usecases.work import begin, locker, look

#: So many of those that may be the same picture are laid over each other.
MOST = 40
_SYSTEM = Actor("system", "system", Role.ADMINISTRATOR, None)
_held: dict[str, Looks] = {}
#: Up to where in the record each of them knows what was erased.
_heard: dict[str, int] = {}
_door = threading.Lock()


def compare_waiting(settings: Settings, limit: int, progress: Callable[[int], None] | None = None) -> int:
    """Compare photos that were decoded and nobody compared yet with all others; gives how many.

    Like `evidence.develop_waiting` it acts for nobody, and no phone waits for it.
    """
    with look(settings, _SYSTEM) as work:
        waiting = likeness_queries.waiting(work.session, limit)
    with _door:
        _hear(settings)
        for done, (photo_id, kept) in enumerate(waiting, start=1):
            while not _compare(settings, photo_id, kept):
                pass
            if progress:
                progress(done)
    return len(waiting)


def leave_out(settings: Settings, photo_ids: Collection[str]) -> None:
    """Have photos compared with nothing: a demo draws all of its photos from a few."""
    with begin(settings, _SYSTEM) as work:
        for photo_id in photo_ids:
            likeness_queries.keep(work.session, photo_id, b"", {})


def _compare(settings: Settings, photo_id: str, kept: Kept) -> bool:
    """Compare one; False when another server wrote one down meanwhile: then it is compared again."""
    looks = _looks(settings)
    seen, alike = _seen(settings, looks, kept)
    with begin(settings, _SYSTEM) as work:
        if likeness_queries.hold_others(work.session) > looks.last:
            return False
        if photo_rows.find(work.session, photo_id) is not None:
            likeness_queries.keep(work.session, photo_id, seen, alike)
    return True


def _hear(settings: Settings) -> None:
    """Let go of all looks when photos were erased since, by whichever process: what stays is read again.

    Which of them went is not asked: their rows are gone, and what is held knows them only by what it should forget.
    """
    with look(settings, _SYSTEM) as work:
        heard = likeness_queries.last_erased(work.session, _heard.get(settings.database_url, 0))
    if heard is not None:
        _held.pop(settings.database_url, None)
        _heard[settings.database_url] = heard


def _looks(settings: Settings) -> Looks:
    looks = _held.setdefault(settings.database_url, Looks())
    with look(settings, _SYSTEM) as work:
        for row in likeness_queries.after(work.session, looks.last):
            looks.add(*row)
    return looks


def _seen(settings: Settings, looks: Looks, kept: Kept) -> tuple[bytes, dict[str, int]]:
    here = locker(settings)
    try:
        mine = likeness.picture(here.derivative(kept, Copy.THUMB))
    except FieldcheckError:
        return b"", {}
    seen, found = likeness.look(mine), list[tuple[str, float]]()
    for turned in likeness.both_ways(mine):
        for near in looks.near(likeness.look(turned), MOST):
            found.append((near.photo_id, _agreement(settings, here, turned, near)))
    return seen, {photo_id: round(100 * much) for photo_id, much in likeness.best(found).items()}


def _agreement(settings: Settings, here: Locker, mine: likeness.Picture, near: likeness.Near) -> float:
    with look(settings, _SYSTEM) as work:
        row = photo_rows.find(work.session, near.photo_id)
        kept = photo_rows.kept(row) if row is not None else None
    try:
        return likeness.agreement(likeness.picture(here.derivative(kept, Copy.THUMB)), mine, near) if kept else 0.0
    except FieldcheckError:
        return 0.0


def forget() -> None:
    """Let go of what is held in memory, as a server that starts does, and as whoever erases a photo does at once."""
    _held.clear()
    _heard.clear()
