"""Locks that nothing else tries: each is here because taking it off went unnoticed once."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from starlette.requests import Request

from fieldcheck.domain.access import Action, reach
from fieldcheck.domain.errors import Busy, Conflict, FieldcheckError, Forbidden, NotFound
from fieldcheck.domain.safety import Signal
from fieldcheck.domain.visit import StopReason
from fieldcheck.settings import BadSettings
from fieldcheck.storage import (
    database,
    record_queries,
    register_queries,
    report_queries,
    rescue_key,
    revisit_queries,
    sealing,
    throttle_queries,
)
from fieldcheck.storage.photos import Copy
from fieldcheck.storage.tables import Case, Credential, OpenIdentity, Tries
from fieldcheck.usecases import (
    devices,
    endings,
    evidence,
    identities,
    known_browsers,
    people,
    providers,
    reports,
    rescue,
    safety,
    seasons,
    sessions,
)
from fieldcheck.usecases.providers import Word
from fieldcheck.usecases.safety import SentSignal
from fieldcheck.usecases.sync import Place
from fieldcheck.usecases.work import locker
from fieldcheck.web import sign_in
from tests.story import SOUTH, Story, a_photo, new_id
from tests.usecases.test_rescue import file, refused

SHEET = "entrance_stands"


def test_nobody_takes_back_a_photo_of_another_visit_by_naming_her_own(story: Story) -> None:
    mine, others = story.assign("N1", "chelsea"), story.assign("N2", "dina")
    photo = story.photo(others, SHEET, "ENT-04", 5, "dina")

    for id_ in (photo, new_id()):
        with story.work("chelsea") as work, pytest.raises(NotFound, match="photo"):
            evidence.withdraw(work, mine, id_)

    with database.transaction(story.settings.database_url, reading=True) as session:
        assert session.execute(text("select withdrawn_at from photo")).scalars().all() == [None]


def test_a_photo_for_a_checklist_that_the_visit_does_not_walk_is_refused(story: Story) -> None:
    visit, data, other = story.assign("N1", "chelsea"), a_photo(5), story.sheets["illegal_collections"]
    sent = evidence.SentPhoto(
        new_id(),
        other.digest,
        "COL-17",
        sha256(data).hexdigest(),
        len(data),
        story.now,
        "camera",
        Place(no_place="off"),
    )

    with story.work("chelsea") as work, pytest.raises(NotFound):
        evidence.expect(work, visit, sent)


def test_a_signal_of_one_is_not_anothers_though_it_says_the_same(story: Story) -> None:
    sent = SentSignal(new_id(), Signal.DURESS, story.now, story.now, Place(no_place="off"))
    with story.work("chelsea") as work:
        safety.alarm(work, None, sent)

    with story.work("dina") as work, pytest.raises(Conflict, match="reused"):
        safety.alarm(work, None, sent)


def test_a_coordinator_without_a_region_reaches_nothing_at_all(story: Story) -> None:
    with story.work("alice") as work:
        nowhere = replace(work, actor=replace(work.actor, region=None))
        with pytest.raises(Forbidden, match="forbidden"):
            nowhere.reach(Action.PERSON_LIST)


def test_an_address_that_tries_too_often_by_a_provider_has_to_wait(story: Story) -> None:
    told = []
    for number in range(60):
        word = Word("https://id.example", "nobody", story.now + timedelta(minutes=5), str(number))
        with pytest.raises((Forbidden, Busy)) as error:
            providers.sign_in(story.settings, word, "192.0.2.7", story.now)
        told.append(error.value.code)

    assert told[0] == "sign_in.not_listed" and told[-1] == "sign_in.too_many"


def test_a_file_from_a_phone_that_is_too_large_or_too_full_is_refused(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = file(story, story.assign("N1", "chelsea"))
    monkeypatch.setattr(rescue, "MOST_ITEMS", 1)
    assert refused(story, data) == "rescue.unreadable"
    monkeypatch.undo()
    monkeypatch.setattr(rescue, "LARGEST", len(data) - 1)
    assert refused(story, data) == "rescue.unreadable"
    monkeypatch.undo()
    with story.work("alice") as work:
        assert rescue.open_file(work, data).items  # the control


def test_a_key_of_rescue_files_that_others_can_read_is_refused(story: Story) -> None:
    rescue.public_key(story.settings)
    (story.settings.data / "rescue.key").chmod(0o640)

    with pytest.raises(BadSettings, match="chmod 600"):
        rescue_key.public(story.settings.data / "rescue.key")


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    sealing.make_master_key(tmp_path / "vault.key")
    before = (tmp_path / "vault.key").read_bytes()

    sealing.make_master_key(tmp_path / "vault.key")

    assert (tmp_path / "vault.key").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["vault.key"]


def test_one_copy_of_a_photo_does_not_stand_in_for_another(story: Story) -> None:
    """Whoever holds the disk could show the small copy, or the original itself, where the other is asked for."""
    story.photo(story.assign("N1", "chelsea"), SHEET, "ENT-04", 5, "chelsea")
    evidence.develop_waiting(story.settings, 10)
    shelves = locker(story.settings)
    with database.transaction(story.settings.database_url, reading=True) as session:
        (kept,) = record_queries.kept_photos(session)
    view, thumb = (shelves._derivative(kept.name, kind) for kind in Copy)
    original = shelves._original(kept.name)
    for other in (thumb, original):
        view.unlink()
        shutil.copy(other, view)
        with pytest.raises(Conflict, match="damaged"):
            shelves.derivative(kept, Copy.VIEW)


def test_the_order_of_a_new_season_is_not_that_of_the_old_codes(story: Story) -> None:
    """Rows lie in the order in which they were made: were that the old codes' order, old and new could be paired."""
    orders = set()
    for _season in range(16):
        before = _now(story)
        with story.work("alice") as work:
            seasons.begin(work)
        after = _now(story)
        lesser, greater = sorted(before, key=lambda name: before[name][1])
        orders.add(after[lesser][0] < after[greater][0])

    assert orders == {True, False}


