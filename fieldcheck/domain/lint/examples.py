"""A checklist proves itself: its examples are walked and judged, and what comes out must be what they expect."""

from collections.abc import Iterator, Mapping
from typing import Any

from fieldcheck.domain.checklist import Checklist, Example, from_body
from fieldcheck.domain.errors import Invalid
from fieldcheck.domain.findings import judge
from fieldcheck.domain.lint.faults import Fault, near
from fieldcheck.domain.lint.shape import OWNERSHIPS
from fieldcheck.domain.normal import body_of, examples_of
from fieldcheck.domain.walk import accept_answer, missing

_SCHOOL = {"ownership": str, "region": str, "order_on_file": bool}


def example_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what the examples of a checklist get wrong; the rest of it must be without a fault."""
    checklist = from_body(body_of(data))
    codes = [rule.code for rule in checklist.rules]
    proved: set[str] = set()
    for example in examples_of(data):
        proved.update(example.expect)
        path = f"examples[{example.name}]"
        faults = [*_expected(example, codes, path), *_school(example, path), *_answers(checklist, example, path)]
        yield from faults or _judged(checklist, example, path)
    for code in codes:
        if code not in proved:
            yield Fault("checklist.rule_unexampled", f"rules[{code}]", {"code": code})


def _expected(example: Example, codes: list[str], path: str) -> Iterator[Fault]:
    for index, code in enumerate(example.expect):
        if code not in codes:
            yield Fault("checklist.code_unknown", f"{path}.expect[{index}]", {"code": code, "near": near(code, codes)})


def _school(example: Example, path: str) -> Iterator[Fault]:
    details: dict[str, Any]
    school = example.school
    if school is None:
        return
    if not isinstance(school, Mapping):
        details = {"expected": "mapping", "found": type(school).__name__}
        yield Fault("checklist.wrong_kind", f"{path}.school", details)
        return
    for key, value in school.items():
        place = f"{path}.school.{key}"
        if key not in _SCHOOL:
            yield Fault("checklist.unknown_key", place, {"key": str(key), "near": near(key, _SCHOOL)})
        elif not isinstance(value, _SCHOOL[key]):
            details = {"expected": _SCHOOL[key].__name__, "found": type(value).__name__}
            yield Fault("checklist.wrong_kind", place, details)
        elif key == "ownership" and value not in OWNERSHIPS:
            details = {"value": value, "allowed": ", ".join(OWNERSHIPS), "near": near(value, OWNERSHIPS)}
            yield Fault("checklist.unknown_value", place, details)


def _answers(checklist: Checklist, example: Example, path: str) -> Iterator[Fault]:
    details: dict[str, Any]
    for qid, value in example.answers.items():
        try:
            accept_answer(checklist, example.answers, qid, value, example.school)
        except Invalid as refused:
            details = {"question": str(qid), "reason": refused.code, "near": near(qid, checklist.by_id)}
            yield Fault("checklist.example_answer", f"{path}.answers.{qid}", details)
    for qid, count in example.photos.items():
        question = checklist.by_id.get(qid)
        if question is None or question.photo is None:
            taking = [known.id for known in checklist.questions if known.photo]
            details = {"question": str(qid), "near": near(qid, taking)}
            yield Fault("checklist.example_photo", f"{path}.photos.{qid}", details)
        elif isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= question.photo.max:
            details = {"value": str(count)[:80], "low": 0, "high": question.photo.max}
            yield Fault("checklist.out_of_range", f"{path}.photos.{qid}", details)


def _judged(checklist: Checklist, example: Example, path: str) -> Iterator[Fault]:
    found = [finding.code for finding in judge(checklist, example.answers, example.photos, example.school)]
    if sorted(found) != sorted(example.expect):
        details = {
            "unexpected": ", ".join(sorted(set(found) - set(example.expect))) or "-",
            "absent": ", ".join(sorted(set(example.expect) - set(found))) or "-",
        }
        yield Fault("checklist.example_findings", f"{path}.expect", details)
    if example.complete:
        lacks = missing(checklist, example.answers, example.photos, example.school)
        if lacks:
            named = ", ".join(f"{lack.question_id} ({lack.what})" for lack in lacks)
            yield Fault("checklist.example_incomplete", f"{path}.answers", {"missing": named})
