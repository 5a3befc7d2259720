// @ts-check
/**
 * What waits to be sent. The order is: a word about her safety goes first, the briefing opens a visit, answers follow, a stop, photos, and the submission when nothing
 * else of its visit waits. An entry that fails steps back and lets the others pass; an entry that the server refuses stays here,
 * with the server's reason, until the person has changed or discarded it.
 */
import { done, transact } from "./db.js";

/** @typedef {"alarm"|"briefing"|"answer"|"stop"|"unphoto"|"photo"|"submission"} Kind */
/** @typedef {{seq: number, id: string, visit: string, kind: Kind, slot: string|null, box: import("./vault.js").Box, letter: import("./letter.js").Letter|null, state: "waiting"|"refused"|"taken", mute?: boolean, taken?: number, tries: number, alone: boolean, after: number, why: string|null, said: string|null, at: number}} Entry */

/** @type {Kind[]} */
const ORDER = ["alarm", "briefing", "answer", "stop", "unphoto", "photo", "submission"];
/** The server's word for an answer to a question that it does not ask, as far as it knows. */
export const HIDDEN = "answer.hidden_question";
const LONGEST_WAIT = 5 * 60_000;

/** Milliseconds to wait after so many tries: doubling, never all phones at once. @param {number} tries @param {() => number} [chance] */
export const patience = (tries, chance = Math.random) =>
  Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(tries, 12)) * (0.5 + chance() / 2);

