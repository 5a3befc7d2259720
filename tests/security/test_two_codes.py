"""One phone that had one code and has another now: nothing that is written then names both, or one beside the other."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col
from starlette.testclient import TestClient

from fieldcheck.domain.access import Actor
from fieldcheck.domain.errors import NotNow
from fieldcheck.storage import chain, database, record_queries
from fieldcheck.storage.tables import Device
from fieldcheck.usecases import devices, dispatch, identities, people, seasons
from fieldcheck.usecases.devices import Standing
from fieldcheck.usecases.sessions import NewSession
from fieldcheck.usecases.work import begin
from tests.identity.people import done
from tests.security.conftest import Door
from tests.security.town import Town


def come_in(town: Town, code: str) -> NewSession:
    """Open a link on a phone that had none before."""
    token = people.invite_from_console(town.settings, code, datetime.now(UTC))
    return people.redeem(town.settings, token, datetime.now(UTC), "phone")


def held(session: NewSession) -> str:
    """What her browser holds, and sends."""
    return f"fc={session.cookie}; fc_dev={session.device_cookie}"


def renew(town: Town) -> Actor:
    """Let a season begin while Chelsea has nothing under way; gives who she is now."""
    old = town.actor("chelsea")
    with begin(town.settings, town.actor("alice")) as work:
        dispatch.withdraw(work, town.ids["her open visit"], "")
    with begin(town.settings, town.actor("alice")) as work:
        seasons.begin(work)
    with begin(town.settings, town.actor("alice")) as work:
        everyone = identities.everyone_she_was(work.vault, old.person_id)
    (found,) = [one for id_ in everyone if (one := people.actor_by_account(town.settings, id_)) is not None]
    assert found.code != old.code
    return found


def link(town: Town, person_id: str, by: str = "alice") -> str:
    with begin(town.settings, town.actor(by)) as work:
        return people.invite(work, person_id)


def length(town: Town) -> int:
    with database.transaction(town.settings.database_url, reading=True) as session:
        return record_queries.length(session)


def since(town: Town, seq: int) -> list[str]:
    """Everything that the record has been told after an entry: by whom, what, about whom, and what it says."""
    with database.transaction(town.settings.database_url, reading=True) as session:
        return [str(line) for line in record_queries.newest(session, 1000) if line.seq > seq]


def joined(door: Door, cookies: str, token: str) -> None:
    assert door.client(cookies).post("/join", json={"token": token}).status_code == 200


def test_a_new_seasons_link_on_the_old_phone_writes_nothing_of_the_old_code(door: Door, town: Town) -> None:
    old, phone = town.actor("chelsea"), held(come_in(town, town.actor("chelsea").code))
    new, before = renew(town), length(town)

    joined(door, phone, link(town, new.person_id))

    told = since(town, before)
    assert any("device.add" in one and new.person_id in one for one in told)
    assert [one for one in told if old.code in one or old.person_id in one] == []


def test_a_phone_of_a_season_that_is_over_is_ended_with_it_and_nobody_says_which(town: Town) -> None:
    """Ended in the rows too, at the season's own moment: an end beside the new one's beginning would say as much."""
    old = town.actor("chelsea")
    come_in(town, old.code)
    before = len(done(town.story, old.person_id))

    renew(town)

    with database.transaction(town.settings.database_url, reading=True) as session:
        rows = session.execute(select(Device).where(col(Device.person_id) == old.person_id)).scalars().all()
        assert rows and all(row.ended_at is not None for row in rows)
        assert [act for _at, _by, act, _body in chain.bodies(session, old.person_id)][before:] == []


def test_what_was_not_sent_stays_on_a_phone_whose_season_is_over(door: Door, town: Town) -> None:
    """It is told that her part is over, not to sign out: its page then keeps what waits (`pocket/unsent.js`)."""
    phone = door.client(held(come_in(town, town.actor("chelsea").code)))
    renew(town)

    answers = [phone.get("/api/start"), phone.post("/api/sealed", json={})]
    answers += [phone.post(f"/api/visits/{town.ids['her open visit']}/answers", json={})]

    assert {(answer.status_code, answer.json()["error"]["code"]) for answer in answers} == {(401, "session.revoked")}
    assert not any("clear-site-data" in answer.headers for answer in answers)


def leave(phone: TestClient) -> Any:
    return phone.post("/leave", json={})


def test_leaving_with_an_old_seasons_phone_writes_nothing_of_the_old_code(door: Door, town: Town) -> None:
    """The notes were thrown away on it, or it comes back from a pocket: somebody may just have come in anew."""
    session = come_in(town, town.actor("chelsea").code)
    renew(town)
    with database.transaction(town.settings.database_url) as inner:  # one from before seasons ended phones
        inner.execute(update(Device).values(ended_at=None))
    before = length(town)

    assert leave(door.client(held(session))).status_code == 200

    assert since(town, before) == []
    assert devices.holder(town.settings, session.device_cookie, datetime.now(UTC))[0] is Standing.REVOKED


def test_a_phone_that_is_handed_on_does_not_say_from_whom_to_whom(door: Door, town: Town) -> None:
    dina, session = town.actor("dina"), come_in(town, town.actor("dina").code)
    token, before = link(town, town.actor("chelsea").person_id), length(town)

    joined(door, held(session), token)

    assert [one for one in since(town, before) if dina.code in one or dina.person_id in one] == []
    assert devices.holder(town.settings, session.device_cookie, datetime.now(UTC))[0] is Standing.ENDED


def test_signing_out_ends_anothers_phone_under_the_same_browser_unsaid(door: Door, town: Town) -> None:
    hers, others = come_in(town, town.actor("chelsea").code), come_in(town, town.actor("dina").code)
    before = length(town)

    assert leave(door.client(f"fc={hers.cookie}; fc_dev={others.device_cookie}")).status_code == 200

    assert since(town, before) == []
    assert devices.holder(town.settings, others.device_cookie, datetime.now(UTC))[0] is Standing.ENDED


def test_what_she_does_about_her_own_phone_is_recorded(door: Door, town: Town) -> None:
    """The control: a link of her own on the phone that she has, and signing out on a locked one."""
    chelsea, session = town.actor("chelsea"), come_in(town, town.actor("chelsea").code)
    token = link(town, chelsea.person_id)

    joined(door, held(session), token)
    leave(door.client(f"fc_dev={come_in(town, chelsea.code).device_cookie}"))
    leave(door.client(held(come_in(town, chelsea.code))))

    assert done(town.story, chelsea.person_id).count("device.end") == 3


def test_the_console_makes_no_link_for_the_new_code_while_the_old_one_finishes(town: Town) -> None:
    """Opened on the phone that walks, it would end there and begin anew at one moment."""
    old = town.actor("chelsea")
    with begin(town.settings, town.actor("alice")) as work:
        seasons.begin(work)
    with begin(town.settings, town.actor("alice")) as work:
        everyone = identities.everyone_she_was(work.vault, old.person_id)
    (new,) = [one for id_ in everyone if (one := people.actor_by_account(town.settings, id_)) and one.code != old.code]

    with pytest.raises(NotNow, match=r"season\.finish_first"):
        people.invite_from_console(town.settings, new.code, datetime.now(UTC))
    assert people.invite_from_console(town.settings, old.code, datetime.now(UTC))
    with begin(town.settings, town.actor("alice")) as work:
        dispatch.withdraw(work, town.ids["her open visit"], "")
    assert people.invite_from_console(town.settings, new.code, datetime.now(UTC))
