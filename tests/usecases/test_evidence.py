"""Photos on their way in and out: refusals first, then that each byte arrives once and only who may sees it."""

import io
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image

from fieldcheck.domain.errors import Conflict, FieldcheckError, Forbidden, Invalid, NotFound, TooLarge
from fieldcheck.storage import database, visit_queries
from fieldcheck.usecases import evidence, review
from fieldcheck.usecases.evidence import SentPhoto
from fieldcheck.usecases.sync import Place
from fieldcheck.usecases.work import look
from tests.story import Story, a_photo, new_id

SHEET = "entrance_stands"


def meta(story: Story, data: bytes, **kw: Any) -> SentPhoto:
    """What the phone says of a photo of the school's name plate."""
    sent = SentPhoto(
        new_id(),
        story.sheets[SHEET].digest,
        "ENT-04",
        sha256(data).hexdigest(),
        len(data),
        story.now,
        "camera",
        Place(no_place="off"),
    )
    return replace(sent, **kw)


def put(story: Story, visit: str, sent: SentPhoto, data: bytes, offset: int = 0, who: str = "chelsea") -> Any:
    """Send bytes from an offset."""
    return evidence.take_part(story.settings, story.actors[who], visit, sent, offset, data, now=story.now)


def rows(story: Story, visit: str) -> list[Any]:
    """All photo rows of a visit."""
    with database.transaction(story.settings.database_url, reading=True) as session:
        return list(visit_queries.photos(session, visit, withdrawn=True))


@pytest.mark.parametrize("who", ["dina", "serik"])
def test_a_photo_for_anothers_visit_finds_no_visit(story: Story, who: str) -> None:
    visit, data = story.assign(), a_photo()

    with pytest.raises(NotFound):
        put(story, visit, meta(story, data), data, who=who)

    assert rows(story, visit) == []


@pytest.mark.parametrize("who", ["alice", "bo", "dana"])
def test_nobody_but_a_volunteer_sends_photos(story: Story, who: str) -> None:
    visit, data = story.assign(), a_photo()

    with pytest.raises(Forbidden):
        put(story, visit, meta(story, data), data, who=who)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"question": "ENT-99"}, "answer.unknown_question"),
        ({"question": "ENT-02"}, "photo.not_asked"),
        ({"checklist": "0" * 64}, "checklist.not_found"),
        ({"id": "1"}, "id.malformed"),
        # Version 7 carries the millisecond, and the agency meets this id.
        ({"id": "0190a000-0000-7000-8000-000000000001"}, "id.malformed"),
        ({"size": 21 * 1024 * 1024}, "photo.too_large"),
    ],
)
def test_a_photo_that_nobody_asked_for_is_refused(story: Story, change: dict[str, Any], code: str) -> None:
    visit, data = story.assign(), a_photo()

    with pytest.raises(FieldcheckError) as refusal:
        put(story, visit, meta(story, data, **change), data)

    assert refusal.value.code == code
    assert rows(story, visit) == []


@pytest.mark.parametrize("data", [b"<html>hello</html>", b"GIF89a" + b"0" * 50, b"\xff\xd8\xff<?php echo 1 ?>"])
def test_bytes_that_are_no_photo_are_refused_and_leave_nothing(story: Story, data: bytes) -> None:
    visit = story.assign()

    with pytest.raises(Invalid) as refusal:
        put(story, visit, meta(story, data), data)

    assert refusal.value.code == "photo.not_image"
    assert rows(story, visit) == []


def test_a_photo_cut_in_half_is_refused(story: Story) -> None:
    visit, data = story.assign(), a_photo()[:-700]

    with pytest.raises(Invalid) as refusal:
        put(story, visit, meta(story, data), data)

    assert refusal.value.code == "photo.cut_short"


def test_bytes_with_another_hash_are_refused(story: Story) -> None:
    visit, data = story.assign(), a_photo()

    with pytest.raises(Invalid) as refusal:
        put(story, visit, meta(story, data, sha256="0" * 64), data)

    assert refusal.value.code == "photo.hash"


def test_the_same_id_with_another_photo_is_refused(story: Story) -> None:
    visit, data = story.assign(), a_photo(1)
    sent = meta(story, data)
    put(story, visit, sent, data)

    with pytest.raises(Conflict) as refusal:
        put(story, visit, meta(story, a_photo(2), id=sent.id), a_photo(2))

    assert refusal.value.code == "id.reused"


def test_a_photo_sent_again_is_known_and_stands_once(story: Story) -> None:
    visit, data = story.assign(), a_photo()
    sent = meta(story, data)

    first, again = put(story, visit, sent, data), put(story, visit, sent, data)

    assert first == again and first.complete and first.sha256 == sent.sha256
    assert len(rows(story, visit)) == 1