def _now(story: Story) -> dict[str, tuple[int, str]]:
    """Chelsea's and Dina's rows, by when they were made, and their codes."""
    with story.work("alice") as work:
        who = {id_: one.name for id_, one in identities.read(work).items() if not one.is_renewed}
        codes = {one.id: one.code for one in people.people(work) if one.active}
    made = "rowid" if story.settings.database_url.startswith("sqlite") else "ctid"
    with database.transaction(story.settings.database_url, reading=True) as session:
        order: list[Any] = list(session.execute(text(f"select id from person order by {made}")).scalars())
    return {name: (order.index(id_), codes[id_]) for id_, name in who.items() if id_ in codes}


def test_a_line_of_whoever_waits_for_a_hash_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "LONGEST_LINE", 0)

    with ThreadPoolExecutor(1) as aside, pytest.raises(Busy, match="busy"):  # a browser's loop may be running here
        aside.submit(lambda: asyncio.run(sign_in.Waiting().run(lambda: None))).result()


def test_a_desks_door_knows_nobody_whom_the_gate_did_not_find() -> None:
    """Behind the gate there is always somebody; without it nobody is taken for somebody."""
    for actor in (None, "somebody", {"person_id": "x"}):
        with pytest.raises(Forbidden, match="none"):
            sign_in.who(Request({"type": "http", "headers": [], "fieldcheck.actor": actor}))


def test_neither_a_volunteer_nor_whoever_was_closed_comes_in_by_a_provider_that_knows_them(story: Story) -> None:
    """Nobody may bind her there; a row that came in by another way still opens nothing."""
    word = Word("https://id.example", "somebody", story.now + timedelta(minutes=5), "once")
    with database.transaction(story.settings.database_url) as session:
        session.add(
            OpenIdentity(
                issuer=word.issuer,
                subject=word.subject,
                person_id=story.actors["chelsea"].person_id,
                added_at=story.now,
            )
        )

    with pytest.raises(Forbidden, match="not_listed"):
        providers.sign_in(story.settings, word, "192.0.2.7", story.now)

    with database.transaction(story.settings.database_url) as session:
        session.execute(text("update open_identity set person_id = :id"), {"id": story.actors["bo"].person_id})
    again = replace(word, nonce="twice")
    assert providers.sign_in(story.settings, again, "192.0.2.7", story.now).cookie  # the control

    with database.transaction(story.settings.database_url) as session:
        session.execute(
            text("update person set active = :no where code = :bo"), {"no": False, "bo": story.actors["bo"].code}
        )
    with pytest.raises(Forbidden, match="not_listed"):
        providers.sign_in(story.settings, replace(word, nonce="thrice"), "192.0.2.7", story.now)


def test_a_browser_that_one_desk_knows_is_not_known_to_another_of_the_same_moment(story: Story) -> None:
    mine, others = (Credential(person_id=id_, password="x", password_at=story.now) for id_ in ("mine", "others"))

    kept = known_browsers.introduced(story.settings, mine)

    assert known_browsers.recognised(story.settings, mine, kept)
    assert not known_browsers.recognised(story.settings, others, kept)


