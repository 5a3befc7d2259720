"""What a visit's answers are a sign of, and which evidence is not there yet."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldcheck.domain.checklist import Nature, Severity
from fieldcheck.domain.findings import evidence_questions, judge
from tests.domain.checklists import lobby

STATE = {"ownership": "kgu_state_institution", "region": "710000000", "order_on_file": False}
PRIVATE = {**STATE, "ownership": "private"}
CALMLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def codes(answers: dict[str, Any], school: dict[str, Any] | None = STATE) -> list[str]:
    return [finding.code for finding in judge(lobby(), answers, {}, school)]


def test_a_private_school_does_not_breach_a_norm_that_binds_state_schools() -> None:
    assert codes({"LOB-03": 600}, PRIVATE) == []
    assert codes({"LOB-03": 600}, STATE) == ["V-LOB-02"]


def test_an_unknown_school_is_not_judged_by_its_ownership() -> None:
    assert codes({"LOB-03": 600}, None) == []


def test_no_answers_give_no_findings() -> None:
    assert codes({}) == []


def test_the_answer_to_a_hidden_question_gives_no_finding() -> None:
    checklist = lobby(
        ("  when: {q: LOB-01, is: no}", "  when: {q: LOB-02, contains_any: [none]}"),
        ("[V-LOB-01, V-LOB-02]", "[V-LOB-02]"),
    )

    shown = judge(checklist, {"LOB-01": "yes", "LOB-02": ["none"]}, {}, STATE)
    hidden = judge(checklist, {"LOB-01": "na", "LOB-02": ["none"]}, {}, STATE)

    assert [finding.code for finding in shown] == ["V-LOB-01"]
    assert hidden == ()


def test_a_finding_carries_what_is_needed_to_send_it_on() -> None:
    (finding,) = judge(lobby(), {"LOB-03": 600, "LOB-04": "По шестьсот"}, {}, STATE)

    assert finding.code == "V-LOB-02"
    assert finding.severity is Severity.HIGH and finding.nature is Nature.LEGAL_BREACH
    assert finding.legal_basis == ("LAW-1", "LAW-2") and finding.responsible_body == "SCHOOL"
    assert (finding.deadline.value, finding.deadline.unit, finding.deadline.basis) == (15, "working_days", "LAW-1")
    assert finding.title["kk"] == "Ақша сұрайды"
    assert finding.question_ids == ("LOB-03", "LOB-04")


def test_evidence_that_is_not_there_is_named_and_stops_nothing() -> None:
    bare = judge(lobby(), {"LOB-01": "no", "LOB-03": 600}, {}, STATE)

    assert [finding.evidence_missing for finding in bare] == [("photo:LOB-01|quote:LOB-04",), ("quote:LOB-04",)]


def test_either_evidence_of_two_is_enough() -> None:
    with_photo = judge(lobby(), {"LOB-01": "no"}, {"LOB-01": 1}, STATE)
    with_quote = judge(lobby(), {"LOB-01": "no", "LOB-04": "Нет его"}, {}, STATE)

    assert with_photo[0].evidence_missing == ()
    assert with_quote[0].evidence_missing == ()


def test_evidence_may_be_an_answer_of_a_certain_kind() -> None:
    checklist = lobby(("[{quote: LOB-04}]\n", "[{answer: LOB-01, in: [no]}, {answer: LOB-04}]\n"))

    (finding,) = judge(checklist, {"LOB-01": "yes", "LOB-03": 5}, {}, STATE)

    assert finding.evidence_missing == ("answer:LOB-01", "answer:LOB-04")


def test_more_photos_may_be_needed_than_one() -> None:
    checklist = lobby(("[{quote: LOB-04}]\n", "[{photo: LOB-01, min: 2}]\n"))

    one = judge(checklist, {"LOB-03": 5}, {"LOB-01": 1}, STATE)
    two = judge(checklist, {"LOB-03": 5}, {"LOB-01": 2}, STATE)

    assert one[0].evidence_missing == ("photo:LOB-01",)
    assert two[0].evidence_missing == ()


def test_the_questions_of_evidence_are_found_inside_any() -> None:
    needs = [{"any": [{"photo": "A"}, {"quote": "B"}]}, {"answer": "A"}]

    assert evidence_questions(needs) == ("A", "B")


@CALMLY
@given(st.lists(st.sampled_from(["phone", "rules", "none"])), st.booleans())
def test_hiding_a_question_removes_its_influence(kept: list[str], state: bool) -> None:
    school = STATE if state else PRIVATE

    assert judge(lobby(), {"LOB-01": "no", "LOB-02": kept}, {}, school) == judge(lobby(), {"LOB-01": "no"}, {}, school)
