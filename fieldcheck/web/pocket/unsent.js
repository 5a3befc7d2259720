// @ts-check
/** What is left of a store when only what waits to be sent may stay: nobody reads it without its key, and nothing else needs it. */
import { done, transact } from "./db.js";

/** Empty a database but for what waits to be sent; it works on a locked one too. @param {IDBDatabase} db */
export const onlyUnsent = (db) =>
  transact(db, ["docs", "answers", "photos", "blobs", "outbox"], "readwrite", async (store) => {
    const entries = await done(store("outbox").getAll());
    const slots = new Set(entries.map((entry) => entry.slot));
    const ids = new Set(entries.map((entry) => entry.id));
    const kept = await Promise.all(["as", "device"].map((key) => done(store("docs").get(key))));
    store("docs").clear();
    if (kept[0]) store("docs").put(kept[0], "as");
    if (kept[1]) store("docs").put(kept[1], "device");
    for (const slot of await done(store("answers").getAllKeys())) if (!slots.has(slot)) store("answers").delete(slot);
    for (const kind of ["photos", "blobs"])
      for (const id of await done(store(kind).getAllKeys())) if (!ids.has(id)) store(kind).delete(id);
  });
