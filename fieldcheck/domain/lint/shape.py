"""The shape of a checklist file: which keys stand where, what kind of value each holds, and words in three languages.

Only shape: whether an id exists or a rule can fire is decided in `lint`. The JSON Schema beside the checklists says
the same to an editor; here each fault gets its place and its near miss.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fieldcheck.domain.checklist import LANGUAGES, SCHEMA, Mode, Nature, QuestionType, Severity
from fieldcheck.domain.lint.faults import Fault, near
from fieldcheck.domain.normal import NEVER_IN_A_PHOTO

OWNERSHIPS = ("kgu_state_institution", "kgp_phv_state_enterprise", "private")
DEADLINE_UNITS = ("hours", "working_days", "calendar_days")

# Words that accuse before anybody has judged (the glossary's own words are "sign of a breach"), matched as stems.
ACCUSING = {
    "ru": re.compile(r"взятк|взяточ|вымогат|преступник|мошенник|коррупционер", re.IGNORECASE),
    "kk": re.compile(r"парақор|пара (?:ал|бер|сұра)|бопсала|қылмыскер", re.IGNORECASE),
    "en": re.compile(r"\bbrib|\bextort|\boffender|\bculprit|\bfraudster", re.IGNORECASE),
}
_PLACEHOLDER = re.compile(r"\{\w*\}")

Check = Callable[[Any, str], Iterator[Fault]]


@dataclass(frozen=True)
class Key:
    """What a key holds, and whether it must be there."""

    check: Check
    must: bool = True


def kind(name: str, *types: type) -> Check:
    """Return a check that a value is of one of *types*; a truth value is never a number."""

    def check(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            yield Fault("checklist.wrong_kind", path, {"expected": name, "found": type(value).__name__})
        elif isinstance(value, str) and not value.strip():
            yield Fault("checklist.empty", path)

    return check


def one_of(*allowed: str) -> Check:
    """Return a check that a value is one of *allowed*."""

    def check(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str) or value not in allowed:
            yield Fault(
                "checklist.unknown_value",
                path,
                {"value": str(value)[:80], "allowed": ", ".join(allowed), "near": near(value, allowed)},
            )

    return check


def whole(low: int, high: int) -> Check:
    """Return a check that a value is a whole number between *low* and *high*."""

    def check(value: Any, path: str) -> Iterator[Fault]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Fault("checklist.wrong_kind", path, {"expected": "integer", "found": type(value).__name__})
        elif not low <= value <= high:
            yield Fault("checklist.out_of_range", path, {"value": value, "low": low, "high": high})

    return check


def matching(pattern: str) -> Check:
    """Return a check that a value is a text of this *pattern*."""

    def check(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault("checklist.wrong_kind", path, {"expected": "text", "found": type(value).__name__})
        elif not re.fullmatch(pattern, value):
            yield Fault("checklist.id_malformed", path, {"value": value[:80], "pattern": pattern})

    return check


def list_of(check: Check, *, least: int = 0) -> Check:
    """Return a check of every item of a list."""

    def check_list(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault("checklist.wrong_kind", path, {"expected": "list", "found": type(value).__name__})
            return
        if len(value) < least:
            yield Fault("checklist.too_few", path, {"least": least, "found": len(value)})
        for index, item in enumerate(value):
            yield from check(item, f"{path}[{named(item, index)}]")

    return check_list


def mapping(keys: Mapping[str, Key]) -> Check:
    """Return a check of a mapping with exactly these *keys*."""

    def check(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield Fault("checklist.wrong_kind", path, {"expected": "mapping", "found": type(value).__name__})
            return
        for key in value:
            if key not in keys:
                yield Fault("checklist.unknown_key", _join(path, str(key)), {"key": str(key), "near": near(key, keys)})
        for key, rule in keys.items():
            if key in value:
                yield from rule.check(value[key], _join(path, key))
            elif rule.must:
                yield Fault("checklist.missing_key", path or ".", {"key": key})

    return check


def plain_words(value: Any, path: str) -> Iterator[Fault]:
    """Check a text in three languages: each there, none empty, the same placeholders."""
    if not isinstance(value, Mapping):
        yield Fault("checklist.wrong_kind", path, {"expected": "words", "found": type(value).__name__})
        return
    for key in value:
        if key not in LANGUAGES:
            yield Fault("checklist.unknown_key", _join(path, str(key)), {"key": str(key), "near": near(key, LANGUAGES)})
    yield from _languages(value, path)


def words(value: Any, path: str) -> Iterator[Fault]:
    """Check a text that people read: as `plain_words`, and it accuses nobody."""
    yield from plain_words(value, path)
    yield from _accusations(value, path)


def named(item: Any, index: int) -> str:
    """Name an item of a list as a person would look for it: by its id, its code, its name, or its place."""
    if isinstance(item, Mapping):
        for key in ("id", "code", "name"):
            if isinstance(item.get(key), str) and item[key]:
                return str(item[key])
    return str(index)


def anything(_value: Any, _path: str) -> Iterator[Fault]:
    """Check nothing here: `lint` looks at it with the whole checklist in hand."""
    return iter(())


def checklist(data: Any) -> list[Fault]:
    """Return every fault in the shape of a checklist file."""
    found = list(mapping(CHECKLIST)(data, ""))
    return [Fault(fault.code, _shorter(fault.path), fault.details) for fault in found]


def _languages(value: Mapping[str, Any], path: str) -> Iterator[Fault]:
    held = {}
    for language in LANGUAGES:
        text = value.get(language)
        if text is None:
            yield Fault("checklist.language_missing", path, {"language": language})
        elif not isinstance(text, str):
            found = type(text).__name__
            yield Fault("checklist.wrong_kind", _join(path, language), {"expected": "text", "found": found})
        elif not text.strip():
            yield Fault("checklist.word_empty", _join(path, language), {"language": language})
        else:
            held[language] = sorted(_PLACEHOLDER.findall(text))
    for language, holes in held.items():
        expected = held.get("ru", holes)
        if holes != expected:
            details = {"found": " ".join(holes) or "-", "expected": " ".join(expected) or "-"}
            yield Fault("checklist.placeholder_differs", _join(path, language), details)


def _accusations(value: Any, path: str) -> Iterator[Fault]:
    for language, pattern in ACCUSING.items():
        text = value.get(language) if isinstance(value, Mapping) else None
        if isinstance(text, str) and (accusing := pattern.search(text)):
            yield Fault("checklist.word_accuses", _join(path, language), {"word": accusing.group()})


def _option(value: Any, path: str) -> Iterator[Fault]:
    keys = {"id": Key(matching(r"[a-z][a-z0-9_]*")), "exclusive": Key(kind("true or false", bool), must=False)}
    yield from mapping({**keys, **{language: Key(anything, must=False) for language in LANGUAGES}})(value, path)
    if isinstance(value, Mapping):
        yield from _languages(value, path)
        yield from _accusations(value, path)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _shorter(path: str) -> str:
    """Drop the section from a question's path: an id is enough to find it."""
    return re.sub(r"^sections\[[^\]]*\]\.questions\[(?=[A-Z])", "questions[", path)