def test_a_photo_in_parts_goes_on_where_it_was_cut_off(story: Story) -> None:
    visit, data = story.assign(), a_photo()
    sent = meta(story, data)
    put(story, visit, sent, data[:500])

    here = evidence.received(story.settings, story.actors["chelsea"], visit, sent.id)
    with pytest.raises(Conflict) as jumped:
        put(story, visit, sent, data[900:], offset=900)
    done = put(story, visit, sent, data[here.received :], offset=here.received)

    assert here.received == 500 and not here.complete
    assert (jumped.value.code, jumped.value.details["received"]) == ("photo.offset", 500)
    assert done.complete and done.sha256 == sent.sha256


def test_after_submission_no_photo_comes_in_and_none_is_taken_back(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    photo = rows(story, visit)[0].id
    story.submit(visit)

    with pytest.raises(FieldcheckError) as late:
        put(story, visit, meta(story, a_photo(77)), a_photo(77))
    with pytest.raises(FieldcheckError) as back, story.work("chelsea") as work:
        evidence.withdraw(work, visit, photo)

    assert late.value.code == back.value.code == "visit.closed"


def test_a_withdrawn_photo_no_longer_counts_and_stays_on_record(story: Story) -> None:
    visit = story.assign()
    story.walk(visit)
    photo = next(row.id for row in rows(story, visit) if row.question_id == "ENT-04")
    with story.work("chelsea") as work:
        evidence.withdraw(work, visit, photo)

    with pytest.raises(Invalid) as refusal:
        story.submit(visit)

    assert refusal.value.details["missing"][0]["question"] == "ENT-04"
    assert photo in {row.id for row in rows(story, visit)}


def test_more_photos_than_a_question_takes_are_refused(story: Story) -> None:
    visit = story.assign()
    for seed in range(evidence.MOST_PHOTOS_A_QUESTION):
        story.photo(visit, SHEET, "ENT-04", seed)

    with pytest.raises(Invalid) as refusal:
        story.photo(visit, SHEET, "ENT-04", 99)

    assert refusal.value.code == "photo.too_many"


def test_a_photo_that_will_not_decode_is_refused_later_and_said(story: Story) -> None:
    """Its head, its end and its hash are good: only the darkroom can tell."""
    visit = story.assign()
    out = io.BytesIO()
    Image.effect_noise((64, 48), 40).save(out, "PNG")
    data = bytearray(out.getvalue())
    body = data.index(b"IDAT") + 4
    data[body : body + 400] = bytes(400)
    put(story, visit, meta(story, bytes(data)), bytes(data))
    before = rows(story, visit)[0].state

    evidence.develop_waiting(story.settings, 10)

    assert (before, rows(story, visit)[0].state) == ("received", "refused")
    with pytest.raises(NotFound), look(story.settings, story.actors["alice"]) as work:
        evidence.shown(work, rows(story, visit)[0].id, "view")


def test_clean_copies_go_to_whoever_may_see_the_visit(story: Story) -> None:
    visit = story.assign()
    photo = story.photo(visit, SHEET, "ENT-04", 5)

    def sees(who: str) -> bool:
        try:
            with look(story.settings, story.actors[who]) as work:
                data = evidence.shown(work, photo, "thumb")
        except FieldcheckError:
            return False
        return data.startswith(b"\xff\xd8")

    assert {who: sees(who) for who in story.actors} == {
        "chelsea": True,
        "alice": True,
        "dina": False,
        "serik": False,
        "boris": False,
        "bo": False,
        "bella": False,
        "dana": False,
    }


def test_the_agency_sees_a_photo_only_when_released_with_an_entry_of_its_region(story: Story) -> None:
    visit = story.assign()
    story.walk(visit, answers={"ENT-11": "no"})
    kept, released = [row.id for row in rows(story, visit) if row.question_id in ("ENT-04", "ENT-05")][:2]
    story.submit(visit)
    with story.work("alice") as work:
        review.accept(work, visit, [released], {})

    def sees(who: str, photo: str) -> bool:
        try:
            with look(story.settings, story.actors[who]) as work:
                evidence.shown(work, photo, "view")
        except NotFound:
            return False
        return True

    assert sees("bo", released)
    assert not sees("bo", kept)
    assert not sees("bella", released)


def test_a_shown_copy_carries_no_metadata(story: Story, tmp_path: Any) -> None:
    visit = story.assign()
    path = tmp_path / "exif.jpg"
    exif = Image.Exif()
    exif[0x010F] = "CANARY-MAKE"
    Image.new("RGB", (80, 60), "teal").save(path, exif=exif)
    data = path.read_bytes()
    sent = meta(story, data)
    put(story, visit, sent, data)

    evidence.develop_waiting(story.settings, 10)
    with look(story.settings, story.actors["alice"]) as work:
        shown = evidence.shown(work, sent.id, "view")

    (row,) = rows(story, visit)
    assert b"CANARY" not in shown
    assert row.claims["make"] == "CANARY-MAKE" and row.state == "checked"


def test_a_photo_larger_than_any_is_refused_before_it_is_looked_at(story: Story) -> None:
    visit = story.assign()
    data = a_photo()

    with pytest.raises(TooLarge):
        put(story, visit, meta(story, data), b"0" * (20 * 1024 * 1024 + 1), offset=1)
