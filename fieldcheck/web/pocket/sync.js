// @ts-check
/**
 * The flusher: one for the whole phone, held by a Web Lock. It takes what is due, sends it, and deletes an entry only when the
 * server has named it (an answer's id, a photo's sha256). Whatever goes wrong with one entry, the others go on.
 */
import { APP, call, Refused, Unreachable } from "./api.js";
import { isoLocal } from "./ids.js";
import { HIDDEN, patience } from "./outbox.js";
import { sendPhoto, takeBack } from "./parts.js";
import { NOTED, OF_A_VISIT, sweep } from "./store.js";
import { onlyUnsent } from "./unsent.js";

const EVERY = 15_000;
/** Her part was ended, or only this phone: either way nothing is shown any more, and what was not sent stays sealed. */
export const OVER = ["session.revoked", "session.ended"];

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {"idle" | "sending" | "offline" | "signed_out"} Mood */

export class Sync {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.outbox = store.outbox;
    /** @type {Mood} */
    this.mood = "idle";
    this.failures = 0;
    this.quietUntil = 0;
    /** @type {number | null} */
    this.clockGap = null;
    this.stopping = new AbortController();
    this.asked = false;
    this.running = false;
    this.unheard = true;
  }

  start() {
    const { signal } = this.stopping;
    const wake = () => this.kick({ hurry: true });
    addEventListener("online", wake, { signal });
    addEventListener("offline", () => this.feel("offline"), { signal });
    // Not in the moment itself: a page that WebKit puts aside for "back" would keep what it had begun to read, and the next page waits for it.
    const leave = () => setTimeout(() => document.visibilityState === "hidden" && this.leave());
    const look = () => (document.visibilityState === "visible" ? wake() : leave());
    document.addEventListener("visibilitychange", look, { signal });
    const timer = setInterval(() => this.kick(), EVERY);
    signal.addEventListener("abort", () => clearInterval(timer));
    const off = this.store.on(
      (what) => (what.kind === "posted" ? (this.unheard = true) : what.kind !== "sync") && what.kind !== "progress" && what.kind !== "docs" && this.kick(),
    );
    signal.addEventListener("abort", off);
    // Somebody opened the page: nothing waits for an earlier failure any longer.
    this.kick({ hurry: true });
    return this;
  }

  stop() {
    this.stopping.abort();
  }

  /** She looks at something else, and the page may be killed: what waits then leaves without it. */
  async leave() {
    // A page that is going away may have closed its store already: the next opening finds what waits.
    if (await this.left().catch(() => 0)) await askToBeWoken();
  }

  /** How many still wait. */
  async left() {
    return (await this.outbox.all()).filter((entry) => entry.state === "waiting").length;
  }

  /** @param {Mood} mood */
  feel(mood) {
    if (this.mood === mood) return;
    this.mood = mood;
    this.store.say("sync");
  }

  /** Send what is due, soon. `hurry` forgets earlier waiting: the network is back, or a person asked. @param {{hurry?: boolean, refused?: boolean}} [how] */
  async kick({ hurry = false, refused = false } = {}) {
    if (this.stopping.signal.aborted) return;
    this.asked = true;
    if (hurry) {
      this.quietUntil = 0;
      await this.outbox.hasten({ refused }).catch(() => {});
    }
    if (this.running) return;
    this.running = true;
    try {
      await this.oneOnThisPhone(async () => {
        while (this.asked && !this.stopping.signal.aborted) {
          this.asked = false;
          if (this.unheard) await this.hear();
          await this.round();
        }
      });
    } catch {
      // The page is going away, or the database was closed under us: the next opening goes on from the same entries.
    } finally {
      this.running = false;
    }
    if (this.mood === "sending") this.feel("idle");
  }

  /** @param {() => Promise<void>} work */
  oneOnThisPhone(work) {
    if (!navigator.locks) return work();
    return navigator.locks.request(`notes-send-${this.store.owner}`, { signal: this.stopping.signal }, work);
  }

  async round() {
    for (;;) {
      if (this.stopping.signal.aborted || Date.now() < this.quietUntil) return;
      if (navigator.onLine === false) {
        askToBeWoken();
        return this.feel("offline");
      }
      const entries = await this.outbox.claim({ now: Date.now() });
      if (!entries.length) {
        if (this.mood === "sending") this.feel("idle");
        return this.rememberToReturn();
      }
      if (this.mood !== "signed_out") this.feel("sending");
      try {
        await this.send(entries);
        this.failures = 0;
        this.mood = this.mood === "signed_out" ? "sending" : this.mood;
      } catch (fault) {
        if (!(await this.failed(entries, fault))) return;
      }
      this.store.say("sync", entries[0].visit);
    }
  }

  /** What the worker did while nobody could open anything here: a visit that moved is shown so, a refusal is asked for its reason. */
  async hear() {
    this.unheard = false;
    for (const entry of await this.outbox.unheard()) {
      if (entry.mute) await this.outbox.again(entry);
      else await this.moved(entry);
    }
  }

  /** A typed text waits a moment before it is sent, and a failed entry longer: come back when the first is due. */
  async rememberToReturn() {
    const waiting = (await this.outbox.all()).filter((entry) => entry.state === "waiting" && entry.after > Date.now());
    const soonest = Math.min(...waiting.map((entry) => entry.after - Date.now()));
    if (soonest < EVERY) setTimeout(() => this.kick(), soonest + 20);
  }

  /** @param {Entry[]} entries @param {unknown} fault @returns {Promise<boolean>} whether the round may go on with other entries */
  async failed(entries, fault) {
    if (fault instanceof Refused && fault.status === 401) {
      for (const entry of entries) await this.outbox.later(entry, "session.none", null, 0);
      this.quietUntil = Date.now() + 60_000;
      if (OVER.includes(fault.code)) await this.revoked();
      this.feel("signed_out");
      return false;
    }
    if (fault instanceof Refused && fault.status === 429) {
      // The server asks for a pause, whatever is sent: nothing goes before it is over, and nothing counts as failed.
      const pause = (fault.wait ?? 5) * 1000;
      for (const entry of entries) await this.outbox.later(entry, fault.code, fault.said, pause);
      this.quietUntil = Date.now() + pause;
      setTimeout(() => this.kick(), pause + 20);
      return false;
    }
    if (fault instanceof Refused && !fault.passing) {
      // A batch the server would not read at all: each goes alone next time, and only the bad one is refused.
      if (entries.length > 1) for (const entry of entries) await this.outbox.change(entry, { alone: true });
      else await this.outbox.refuse(entries[0], fault.code, fault.said);
      return true;
    }
    if (fault instanceof Refused) {
      for (const entry of entries) {
        await this.outbox.later(entry, fault.code, fault.said, (fault.wait ?? 0) * 1000 || patience(entry.tries));
        if (entry.tries > 1) await this.outbox.change(entry, { alone: true });
      }
      return true;
    }
    if (!(fault instanceof Unreachable)) console.error(fault);
    askToBeWoken();
    this.failures += 1;
    for (const entry of entries) await this.outbox.later(entry, "network", null, patience(Math.min(entry.tries, 5)));
    this.quietUntil = Date.now() + patience(Math.min(this.failures - 1, 5));
    this.feel("offline");
    setTimeout(() => this.kick(), this.quietUntil - Date.now() + 20);
    return false;
  }

  /** @param {Entry[]} entries */
  async send(entries) {
    const [entry] = entries;
    if (entry.kind === "answer") return this.sendAnswers(entries);
    if (entry.kind === "photo") {
      await sendPhoto(this, entry);
      return this.tidy(entry.visit);
    }
    const body = await this.store.vault.open(entry.box);
    const base = `/api/visits/${entry.visit}`;
    if (entry.kind === "unphoto") return takeBack(this, entry, base, body);
    if (entry.kind === "alarm") return this.raise(entry, base, body);
    if (entry.kind === "briefing") await call("POST", `${base}/briefing`, { body: { id: body.id, read_at: body.at } });
    if (entry.kind === "stop")
      await call("POST", `${base}/stop`, { body: { id: body.id, at: body.at, reason: body.reason, note: body.note } });
    if (entry.kind === "submission") await this.submit(entry, base, body);
    await this.moved(entry);
  }

  /** @param {Entry[]} entries */
  async sendAnswers(entries) {
    const answers = await Promise.all(entries.map((entry) => this.store.vault.open(entry.box)));
    const said = await call("POST", `/api/visits/${entries[0].visit}/answers`, {
      body: { phone_now: isoLocal(new Date()), device: await this.store.device(), app: APP, answers },
    });
    this.learnTime(said.server_now);
    if (!Array.isArray(said.results)) throw new Unreachable("no results");
    const results = new Map(said.results.map((/** @type {any} */ result) => [result.id, result]));
    const kept = entries.filter((entry) => ["stored", "known"].includes(results.get(entry.id)?.status));
    await this.outbox.settle(kept);
    if (kept.length) await this.outbox.revive(entries[0].visit);
    for (const entry of entries.filter((one) => !kept.includes(one))) {
      const result = results.get(entry.id);
      // Refused as hidden before the answer that shows it was read: once more, after it.
      const early = result?.error?.code === HIDDEN && entry.tries < 3 && kept.some((other) => other.seq > entry.seq);
      if (result?.status === "refused" && !early)
        await this.outbox.refuse(entry, result.error?.code ?? "refused", result.error?.message ?? null);
      else await this.outbox.later(entry, "unanswered", null, early ? 0 : patience(entry.tries));
    }
    await this.tidy(entries[0].visit);
  }

  /** What arrives of a visit that ended early goes from the phone like everything before it. @param {string} id */
  async tidy(id) {
    const visit = await this.store.get(`visit:${id}`);
    if (["stopped", "withdrawn"].includes(visit?.state)) await this.store.forget(id);
  }

  /** A word about her safety: that she went in, that she is out, that she was recognised. @param {Entry} entry @param {string} base @param {any} body */
  async raise(entry, base, { id, kind, at, place, no_place }) {
    const path = entry.visit ? `${base}/${kind.startsWith("check_") ? kind.replace("_", "-") : "alarm"}` : "/api/alarm";
    const now = isoLocal(new Date());
    await call("POST", path, { body: { id, kind, at, phone_now: now, place, no_place }, seconds: 15 });
    await this.outbox.settle([entry]);
  }

  /** @param {Entry} entry @param {string} base @param {any} body */
  async submit(entry, base, body) {
    try {
      await call("POST", `${base}/submission`, {
        body: { id: body.id, submitted_at: body.at, phone_now: isoLocal(new Date()) },
      });
      await this.store.drop(`incomplete:${entry.visit}`);
    } catch (fault) {
      if (fault instanceof Refused && fault.code === "visit.incomplete")
        await this.store.put(`incomplete:${entry.visit}`, fault.details.missing ?? []);
      throw fault;
    }
  }

  /** The server took a word about the visit: let go of it, keep the new state and wipe what is safely there, in one. @param {Entry} entry */
  async moved(entry) {
    const at = entry.taken ?? Date.now();
    let ends = entry.kind !== "briefing";
    const state = { briefing: "in_progress", submission: "submitted", stop: "stopped" }[
      /** @type {string} */ (entry.kind)
    ];
    const change = (/** @type {any} */ visit) => {
      const moves = visit && state && !(entry.kind === "briefing" && visit.state !== "assigned");
      // A worker's word that is heard late: the server has said more of this visit since.
      const isOld = visit?.asked > at;
      ends &&= !isOld;
      return moves && !isOld ? { ...visit, state, moved: at } : null;
    };
    await this.store.revise(`visit:${entry.visit}`, change, OF_A_VISIT, async (store) => {
      store("outbox").delete(entry.seq);
      if (!ends) return;
      await sweep(store, entry.visit, entry.kind === "stop");
      for (const doc of NOTED) store("docs").delete(`${doc}:${entry.visit}`);
    });
    this.store.say("docs", entry.visit);
  }

  /** This phone is over: what the server has goes from it, what it has not, sent or only begun, waits for her next link. */
  async revoked() {
    await onlyUnsent(this.store.db, { begun: true });
    this.store.say("revoked");
  }

  /** @param {string} serverNow */
  learnTime(serverNow) {
    const gap = Date.now() - Date.parse(serverNow);
    if (Number.isFinite(gap)) this.clockGap = gap;
  }
}

/** Where the browser can: send what waits when the network is back, even with this page closed. */
async function askToBeWoken() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration("/");
    await /** @type {any} */ (registration)?.sync?.register("notes-send");
  } catch {
    // Not allowed here: it leaves at the next opening.
  }
}
