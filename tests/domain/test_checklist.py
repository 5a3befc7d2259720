"""A checklist is refused with every fault at once, each with its place and its remedy; a sound one has one name.

The checklist stands in `checklists.SOUND`; each test says which words of it are changed.
"""

from typing import Any

import pytest

from fieldcheck import words
from fieldcheck.domain.checklist import QuestionType, canonical_json, from_body, parse
from fieldcheck.domain.lint import Fault, Faults, faults_of
from fieldcheck.domain.lint.faults import WARNINGS, near
from tests.domain.checklists import REFERENCE, SOUND, changed, data, lobby

Q2 = "    visible_if: [{q: LOB-01, is: yes}]"
RULE1 = "  when: {q: LOB-01, is: no}"
RULE2 = "  when: [{q: LOB-03, gt: 0}, {school: ownership, is: kgu_state_institution}]"
NO_EXAMPLES = SOUND[: SOUND.index("examples:")]

# One of each fault: the change, the code, the place, and what the details must say.
ONE_OF_EACH: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("id: lobby", "id: Lobby", "checklist.id_malformed", "id", {"value": "Lobby"}),
    ("version: 1", "version: 0", "checklist.out_of_range", "version", {"low": 1}),
    ("version: 1", "version: true", "checklist.wrong_kind", "version", {"found": "bool"}),
    ("est_minutes: 5", "est_minute: 5", "checklist.unknown_key", "est_minute", {"near": "est_minutes"}),
    ("est_minutes: 5\n", "", "checklist.missing_key", ".", {"key": "est_minutes"}),
    ("status: reviewed", "status: ''", "checklist.unknown_value", "status", {"value": ""}),
    ("on_site_observation", "on_site_observaton", "checklist.unknown_value", "mode", {"near": "on_site_observation"}),
    ("[kgu_state_institution, private]", "[]", "checklist.too_few", "applies_to", {"least": 1}),
    (", kk: Вестибюль", "", "checklist.language_missing", "title", {"language": "kk"}),
    ("en: Lobby", "en: ' '", "checklist.word_empty", "title.en", {"language": "en"}),
    ("en: Lobby", "en: 'Lobby {n}'", "checklist.placeholder_differs", "title.en", {"found": "{n}", "expected": "-"}),
    ("en: Lobby", "en: Bribes", "checklist.word_accuses", "title.en", {"word": "Brib"}),
    ("ru: Вестибюль", "ru: Взятки", "checklist.word_accuses", "title.ru", {"word": "Взятк"}),
    ("en: Lobby", "en: Lobby, de: Halle", "checklist.unknown_key", "title.de", {"key": "de"}),
    ("ru: Правила", "ru: [1]", "checklist.wrong_kind", "questions[LOB-02].options[rules].ru", {"expected": "text"}),
    ("id: LOB-05", "id: LOB-04", "checklist.duplicate_id", "questions[LOB-04]", {"id": "LOB-04"}),
    ("code: V-LOB-02", "code: V-LOB-01", "checklist.duplicate_id", "rules[V-LOB-01]", {"id": "V-LOB-01"}),
    ("id: closing", "id: stand", "checklist.duplicate_id", "sections[stand]", {"id": "stand"}),
    ("id: rules,", "id: phone,", "checklist.duplicate_id", "questions[LOB-02].options[phone]", {"id": "phone"}),
    ("name: worst", "name: clean", "checklist.duplicate_id", "examples[clean]", {"id": "clean"}),
    ("id: LOB-05", "id: HAL-05", "checklist.prefix_differs", "questions[HAL-05].id", {"prefix": "LOB"}),
    ("type: quote", "type: qoute", "checklist.unknown_value", "questions[LOB-04].type", {"near": "quote"}),
    # conditions
    (Q2, Q2.replace("01", "1"), "checklist.question_unknown", "questions[LOB-02].visible_if[0].q", {"near": "LOB-01"}),
    (Q2, Q2.replace("01", "02"), "checklist.question_ahead", "questions[LOB-02].visible_if[0].q", {"id": "LOB-02"}),
    (
        Q2,
        Q2.replace("01, is: yes", "05, is: true"),
        "checklist.question_ahead",
        "questions[LOB-02].visible_if[0].q",
        {},
    ),
    (Q2, Q2.replace("yes", "yess"), "checklist.option_unknown", "questions[LOB-02].visible_if[0].is", {"near": "yes"}),
    (
        Q2,
        Q2.replace("yes", "true"),
        "checklist.option_unknown",
        "questions[LOB-02].visible_if[0].is",
        {"option": "True"},
    ),
    (RULE1, "  when: {q: LOB-02, is: phone}", "checklist.operator_unfit", "rules[V-LOB-01].when.is", {"type": "multi"}),
    (
        RULE1,
        "  when: {q: LOB-04, is: x}",
        "checklist.operator_unfit",
        "rules[V-LOB-01].when.is",
        {"fitting": "answered"},
    ),
    (
        RULE1,
        "  when: {q: LOB-02, contains_any: [phon]}",
        "checklist.option_unknown",
        "rules[V-LOB-01].when.contains_any[0]",
        {"near": "phone"},
    ),
    (RULE1, "  when: {q: LOB-02, contains_any: []}", "checklist.too_few", "rules[V-LOB-01].when.contains_any", {}),
    (RULE1, "  when: {q: LOB-03, gt: many}", "checklist.wrong_kind", "rules[V-LOB-01].when.gt", {"expected": "number"}),
    (RULE1, "  when: {q: LOB-01}", "checklist.operator_count", "rules[V-LOB-01].when", {"found": "-"}),
    (
        RULE1,
        "  when: {q: LOB-03, gt: 1, lt: 5}",
        "checklist.operator_count",
        "rules[V-LOB-01].when",
        {"found": "gt, lt"},
    ),
    (RULE1, "  when: {al: []}", "checklist.condition_malformed", "rules[V-LOB-01].when", {"near": "all"}),
    (RULE1, "  when: {any: []}", "checklist.too_few", "rules[V-LOB-01].when.any", {}),
    (RULE1, "  when: {all: {q: LOB-01, is: no}}", "checklist.wrong_kind", "rules[V-LOB-01].when.all", {}),
    (RULE1, "  when: maybe", "checklist.wrong_kind", "rules[V-LOB-01].when", {"expected": "condition"}),
    (
        RULE1,
        "  when: " + "{not: " * 12 + "{q: LOB-01, is: no}" + "}" * 12,
        "checklist.condition_too_deep",
        "rules[V-LOB-01].when" + ".not" * 11,
        {"deepest": 10},
    ),
    (
        RULE1,
        "  when: {school: owner, is: private}",
        "checklist.unknown_value",
        "rules[V-LOB-01].when.school",
        {"near": "ownership"},
    ),
    (
        RULE1,
        "  when: {school: ownership, is: privat}",
        "checklist.unknown_value",
        "rules[V-LOB-01].when.is",
        {"near": "private"},
    ),
    (RULE1, "  when: {school: order_on_file, is: yes}", "checklist.wrong_kind", "rules[V-LOB-01].when.is", {}),
    # what can never be
    (
        RULE1,
        "  when: [{q: LOB-01, is: yes}, {q: LOB-01, is: no}]",
        "checklist.rule_never_fires",
        "rules[V-LOB-01].when",
        {"questions": "LOB-01"},
    ),
    (
        RULE1,
        "  when: [{q: LOB-01, is: no}, {q: LOB-02, contains_any: [phone]}]",
        "checklist.rule_never_fires",
        "rules[V-LOB-01].when",
        {"questions": "LOB-01, LOB-02"},
    ),
    (
        RULE1,
        "  when: [{q: LOB-02, contains_any: [none]}, {q: LOB-02, contains_any: [phone]}]",
        "checklist.rule_never_fires",
        "rules[V-LOB-01].when",
        {},
    ),
    (RULE1, "  when: {q: LOB-03, gt: 5000}", "checklist.rule_never_fires", "rules[V-LOB-01].when", {}),
    (RULE1, "  when: {q: LOB-01, answered: false}", "checklist.rule_never_fires", "rules[V-LOB-01].when", {}),
    (
        RULE1,
        "  when: [{q: LOB-01, is: no}, {school: ownership, is: kgp_phv_state_enterprise}]",
        "checklist.rule_never_fires",
        "rules[V-LOB-01].when",
        {},
    ),
    (
        Q2,
        "    visible_if: [{q: LOB-01, is: yes}, {q: LOB-01, is: na}]",
        "checklist.question_never_shown",
        "questions[LOB-02].visible_if",
        {"questions": "LOB-01"},
    ),
    # rules
    (
        "nature: indicator",
        "nature: programme_breach",
        "checklist.programme_unguarded",
        "rules[V-LOB-01].when",
        {"code": "V-LOB-01"},
    ),
    (
        "[LAW-1, LAW-2]",
        "[LAW-1, LAW2]",
        "checklist.citation_unknown",
        "rules[V-LOB-02].legal_basis[1]",
        {"near": "LAW-2"},
    ),
    ("[LAW-1, LAW-2]", "[]", "checklist.citation_missing", "rules[V-LOB-02].legal_basis", {"nature": "legal_breach"}),
    ("[LAW-1, LAW-2]", "[LAW-3]", "checklist.citation_recalled", "rules[V-LOB-02].legal_basis", {"ids": "LAW-3"}),
    ("[LAW-1, LAW-2]", "[LAW-3, ORDER-9]", "checklist.citation_recalled", "rules[V-LOB-02].legal_basis", {}),
    ("basis: LAW-1", "basis: LAW-8", "checklist.citation_unknown", "rules[V-LOB-02].deadline.basis", {"near": "LAW-3"}),
    (
        "[{quote: LOB-04}]\n",
        "[{quote: LOB-04}]\n  escalate_to: SCHOL\n",
        "checklist.body_unknown",
        "rules[V-LOB-02].escalate_to",
        {"near": "SCHOOL"},
    ),
    (
        "[{quote: LOB-04}]\n",
        "[{quote: LOB-03}]\n",
        "checklist.evidence_unfit",
        "rules[V-LOB-02].min_evidence[0].quote",
        {},
    ),
    (
        "[{quote: LOB-04}]\n",
        "[{photo: LOB-04}]\n",
        "checklist.evidence_unfit",
        "rules[V-LOB-02].min_evidence[0].photo",
        {},
    ),
    ("[{quote: LOB-04}]\n", "[quote LOB-04]\n", "checklist.evidence_malformed", "rules[V-LOB-02].min_evidence[0]", {}),
    (
        "[{quote: LOB-04}]\n",
        "[{quote: LOB-4}]\n",
        "checklist.question_unknown",
        "rules[V-LOB-02].min_evidence[0].quote",
        {"near": "LOB-04"},
    ),
    (
        "[{quote: LOB-04}]\n",
        "[{photo: LOB-01, min: many}]\n",
        "checklist.evidence_malformed",
        "rules[V-LOB-02].min_evidence[0].min",
        {},
    ),
    (
        "[{quote: LOB-04}]\n",
        "[{answer: LOB-01, in: yes}]\n",
        "checklist.evidence_malformed",
        "rules[V-LOB-02].min_evidence[0].in",
        {},
    ),
    (
        "[{quote: LOB-04}]\n",
        "[{answer: LOB-01, in: [yep]}]\n",
        "checklist.option_unknown",
        "rules[V-LOB-02].min_evidence[0].in",
        {"near": "yes"},
    ),
    (
        "unit: working_days, basis: LAW-1",
        "unit: weeks, basis: LAW-1",
        "checklist.unknown_value",
        "rules[V-LOB-02].deadline.unit",
        {},
    ),
    # types
    (
        "    min: 0\n    max: 5000",
        "    min: 9000\n    max: 5000",
        "checklist.bounds_reversed",
        "questions[LOB-03].min",
        {"min": 9000},
    ),
    ("    min: 0\n", "    min: -5\n", "checklist.money_bound", "questions[LOB-03].min", {}),
    ("unit: KZT", "unit: USD", "checklist.money_unit", "questions[LOB-03].unit", {"value": "USD"}),
    ("    unit: KZT\n", "", "checklist.missing_key", "questions[LOB-03]", {"key": "unit"}),
    (
        "    unit: KZT\n",
        "    unit: KZT\n    max_length: 5\n",
        "checklist.key_unfit",
        "questions[LOB-03].max_length",
        {},
    ),
    ("max_length: 100", "max_length: 3000", "checklist.out_of_range", "questions[LOB-04].max_length", {"high": 2000}),
    (
        "    type: statement\n",
        "    type: statement\n    required: false\n",
        "checklist.statement_optional",
        "questions[LOB-05].required",
        {},
    ),
    ("    type: statement\n", "    type: info\n", "checklist.missing_key", "questions[LOB-05]", {"key": "help"}),
    (
        "    type: statement\n",
        "    type: photo\n    required: false\n    photo: {min: 1, max: 2, subject: {ru: a, kk: b, en: c}}\n",
        "checklist.photo_optional_min",
        "questions[LOB-05].photo.min",
        {},
    ),
    (
        "when: [yes]}",
        "when: [yup]}",
        "checklist.option_unknown",
        "questions[LOB-01].photo.when[0]",
        {"allowed": "yes, no, na"},
    ),
    ("{min: 1, max: 2,", "{raw: sealed, min: 1, max: 2,", "checklist.unknown_key", "questions[LOB-01].photo.raw", {}),
    ("{min: 1, max: 2,", "{min: 3, max: 2,", "checklist.bounds_reversed", "questions[LOB-01].photo.min", {}),
    (
        "    required: false\n    text: {ru: Дословно",
        "    required: true\n    required_if: [{q: LOB-01, is: no}]\n    text: {ru: Дословно",
        "checklist.required_twice",
        "questions[LOB-04].required_if",
        {"id": "LOB-04"},
    ),
    # examples
    (
        "LOB-03: 600",
        "LOB-03: 6000",
        "checklist.example_answer",
        "examples[worst].answers.LOB-03",
        {"reason": "answer.out_of_bounds"},
    ),
    ("LOB-03: 600", "LOB-3: 600", "checklist.example_answer", "examples[worst].answers.LOB-3", {"near": "LOB-03"}),
    (
        "LOB-03: 600",
        "LOB-02: [phone]",
        "checklist.example_answer",
        "examples[worst].answers.LOB-02",
        {"reason": "answer.hidden_question"},
    ),
    ("photos: {LOB-01: 1}", "photos: {LOB-02: 1}", "checklist.example_photo", "examples[clean].photos.LOB-02", {}),
    ("photos: {LOB-01: 1}", "photos: {LOB-01: 9}", "checklist.out_of_range", "examples[clean].photos.LOB-01", {}),
    (
        "photos: {LOB-01: 1}",
        "photos: {}",
        "checklist.example_incomplete",
        "examples[clean].answers",
        {"missing": "LOB-01 (photo)"},
    ),
    ("expect: []", "expect: [V-LOB-1]", "checklist.code_unknown", "examples[clean].expect[0]", {"near": "V-LOB-01"}),
    (
        "[V-LOB-01, V-LOB-02]",
        "[V-LOB-02]",
        "checklist.example_findings",
        "examples[worst].expect",
        {"unexpected": "V-LOB-01", "absent": "-"},
    ),
    (
        "expect: []",
        "expect: [V-LOB-01]",
        "checklist.example_findings",
        "examples[clean].expect",
        {"absent": "V-LOB-01"},
    ),
    (
        "ownership: kgu_state_institution, region",
        "owner: kgu_state_institution, region",
        "checklist.unknown_key",
        "examples[worst].school.owner",
        {"near": "ownership"},
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "code", "path", "details"), ONE_OF_EACH, ids=[f"{n}-{row[2]}" for n, row in enumerate(ONE_OF_EACH)]
)
def test_each_fault_is_named_with_its_place_and_its_near_miss(
    old: str, new: str, code: str, path: str, details: dict[str, Any]
) -> None:
    broken = changed((old, new))

    found = [fault for fault in faults_of(broken, REFERENCE) if fault.code == code]

    assert path in [fault.path for fault in found], faults_of(broken, REFERENCE)
    fault = next(fault for fault in found if fault.path == path)
    assert {key: fault.details.get(key) for key in details} == details


