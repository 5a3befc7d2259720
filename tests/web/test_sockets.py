"""Answers leave at once, however the listening socket was made."""

import os
import socket

import pytest
import uvicorn

from fieldcheck.web.sockets import REST, answer_at_once, stay_open


def test_a_socket_accepted_later_does_not_wait() -> None:
    with socket.socket(socket.AF_INET) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        found = answer_at_once()

        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert found >= 1
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_other_descriptors_are_left_alone_and_stay_open() -> None:
    with socket.socket(socket.AF_INET) as idle:
        answer_at_once()

        assert not idle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_pipe_that_is_open_ends_when_its_owner_closes_it() -> None:
    """A copy of the writing end left in this process would keep whoever reads from it waiting for ever."""
    reading, writing = os.pipe()
    answer_at_once()

    os.close(writing)

    os.set_blocking(reading, False)
    try:
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)


def test_a_connection_rests_longer_than_a_volunteer_between_two_taps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn, "Config", uvicorn.Config)  # as it was before, after this test
    usual = uvicorn.Config("app:app").timeout_keep_alive

    stay_open()

    assert uvicorn.Config("app:app", use_colors=False).timeout_keep_alive == REST > 60 > usual
    assert uvicorn.Config("app:app", timeout_keep_alive=9).timeout_keep_alive == 9
