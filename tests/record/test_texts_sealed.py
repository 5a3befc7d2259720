"""A volunteer's own words lie sealed from the moment they come in, and who opens them later says why."""

import zipfile
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import Forbidden, Invalid, NotFound
from fieldcheck.domain.visit import StopReason
from fieldcheck.settings import BadSettings, Settings
from fieldcheck.storage import chain, erasing, free_texts, visit_queries
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import Visit
from fieldcheck.usecases import dispatch, endings, erasure, health, own_data, record, review, sync, texts, visits
from fieldcheck.usecases.sync import Place, SentAnswer
from fieldcheck.usecases.work import begin, look
from tests.story import Story, begin_story, new_id

SHEET = "illegal_collections"
PLANTED = "Меня встретила Зухра, говорит: planted-quote-4471"
MARK = b"planted-quote-4471"
REWRITTEN = "Everybody pays."
TOLD = {"COL-05": "mandatory", "COL-04": "head", "COL-16": PLANTED, "COL-18": "heard", "COL-12": "no", "COL-15": "no"}


@pytest.fixture
def weighed(story: Story) -> str:
    """A visit whose words were given twice, rewritten and released; gives its id."""
    visit = walked(story)
    accept(story, visit)
    return visit


def walked(story: Story) -> str:
    visit = story.assign(sheet=SHEET)
    story.walk(visit, SHEET, answers={**TOLD, "COL-16": f"{PLANTED} at first"})
    story.answer(visit, SHEET, "COL-16", PLANTED)
    story.submit(visit)
    return visit


def accept(story: Story, visit: str) -> None:
    with story.work("alice") as work:
        review.accept(work, visit, (), {(story.sheets[SHEET].digest, "COL-16"): REWRITTEN})


def opened(story: Story, visit: str, who: str = "alice", reason: str = "they ask", question: str = "COL-16") -> str:
    with story.work(who) as work:
        return texts.open_original(work, visit, story.sheets[SHEET].digest, question, reason)


def on_disk(settings: Settings) -> bytes:
    """Every byte of the database's own files, the log and the free pages among them."""
    return b"".join(path.read_bytes() for path in sorted(settings.data.glob("fieldcheck.db*")))


def whole(settings: Settings) -> str:
    """Every row of every table, as far as text goes."""
    with store.transaction(settings.database_url, reading=True) as session:
        names = "select name from sqlite_master where type = 'table'"
        if session.get_bind().dialect.name == "postgresql":
            names = "select tablename from pg_tables where schemaname = 'public'"
        tables = session.execute(text(names)).scalars().all()
        return "\n".join(str(tuple(row)) for name in tables for row in session.execute(text(f'select * from "{name}"')))


def test_her_words_are_in_no_table_and_in_no_byte_of_the_database_at_any_time(story: Story) -> None:
    visit = walked(story)
    before = whole(story.settings), on_disk(story.settings)
    accept(story, visit)
    after = whole(story.settings), on_disk(story.settings)

    for rows, data in (before, after):
        assert MARK.decode() not in rows and MARK not in data
        assert "Зухра" not in rows and "Зухра".encode() not in data and b"\\u0417\\u0443\\u0445" not in data
    assert REWRITTEN in after[0]  # the control: what was released is found by the same search
    assert story.settings.database_url.startswith("postgresql") or REWRITTEN.encode() in after[1]


def test_short_words_cannot_be_found_by_trying(story: Story) -> None:
    """Everything else that the hash is taken of stands in the row: a plain hash would give a short word away."""
    visit = story.assign(sheet=SHEET)
    one = SentAnswer(new_id(), story.sheets[SHEET].digest, "COL-16", "да", story.now, None, Place(no_place="off"))
    story.answer(visit, SHEET, "COL-05", "mandatory")
    with story.work("chelsea") as work:
        (taken,) = sync.take_answers(work, visit, story.now, "phone", "test", [one])
    with store.transaction(story.settings.database_url, reading=True) as session:
        kept = session.execute(text("select body_hash from answer where id = :id"), {"id": one.id}).scalar_one()

    assert taken.status == "stored"
    assert kept != sync._body_hash(visit, one, one.place.checked())


