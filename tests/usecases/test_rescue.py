"""A rescue file: sealed for one installation, given on only as hers, taken in exactly once."""

import json
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fieldcheck.domain.errors import FieldcheckError, Forbidden
from fieldcheck.settings import Settings
from fieldcheck.storage import database as store
from fieldcheck.storage import rescue_key, visit_queries
from fieldcheck.usecases import people, rescue
from fieldcheck.usecases.work import begin
from fieldcheck.web import rescued
from tests.story import Story, a_photo, new_id

SHEET = "entrance_stands"
PLAIN = "ENT-03"  # asked of everybody


def sealed(settings: Settings, plain: bytes) -> bytes:
    """Seal as a phone does."""
    curve = ec.SECP256R1()
    own = ec.generate_private_key(curve)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(curve, rescue_key.public(settings.data / "rescue.key"))
    key = HKDF(SHA256(), 32, point, rescue_key.MAGIC).derive(own.exchange(ec.ECDH(), theirs))
    iv = b"\1" * 12
    return rescue_key.MAGIC + point + iv + AESGCM(key).encrypt(iv, plain, rescue_key.MAGIC + point)


def file(story: Story, visit: str, who: str = "chelsea", **more: Any) -> bytes:
    """A file with a briefing, two answers and a photo of a visit."""
    digest, picture = story.sheets[SHEET].digest, a_photo()
    answers = [
        {
            "kind": "answer",
            "visit": visit,
            "body": {
                "id": new_id(), "checklist": digest, "question": question, "value": value,
                "given_at": story.now.isoformat(), "place": None, "no_place": "off",
            },
        }
        for question, value in ((PLAIN, "free"), ("ENT-99", "yes"))
    ]  # fmt: skip
    meta = {
        "id": new_id(), "checklist": digest, "question": "ENT-04", "sha256": sha256(picture).hexdigest(),
        "size": len(picture), "taken_at": story.now.isoformat(),
    }  # fmt: skip
    items = [
        {"kind": "photo", "visit": visit, "body": meta, "at": 0, "size": len(picture)},
        *answers,
        {"kind": "briefing", "visit": visit, "body": {"id": new_id(), "at": story.now.isoformat()}},
    ]
    owner = people.store_name(story.settings, story.actors[who].person_id)
    head = json.dumps({"owner": owner, "ahead_ms": None, "items": items, **more}).encode()
    return sealed(story.settings, len(head).to_bytes(4, "big") + head + picture)


def opened(story: Story, data: bytes, who: str = "alice") -> rescue.Rescued:
    with begin(story.settings, story.actors[who]) as work:
        return rescue.open_file(work, data)


def refused(story: Story, data: bytes, who: str = "alice") -> str:
    with pytest.raises(FieldcheckError) as error:
        opened(story, data, who)
    return error.value.code


def test_a_file_that_was_bent_or_is_none_is_not_opened(story: Story) -> None:
    whole = file(story, story.assign())

    cut, bent, strange = whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole.replace(b"1", b"2", 1)
    told = {refused(story, data) for data in (b"", b"NOTES1\n", cut, bent, strange)}

    assert told == {"rescue.unreadable"}


@pytest.mark.parametrize("head", [b"no json", b"[]", b'{"items": 3}', b'{"items": []}'])
def test_a_file_without_its_form_is_refused(story: Story, head: bytes) -> None:
    assert refused(story, sealed(story.settings, len(head).to_bytes(4, "big") + head)).startswith("rescue.")


def test_a_volunteer_opens_no_file(story: Story) -> None:
    with pytest.raises(Forbidden):
        opened(story, file(story, story.assign()), "chelsea")


def test_another_regions_coordinator_finds_nothing_of_hers_in_it(story: Story) -> None:
    assert refused(story, file(story, story.assign()), "boris") == "rescue.not_hers"


def test_what_one_volunteer_recorded_is_never_taken_in_as_anothers(story: Story) -> None:
    assert refused(story, file(story, story.assign(), "dina")) == "rescue.not_hers"


def test_a_file_is_taken_in_once_and_what_cannot_be_says_why(story: Story) -> None:
    visit = story.assign()
    data = file(story, visit)

    first = rescued.feed(story.settings, opened(story, data))
    again = rescued.feed(story.settings, opened(story, data))

    with store.transaction(story.settings.database_url, reading=True) as session:
        answers = visit_queries.answers(session, visit)
        photos = visit_queries.photos(session, visit)
    assert dict(first.here) == {"briefing": 1, "answer": 1, "photo": 1}
    assert [said[:2] for said in first.refused] == [("answer", "answer.unknown_question")]
    assert again == first
    assert [(row.question_id, row.value) for row in answers] == [(PLAIN, "free")]
    assert len(photos) == 1


def test_the_key_is_for_its_owners_eyes_only(story: Story) -> None:
    rescue.public_key(story.settings)

    assert (story.settings.data / "rescue.key").stat().st_mode & 0o777 == 0o600