def test_all_faults_are_told_at_once() -> None:
    broken = changed(
        ("version: 1", "version: 0"),
        (", kk: Вестибюль", ""),
        (Q2, Q2.replace("yes", "yess")),
        ("[LAW-1, LAW-2]", "[LAW-7]"),
        ("unit: KZT", "unit: USD"),
        ("responsible_body: SCHOOL\n  deadline: {value: 10", "responsible_body: SHCOOL\n  deadline: {value: 10"),
    )

    with pytest.raises(Faults) as refused:
        parse(broken, REFERENCE)

    assert {fault.code for fault in refused.value.faults} == {
        "checklist.out_of_range",
        "checklist.language_missing",
        "checklist.option_unknown",
        "checklist.citation_unknown",
        "checklist.money_unit",
        "checklist.body_unknown",
    }


NONSENSE: list[Any] = [
    None,
    [],
    "text",
    5,
    {},
    {"sections": 5},
    {"sections": [5]},
    {"sections": [{"questions": [{"id": 5}]}]},
    {"sections": [{"questions": [{"id": "LOB-01", "type": "single", "options": [5], "photo": 5, "visible_if": 5}]}]},
    {"rules": [{"code": 5, "when": 5, "min_evidence": 5, "deadline": 5}]},
    {"rules": [None], "examples": [None]},
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=[str(n) for n in range(len(NONSENSE))])
def test_nonsense_is_refused_and_never_crashes(nonsense: Any) -> None:
    with pytest.raises(Faults):
        parse(nonsense, REFERENCE)