def test_the_record_holds_nothing_that_a_guess_can_be_tried_against(story: Story) -> None:
    """Neither a plain hash of what she said, nor one that the house could make again once her words are erased."""
    visit, sheet = story.assign(sheet=SHEET), story.sheets[SHEET].digest
    given = {"COL-05": "mandatory", "COL-16": "да"}
    sent = [SentAnswer(new_id(), sheet, *one, story.now, None, Place(no_place="off")) for one in given.items()]
    with story.work("chelsea") as work:
        assert {one.status for one in sync.take_answers(work, visit, story.now, "phone", "test", sent)} == {"stored"}
        endings.stop(work, visit, new_id(), story.now, StopReason.OTHER, "да")
    with store.transaction(story.settings.database_url, reading=True) as session:
        bodies = "\n".join(str(body) for *_, body in chain.bodies(session, visit))
        (row,) = (row for row in visit_queries.answers(session, visit) if row.wrapped)
        (note,) = session.execute(text("select note_wrapped from visit where id = :id"), {"id": visit}).scalars()

    hashes = [sync._body_hash(visit, one, one.place.checked()) for one in sent]
    short = sha256("да".encode()).hexdigest()
    with story.work("chelsea") as work:
        keyed = [work.texts.keyed(one) for one in (hashes[1], short)]
        own = work.texts.committed(visit, row.id, row.wrapped, row.body_hash)
        notes = work.texts.committed(visit, "note", note, "да")
    assert [one for one in (*hashes, short, *keyed) if one in bodies] == []
    assert own in bodies and notes in bodies  # the control: with the words' own keys, which go with the words
    assert record.verify_live(story.settings).holds


def test_what_is_sent_again_is_known_and_other_words_under_its_id_are_refused(story: Story) -> None:
    visit = story.assign(sheet=SHEET)
    story.answer(visit, SHEET, "COL-05", "mandatory")

    id_ = new_id()

    def sent(words: str) -> str:
        one = SentAnswer(id_, story.sheets[SHEET].digest, "COL-16", words, story.now, None, Place(no_place="off"))
        with story.work("chelsea") as work:
            return sync.take_answers(work, visit, story.now, "phone", "test", [one])[0].status

    assert [sent("так"), sent("так"), sent("не так")] == ["stored", "known", "refused"]


def test_while_it_is_walked_and_checked_it_is_read_as_before(story: Story) -> None:
    visit = walked(story)

    with look(story.settings, story.actors["chelsea"], now=story.now) as work:
        mine = {one.question: one.value for one in visits.one_of_mine(work, visit).answers}
    assert mine["COL-16"] == PLANTED
    assert said(story, visit).value == PLANTED


def said(story: Story, visit: str) -> Any:
    with look(story.settings, story.actors["alice"], now=story.now) as work:
        view = review.check(work, visit)
    return next(one for sheet in view.walks for one in sheet.answers if one.question.id == "COL-16")


def test_once_it_was_weighed_nobody_reads_it_in_passing(story: Story, weighed: str) -> None:
    shown = said(story, weighed)
    with look(story.settings, story.actors["chelsea"], now=story.now) as work:
        mine = {one.question for one in visits.one_of_mine(work, weighed).answers}

    assert (shown.value, shown.is_sealed, shown.released) == (None, True, REWRITTEN)
    assert "COL-16" not in mine and "COL-05" in mine


def test_nor_where_the_visit_was_set_aside(story: Story) -> None:
    visit = walked(story)
    with story.work("alice") as work:
        review.set_aside(work, visit, "not walked at all")

    assert (said(story, visit).value, said(story, visit).released) == (None, None)


@pytest.mark.parametrize("who", ["dana", "bo", "chelsea"])
def test_only_a_coordinator_opens_an_original(story: Story, weighed: str, who: str) -> None:
    with pytest.raises(Forbidden):
        opened(story, weighed, who)


def test_the_coordinator_of_another_region_finds_no_such_visit(story: Story, weighed: str) -> None:
    with pytest.raises(NotFound):
        opened(story, weighed, "boris")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_an_original_is_not_opened_without_a_reason(story: Story, weighed: str, reason: str) -> None:
    with pytest.raises(Invalid):
        opened(story, weighed, reason=reason)


