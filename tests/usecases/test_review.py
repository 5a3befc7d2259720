"""The coordinator's check: refusals first, then returning, mending, accepting and setting aside."""

from typing import Any

import pytest

from fieldcheck.domain.errors import Invalid, NotFound, NotNow
from fieldcheck.domain.geo import Presence
from fieldcheck.domain.register import CaseFilter
from fieldcheck.domain.visit import VisitState
from fieldcheck.storage import chain, database, visit_queries
from fieldcheck.usecases import evidence, register, review, visit_list, visits
from fieldcheck.usecases.review import AnswerView, CheckView
from fieldcheck.usecases.work import look
from tests.story import NOW, Story

SHEET = "illegal_collections"
TOLD = {"COL-05": "mandatory", "COL-04": "head", "COL-16": "«Все сдают по пять тысяч»", "COL-18": "heard"}
TOLD |= {"COL-12": "no", "COL-15": "no"}


def submitted(story: Story, sheet: str = SHEET, answers: dict[str, Any] | None = None) -> str:
    """Let Chelsea walk a checklist at N1 and hand it in; gives the visit."""
    visit = story.assign(sheet=sheet)
    story.walk(visit, sheet, answers=TOLD if answers is None and sheet == SHEET else answers)
    story.submit(visit)
    return visit


def seen(story: Story, visit: str, who: str = "alice") -> CheckView:
    """The visit as somebody checks it."""
    with look(story.settings, story.actors[who], now=story.now) as work:
        return review.check(work, visit)


def answer_to(view: CheckView, question: str) -> AnswerView:
    """One question of the check."""
    return next(answer for sheet in view.walks for answer in sheet.answers if answer.question.id == question)


def send_back(story: Story, visit: str, *reasons: tuple[str, str], sheet: str = SHEET) -> None:
    """Let Alice return questions with reasons."""
    with story.work("alice") as work:
        review.send_back(work, visit, [(story.sheets[sheet].digest, q, why) for q, why in reasons])


def accept(
    story: Story, visit: str, photos: tuple[str, ...] = (), texts: dict[tuple[str, str], str] | None = None
) -> int:
    """Let Alice accept; gives how many entries were opened."""
    with story.work("alice") as work:
        return review.accept(work, visit, photos, texts or {})


def state(story: Story, visit: str) -> VisitState:
    """Where the visit stands."""
    return seen(story, visit).state


# Looking


@pytest.mark.parametrize("what", ["foreign", "missing"])
def test_a_foreign_visit_and_a_missing_one_look_the_same(story: Story, what: str) -> None:
    visit = story.assign() if what == "foreign" else "nowhere"

    with pytest.raises(NotFound) as refused:
        seen(story, visit, "boris")

    assert refused.value.code == "visit.not_found"


def test_the_list_holds_the_regions_visits_only(story: Story) -> None:
    visit = story.assign()

    with look(story.settings, story.actors["alice"]) as work:
        mine = [line.id for line in visit_list.visits(work)]
    with look(story.settings, story.actors["boris"]) as work:
        theirs = visit_list.visits(work)

    assert mine == [visit]
    assert theirs == ()


def test_the_list_says_what_is_overdue_and_what_was_found(story: Story) -> None:
    submitted(story)
    late = story.assign(school="N2", who="dina")
    story.later(days=3)

    with look(story.settings, story.actors["alice"], now=story.now) as work:
        lines = {line.id: line for line in visit_list.visits(work)}

    assert lines[late].is_overdue
    assert [line.findings for line in lines.values() if line.state is VisitState.SUBMITTED] == [
        {"critical": 1, "high": 1}
    ]


def test_the_check_shows_answers_in_order_with_distance_and_verdict(story: Story) -> None:
    view = seen(story, submitted(story))

    quote = answer_to(view, "COL-16")
    assert quote.value == TOLD["COL-16"]
    assert quote.distance == pytest.approx(0, abs=1)
    assert view.verdict.presence is Presence.INSIDE
    assert [finding.code for finding in view.findings] == ["V-COL-02", "V-SAF-02"]
    assert any("63" in ground["ru"] for ground in view.findings[0].grounds)
    assert view.volunteer == story.actors["chelsea"].code


