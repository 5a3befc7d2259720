// @ts-check
/**
 * Who is here, on this page: one store, one flusher, one watch of the place, shared by every view that is mounted. Opens without a
 * network for whoever was here last; the server's word, when it comes, decides.
 */
import { actFor, call, Refused, speak, Unreachable } from "./api.js";
import { PlaceWatch } from "./place.js";
import { openStore } from "./store.js";
import { Sync } from "./sync.js";
import { DOUBT, isDoubtful } from "./wipe.js";
import { firstLanguage, LANGUAGES, loadWords } from "./words.js";

/** @typedef {{store: import("./store.js").Store, sync: Sync, place: PlaceWatch, words: import("./words.js").Words, served?: string, shut?: boolean, troubles?: string[], start?: {said: any, asked: number}, looking?: Promise<boolean> | null, next?: Promise<boolean> | null}} Session looking, next: the look at the server that goes on, and the one after it */

export class SignedOut extends Error {}
export class NoStore extends Error {}

const OWNER = "notes.owner";
const LANGUAGE = "notes.language";
/** @type {Promise<Session> | null} */
let here = null;

/** The session of this page, opened once. @param {{language?: string}} [wish] @returns {Promise<Session>} */
export function enter(wish = {}) {
  here ??= open(wish).catch((fault) => {
    here = null;
    throw fault;
  });
  return here;
}

/** @param {{language?: string}} wish @returns {Promise<Session>} */
async function open(wish) {
  const kept = localStorage.getItem(OWNER) ?? (await onlyOwner());
  if (kept) localStorage.setItem(OWNER, kept);
  // Somebody known never waits for a network; what the server says of her comes later (`recognise`).
  const start = kept && !isDoubtful() ? null : await firstWord(kept);
  const owner = start ? start.said.me.session : /** @type {string} */ (kept);
  if (start) {
    localStorage.setItem(OWNER, owner);
    localStorage.removeItem(DOUBT);
  }
  actFor(owner);
  const language = pick(wish.language, localStorage.getItem(LANGUAGE), start?.said.me.language);
  speak(language);
  const words = loadWords(language);
  let store;
  try {
    store = await openStore(owner);
  } catch (fault) {
    throw new NoStore(String(fault));
  }
  const sync = new Sync(store).start();
  navigator.storage?.persist?.().catch(() => {});
  return { store, sync, place: new PlaceWatch(), words: await words, start: start ?? undefined };
}

/** A browser that was killed may have forgotten its last small notes (localStorage), never what was said to be on disk: whose store is here? */
async function onlyOwner() {
  const all = (await indexedDB.databases?.().catch(() => [])) ?? [];
  const named = all.flatMap(({ name }) => (name?.startsWith("notes-") ? [name.slice(6)] : []));
  return named.length === 1 ? named[0] : null;
}

/** Ask the server who is here. The page asks for it in its head already, so the plain request is the quickest. @param {string | null} kept */
async function firstWord(kept) {
  const asked = Date.now();
  try {
    const response = await fetch("/api/start", { signal: AbortSignal.timeout(kept ? 8000 : 60_000) });
    if (response.ok) return { said: await response.json(), asked };
    if (response.status === 401 && kept) return null;
  } catch {
    // Asked again below, where a refusal is told from silence.
  }
  try {
    return { said: await call("GET", "/api/start", { seconds: kept ? 4 : 30 }), asked };
  } catch (fault) {
    if (kept) return null;
    throw fault instanceof Refused && fault.status === 401 ? new SignedOut() : fault;
  }
}

/** Is it still she who is signed in on this phone? If another is, the page begins anew as hers. @param {Session} session @param {any} me */
export function recognise(session, me) {
  if (!me || me.session === session.store.owner) return true;
  localStorage.setItem(OWNER, me.session);
  // Not into the middle of somebody else's visit.
  if (location.pathname.startsWith("/pocket")) history.replaceState(null, "");
  location.reload();
  return false;
}

/** @param {...(string | null | undefined)} wishes */
const pick = (...wishes) => wishes.find((one) => one && one in LANGUAGES) ?? firstLanguage();

/** The language of a page that has no session yet. */
export const pageLanguage = () => pick(localStorage.getItem(LANGUAGE));

/** Speak another language, here and (when it can be told) on the server. @param {Session} session @param {string} language */
export async function changeLanguage(session, language) {
  if (!(language in LANGUAGES) || language === session.words.language) return;
  localStorage.setItem(LANGUAGE, language);
  speak(language);
  session.words = await loadWords(language);
  session.store.say("language");
  call("POST", "/api/me/language", { body: { language } }).catch(() => {
    // A wish of this phone: it holds here whether or not the server hears of it.
  });
}

/** Close what is open, so that another store can be opened in its place. @param {Session} session */
export function close(session) {
  session.sync.stop();
  session.store.close();
  here = null;
}

/** Leave this phone: nothing of anybody stays on it. @param {Session} session @returns {Promise<boolean>} false with no network: then nothing changed */
export async function leave(session) {
  try {
    await call("POST", "/leave", { body: { wipe: true }, seconds: 15 });
  } catch (fault) {
    if (fault instanceof Unreachable) return false;
  }
  session.sync.stop();
  await session.store.erase().catch(() => {});
  // The answer has the browser clear everything; one that does not know how is told here.
  for (const { name } of (await indexedDB.databases?.()) ?? []) if (name) indexedDB.deleteDatabase(name);
  for (const name of (await globalThis.caches?.keys()) ?? []) await caches.delete(name);
  await (await navigator.serviceWorker?.getRegistration("/"))?.unregister();
  localStorage.clear();
  here = null;
  return true;
}
