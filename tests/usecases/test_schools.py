"""The programme's ground: refusals first, then schools, regions, bodies and campaigns."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fieldcheck.domain.access import Action
from fieldcheck.domain.errors import Invalid, NotFound
from fieldcheck.domain.geo import Point
from fieldcheck.settings import ZONE, Settings
from fieldcheck.storage import chain, database
from fieldcheck.usecases import reports, review, school_list, schools
from fieldcheck.usecases.school_list import Which
from fieldcheck.usecases.schools import SchoolForm
from fieldcheck.usecases.work import look
from tests.story import NORTH, NOW, SOUTH, Story, words

FORM = SchoolForm(
    id="N4",
    region=NORTH,
    district="N-district",
    district_name=words("N district"),
    name=words("School N4"),
    address=words("N4 street"),
    ownership="private",
    point=Point(54.9, 69.1),
    pupils=120,
)


def put(story: Story, *forms: SchoolForm) -> int:
    """Let Dana write schools down."""
    with story.work("dana") as work:
        return schools.put_schools(work, forms)


def listed(story: Story, who: str) -> set[str]:
    """The ids of the schools that somebody sees."""
    with look(story.settings, story.actors[who]) as work:
        return {school.id for school in schools.schools(work)}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"region": "990000000"}, "school.region"),
        ({"ownership": "municipal"}, "school.ownership"),
        ({"point": Point(91.0, 69.0)}, "school.point"),
        ({"point": Point(54.0, -181.0)}, "school.point"),
        ({"pupils": -1}, "school.pupils"),
        ({"name": {"ru": "Школа", "kk": " "}}, "school.words"),
        ({"address": {"ru": "улица"}}, "school.words"),
        ({"district_name": {}}, "school.words"),
    ],
)
def test_a_school_with_a_fault_is_refused_and_named(story: Story, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        put(story, replace(FORM, **wrong))

    assert refused.value.code == code
    assert refused.value.details["school"] == "N4"


def test_one_wrong_school_keeps_all_of_them_out(story: Story) -> None:
    with pytest.raises(Invalid):
        put(story, FORM, replace(FORM, id="N5", ownership="municipal"))

    assert "N4" not in listed(story, "dana")


def test_a_school_of_another_region_looks_like_none(story: Story) -> None:
    with look(story.settings, story.actors["alice"]) as work:
        with pytest.raises(NotFound) as foreign:
            schools.school(work, "S1")
        with pytest.raises(NotFound) as missing:
            schools.school(work, "nowhere")

    assert foreign.value.code == missing.value.code == "school.not_found"
    assert listed(story, "alice") == {"N1", "N2", "N3"}
    assert listed(story, "boris") == {"S1"}


def test_a_school_that_is_there_is_corrected(story: Story) -> None:
    put(story, FORM)

    count = put(story, replace(FORM, pupils=130))

    with look(story.settings, story.actors["dana"]) as work:
        assert schools.school(work, "N4").pupils == 130
    assert count == 1


def test_accepted_visits_are_counted_for_coverage(story: Story) -> None:
    story.assign(school="N2", who="dina")
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    with story.work("alice") as work:
        review.accept(work, visit, [], {})

    with look(story.settings, story.actors["alice"]) as work:
        counted = {school.id: school.visits for school in schools.schools(work)}

    assert counted == {"N1": 1, "N2": 0, "N3": 0}



def test_whoever_does_not_coordinate_a_region_counts_its_visits_by_past_weeks(story: Story) -> None:
    """A count that grows as a visit is accepted would name its school and its hour."""
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    with story.work("alice") as work:
        review.accept(work, visit, [], {})
    story.assign(school="N2", who="dina")
    held = replace(story.settings, release=replace(story.settings.release, after=timedelta(hours=24)))
    told = datetime(2026, 9, 22, tzinfo=ZONE)

    def counted(who: str, now: datetime) -> tuple[int, ...]:
        with look(held, story.actors[who], now=now) as work:
            figures = school_list.figures(work)
            rows, unvisited = school_list.page(work).rows, school_list.page(work, Which.UNVISITED)
            points, listed = reports.school_points(work), schools.schools(work)
        sums = [sum(one.visits for one in listed), sum(one.visits for one in rows), sum(one.count for one in points)]
        return (figures.visited, figures.visits, *sums, figures.schools - unvisited.total)

    assert counted("dana", told - timedelta(seconds=1)) == (0,) * 6
    assert counted("dana", told) == (1,) * 6
    assert counted("alice", story.now) == (1,) * 6


def test_until_when_visits_are_counted_is_said_to_whom_it_concerns(story: Story) -> None:
    held = replace(story.settings, release=replace(story.settings.release, after=timedelta(hours=24)))

    def until(settings: Settings, who: str) -> datetime | None:
        with look(settings, story.actors[who], now=datetime(2026, 9, 17, tzinfo=ZONE)) as work:
            return school_list.figures(work).until

    assert until(held, "dana") == datetime(2026, 9, 14, tzinfo=ZONE)
    assert until(held, "alice") is None
    assert until(story.settings, "dana") is None  # without a delay all are counted


def test_only_a_districts_schools_are_listed_on_request(story: Story) -> None:
    put(story, replace(FORM, district="far"))

    with look(story.settings, story.actors["dana"]) as work:
        assert [school.id for school in schools.schools(work, "far")] == ["N4"]


def test_a_page_of_the_list_is_read_alone_and_one_beyond_the_last_is_the_last(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(school_list, "ROWS", 2)
    put(story, replace(FORM, id="N4", name=words("Lyceum")), replace(FORM, id="N5"))

    with look(story.settings, story.actors["alice"]) as work:
        first, last = school_list.page(work), school_list.page(work, page=99)
        found = school_list.page(work, sought="лицей")
        by_kazakh_word = school_list.page(work, sought="LYCEUM ҚК")

    assert (len(first.rows), first.total, first.pages) == (2, 5, 3)
    assert len(last.rows) == 1 and last.rows[0].id not in {school.id for school in first.rows}
    assert (found.rows, found.total) == ((), 0)
    assert [school.id for school in by_kazakh_word.rows] == ["N4"]


def test_the_list_is_narrowed_to_an_area_to_the_unvisited_and_to_those_without_a_point(story: Story) -> None:
    put(story, replace(FORM, district="far", point=None))
    visit = story.assign()
    story.walk(visit)
    story.submit(visit)
    with story.work("alice") as work:
        review.accept(work, visit, [], {})

    with look(story.settings, story.actors["alice"]) as work:
        counted = school_list.figures(work)
        listed = {
            name: {school.id for school in school_list.page(work, which, area).rows}
            for name, which, area in (
                ("far", Which.ALL, (NORTH, "far")),
                ("unvisited", Which.UNVISITED, ()),
                ("pointless", Which.POINTLESS, (NORTH,)),
                ("abroad", Which.ALL, (SOUTH,)),
            )
        }
        districts = {one.id for one in school_list.districts(work, NORTH)}
        abroad = school_list.districts(work, SOUTH)

    assert (counted.schools, counted.visited, counted.visits) == (4, 1, 1), "not those of another region"
    assert listed["far"] == {"N4"} and listed["pointless"] >= {"N4"} and listed["abroad"] == set()
    assert listed["unvisited"] == {"N2", "N3", "N4"}
    assert "far" in districts and abroad == ()


def test_whoever_lists_schools_sees_those_within_reach_on_the_map(story: Story) -> None:
    everywhere = {point.school["en"] for point in _points(story, "dana")}

    assert _points(story, "alice") and {point.school["en"] for point in _points(story, "alice")} < everywhere


def _points(story: Story, who: str) -> tuple[reports.MapPoint, ...]:
    with look(story.settings, story.actors[who]) as work:
        return reports.school_points(work)


def test_bringing_schools_in_is_recorded_once(story: Story) -> None:
    put(story, FORM, replace(FORM, id="N5"))

    with database.transaction(story.settings.database_url, reading=True) as session:
        _at, actor, action, body = chain.bodies(session, "schools")[-1]
    assert (actor, action) == ("A-0001", Action.SCHOOL_WRITE.value)
    assert body["count"] == 2


@pytest.mark.parametrize("lacking", ["ru", "kk", "en"])
def test_a_region_is_named_in_three_languages(story: Story, lacking: str) -> None:
    with story.work("dana") as work, pytest.raises(Invalid) as refused:
        schools.put_region(work, SOUTH, "KZ-61", {**words("South"), lacking: " "}, Point(43.0, 68.0))

    assert refused.value.code == "region.name"


def test_a_body_is_named_in_three_languages(story: Story) -> None:
    with story.work("dana") as work, pytest.raises(Invalid) as refused:
        schools.put_body(work, "NEW", {"en": "New"})

    assert refused.value.code == "body.name"


def test_a_body_shows_only_while_it_is_valid(story: Story) -> None:
    with story.work("dana") as work:
        schools.put_body(work, "GONE", words("Gone"), valid_to=NOW - timedelta(days=1))
        schools.put_body(work, "SOON", words("Soon"), valid_from=NOW + timedelta(days=1))
        schools.put_body(work, "HERE", words("Here"), valid_from=NOW - timedelta(days=1))

    with look(story.settings, story.actors["bo"], now=NOW) as work:
        shown = {body.id for body in schools.bodies(work)}

    assert "HERE" in shown
    assert not {"GONE", "SOON"} & shown


def test_a_campaign_cannot_end_before_it_starts(story: Story) -> None:
    with story.work("dana") as work, pytest.raises(Invalid) as refused:
        schools.put_campaign(work, "autumn", words("Autumn"), NOW, NOW)

    assert refused.value.code == "campaign.ends_before_start"


def test_campaigns_are_listed_the_newest_first(story: Story) -> None:
    with story.work("dana") as work:
        schools.put_campaign(work, "spring", words("Spring"), NOW - timedelta(days=200), NOW - timedelta(days=100))
        schools.put_campaign(work, "autumn", words("Autumn"), NOW, NOW + timedelta(days=60))

    with look(story.settings, story.actors["alice"]) as work:
        assert [campaign.id for campaign in schools.campaigns(work)] == ["autumn", "spring"]
