"""Free texts as they were given: each lies sealed under a key of its own, from the moment it comes in.

What a volunteer says in her own words is what could give her away, so no table ever holds it plain: the answer's row
has the sealed words and their own key, wrapped by the key outside of the database. Erasing the row destroys both.
Whoever reads rows without asking for the texts gets `SEALED` in their place. It decides nothing about who reads.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import inspect, select, text, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col

from fieldcheck.domain.checklist import QuestionType
from fieldcheck.storage.sealing import Keyring, new_key, seal, unseal
from fieldcheck.storage.tables import Answer, ChecklistVersion, Visit

FREE = frozenset({QuestionType.TEXT, QuestionType.QUOTE})
#: What an upgrade leaves behind where answers came in before texts were sealed: their ids.
WAITING = "answer_unsealed"
PAD_TO = 64
_PURPOSE = b"fieldcheck.answer"
#: In the place of an answer's id: what she said of why she stopped.
_NOTE = "note"


class Sealed:
    """Stands where a text is that was not opened: an answer, and no more is to be learnt of it."""

    def __repr__(self) -> str:
        """Say nothing."""
        return "…"


SEALED: Final = Sealed()


@dataclass(frozen=True)
class FreeTexts:
    """Seals and opens the words of answers."""

    ring: Keyring

    def seal(self, visit_id: str, answer_id: str, words: str) -> dict[str, bytes]:
        """Seal words for the row of one answer; moved to another row they do not open. Lengths are padded."""
        key, plain = new_key(), json.dumps(words, ensure_ascii=False).encode()
        padded = plain.ljust(-(-len(plain) // PAD_TO) * PAD_TO)
        return {
            "sealed": seal(AESGCM(key), padded, _bound("words", visit_id, answer_id)),
            "wrapped": self.ring.wrap(key, _bound("key", visit_id, answer_id)),
        }

    def open(self, visit_id: str, answer_id: str, wrapped: bytes, sealed: bytes) -> str:
        """Open the words of one answer."""
        key = AESGCM(self.ring.unwrap(wrapped, _bound("key", visit_id, answer_id)))
        return str(json.loads(unseal(key, sealed, _bound("words", visit_id, answer_id))))

    def keyed(self, body_hash: str) -> str:
        """Give the hash of a body that has such words in it: a plain one lets short words be guessed and tried."""
        return hmac.digest(self.ring.derived(_PURPOSE), body_hash.encode(), "sha256").hex()

    def told_of(self, row: Mapping[str, Any]) -> str:
        """Say of an answer's row what the record may hold: with that alone nobody finds it by trying, nor a yes."""
        if row["wrapped"] is None:
            return self.keyed(row["body_hash"])
        return self.committed(row["visit_id"], row["id"], row["wrapped"], row["body_hash"])

    def committed(self, visit_id: str, answer_id: str, wrapped: bytes, body: str) -> str:
        """Commit to a body for the record, under the key of the words in it.

        The key goes with the row: after that nobody tries words against a copy of the record, not even this house.
        """
        key = self.ring.unwrap(wrapped, _bound("key", visit_id, answer_id))
        return hmac.digest(key, _bound("commitment", visit_id, answer_id) + b"|" + body.encode(), "sha256").hex()


def put_values(rows: Sequence[Answer], texts: FreeTexts | None) -> None:
    """Let rows just read carry their words, opened where *texts* are given; never written back."""
    for row in rows:
        if row.sealed is not None and row.wrapped is not None:
            said = texts.open(row.visit_id, row.id, row.wrapped, row.sealed) if texts else SEALED
            set_committed_value(row, "value", said)


# --- why she stopped


def put_note(visit: Visit, words: str, texts: FreeTexts) -> str:
    """Seal what she says of why she stopped into the visit's row; gives the commitment that the record may hold."""
    if not words:
        return ""
    sealed = texts.seal(visit.id, _NOTE, words)
    visit.note_sealed, visit.note_wrapped = sealed["sealed"], sealed["wrapped"]
    return texts.committed(visit.id, _NOTE, sealed["wrapped"], words)


def note_of(visit: Visit, texts: FreeTexts) -> str:
    """Open what she said of why she stopped; empty where she said nothing."""
    if visit.note_sealed is None or visit.note_wrapped is None:
        return ""
    return texts.open(visit.id, _NOTE, visit.note_wrapped, visit.note_sealed)


def seal_notes(session: Session, texts: FreeTexts) -> int:
    """Seal the notes of stopped visits that lie plain from before; gives how many."""
    plain = select(Visit).where(col(Visit.state) == "stopped", col(Visit.decision_note) != "")
    rows = session.execute(plain).scalars().all()
    for visit in rows:
        put_note(visit, visit.decision_note, texts)
        visit.decision_note = ""
        session.add(visit)
    session.flush()
    return len(rows)


# --- sealing what came before


def waiting(session: Session) -> list[str]:
    """List the answers that an upgrade left to be looked at; empties the list with `done`."""
    if WAITING not in inspect(session.connection()).get_table_names():
        return []
    return list(session.execute(text(f"select id from {WAITING} order by id")).scalars())  # noqa: S608 - our own name


def done(session: Session) -> None:
    """Say that nothing waits any more."""
    if WAITING in inspect(session.connection()).get_table_names():
        session.execute(text(f"drop table {WAITING}"))


def seal_plain(session: Session, texts: FreeTexts, answer_ids: Sequence[str]) -> int:
    """Seal those of the answers that are free texts and lie plain; gives how many. The guard lets just this pass."""
    sealed = 0
    for begin in range(0, len(answer_ids), 500):
        query = select(
            col(Answer.id), col(Answer.visit_id), col(Answer.digest), col(Answer.question_id), col(Answer.value),
            col(Answer.body_hash),
        ).where(col(Answer.id).in_(answer_ids[begin : begin + 500]), col(Answer.sealed).is_(None))  # fmt: skip
        rows = session.execute(query).all()
        free = _free_questions(session, {row.digest for row in rows})
        for row in rows:
            if (row.digest, row.question_id) not in free or not isinstance(row.value, str):
                continue
            words = texts.seal(row.visit_id, row.id, row.value)
            table = SQLModel.metadata.tables["answer"]
            session.execute(
                update(table)
                .where(table.c.id == row.id)
                .values(value=None, body_hash=texts.keyed(row.body_hash), **words)
            )
            sealed += 1
    return sealed


def _free_questions(session: Session, digests: set[str]) -> set[tuple[str, str]]:
    query = select(col(ChecklistVersion.digest), col(ChecklistVersion.body)).where(
        col(ChecklistVersion.digest).in_(sorted(digests))
    )
    return {
        (digest, question["id"])
        for digest, body in session.execute(query)
        for section in body["sections"]
        for question in section["questions"]
        if question["type"] in FREE
    }


def _bound(kind: str, visit_id: str, answer_id: str) -> bytes:
    return f"fieldcheck.answer|{kind}|{visit_id}|{answer_id}".encode()