export class Outbox {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
  }

  /** A new entry, not yet numbered. @param {Kind} kind @param {string} id @param {string} visit @param {import("./vault.js").Box} box @param {object} [more] */
  entry(kind, id, visit, box, more = {}) {
    return {
      id,
      visit,
      kind,
      slot: null,
      box,
      letter: null,
      state: "waiting",
      tries: 0,
      alone: false,
      after: 0,
      why: null,
      said: null,
      at: Date.now(),
      ...more,
    };
  }

  /** @returns {Promise<Entry[]>} */
  every() {
    return transact(this.store.db, ["outbox"], "readonly", (store) => done(store("outbox").getAll()));
  }

  /** Everything that waits or was refused, oldest first. */
  async all() {
    return (await this.every()).filter((entry) => entry.state !== "taken");
  }

  /** What a worker did while nobody could be told: what it had taken, and what was refused without a reason. */
  async unheard() {
    return (await this.every()).filter((entry) => entry.state === "taken" || entry.mute);
  }

  /** As the sender sees an entry. @param {Entry} entry @returns {Entry} */
  seen(entry) {
    return entry;
  }

  /** Entries with the words inside them. @returns {Promise<(Entry & {body: any})[]>} */
  async read() {
    return Promise.all(
      (await this.all()).map(async (entry) => ({ ...entry, body: await this.store.vault.open(entry.box) })),
    );
  }

  /**
   * Take the next entries to send: several answers of one visit, or one of anything else. Taking marks them as tried in the same
   * transaction, so from here on an edit adds a new entry instead of replacing one that may be on its way.
   * @param {{now: number, most?: number, kinds?: Kind[]}} wish @returns {Promise<Entry[]>}
   */
  claim({ now, most = 50, kinds = ORDER }) {
    return transact(this.store.db, ["outbox"], "readwrite", async (store) => {
      const entries = /** @type {Entry[]} */ (await done(store("outbox").getAll()))
        .filter((entry) => entry.state === "waiting")
        .map(this.seen);
      const due = entries.filter(
        (entry) => kinds.includes(entry.kind) && entry.after <= now && !held(entry, entries, now),
      );
      due.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.tries - b.tries || a.seq - b.seq);
      const first = due[0];
      if (!first) return [];
      // An answer that already failed in company goes alone, so that one bad entry cannot hold the good ones.
      const alone = first.kind !== "answer" || first.alone;
      const mates = alone
        ? [first]
        : due.filter((entry) => entry.kind === "answer" && entry.visit === first.visit && !entry.alone);
      mates.sort((a, b) => a.seq - b.seq).splice(most);
      for (const entry of mates) store("outbox").put({ ...entry, tries: entry.tries + 1 });
      return mates.map((entry) => ({ ...entry, tries: entry.tries + 1 }));
    });
  }

  /** The server has them: delete the entries, and let `also` change the records beside them in the same transaction. @param {Entry[]} entries @param {(store: (name: string) => IDBObjectStore) => any} [also] */
  async settle(entries, also) {
    await transact(this.store.db, ["outbox", "answers", "photos", "blobs"], "readwrite", async (store) => {
      for (const entry of entries) {
        store("outbox").delete(entry.seq);
        // What the server said while this was on its way is older than this.
        const answer = entry.kind === "answer" ? await done(store("answers").get(/** @type {string} */ (entry.slot))) : null;
        if (answer) store("answers").put({ ...answer, mine: Date.now() });
      }
      await also?.(store);
    });
  }

  /** Not this time: keep the entry, wait, remember why. @param {Entry} entry @param {string} why @param {string|null} said @param {number} wait */
  later(entry, why, said, wait) {
    return this.change(entry, { why, said, after: Date.now() + wait });
  }

  /** The server will not take it as it is: keep it, say why, let everything else pass. @param {Entry} entry @param {string} why @param {string|null} said */
  refuse(entry, why, said) {
    return this.change(entry, { state: "refused", why, said, after: 0 });
  }

  /** @param {Entry} entry @param {Partial<Entry>} change */
  async change(entry, change) {
    await transact(this.store.db, ["outbox", "photos"], "readwrite", async (store) => {
      const kept = await done(store("outbox").get(entry.seq));
      if (kept) store("outbox").put({ ...kept, ...change });
      const photo =
        kept?.kind === "photo" && change.state === "refused" ? await done(store("photos").get(entry.id)) : null;
      if (photo) store("photos").put({ ...photo, state: "refused", said: change.said });
    });
  }

  /** Nobody waits any longer: the network is back, or the person pressed "send now". @param {{refused?: boolean}} [also] */
  async hasten({ refused = false } = {}) {
    await transact(this.store.db, ["outbox", "photos"], "readwrite", async (store) => {
      for (const entry of await done(store("outbox").getAll())) {
        const again = entry.state === "refused" && refused;
        if (again || (entry.after && entry.tries))
          store("outbox").put({ ...entry, state: again ? "waiting" : entry.state, after: 0 });
        const photo = again && entry.kind === "photo" ? await done(store("photos").get(entry.id)) : null;
        if (photo) store("photos").put({ ...photo, state: "waiting", sent: 0 });
      }
    });
  }

  /** What was refused unheard goes once more, openly: only so is she told why. @param {Entry} entry */
  async again(entry) {
    await transact(this.store.db, ["outbox", "photos"], "readwrite", async (store) => {
      const kept = await done(store("outbox").get(entry.seq));
      if (kept?.mute) store("outbox").put({ ...kept, state: "waiting", mute: false, after: 0 });
      const photo = kept?.mute && kept.kind === "photo" ? await done(store("photos").get(entry.id)) : null;
      if (photo) store("photos").put({ ...photo, state: "waiting", sent: 0 });
    });
  }

  /** What was refused because its question was hidden may be asked now that other answers have arrived. @param {string} visit */
  async revive(visit) {
    await transact(this.store.db, ["outbox"], "readwrite", async (store) => {
      for (const entry of await done(store("outbox").index("visit").getAll(visit)))
        if (entry.state === "refused" && entry.why === HIDDEN)
          store("outbox").put({ ...entry, state: "waiting", mute: false, why: null, said: null });
    });
  }

  /** How far a photo got. What moves is not failing: the next cut waits as briefly as the first. @param {Entry} entry @param {number} sent */
  async progress(entry, sent) {
    await transact(this.store.db, ["photos", "outbox"], "readwrite", async (store) => {
      const row = await done(store("photos").get(entry.id));
      if (row && row.state !== "removed") store("photos").put({ ...row, state: "waiting", sent });
      const kept = await done(store("outbox").get(entry.seq));
      if (kept && kept.tries > 1) store("outbox").put({ ...kept, tries: 1 });
    });
    entry.tries = 1;
  }
}

/** Must an entry wait for others of its visit? @param {Entry} entry @param {Entry[]} waiting @param {number} now */
function held(entry, waiting, now) {
  const before = waiting.filter((other) => other.visit === entry.visit && other.seq !== entry.seq);
  if (entry.kind === "alarm" || entry.kind === "briefing") return false;
  if (before.some((other) => other.kind === "briefing")) return true;
  // A question may be asked because of an earlier answer: answers keep their order, except round one that the server chokes on.
  // A changed answer never passes the one it changes: the last to arrive is the one that counts.
  if (entry.kind === "answer")
    return before.some(
      (other) =>
        other.kind === "answer" &&
        other.seq < entry.seq &&
        (other.alone ? other.slot === entry.slot : other.after > now),
    );
  if (entry.kind === "stop") return before.some((other) => other.kind === "answer" && other.tries <= 3);
  return entry.kind === "submission" && before.some((other) => !["submission", "alarm"].includes(other.kind));
}
