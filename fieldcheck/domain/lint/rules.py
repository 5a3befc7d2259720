"""The faults of one rule: what it cites, whom it goes to, by when, and which evidence it asks for."""

from collections.abc import Iterator, Mapping
from typing import Any

from fieldcheck.domain.lint.faults import Fault, near
from fieldcheck.domain.lint.satisfy import Asked
from fieldcheck.domain.reference import Confidence, Reference

OWN_DEADLINE = "product_default"
_READ = (Confidence.PRIMARY, Confidence.SECONDARY)
_EVIDENCE = {"photo": {"photo", "min"}, "quote": {"quote"}, "answer": {"answer", "in"}, "any": {"any"}}


def rule_faults(rule: Mapping[str, Any], known: Mapping[str, Asked], reference: Reference) -> Iterator[Fault]:
    """Yield what is wrong with *rule* beside its condition."""
    code = rule.get("code")
    path = f"rules[{code if isinstance(code, str) else '?'}]"
    basis = rule.get("legal_basis")
    yield from _basis(rule.get("nature"), basis if isinstance(basis, list) else [], path, reference)
    for key in ("responsible_body", "escalate_to"):
        body = rule.get(key)
        if isinstance(body, str) and body.strip() and body not in reference.bodies:
            yield Fault("checklist.body_unknown", f"{path}.{key}", {"id": body, "near": near(body, reference.bodies)})
    deadline = rule.get("deadline")
    term = deadline.get("basis") if isinstance(deadline, Mapping) else None
    if isinstance(term, str) and term.strip() and term != OWN_DEADLINE and term not in reference.citations:
        meant = near(term, [*reference.citations, OWN_DEADLINE])
        yield Fault("checklist.citation_unknown", f"{path}.deadline.basis", {"id": term, "near": meant})
    needs = rule.get("min_evidence")
    for index, need in enumerate(needs if isinstance(needs, list) else ()):
        yield from _evidence(need, f"{path}.min_evidence[{index}]", known)


def _basis(nature: Any, basis: list[Any], path: str, reference: Reference) -> Iterator[Fault]:
    """A breach needs a norm that somebody has read; a recalled one may stand beside it, with a warning."""
    cited = []
    for index, norm in enumerate(basis):
        if isinstance(norm, str) and norm in reference.citations:
            cited.append(reference.citations[norm])
        elif isinstance(norm, str) and norm.strip():
            meant = near(norm, reference.citations)
            yield Fault("checklist.citation_unknown", f"{path}.legal_basis[{index}]", {"id": norm, "near": meant})
    recalled = ", ".join(citation.id for citation in cited if citation.confidence is Confidence.RECALLED)
    if nature in ("legal_breach", "programme_breach") and not basis:
        yield Fault("checklist.citation_missing", f"{path}.legal_basis", {"nature": nature})
    elif nature == "legal_breach" and cited and not any(citation.confidence in _READ for citation in cited):
        ids = ", ".join(citation.id for citation in cited)
        yield Fault("checklist.citation_recalled", f"{path}.legal_basis", {"ids": ids})
    elif recalled:
        yield Fault("checklist.citation_recalled_among", f"{path}.legal_basis", {"ids": recalled})


def _evidence(need: Any, path: str, known: Mapping[str, Asked]) -> Iterator[Fault]:
    kinds = [kind for kind in _EVIDENCE if isinstance(need, Mapping) and kind in need]
    if len(kinds) != 1 or set(need) - _EVIDENCE[kinds[0]]:
        yield Fault("checklist.evidence_malformed", path)
        return
    kind = kinds[0]
    if kind == "any":
        parts = need["any"]
        if not isinstance(parts, list) or len(parts) < 2:
            yield Fault("checklist.evidence_malformed", path)
            return
        for index, part in enumerate(parts):
            yield from _evidence(part, f"{path}.any[{index}]", known)
        return
    least = need.get("min", 1)
    if isinstance(least, bool) or not isinstance(least, int) or least < 1:
        yield Fault("checklist.evidence_malformed", f"{path}.min")
    question = known.get(need[kind]) if isinstance(need[kind], str) else None
    if question is None:
        details = {"id": str(need[kind])[:80], "near": near(need[kind], known)}
        yield Fault("checklist.question_unknown", f"{path}.{kind}", details)
    elif kind == "answer":
        yield from _answer(need, question, path)
    elif (kind == "quote" and question.type not in ("quote", "text")) or (
        kind == "photo" and not question.takes_photos
    ):
        details = {"id": question.id, "kind": kind, "type": question.type}
        yield Fault("checklist.evidence_unfit", f"{path}.{kind}", details)


def _answer(need: Mapping[str, Any], question: Asked, path: str) -> Iterator[Fault]:
    if question.type in ("photo", "info"):
        details = {"id": question.id, "kind": "answer", "type": question.type}
        yield Fault("checklist.evidence_unfit", f"{path}.answer", details)
    if "in" not in need:
        return
    wanted = need["in"]
    if not isinstance(wanted, list) or not wanted or question.type == "multi":
        yield Fault("checklist.evidence_malformed", f"{path}.in")
        return
    for option in wanted:
        if option not in question.options:
            details = {
                "question": question.id,
                "option": str(option)[:80],
                "near": near(option, question.options),
                "allowed": ", ".join(question.options) or "-",
            }
            yield Fault("checklist.option_unknown", f"{path}.in", details)
