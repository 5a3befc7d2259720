"""Cut off in the middle: ending a session closes a live page at its next message; another role holds from there on."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fieldcheck.domain.access import Actor, Role
from fieldcheck.domain.geo import Point
from fieldcheck.usecases import devices, moves, people, schools, sessions, ways_in
from fieldcheck.usecases.sessions import NewSession
from fieldcheck.usecases.work import begin
from tests.web.conftest import Server
from tests.web.test_gate import dial, run_page


def by_dana(server: Server, act: Callable[..., object], *args: object) -> None:
    """Let Dana do something about Bo."""
    dana, bo = who(server, "Dana"), who(server, "Bo")
    with begin(server.settings, dana) as work:
        act(work, bo, *args)


def who(server: Server, name: str) -> object:
    found = sessions.actor_for(server.settings, server.sign_in(name), datetime.now(UTC))
    assert found
    return found if name == "Dana" else found.person_id


def unbind(server: Server) -> None:
    code = server.codes["Bo"]
    ways_in.bind_from_console(server.settings, code, "https://id.example", "1", datetime.now(UTC))
    ways_in.bind_from_console(server.settings, code, "", "", datetime.now(UTC))


ENDS = {
    "sessions ended": lambda server: by_dana(server, ways_in.end_sessions, "a good reason"),
    "sign-in reset": lambda server: by_dana(server, ways_in.reset, "a good reason"),
    "identity taken away": unbind,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_session_that_was_ended_is_over_for_page_socket_and_request(server: Server, end: str) -> None:
    cookie = server.sign_in("Bo")
    with dial(server, cookie) as socket, server.client() as browser:
        browser.cookies.set("fc", cookie)
        run_page(socket)
        assert browser.get("/api/me").status_code == 200

        ENDS[end](server)

        assert browser.get("/api/me").status_code == 401
        assert browser.get("/register", headers={"Accept": "text/html"}).status_code == 303
        with pytest.raises(ConnectionClosed) as closed:
            run_page(socket)
    assert closed.value.rcvd and closed.value.rcvd.code == 1008
    with pytest.raises(InvalidStatus, match="403"):
        dial(server, cookie)


def test_another_role_holds_at_the_next_message_of_a_page_that_is_open(server: Server) -> None:
    cookie = server.sign_in("Bo")
    with dial(server, cookie) as socket:
        _session, before = run_page(socket)
        try:
            by_dana(server, moves.move, Role.AUDITOR, None)
            _session, after = run_page(socket)
        finally:
            by_dana(server, moves.move, Role.REVIEWER, None)

    assert b"Verify the record" in after and b"Verify the record" not in before
    found = people.actor_by_account(server.settings, str(who(server, "Bo")))
    assert found and found.role is Role.REVIEWER


def phone_of(server: Server) -> tuple[Actor, NewSession]:
    """A coordinator, and a volunteer of hers who has just signed in on her phone."""
    now = datetime.now(UTC)
    dana = who(server, "Dana")
    assert isinstance(dana, Actor)
    place = {"ru": "Область", "kk": "Облыс", "en": "Region"}
    with begin(server.settings, dana) as work:
        schools.put_region(work, "590000000", "KZ-59", place, Point(54.8, 69.1), order_ref="0")
        alice = people.bring_in(work, Role.COORDINATOR, "590000000", "Alice", language="en")
    coordinator = people.actor_by_account(server.settings, alice)
    assert coordinator
    with begin(server.settings, coordinator) as work:
        chelsea = people.bring_in(work, Role.VOLUNTEER, "590000000", "Chelsea", language="en")
        link = people.invite(work, chelsea)
    return coordinator, people.redeem(server.settings, link, now, "phone")


@pytest.mark.parametrize("by", ["coordinator", "herself"])
def test_a_phone_that_is_ended_in_the_list_loses_the_walk_that_stands_open_in_the_desk(server: Server, by: str) -> None:
    coordinator, phone = phone_of(server)
    with dial(server, phone.cookie) as socket, server.client() as browser:
        browser.cookies.update({"fc": phone.cookie, "fc_dev": phone.device_cookie})
        run_page(socket)
        (listed,) = browser.get("/api/me/devices").json()["devices"]

        if by == "herself":
            assert browser.delete(f"/api/me/devices/{listed['id']}").is_success
        else:
            with begin(server.settings, coordinator) as work:
                devices.end(work, listed["id"])

        with pytest.raises(ConnectionClosed) as closed:
            run_page(socket)
        assert browser.get("/api/visits").status_code == 401
    assert closed.value.rcvd and closed.value.rcvd.code == 1008
    with pytest.raises(InvalidStatus, match="403"):
        dial(server, phone.cookie)
