// @ts-check
/**
 * What one person has on this phone. An answer and the entry that will carry it to the server are written in one transaction,
 * durable before anybody is told "saved"; nothing here deletes what the server has not acknowledged.
 */
import { done, openDatabase, transact } from "./db.js";
import { uuid7 } from "./ids.js";
import { envelope, Letters, opener, unfold } from "./letter.js";
import { HIDDEN, Outbox } from "./outbox.js";
import { openVault } from "./vault.js";

/** @typedef {{lat: number, lon: number, accuracy: number, age: number}} Place */
/** @typedef {{id: string, checklist: string, question: string, value: any, given_at: string, seen_at: string|null, place: Place|null, no_place: string|null}} Answer */
/** @typedef {{checklist: string, question: string, sha256: string, size: number, type: string, taken_at: string, place: Place|null, no_place: string|null, source: string, width: number, height: number, claims?: import("./exif.js").Claims, covered?: {boxes: number, confirmed: boolean}}} PhotoMeta */
/** @typedef {"waiting" | "sending" | "received" | "refused"} State */

/** The key of a question within a visit's answers. @param {string} checklist @param {string} question */
export const spot = (checklist, question) => `${checklist}|${question}`;

/** Open the store of one person. @param {string} owner a name that says nothing @param {boolean} [create] @returns {Promise<Store>} */
export async function openStore(owner, create = true) {
  const db = await openDatabase(`notes-${owner}`, create);
  // From the first moment on: nothing that waits for a PIN stands in the way of throwing everything away.
  db.onversionchange = () => db.close();
  const vault = await openVault(db).catch((fault) => {
    db.close();
    throw fault;
  });
  if (vault.decoy) {
    // The duress PIN: an empty store of its own stands in for hers, and acts in her name towards the server.
    db.close();
    const empty = await openStore(vault.decoy);
    empty.decoy = true;
    await empty.put("as", owner);
    return empty;
  }
  // The browser closed it by itself: nothing more can be kept on this page.
  db.onclose = () => globalThis.location?.reload?.();
  return new Store(owner, db, vault);
}

/** What is noted of a visit until it is over. */
export const NOTED = ["drafts", "mended", "at", "seen", "inside"];
/** Where what was recorded of a visit lies. */
export const OF_A_VISIT = ["answers", "photos", "blobs", "outbox"];

/**
 * Wipe, within a transaction, what the server has of a visit; gives how much that was. @param {(name: string) => IDBObjectStore} store
 * @param {string} visit @param {boolean} early it ended before she could look everything over: what she did not stays
 */
export async function sweep(store, visit, early) {
  const entries = await done(store("outbox").index("visit").getAll(visit));
  const slots = new Set(entries.map((entry) => entry.slot));
  const photos = new Set(entries.map((entry) => entry.id));
  let gone = 0;
  const wipe = (/** @type {string} */ name, /** @type {any} */ key) => (store(name).delete(key), (gone += 1));
  for (const entry of entries)
    if (entry.why === HIDDEN && entry.state === "refused") wipe("outbox", entry.seq), slots.delete(entry.slot);
  for (const row of await done(store("answers").index("visit").getAll(visit))) if (!slots.has(row.slot)) wipe("answers", row.slot);
  for (const row of await done(store("photos").index("visit").getAll(visit)))
    if (!photos.has(row.id) && !(early && row.state === "uncovered")) wipe("photos", row.id), store("blobs").delete(row.id);
  return gone;
}

export class Store {
  /** @param {string} owner @param {IDBDatabase} db @param {import("./vault.js").Vault} vault */
  constructor(owner, db, vault) {
    this.owner = owner;
    this.db = db;
    this.vault = vault;
    this.outbox = new Outbox(this);
    this.letters = new Letters(this);
    this.decoy = false;
    /** @type {Set<(what: any) => void>} */
    this.listeners = new Set();
    this.channel = new BroadcastChannel(`notes-${owner}`);
    this.channel.onmessage = (message) => this.listeners.forEach((listener) => listener(message.data));
    // Saves happen in the order they were asked for: encryption alone would let a late one overtake an early one.
    this.line = Promise.resolve();
  }

