"""A photo that came before is noticed at the check, and told to nobody who may not see the other visit."""

import io
import random
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from PIL import Image
from sqlalchemy import text

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.doubts import Doubt
from fieldcheck.settings import ZONE
from fieldcheck.storage import database, erasing
from fieldcheck.storage.tables import Photo
from fieldcheck.usecases import erasure, evidence, likeness, review
from fieldcheck.usecases.evidence import Claimed, SentPhoto
from fieldcheck.usecases.sync import Place
from fieldcheck.usecases.work import begin, look
from tests.security.forging import WAYS, as_bytes, room
from tests.story import Story, new_id, plain_answer

SHEET = "entrance_stands"


def send(story: Story, visit: str, data: bytes, question: str = "ENT-04", **kw: Any) -> str:
    """Send a photo as a phone does, and let it be decoded; gives its id."""
    who = kw.pop("who", "chelsea")
    fields = {"source": "camera", "place": Place(no_place="off"), **kw}
    sent = SentPhoto(
        new_id(), story.sheets[SHEET].digest, question, sha256(data).hexdigest(), len(data), story.now, **fields
    )
    evidence.take_part(story.settings, story.actors[who], visit, sent, 0, data, now=story.now)
    evidence.develop_waiting(story.settings, 10)
    return sent.id


def compare(story: Story) -> int:
    return likeness.compare_waiting(story.settings, 10)


def said(story: Story, visit: str, by: str = "alice") -> list[Doubt]:
    """What the check says about photos."""
    with look(story.settings, story.actors[by], now=story.now) as work:
        return [doubt for doubt in review.check(work, visit).doubts if doubt.code.startswith("photo")]


def forged(seed: int = 1) -> bytes:
    """The photo of a room, made again."""
    return as_bytes(WAYS["through a messenger"](room(seed), random.Random(seed)))


def test_a_photo_made_again_is_told_with_school_and_time_and_never_who(story: Story) -> None:
    first, second = story.assign("N1"), story.assign("N2", "dina")
    one = send(story, first, as_bytes(room(1)))
    story.later(hours=2)
    two = send(story, second, forged(), who="dina")
    compare(story)

    (doubt,) = said(story, second)

    assert (doubt.code, doubt.question, doubt.photos) == ("photo_resembles_visit", "ENT-04", (two, one))
    assert set(doubt.details) == {"school", "at"} and doubt.details["school"]["en"] == "School N1"
    assert story.actors["chelsea"].code not in repr(doubt)


def test_of_a_visit_in_another_region_only_the_likeness_is_told(story: Story) -> None:
    first, second = story.assign("N1"), story.assign("S1", "serik", by="boris")
    send(story, first, as_bytes(room(1)))
    send(story, second, forged(), who="serik")
    compare(story)

    assert said(story, second, "boris") == [Doubt("photo_resembles_far", "ENT-04")]


def test_within_a_visit_another_question_is_named_and_the_same_one_is_not(story: Story) -> None:
    visit = story.assign()
    one = send(story, visit, as_bytes(room(1)))
    send(story, visit, as_bytes(WAYS["darker or brighter"](room(1), random.Random(1))))
    story.later(minutes=1)
    three = send(story, visit, forged(), "ENT-05")
    compare(story)

    told = {(doubt.question, doubt.details["other"], doubt.photos[0]) for doubt in said(story, visit)}

    assert told == {("ENT-05", "ENT-04", three)}
    assert one != three


def test_two_honest_photos_and_one_that_was_taken_back_are_not_told(story: Story) -> None:
    first, second = story.assign("N1"), story.assign("N2", "dina")
    again = send(story, first, as_bytes(room(1)))
    send(story, first, as_bytes(room(2)))
    send(story, second, forged(), who="dina")
    with story.work("chelsea") as work:
        evidence.withdraw(work, first, again)
    compare(story)

    assert said(story, second) == []


def test_each_photo_is_compared_once_and_one_from_before_too(story: Story) -> None:
    visit = story.assign()
    send(story, visit, as_bytes(room(1)))
    send(story, visit, as_bytes(room(2)))

    assert [compare(story), compare(story)] == [2, 0]


def test_what_another_server_compared_meanwhile_is_found(story: Story) -> None:
    first, second = story.assign("N1"), story.assign("N2", "dina")
    send(story, first, as_bytes(room(1)))
    compare(story)
    likeness.forget()  # as a process that has just started
    send(story, second, forged(), who="dina")
    compare(story)

    assert [doubt.code for doubt in said(story, second)] == ["photo_resembles_visit"]


