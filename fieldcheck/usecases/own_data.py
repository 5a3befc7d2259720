"""A person's own data, on her request, as a file: everything that the programme holds about her, from every season.

Her words and photos are hers to have; who assigned or checked her visits is not about her and stays out. That she took
it is recorded.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel

from fieldcheck.domain.access import Action
from fieldcheck.storage import own_rows
from fieldcheck.storage.free_texts import note_of
from fieldcheck.storage.tables import Visit
from fieldcheck.storage.vault import CONFLICT, IDENTITY
from fieldcheck.usecases import identities
from fieldcheck.usecases.work import Work, permits

#: What is in none of the rows that are given: secrets, hashes, keys, and whoever else took part.
KEPT_BACK = frozenset(
    {"cookie_hash", "token_hash", "body_hash", "hash", "pin", "wrapped", "sealed", "stored", "stored_size", "password",
     "factor", "factor_step", "pending", "phash", "person_id", "volunteer_id", "assigned_by", "decided_by",
     "decision_note", "note_sealed", "note_wrapped", "created_by", "asked_by", "by"}
)  # fmt: skip


@permits(Action.DATA_TAKE)
def take(work: Work) -> dict[str, Any]:
    """Gather everything about oneself; only in work that is kept, so that a record of it stays."""
    if not work.is_kept:
        raise RuntimeError("nothing leaves the house where no record of it would stay")
    ids = identities.everyone_she_was(work.vault, work.actor.person_id)
    who, ties = work.vault.items(IDENTITY, ids), work.vault.items(CONFLICT, ids)
    known = who.get(work.actor.person_id, {}).get(work.actor.person_id, {})
    found = own_rows.about(work.session, ids, work.texts)
    notes = {row.id: note_of(row, work.texts) for row in found["visits"] if isinstance(row, Visit)}
    work.record(Action.DATA_TAKE, work.actor.person_id)
    return {
        "made_at": work.now.isoformat(),
        "identity": {name: known.get(name) for name in ("name", "phone", "home")},
        "conflicts_of_interest": [tie for id_ in ids for tie in ties.get(id_, {}).values()],
        **{name: _plain(rows) for name, rows in found.items()},
        "why_you_stopped": {visit: note for visit, note in notes.items() if note},
    }


def _plain(rows: Iterable[SQLModel]) -> list[dict[str, Any]]:
    return [{name: _said(value) for name, value in row.model_dump().items() if name not in KEPT_BACK} for row in rows]


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | Mapping | Sequence | None) else str(value)


def as_file(said: Mapping[str, Any]) -> bytes:
    """Write it so that a person can read it."""
    return json.dumps(said, ensure_ascii=False, indent=1).encode()
