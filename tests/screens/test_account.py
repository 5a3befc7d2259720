"""One's own ways in, and what an administrator sees and does of others'."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from fieldcheck.domain.access import Role
from fieldcheck.settings import Settings, SignIn
from fieldcheck.usecases import moves, people, sessions, ways_in
from fieldcheck.usecases.work import look
from fieldcheck.web.gate import utc_now
from tests.screens.sitting import Chair, said
from tests.story import SOUTH, Story, begin_story
from tests.usecases.test_accounts import OTHER, Desk, refused
from tests.usecases.test_ways_in import second_administrator


@pytest.fixture
def story(database: Settings) -> Story:
    """A programme whose desks have passwords; the screens look at the clock, so it begins now."""
    found = begin_story(database)
    found.settings = replace(database, sign_in=SignIn(way="password"))
    found.now = utc_now().replace(microsecond=0)
    return found




@pytest.fixture
def chair(story: Story, monkeypatch: pytest.MonkeyPatch) -> Chair:
    return Chair(story.settings, monkeypatch)


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


# Refusals


def test_a_volunteer_has_no_such_screen(chair: Chair, story: Story) -> None:
    page = chair.alone(story.actors["chelsea"], "account")

    assert page.error and not page.subheader


def test_a_coordinator_sees_nothing_of_ways_in(chair: Chair, story: Story) -> None:
    page = chair.sit(story.actors["alice"], "people")

    keys = [button.key or "" for button in page.button]
    assert not [key for key in keys if key.startswith(("unlock-", "out-", "reset-", "move-", "bind-"))]


def test_without_a_reason_nothing_is_done_to_anybody(chair: Chair, story: Story) -> None:
    alice = Desk(story, "alice")
    page = chair.sit(story.actors["dana"], "people")

    page = press(page, f"reset-{alice.actor.person_id}")

    assert any("The reason" in error.value for error in page.error)
    assert sessions.actor_for(story.settings, alice.session.cookie, story.now)


def test_whoever_lost_her_role_while_the_page_stood_open_can_do_nothing_more_with_it(
    chair: Chair, story: Story
) -> None:
    """A callback of a page that was opened as somebody else's: the use-case looks afresh who acts."""
    alice = Desk(story, "alice")
    with story.work("dana") as work:
        other = people.bring_in(work, Role.ADMINISTRATOR, None, "Erlan", language="en")
    second = people.actor_by_account(story.settings, other)
    assert second
    page = chair.sit(second, "people")
    page.text_input(key=f"why-{alice.actor.person_id}").set_value("a good reason")
    with story.work("dana") as work:
        moves.move(work, other, Role.AUDITOR, None)

    after = press(page, f"out-{alice.actor.person_id}")

    assert f"out-{alice.actor.person_id}" not in [button.key for button in after.button]
    assert sessions.actor_for(story.settings, alice.session.cookie, story.now)


# What holds


def test_ones_own_page_shows_what_is_set_and_ends_another_session(chair: Chair, story: Story) -> None:
    alice = Desk(story, "alice")
    page = chair.sit(alice.actor, "account")
    with look(story.settings, alice.actor, now=story.now) as work:
        (only,) = ways_in.mine(work).sessions

    shown = said(page)
    page = press(page, f"end-{only.id}")

    assert "/sign-in/password" in shown and "/sign-in/factor" in shown and "/sign-in/codes" in shown
    assert "10 of 10 left" in shown
    assert "That session has ended." in said(page)
    assert sessions.actor_for(story.settings, alice.session.cookie, story.now) is None


@pytest.mark.parametrize(("way", "told"), [("link", "good once"), ("oidc", "organisation's account")])
def test_where_there_are_no_passwords_none_is_spoken_of(
    chair: Chair, story: Story, monkeypatch: pytest.MonkeyPatch, way: str, told: str
) -> None:
    Chair(replace(story.settings, sign_in=SignIn(way=way)), monkeypatch)
    page = chair.sit(story.actors["alice"], "account")

    assert told in said(page)
    assert "/sign-in/" not in said(page)


def test_the_administrator_resets_a_sign_in_for_a_reason_and_another_makes_the_link(chair: Chair, story: Story) -> None:
    alice = Desk(story, "alice")
    page = chair.sit(story.actors["dana"], "people")
    assert "password and second key are set" in said(page) and "made by somebody else" in said(page)
    assert f"link-{alice.actor.person_id}" not in [button.key for button in page.button]

    page.text_input(key=f"why-{alice.actor.person_id}").set_value("she lost her phone")
    page = press(page, f"reset-{alice.actor.person_id}")
    told = said(page)
    page = press(page, f"link-{alice.actor.person_id}")

    assert "needs a new link now" in told
    assert "/join#t=" not in said(page) and "Let another administrator make the link" in said(page)
    second_administrator(story)
    page = press(chair.sit(story.actors["second"], "people"), f"link-{alice.actor.person_id}")
    assert "/join#t=" in said(page)
    assert sessions.actor_for(story.settings, alice.session.cookie, story.now) is None


def test_the_administrator_sees_who_is_locked_out_and_lets_her_in(chair: Chair, story: Story) -> None:
    alice = Desk(story, "alice")
    for _try in range(11):
        story.later(minutes=1)
        refused(lambda: alice.sign_in(OTHER, "000000"))
    page = chair.sit(story.actors["dana"], "people")
    assert "Locked out until" in said(page)

    page = press(page, f"unlock-{alice.actor.person_id}")

    assert "Locked out until" not in said(page)
    story.later(minutes=1)
    assert alice.sign_in().is_full


def test_the_administrator_gives_another_region(chair: Chair, story: Story) -> None:
    alice = story.actors["alice"]
    page = chair.sit(story.actors["dana"], "people")

    page.selectbox(key=f"region-{alice.person_id}").set_value(SOUTH).run()
    page = press(page, f"move-{alice.person_id}")

    assert "new role and region" in said(page)
    moved = people.actor_by_account(story.settings, alice.person_id)
    assert moved and moved.region == SOUTH


def test_the_administrator_binds_an_account_at_a_provider(
    chair: Chair, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    Chair(replace(story.settings, sign_in=SignIn(way="oidc")), monkeypatch)
    bo = story.actors["bo"]
    page = chair.sit(story.actors["dana"], "people")

    page.text_input(key=f"issuer-{bo.person_id}").set_value("https://id.example")
    page.text_input(key=f"subject-{bo.person_id}").set_value("248289761001").run()
    page = press(page, f"bind-{bo.person_id}")

    assert "bound to a provider's account" in said(page)
    with look(story.settings, story.actors["dana"]) as work:
        assert ways_in.ways(work)[bo.person_id].identity == ("https://id.example", "248289761001")
