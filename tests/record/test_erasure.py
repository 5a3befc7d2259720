"""Erasing takes two people, leaves nothing behind, and the record still holds and says that something was erased."""

import secrets
import shutil
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fieldcheck import verifier
from fieldcheck.domain.access import Role
from fieldcheck.domain.checklist import QuestionType
from fieldcheck.domain.errors import FieldcheckError, Forbidden, Invalid, NotFound, NotNow
from fieldcheck.domain.safety import Signal
from fieldcheck.domain.visit import StopReason
from fieldcheck.settings import Retention, Settings
from fieldcheck.storage import darkroom
from fieldcheck.storage import database as store
from fieldcheck.usecases import (
    dispatch,
    endings,
    erasure,
    evidence,
    holds,
    people,
    record,
    retention,
    review,
    safety,
    sync,
)
from fieldcheck.usecases.safety import SentSignal
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import begin
from tests.story import NOW, Story, begin_story, new_id

OTHER_DAY = timedelta(days=1)


@pytest.fixture
def story(database: Settings) -> Story:
    """Chelsea handed a visit in; Kira keeps what is confidential."""
    told = begin_story(database)
    with told.work("dana") as work:
        kira = people.bring_in(work, Role.CUSTODIAN, None, "Kira", language="en")
        view = next(person for person in people.people(work) if person.id == kira)
    told.actors["kira"] = replace(told.actors["dana"], person_id=kira, code=view.code, role=Role.CUSTODIAN)
    return told


def a_visit(story: Story, school: str = "N1") -> str:
    visit = story.assign(school)
    story.walk(visit)
    story.submit(visit)
    return visit


def ask(story: Story, kind: str, target: str, reason: str = "a face in the window") -> str:
    with story.work("dana") as work:
        return erasure.ask(work, kind, target, reason)


def consent(story: Story, order: str) -> erasure.Shredded:
    return erasure.consent(story.settings, story.actors["kira"], order, now=story.now)


def rows(story: Story, query: str, **values: Any) -> list[Any]:
    with store.transaction(story.settings.database_url, reading=True) as session:
        return [tuple(row) for row in session.execute(text(query), values)]


def a_photo_of(story: Story, visit: str) -> tuple[str, str]:
    """A photo's id and the name of its file."""
    return rows(story, "select id, stored from photo where visit_id = :v order by id", v=visit)[0]


def files_with(story: Story, name: str) -> list[Path]:
    return [path for path in story.settings.photos.rglob("*") if name in path.name]


# --- refusals


@pytest.mark.parametrize("name", ["alice", "bo", "chelsea", "kira"])
def test_only_an_administrator_asks(story: Story, name: str) -> None:
    with story.work(name) as work, pytest.raises(Forbidden):
        erasure.ask(work, "person", "V-1", "because")


@pytest.mark.parametrize("name", ["alice", "bo", "chelsea", "dana"])
def test_only_a_custodian_consents(story: Story, name: str) -> None:
    order = ask(story, "visit", a_visit(story))

    with pytest.raises(Forbidden):
        erasure.consent(story.settings, story.actors[name], order, now=story.now)
    assert record.verify_live(story.settings).erased == []


def test_the_same_person_under_another_role_is_still_one_person(story: Story) -> None:
    order = ask(story, "visit", a_visit(story))
    turned = replace(story.actors["dana"], role=Role.CUSTODIAN)

    with pytest.raises(Forbidden, match="two_people"):
        erasure.consent(story.settings, turned, order, now=story.now)


@pytest.mark.parametrize(("kind", "reason"), [("case", "why"), ("photo", " "), ("photo", "x" * 501)])
def test_an_order_without_a_kind_or_a_reason_is_refused(story: Story, kind: str, reason: str) -> None:
    with pytest.raises(Invalid, match=r"erasure\.incomplete"):
        ask(story, kind, "x", reason)


@pytest.mark.parametrize("kind", ["photo", "visit", "person"])
def test_what_is_not_there_cannot_be_erased(story: Story, kind: str) -> None:
    with pytest.raises(NotFound, match=r"erasure\.nothing_there"):
        ask(story, kind, "nothing")


def test_an_order_is_decided_once(story: Story) -> None:
    order = ask(story, "visit", a_visit(story))
    with story.work("kira") as work:
        erasure.refuse(work, order)

    with pytest.raises(NotNow, match=r"erasure\.decided"):
        consent(story, order)


