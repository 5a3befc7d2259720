"""Cut off in the middle: ending a session closes a live page at its next message; another role holds from there on."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fieldcheck.domain.access import Role
from fieldcheck.usecases import moves, people, sessions, ways_in
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
