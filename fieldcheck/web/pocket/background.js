// @ts-check
/**
 * Sending with no page open: what a service worker runs when the browser says that the network is back. The same store, the same lock as
 * in a page. Where nobody has set a PIN it is the same flusher too; what a PIN locks leaves as letters, which nothing here can open.
 */
import { actFor } from "./api.js";
import { Post } from "./post.js";
import { openStore } from "./store.js";
import { Sync } from "./sync.js";
import { Locked } from "./vault.js";

const NAME = "notes-";

/** One at a time: in whose name something is sent holds for the whole worker. @type {Promise<unknown>} */
let line = Promise.resolve();

/** Send what waits, when what is being sent already has been. @returns {Promise<void>} */
export function sendAll() {
  const turn = line.then(all);
  line = turn.catch(() => {});
  return turn;
}

/** Send what waits in every store on this phone; fails when something still waits that could leave, so that the browser wakes us again. */
async function all() {
  let left = 0;
  for (const owner of await owners()) {
    const sync = await flusher(owner).catch(() => null);
    if (!sync) continue;
    try {
      await sync.kick({ hurry: true });
      left += await sync.left();
    } finally {
      sync.store.close();
    }
  }
  if (left) throw new Error(`${left} still wait`);
}

/** @param {string} owner */
async function flusher(owner) {
  try {
    const store = await openStore(owner, false);
    actFor((await store.get("as")) ?? owner);
    return new Sync(store);
  } catch (fault) {
    if (fault instanceof Locked) return Post.of(owner);
    throw fault;
  }
}

async function owners() {
  const found = (await indexedDB.databases?.()) ?? [];
  return found.flatMap(({ name }) => (name?.startsWith(NAME) ? [name.slice(NAME.length)] : []));
}
