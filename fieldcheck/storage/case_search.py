"""Finding register entries by words: one function for both engines, and an index that its own transaction keeps right.

What may be found by is what stands in `case_words`: number, code, title, school and district, which the agency reads
anyway; no answer's text is ever in there. On SQLite it is FTS5 with that table as its content, written beside it; on
PostgreSQL a GIN index on the words themselves. The words are cut by the domain (`register.words_of`), so that both
engines find the same. A match names entries only: what somebody may see is said by her reach beside it.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, cast, column, func, literal, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col

from fieldcheck.storage.tables import Case, CaseWords

_INDEX = table("case_search", column("rowid"), column("case_search"))
#: The lexemes of a row; the migration's index says the same.
LEXEMES = "array_to_tsvector(string_to_array(words, ' '))"


def matching(session: Session, words: Sequence[str]) -> ColumnElement[bool]:
    """Limit to entries in which each of *words* is the beginning of a word; the words are those of `words_of`."""
    if session.get_bind().dialect.name == "postgresql":
        asked = " & ".join(f"'{word}':*" for word in words)
        lexemes = func.array_to_tsvector(func.string_to_array(col(CaseWords.words), literal(" ", literal_execute=True)))
        found = select(col(CaseWords.case_id)).where(lexemes.op("@@")(cast(asked, TSQUERY)))
    else:
        asked = " AND ".join(f'"{word}"*' for word in words)
        rows = select(_INDEX.c.rowid).where(_INDEX.c.case_search.op("match")(asked))
        found = select(col(CaseWords.case_id)).where(col(CaseWords.id).in_(rows))
    return col(Case.id).in_(found)


def write(session: Session, case_id: str, words: Sequence[str]) -> None:
    """Let an entry be found by *words*, and by nothing else any more."""
    row = session.execute(select(CaseWords).where(col(CaseWords.case_id) == case_id)).scalar_one_or_none()
    if row is not None:
        _follow(session, "insert into case_search (case_search, rowid, words) values ('delete', :id, :words)", row)
    row = row or CaseWords(case_id=case_id, words="")
    row.words = " ".join(words)
    session.add(row)
    session.flush()
    _follow(session, "insert into case_search (rowid, words) values (:id, :words)", row)


def rebuild(session: Session) -> None:
    """Make SQLite's index anew from its table, after many rows were written at once."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("insert into case_search (case_search) values ('rebuild')"))


def _follow(session: Session, statement: str, row: CaseWords) -> None:
    """Keep SQLite's index beside its table: a trigger may not, where the schema is not trusted (database.py)."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(statement), {"id": row.id, "words": row.words})
