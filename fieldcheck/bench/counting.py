"""What is counted after a walk through faults: what the phone's store holds, and what became of one run's notes."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

STORE = """async () => {
  const all = {outbox: [], answers: [], photos: []};
  for (const {name} of await indexedDB.databases()) {
    if (!name.startsWith("notes-")) continue;
    const opening = indexedDB.open(name);
    await new Promise((ok, no) => { opening.onsuccess = ok; opening.onerror = no; });
    const db = opening.result;
    for (const store of Object.keys(all)) {
      const r = db.transaction(store).objectStore(store).getAll();
      await new Promise(ok => { r.onsuccess = ok; });
      all[store].push(...r.result.map(({id, kind, state, why, tries}) => ({id, kind, state, why, tries})));
    }
    db.close();
  }
  return all;
}"""


@dataclass
class Count:
    """What became of one run's notes."""

    seed: int
    acknowledged: int = 0
    queued: int = 0
    lost: int = 0
    doubled: int = 0
    let_go: int = 0
    seconds: float = 0.0
    blows: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether the server holds each thing exactly once."""
        return not (self.queued or self.lost or self.doubled or self.let_go)

    def told(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {**vars(self), "blows": dict(self.blows)}