def test_an_erased_photo_leaves_no_look_and_no_likeness(story: Story) -> None:
    first, second = story.assign("N1"), story.assign("N2", "dina")
    one = send(story, first, as_bytes(room(1)))
    send(story, second, forged(), who="dina")
    compare(story)
    with database.transaction(story.settings.database_url) as session:
        erasing.empty_photos(session, [session.get(Photo, one)], story.now)
    with database.transaction(story.settings.database_url, reading=True) as session:
        left = [
            session.execute(text(f"select count(*) from {t}")).scalar_one() for t in ("photo_look", "photo_likeness")
        ]

    assert left == [1, 0]
    assert said(story, second) == []


def order(story: Story, photo: str) -> tuple[str, Actor]:
    """Let Dana ask that a photo is erased; gives the order and who may consent."""
    with story.work("dana") as work:
        asked = erasure.ask(work, "photo", photo, "a face can be seen")
    return asked, replace(story.actors["dana"], person_id=new_id(), code="K-1", role=Role.CUSTODIAN)


def held(photo: str) -> bool:
    """Say whether this process knows in its memory what a photo looks like."""
    return any(photo in looks.ids for looks in likeness._held.values())


def test_what_an_erased_photo_looked_like_is_let_go_of_at_once(story: Story) -> None:
    visit = story.assign("N1")
    one = send(story, visit, as_bytes(room(1)))
    story.later(minutes=1)
    send(story, visit, as_bytes(room(2)), "ENT-05")
    compare(story)
    assert held(one)  # the control: the second was compared with it

    asked, kira = order(story, one)
    erasure.consent(story.settings, kira, asked, now=story.now)

    assert not held(one)
    compare(story)
    assert not held(one)


def test_what_another_server_or_the_console_erased_is_let_go_of_before_the_next_look(story: Story) -> None:
    first, second = story.assign("N1"), story.assign("N2", "dina")
    one = send(story, first, as_bytes(room(1)))
    story.later(minutes=1)
    two = send(story, first, as_bytes(room(2)), "ENT-05")
    compare(story)
    asked, kira = order(story, one)
    with begin(story.settings, kira, now=story.now) as work:
        erasure.allow(work, asked)  # what another process does: here nobody is told
    assert held(one)

    compare(story)  # nothing waits; a server does this every few seconds
    assert not held(one)

    send(story, second, forged(2), who="dina")
    send(story, second, forged(1), "ENT-05", who="dina")
    compare(story)
    assert held(two) and not held(one)
    assert [(doubt.code, doubt.photos[1]) for doubt in said(story, second)] == [("photo_resembles_visit", two)]


def test_a_photo_that_names_another_time_or_comes_from_a_file_is_told(story: Story) -> None:
    visit = story.assign()
    first = next(question for question in story.sheets[SHEET].questions if question.takes_a_value)
    assert story.answer(visit, SHEET, first.id, plain_answer(first, story.now)).status == "stored"
    exif = Image.Exif()
    before = story.now - timedelta(days=3)
    exif[0x0132] = before.astimezone(ZONE).strftime("%Y:%m:%d %H:%M:%S")
    out = io.BytesIO()
    room(3).save(out, "JPEG", exif=exif)
    send(story, visit, out.getvalue(), source="file")

    told = {doubt.code: doubt.details for doubt in said(story, visit)}

    assert told == {
        "photo_claims_other_time": {"at": before},
        "photos_from_files": {"n": 1},
    }


def test_what_a_chosen_file_said_of_itself_on_the_phone_is_told_though_its_bytes_do_not_say_it(story: Story) -> None:
    visit = story.assign()
    first = next(question for question in story.sheets[SHEET].questions if question.takes_a_value)
    assert story.answer(visit, SHEET, first.id, plain_answer(first, story.now)).status == "stored"
    before = (story.now - timedelta(days=3)).replace(microsecond=0)
    claims = Claimed(before.astimezone(ZONE).strftime("%Y:%m:%d %H:%M:%S +05:00"), 51.0, 71.0)
    send(story, visit, as_bytes(room(3)), source="file", claims=claims)

    told = {doubt.code: doubt.details for doubt in said(story, visit)}

    assert told.keys() == {"photo_claims_other_time", "photo_claims_elsewhere", "photos_from_files"}
    assert told["photo_claims_other_time"] == {"at": before}
