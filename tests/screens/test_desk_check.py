"""Visits and the check: what is seen, what is decided, and that nothing typed is lost."""

from typing import Any

from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from fieldcheck.domain.safety import Signal
from fieldcheck.domain.visit import StopReason, VisitState
from fieldcheck.storage import database as store
from fieldcheck.storage import visit_queries
from fieldcheck.storage.tables import FindingRow, Visit
from fieldcheck.usecases import endings, review, safety
from fieldcheck.usecases.safety import SentSignal
from fieldcheck.usecases.sync import Place
from fieldcheck.usecases.work import look
from tests.screens.sitting import Chair, said
from tests.story import Story, new_id

SHEET = "illegal_collections"
TOLD = {
    "COL-05": "mandatory",
    "COL-04": "head",
    "COL-12": "no",
    "COL-15": "no",
    "COL-16": "They *all* pay ![](//x.test/y)",
}


def submitted(story: Story, sheet: str = SHEET, **answers: Any) -> str:
    visit = story.assign(sheet=sheet)
    story.walk(visit, sheet, answers={**TOLD, **answers} if sheet == SHEET else answers)
    story.submit(visit)
    return visit


def state(story: Story, visit: str) -> VisitState:
    with look(story.settings, story.actors["alice"]) as work:
        return review.check(work, visit).state


def ticks(page: AppTest, label: str) -> list[Any]:
    return [box for box in page.checkbox if box.label == label]


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


# The list


def test_what_waits_comes_first_and_the_rest_is_a_tap_away(chair: Chair, story: Story) -> None:
    submitted(story)
    story.assign(school="N2", who="dina")

    page = chair.sit(story.actors["alice"], "visits")
    first = said(page)
    page.segmented_control(key="heap").set_value("overdue").run()

    assert "School N1" in first and "School N2" not in first
    assert "School N2" in said(page)


def test_a_stopped_visit_tells_its_reason(chair: Chair, story: Story) -> None:
    visit = story.assign()
    with story.work("chelsea") as work:
        endings.stop(work, visit, new_id(), story.now, StopReason.ASKED_MONEY, "At the gate")

    page = chair.sit(story.actors["alice"], "visits")
    opened = chair.sit(story.actors["alice"], "check", visit=visit)

    assert "She was asked for money" in said(page)
    assert "At the gate" in said(opened)


def test_a_visit_is_called_off_with_a_reason(chair: Chair, story: Story) -> None:
    visit = story.assign()
    page = chair.sit(story.actors["alice"], "visits")
    assert button(page, "Call off").disabled

    page.text_input(key=f"why-{visit}").set_value("A storm").run()
    button(page, "Call off").click().run()

    assert state(story, visit) is VisitState.WITHDRAWN
    assert "The visit is called off." in said(page)


def test_sixty_visits_are_shown_in_pages(chair: Chair, story: Story) -> None:
    one = story.assign()
    with store.transaction(story.settings.database_url) as session:
        row = session.get(Visit, one)
        assert row is not None
        session.execute(insert(Visit), [row.model_dump() | {"id": f"copy-{n}"} for n in range(59)])

    page = chair.sit(story.actors["alice"], "visits")

    assert said(page).count("School N1") == 25
    assert "60" in page.segmented_control(key="heap").options[3]


def test_whoever_checks_turns_to_the_next_that_waits_by_one_key(chair: Chair, story: Story) -> None:
    first = submitted(story)
    story.later(hours=1)
    second = story.assign(sheet=SHEET, school="N2", who="dina")
    story.walk(second, SHEET, who="dina", answers=TOLD)
    story.submit(second, who="dina")

    page = chair.sit(story.actors["alice"], "check", visit=first)
    turns = {one.label: one for one in page.button if one.label in ("Previous one", "Next one")}

    assert "1 of 2" in said(page)
    assert turns["Previous one"].disabled and not turns["Next one"].disabled
    assert turns["Next one"].proto.shortcut == "j"
    assert button(page, "Accept the visit").proto.shortcut.lower() == "ctrl+enter"


