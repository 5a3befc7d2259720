"""The record of a real programme: signed, sent out, exported and verified; and bent in its own database."""

import json
import subprocess
import sys
import zipfile
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from fieldcheck import archive, cli, verifier
from fieldcheck.acts import ACTS
from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import Conflict, Forbidden, NotFound
from fieldcheck.settings import ZONE, BadSettings, Settings
from fieldcheck.storage import database as store
from fieldcheck.usecases import outline, people, record
from fieldcheck.usecases.work import locker, look, write_record
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


def outlined(story: Story, who: str = "dana") -> list[outline.ActSeen]:
    """All acts of administration that somebody is shown."""
    with story.work(who) as work:
        pages = [outline.acts(work, page) for page in (1, 2)]
    return [act for page in pages for act in page.rows]


def test_the_administrator_is_told_neither_an_entry_nor_a_number_of_the_whole_record(story: Story) -> None:
    for asked in (record.newest, record.length, record.heads, record.verify, lambda work: record.trace(work, "any")):
        with story.work("dana") as work, pytest.raises(Forbidden):
            asked(work)
    for told in (outline.ActSeen, outline.HeadSeen, outline.Verdict, outline.WeekSeen):
        assert not {"seq", "rows", "last", "cut"} & {field.name for field in fields(told)}


def test_the_outline_is_for_nobody_else_than_who_keeps_or_audits_the_record(story: Story) -> None:
    for name in ("alice", "chelsea", "bo"):
        for asked in (outline.acts, outline.weeks, outline.heads, outline.verify):
            with story.work(name) as work, pytest.raises(Forbidden):
                asked(work)


def test_the_administrator_reads_what_was_done_to_the_house_and_nothing_of_the_field(story: Story) -> None:
    acts = outlined(story)

    assert next(one for one in acts if one.action == "person.add" and one.actor.startswith("A-")).subject
    assert {"school.write", "checklist.publish", "region.write"} <= {one.action for one in acts}
    assert not [one.action for one in acts if one.action.startswith(("visit.", "answer.", "photo.", "quiz.", "conse"))]


#: What is done about visits, volunteers and the register, and is only counted for an administrator.
CONTENT = (
    "answer.", "case.", "conflict.", "consent.", "photo.", "quiz.", "record.erased", "rescue.", "revisit.", "text.",
    "visit.",
)  # fmt: skip


@pytest.mark.parametrize("action", ACTS)
def test_every_act_is_either_administration_or_content(story: Story, action: str) -> None:
    with store.transaction(story.settings.database_url) as session:
        write_record(session, story.actors["alice"].code, action, "something", {}, story.now)

    told = any(one.action == action and one.subject == "something" for one in outlined(story))

    assert told is not action.startswith(CONTENT)


def test_whose_words_were_erased_is_not_told_one_by_one(story: Story) -> None:
    """The words would say whether a volunteer was in it; without them nobody can."""
    with store.transaction(story.settings.database_url) as session:
        seq = write_record(session, story.actors["alice"].code, "person.invite", "somebody", {}, story.now)
        session.execute(text(f"delete from record_body where seq = {seq}"))

    assert not [one for one in outlined(story) if one.action == "person.invite" and one.at == story.now]


def test_older_acts_are_on_the_next_page(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outlined(story)
    monkeypatch.setattr(outline, "SHOWN", 3)

    with story.work("dana") as work:
        first, second, last = (outline.acts(work, page) for page in (1, 2, len(whole)))

    assert list(first.rows + second.rows) == whole[:6]
    assert (first.has_older, last.rows, last.has_older) == (True, (), False)


def test_all_else_is_counted_by_weeks_that_are_over(story: Story) -> None:
    monday = datetime(2026, 9, 21, tzinfo=ZONE)

    def told(now: datetime) -> dict[str, int]:
        with look(story.settings, story.actors["dana"], now=now) as work:
            return {one.week: one.entries for one in outline.weeks(work)}

    with look(story.settings, story.actors["ada"], now=monday) as work:
        whole = record.length(work)

    assert set(told(monday - timedelta(seconds=1)).values()) == {0}  # all of it is of this week
    assert list(told(monday)) == ["2026-W38", "2026-W37", "2026-W36", "2026-W35"]
    assert told(monday)["2026-W38"] + len(outlined(story)) == whole


def test_the_administrator_verifies_and_learns_whether_it_holds(story: Story) -> None:
    with look(story.settings, story.actors["dana"]) as work:
        before = outline.verify(work)
    unguarded(story, "update record_entry set actor = 'V-0000' where seq = 5")
    with look(story.settings, story.actors["dana"]) as work:
        after = outline.verify(work)

    assert (before.holds, before.altered) == (True, 0)
    assert (after.holds, after.altered) == (False, 1)


def test_the_administrator_does_not_see_when_a_volunteer_was_there(story: Story) -> None:
    """A sign-in or a phone of hers, beside the hidden answers of the same minute, would give them a name."""
    chelsea = story.actors["chelsea"]
    token = people.invite_from_console(story.settings, chelsea.code, story.now)
    people.redeem(story.settings, token, story.now)

    entries = outlined(story)
    with story.work("ada") as work:
        audited = record.newest(work)

    assert not [one for one in entries if one.action in {"account.sign_in", "device.add", "person.invite"}]
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