@pytest.mark.parametrize("question", ["COL-05", "COL-99"])
def test_only_words_are_opened(story: Story, weighed: str, question: str) -> None:
    with pytest.raises(NotFound):
        opened(story, weighed, question=question)


def test_nor_where_no_record_of_it_would_stay(story: Story, weighed: str) -> None:
    with look(story.settings, story.actors["alice"]) as work, pytest.raises(RuntimeError):
        texts.open_original(work, weighed, story.sheets[SHEET].digest, "COL-16", "why")


def test_opening_it_gives_the_words_that_counted_and_the_record_says_who_and_why(story: Story, weighed: str) -> None:
    assert opened(story, weighed) == PLANTED

    with store.transaction(story.settings.database_url, reading=True) as session:
        last = session.execute(
            text("select actor, action, body from record_entry natural join record_body order by seq desc limit 1")
        ).one()
    assert (last.actor, last.action) == (story.actors["alice"].code, "text.open")
    assert "they ask" in str(last.body) and "COL-16" in str(last.body)
    assert MARK.decode() not in str(last.body)


def test_the_chain_still_holds_here_and_for_whoever_has_only_the_export(story: Story, weighed: str) -> None:
    opened(story, weighed)
    out = story.settings.data / "record.zip"
    record.export(story.settings, story.now, out)

    assert record.verify_live(story.settings).holds
    assert record.verify_export(story.settings, out, [], None).holds
    with zipfile.ZipFile(out) as archive:
        assert not [name for name in archive.namelist() if MARK in archive.read(name)]


def test_erasing_the_visit_takes_her_words_and_their_keys(story: Story, weighed: str) -> None:
    def held() -> tuple[int, int]:
        with store.transaction(story.settings.database_url, reading=True) as session:
            counted = session.execute(text("select count(wrapped), count(sealed) from answer")).one()
            return counted[0], counted[1]

    assert min(held()) > 0
    with story.work("dana") as work:
        order = erasure.ask(work, "visit", weighed, "she asked for it")
    kira = replace(story.actors["dana"], person_id=new_id(), code="K-1", role=Role.CUSTODIAN)
    erasure.consent(story.settings, kira, order, now=story.now)

    assert held() == (0, 0)
    assert record.verify_live(story.settings).holds
    with pytest.raises(NotFound):
        opened(story, weighed)


def test_her_own_data_has_her_own_words(story: Story, weighed: str) -> None:
    with story.work("chelsea") as work:
        file = own_data.as_file(own_data.take(work)).decode()

    assert PLANTED in file and f"{PLANTED} at first" in file


def test_a_row_moved_to_another_answer_does_not_open(story: Story, weighed: str) -> None:
    with store.transaction(story.settings.database_url, reading=True) as session:
        rows = [row for row in visit_queries.answers(session, weighed) if row.sealed]
    keys = begin(story.settings, story.actors["alice"])
    with keys as work, pytest.raises(BadSettings):
        work.texts.open(weighed, rows[0].id, rows[1].wrapped, rows[1].sealed)  # type: ignore[arg-type]


def test_what_came_before_is_sealed_at_the_next_start(settings: Settings) -> None:
    """An old database with words in it: after the start none of its bytes has them, and they are read as ever."""
    story, visit, ids = an_old_one(settings)

    health.prepare(settings)
    health.prepare(settings)  # and again, without harm

    assert MARK not in on_disk(settings) and MARK.decode() not in whole(settings)
    assert free_texts.WAITING not in whole(settings)
    assert said(story, visit).value == PLANTED
    with store.transaction(settings.database_url, reading=True) as session:
        others = session.execute(text("select count(*) from answer where value is not null")).scalar_one()
        sealed = set(session.execute(text("select id from answer where sealed is not null")).scalars())
    assert others > 5 and set(ids) <= sealed


