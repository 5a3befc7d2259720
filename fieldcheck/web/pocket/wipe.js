// @ts-check
/** Throwing everything away at once, with or without the key: what is on this phone, and that she is signed in here. */
import { done, openDatabase, transact } from "./db.js";
import { tearOff } from "./pad.js";
import { onlyUnsent } from "./unsent.js";

/** Only what waits to be sent is left; when it has gone, the rest follows. */
const QUIET = "notes.quiet";
/** Nothing is left: the page is a notes page until a new link is opened. */
const BLANK = "notes.blank";

export const isQuiet = () => localStorage.getItem(QUIET) === "1";
export const isBlank = () => localStorage.getItem(BLANK) === "1";
export const noLongerBlank = () => localStorage.removeItem(BLANK);

async function databases() {
  const all = (await indexedDB.databases?.()) ?? [];
  const named = all.flatMap(({ name }) => (name?.startsWith("notes-") ? [name] : []));
  const owner = localStorage.getItem("notes.owner");
  return [...new Set([...named, ...(owner ? [`notes-${owner}`] : [])])];
}

/** @param {{keepUnsent: boolean}} how */
export async function wipe({ keepUnsent }) {
  tearOff();
  const names = await databases();
  if (keepUnsent) {
    // First: from here on nothing new is kept on this phone, also by another tab.
    localStorage.setItem(QUIET, "1");
    return empty(names);
  }
  for (const name of names) await destroy(name);
  for (const key of Object.keys(localStorage))
    if (key.startsWith("notes.") && key !== "notes.list" && key !== "notes.language") localStorage.removeItem(key);
  localStorage.setItem(BLANK, "1");
  const headers = { "X-FC": "1", "Content-Type": "application/json" };
  fetch("/leave", { method: "POST", headers, body: "{}", keepalive: true }).catch(() => {
    // With no network the cookie stays; what it could open is on the server, and no longer here.
  });
}

/** Keep what waits to be sent, nothing else. @param {string[]} [names] */
export async function empty(names) {
  for (const name of names ?? (await databases())) {
    const db = await openDatabase(name, false).catch(() => null);
    await (db && onlyUnsent(db).finally(() => db.close()));
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
