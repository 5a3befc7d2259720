"""What the rules of a checklist say about a visit's answers: findings, which are not yet violations.

A finding is a sign for two people to look at. It names what it looked at and which evidence is not there; it never
decides that evidence is good enough, and it never names a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fieldcheck.domain.checklist import Checklist, Deadline, Nature, Rule, Severity, Words
from fieldcheck.domain.conditions import evaluate, questions_in, same
from fieldcheck.domain.walk import Answers, School, walk


@dataclass(frozen=True)
class Finding:
    """One rule that held, with what is needed to send it on."""

    code: str
    severity: Severity
    nature: Nature
    title: Words
    legal_basis: tuple[str, ...]
    responsible_body: str
    escalate_to: str | None
    deadline: Deadline
    question_ids: tuple[str, ...]
    evidence_missing: tuple[str, ...]


def judge(
    checklist: Checklist, answers: Answers, photo_counts: Mapping[str, int], school: School | None
) -> tuple[Finding, ...]:
    """Return the findings of a visit, in the order of the rules; hidden answers and their photos do not count."""
    here = walk(checklist, answers, school)
    shown = [question.id for question in here.shown]
    photos = {qid: photo_counts[qid] for qid in shown if photo_counts.get(qid, 0) > 0}
    return tuple(
        Finding(
            code=rule.code,
            severity=rule.severity,
            nature=rule.nature,
            title=rule.title,
            legal_basis=rule.legal_basis,
            responsible_body=rule.responsible_body,
            escalate_to=rule.escalate_to,
            deadline=rule.deadline,
            question_ids=tuple(qid for qid in shown if qid in looked_at),
            evidence_missing=tuple(
                _name(need) for need in rule.min_evidence if not _is_there(need, here.answers, photos)
            ),
        )
        for rule, looked_at in _rules(checklist)
        if evaluate(rule.when, here.facts)
    )


def evidence_questions(needs: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the ids of the questions that hold the evidence *needs* ask for."""
    found: list[str] = []
    for need in needs:
        if "any" in need:
            found += evidence_questions(need["any"])
        else:
            found += [need[kind] for kind in ("photo", "quote", "answer") if kind in need]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=64)
def _rules(checklist: Checklist) -> tuple[tuple[Rule, frozenset[str]], ...]:
    return tuple(
        (rule, frozenset(questions_in(rule.when)) | frozenset(evidence_questions(rule.min_evidence)))
        for rule in checklist.rules
    )


def _is_there(need: Mapping[str, Any], answers: Answers, photos: Mapping[str, int]) -> bool:
    if "any" in need:
        return any(_is_there(part, answers, photos) for part in need["any"])
    if "photo" in need:
        least: int = need.get("min", 1)
        return photos.get(need["photo"], 0) >= least
    if "quote" in need:
        return need["quote"] in answers
    value = answers.get(need["answer"])
    return value is not None and ("in" not in need or any(same(value, wanted) for wanted in need["in"]))


def _name(need: Mapping[str, Any]) -> str:
    """Name what is not there: `photo:ENT-05`, or `quote:COL-16|photo:COL-17` where either would do."""
    if "any" in need:
        return "|".join(_name(part) for part in need["any"])
    kind = next(kind for kind in ("photo", "quote", "answer") if kind in need)
    return f"{kind}:{need[kind]}"