def test_a_phone_of_whoever_was_put_aside_is_nobodys_though_it_was_not_ended(story: Story) -> None:
    token = people.invite_from_console(story.settings, story.actors["chelsea"].code, story.now)
    session = people.redeem(story.settings, token, story.now, "phone")
    devices.set_pin(story.settings, story.actors["chelsea"], session.device_cookie, "ab" * 32, "", story.now)
    with database.transaction(story.settings.database_url) as kept:
        kept.execute(
            text("update person set active = :no where id = :id"),
            {"no": False, "id": story.actors["chelsea"].person_id},
        )

    with pytest.raises(Forbidden, match=r"session\.none"):
        devices.unlock(story.settings, session.device_cookie, "ab" * 32, story.now)


def test_what_ended_at_doors_is_counted_in_its_own_region_only(story: Story) -> None:
    visit = story.assign()
    with story.work("chelsea") as work:
        endings.stop(work, visit, new_id(), story.now, StopReason.REFUSED_ENTRY, "")

    counted = {}
    for name in ("alice", "boris"):
        with story.work(name) as work:
            counted[name] = dict(reports.region_figures(work).doors)

    assert counted == {"alice": {"refused_entry": 1}, "boris": {}}


def test_a_link_that_nobody_made_opens_nobodys_account_though_another_is_open(story: Story) -> None:
    open_ = people.invite_from_console(story.settings, story.actors["chelsea"].code, story.now)

    with pytest.raises(FieldcheckError):
        people.redeem(story.settings, "x" * 43, story.now)

    assert people.redeem(story.settings, open_, story.now).person_id == story.actors["chelsea"].person_id


def test_whoever_is_closed_is_signed_out_and_nobody_else(story: Story) -> None:
    kept = {
        name: people.redeem(
            story.settings, people.invite_from_console(story.settings, story.actors[name].code, story.now), story.now
        ).cookie
        for name in ("chelsea", "dina", "bo")
    }
    with story.work("alice") as work:
        people.close(work, story.actors["dina"].person_id)

    still = {name for name, cookie in kept.items() if sessions.actor_for(story.settings, cookie, story.now)}
    assert still == {"chelsea", "bo"}


def test_every_figure_of_a_region_asks_for_that_region_in_each_of_its_questions(story: Story) -> None:
    """Where the north has nothing overdue, nobody would see that its rows were counted: so the questions are read."""
    mine = reach(story.actors["boris"], Action.VISIT_CHECK, story.now)
    seen = reach(story.actors["bella"], Action.CASE_LIST, story.now)
    asked = {
        "visits overdue": lambda s: report_queries.visits_overdue(s, mine, story.now),
        "schools": lambda s: report_queries.schools_visited(s, mine),
        "doors": lambda s: report_queries.door_results(s, mine),
        "incidents": lambda s: report_queries.incidents(s, mine),
        "cases overdue": lambda s: report_queries.cases_overdue(s, seen, story.now),
        "cases due": lambda s: report_queries.cases_due(s, seen, story.now, story.now),
        "remedied": lambda s: report_queries.cases_remedied_by_region(s, seen),
        "answers": lambda s: report_queries.answer_times(s, seen, story.now),
        "second visits": lambda s: revisit_queries.told_by_region(s, seen),
        "partners": lambda s: register_queries.confirmed_partners(s, seen, Case(id="x", school_id="N1"), ["V-1"]),
    }
    with database.transaction(story.settings.database_url, reading=True) as session:
        said: list[str] = []

        def hear(_c: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, _many: bool) -> None:
            said.append(repr(parameters))

        event.listen(session.get_bind(), "before_cursor_execute", hear)
        try:
            without = {}
            for name, ask in asked.items():
                said.clear()
                ask(session)
                without[name] = [one for one in said if SOUTH not in one] or not said
        finally:
            event.remove(session.get_bind(), "before_cursor_execute", hear)

    assert {name: found for name, found in without.items() if found} == {}


def test_a_door_is_shut_to_whoever_tried_too_often_until_then_and_to_nobody_else(story: Story) -> None:
    def row(key: str, until: timedelta | None) -> Tries:
        ends = None if until is None else story.now + until
        return Tries(
            key=key, kind="account", failures=9, last_at=story.now, locked_until=ends,
            forget_at=story.now + timedelta(days=1),
        )  # fmt: skip

    with database.transaction(story.settings.database_url) as session:
        session.add_all(
            [row("mine", timedelta(minutes=5)), row("others", timedelta(minutes=5)), row("over", -timedelta(minutes=5))]
        )
        session.flush()
        found = throttle_queries.locked(session, ["mine", "over", "unknown"], story.now)

    assert set(found) == {"mine"}
