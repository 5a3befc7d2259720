"""The demo's clock: what is to happen, done in the order of time, so that the chain of custody reads like a diary.

What would happen after *now* does not happen: a visit that is still going on is one whose next step lies in the future.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Step = Callable[[datetime], None]


@dataclass
class Timeline:
    """Steps by moment; a step may add others, never before itself."""

    until: datetime
    waiting: list[tuple[datetime, int, Step]] = field(default_factory=list)
    counted: int = 0

    def at(self, moment: datetime, step: Step) -> None:
        """Let *step* happen at *moment*; it is told the moment."""
        self.counted += 1
        heapq.heappush(self.waiting, (moment, self.counted, step))

    def run(self) -> int:
        """Let everything happen that lies before now; gives how many steps that were."""
        done = 0
        while self.waiting and self.waiting[0][0] < self.until:
            moment, _, step = heapq.heappop(self.waiting)
            step(moment)
            done += 1
        return done