def test_a_fault_is_told_once() -> None:
    found = faults_of(changed((Q2, Q2.replace("yes", "yess"))), REFERENCE)

    assert [fault.code for fault in found] == ["checklist.option_unknown"]


def test_a_recalled_norm_beside_a_read_one_is_a_warning_that_stops_nothing() -> None:
    doubtful = changed(("[LAW-1, LAW-2]", "[LAW-1, LAW-3]"))

    found = faults_of(doubtful, REFERENCE)

    assert [(fault.code, fault.warning) for fault in found] == [("checklist.citation_recalled_among", True)]
    assert parse(doubtful, REFERENCE).id == "lobby"


def test_a_rule_that_no_example_shows_is_a_warning() -> None:
    found = faults_of(data(NO_EXAMPLES), REFERENCE)

    assert [fault.code for fault in found] == ["checklist.rule_unexampled"] * 2


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_fault_has_a_sentence_in_every_language(language: str) -> None:
    words.use(language)
    codes = {row[2] for row in ONE_OF_EACH} | WARNINGS | {"checklist.faulty"}

    silent = [code for code in sorted(codes) if words.sentence(code) == code or "({code})" in words.sentence(code)]

    words.use("ru")
    assert silent == []


def test_a_near_miss_is_found_whatever_its_case() -> None:
    assert near("col_16", ["COL-15", "COL-16"]) == "COL-16"
    assert near("elephant", ["COL-15"]) == ""
    assert near(5, ["COL-15"]) == ""


