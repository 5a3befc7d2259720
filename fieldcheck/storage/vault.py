"""The vault: who a person is and what binds her, each person under a key of her own.

Envelope encryption, AES-256-GCM: her key is wrapped by one key in a file outside of every database, so that neither the
database nor the file alone says anything, and destroying her wrapped key is erasing her. What is sealed is bound to its
row: a row moved to another person or another id does not open. Lengths are padded. It decides nothing about who reads.

The vault lies in the same database or, where one is named, in one of its own. Then it is written first: something in
the vault that nothing points at is harmless, the other way round somebody would be lost.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select
from sqlmodel import Session, SQLModel, col

from fieldcheck.settings import BadSettings, Settings
from fieldcheck.storage import database
from fieldcheck.storage.sealing import Keyring, make_master_key, new_key, seal, unseal
from fieldcheck.storage.tables import VaultItem, VaultKey

PAD_TO = 128
IDENTITY, CONFLICT = "identity", "conflict"
TABLES = ("vault_key", "vault_item")


class Vault:
    """The vault within one piece of work; its database and its key are touched only when something is asked of it."""

    def __init__(self, key_file: Path, session: Callable[[], Session]) -> None:
        self._key_file = key_file
        self._session = session
        self._keys: dict[str, AESGCM] = {}

    def put(self, person_id: str, item_id: str, kind: str, value: Mapping[str, Any]) -> None:
        """Seal something about a person, replacing what stood under that id."""
        text = json.dumps(dict(value), ensure_ascii=False).encode()
        padded = text.ljust(-(-len(text) // PAD_TO) * PAD_TO)
        sealed = seal(self._key_of(person_id), padded, _bound(kind, person_id, item_id))
        self._session().merge(VaultItem(id=item_id, person_id=person_id, kind=kind, sealed=sealed))
        self._session().flush()

    def items(self, kind: str, people_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Open all items of a kind about these people: by person, by the item's id."""
        session = self._session()
        keys = session.execute(select(VaultKey).where(col(VaultKey.person_id).in_(people_ids))).scalars().all()
        if keys:
            self._keys |= {row.person_id: self._unwrap(row) for row in keys if row.person_id not in self._keys}
        query = select(VaultItem).where(col(VaultItem.person_id).in_(people_ids), col(VaultItem.kind) == kind)
        found: dict[str, dict[str, Any]] = {}
        for row in session.execute(query.order_by(col(VaultItem.id))).scalars():
            key = self._keys.get(row.person_id)
            if key is not None:  # without her key what is left is noise
                found.setdefault(row.person_id, {})[row.id] = json.loads(self._opened(key, row))
        return found

    def owner(self, kind: str, item_id: str) -> str | None:
        """Say whom an item is about."""
        row = self._session().get(VaultItem, item_id)
        return row.person_id if row is not None and row.kind == kind else None

    def remove(self, item_id: str) -> None:
        """Take one item out."""
        self._session().execute(delete(VaultItem).where(col(VaultItem.id) == item_id))

    def forget(self, person_id: str) -> None:
        """Destroy a person's key and her items: nobody can open them any more, nor a copy of them."""
        self._keys.pop(person_id, None)
        self._session().execute(delete(VaultKey).where(col(VaultKey.person_id) == person_id))
        self._session().execute(delete(VaultItem).where(col(VaultItem.person_id) == person_id))

    def _key_of(self, person_id: str) -> AESGCM:
        if person_id not in self._keys:
            row = self._session().get(VaultKey, person_id)
            if row is None:
                key = new_key()
                wrapped = self._ring().wrap(key, _bound("key", person_id, ""))
                self._session().add(VaultKey(person_id=person_id, wrapped=wrapped))
                self._session().flush()
                self._keys[person_id] = AESGCM(key)
            else:
                self._keys[person_id] = self._unwrap(row)
        return self._keys[person_id]

    def _unwrap(self, row: VaultKey) -> AESGCM:
        return AESGCM(self._ring().unwrap(row.wrapped, _bound("key", row.person_id, "")))

    def _opened(self, key: AESGCM, row: VaultItem) -> bytes:
        try:
            return unseal(key, row.sealed, _bound(row.kind, row.person_id, row.id))
        except InvalidTag:
            raise BadSettings(f"{self._key_file} does not open this vault, or a row of it was changed.") from None

    def _ring(self) -> Keyring:
        """The key is made with the first name that comes, and only then: later its loss must be told, not mended."""
        if not self._key_file.exists():
            if self._session().execute(select(col(VaultKey.person_id)).limit(1)).first() is not None:
                raise BadSettings(f"{self._key_file} is gone. Without it nobody in the vault has a name: restore it.")
            make_master_key(self._key_file)
        return Keyring(self._key_file)


@contextmanager
def opened(settings: Settings, session: Session, *, reading: bool = False) -> Iterator[Vault]:
    """Open the vault beside a transaction: within it, or in a transaction of its own that commits before it."""
    if not lies_apart(settings):
        yield Vault(settings.vault_key, lambda: session)
        return
    with ExitStack() as stack:
        yield Vault(
            settings.vault_key,
            cache(lambda: stack.enter_context(database.transaction(settings.vault_url, reading=reading))),
        )


def lies_apart(settings: Settings) -> bool:
    """Say whether the vault lies in a database of its own."""
    return settings.vault_url not in {"", settings.database_url}


def create_tables(url: str) -> None:
    """Make the vault's tables in a database of its own, where they are not there yet."""
    SQLModel.metadata.create_all(database.engine(url), tables=[SQLModel.metadata.tables[name] for name in TABLES])


def _bound(kind: str, person_id: str, item_id: str) -> bytes:
    return f"fieldcheck.vault|{kind}|{person_id}|{item_id}".encode()
