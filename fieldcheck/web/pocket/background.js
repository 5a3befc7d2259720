// @ts-check
/**
 * Sending with no page open: what a service worker runs when the browser says that the network is back. The same store, the same
 * flusher, the same lock as in a page. What it cannot open (a locked vault, somebody else's notes) waits for the next opening.
 */
import { actFor } from "./api.js";
import { openStore } from "./store.js";
import { Sync } from "./sync.js";

const NAME = "notes-";

/** Send what waits in every store on this phone; fails when something still waits, so that the browser wakes us again. */
export async function sendAll() {
  let left = 0;
  for (const owner of await owners()) {
    const store = await openStore(owner).catch(() => null);
    if (!store) continue;
    try {
      actFor((await store.get("as")) ?? owner);
      await new Sync(store).kick({ hurry: true });
      left += (await store.outbox.all()).filter((entry) => entry.state === "waiting").length;
    } finally {
      store.close();
    }
  }
  if (left) throw new Error(`${left} still wait`);
}

async function owners() {
  const all = (await indexedDB.databases?.()) ?? [];
  return all.flatMap(({ name }) => (name?.startsWith(NAME) ? [name.slice(NAME.length)] : []));
}
