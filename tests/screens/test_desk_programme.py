"""Assigning, people, schools and checklists at the desks of the coordinator and the administrator."""

import re
from typing import Any

from streamlit.testing.v1 import AppTest

from fieldcheck.usecases import people, schools, visits
from fieldcheck.usecases.work import look
from fieldcheck.web.school_file import NEEDED
from tests.screens.sitting import Chair, said
from tests.story import NORTH, Story

ROW = "N4,Школа № 4,№ 4 мектеп,591000000,Район,Аудан,private,ул. Новая,Жаңа көше"


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


# Assigning


def test_whoever_may_not_go_cannot_be_chosen_and_the_reason_is_said(chair: Chair, story: Story) -> None:
    with story.work("alice") as work:
        people.declare_conflict(work, story.actors["chelsea"].person_id, "own_school", "N1")

    page = chair.sit(story.actors["alice"], "assign", school="N1")

    (choice,) = page.radio
    assert list(choice.options) == [story.actors["dina"].code]
    assert "declared a conflict of interest with this school" in said(page)


def test_only_checklists_for_this_ownership_are_offered(chair: Chair, story: Story) -> None:
    state_school = chair.sit(story.actors["alice"], "assign", school="N1").multiselect[0].options
    private = chair.sit(story.actors["alice"], "assign", school="N3").multiselect[0].options

    assert len(private) < len(state_school)


def test_a_visit_is_assigned_and_handed_over_by_a_link_shown_once(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "assign", school="N1")
    page.multiselect[0].set_value([story.sheets["entrance_stands"].digest]).run()
    page.radio[0].set_value(story.actors["chelsea"].person_id).run()

    button(page, "Assign").click().run()
    button(page, "Make a sign-in link").click().run()

    with look(story.settings, story.actors["chelsea"]) as work:
        assert len(visits.mine(work)) == 1
    (link,) = [code.value for code in page.code]
    token = re.search(r"http://localhost:8501/join#t=(\S+)", link)
    assert token and people.redeem(story.settings, token[1], story.now).person_id == story.actors["chelsea"].person_id
    assert "School" not in link


def test_a_window_that_cannot_be_is_told_and_nothing_chosen_is_lost(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "assign", school="N1")
    page.multiselect[0].set_value([story.sheets["entrance_stands"].digest]).run()
    page.radio[0].set_value(story.actors["chelsea"].person_id).run()
    page.date_input(key="to-day").set_value(page.date_input(key="from-day").value.replace(year=2020)).run()

    button(page, "Assign").click().run()

    assert "the days are over" in page.error[0].value
    assert page.radio[0].value == story.actors["chelsea"].person_id
    assert page.multiselect[0].value == [story.sheets["entrance_stands"].digest]


# People


def test_a_volunteer_is_brought_in_and_gets_a_link(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "people")
    page.text_input(key="new-name").set_value("Aisha")

    button(page, "Bring in").click().run()

    assert "Aisha" in said(page)
    assert "/join#t=" in page.code[0].value
    button(page, "I have sent it").click().run()
    assert not page.code


def test_a_missing_name_is_told(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "people")

    button(page, "Bring in").click().run()

    assert "the name is missing" in page.error[0].value


def test_an_administrator_brings_in_a_coordinator_only_with_a_region(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["dana"], "people")
    page.selectbox(key="new-role").set_value("coordinator")
    page.text_input(key="new-name").set_value("Camila")
    button(page, "Bring in").click().run()
    refused = page.error[0].value

    page.selectbox(key="new-region").set_value(NORTH)
    button(page, "Bring in").click().run()

    assert "need a region" in refused
    assert "Camila" in said(page)
    assert "another administrator" in said(page) and "A link for" not in said(page)
    assert "Chelsea" not in said(page)


def test_a_conflict_is_written_down_without_details(chair: Chair, story: Story) -> None:
    chelsea = story.actors["chelsea"].person_id
    page = chair.sit(story.actors["alice"], "people")
    drawn_at_once = [one.key for one in page.selectbox]
    page.session_state[f"ties-{chelsea}"] = True
    page.run().selectbox(key=f"tie-{chelsea}").set_value("N1").run()

    page.button(key=f"declare-{chelsea}").click().run()

    assert "1 conflict of interest" in said(page)
    assert f"tie-{chelsea}" not in drawn_at_once, "a list of schools for each person is drawn when it is opened"