_number = kind("number", int, float)
_text = kind("text", str)
_flag = kind("true or false", bool)

_PHOTO: dict[str, Key] = {
    "min": Key(whole(0, 20), must=False),
    "max": Key(whole(1, 20)),
    "subject": Key(words),
    "forbidden": Key(list_of(one_of(*NEVER_IN_A_PHOTO)), must=False),
    "when": Key(list_of(_text), must=False),
}
_QUESTION: dict[str, Key] = {
    "id": Key(matching(r"[A-Z]{3}-\d{2}")),
    "type": Key(one_of(*QuestionType)),
    "text": Key(words),
    "help": Key(words, must=False),
    "required": Key(_flag, must=False),
    "visible_if": Key(anything, must=False),
    "required_if": Key(anything, must=False),
    "options": Key(list_of(_option, least=2), must=False),
    "min": Key(_number, must=False),
    "max": Key(_number, must=False),
    "whole": Key(_flag, must=False),
    "unit": Key(_text, must=False),
    "max_length": Key(whole(1, 4_000), must=False),
    "autofill": Key(_flag, must=False),
    "photo": Key(mapping(_PHOTO), must=False),
}
_RULE: dict[str, Key] = {
    "code": Key(matching(r"[A-Z]-[A-Z]{3}-\d{2}")),
    "severity": Key(one_of(*Severity)),
    "nature": Key(one_of(*Nature)),
    "title": Key(words),
    "when": Key(anything),
    "legal_basis": Key(list_of(_text), must=False),
    "responsible_body": Key(_text),
    "escalate_to": Key(_text, must=False),
    "deadline": Key(mapping({"value": Key(whole(0, 365)), "unit": Key(one_of(*DEADLINE_UNITS)), "basis": Key(_text)})),
    "min_evidence": Key(list_of(anything), must=False),
    "note": Key(_text, must=False),
}
_EXAMPLE: dict[str, Key] = {
    "name": Key(_text),
    "complete": Key(_flag, must=False),
    "school": Key(anything, must=False),
    "answers": Key(kind("mapping", Mapping)),
    "photos": Key(kind("mapping", Mapping), must=False),
    "expect": Key(list_of(_text)),
}
CHECKLIST: dict[str, Key] = {
    "$schema": Key(_text, must=False),
    "schema": Key(one_of(SCHEMA)),
    "id": Key(matching(r"[a-z][a-z0-9_]*")),
    "prefix": Key(matching(r"[A-Z]{3}")),
    "version": Key(whole(1, 10_000)),
    "status": Key(one_of("draft_needs_legal_review", "reviewed")),
    "title": Key(words),
    "mode": Key(one_of(*Mode)),
    "applies_to": Key(list_of(one_of(*OWNERSHIPS), least=1)),
    "season": Key(words, must=False),
    "est_minutes": Key(whole(1, 240)),
    "max_visit_minutes": Key(whole(1, 240)),
    "min_gap_days_same_school": Key(whole(0, 3_650)),
    "scenario": Key(words),
    "sections": Key(
        list_of(
            mapping(
                {
                    "id": Key(matching(r"[a-z][a-z0-9_]*")),
                    "title": Key(words),
                    "questions": Key(list_of(mapping(_QUESTION), least=1)),
                }
            ),
            least=1,
        )
    ),
    "rules": Key(list_of(mapping(_RULE))),
    "examples": Key(list_of(mapping(_EXAMPLE)), must=False),
}
