// @ts-check
/**
 * Sending for a phone that nobody has unlocked: the same outbox, the same order, the same patience, but what leaves are the letters that
 * were sealed when each thing was written. Nothing here can open them. What the server refuses stays, and she is told why when the page,
 * which can open it, has asked once more.
 */
import { actFor, APP, call, Refused } from "./api.js";
import { done, openDatabase, transact } from "./db.js";
import { isoLocal, sha256 } from "./ids.js";
import { base64 } from "./letter.js";
import { HIDDEN, Outbox, patience } from "./outbox.js";
import { inParts } from "./parts.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";

/** @typedef {import("./outbox.js").Entry} Entry */

/** The server takes it for no letter of its own: another key, or bent. The page sends what is in it. */
const UNREADABLE = ["letter.unreadable", "letter.too_large"];
/** What moves a visit: the page hears of it when it is opened. */
const WORDS = ["briefing", "stop", "submission"];

class Letterbox extends Outbox {
  /** What has no letter waits, and what must not pass it waits behind it. @param {Entry} entry @returns {Entry} */
  seen(entry) {
    return entry.letter ? entry : { ...entry, after: Infinity };
  }
}

export class Post extends Sync {
  /** Open what is locked, as far as that goes: its entries, not what is in them. @param {string} owner */
  static async of(owner) {
    const db = await openDatabase(`notes-${owner}`, false);
    const store = new Store(owner, db, /** @type {any} */ (null));
    store.outbox = new Letterbox(store);
    db.onversionchange = () => db.close();
    // Whose a letter is stands inside it: the server asks there.
    actFor("");
    return new Post(store);
  }

  /** There is nobody who could hear. */
  async hear() {}

  /** Whatever could leave without her. */
  async left() {
    return (await this.outbox.all()).filter((entry) => entry.state === "waiting" && entry.letter).length;
  }

  /** @param {Entry[]} entries */
  async send(entries) {
    if (entries[0].kind === "photo") return this.sendPhoto(entries[0]);
    const letters = entries.map(({ id, letter }) => ({ id, data: packed(letter) }));
    const body = { phone_now: isoLocal(new Date()), app: APP, letters };
    const said = await call("POST", "/api/sealed", { body });
    const results = new Map((said.results ?? []).map((/** @type {any} */ result) => [result.id, result]));
    // Before anything is refused, and only where something was taken: else what is hidden would go again for ever.
    const taken = entries.filter((entry) => results.get(entry.id)?.status === "taken");
    if (taken.length) await this.outbox.revive(entries[0].visit);
    const all = await this.outbox.every();
    for (const entry of entries) {
      const result = results.get(entry.id);
      // Refused as hidden before the answer that shows it was read: once more, after it.
      const early = result?.code === HIDDEN && entry.tries < 3 && taken.some((other) => other.seq > entry.seq);
      if (early) await this.outbox.later(entry, HIDDEN, null, 0);
      else await this.take(entry, result, all);
    }
    this.store.say("posted", entries[0].visit);
  }

  /** @param {Entry} entry @param {{status: string, code?: string} | undefined} result @param {Entry[]} all */
  async take(entry, result, all) {
    // A photo that never came whole needs not be taken back.
    const taken = result?.status === "taken" || (entry.kind === "unphoto" && result?.code === "photo.not_found");
    if (taken && WORDS.includes(entry.kind)) await this.outbox.change(entry, { state: "taken", taken: Date.now(), letter: null });
    // An older answer that was not taken must not come after the one that changed it: it is over with it.
    else if (taken) await this.outbox.settle([entry, ...all.filter((old) => entry.slot && old.slot === entry.slot && old.seq < entry.seq)]);
    else if (result?.status === "refused") await this.refused(entry, result.code ?? "refused");
    else await this.outbox.later(entry, result?.code ?? "unanswered", null, patience(entry.tries));
  }

  /** @param {Entry} entry @param {string} code */
  refused(entry, code) {
    if (UNREADABLE.includes(code)) return this.outbox.change(entry, { letter: null, why: code });
    return this.outbox.change(entry, { state: "refused", mute: true, why: code, said: null, after: 0 });
  }

  /** @param {Entry} entry */
  async sendPhoto(entry) {
    const blob = await transact(this.store.db, ["blobs"], "readonly", (store) => done(store("blobs").get(entry.id)));
    if (!blob || !entry.letter) return this.outbox.settle([entry]);
    const path = `/api/sealed/${entry.id}`;
    const letter = packed(entry.letter);
    const headers = () => ({ "X-FC-Letter": letter, "X-FC-Now": isoLocal(new Date()) });
    const name = await sha256(entry.letter.data);
    const isWhole = (/** @type {any} */ said) => said.letter === name;
    // A part without bytes asks how much has come.
    const here = await call("PUT", path, { body: new ArrayBuffer(0), headers: { ...headers(), "X-FC-Offset": "0" } });
    const sent = here.complete ? 0 : Number(here.received) || 0;
    await inParts(this, entry, { path, headers, bytes: blob.data, sent, isWhole });
    this.store.say("posted", entry.visit);
  }

  /** @param {Entry[]} entries @param {unknown} fault */
  async failed(entries, fault) {
    if (!(fault instanceof Refused) || fault.passing || fault.status === 401) return super.failed(entries, fault);
    const [entry] = entries;
    // Only of a photo is a refused request a word about the thing itself; a server that knows no letters is none.
    if (entry.kind === "photo" && !/^(request|http)\./.test(fault.code)) {
      if (fault.code === "letter.not_hers") await this.outbox.later(entry, fault.code, null, patience(entry.tries));
      else await this.refused(entry, fault.code);
    } else for (const one of entries) await this.outbox.later(one, fault.code, null, patience(one.tries));
    return true;
  }
}

/** @param {import("./letter.js").Letter | null} letter */
const packed = (letter) =>
  base64(letter?.data ?? new Uint8Array()).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
