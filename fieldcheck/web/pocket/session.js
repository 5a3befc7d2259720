// @ts-check
/**
 * Who is here, on this page: one store, one flusher, one watch of the place, shared by every view that is mounted. Opens without a
 * network for whoever was here last; the server's word, when it comes, decides.
 */
import { call, Refused, speak } from "./api.js";
import { PlaceWatch } from "./place.js";
import { openStore } from "./store.js";
import { Sync } from "./sync.js";
import { firstLanguage, LANGUAGES, loadWords } from "./words.js";

/** @typedef {{store: import("./store.js").Store, sync: Sync, place: PlaceWatch, words: import("./words.js").Words, signedOut: boolean, online: boolean}} Session */

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
  const kept = localStorage.getItem(OWNER);
  let me = null;
  let signedOut = false;
  try {
    // With somebody known the page must not wait for a slow network.
    me = await call("GET", "/api/me", { seconds: kept ? 4 : 30 });
  } catch (fault) {
    signedOut = fault instanceof Refused && fault.status === 401;
    if (!kept) throw signedOut ? new SignedOut() : fault;
  }
  const owner = me ? me.session : /** @type {string} */ (kept);
  localStorage.setItem(OWNER, owner);
  const language = pick(wish.language, localStorage.getItem(LANGUAGE), me?.language);
  speak(language);
  let store;
  try {
    store = await openStore(owner);
  } catch (fault) {
    throw new NoStore(String(fault));
  }
  const sync = new Sync(store).start();
  if (signedOut) sync.mood = "signed_out";
  navigator.storage?.persist?.().catch(() => {});
  return { store, sync, place: new PlaceWatch(), words: await loadWords(language), signedOut, online: me !== null };
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

/** Leave this phone: nothing of this person stays on it. @param {Session} session */
export async function leave(session) {
  session.sync.stop();
  await call("POST", "/leave", { body: {}, seconds: 10 }).catch(() => {
    // With no network the cookie stays, but what was on the phone goes.
  });
  await session.store.erase();
  localStorage.removeItem(OWNER);
  here = null;
}