# Looking


def test_the_check_says_who_when_where_and_what_the_rules_say(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "check", visit=submitted(story))
    words = said(page)

    assert [title.value for title in page.title] == ["School N1"]
    assert story.actors["chelsea"].code in words
    assert "V\\-COL\\-02" in words or "V-COL-02" in words
    assert "several fresh positions lie at the school" in words
    assert "Chelsea" not in words


def test_a_volunteers_words_are_text_and_never_formatting(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "check", visit=submitted(story))

    assert TOLD["COL-16"] in [text.value for text in page.text]
    assert not [one for one in page.markdown if "x.test" in one.value]


def test_photos_are_shown_by_their_own_locked_address(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "check", visit=submitted(story, "entrance_stands"))

    shown = [one.value for one in page.markdown if "/api/photos/" in one.value]
    assert shown
    assert all(one.startswith("[![Photo](/api/photos/") and one.endswith("/view)") for one in shown)


# Deciding


def test_accepting_needs_its_confirmations(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "check", visit=submitted(story))

    assert button(page, "Accept the visit").disabled


def test_accepting_releases_what_was_ticked_and_rewritten(chair: Chair, story: Story) -> None:
    visit = submitted(story, "entrance_stands", **{"ENT-22": "I wore a red coat"})
    page = chair.sit(story.actors["alice"], "check", visit=visit)
    box = ticks(page, "May be shown to the agency")[0].check()
    page.run()
    area = next(one for one in page.text_area if one.label.startswith("As the agency"))
    assert area.value == "I wore a red coat"
    area.set_value("The stand is on the left").run()
    for sure in [one for one in page.checkbox if "sure-" in str(one.key)]:
        sure.check()
    page.run()

    button(page, "Accept the visit").click().run()

    assert state(story, visit) is VisitState.ACCEPTED
    with store.transaction(story.settings.database_url, reading=True) as session:
        released = [photo.id for photo in visit_queries.photos(session, visit) if photo.released]
        texts = list(visit_queries.released_texts(session, visit).values())
    assert released == [str(box.key).removeprefix(f"release-{visit}-")]
    assert texts == ["The stand is on the left"]
    assert "Accepted." in said(page)


def test_ticking_another_photo_asks_for_the_confirmation_again(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "check", visit=submitted(story, "entrance_stands"))
    boxes = ticks(page, "May be shown to the agency")
    boxes[0].check()
    page.run()
    for sure in [one for one in page.checkbox if "sure-" in str(one.key)]:
        sure.check()
    page.run()
    ready = not button(page, "Accept the visit").disabled

    ticks(page, "May be shown to the agency")[1].check()
    page.run()

    assert ready
    assert button(page, "Accept the visit").disabled


def test_a_missing_reason_is_told_and_nothing_typed_is_lost(chair: Chair, story: Story) -> None:
    visit = submitted(story)
    page = chair.sit(story.actors["alice"], "check", visit=visit)
    ticks(page, "Send this question back")[0].check()
    ticks(page, "Send this question back")[1].check()
    page.run()
    reasons = [one for one in page.text_area if one.label == "Why, in words that help her"]
    reasons[1].set_value("Which amount was it?").run()

    button(page, "Send the visit back").click().run()

    assert "the reason is missing" in page.error[0].value
    kept = [one.value for one in page.text_area if one.label == "Why, in words that help her"]
    assert kept == ["", "Which amount was it?"]
    assert state(story, visit) is VisitState.SUBMITTED


def test_a_visit_is_sent_back_with_reasons(chair: Chair, story: Story) -> None:
    visit = submitted(story)
    page = chair.sit(story.actors["alice"], "check", visit=visit)
    ticks(page, "Send this question back")[0].check()
    page.run()
    next(one for one in page.text_area if one.label.startswith("Why, in")).set_value("Please look again").run()

    button(page, "Send the visit back").click().run()

    assert state(story, visit) is VisitState.RETURNED


