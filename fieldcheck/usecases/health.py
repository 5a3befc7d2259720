"""Whether the house stands: nobody's act, asked by machines."""

from fieldcheck.domain.errors import Busy
from fieldcheck.settings import Settings
from fieldcheck.storage import database, vault_moves
from fieldcheck.usecases import texts


def schema(settings: Settings) -> str:
    """Say the schema's revision; raises Busy when the database is not ready for this code."""
    at = database.revision(settings.database_url)
    if at is None or at != database.newest_revision():
        raise Busy("database.not_ready")
    return at


def prepare(settings: Settings) -> None:
    """Bring the database to this code's schema, names into the vault, texts under seal; at the start of each door."""
    database.upgrade(settings.database_url)
    vault_moves.adopt(settings)
    texts.seal_plain(settings)
