// @ts-check
/** What is left of a store when only what waits to be sent may stay: nobody reads it without its key, and nothing else needs it. */
import { done, transact } from "./db.js";

/** Who she is to the server; and what she had begun: the moments, the words, what cannot be an answer yet, that she is there. */
const NAMES = /^(as|device)$/;
const BEGUN = /^((drafts|note|seen|inside):.*|as|device)$/;

/**
 * Empty a database but for what waits to be sent; it works on a locked one too. @param {IDBDatabase} db
 * @param {{begun?: boolean}} [also] what she had begun too: she may come back to it, and nobody has it but this phone
 */
export const onlyUnsent = (db, { begun = false } = {}) =>
  transact(db, ["docs", "answers", "photos", "blobs", "outbox"], "readwrite", async (store) => {
    const entries = await done(store("outbox").getAll());
    const slots = new Set(entries.map((entry) => entry.slot));
    const ids = new Set(entries.map((entry) => entry.id));
    const docs = begun ? BEGUN : NAMES;
    for (const key of await done(store("docs").getAllKeys())) if (!docs.test(`${key}`)) store("docs").delete(key);
    for (const row of begun ? await done(store("photos").getAll()) : []) if (row.state === "uncovered") ids.add(row.id);
    for (const slot of await done(store("answers").getAllKeys())) if (!slots.has(slot)) store("answers").delete(slot);
    for (const kind of ["photos", "blobs"])
      for (const id of await done(store(kind).getAllKeys())) if (!ids.has(id)) store(kind).delete(id);
  });
