"""Being signed in: it ends by itself, by idleness where that is limited, and by being ended."""

from dataclasses import replace
from datetime import timedelta

from fieldcheck.domain.access import Actor
from fieldcheck.storage import database
from fieldcheck.storage.tables import Person, SignedIn
from fieldcheck.usecases import sessions
from tests.story import Story


def sign_in(story: Story, who: str, idle: int = 0) -> str:
    """Begin a session of somebody that ends after *idle* seconds unseen; gives the cookie."""
    with database.transaction(story.settings.database_url) as session:
        cookie = sessions.start(session, story.settings, story.actors[who], sessions.LINK, story.now).cookie
        row = session.get(SignedIn, sessions.hashed(cookie))
        assert row
        row.idle_seconds = idle
        session.add(row)
    return cookie


def who(story: Story, cookie: str, **later: float) -> Actor | None:
    return sessions.actor_for(story.settings, cookie, story.now + timedelta(**later))


def test_a_made_up_cookie_is_nobodys(story: Story) -> None:
    assert who(story, "made-up") is None
    assert who(story, "\ud800") is None


def test_a_desks_session_ends_after_a_working_day_however_busy_it_was(story: Story) -> None:
    cookie = sign_in(story, "alice", idle=3600)

    seen = [who(story, cookie, minutes=minutes) for minutes in range(0, 481, 30)]

    assert seen == [*[story.actors["alice"]] * 16, None]


def test_a_session_with_an_idle_limit_ends_when_nothing_was_heard_for_that_long(story: Story) -> None:
    cookie = sign_in(story, "alice", idle=600)

    seen = [who(story, cookie, minutes=minutes) is not None for minutes in (5, 14, 23, 34, 35)]

    assert seen == [True, True, True, False, False]


def test_somebody_elses_being_here_keeps_no_session_open(story: Story) -> None:
    left, hers = sign_in(story, "alice", idle=600), sign_in(story, "bo", idle=600)

    assert [who(story, hers, minutes=minutes) is not None for minutes in (5, 9)] == [True, True]
    assert who(story, left, minutes=11) is None


def test_whoever_takes_no_part_any_more_is_not_here_even_where_nobody_signed_her_out(story: Story) -> None:
    cookie = sign_in(story, "alice")
    with database.transaction(story.settings.database_url) as session:
        row = session.get(Person, story.actors["alice"].person_id)
        assert row
        row.active = False

    assert who(story, cookie) is None


def test_a_session_without_an_idle_limit_waits(story: Story) -> None:
    assert who(story, sign_in(story, "alice"), hours=7) == story.actors["alice"]


def test_a_session_that_was_ended_stays_ended(story: Story) -> None:
    cookie, other = sign_in(story, "alice"), sign_in(story, "alice")

    sessions.end(story.settings, cookie, story.now)

    assert who(story, cookie) is None
    assert who(story, other) == replace(story.actors["alice"])