def an_old_one(settings: Settings) -> tuple[Story, str, list[str]]:
    """Bring a walked visit back to how it lay before words were sealed."""
    health.prepare(settings)
    story = begin_story(settings)
    visit = walked(story)
    with store.transaction(settings.database_url) as session:
        rows = [row for row in visit_queries.answers(session, visit) if row.sealed]
    with begin(settings, story.actors["alice"]) as work:
        words = {row.id: work.texts.open(visit, row.id, row.wrapped, row.sealed) for row in rows}  # type: ignore[arg-type]
        for table in ("answer_no_update", "answer_no_delete"):
            work.session.execute(text(f"drop trigger {table}"))
        for id_, word in words.items():
            work.session.execute(
                text("update answer set value = json_quote(:word), sealed = null, wrapped = null where id = :id"),
                {"word": word, "id": id_},
            )
        for column in (
            "answer.sealed", "answer.wrapped", "device.pin_before", "photo.clock_gap_s",
            "visit.note_sealed", "visit.note_wrapped",
        ):  # fmt: skip
            work.session.execute(text("alter table {} drop column {}".format(*column.split("."))))
        for table in ("photo_likeness", "photo_look"):
            work.session.execute(text(f"drop table if exists {table}"))
        work.session.execute(text("update alembic_version set version_num = '0012'"))
    assert MARK in on_disk(settings)  # the control
    return story, visit, list(words)


def test_an_answer_still_cannot_be_changed(story: Story, weighed: str) -> None:
    for change in ("question_id = 'X'", "sealed = null", "wrapped = null", "value = '1'"):
        with pytest.raises(DBAPIError), store.transaction(story.settings.database_url) as session:
            session.execute(text(f"update answer set {change} where visit_id = :id"), {"id": weighed})


STOPS = {"at once": [MARK.decode()], "afterwards": ["", MARK.decode()]}


def stopped(story: Story, *notes: str) -> str:
    """Stop a visit, and say why; gives its id."""
    visit = story.assign("N3", "dina")
    for note in notes:
        with story.work("dina") as work:
            endings.stop(work, visit, new_id(), story.now, StopReason.REFUSED_ENTRY, note)
    return visit


def noted(story: Story, visit: str, by: str = "alice") -> str:
    with look(story.settings, story.actors[by], now=story.now) as work:
        return review.check(work, visit).note


@pytest.mark.parametrize("notes", STOPS.values(), ids=list(STOPS))
def test_why_she_stopped_is_in_no_table_and_her_coordinator_reads_it(story: Story, notes: list[str]) -> None:
    visit = stopped(story, *notes)

    assert MARK.decode() not in whole(story.settings)
    assert noted(story, visit) == MARK.decode()
    with look(story.settings, story.actors["dina"], now=story.now) as work, pytest.raises(Forbidden):
        review.check(work, visit)


def test_why_she_left_a_visit_that_was_called_off_is_sealed_too(story: Story) -> None:
    visit = story.assign("N3", "dina")
    with story.work("alice") as work:
        dispatch.withdraw(work, visit, "closed")
    with story.work("dina") as work:
        endings.stop(work, visit, new_id(), story.now, StopReason.REFUSED_ENTRY, MARK.decode())

    assert MARK.decode() not in whole(story.settings)
    assert noted(story, visit) == MARK.decode()


def test_a_note_from_before_is_sealed_at_the_next_start_and_goes_with_the_visit(story: Story) -> None:
    visit = stopped(story, "")
    with store.transaction(story.settings.database_url) as session:
        session.execute(
            text("update visit set decision_note = :mark where id = :id"), {"mark": MARK.decode(), "id": visit}
        )

    assert texts.seal_plain(story.settings) == 1
    assert texts.seal_plain(story.settings) == 0

    assert MARK.decode() not in whole(story.settings) and noted(story, visit) == MARK.decode()
    with store.transaction(story.settings.database_url) as session:
        erasing.empty_visit(session, session.get_one(Visit, visit), [])
        left = session.execute(text("select note_sealed, note_wrapped from visit where id = :id"), {"id": visit}).one()
    assert tuple(left) == (None, None)


def test_sealing_is_no_cover_for_changing_something_else(settings: Settings) -> None:
    """In a house that puts its guards up itself, not in a copy of one."""
    health.prepare(settings)
    walked(begin_story(settings))

    for change in ("question_id = 'X'", "clock_gap_s = clock_gap_s + 1"):
        with (
            pytest.raises(DBAPIError, match="append only"),
            store.transaction(settings.database_url) as session,
        ):
            session.execute(
                text(
                    f"update answer set value = null, sealed = :seal, wrapped = :seal, {change}"
                    " where id = (select min(id) from answer where value is not null)"
                ),
                {"seal": b"sealed"},
            )
