"""Tries at a door: what is refused, what is forgotten, what stays in the database."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from fieldcheck.domain.throttle import Limits
from fieldcheck.settings import Settings
from fieldcheck.storage import chain
from fieldcheck.storage import database as store
from fieldcheck.storage.tables import RecordEntry, Tries
from fieldcheck.usecases import throttle
from fieldcheck.usecases.throttle import Knock
from tests.story import NOW

ACCOUNT = Knock("account", "C-104", Limits(), subject="somebody")
WIDE = Knock("address", "192.0.2.7", Limits(free=10, lock_after=50))


def tries(settings: Settings, at: Sequence[Knock], times: int, apart: float = 40.0) -> list[str | None]:
    """Try *times* times, *apart* seconds apart; says who held each try off."""
    held = [throttle.admit(settings, at, NOW + timedelta(seconds=apart * turn)) for turn in range(times)]
    return [knock.kind if knock else None for knock in held]


def rows(settings: Settings) -> Sequence[Tries]:
    with store.transaction(settings.database_url, reading=True) as session:
        return session.exec(select(Tries)).all()


def test_whoever_hurries_is_held_off_after_three(database: Settings) -> None:
    assert tries(database, [ACCOUNT], 5, apart=0.1) == [None, None, None, "account", "account"]


def test_whoever_is_patient_is_locked_out_after_ten(database: Settings) -> None:
    assert tries(database, [ACCOUNT], 12) == [*[None] * 10, "account", "account"]


def test_a_lock_is_in_the_record_and_names_the_person_and_no_address(database: Settings) -> None:
    tries(database, [WIDE, ACCOUNT], 12)

    with store.transaction(database.database_url, reading=True) as session:
        told = chain.bodies(session, "somebody")
        entries = session.exec(select(RecordEntry)).all()
    assert [(actor, action) for _at, actor, action, _body in told] == [("door", "account.locked")]
    assert len(entries) == 1


def test_what_does_not_exist_is_counted_like_what_does(database: Settings) -> None:
    nobody = replace(ACCOUNT, name="C-999", subject="")

    assert tries(database, [nobody], 12) == tries(database, [ACCOUNT], 12)


def test_a_locked_address_locks_nobodys_account(database: Settings) -> None:
    hasty = replace(WIDE, limits=Limits(free=1, lock_after=2))

    assert tries(database, [hasty, ACCOUNT], 8) == [None, None, *["address"] * 6]
    assert {row.kind: row.failures for row in rows(database)} == {"address": 2, "account": 2}


def test_a_right_try_begins_the_account_anew_and_gives_the_address_one_back(database: Settings) -> None:
    tries(database, [WIDE, ACCOUNT], 9)

    throttle.forgive(database, [WIDE, ACCOUNT], NOW)

    assert {row.kind: row.failures for row in rows(database)} == {"address": 8}


def test_of_thirty_at_once_three_are_let_through(database: Settings) -> None:
    ready, held = threading.Barrier(30), []

    def knock() -> None:
        ready.wait(30)
        held.append(throttle.admit(database, [ACCOUNT], NOW))

    racers = [threading.Thread(target=knock) for _racer in range(30)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)

    assert len(held) == 30
    assert held.count(None) == 3


def test_neither_a_name_nor_an_address_is_kept(database: Settings) -> None:
    tries(database, [WIDE, ACCOUNT], 3)

    kept = " ".join(str(row.model_dump()) for row in rows(database))
    assert len(rows(database)) == 2
    assert "C-104" not in kept and "192.0.2.7" not in kept


def test_what_was_at_peace_for_long_is_gone(database: Settings) -> None:
    tries(database, [WIDE, ACCOUNT], 3)

    throttle.admit(database, [replace(ACCOUNT, name="C-105")], NOW + timedelta(hours=3))

    assert [row.kind for row in rows(database)] == ["account"]


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("testclient", "", True),
    ],
)
def test_a_machine_with_a_whole_network_is_one_address(one: str, other: str, is_one: bool) -> None:
    assert (throttle.neighbourhood(one) == throttle.neighbourhood(other)) is is_one


def test_another_installations_hash_is_another(database: Settings) -> None:
    elsewhere = replace(database, secret=database.secret[::-1])

    assert throttle.key(database, "account", "C-104") != throttle.key(elsewhere, "account", "C-104")
