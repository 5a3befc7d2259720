"""The six checklists that ship: sound, proved by their own examples, and lawful in what they conclude."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from fieldcheck.domain.checklist import Checklist, Example, Nature, QuestionType, Rule
from fieldcheck.domain.findings import judge
from fieldcheck.domain.lint.satisfy import Asked, can_hold
from fieldcheck.domain.lint.shape import OWNERSHIPS
from fieldcheck.domain.walk import missing, visible
from fieldcheck.storage.checklist_files import StrictLoader, load, read_folder
from fieldcheck.words import catalogue

FOLDER = Path(__file__).parents[1] / "checklists"
CHECKLISTS, REFERENCE = load(FOLDER)
SCHEMA = json.loads((FOLDER / "schema.json").read_text("utf-8"))
EXAMPLES = [(checklist, example) for checklist in CHECKLISTS for example in checklist.examples]
BREACHES = [
    (checklist, rule) for checklist in CHECKLISTS for rule in checklist.rules if rule.nature is Nature.LEGAL_BREACH
]
# Citations that nobody has read yet; each wants a lawyer before it is printed.
RECALLED = {
    ("canteen_books_uniform.yaml", "rules[V-CAN-01].legal_basis", "ORD-MEAL"),
    ("canteen_books_uniform.yaml", "rules[V-CAN-02].legal_basis", "ORD-MEAL"),
    ("canteen_books_uniform.yaml", "rules[V-CAN-03].legal_basis", "ORD-MEAL"),
    ("canteen_books_uniform.yaml", "rules[V-CAN-05].legal_basis", "ORD-MEAL"),
    ("illegal_collections.yaml", "rules[V-COL-04].legal_basis", "UK-190"),
    ("teacher_hiring.yaml", "rules[V-HIR-06].legal_basis", "UK-190"),
    ("teacher_hiring.yaml", "rules[V-HIR-07].legal_basis", "TK-6"),
}


def asked(checklist: Checklist) -> list[Asked]:
    return [
        Asked(
            id=question.id,
            type=question.type,
            required=question.required,
            options=question.option_ids,
            exclusive=question.exclusive_ids,
            min=question.min,
            max=question.max,
            visible_if=question.visible_if,
        )
        for question in checklist.questions
    ]


def provenance(checklist: Checklist) -> str | None:
    """The question that asks how she knows: heard, saw, second-hand."""
    found = [question.id for question in checklist.questions if "second_hand" in question.option_ids]
    return found[0] if found else None


def ids(pairs: list[tuple[Checklist, Any]]) -> list[str]:
    return [f"{checklist.id}: {getattr(it, 'name', getattr(it, 'code', ''))}" for checklist, it in pairs]


def all_words(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if "ru" in value:
            yield value
        else:
            for inner in value.values():
                yield from all_words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from all_words(inner)


def test_the_six_are_without_a_fault_and_their_doubts_are_known() -> None:
    read = read_folder(FOLDER)

    names = "admission canteen_books_uniform entrance_stands illegal_collections teacher_hiring website_remote"
    assert [checklist.id for checklist in read.checklists] == names.split()
    assert {(fault.file, fault.path, fault.details["ids"]) for fault in read.faults} == RECALLED


@pytest.mark.parametrize(("checklist", "example"), EXAMPLES, ids=ids(EXAMPLES))
def test_every_example_gives_what_it_expects(checklist: Checklist, example: Example) -> None:
    found = judge(checklist, example.answers, example.photos, example.school)

    assert sorted(finding.code for finding in found) == sorted(example.expect)
    assert not example.complete or missing(checklist, example.answers, example.photos, example.school) == ()


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda checklist: checklist.id)
def test_every_rule_fires_in_an_example_and_the_kinds_of_visit_are_there(checklist: Checklist) -> None:
    expected = {code for example in checklist.examples for code in example.expect}
    schools = {example.school["ownership"] for example in checklist.examples if example.school}

    assert expected == {rule.code for rule in checklist.rules}
    assert len(checklist.examples) >= 5
    assert any(not [code for code in example.expect if code[0] == "V"] for example in checklist.examples)
    assert schools == set(OWNERSHIPS) or {"kgu_state_institution", "private"} <= schools
    told = provenance(checklist)
    assert told is None or any(example.answers.get(told) == "second_hand" for example in checklist.examples)


@pytest.mark.parametrize(("checklist", "rule"), BREACHES, ids=ids(BREACHES))
def test_second_hand_knowledge_never_gives_a_legal_breach(checklist: Checklist, rule: Rule) -> None:
    told = provenance(checklist)
    if told is None:
        assert checklist.mode in ("on_site_observation", "remote")  # she sees the stand or the site herself
        return

    assert not can_hold([rule.when, {"q": told, "is": "second_hand"}], asked(checklist), OWNERSHIPS)


@pytest.mark.parametrize(("checklist", "rule"), BREACHES, ids=ids(BREACHES))
def test_a_norm_that_binds_state_schools_gives_no_breach_at_a_private_one(checklist: Checklist, rule: Rule) -> None:
    binds_everyone = {"V-WEB-08"}  # personal data are protected everywhere

    private = can_hold([rule.when, {"school": "ownership", "is": "private"}], asked(checklist), OWNERSHIPS)

    assert private is (rule.code in binds_everyone)


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda checklist: checklist.id)
def test_a_visit_begins_with_what_never_to_do(checklist: Checklist) -> None:
    first = checklist.questions[0]

    assert first.type is QuestionType.INFO and first.help is not None
    assert "Ничего не предлагайте" in first.help["ru"] or "Никому ничего не предлагайте" in first.help["ru"]
    assert visible(checklist, {})[0] is first


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda checklist: checklist.id)
def test_whoever_asks_staff_must_confirm_that_she_provoked_nothing(checklist: Checklist) -> None:
    statements = [question for question in checklist.questions if question.type is QuestionType.STATEMENT]

    assert checklist.mode == "remote" or len(statements) == 1
    assert all(question.required for question in statements)


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda checklist: checklist.id)
def test_every_question_about_pressure_asks_what_happened(checklist: Checklist) -> None:
    pressed = [
        rule.when["q"] for rule in checklist.rules if rule.code.startswith("V-SAF") and isinstance(rule.when, dict)
    ]

    assert checklist.mode == "remote" or len(pressed) == 1
    for question in pressed:
        assert any(other.required_if == [{"q": question, "is": "yes"}] for other in checklist.questions)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_that_editors_use_takes_every_checklist(path: Path) -> None:
    text = path.read_text("utf-8")

    jsonschema.Draft202012Validator(SCHEMA).validate(yaml.load(text, Loader=StrictLoader))
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")


MISSHAPEN: list[dict[str, Any]] = [
    {"prefix": "col"},
    {"title": {"ru": "Сбор", "en": "Levy"}},
    {"sections": []},
    {"colour": "red"},
]


@pytest.mark.parametrize("change", MISSHAPEN, ids=[next(iter(change)) for change in MISSHAPEN])
def test_the_schema_refuses_what_the_check_refuses(change: dict[str, Any]) -> None:
    data = yaml.load((FOLDER / "illegal_collections.yaml").read_text("utf-8"), Loader=StrictLoader)

    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid({**data, **change})


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda checklist: checklist.id)
def test_the_three_languages_are_three(checklist: Checklist) -> None:
    same = [words for words in all_words(checklist.body()) if words["ru"] == words["en"] or words["kk"] == words["en"]]

    assert same == []


@pytest.mark.parametrize(
    ("language", "named"), [("ru", "нажмите «(.+?)»"), ("kk", "«([^«]+?)» түймесін"), ("en", 'press "(.+?)"')]
)
def test_a_button_that_a_text_names_is_called_so_on_the_phone(language: str, named: str) -> None:
    texts = [words[language] for checklist in CHECKLISTS for words in all_words(checklist.body())]
    buttons = {button for text in texts for button in re.findall(named, text)}

    assert buttons == {catalogue(language, "walk")["Stop"]}


def test_the_reference_is_whole_dated_and_marked() -> None:
    assert len(REFERENCE.citations) == 72
    assert len(REFERENCE.regions) == 20
    assert len(REFERENCE.terms) == 90
    for entry in [*REFERENCE.citations.values(), *REFERENCE.bodies.values(), *REFERENCE.regions.values()]:
        assert entry.as_of and entry.confidence in "ABCS"


def test_the_format_is_documented_key_by_key() -> None:
    text = (FOLDER / "FORMAT.md").read_text("utf-8")
    told = [*QuestionType, *Nature, *SCHEMA["properties"], *SCHEMA["$defs"]["question"]["properties"]]

    assert [word for word in told if f"`{word}`" not in text and f"`{word}:" not in text and word != "$schema"] == []
