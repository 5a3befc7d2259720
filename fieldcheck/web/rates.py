"""How often somebody may ask: a bucket of tokens each, which fills again as time passes.

Whoever is signed in has one for that device's session, whoever is not has one for the address. They are so large that
a phone may send a whole visit with all its photos at once, and a room full of phones behind one address may open the
app; they are for whoever keeps hammering. In this process's memory, and of no use to anybody who reads it: sessions
and addresses are there as hashes only. Guessing secrets is slowed down elsewhere, in the database (`throttle`).
"""

import hashlib
import math
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

#: What asking costs where it costs the server more than a moment: the whole register, a start, letters to be opened.
DEAR: dict[str, float] = {"/api/register.csv": 100.0, "/api/start": 5.0, "/api/sealed": 5.0}
MOST_KEPT = 20_000


@dataclass(frozen=True)
class Rate:
    """How much somebody may ask at once, and how much is given back in a second."""

    at_once: float
    a_second: float


SESSION = Rate(at_once=3000, a_second=50)
ADDRESS = Rate(at_once=3000, a_second=50)


class Buckets:
    """Everybody's tokens. *wait* gives 0 for whoever may ask, or after how many seconds she may."""

    def __init__(self, session: Rate = SESSION, address: Rate = ADDRESS) -> None:
        self.session, self.address = session, address
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._pepper = secrets.token_bytes(16)
        self._door = threading.Lock()

    def wait(self, cookie: str | None, address: str, path: str, at: float) -> int:
        """Take the tokens for one request at a moment of any clock that only goes forward."""
        rate, who = (self.session, f"s{cookie}") if cookie else (self.address, f"a{address}")
        key = hashlib.blake2b(who.encode(errors="replace"), key=self._pepper, digest_size=16).digest()
        cost = DEAR.get(path, 1.0)
        with self._door:
            left, since = self._left.pop(key, (rate.at_once, at))
            left = min(rate.at_once, left + max(0.0, at - since) * rate.a_second)
            refused = left < cost
            self._left[key] = (left if refused else left - cost, at)
            if len(self._left) > MOST_KEPT:  # whoever has not asked for the longest has the fullest bucket
                self._left.popitem(last=False)
        return math.ceil((cost - left) / rate.a_second) if refused else 0
