"""Whether she was there, of rows: when a photo's reading was made, and what the agency is told of it."""

from datetime import UTC, datetime, timedelta

from fieldcheck.domain.geo import Point, Presence
from fieldcheck.storage.tables import Answer, Photo
from fieldcheck.usecases import presence

NOW = datetime(2026, 9, 14, 5, 0, tzinfo=UTC)
SCHOOL = Point(54.8753, 69.1628)
HOME = Point(55.4, 69.1628)


def an_answer(at: Point | None, minute: float, gap: int = 0) -> Answer:
    """An answer given at a place, or with none."""
    moment = NOW + timedelta(minutes=minute)
    return Answer(
        id=f"a{minute}", visit_id="v", digest="d", question_id="Q", given_at=moment - timedelta(seconds=gap),
        happened_at=moment, received_at=moment, clock_gap_s=gap, body_hash="h", age=2.0 if at else None,
        lat=at.lat if at else None, lon=at.lon if at else None, accuracy=15.0 if at else None,
        no_place=None if at else "denied",
    )  # fmt: skip


def a_picture(at: Point, minute: float, received: float, claims: dict[str, float] | None = None) -> Photo:
    """A photo taken at a place by the phone's clock, which came later."""
    return Photo(
        id=f"p{minute}", visit_id="v", digest="d", question_id="Q", sha256="s", size=1, format="JPEG", width=1,
        height=1, taken_at=NOW + timedelta(minutes=minute), received_at=NOW + timedelta(minutes=received),
        lat=at.lat, lon=at.lon, accuracy=15.0, age=1.0, claims=claims, body_hash="h",
    )  # fmt: skip


def test_a_photo_sent_from_home_was_read_where_it_was_taken() -> None:
    answers = [an_answer(SCHOOL, 0), an_answer(HOME, 120)]

    fixes, verdict = presence.judge(answers, [a_picture(SCHOOL, 5, received=121)], SCHOOL)

    assert [round((fix.at - NOW).total_seconds() / 60) for fix in fixes] == [0, 5, 120]
    assert (verdict.presence, verdict.reasons) == (Presence.INSIDE, ("several_readings_at_school",))


def test_a_photo_of_a_phone_whose_clock_is_a_day_ahead_is_put_where_its_answers_are() -> None:
    ahead = -86_400
    answers = [an_answer(SCHOOL, 0, gap=ahead)]
    photo = a_picture(SCHOOL, 24 * 60 + 4, received=6)

    fixes, verdict = presence.judge(answers, [photo], SCHOOL)

    assert fixes[1].at == NOW + timedelta(minutes=4)
    assert (verdict.presence, verdict.reasons) == (Presence.INSIDE, ("several_readings_at_school", "clock_off"))


def test_a_photo_that_came_with_the_phones_clock_is_put_by_that_and_not_by_what_answers_say() -> None:
    """Its clock was set right between the answer and the photo."""
    answers = [an_answer(SCHOOL, 0, gap=-86_400)]
    photo = a_picture(SCHOOL, 4, received=6)
    photo.clock_gap_s = 0

    fixes, _ = presence.judge(answers, [photo], SCHOOL)

    assert (fixes[1].at, fixes[1].gap) == (NOW + timedelta(minutes=4), 0)


def test_what_has_no_place_is_no_reading_and_what_a_photo_claims_is_weighed() -> None:
    elsewhere = {"lat": 43.2, "lon": 76.9}

    fixes, verdict = presence.judge([an_answer(None, 0)], [a_picture(SCHOOL, 1, 2, elsewhere)], SCHOOL)

    assert len(fixes) == 1
    assert verdict.reasons == ("one_reading_at_school", "photo_elsewhere")
    assert presence.judge([], [], None)[1].reasons == ("school_without_point",)