def test_the_same_thing_is_asked_for_once(story: Story) -> None:
    visit = a_visit(story)
    ask(story, "visit", visit)

    with pytest.raises(NotNow, match=r"erasure\.already_asked"):
        ask(story, "visit", visit)


def test_without_an_order_no_answer_goes(story: Story) -> None:
    visit = a_visit(story)
    ask(story, "visit", visit)

    with pytest.raises(DBAPIError, match="append only"), store.transaction(story.settings.database_url) as session:
        session.execute(text("delete from answer"))


def test_an_order_for_one_visit_opens_no_other(story: Story) -> None:
    one, other = a_visit(story), a_visit(story, "N2")
    ask(story, "visit", one)
    with store.transaction(story.settings.database_url) as session:
        session.execute(text("update erasure set state = 'consented'"))

    with pytest.raises(DBAPIError, match="append only"), store.transaction(story.settings.database_url) as session:
        session.execute(text("delete from answer where visit_id = :v"), {"v": other})


# --- what goes


def test_a_photo_goes_with_its_file_its_copies_and_its_words(story: Story) -> None:
    visit = a_visit(story)
    photo, sha256 = a_photo_of(story, visit)
    order = ask(story, "photo", photo)

    done = consent(story, order)

    (kept,) = rows(story, "select lat, claims, phash, released from photo where id = :p", p=photo)
    report = record.verify_live(story.settings)
    assert (done.files, done.is_clean) == (1, True)
    assert files_with(story, sha256) == []
    assert not any(kept)
    assert report.holds, verifier.told(report)
    assert (len(report.erased), report.photos_erased) == (1, 1)


def test_a_visit_goes_with_its_answers_and_what_was_written_about_it(story: Story) -> None:
    visit = a_visit(story)
    before = rows(story, "select count(*) from answer where visit_id = :v", v=visit)

    consent(story, ask(story, "visit", visit))

    report = record.verify_live(story.settings)
    assert before[0][0] > 0
    assert rows(story, "select count(*) from answer where visit_id = :v", v=visit) == [(0,)]
    assert rows(story, "select count(*) from record_body b join record_entry e on e.seq = b.seq "
                "where b.subject = :v and e.action not like 'record.%' and e.action not like 'erasure.%'",
                v=visit) == [(0,)]  # fmt: skip
    assert report.holds, verifier.told(report)
    assert list(story.settings.photos.glob("orig/*/*")) == []


CONTENT = (
    "select (select count(*) from answer where visit_id = :v), "
    "(select count(*) from photo where visit_id = :v and erased_at is null), "
    "(select count(*) from visit where id = :v and note_sealed is not null)"
)


@pytest.mark.parametrize("ends", ["begun", "handed in", "stopped", "called off"])
def test_what_comes_late_for_a_visit_that_two_people_had_erased_is_refused_and_nothing_of_it_kept(
    story: Story, ends: str
) -> None:
    """The phones that could not send are those that come back when all is over."""
    visit = story.assign()
    story.walk(visit)
    if ends == "handed in":
        story.submit(visit)
    elif ends == "stopped":
        stops(story, visit)
    elif ends == "called off":
        with story.work("alice") as work:
            dispatch.withdraw(work, visit, "the school burnt down")
    consent(story, ask(story, "visit", visit))

    taken = story.answer(visit, "entrance_stands", "ENT-03", "free")
    with pytest.raises(NotNow, match="closed"):
        story.photo(visit, "entrance_stands", "ENT-04", 7)
    if ends != "handed in":
        stops(story, visit)  # she is not troubled with it: it is over for her

    assert (taken.status, taken.error and taken.error.code) == ("refused", "visit.closed")
    assert rows(story, CONTENT, v=visit) == [(0, 0, 0)]
    with story.work("alice") as work, pytest.raises(FieldcheckError):
        review.send_back(work, visit, [(story.sheets["entrance_stands"].digest, "ENT-03", "again")])


def stops(story: Story, visit: str) -> None:
    """She stops, and says something about it."""
    with story.work("chelsea") as work:
        endings.stop(work, visit, new_id(), story.now, StopReason.UNSAFE, "a man with a red beard")


def test_she_is_heard_also_on_a_visit_that_was_erased(story: Story) -> None:
    visit = story.assign()
    story.answer(visit, "entrance_stands", "ENT-03", "free")
    consent(story, ask(story, "visit", visit))
    here = Place(54.87531, 69.16281, 20.0, 3.0)

    with story.work("chelsea") as work:
        safety.alarm(work, visit, SentSignal(new_id(), Signal.RECOGNISED, story.now, story.now, here))

    with story.work("alice") as work:
        assert [one.visit_id for one in safety.urgent(work)] == [visit]