def test_a_fault_says_which_file_it_stands_in() -> None:
    assert Fault("checklist.empty", "id").within("lobby.yaml").file == "lobby.yaml"


def test_a_sound_checklist_is_read_with_its_defaults() -> None:
    checklist = lobby()

    by_id = checklist.by_id
    assert [question.id for question in checklist.questions] == [f"LOB-0{n}" for n in range(1, 6)]
    assert by_id["LOB-01"].required and not by_id["LOB-03"].required
    assert by_id["LOB-05"].type is QuestionType.STATEMENT and by_id["LOB-05"].must_equal is True
    photo = by_id["LOB-01"].photo
    assert photo is not None and photo.when == ("yes",) and "faces" in photo.forbidden
    assert by_id["LOB-02"].exclusive_ids == {"none"}
    assert [example.name for example in checklist.examples] == ["clean", "worst"]


def test_the_body_gives_back_the_same_checklist_under_the_same_digest() -> None:
    checklist = lobby()

    again = from_body(checklist.body())

    assert again == checklist
    assert again.digest == checklist.digest and len(again.digest) == 64
    assert from_body(again.body()).digest == checklist.digest


def test_what_a_file_leaves_unsaid_does_not_change_the_digest() -> None:
    every = "forbidden: [faces, children, guards, turnstiles, cameras, floor_plans, personal_numbers]"

    said = lobby(("when: [yes]}", f"when: [yes], {every}}}"))

    assert said.digest == lobby().digest


def test_a_new_example_makes_no_new_version_and_a_new_word_does() -> None:
    assert parse(data(NO_EXAMPLES), REFERENCE).digest == lobby().digest
    assert lobby(("en: Lobby", "en: Hall")).digest != lobby().digest


def test_a_body_keeps_what_this_version_of_the_code_does_not_know() -> None:
    body = {**lobby().body(), "from_the_future": 1}

    checklist = from_body(body)

    assert checklist.body() == body
    assert checklist.digest != lobby().digest


def test_changing_a_body_that_was_given_out_changes_nothing() -> None:
    checklist = lobby()

    checklist.body()["id"] = "other"

    assert checklist.body()["id"] == "lobby"


def test_canonical_json_has_one_form_and_no_nan() -> None:
    assert canonical_json({"б": 1, "a": [True, None]}) == '{"a":[true,null],"б":1}'.encode()
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))
