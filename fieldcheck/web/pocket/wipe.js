// @ts-check
/** Throwing everything away at once, with or without the key: what is on this phone, and that she is signed in here. */
import { done, openDatabase, transact } from "./db.js";
import { tearOff } from "./pad.js";
import { onlyUnsent } from "./unsent.js";

/** Only what waits to be sent is left; when it has gone, the rest follows. */
const QUIET = "notes.quiet";
/** Nothing is left: the page is a notes page. Both hold until a new link is opened. */
const BLANK = "notes.blank";
/** Since when: set by the page behind a link (`join.js`). Somebody has signed in, perhaps somebody else, and no page has asked yet who. */
export const DOUBT = "notes.doubt";
/** What the browser says of a store that is not there, and is not to be made. */
const GONE = "AbortError";

/** What says nothing of her, or is not of before. */
const STAY = ["notes.list", "notes.language", BLANK, DOUBT];

/** Has somebody opened a link since? */
export const isDoubtful = () => Boolean(localStorage.getItem(DOUBT));
export const isQuiet = () => localStorage.getItem(QUIET) === "1";
export const isBlank = () => localStorage.getItem(BLANK) === "1";

async function databases() {
  const all = (await indexedDB.databases?.()) ?? [];
  const named = all.flatMap(({ name }) => (name?.startsWith("notes-") ? [name] : []));
  const owner = localStorage.getItem("notes.owner");
  return [...new Set([...named, ...(owner ? [`notes-${owner}`] : [])])];
}

/** @param {{keepUnsent: boolean}} how */
export async function wipe({ keepUnsent }) {
  // First: from here on nothing new is kept on this phone, also by another tab; a page that dies on the way ends at the next opening what
  // was begun. A link that was opened before undoes nothing, one that is opened meanwhile does.
  localStorage.removeItem(DOUBT);
  localStorage.setItem(keepUnsent ? QUIET : BLANK, "1");
  if (keepUnsent) return tearOff(), empty();
  const headers = { "X-FC": "1", "Content-Type": "application/json" };
  fetch("/leave", { method: "POST", headers, body: "{}", keepalive: true }).catch(() => {
    // With no network the cookie stays; what it could open is on the server, and no longer here.
  });
  await clear();
}

async function clear() {
  tearOff();
  for (const name of await databases()) await destroy(name);
  for (const key of Object.keys(localStorage))
    if (key.startsWith("notes.") && !STAY.includes(key)) localStorage.removeItem(key);
}

/** A throwing away that was cut short, or a store that another tab made meanwhile: is there anything to be thrown away on a blank phone? */
export async function endWiping() {
  const { length } = await databases();
  // A link that was opened in another tab meanwhile makes a new one.
  if (length && isBlank() && !isDoubtful()) await wipe({ keepUnsent: false });
}

/** Somebody has signed in by a link: the phone is in use again, once what was thrown away before is gone. */
export async function useAgain() {
  if (!isDoubtful()) return;
  if (isBlank()) await clear();
  for (const one of [QUIET, BLANK]) localStorage.removeItem(one);
}

/** Keep what waits to be sent, nothing else. */
export async function empty() {
  for (const name of await databases()) {
    const db = await openDatabase(name, false).catch(() => null);
    await (db && onlyUnsent(db).finally(() => db.close()));
  }
}

/** Stores whose every change is heard, also the worker's. @type {Set<string>} */
const heard = new Set();
let following = false;

/** Where only what waits to be sent was kept: once none of it is left, in any store and whoever sent it, the rest follows; no key is needed. */
export async function follow() {
  if (!isQuiet() || following) return;
  const names = await databases();
  for (const name of names.filter((one) => !heard.has(one))) {
    heard.add(name);
    new BroadcastChannel(name).onmessage = follow;
  }
  const waiting = await Promise.all(names.map(waits));
  // A link that was opened meanwhile has ended it, also where its page has not said so yet.
  if (waiting.includes(true) || following || !isQuiet() || isDoubtful()) return;
  following = true;
  await wipe({ keepUnsent: false });
  location.replace("/pocket");
}

/** Does anything wait in a store? What cannot be read is no empty one. @param {string} name @returns {Promise<boolean>} */
async function waits(name) {
  try {
    const db = await openDatabase(name, false).catch((fault) => (fault.name === GONE ? null : Promise.reject(fault)));
    if (!db) return false;
    const all = await transact(db, ["outbox"], "readonly", (store) => done(store("outbox").getAll())).finally(() => db.close());
    return all.some((/** @type {import("./outbox.js").Entry} */ entry) => entry.state !== "taken");
  } catch {
    return true;
  }
}

/** Was everything thrown away in another tab, or has she signed out there? @param {StorageEvent} event */
export const isGone = ({ key, newValue }) => key === null || (Boolean(newValue) && [QUIET, BLANK].includes(key));

/** The keys go first: what the disk may still hold of the rest is noise then. @param {string} name */
async function destroy(name) {
  const db = await openDatabase(name, false).catch(() => null);
  if (!db) return;
  await transact(db, ["keys"], "readwrite", (store) => done(store("keys").clear())).finally(() => db.close());
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve(null);
  });
}
