// @ts-check
/**
 * Which version of the page is at work. A newer one waits while any visit is open, in this tab or another, and takes over between
 * visits; until then the page says that it is not the newest.
 */
import { APP } from "./api.js";

const LOCK = "notes-walk";

/** Hold this version while a visit is open. @returns {() => void} lets it go */
export function holdVersion() {
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(null)));
  navigator.locks?.request(LOCK, { mode: "shared" }, () => held).catch(() => {});
  return release;
}

/** Is the server newer than this page? @param {string | undefined} served the version that the server named last */
export const isOld = (served) => Boolean(served && APP !== "dev" && served !== APP);

/** Keep the page on this phone, once it is shown: what is fetched for later must not hold up what is needed now. */
export async function settleIn() {
  if (!navigator.serviceWorker || !location.pathname.startsWith("/pocket")) return;
  try {
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  } catch {
    // A browser that forbids it (private mode) still walks online.
  }
}

/** A newer version has taken over, but her hand was on the page: it is shown when she comes back to her list. */
let due = false;

/** No visit is open here: let a version that waits take over, and show it. @param {string | undefined} served @param {() => boolean} isFree may the page begin anew now? */
export async function takeOver(served, isFree) {
  if (due && isFree()) return location.reload();
  const registration = await navigator.serviceWorker?.getRegistration("/");
  if (!registration) return;
  if (isOld(served) && !registration.waiting && !registration.installing) await registration.update().catch(() => {});
  const next = registration.waiting ?? (await installed(registration.installing));
  if (!next || !registration.active) return;
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock || !isFree()) return;
    const over = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
    );
    next.postMessage("take over");
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 5000))]);
    due = navigator.serviceWorker.controller === next;
    if (due && isFree()) location.reload();
  });
}

/** @param {ServiceWorker | null} worker @returns {Promise<ServiceWorker | null>} */
function installed(worker) {
  if (!worker || worker.state === "installed") return Promise.resolve(worker);
  return new Promise((resolve) =>
    worker.addEventListener("statechange", () => {
      if (worker.state === "installed") resolve(worker);
      if (worker.state === "redundant") resolve(null);
    }),
  );
}
