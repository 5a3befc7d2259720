"""Moving into the vault: from the plain tables of older revisions, and from the main database into one of its own.

Done at each start, and again without harm: whoever finds nothing to move, moves nothing.
"""

from sqlalchemy import inspect, select, text
from sqlmodel import Session

from fieldcheck.settings import Settings
from fieldcheck.storage import database, vault
from fieldcheck.storage.tables import VaultItem, VaultKey
from fieldcheck.storage.vault import CONFLICT, IDENTITY, Vault

_PLAIN = ("identity", "conflict")


def adopt(settings: Settings) -> int:
    """Move what does not stand in its place yet; gives how many rows were moved."""
    if vault.lies_apart(settings):
        vault.create_tables(settings.vault_url)
    with database.transaction(settings.database_url) as session:
        with vault.opened(settings, session) as box:
            moved = _out_of_plain(session, box)
        if vault.lies_apart(settings):
            moved += _into_its_own(settings, session)
    if moved:
        database.scrub(settings.database_url)
    return moved


def _out_of_plain(session: Session, box: Vault) -> int:
    there = set(inspect(session.connection()).get_table_names()) & set(_PLAIN)
    moved = 0
    if "identity" in there:
        for row in session.execute(text("select person_id, name, phone, home_lat, home_lon from identity")).all():
            said = {"name": row[1], "phone": row[2], "home": [row[3], row[4]] if row[3] is not None else None}
            box.put(row[0], row[0], IDENTITY, said)
            moved += 1
    if "conflict" in there:
        for row in session.execute(text("select id, person_id, school_id, district, kind from conflict")).all():
            box.put(row[1], row[0], CONFLICT, {"school": row[2], "district": row[3], "kind": row[4]})
            moved += 1
    for table in sorted(there):
        if moved:
            session.execute(text(f"delete from {table}"))  # noqa: S608 - one of two names above; overwrites the pages
        session.execute(text(f"drop table {table}"))
    return moved


def _into_its_own(settings: Settings, session: Session) -> int:
    rows = [*session.execute(select(VaultKey)).scalars(), *session.execute(select(VaultItem)).scalars()]
    if not rows:
        return 0
    with database.transaction(settings.vault_url) as other:
        for row in rows:
            other.merge(type(row)(**row.model_dump()))
    for row in rows:
        session.delete(row)
    session.flush()
    return len(rows)