def test_an_answer_on_its_way_while_its_visit_is_erased_does_not_outlive_it(story: Story) -> None:
    visit = story.assign()
    story.answer(visit, "entrance_stands", "ENT-03", "free")
    order, taken = ask(story, "visit", visit), threading.Event()

    def erases() -> None:
        taken.wait(30)
        consent(story, order)

    other = threading.Thread(target=erases)
    other.start()
    with story.work("chelsea") as work:
        sync.held(work, visit)
        taken.set()
        time.sleep(0.5)  # whoever erases it waits for this, or for nothing
        digest, nowhere = story.sheets["entrance_stands"].digest, Place(no_place="off")
        one = SentAnswer(new_id(), digest, "ENT-03", "paid", story.now, None, nowhere)
        sync.take_answers(work, visit, story.now, "phone", "test", [one])
    other.join(30)

    assert rows(story, CONTENT, v=visit) == [(0, 0, 0)]


def test_a_photo_erased_while_it_is_being_developed_stays_erased(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = story.assign()
    photo = story.photo(visit, "entrance_stands", "ENT-04", 7)
    (stored,) = rows(story, "select stored from photo")[0]
    develop = darkroom.develop_apart

    def meanwhile(data: bytes) -> Any:
        consent(story, ask(story, "photo", photo))
        return develop(data)

    monkeypatch.setattr(darkroom, "develop_apart", meanwhile)
    evidence.develop_waiting(story.settings, 8)

    assert rows(story, "select state, phash, claims from photo") == [("refused", None, None)]
    assert files_with(story, stored) == []


def test_a_person_goes_and_the_code_stays(story: Story) -> None:
    a_visit(story)
    chelsea = story.actors["chelsea"]

    consent(story, ask(story, "person", chelsea.code, "she asked for it"))

    assert rows(story, "select count(*) from vault_key where person_id = :p", p=chelsea.person_id) == [(0,)]
    assert rows(story, "select code, active from person where id = :p", p=chelsea.person_id) == [(chelsea.code, False)]
    assert people.actor_by_account(story.settings, chelsea.person_id) is None
    assert record.verify_live(story.settings).holds


def test_an_erasure_is_in_the_record_with_both_people_and_the_reason(story: Story) -> None:
    visit = a_visit(story)
    order = ask(story, "visit", visit, "her own wish")

    consent(story, order)

    with store.transaction(story.settings.database_url, reading=True) as session:
        *_others, last = record.record_queries.everything(session)
    assert (last["action"], last["actor"]) == ("record.erased", story.actors["kira"].code)
    assert (last["body"]["asked_by"], last["body"]["reason"]) == (story.actors["dana"].code, "her own wish")


def test_what_tells_of_an_erasure_outlives_the_next_one(story: Story) -> None:
    visit = a_visit(story)
    photo, _sha256 = a_photo_of(story, visit)
    consent(story, ask(story, "photo", photo))
    story.later(days=1)

    consent(story, ask(story, "visit", visit))
    consent(story, ask(story, "visit", visit))

    assert record.verify_live(story.settings).holds


def test_a_photo_put_back_after_its_erasure_is_told(story: Story) -> None:
    visit = a_visit(story)
    photo, sha256 = a_photo_of(story, visit)
    kept = shutil.copy(files_with(story, sha256)[0], story.settings.data / "kept")
    consent(story, ask(story, "photo", photo))
    shutil.copy(kept, story.settings.photos / "orig" / sha256[:2] / sha256)

    assert record.verify_live(story.settings).photos_undead == [sha256]


def test_a_crash_between_rows_and_files_is_mended_by_the_next_shred(story: Story) -> None:
    photo, sha256 = a_photo_of(story, a_visit(story))
    order = ask(story, "photo", photo)
    with begin(story.settings, story.actors["kira"], now=story.now) as work:
        erasure.allow(work, order)
    left = files_with(story, sha256)

    done = erasure.shred(story.settings)

    assert left
    assert done.files == 1
    assert files_with(story, sha256) == []


def planted(story: Story, visit: str, count: int) -> tuple[list[bytes], list[bytes]]:
    """Plant canaries as her own words; gives them, the keys under which they are sealed and every salt of the visit."""
    sheet = story.sheets["entrance_stands"]
    question = next(q for q in sheet.questions if q.type is QuestionType.TEXT)
    found = []
    for _ in range(count):
        canary = f"canary-{secrets.token_hex(12)}"
        assert story.answer(visit, sheet.id, question.id, canary).status == "stored"
        found.append(canary.encode())
    keys = rows(story, "select wrapped from answer where visit_id = :v and wrapped is not null", v=visit)
    salts = rows(story, "select salt from record_body where subject = :v", v=visit)
    return found, [bytes(one) for (one,) in [*keys, *salts]]


def test_the_keys_of_what_was_erased_and_its_salts_are_in_no_file_of_the_database(settings: Settings) -> None:
    store.upgrade(settings.database_url)
    told = begin_story(settings)
    told.actors["kira"] = replace(told.actors["dana"], person_id=new_id(), code="K-1", role=Role.CUSTODIAN)
    visit = told.assign()
    told.walk(visit)
    keys = [bytes(key) for (key,) in rows(told, "select wrapped from photo where visit_id = :v", v=visit)]
    words, sealing = planted(told, visit, 100)
    canaries = sealing + keys

    def in_the_files() -> int:
        whole = b"".join(path.read_bytes() for path in settings.data.glob("fieldcheck.db*"))
        assert not any(word in whole for word in words)  # they were sealed as they came
        return sum(canary in whole for canary in canaries)

    before = in_the_files()
    order = ask(told, "visit", visit)
    with begin(settings, told.actors["kira"], now=told.now) as work:
        erasure.allow(work, order)
    in_the_log = in_the_files()
    done = erasure.shred(settings)

    assert keys and before == len(canaries) >= 200
    assert in_the_log == len(canaries)  # the control: deleted is not yet gone
    assert done.is_clean
    assert in_the_files() == 0
    assert record.verify_live(settings).holds


# --- periods and holds


def decided(story: Story, visit: str) -> None:
    """Let a visit be decided, with nothing to be entered in the register."""
    with store.transaction(story.settings.database_url) as session:
        session.execute(
            text("update visit set state = 'rejected', decided_at = :n where id = :v"),
            {"n": story.now.replace(tzinfo=None) if "sqlite" in story.settings.database_url else story.now, "v": visit},
        )


def test_a_dry_run_counts_and_erases_nothing(story: Story) -> None:
    visit = a_visit(story)
    decided(story, visit)

    counted = retention.due(story.settings, story.now + timedelta(days=91))

    assert {one.name: one.visits for one in counted} == {"drafts": 0, "findings": 0, "photos": 1}
    assert record.verify_live(story.settings).erased == []


def test_photos_go_first_and_the_rest_when_its_time_has_come(story: Story) -> None:
    visit = a_visit(story)
    decided(story, visit)

    photos, shredded = retention.apply(story.settings, story.now + timedelta(days=91))
    again, nothing = retention.apply(story.settings, story.now + timedelta(days=92))
    answers = rows(story, "select count(*) from answer")[0][0]
    rest, _done = retention.apply(story.settings, story.now + timedelta(days=3 * 365 + 1))

    report = record.verify_live(story.settings)
    assert {one.name: one.visits for one in photos} == {"drafts": 0, "findings": 0, "photos": 1}
    assert shredded.files > 0
    assert not any(one.visits for one in again)
    assert nothing.files == 0
    assert {one.name: one.items for one in rest} == {"drafts": 0, "findings": answers, "photos": 0}
    assert report.holds, verifier.told(report)


def test_a_draft_goes_after_its_period_and_an_open_visit_within_its_days_does_not(story: Story) -> None:
    stale, fresh = story.assign(), story.assign("N2", "dina")
    story.answer(stale, "entrance_stands", "ENT-03", "free")
    story.answer(fresh, "entrance_stands", "ENT-03", "free", who="dina")
    with store.transaction(story.settings.database_url) as session:
        session.execute(text("update visit set window_to = '2099-01-01 00:00:00+00' where id = :v"), {"v": fresh})

    done, _shredded = retention.apply(story.settings, story.now + timedelta(days=40))

    assert {one.name: one.items for one in done} == {"drafts": 1, "findings": 0, "photos": 0}
    assert rows(story, "select visit_id from answer") == [(fresh,)]
    assert rows(story, "select state from visit where id = :v", v=stale) == [("withdrawn",)]


def test_what_comes_for_a_draft_whose_period_is_over_goes_after_the_same_period(story: Story) -> None:
    visit = story.assign()
    story.answer(visit, "entrance_stands", "ENT-03", "free")
    story.later(days=40)
    retention.apply(story.settings, story.now)
    story.answer(visit, "entrance_stands", "ENT-03", "paid")
    stops(story, visit)
    with story.work("chelsea") as work:
        here = Place(54.87531, 69.16281, 20.0, 3.0)
        safety.check_out(work, visit, SentSignal(new_id(), Signal.CHECK_OUT, story.now, story.now, here))

    early, _ = retention.apply(story.settings, story.now + timedelta(days=29))
    late, _ = retention.apply(story.settings, story.now + timedelta(days=31))
    again, _ = retention.apply(story.settings, story.now + timedelta(days=99))

    assert [{one.name: one.visits for one in done}["drafts"] for done in (early, late, again)] == [0, 1, 0]
    assert rows(story, CONTENT, v=visit) == [(0, 0, 0)]
    assert rows(story, "select lat, lon, accuracy from visit_alarm") == [(None, None, None)]


def test_why_she_left_and_where_she_was_are_kept_no_longer_than_a_draft(story: Story) -> None:
    visit = story.assign()
    stops(story, visit)

    done, _ = retention.apply(story.settings, story.now + timedelta(days=40))

    assert {one.name: one.visits for one in done}["drafts"] == 1
    assert rows(story, CONTENT, v=visit) == [(0, 0, 0)]


def test_the_periods_are_the_settings_own(story: Story) -> None:
    decided(story, a_visit(story))
    short = replace(story.settings, keep=Retention(photos=timedelta(days=1)))

    counted = retention.due(short, story.now + timedelta(days=2))

    assert {one.name: (one.days, one.visits) for one in counted}["photos"] == (1, 1)


def on_the_register(story: Story) -> tuple[str, str, str]:
    """Make a register entry of a visit; gives visit, case and number."""
    visit = a_visit(story)
    values = {"v": visit, "d": story.sheets["entrance_stands"].digest, "n": NOW}
    if "sqlite" in story.settings.database_url:
        values["n"] = NOW.replace(tzinfo=None)
    with store.transaction(story.settings.database_url) as session:
        session.execute(text("delete from finding where visit_id = :v"), {"v": visit})
        session.execute(text(
            "insert into finding (id, visit_id, digest, code, severity, nature, title, detail, judged_at) "
            "values ('F', :v, :d, 'X-1', 'low', 'indicator', '{}', '{}', :n)"), values)  # fmt: skip
        session.execute(text(
            "insert into register_case (id, number, finding_id, school_id, region_id, code, severity, nature, title, "
            "state, restricted, visited_half, visited_told, opened_at, released_at, dated_at, closed_at, "
            "suggested_body_id) values "
            "('C', 'HP-1', 'F', 'N1', '590000000', 'X-1', 'low', 'indicator', '{}', 'closed', false, '2026-09-14/am', "
            "'2026-09-14/am', :n, :n, :n, :n, 'PROGRAM')"), values)  # fmt: skip
        session.execute(text("update visit set state = 'accepted', decided_at = :n where id = :v"), values)
    return visit, "C", "HP-1"


def test_what_is_on_hold_goes_neither_by_order_nor_by_period(story: Story) -> None:
    visit, case, number = on_the_register(story)
    with story.work("bo") as work:
        holds.hold(work, case, "a court asked for it")
    order = ask(story, "visit", visit)

    with pytest.raises(NotNow, match=r"erasure\.on_hold"):
        consent(story, order)
    held = retention.due(story.settings, story.now + timedelta(days=4000))
    holds.from_console(story.settings, number, None, story.now)
    lifted = retention.due(story.settings, story.now + timedelta(days=4000))

    assert not any(one.visits for one in held)
    assert {one.name: one.visits for one in lifted} == {"drafts": 0, "findings": 1, "photos": 1}


def test_an_open_register_entry_keeps_its_visit(story: Story) -> None:
    on_the_register(story)
    with store.transaction(story.settings.database_url) as session:
        session.execute(text("update register_case set state = 'referred', closed_at = null"))

    assert not any(one.visits for one in retention.due(story.settings, story.now + timedelta(days=4000)))


def test_a_hold_needs_a_reason_and_an_entry_of_ones_own_reach(story: Story) -> None:
    _visit, case, _number = on_the_register(story)
    with story.work("bo") as work, pytest.raises(Invalid, match=r"hold\.reason_needed"):
        holds.hold(work, case, " ")
    with story.work("bella") as work, pytest.raises(NotFound):
        holds.hold(work, case, "elsewhere")
    with pytest.raises(NotFound):
        holds.from_console(story.settings, "none", "why", story.now)