def test_a_visit_is_set_aside_only_with_a_reason(chair: Chair, story: Story) -> None:
    visit = submitted(story)
    page = chair.sit(story.actors["alice"], "check", visit=visit)
    page.segmented_control[0].set_value("reject").run()

    button(page, "Set the visit aside").click().run()
    refused = page.error[0].value
    page.text_area(key=f"aside-{visit}").set_value("The wrong school").run()
    button(page, "Set the visit aside").click().run()

    assert "the reason is missing" in refused
    assert state(story, visit) is VisitState.REJECTED


def test_a_decision_that_somebody_else_took_meanwhile_is_told(chair: Chair, story: Story) -> None:
    visit = submitted(story)
    page = chair.sit(story.actors["alice"], "check", visit=visit)
    page.segmented_control[0].set_value("reject").run()
    page.text_area(key=f"aside-{visit}").set_value("The wrong school").run()
    with story.work("alice") as work:
        review.accept(work, visit, (), {})

    page.run()

    assert "This visit is accepted." in said(page)
    assert not [one for one in page.button if one.label == "Set the visit aside"]


def test_an_alarm_stands_first_and_leaves_the_list_when_somebody_wrote_down_what_came_of_it(
    chair: Chair, story: Story
) -> None:
    visit = story.assign()
    sent = SentSignal(new_id(), Signal.RECOGNISED, story.now, story.now, Place(no_place="off"))
    with story.work("chelsea") as work:
        safety.alarm(work, visit, sent)

    page = chair.sit(story.actors["alice"], "visits")
    assert "See to these first" in said(page)
    assert "She was recognised" in said(page)
    page.text_input(key=f"followed-alarm-{sent.id}").input("She is at home").run()
    page.button(key=f"follow-alarm-{sent.id}").click().run()

    assert not page.exception
    assert "See to these first" not in said(page)
    seen = chair.sit(story.actors["alice"], "check", visit=visit)
    assert "She is at home" in said(seen)


def test_an_original_is_opened_with_a_reason_for_one_look(chair: Chair, story: Story) -> None:
    visit = submitted(story)
    with story.work("alice") as work:
        review.accept(work, visit, (), {(story.sheets[SHEET].digest, "COL-16"): "Everybody pays."})
    page = chair.sit(story.actors["alice"], "check", visit=visit)
    before, place = said(page), f"{visit}-{story.sheets[SHEET].digest[:12]}-COL-16"
    page.button(key=f"once-{place}").click().run()
    without = said(page)
    page.text_input(key=f"why-{place}").set_value("the agency asks")
    page.button(key=f"once-{place}").click().run()
    opened = said(page)
    page.run()

    assert "Everybody pays." in before and TOLD["COL-16"] not in before
    assert "a reason of at most" in without and TOLD["COL-16"] not in without
    assert TOLD["COL-16"] in opened
    assert TOLD["COL-16"] not in said(page)


def test_five_hundred_findings_come_forty_at_a_time_the_gravest_first(chair: Chair, story: Story) -> None:
    visit = submitted(story)
    with store.transaction(story.settings.database_url) as session:
        row = visit_queries.findings(session, visit)[0].model_dump()
        grave = ["low"] * 499 + ["critical"]
        session.execute(
            insert(FindingRow),
            [row | {"id": f"f{n}", "code": f"X-{n:03}", "severity": severity} for n, severity in enumerate(grave)],
        )

    words = said(chair.sit(story.actors["alice"], "check", visit=visit))

    assert words.count("Would go to:") == 40
    assert words.index("X\\-499" if "X\\-499" in words else "X-499") < words.index(
        "X\\-000" if "X\\-000" in words else "X-000"
    )
