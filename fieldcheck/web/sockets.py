"""The server's sockets answer at once, and stay open between two taps.

Streamlit binds its socket in a way after which asyncio does not switch off Nagle's waiting: the head of an answer left
after 0.8 ms and its body after 44, on every request of a kept connection. Accepted sockets inherit from the listening
one, so setting it there is enough. Where the descriptors cannot be listed, nothing is changed.
"""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn import Config as _Config

DESCRIPTORS = Path("/dev/fd")  # the same on Linux and macOS
#: Seconds that a connection may rest; longer than the minute after which most proxies close theirs.
REST = 75


def answer_at_once() -> int:
    """Let every listening TCP socket of this process send without waiting; gives how many there are."""
    found = 0
    with suppress(OSError):
        for entry in list(DESCRIPTORS.iterdir()):
            found += _without_waiting(int(entry.name))
    return found


def _without_waiting(descriptor: int) -> bool:
    # Looked at before it is copied: a copy of somebody's pipe that is never closed keeps its reader waiting for ever.
    with suppress(OSError):
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as one:
        if one.family in (socket.AF_INET, socket.AF_INET6) and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return True
    return False


def stay_open() -> None:
    """Let a connection rest between two taps: opened anew it costs two round trips, at 400 ms almost a second.

    uvicorn closes it after five seconds, and Streamlit, which starts uvicorn, passes no other figure on.
    """
    uvicorn.Config = Resting  # type: ignore[misc]  # Streamlit finds it by this name


class Resting(_Config):
    """uvicorn's settings, with a longer rest for those who say nothing of it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"timeout_keep_alive": REST, **more})