def test_earlier_versions_of_an_answer_are_counted(story: Story) -> None:
    visit = story.assign(sheet=SHEET)
    story.answer(visit, SHEET, "COL-01", "phone")
    story.later(seconds=20)
    story.answer(visit, SHEET, "COL-01", "in_person")

    view = seen(story, visit)

    assert (answer_to(view, "COL-01").value, answer_to(view, "COL-01").earlier) == ("in_person", 1)


def test_a_hint_at_an_offer_is_a_doubt_and_no_refusal(story: Story) -> None:
    view = seen(story, submitted(story, answers={**TOLD, "COL-16": "Я предложил помочь деньгами"}))

    assert ("may_have_offered", "COL-16") in {(doubt.code, doubt.question) for doubt in view.doubts}


# Sending back


def test_a_visit_is_not_returned_without_a_reason(story: Story) -> None:
    visit = submitted(story)

    with pytest.raises(Invalid) as nothing:
        send_back(story, visit)
    with pytest.raises(Invalid) as blank:
        send_back(story, visit, ("COL-05", "  "))
    with pytest.raises(Invalid) as endless:
        send_back(story, visit, ("COL-05", "x" * (review.LONGEST_REASON + 1)))

    assert nothing.value.code == "return.no_reason"
    assert blank.value.code == endless.value.code == "return.reason"
    assert state(story, visit) is VisitState.SUBMITTED


def test_a_question_that_was_not_asked_cannot_be_returned(story: Story) -> None:
    visit = submitted(story)

    with pytest.raises(NotFound) as unknown:
        send_back(story, visit, ("COL-99", "Look again"))
    with pytest.raises(NotFound) as other_sheet:
        send_back(story, visit, ("ENT-03", "Look again"), sheet="entrance_stands")

    assert unknown.value.code == other_sheet.value.code == "answer.unknown_question"


def test_a_visit_that_is_not_submitted_cannot_be_decided(story: Story) -> None:
    visit = story.assign(sheet=SHEET)

    with pytest.raises(NotNow):
        send_back(story, visit, ("COL-05", "Look again"))
    with pytest.raises(NotNow):
        accept(story, visit)
    with story.work("alice") as work, pytest.raises(NotNow):
        review.set_aside(work, visit, "No reason")


def test_a_foreign_coordinator_decides_nothing(story: Story) -> None:
    visit = submitted(story)

    for decide in (
        lambda work: review.send_back(work, visit, [("", "", "")]),
        lambda work: review.accept(work, visit, (), {}),
        lambda work: review.set_aside(work, visit, "Not mine"),
    ):
        with story.work("boris") as work, pytest.raises(NotFound) as refused:
            decide(work)
        assert refused.value.code == "visit.not_found"
    assert state(story, visit) is VisitState.SUBMITTED


def test_the_volunteer_sees_what_was_sent_back_and_mends_it(story: Story) -> None:
    visit = submitted(story)
    send_back(story, visit, ("COL-07", "Which amount was it?"))
    with look(story.settings, story.actors["chelsea"]) as work:
        returned = visits.one_of_mine(work, visit).visit.returned

    story.later(minutes=5)
    story.answer(visit, SHEET, "COL-07", 5000)
    story.submit(visit)

    mended = answer_to(seen(story, visit), "COL-07")
    assert [(one.question, one.reason) for one in returned] == [("COL-07", "Which amount was it?")]
    assert (mended.value, mended.returned, mended.mended) == (5000, ("Which amount was it?",), True)
    assert state(story, visit) is VisitState.SUBMITTED


def test_what_was_not_touched_stays_unmended(story: Story) -> None:
    visit = submitted(story)
    send_back(story, visit, ("COL-07", "Which amount?"), ("COL-05", "Sure?"))
    story.later(minutes=5)
    story.answer(visit, SHEET, "COL-07", 5000)
    story.submit(visit)

    view = seen(story, visit)

    assert answer_to(view, "COL-07").mended
    assert not answer_to(view, "COL-05").mended


