"""A volunteer's own words after they were weighed: sealed; opened with a reason, for one look, and on record.

While a visit is being checked its words are read to be rewritten. From then on the agency has what was released, and
nobody reads what she wrote in passing: whoever must know opens it here.
"""

from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Invalid, NotFound
from fieldcheck.domain.visit import VisitState
from fieldcheck.settings import Settings
from fieldcheck.storage import database, free_texts, visit_queries
from fieldcheck.storage.free_texts import FREE, FreeTexts, Sealed
from fieldcheck.storage.sealing import Keyring
from fieldcheck.usecases import checklists
from fieldcheck.usecases.work import Work, permits

#: In these a visit has been weighed, and its words lie sealed.
WEIGHED = frozenset({VisitState.ACCEPTED, VisitState.REJECTED})
LONGEST_REASON = 500


def opener(work: Work, state: str) -> FreeTexts | None:
    """Give what opens the words of a visit in passing; nothing once it was weighed. For use-cases only."""
    return None if VisitState(state) in WEIGHED else work.texts


@permits(Action.TEXT_OPEN)
def open_original(work: Work, visit_id: str, digest: str, question: str, reason: str) -> str:
    """Open what was answered in a volunteer's own words, as it counted in the end; its reason is kept for good."""
    if not work.is_kept:
        raise RuntimeError("an original cannot be opened where no record of it would stay")
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid("original.reason_needed", longest=LONGEST_REASON)
    row = visit_queries.visit(work.session, work.reach(Action.TEXT_OPEN), visit_id)
    if row is None:
        raise NotFound("visit.not_found")
    if digest not in {walked.digest for walked in visit_queries.walked(work.session, [visit_id])[visit_id]}:
        raise NotFound("checklist.not_found")
    asked = checklists.load(work, digest).by_id.get(question)
    answer = visit_queries.current(visit_queries.answers(work.session, visit_id, work.texts)).get((digest, question))
    if asked is None or asked.type not in FREE or answer is None or isinstance(answer.value, Sealed):
        raise NotFound("answer.unknown_question", question=question)
    work.record(Action.TEXT_OPEN, visit_id, question=question, reason=reason)
    return str(answer.value)


def seal_plain(settings: Settings) -> int:
    """Seal the words that came in before words were sealed; may be stopped and repeated, and all stay readable."""
    with database.transaction(settings.database_url) as session:
        waiting = free_texts.waiting(session)
        count = free_texts.seal_plain(session, FreeTexts(Keyring(settings.vault_key)), waiting)
        free_texts.done(session)
        notes = free_texts.seal_notes(session, FreeTexts(Keyring(settings.vault_key)))
    if waiting or notes:
        database.scrub(settings.database_url)
    return count + notes
