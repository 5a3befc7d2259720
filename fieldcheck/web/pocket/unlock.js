// @ts-check
/**
 * What her PIN gives the server, in this page's memory for as long as the store is open: it opens the next session there when one is
 * over. The PIN typed under duress gives nothing. A value that the server refused is not tried again by itself: tries are counted there.
 */
import { call, onShut, Refused, Unreachable } from "./api.js";
import { hasPin } from "./vault.js";

/** Kept with the store: "wanted" while the server knows no PIN of this phone, "set" when it does. */
const KNOWN = "pin";

let held = "";
/** @type {Promise<boolean> | null} */
let opening = null;

/** @param {string} value */
export const hold = (value) => void (held = value);

/** Open a session by it, once for everybody who waits for one. */
function reopen() {
  if (!held) return Promise.resolve(false);
  opening ??= call("POST", "/api/unlock", { body: { value: held } })
    .then(
      () => true,
      (fault) => {
        if (fault instanceof Refused && !fault.passing) held = "";
        return false;
      },
    )
    .finally(() => (opening = null));
  return opening;
}

onShut(reopen);

/** Another PIN stands here now: once it was used there too, the one before it is over. @param {import("./store.js").Store} store */
export const useNew = async (store) => (await store.get(KNOWN)) === "set" && reopen();

/** The page is left alone, or shown to somebody else: the session ends, and its value goes out of memory. */
export function shut() {
  held = "";
  return call("POST", "/api/lock", { body: {}, seconds: 10 }).catch(() => {
    // With no network it ends by itself.
  });
}

/** Must she set a PIN before anything is shown? @param {import("./session.js").Session} session */
export const mustSet = async ({ store }) => !store.decoy && (await store.get(KNOWN)) === "wanted" && !(await hasPin(store.owner));

/** The server said how it stands with this phone's PIN; teach it the one that is in use here. @param {import("./session.js").Session} session @param {string | null | undefined} said */
export async function hear({ store }, said) {
  await store.put(KNOWN, said ?? null);
  if (said === "wanted" && held) await teach(store, held, "");
}

/** Tell the server of a PIN. The first one stands here whether or not it hears of it; another one waits for it. @param {import("./store.js").Store} store @param {string} value @param {string} before */
export async function teach(store, value, before) {
  const known = await store.get(KNOWN);
  if (known) {
    try {
      await call("POST", "/api/me/pin", { body: { value, old: before } });
      await store.put(KNOWN, "set");
    } catch (fault) {
      const stands = fault instanceof Unreachable || (fault instanceof Refused && (fault.passing || fault.status === 401));
      if (known === "set" || !stands) throw fault;
    }
  }
  hold(value);
}