def test_participation_is_ended(chair: Chair, story: Story) -> None:
    dina = story.actors["dina"]
    page = chair.sit(story.actors["alice"], "people")

    page.button(key=f"end-{dina.person_id}").click().run()

    assert people.actor_by_account(story.settings, dina.person_id) is None
    assert "no longer takes part" in said(page)


# Schools


def send_file(chair: Chair, story: Story, *lines: str) -> AppTest:
    page = chair.sit(story.actors["dana"], "schools")
    data = "\n".join(lines).encode()
    return page.file_uploader[0].upload("schools.csv", data, "text/csv").run()


def test_every_mistake_of_a_file_is_told_at_once_with_its_line(chair: Chair, story: Story) -> None:
    heading = ",".join([*NEEDED, "lat", "lon", "colour"])

    page = send_file(
        chair,
        story,
        heading,
        f"{ROW},54.9,69.1,red",
        ROW.replace("private", "municipal") + ",,,",
        ROW.replace("N4", "N5").replace("591000000", "99") + ",54,,",
    )

    told = said(page)
    assert "The file has 3 mistakes" in told
    assert "Line 3: municipal is no form of ownership." in told
    assert "Line 4: 99 is no KATO code." in told
    assert "Line 4: the place 54, " in told
    assert "colour" in told
    with look(story.settings, story.actors["dana"]) as work:
        assert "N4" not in {school.id for school in schools.schools(work)}


def test_a_missing_column_is_named(chair: Chair, story: Story) -> None:
    page = send_file(chair, story, "school_id,name_ru", "N4,Школа")

    assert "the column “name_kk” is missing" in said(page)


def test_a_right_file_is_brought_in(chair: Chair, story: Story) -> None:
    page = send_file(chair, story, ",".join(NEEDED), ROW)

    button(page, "Bring these schools in").click().run()

    with look(story.settings, story.actors["dana"]) as work:
        school = schools.school(work, "N4")
    assert (school.region, school.district, school.name["kk"]) == (NORTH, "591000000", "№ 4 мектеп")
    assert "1 school was brought in." in said(page)


def test_a_coordinator_cannot_bring_schools_in(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "schools")

    assert not page.file_uploader
    assert "School N1" in str(page.dataframe[0].value)
    assert "School S1" not in str(page.dataframe[0].value)


# Checklists


def test_conditions_are_read_out_in_words(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "checklists")
    page.selectbox(key="sheet").set_value(story.sheets["illegal_collections"].digest).run()
    told = said(page).replace("\\", "")

    assert "Asked when COL-12 “Were tests or control assessments said to cost money?” is «Yes»." in told
    assert "V-COL-02" in told


# The volunteer's own


def test_a_volunteer_sees_her_own_visits_under_a_neutral_heading(chair: Chair, story: Story) -> None:
    story.assign()
    story.assign(school="N2", who="dina")

    page = chair.sit(story.actors["chelsea"], "my_visits")

    assert [title.value for title in page.title] == ["Notes"]
    assert "School N1" in said(page)
    assert "School N2" not in said(page)


def test_somebody_elses_visit_does_not_open(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["dina"], "my_visits", visit=story.assign())

    assert "there is no such visit" in page.error[0].value


def test_a_walk_opens_again_after_the_server_was_started_again(chair: Chair, story: Story) -> None:
    """Each page of these tests has a runtime of its own, as a server that was restarted has."""
    visit = story.assign()

    for _start in range(2):
        assert not chair.sit(story.actors["chelsea"], "my_visits", visit=visit).exception


# Planning several


def test_a_plan_is_drawn_looked_at_and_sent(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "plan")
    page.multiselect(key="plan-sheets").set_value([story.sheets["illegal_collections"].digest]).run()
    button(page, "Draw").click().run()

    # N3 is private: the checklist does not apply there.
    lines = [one for one in page.checkbox if str(one.key).startswith("line-")]
    assert {str(one.key).split("-")[1] for one in lines} == {"N1", "N2"}
    lines[0].uncheck().run()
    button(page, "Assign 1 visit").click().run()

    assert "1 visit is assigned" in said(page)


def test_a_plan_without_days_or_schools_says_what_to_do(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "plan", take="again")
    assert "No school is due for a second visit now" in said(page)

    page = chair.sit(story.actors["alice"], "plan", take="pick")
    page.multiselect(key="plan-sheets").set_value([story.sheets["entrance_stands"].digest]).run()
    page.multiselect(key="plan-schools").set_value(["N1"]).run()
    page.date_input(key="plan-to").set_value(page.date_input(key="plan-from").value.replace(year=2020)).run()

    assert "The last day is before the first one" in page.warning[0].value
