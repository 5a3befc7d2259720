"""Photos lie sealed, each under its own key: what came before is sealed later, what nobody can open is swept up."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import tests.story
from fieldcheck import archive, cli, verifier
from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import Conflict, FieldcheckError, Invalid, NotFound
from fieldcheck.settings import Settings
from fieldcheck.storage import database as store
from fieldcheck.storage import photo_rows
from fieldcheck.storage.photos import Kept, Locker, agree
from fieldcheck.usecases import erasure, evidence, originals, record
from fieldcheck.usecases.work import locker, look
from tests.story import Story, begin_story, new_id

SHEET = "entrance_stands"
DAY = timedelta(days=1)


@pytest.fixture
def story(database: Settings) -> Story:
    """A programme with a custodian."""
    told = begin_story(database)
    told.actors["kira"] = replace(told.actors["dana"], person_id=new_id(), code="K-1", role=Role.CUSTODIAN)
    return told


@pytest.fixture(autouse=True)
def _the_same_picture_for_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tests.story, "a_photo", a_photo)


a_photo = cache(tests.story.a_photo)


@contextmanager
def before_sealing() -> Iterator[None]:
    """Let photos come in as they did once: plain, under their own hash."""

    def put(self: Locker, data: bytes, sha256: str) -> Kept:
        agree(data, sha256, len(data))
        self.shelves.write(self._original(sha256), data)
        return Kept(sha256, len(data))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locker, "put", put)
        yield


def old_photos(story: Story) -> tuple[str, str]:
    """Two volunteers sent the same bytes, and one of them another photo too; gives the two visits."""
    one, other = story.assign("N1"), story.assign("N2", "dina")
    with before_sealing():
        story.photo(one, SHEET, "ENT-04", 5)
        story.photo(other, SHEET, "ENT-04", 5, "dina")
        story.photo(one, SHEET, "ENT-05", 6)
    return one, other


def rows(story: Story, query: str, **values: Any) -> list[Any]:
    with store.transaction(story.settings.database_url, reading=True) as session:
        return [tuple(row) for row in session.execute(text(query), values)]


def files(story: Story) -> list[Path]:
    return sorted(path for path in story.settings.photos.glob("orig/*/*"))


def received(story: Story, photo: str) -> bytes:
    with store.transaction(story.settings.database_url, reading=True) as session:
        row = photo_rows.find(session, photo)
        assert row is not None
        return locker(story.settings).read(photo_rows.kept(row))


def erase(story: Story, photo: str) -> erasure.Shredded:
    with story.work("dana") as work:
        order = erasure.ask(work, "photo", photo, "a face")
    return erasure.consent(story.settings, story.actors["kira"], order, now=story.now)


# --- what came before


def test_what_came_before_is_shown_verified_and_erased_as_ever(story: Story) -> None:
    old_photos(story)
    photos = dict(rows(story, "select sha256, id from photo where question_id = 'ENT-05'"))
    (single,) = photos.values()

    evidence.develop_waiting(story.settings, 10)
    with look(story.settings, story.actors["alice"]) as work:
        assert evidence.shown(work, single, "view")[:2] == b"\xff\xd8"
    assert record.verify_live(story.settings).holds
    erase(story, single)

    report = record.verify_live(story.settings)
    assert report.holds, verifier.told(report)
    assert (len(files(story)), report.photos, report.photos_erased) == (1, 1, 1)


def test_bytes_that_another_photo_uses_stay_until_that_one_goes_too(story: Story) -> None:
    old_photos(story)
    first, second = (id_ for (id_,) in rows(story, "select id from photo where question_id = 'ENT-04' order by id"))

    erase(story, first)
    between = len(files(story))
    erase(story, second)

    assert (between, len(files(story))) == (2, 1)
    assert record.verify_live(story.settings).holds


def test_sealing_what_came_before_keeps_every_byte_and_the_record(story: Story) -> None:
    old_photos(story)
    before = {id_: received(story, id_) for (id_,) in rows(story, "select id from photo")}
    told: list[tuple[int, int]] = []

    done = originals.seal_plain(story.settings, story.now, lambda count, of: told.append((count, of)))
    again = originals.seal_plain(story.settings, story.now)

    report = record.verify_live(story.settings)
    lying = [path.read_bytes() for path in files(story)]
    assert (done.photos, done.unread, again.photos, told) == (3, (), 0, [(1, 2), (2, 2)])
    assert {id_: received(story, id_) for id_ in before} == before
    assert len(lying) == 3 and not any(data[:2] == b"\xff\xd8" for data in lying)
    assert report.holds and report.photos == 3, verifier.told(report)


def test_sealing_goes_on_after_a_file_that_is_gone_and_says_which(story: Story) -> None:
    old_photos(story)
    gone = next(path for path in files(story) if path.read_bytes() == a_photo(6))
    gone.unlink()

    done = originals.seal_plain(story.settings, story.now)

    assert (done.photos, done.unread) == (2, (gone.name,))


def test_sealed_later_is_erased_like_the_others(story: Story) -> None:
    old_photos(story)
    originals.seal_plain(story.settings, story.now)
    (first, stored), (_second, other) = rows(story, "select id, stored from photo where question_id = 'ENT-04'")

    erase(story, first)

    report = record.verify_live(story.settings)
    assert [name for name in (path.name for path in files(story)) if name in (stored, other)] == [other]
    assert report.holds and report.photos_erased == 1, verifier.told(report)


# --- a key of its own


def test_a_copy_of_the_disk_does_not_open_an_erased_photo(story: Story) -> None:
    photo = story.photo(story.assign(), SHEET, "ENT-04", 5)
    ((stored,),) = rows(story, "select stored from photo where id = :p", p=photo)
    (path,) = files(story)
    kept = shutil.copy(path, story.settings.data / "kept")
    erase(story, photo)
    shutil.copy(kept, path)

    ((sha256, size, stored_size, wrapped),) = rows(story, "select sha256, size, stored_size, wrapped from photo")
    with pytest.raises(NotFound, match=r"photo\.erased"):
        locker(story.settings).read(Kept(sha256, size, stored, stored_size, wrapped))
    assert wrapped is None
    assert record.verify_live(story.settings).photos_undead == [stored]


def test_a_key_moved_to_another_photo_is_told(story: Story) -> None:
    visit = story.assign()
    photos = [story.photo(visit, SHEET, "ENT-04", seed) for seed in (5, 6)]
    keys = dict(rows(story, "select id, wrapped from photo"))
    with store.transaction(story.settings.database_url) as session:
        for photo, other in zip(photos, reversed(photos), strict=True):
            session.execute(text("update photo set wrapped = :w where id = :p"), {"w": keys[other], "p": photo})

    report = record.verify_live(story.settings)

    assert not report.holds
    assert sorted(report.photos_unopened) == sorted(path.name for path in files(story))


def test_no_key_leaves_the_house_with_the_record(story: Story, tmp_path: Path) -> None:
    photo = story.photo(story.assign(), SHEET, "ENT-04", 5)
    ((wrapped,),) = rows(story, "select wrapped from photo where id = :p", p=photo)
    out, pub = tmp_path / "record.zip", tmp_path / "pub"
    record.export(story.settings, story.now, out)
    pub.write_text(record.public_key(story.settings))
    (tmp_path / "opened").mkdir()
    data = received(story, photo)
    (tmp_path / "opened" / a_hash(data)).write_bytes(data)

    with verifier.zipfile.ZipFile(out) as packed:
        said = b"".join(packed.read(name) for name in packed.namelist())
    as_it_lies = verifier.check_export(out, verifier.read_key(pub), photos=story.settings.photos)
    as_a_court_has_it = verifier.check_export(out, verifier.read_key(pub), photos=tmp_path / "opened")

    assert bytes(wrapped).hex().encode() not in said and bytes(wrapped) not in said
    assert as_it_lies.holds and as_it_lies.photos == 1
    assert as_a_court_has_it.holds and as_a_court_has_it.photos == 1
    (tmp_path / "opened" / a_hash(data)).write_bytes(data[:-1])
    assert not verifier.check_export(out, verifier.read_key(pub), photos=tmp_path / "opened").holds


def a_hash(data: bytes) -> str:
    return verifier.hashlib.sha256(data).hexdigest()


# --- what a crash leaves


def test_a_crash_between_file_and_row_costs_nothing_and_is_tidied_up(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, data = story.assign(), a_photo(5)
    sent = evidence.SentPhoto(
        new_id(), story.sheets[SHEET].digest, "ENT-04", a_hash(data), len(data), story.now, "camera",
        evidence.Place(no_place="off"),
    )  # fmt: skip

    def put(part: bytes, offset: int) -> evidence.Received:
        return evidence.take_part(story.settings, story.actors["chelsea"], visit, sent, offset, part, now=story.now)

    put(data[:500], 0)
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "keep", _dies)
        with pytest.raises(OSError, match="the power went"):
            put(data[500:], 500)
    here = evidence.received(story.settings, story.actors["chelsea"], visit, sent.id)
    done = put(b"", here.received)
    for path in files(story):
        os.utime(path, times=((story.now - DAY).timestamp(),) * 2)
    left = len(files(story))
    tidied = originals.tidy(story.settings, story.now)

    assert (here.received, here.complete, done.complete) == (len(data), False, True)
    assert (left, tidied.files, len(files(story))) == (2, 1, 1)
    assert received(story, sent.id) == data
    assert list(story.settings.photos.glob("incoming/*")) == []


def _dies(*_args: object) -> None:
    raise OSError("the power went")


def test_a_photo_that_came_twice_at_once_leaves_one_file(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    visit, data = story.assign(), a_photo(5)
    sent = evidence.SentPhoto(
        new_id(), story.sheets[SHEET].digest, "ENT-04", a_hash(data), len(data), story.now, "camera",
        evidence.Place(no_place="off"),
    )  # fmt: skip

    def put() -> evidence.Received:
        return evidence.take_part(story.settings, story.actors["chelsea"], visit, sent, 0, data, now=story.now)

    first = put()
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "expect", lambda *_args: None)  # as if both had looked before either wrote
        second = put()

    assert first == second
    assert len(files(story)) == 1 and received(story, sent.id) == data


def test_beside_another_database_nothing_is_tidied_away(story: Story) -> None:
    visit = story.assign()
    for seed in range(25):
        shelves = locker(story.settings)
        shelves.put(a_photo(seed), a_hash(a_photo(seed)))
    story.photo(visit, SHEET, "ENT-04", 77)
    for path in files(story):
        os.utime(path, times=((story.now - 2 * DAY).timestamp(),) * 2)

    tidied = originals.tidy(story.settings, story.now)

    assert (tidied.files, tidied.strays, len(files(story))) == (0, 25, 26)


# --- giving one out


@pytest.mark.parametrize(("photo", "reason", "code"), [
    (None, " ", "original.reason_needed"),
    (None, "x" * 501, "original.reason_needed"),
    ("nothing", "a court asked", "photo.not_found"),
])  # fmt: skip
def test_no_original_is_given_out_without_a_photo_and_a_reason(
    story: Story, tmp_path: Path, photo: str | None, reason: str, code: str
) -> None:
    there = story.photo(story.assign(), SHEET, "ENT-04", 5)

    with pytest.raises(FieldcheckError) as refusal:
        originals.give_out(story.settings, photo or there, reason, tmp_path / "out.jpg", story.now)

    assert refusal.value.code == code
    assert isinstance(refusal.value, Invalid | NotFound)
    assert not (tmp_path / "out.jpg").exists()


def test_a_file_that_is_there_is_never_overwritten_and_an_erased_photo_not_given_out(
    story: Story, tmp_path: Path
) -> None:
    photo, out = story.photo(story.assign(), SHEET, "ENT-04", 5), tmp_path / "out.jpg"
    out.write_text("mine")
    with pytest.raises(Conflict, match=r"record\.export_exists"):
        originals.give_out(story.settings, photo, "a court asked", out, story.now)
    erase(story, photo)

    with pytest.raises(NotFound, match=r"photo\.not_found"):
        originals.give_out(story.settings, photo, "a court asked", tmp_path / "other.jpg", story.now)

    assert out.read_text() == "mine" and not (tmp_path / "other.jpg").exists()


def test_an_original_is_given_out_as_it_came_and_that_is_recorded(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, out = story.photo(story.assign(), SHEET, "ENT-04", 5), tmp_path / "out.jpg"
    monkeypatch.setattr(archive, "read_settings", lambda: story.settings)
    monkeypatch.setenv("LC_ALL", "C")

    assert cli.main(["original", photo, str(out), "--reason", "a court asked"]) == 0

    (last,) = rows(story, "select e.action, e.actor from record_entry e order by seq desc limit 1")
    assert out.read_bytes() == a_photo(5) and out.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().out.strip() == a_hash(a_photo(5))
    assert last == ("photo.original", "console")


def test_the_console_seals_and_says_how_many(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old_photos(story)
    monkeypatch.setattr(archive, "read_settings", lambda: story.settings)
    monkeypatch.setenv("LC_ALL", "C")

    assert cli.main(["seal"]) == 0
    assert capsys.readouterr().out == "3 photos sealed.\n"
