"""Ready to go out: consent, quiz and declaration, each season; refusals first."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from fieldcheck.domain.access import Role
from fieldcheck.domain.dispatch import Hindrance
from fieldcheck.domain.errors import Conflict, Forbidden, Invalid, NotFound
from fieldcheck.settings import Settings
from fieldcheck.storage import briefing_files, database
from fieldcheck.usecases import consent, dispatch, people, quiz
from fieldcheck.usecases.work import look
from tests.identity.people import done, rows, with_custodian
from tests.story import NORTH, Story

SHEET = "entrance_stands"


@pytest.fixture
def story(database: Settings) -> Story:
    return with_custodian(database)


def right_answers(story: Story) -> dict[str, str]:
    return {one.id: one.right for one in briefing_files.quiz(story.settings.checklists).questions}


def hindrances(story: Story, who: str = "chelsea") -> tuple[Hindrance, ...]:
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        found = dispatch.candidates(work, "N1", [story.sheets[SHEET].digest], story.now)
    return next(one.hindrances for one in found if one.id == story.actors[who].person_id)


def try_quiz(story: Story, answers: dict[str, str], who: str = "chelsea") -> quiz.Result:
    with story.work(who) as work:
        return quiz.take(work, quiz.current(work).digest, answers)


# The quiz


@pytest.mark.parametrize("who", ["alice", "bo", "dana", "ada", "kira"])
def test_nobody_but_a_volunteer_takes_the_quiz_or_consents(story: Story, who: str) -> None:
    for act in (quiz.current, consent.current, consent.withdraw):
        with story.work(who) as work, pytest.raises(Forbidden):
            act(work)


def test_an_outdated_quiz_is_not_marked(story: Story) -> None:
    with story.work("chelsea") as work, pytest.raises(Conflict, match=r"quiz\.changed"):
        quiz.take(work, "0" * 64, right_answers(story))


def test_an_unfinished_quiz_is_not_marked(story: Story) -> None:
    with pytest.raises(Invalid, match=r"quiz\.incomplete"):
        try_quiz(story, {})


def test_the_quiz_is_shown_without_its_answers(story: Story) -> None:
    with look(story.settings, story.actors["chelsea"], now=story.now) as work:
        shown = quiz.current(work)

    assert not [one for one in shown.questions if hasattr(one, "right") or hasattr(one, "explanation")]


def test_a_failed_try_is_explained_and_kept_and_another_may_follow(story: Story) -> None:
    answers = right_answers(story)
    wrong = {
        one.id: next(option for option in one.options if option != one.right)
        for one in briefing_files.quiz(story.settings.checklists).questions
    }

    failed = try_quiz(story, wrong)
    passed = try_quiz(story, answers)

    assert (failed.passed, failed.right, passed.passed, passed.right) == (False, 0, True, len(answers))
    assert all(one.explanation["kk"] for one in failed.explained)
    kept = rows(story, "select passed from quiz_taken where person_id = :p", p=story.actors["chelsea"].person_id)
    assert sorted(bool(row[0]) for row in kept) == [False, True, True]
    assert done(story, story.actors["chelsea"].person_id).count("quiz.take") == 3


def test_a_failed_try_does_not_take_a_pass_away(story: Story) -> None:
    answers = right_answers(story)
    try_quiz(story, dict.fromkeys(answers, "a"))

    assert Hindrance.NOT_BRIEFED not in hindrances(story)


# Dispatch


def test_somebody_new_is_sent_nowhere_until_she_is_ready(story: Story) -> None:
    with story.work("alice") as work:
        aisha = people.bring_in(work, Role.VOLUNTEER, NORTH, "Aisha")

    with story.work("alice") as work, pytest.raises(Conflict, match=r"visit\.may_not_go") as refused:
        dispatch.assign(
            work, "N1", aisha, [story.sheets[SHEET].digest], story.now, story.now + timedelta(days=1)
        )

    assert refused.value.details["reasons"] == ["no_consent", "not_briefed", "conflict_not_declared"]


def test_all_is_renewed_each_season_but_consent_which_lasts(story: Story) -> None:
    story.later(days=365, seconds=1)

    assert hindrances(story) == (Hindrance.OLD_CODE, Hindrance.NOT_BRIEFED, Hindrance.CONFLICT_NOT_DECLARED)
    try_quiz(story, right_answers(story))
    with story.work("alice") as work:
        people.confirm_conflicts(work, story.actors["chelsea"].person_id)
    assert hindrances(story) == (Hindrance.OLD_CODE,)  # all but the code, which only a new season gives


def test_conflicts_of_a_foreign_volunteer_are_not_hers_to_confirm(story: Story) -> None:
    with story.work("alice") as work, pytest.raises(NotFound, match=r"person\.not_found"):
        people.confirm_conflicts(work, story.actors["serik"].person_id)


def test_the_coordinator_sees_what_is_missing(story: Story) -> None:
    with story.work("chelsea") as work:
        consent.withdraw(work)

    with look(story.settings, story.actors["alice"], now=story.now) as work:
        ready = {one.id: one.readiness for one in people.people(work)}[story.actors["chelsea"].person_id]
    assert ready
    assert (ready.has_consented, ready.is_briefed, ready.has_declared) == (False, True, True)


# Consent


def test_another_version_than_the_one_in_force_is_not_agreed_to(story: Story) -> None:
    with story.work("chelsea") as work, pytest.raises(Conflict, match=r"consent\.changed"):
        consent.give(work, 999, "en")


def test_a_language_in_which_it_was_not_shown_is_refused(story: Story) -> None:
    with story.work("chelsea") as work, pytest.raises(Invalid, match=r"account\.language"):
        consent.give(work, consent.current(work).form.version, "fr")


def test_a_consent_is_kept_with_its_version_and_language_and_once(story: Story) -> None:
    with story.work("chelsea") as work:
        consent.give(work, consent.current(work).form.version, "kk")

    form = briefing_files.consent_form(story.settings.checklists)
    query = "select version, digest, language from consent where person_id = :p"
    assert rows(story, query, p=story.actors["chelsea"].person_id) == [(form.version, form.digest, "en")]


def test_a_withdrawn_consent_counts_no_more_and_can_be_given_again(story: Story) -> None:
    with story.work("chelsea") as work:
        consent.withdraw(work)
    without = hindrances(story)
    with story.work("chelsea") as work:
        assert consent.current(work).given_at is None
        consent.give(work, consent.current(work).form.version, "ru")

    assert without == (Hindrance.NO_CONSENT,)
    assert hindrances(story) == ()


def test_what_was_not_given_cannot_be_withdrawn(story: Story) -> None:
    with story.work("chelsea") as work:
        consent.withdraw(work)

    with story.work("chelsea") as work, pytest.raises(NotFound, match=r"consent\.not_given"):
        consent.withdraw(work)


def test_a_consent_to_an_older_version_does_not_count(story: Story) -> None:
    with database.transaction(story.settings.database_url) as session:
        session.execute(text("update consent set version = 0"))

    assert hindrances(story) == (Hindrance.NO_CONSENT,)
    with look(story.settings, story.actors["chelsea"], now=story.now) as work:
        assert consent.current(work).given_at is None
