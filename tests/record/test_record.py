"""The record of a real programme: signed, sent out, exported and verified; and bent in its own database."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from fieldcheck import archive, cli, verifier
from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import Conflict, Forbidden, NotFound
from fieldcheck.settings import BadSettings, Settings
from fieldcheck.storage import database as store
from fieldcheck.usecases import people, record
from fieldcheck.usecases.work import locker, look
from tests.story import NOW, Story, begin_story

HOUSE = Path(__file__).parent.parent.parent


@pytest.fixture
def story(database: Settings) -> Story:
    """A visit that was handed in, and an auditor."""
    told = begin_story(database)
    visit = told.assign()
    told.walk(visit)
    told.submit(visit)
    with told.work("dana") as work:
        auditor = people.bring_in(work, Role.AUDITOR, None, "Ada", language="en")
        view = next(person for person in people.people(work) if person.id == auditor)
    told.actors["ada"] = replace(told.actors["dana"], person_id=auditor, code=view.code, role=Role.AUDITOR)
    return told


def unguarded(story: Story, *statements: str) -> None:
    """Do what somebody does who holds the database: the triggers are no obstacle to him."""
    with store.transaction(story.settings.database_url) as session:
        postgresql = session.get_bind().dialect.name == "postgresql"
        for act in ("update", "delete"):
            for table in ("record_entry", "record_head"):
                on = f" on {table}" if postgresql else ""
                session.execute(text(f"drop trigger {table}_no_{act}{on}"))
        for statement in statements:
            session.execute(text(statement))


# --- the key


def test_a_key_that_others_can_read_is_refused(settings: Settings) -> None:
    record.public_key(settings)
    settings.signing_key.chmod(0o640)

    with pytest.raises(BadSettings, match="chmod 600"):
        record.public_key(settings)


def test_what_is_no_key_is_refused_and_never_replaced(settings: Settings) -> None:
    settings.signing_key.write_text("nothing")
    settings.signing_key.chmod(0o600)

    with pytest.raises(BadSettings, match="no Ed25519 key"):
        record.public_key(settings)
    assert settings.signing_key.read_text() == "nothing"


def test_the_key_is_made_once_for_its_owner_alone(settings: Settings) -> None:
    first = record.public_key(settings)

    assert record.public_key(settings) == first
    assert settings.signing_key.stat().st_mode & 0o777 == 0o600


# --- heads and anchors


def test_an_empty_record_has_no_head(database: Settings) -> None:
    with pytest.raises(NotFound, match=r"record\.empty"):
        record.sign_head(database, NOW)


def test_the_same_end_is_signed_once(story: Story) -> None:
    assert record.sign_head(story.settings, NOW) == record.sign_head(story.settings, NOW.replace(hour=9))


def test_each_head_of_a_day_has_its_own_file_and_none_is_written_again(story: Story) -> None:
    first, one = record.anchor(story.settings, NOW)
    _same, again = record.anchor(story.settings, NOW)
    story.assign("N2", "dina")
    second, other = record.anchor(story.settings, NOW)

    assert one == again
    assert (one.name, other.name) == ("2026-09-14.json", f"2026-09-14-{second.seq}.json")
    assert verifier.read_anchor(one)[1]["seq"] == first.seq < second.seq


# --- verifying


def test_a_programme_that_nobody_touched_holds(story: Story) -> None:
    record.anchor(story.settings, NOW)

    report = record.verify_live(story.settings)

    assert report.holds, verifier.told(report)
    assert (report.heads, report.anchors_met, report.photos_looked_at) == (1, 1, True)
    assert report.photos > 0


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("update record_entry set actor = 'V-0000' where seq = 5", "altered"),
        ("update record_body set salt = (select salt from record_body where seq = 6) where seq = 5", "bodies_altered"),
        ("delete from record_body where seq = 5", "bodies_lost"),
        ("delete from record_body where seq = 5;delete from record_entry where seq = 5", "gaps"),
    ],
)
def test_what_is_bent_in_the_database_is_found(story: Story, statement: str, found: str) -> None:
    unguarded(story, *statement.split(";"))

    report = record.verify_live(story.settings)

    assert getattr(report, found) == [5]
    assert not report.holds


def test_a_tail_that_was_cut_with_its_heads_is_known_by_the_anchor_alone(story: Story, tmp_path: Path) -> None:
    head, path = record.anchor(story.settings, NOW)
    outside = path.rename(tmp_path / "outside.json")
    last = head.seq
    unguarded(
        story,
        "delete from record_head",
        f"delete from record_body where seq > {last - 3} and seq <= {last}",
        f"delete from record_entry where seq > {last - 3}",
    )

    assert record.verify_live(story.settings).cut == 0
    assert record.verify_live(story.settings, [outside]).cut == last


def test_a_photo_that_is_gone_or_damaged_is_found(story: Story) -> None:
    one, other = sorted(story.settings.photos.glob("orig/*/*"))[:2]
    one.unlink()
    other.chmod(0o600)
    other.write_bytes(b"another picture")

    report = record.verify_live(story.settings)

    assert (report.photos_missing, report.photos_damaged) == ([one.name], [other.name])


def test_a_photo_whose_row_is_gone_too_is_still_missed(story: Story) -> None:
    one = next(iter(sorted(story.settings.photos.glob("orig/*/*"))))
    one.unlink()
    with store.transaction(story.settings.database_url) as session:
        session.execute(text("delete from photo where stored = :name"), {"name": one.name})

    assert record.verify_live(story.settings).photos_missing == [one.name]


# --- the export


def test_an_export_never_overwrites_a_file(story: Story, tmp_path: Path) -> None:
    out = tmp_path / "record.zip"
    out.write_text("mine")

    with pytest.raises(Conflict, match=r"record\.export_exists"):
        record.export(story.settings, NOW, out)
    assert out.read_text() == "mine"


def test_an_export_is_verified_elsewhere_and_stands_in_the_record_itself(story: Story, tmp_path: Path) -> None:
    _head, anchor = record.anchor(story.settings, NOW)
    out, pub = tmp_path / "record.zip", tmp_path / "pub"
    count = record.export(story.settings, NOW, out)
    pub.write_text(record.public_key(story.settings))

    program, photos = HOUSE / "fieldcheck" / "verifier.py", story.settings.photos
    done = subprocess.run(
        [sys.executable, "-I", program, out, "--pub", pub, "--anchor", anchor, "--photos", photos],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    with zipfile.ZipFile(out) as packed:
        last = json.loads(packed.read("record.jsonl").splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"rows                {count} (the last is {count})" in done.stdout
    assert (last["seq"], last["action"], last["actor"]) == (count, "record.export", "console")
    assert out.stat().st_mode & 0o777 == 0o600


# --- who may read it


def test_a_coordinator_a_volunteer_and_a_reviewer_read_no_record(story: Story) -> None:
    for name in ("alice", "chelsea", "bo"):
        with story.work(name) as work, pytest.raises(Forbidden):
            record.newest(work)


def test_the_auditor_reads_who_did_what_and_leaves_a_trace_of_it(story: Story) -> None:
    with story.work("ada") as work:
        entries = record.newest(work)
        subject = next(one.subject for one in entries if one.action == "visit.submit")
        traced = record.trace(work, subject)
        latest = record.newest(work)[0]

    assert {one.action for one in traced} >= {"visit.assign", "answer.take", "visit.submit"}
    assert (latest.action, latest.subject, latest.actor) == ("record.trace", subject, story.actors["ada"].code)


def test_the_administrator_sees_that_something_was_done_but_not_on_what_nor_by_whom(story: Story) -> None:
    with story.work("dana") as work:
        entries = record.newest(work)

        with pytest.raises(Forbidden):
            record.trace(work, "anything")

    content = [one for one in entries if one.action.startswith(("visit.", "answer.", "photo."))]
    assert content
    assert {(one.subject, one.actor) for one in content} == {("", "")}
    assert next(one for one in entries if one.action == "person.add" and one.actor.startswith("A-")).subject


def test_the_administrator_does_not_see_when_a_volunteer_was_there(story: Story) -> None:
    """A sign-in or a phone of hers, beside the hidden answers of the same minute, would give them a name."""
    chelsea = story.actors["chelsea"]
    token = people.invite_from_console(story.settings, chelsea.code, story.now)
    people.redeem(story.settings, token, story.now)

    with story.work("dana") as work:
        entries = record.newest(work)
    with story.work("ada") as work:
        audited = record.newest(work)

    done = [one for one in entries if one.action in {"account.sign_in", "device.add", "person.invite"}]
    assert {one.action for one in done} == {"account.sign_in", "device.add", "person.invite"}
    assert not any(chelsea.code in (one.actor, one.subject) for one in entries)
    assert not any(chelsea.person_id in (one.actor, one.subject) for one in entries)
    assert any(one.actor == chelsea.code and one.action == "account.sign_in" for one in audited)  # it is the auditor's


def test_the_screen_verifies_with_progress(story: Story) -> None:
    heard: list[int] = []
    with look(story.settings, story.actors["ada"]) as work:
        report = record.verify(work, heard.append)

    assert report.holds
    assert all(rows <= report.rows for rows in heard)


# --- the console


def console(settings: Settings, monkeypatch: pytest.MonkeyPatch, *said: str) -> int:
    monkeypatch.setattr(archive, "read_settings", lambda: settings)
    monkeypatch.setenv("LC_ALL", "C")
    return cli.main(said)


def test_the_console_verifies_and_says_so_by_its_exit_code(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "record.zip"

    assert console(story.settings, monkeypatch, "anchor") == 0
    assert '"key_id"' in capsys.readouterr().out
    assert console(story.settings, monkeypatch, "export-record", str(out)) == 0
    assert console(story.settings, monkeypatch, "verify") == 0
    assert console(story.settings, monkeypatch, "verify", str(out), "--photos", str(story.settings.photos)) == 0
    unguarded(story, "update record_entry set actor = 'V-0000' where seq = 5")
    assert console(story.settings, monkeypatch, "verify") == 1
    assert console(story.settings, monkeypatch, "verify", str(tmp_path / "none.zip")) == 2
    assert "PUBLIC KEY" in (console(story.settings, monkeypatch, "key"), capsys.readouterr().out)[1]


def test_an_original_can_be_destroyed_only_inside_the_locker(settings: Settings) -> None:
    outside = settings.data / "outside"
    outside.write_text("mine")

    with pytest.raises(Forbidden):
        locker(settings).destroy("../../outside")
    assert outside.exists()
