"""Links that nobody has opened: a messenger on a stolen phone holds them, so none outlives what cuts the phone off."""

import secrets
from collections.abc import Callable

import pytest
from sqlmodel import select

from fieldcheck.domain.errors import FieldcheckError, NotFound
from fieldcheck.storage import database
from fieldcheck.storage.tables import Invite
from fieldcheck.usecases import devices, people, sessions, ways_in
from fieldcheck.usecases.people import INVITE_FOR
from fieldcheck.usecases.sessions import NewSession, hashed
from fieldcheck.usecases.work import look
from tests.story import Story


def link(story: Story, whom: str = "chelsea") -> str:
    return people.invite_from_console(story.settings, story.actors[whom].code, story.now)


def kept(story: Story, whom: str = "chelsea") -> str:
    """A link that is there beside another: no door leaves two, so its row is put there."""
    token = secrets.token_urlsafe(32)
    row = Invite(
        token_hash=hashed(token), person_id=story.actors[whom].person_id, created_by="console", created_at=story.now,
        expires_at=story.now + INVITE_FOR,
    )  # fmt: skip
    with database.transaction(story.settings.database_url) as session:
        session.add(row)
    return token


def opened(story: Story, token: str) -> NewSession:
    return people.redeem(story.settings, token, story.now, "phone")


def is_good(story: Story, token: str) -> bool:
    """Say whether a link would let somebody in, without opening it."""
    with database.transaction(story.settings.database_url, reading=True) as session:
        rows = session.execute(select(Invite).where(Invite.token_hash == hashed(token))).scalars().all()
    return any(row.used_at is None and row.expires_at > story.now for row in rows)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(FieldcheckError) as error:
        act()
    return error.value.code


def phones(story: Story, whom: str = "chelsea") -> list[str]:
    with look(story.settings, story.actors[whom], now=story.now) as work:
        return [one.id for one in devices.listed(work).get(story.actors[whom].person_id, ())]


def test_of_two_links_opening_one_ends_the_other(story: Story) -> None:
    first, second = link(story), kept(story)

    opened(story, first)

    assert refused(lambda: opened(story, second)) == "invite.not_good"


def test_a_newer_link_ends_the_one_before_it(story: Story) -> None:
    first = link(story)
    with story.work("alice") as work:
        second = people.invite(work, story.actors["chelsea"].person_id)
    third = link(story)

    assert [refused(lambda one=one: opened(story, one)) for one in (first, second)] == ["invite.not_good"] * 2  # type: ignore[misc]
    assert opened(story, third).device_cookie


def test_ones_own_next_link_ends_the_one_before_it_too(story: Story) -> None:
    first = link(story, "alice")
    with story.work("alice") as work:
        people.invite_self(work)

    assert not is_good(story, first)


def test_all_her_phones_are_off_and_the_link_in_the_messenger_opens_nothing(story: Story) -> None:
    opened(story, link(story))
    waiting, anothers = link(story), link(story, "dina")

    with story.work("alice") as work:
        assert devices.end_all(work, story.actors["chelsea"].person_id) == 1

    assert refused(lambda: opened(story, waiting)) == "invite.not_good"
    assert opened(story, anothers).device_cookie


@pytest.mark.parametrize("by", ["alice", "chelsea"])
def test_one_phone_is_off_and_the_link_in_its_messenger_opens_nothing(story: Story, by: str) -> None:
    opened(story, link(story))
    waiting, anothers = link(story), link(story, "dina")

    with story.work(by) as work:
        devices.end(work, phones(story)[0])

    assert refused(lambda: opened(story, waiting)) == "invite.not_good"
    assert opened(story, anothers).device_cookie


def test_a_phone_out_of_reach_takes_no_link_with_it(story: Story) -> None:
    opened(story, link(story, "serik"))
    waiting = link(story, "serik")
    for act in (
        lambda work: devices.end(work, phones(story, "serik")[0]),
        lambda work: devices.end_all(work, story.actors["serik"].person_id),
    ):
        with story.work("alice") as work, pytest.raises(NotFound):
            act(work)

    assert is_good(story, waiting)


def test_a_link_is_void_where_no_phone_ever_came_in(story: Story) -> None:
    """The phone was stolen before she opened it: there is nothing to take off but the link."""
    waiting = link(story)

    with story.work("alice") as work:
        assert devices.end_all(work, story.actors["chelsea"].person_id) == 0

    assert refused(lambda: opened(story, waiting)) == "invite.not_good"


def test_a_desks_sessions_are_ended_and_its_link_opens_nothing(story: Story) -> None:
    session = opened(story, link(story, "alice"))
    waiting, anothers = link(story, "alice"), link(story, "boris")

    with story.work("dana") as work:
        ways_in.end_sessions(work, story.actors["alice"].person_id, "her desk was left open")

    assert sessions.actor_for(story.settings, session.cookie, story.now) is None
    assert refused(lambda: opened(story, waiting)) == "invite.not_good"
    assert opened(story, anothers).cookie


@pytest.mark.parametrize("subject", ["1", ""])
def test_an_account_is_bound_or_taken_away_and_the_link_opens_nothing(story: Story, subject: str) -> None:
    waiting, issuer = link(story, "bo"), "https://id.example" if subject else ""

    ways_in.bind_from_console(story.settings, story.actors["bo"].code, issuer, subject, story.now)

    assert refused(lambda: opened(story, waiting)) == "invite.not_good"


def test_a_link_that_opens_nothing_ends_no_other(story: Story) -> None:
    """An old one, tapped again, or one that somebody made up."""
    used = link(story)
    opened(story, used)
    story.later(minutes=1)
    waiting = link(story)

    assert [refused(lambda one=one: opened(story, one)) for one in (used, "made-up")] == ["invite.not_good"] * 2  # type: ignore[misc]
    assert opened(story, waiting).device_cookie


def test_leaving_a_phone_of_ones_own_accord_leaves_the_next_link_good(story: Story) -> None:
    """She changes phones: the link for the new one may be here before she signs out on the old one."""
    session = opened(story, link(story))
    waiting = link(story)

    devices.leave(story.settings, session.device_cookie, story.now)

    assert opened(story, waiting).device_cookie