  /** Hear of every change, also from other tabs. @param {(what: {kind: string, visit?: string}) => void} listener @returns {() => void} */
  on(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tell this page and the other tabs. @param {string} kind @param {string} [visit] */
  say(kind, visit) {
    const what = { kind, visit };
    try {
      this.channel.postMessage(what);
    } catch {
      // The channel is closed because the page is going away; nobody is left to tell.
    }
    this.listeners.forEach((listener) => listener(what));
  }

  /** @template T @param {() => Promise<T>} save @returns {Promise<T>} */
  inLine(save) {
    const turn = this.line.then(save);
    this.line = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  /** A kept document, or null. @param {string} key @returns {Promise<any>} */
  async get(key) {
    const box = await transact(this.db, ["docs"], "readonly", (store) => done(store("docs").get(key)));
    return box ? this.vault.open(box) : null;
  }

  /** @param {string} key @param {unknown} value */
  async put(key, value) {
    const box = await this.vault.seal(value);
    await transact(this.db, ["docs"], "readwrite", (store) => done(store("docs").put(box, key)));
  }

  /**
   * Change what may be changed elsewhere meanwhile (another tab, the sender, the server's word): from what is there, and only if that is
   * still there when it is written; else from what is there now. `also` goes with it, in one. @param {string} key
   * @param {(before: any) => any} change what to write; null writes only `also`, undefined nothing @param {string[]} [stores] @param {(store: (name: string) => IDBObjectStore) => unknown} [also]
   */
  async revise(key, change, stores = [], also) {
    for (let written = false; !written; ) {
      const was = await transact(this.db, ["docs"], "readonly", (store) => done(store("docs").get(key)));
      const value = change(was ? await this.vault.open(was) : null);
      if (value === undefined) return;
      const box = value && (await this.vault.seal(value));
      written = await transact(this.db, ["docs", ...stores], "readwrite", async (store) => {
        const now = await done(store("docs").get(key));
        if (`${now?.iv}` !== `${was?.iv}`) return false;
        if (box) store("docs").put(box, key);
        await also?.(store);
        return true;
      });
    }
  }

  /** @param {string} key */
  async drop(key) {
    await transact(this.db, ["docs"], "readwrite", (store) => done(store("docs").delete(key)));
  }

  /** This phone's name towards the server: made once, random. @returns {Promise<string>} */
  async device() {
    const known = await this.get("device");
    if (known) return known;
    const made = uuid7();
    await this.put("device", made);
    return made;
  }

  /** Seal what an entry carries: for her, and as a letter. @param {import("./outbox.js").Kind} kind @param {string} id @param {string} visit @param {any} body @param {object} [more] */
  async sealed(kind, id, visit, body, more) {
    const [box, letter] = await Promise.all([
      this.vault.seal(body),
      this.letters.write({ kind, id, visit }, body, more),
    ]);
    return { box, letter };
  }

  /** Seal a photo, its small picture and its letter. @param {string} id @param {string} visit @param {PhotoMeta} meta @param {ArrayBuffer} bytes @param {ArrayBuffer} thumb */
  async sealedPhoto(id, visit, meta, bytes, thumb) {
    const { raw, iv, data } = await envelope(bytes);
    const [sealed, key, small] = await Promise.all([
      this.sealed("photo", id, visit, meta, opener(raw, iv)),
      this.vault.sealBytes(raw),
      this.vault.sealBytes(thumb),
    ]);
    return { ...sealed, blob: { iv, data, key }, small };
  }

  /**
   * Keep an answer and its outbox entry, together. An entry for the same question that was never tried, or that the server refused,
   * gives way to this one; one that may have reached the server stays, and the server learns both in order.
   * @param {string} visit @param {Omit<Answer, "id">} given @param {{hold?: number}} [options] hold: milliseconds to wait before sending
   * @returns {Promise<Answer>}
   */
  saveAnswer(visit, given, { hold = 0 } = {}) {
    const answer = { id: uuid7(), ...given };
    return this.inLine(async () => {
      const [slot, { box, letter }] = await Promise.all([
        this.slot(visit, answer),
        this.sealed("answer", answer.id, visit, answer),
      ]);
      await transact(this.db, ["answers", "outbox"], "readwrite", async (store) => {
        const outbox = store("outbox");
        const mine = await done(outbox.index("visit").getAll(visit));
        const after = hold ? Date.now() + hold : 0;
        const fresh = this.outbox.entry("answer", answer.id, visit, box, { slot, letter, after });
        // In the place of the one it replaces: questions that depend on it were answered after it and are sent after it.
        const unsent = mine.find((old) => old.slot === slot && old.tries === 0);
        outbox.put(unsent ? { ...fresh, seq: unsent.seq } : fresh);
        for (const old of mine) {
          if (old.state !== "refused" || old === unsent) continue;
          if (old.slot === slot || old.why === HIDDEN) outbox.delete(old.seq);
          // What was refused because its question was hidden may be asked again now: it goes once more, after this answer.
          if (old.slot !== slot && old.why === HIDDEN)
            outbox.add({
              ...this.outbox.entry("answer", old.id, visit, old.box, { slot: old.slot, letter: old.letter }),
              tries: old.tries,
            });
        }
        store("answers").put({ slot, visit, id: answer.id, box, mine: Date.now() });
      });
      this.say("answer", visit);
      return answer;
    });
  }

  /** @param {string} visit @param {{checklist: string, question: string}} where */
  slot(visit, where) {
    return this.vault.tag(`${visit}|${where.checklist}|${where.question}`);
  }

  /** Every answer of a visit with how far it got. @param {string} visit @returns {Promise<Map<string, Answer & {state: State, said: string|null}>>} */
  async answers(visit) {
    const [rows, entries] = await transact(this.db, ["answers", "outbox"], "readonly", async (store) =>
      Promise.all([
        done(store("answers").index("visit").getAll(visit)),
        done(store("outbox").index("visit").getAll(visit)),
      ]),
    );
    const found = new Map();
    const opened = await Promise.all(rows.map((/** @type {any} */ row) => this.vault.open(row.box)));
    for (const [place, answer] of opened.entries()) {
      const entry = entries.filter((/** @type {any} */ one) => one.slot === rows[place].slot).pop();
      found.set(spot(answer.checklist, answer.question), {
        ...answer,
        state: entry ? entry.state : "received",
        said: entry?.said ?? null,
      });
    }
    return found;
  }

  /** Keep a photo, its small picture and its outbox entry, together. @param {string} visit @param {PhotoMeta} meta @param {ArrayBuffer} bytes @param {ArrayBuffer} thumb */
  async addPhoto(visit, meta, bytes, thumb) {
    const id = crypto.randomUUID(); // not v7: the agency meets this id, and v7 would tell it the minute
    const { box, letter, blob, small } = await this.sealedPhoto(id, visit, meta, bytes, thumb);
    await transact(this.db, ["photos", "blobs", "outbox"], "readwrite", (store) => {
      store("blobs").put(blob, id);
      store("photos").put({ id, visit, box, thumb: small, state: "waiting", sent: 0, size: meta.size });
      store("outbox").add(this.outbox.entry("photo", id, visit, box, { letter }));
    });
    this.say("photo", visit);
    return id;
  }

  /** Keep a photo that nobody has looked over yet: sealed, and not on its way. @param {string} visit @param {PhotoMeta} meta @param {ArrayBuffer} bytes @param {ArrayBuffer} thumb */
  async draftPhoto(visit, meta, bytes, thumb) {
    const id = crypto.randomUUID();
    const [box, blob, small] = await Promise.all([
      this.vault.seal(meta),
      this.vault.sealBytes(bytes),
      this.vault.sealBytes(thumb),
    ]);
    await transact(this.db, ["photos", "blobs"], "readwrite", (store) => {
      store("blobs").put(blob, id);
      store("photos").put({ id, visit, box, thumb: small, state: "uncovered", sent: 0, size: meta.size });
    });
    this.say("photo", visit);
    return id;
  }

  /** It has been looked over: what she confirmed takes the place of what was taken, and may leave. @param {string} visit @param {string} id @param {PhotoMeta} meta @param {ArrayBuffer} bytes @param {ArrayBuffer} thumb */
  async confirmPhoto(visit, id, meta, bytes, thumb) {
    const { box, letter, blob, small } = await this.sealedPhoto(id, visit, meta, bytes, thumb);
    await transact(this.db, ["photos", "blobs", "outbox"], "readwrite", async (store) => {
      const row = await done(store("photos").get(id));
      if (row?.state !== "uncovered") return;
      store("blobs").put(blob, id);
      store("photos").put({ id, visit, box, thumb: small, state: "waiting", sent: 0, size: meta.size });
      store("outbox").add(this.outbox.entry("photo", id, visit, box, { letter }));
    });
    this.say("photo", visit);
  }

  /** The photos of a visit, removed ones too (state "removed"). @param {string} visit */
  async photos(visit) {
    const rows = await transact(this.db, ["photos"], "readonly", (store) =>
      done(store("photos").index("visit").getAll(visit)),
    );
    rows.sort((/** @type {any} */ a, /** @type {any} */ b) => (a.id < b.id ? -1 : 1));
    return Promise.all(
      rows.map(async (/** @type {any} */ row) => ({
        ...(await this.vault.open(row.box)),
        id: row.id,
        state: row.state,
        sent: row.sent,
        size: row.size,
        said: row.said ?? null,
      })),
    );
  }

  /** How many photos nobody has looked over, in all visits. */
  async loose() {
    const all = await transact(this.db, ["photos"], "readonly", (store) => done(store("photos").getAll()));
    return all.filter((/** @type {any} */ row) => row.state === "uncovered").length;
  }

  /** The small picture of a photo, or null. @param {string} id */
  async thumb(id) {
    const row = await transact(this.db, ["photos"], "readonly", (store) => done(store("photos").get(id)));
    return row?.thumb ? new Blob([await this.vault.openBytes(row.thumb)], { type: "image/jpeg" }) : null;
  }

  /** The whole photo and its meta while they are still only here, or null. @param {string} id */
  async photo(id) {
    const [row, blob] = await transact(this.db, ["photos", "blobs"], "readonly", (store) =>
      Promise.all([done(store("photos").get(id)), done(store("blobs").get(id))]),
    );
    if (!row || !blob) return null;
    return {
      id,
      sent: row.sent,
      meta: /** @type {PhotoMeta} */ (await this.vault.open(row.box)),
      // Photos that came here before they had keys of their own are sealed as everything else is.
      bytes: blob.key ? await unfold(blob, await this.vault.openBytes(blob.key)) : await this.vault.openBytes(blob),
    };
  }

  /** A photo's bytes as they lie here. @param {string} id */
  blob(id) {
    return transact(this.db, ["blobs"], "readonly", (store) => done(store("blobs").get(id)));
  }

  /** Take a photo back. If the server may have any of it, the server is told. @param {string} visit @param {string} id @param {PhotoMeta} meta */
  async removePhoto(visit, id, meta) {
    const word = uuid7();
    const { box, letter } = await this.sealed("unphoto", word, visit, { photo: id, ...meta });
    await transact(this.db, ["photos", "blobs", "outbox"], "readwrite", async (store) => {
      const row = await done(store("photos").get(id));
      const entry = (await done(store("outbox").index("visit").getAll(visit))).find(
        (/** @type {any} */ one) => one.kind === "photo" && one.id === id,
      );
      store("blobs").delete(id);
      if (entry) store("outbox").delete(entry.seq);
      if ((entry && entry.tries === 0) || row?.state === "uncovered") return void store("photos").delete(id);
      store("photos").put({ ...row, id, visit, box, thumb: null, state: "removed", sent: 0, size: meta.size });
      store("outbox").add(this.outbox.entry("unphoto", word, visit, box, { letter }));
    });
    this.say("photo", visit);
  }

  /** Queue a word about the visit itself: briefing, submission, stop. @param {"briefing"|"submission"|"stop"} kind @param {string} visit @param {object} body */
  async queue(kind, visit, body) {
    const id = uuid7();
    const { box, letter } = await this.sealed(kind, id, visit, { id, ...body });
    await transact(this.db, ["outbox"], "readwrite", async (store) => {
      const waiting = await done(store("outbox").index("visit").getAll(visit));
      for (const old of waiting) if (old.kind === kind && old.state === "refused") store("outbox").delete(old.seq);
      if (!waiting.some((old) => old.kind === kind && old.state !== "refused"))
        store("outbox").add(this.outbox.entry(kind, id, visit, box, { letter }));
      for (const old of waiting)
        if (old.state === "waiting" && old.after && old.tries === 0) store("outbox").put({ ...old, after: 0 });
    });
    this.say(kind, visit);
  }

  /**
   * Queue a word about her safety; each counts, and goes before everything else. @param {string} visit or "" @param {object} body
   * @param {"alarm" | "stop"} [kind] @param {Record<string, any>} [notes] documents that are kept with it, or not at all
   */
  async signal(visit, body, kind = "alarm", notes = {}) {
    const id = uuid7();
    const { box, letter } = await this.sealed(kind, id, visit, { id, ...body });
    const boxes = await Promise.all(Object.values(notes).map((note) => this.vault.seal(note)));
    await transact(this.db, ["outbox", "docs"], "readwrite", (store) => {
      store("outbox").add(this.outbox.entry(kind, id, visit, box, { letter }));
      Object.keys(notes).forEach((key, place) => store("docs").put(boxes[place], key));
    });
    this.say(kind, visit || undefined);
    return id;
  }

  /**
   * Adopt what the server knows of a visit, unless that moved here since we `asked`. Of its answers, what is not acknowledged yet, or was
   * said here since, stays as it is here. @param {import("./library.js").Visit} told @param {Answer[]} theirs @param {number} asked
   */
  async adopt(told, theirs, asked) {
    const visit = told.id;
    const rows = await Promise.all(
      theirs.map(async (answer) => ({
        slot: await this.slot(visit, answer),
        visit,
        id: answer.id,
        box: await this.vault.seal(answer),
      })),
    );
    const change = (/** @type {any} */ before) => (before?.moved >= asked ? undefined : { ...told, asked });
    await this.revise(`visit:${visit}`, change, ["answers", "outbox"], async (store) => {
      const own = new Set((await done(store("outbox").index("visit").getAll(visit))).map((entry) => entry.slot));
      for (const row of rows) {
        const here = await done(store("answers").get(row.slot));
        if (!own.has(row.slot) && !(here?.mine >= asked)) store("answers").put(row);
      }
    });
    if (rows.length) this.say("answer", visit);
  }

  /**
   * Wipe from the phone what the server has acknowledged of visits that are over; anything waiting or refused stays, and what she had no
   * time to look over. @param {...string} visits
   */
  async forget(...visits) {
    const gone = await transact(this.db, OF_A_VISIT, "readwrite", async (store) => {
      let all = 0;
      for (const visit of visits) all += await sweep(store, visit, true);
      return all;
    });
    if (gone) this.say("answer");
  }

  /** Give up on an entry that the server refused, because the person says so. @param {import("./outbox.js").Entry} entry */
  async discard(entry) {
    await transact(this.db, ["answers", "photos", "blobs", "outbox"], "readwrite", async (store) => {
      const kept = await done(store("outbox").get(entry.seq));
      if (kept?.state !== "refused") return;
      store("outbox").delete(entry.seq);
      if (kept.kind === "answer") store("answers").delete(kept.slot);
      if (kept.kind === "photo") (store("photos").delete(kept.id), store("blobs").delete(kept.id));
    });
    this.say("answer", entry.visit);
  }

  close() {
    this.listeners.clear();
    this.channel.close();
    this.db.close();
  }

  /** Delete everything this person has on this phone, keys first. */
  async erase() {
    await transact(this.db, ["keys"], "readwrite", (store) => done(store("keys").clear()));
    this.close();
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(`notes-${this.owner}`);
      request.onsuccess = request.onerror = request.onblocked = () => resolve(null);
    });
  }
}
