"""A volunteer's phones: what opens them, what locks them, who ends them, and what is left of one that is over."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlmodel import select

from fieldcheck.domain.access import Role
from fieldcheck.domain.errors import FieldcheckError, Forbidden, Invalid, NotFound
from fieldcheck.settings import ZONE
from fieldcheck.storage import chain, database
from fieldcheck.storage.tables import Device, SignedIn
from fieldcheck.usecases import devices, passwords, people, sessions
from fieldcheck.usecases.devices import PHONE_FOR, TRIES, Standing
from fieldcheck.usecases.sessions import NewSession, hashed
from fieldcheck.usecases.work import look
from tests.story import Story

RIGHT, WRONG = "ab" * 32, "cd" * 32


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing: what they cost is measured by the bench."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 64, 1))


def phone(story: Story, name: str = "chelsea", pin: str = "") -> NewSession:
    """Let somebody redeem a link on a phone, and set its PIN."""
    token = people.invite_from_console(story.settings, story.actors[name].code, story.now)
    session = people.redeem(story.settings, token, story.now, "phone")
    if pin:
        devices.set_pin(story.settings, story.actors[name], session.device_cookie, pin, "", story.now)
    return session


def unlock(story: Story, session: NewSession, value: str = RIGHT, after: timedelta = timedelta()) -> NewSession:
    return devices.unlock(story.settings, session.device_cookie, value, story.now + after)


def refusal(story: Story, session: NewSession, value: str = WRONG) -> str:
    with pytest.raises(FieldcheckError) as refused:
        unlock(story, session, value)
    return refused.value.code


def acts(story: Story, name: str = "chelsea") -> list[str]:
    with database.transaction(story.settings.database_url, reading=True) as session:
        return [action for _at, _actor, action, _body in chain.bodies(session, story.actors[name].person_id)]


# Opening a session


@pytest.mark.parametrize("value", ["", "246810", "AB" * 32, "ab" * 31, "ab" * 33, "zz" * 32])
def test_what_is_no_derived_value_is_refused_and_costs_no_try(story: Story, value: str) -> None:
    session = phone(story, pin=RIGHT)

    with pytest.raises(Invalid):
        unlock(story, session, value)

    with database.transaction(story.settings.database_url, reading=True) as rows:
        assert rows.execute(select(Device)).scalars().one().wrong == 0


def test_a_phone_without_a_pin_opens_nothing(story: Story) -> None:
    assert refusal(story, phone(story), RIGHT) == "pin.none"


def test_a_phone_that_nobody_knows_opens_nothing(story: Story) -> None:
    with pytest.raises(Forbidden) as refused:
        devices.unlock(story.settings, "made-up", RIGHT, story.now)

    assert refused.value.code == "session.none"


def test_five_wrong_ones_lock_the_phone_for_the_right_one_too_and_it_is_on_record(story: Story) -> None:
    session = phone(story, pin=RIGHT)

    said = [refusal(story, session) for _try in range(5)]

    assert said == ["pin.wrong"] * 4 + ["device.locked"]  # a phone that is found gives five of ten thousand guesses
    assert refusal(story, session, RIGHT) == "device.locked"
    assert acts(story).count("device.lock") == 1
    assert devices.holder(story.settings, session.device_cookie, story.now)[0] is Standing.LOCKED  # it still sends
    with look(story.settings, story.actors["alice"]) as work:
        assert [one.is_locked for one in devices.listed(work)[story.actors["chelsea"].person_id]] == [True]


def test_of_thirty_at_once_no_more_than_five_are_judged(story: Story) -> None:
    session, said = phone(story, pin=RIGHT), list[str]()
    ready = threading.Barrier(30)

    def try_one(number: int) -> None:
        ready.wait(30)
        try:
            unlock(story, session, f"{number:064x}")
        except FieldcheckError as refused:
            said.append(refused.code)

    tries = [threading.Thread(target=try_one, args=(number,)) for number in range(30)]
    for one in tries:
        one.start()
    for one in tries:
        one.join(120)

    assert len(said) == 30 and set(said) <= {"pin.wrong", "device.locked"}
    assert said.count("pin.wrong") <= TRIES - 1


def test_a_right_one_begins_a_session_with_a_new_cookie_and_forgets_wrong_ones(story: Story) -> None:
    session = phone(story, pin=RIGHT)
    for _try in range(TRIES - 1):
        refusal(story, session)

    again = unlock(story, session)
    for _try in range(TRIES - 1):
        assert refusal(story, session) == "pin.wrong"

    assert again.cookie != session.cookie and not again.device_cookie
    assert sessions.actor_for(story.settings, again.cookie, story.now) == story.actors["chelsea"]


def test_a_pin_is_replaced_only_by_whoever_knows_it(story: Story) -> None:
    session, chelsea = phone(story, pin=RIGHT), story.actors["chelsea"]

    with pytest.raises(Forbidden) as refused:
        devices.set_pin(story.settings, chelsea, session.device_cookie, WRONG, "ef" * 32, story.now)
    devices.set_pin(story.settings, chelsea, session.device_cookie, WRONG, RIGHT, story.now)

    assert refused.value.code == "pin.wrong"
    unlock(story, session, WRONG)
    assert refusal(story, session, RIGHT) == "pin.wrong"


def test_until_another_pin_was_used_the_one_before_it_opens_too_and_nothing_older(story: Story) -> None:
    """The phone may have been killed before it heard that the new one is known: then it has only the old one."""
    session, chelsea = phone(story, pin=RIGHT), story.actors["chelsea"]
    unheard, third = "aa" * 32, "bb" * 32
    devices.set_pin(story.settings, chelsea, session.device_cookie, unheard, RIGHT, story.now)

    unlock(story, session, RIGHT)
    devices.set_pin(story.settings, chelsea, session.device_cookie, third, RIGHT, story.now)

    assert refusal(story, session, unheard) == "pin.wrong"
    unlock(story, session, RIGHT)
    unlock(story, session, third)
    assert refusal(story, session, RIGHT) == "pin.wrong"


def test_nobody_sets_the_pin_of_anothers_phone(story: Story) -> None:
    session = phone(story)

    with pytest.raises(Forbidden):
        devices.set_pin(story.settings, story.actors["dina"], session.device_cookie, RIGHT, "", story.now)


def test_the_database_holds_neither_the_value_nor_a_cookie(story: Story) -> None:
    session = phone(story, pin=RIGHT)

    with database.transaction(story.settings.database_url, reading=True) as rows:
        device = rows.execute(select(Device)).scalars().one()

    assert device.pin and device.pin.startswith("$argon2id$") and RIGHT not in device.pin
    assert device.cookie_hash == hashed(session.device_cookie)
    assert device.seen_day == story.now.astimezone(ZONE).date().isoformat()


# How long


def test_a_session_on_a_phone_is_over_when_it_was_left_alone_and_sending_goes_on(story: Story) -> None:
    session = phone(story, pin=RIGHT)
    later = story.now + sessions.PHONE_IDLE + timedelta(seconds=1)

    assert sessions.actor_for(story.settings, session.cookie, later) is None
    assert devices.holder(story.settings, session.device_cookie, later) == (
        Standing.LOCKED,
        story.actors["chelsea"],
    )


def test_before_there_is_a_pin_to_come_back_by_the_first_session_waits_for_it(story: Story) -> None:
    session, later = phone(story), story.now + timedelta(hours=7)

    assert sessions.actor_for(story.settings, session.cookie, later) == story.actors["chelsea"]
    devices.set_pin(story.settings, story.actors["chelsea"], session.device_cookie, RIGHT, "", later)
    assert sessions.actor_for(story.settings, session.cookie, later) == story.actors["chelsea"]
    assert sessions.actor_for(story.settings, session.cookie, later + timedelta(minutes=16)) is None


def test_a_phone_is_unknown_after_ninety_days(story: Story) -> None:
    session = phone(story)

    assert devices.holder(story.settings, session.device_cookie, story.now + PHONE_FOR)[1] is None


def test_a_desk_has_no_phone(story: Story) -> None:
    token = people.invite_from_console(story.settings, story.actors["alice"].code, story.now)

    session = people.redeem(story.settings, token, story.now)

    assert (session.role, session.device_cookie) == (Role.COORDINATOR, "")


# Ending


def test_a_coordinator_ends_no_phone_of_another_region(story: Story) -> None:
    phone(story, "serik")
    with look(story.settings, story.actors["boris"]) as work:
        (view,) = devices.listed(work)[story.actors["serik"].person_id]

    for act in (
        lambda work: devices.end(work, view.id),
        lambda work: devices.end_all(work, story.actors["serik"].person_id),
    ):
        with story.work("alice") as work, pytest.raises(NotFound):
            act(work)


def test_a_volunteer_sees_and_ends_her_own_only(story: Story) -> None:
    hers, other = phone(story), phone(story, "dina")
    with look(story.settings, story.actors["dina"]) as work:
        (foreign,) = devices.listed(work)[story.actors["dina"].person_id]
    with story.work("chelsea") as work:
        (mine,) = devices.listed(work, hers.device_cookie)[story.actors["chelsea"].person_id]
        assert mine.is_this
        with pytest.raises(NotFound):
            devices.end(work, foreign.id)
        devices.end(work, mine.id)

    assert devices.holder(story.settings, hers.device_cookie, story.now)[0] is Standing.ENDED
    assert devices.holder(story.settings, other.device_cookie, story.now)[0] is Standing.LOCKED


def test_an_ended_phone_is_signed_out_the_others_stay_and_it_is_on_record(story: Story) -> None:
    first, second = phone(story, pin=RIGHT), phone(story)
    with look(story.settings, story.actors["alice"]) as work:
        views = devices.listed(work, first.device_cookie)[story.actors["chelsea"].person_id]

    with story.work("alice") as work:
        devices.end(work, next(one.id for one in views if one.is_this))

    assert sessions.actor_for(story.settings, first.cookie, story.now) is None
    assert sessions.actor_for(story.settings, second.cookie, story.now) == story.actors["chelsea"]
    assert refusal(story, first, RIGHT) == "session.none"
    assert acts(story).count("device.end") == 1


def test_all_her_phones_end_at_once(story: Story) -> None:
    phones = [phone(story), phone(story)]

    with story.work("alice") as work:
        assert devices.end_all(work, story.actors["chelsea"].person_id) == 2

    assert {devices.holder(story.settings, one.device_cookie, story.now)[0] for one in phones} == {Standing.ENDED}


def test_a_phone_that_was_over_before_is_not_ended_again(story: Story) -> None:
    first, _second = phone(story), phone(story)
    devices.leave(story.settings, first.device_cookie, story.now)

    with story.work("alice") as work:
        assert devices.end_all(work, story.actors["chelsea"].person_id) == 1


def test_whoever_takes_no_part_any_more_has_no_phone(story: Story) -> None:
    session = phone(story)

    with story.work("alice") as work:
        people.close(work, story.actors["chelsea"].person_id)

    assert devices.holder(story.settings, session.device_cookie, story.now) == (Standing.REVOKED, None)


def test_a_phone_that_is_over_is_forgotten_after_a_while_and_no_other(story: Story) -> None:
    over, used = phone(story), phone(story)
    devices.leave(story.settings, over.device_cookie, story.now)

    early = devices.forget(story.settings, story.now + timedelta(days=29))
    late = devices.forget(story.settings, story.now + timedelta(days=31))

    with database.transaction(story.settings.database_url, reading=True) as rows:
        left = rows.execute(select(Device.cookie_hash)).scalars().all()  # type: ignore[call-overload]
        signed = rows.execute(select(SignedIn.cookie_hash)).scalars().all()  # type: ignore[call-overload]
    assert (early, late) == (0, 1)
    assert left == [hashed(used.device_cookie)]
    assert hashed(used.cookie) in signed and hashed(over.cookie) not in signed


def test_a_day_is_all_that_is_kept_of_when_a_phone_was_heard_of(story: Story) -> None:
    session, later = phone(story), datetime(2031, 3, 3, 21, 16, 17, tzinfo=UTC)  # past midnight in Almaty
    with database.transaction(story.settings.database_url) as rows:
        rows.execute(select(Device)).scalars().one().expires_at = later + timedelta(days=1)

    devices.holder(story.settings, session.device_cookie, later)

    with database.transaction(story.settings.database_url, reading=True) as rows:
        assert rows.execute(select(Device)).scalars().one().seen_day == "2031-03-04"
