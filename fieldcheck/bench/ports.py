"""A port for a server of one's own."""

import random
import socket

#: Below those that the system hands out for connections: a server that was killed finds its port again.
FIRST, LAST = 20_000, 32_000
_TRIES = 100
_CHANCE = random.SystemRandom()  # several processes look at once


def free_port() -> int:
    """Give a port of this machine that nobody uses; raises OSError where there is none."""
    for _ in range(_TRIES):
        port = _CHANCE.randrange(FIRST, LAST)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port is free between {FIRST} and {LAST}")