# Accepting


def test_a_photo_of_another_visit_cannot_be_released(story: Story) -> None:
    visit = submitted(story)
    other = story.assign(school="N2", who="dina")
    photo = story.photo(other, "entrance_stands", "ENT-04", who="dina")

    with pytest.raises(NotFound) as refused:
        accept(story, visit, (photo,))

    assert refused.value.code == "photo.not_found"
    assert state(story, visit) is VisitState.SUBMITTED


def test_a_text_to_a_question_without_an_answer_cannot_be_released(story: Story) -> None:
    visit = submitted(story)

    with pytest.raises(NotFound) as refused:
        accept(story, visit, texts={(story.sheets[SHEET].digest, "COL-17"): "Made up"})

    assert refused.value.code == "answer.unknown_question"
    assert state(story, visit) is VisitState.SUBMITTED


def test_only_ticked_photos_reach_the_agency(story: Story) -> None:
    visit = story.assign(sheet="entrance_stands")
    story.walk(visit, "entrance_stands", answers={"ENT-05": "no"})
    story.submit(visit)
    photos = [p.id for sheet in seen(story, visit).walks for answer in sheet.answers for p in answer.photos]

    accept(story, visit, (photos[0],))

    with look(story.settings, story.actors["bo"]) as work:
        assert evidence.shown(work, photos[0], "thumb")
        for hidden in photos[1:]:
            with pytest.raises(NotFound):
                evidence.shown(work, hidden, "thumb")
    assert len(photos) > 1


def test_only_rewritten_texts_are_released_and_empty_ones_are_not(story: Story) -> None:
    visit = submitted(story, answers={**TOLD, "COL-22": "I wore a red coat"})
    digest = story.sheets[SHEET].digest

    accept(story, visit, texts={(digest, "COL-16"): " Everybody pays five thousand. ", (digest, "COL-22"): "  "})

    with database.transaction(story.settings.database_url, reading=True) as session:
        released = visit_queries.released_texts(session, visit)
    assert released == {(digest, "COL-16"): "Everybody pays five thousand."}


def test_accepting_opens_an_entry_for_each_finding_but_the_programmes_own(story: Story) -> None:
    opened = accept(story, submitted(story))

    with look(story.settings, story.actors["bo"], now=story.now) as work:
        page = register.entries(work, CaseFilter())
    assert opened == page.total == 1
    assert page.rows[0].code == "V-COL-02"


def test_an_accepted_visit_is_not_accepted_twice(story: Story) -> None:
    visit = submitted(story)
    accept(story, visit)

    with pytest.raises(NotNow) as refused:
        accept(story, visit)

    assert refused.value.code == "visit.not_now"


def test_decisions_are_recorded_by_whom_and_what(story: Story) -> None:
    visit = submitted(story)
    send_back(story, visit, ("COL-07", "Which amount was it?"))
    story.submit(visit)
    accept(story, visit)

    with database.transaction(story.settings.database_url, reading=True) as session:
        told = [(actor, action) for _at, actor, action, _body in chain.bodies(session, visit)]
    alice, chelsea = story.actors["alice"].code, story.actors["chelsea"].code
    assert told[-3:] == [(alice, "visit.return"), (chelsea, "visit.submit"), (alice, "visit.accept")]


# Setting aside


def test_setting_aside_needs_a_reason(story: Story) -> None:
    visit = submitted(story)

    with story.work("alice") as work, pytest.raises(Invalid) as refused:
        review.set_aside(work, visit, "  ")

    assert refused.value.code == "visit.reason_needed"
    assert state(story, visit) is VisitState.SUBMITTED


def test_nothing_of_a_visit_set_aside_enters_the_register(story: Story) -> None:
    visit = submitted(story)

    with story.work("alice") as work:
        review.set_aside(work, visit, "It was the wrong school")

    with look(story.settings, story.actors["bo"], now=NOW) as work:
        assert register.entries(work, CaseFilter()).total == 0
    view = seen(story, visit)
    assert (view.state, view.note) == (VisitState.REJECTED, "It was the wrong school")
