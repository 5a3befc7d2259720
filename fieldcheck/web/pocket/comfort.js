// @ts-check
/** What keeps the phone quiet: a dim page, and a screen that stays awake only while she asked for it and a visit is open. */
const DIM = "notes.dim";
const AWAKE = "notes.awake";

export const isDim = () => localStorage.getItem(DIM) === "1";
export const wantsAwake = () => localStorage.getItem(AWAKE) === "1";

/** Dress the page as she wished. */
export const dress = () => document.documentElement.classList.toggle("fc-dim", isDim());

/** @param {boolean} on */
export function setDim(on) {
  localStorage.setItem(DIM, on ? "1" : "0");
  dress();
}

/** @param {boolean} on */
export const setAwake = (on) => localStorage.setItem(AWAKE, on ? "1" : "0");

/** Keep the screen awake while a visit is open, if asked; let it sleep when the notes page is over it. @returns {() => void} ends it */
export function stayAwake() {
  const over = new AbortController();
  /** @type {any} */
  let lock = null;
  const release = () => {
    lock?.release().catch(() => {});
    lock = null;
  };
  const isWanted = () =>
    wantsAwake() && !lock && !over.signal.aborted && document.visibilityState === "visible" && !document.documentElement.classList.contains("np-over");
  const hold = async () => {
    if (!isWanted()) return;
    const got = await /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => null);
    // It may come when she has covered the walk, or left it.
    if (!isWanted()) return void got?.release().catch(() => {});
    lock = got;
    lock?.addEventListener("release", () => lock === got && (lock = null));
  };
  const { signal } = over;
  document.addEventListener("visibilitychange", hold, { signal });
  addEventListener("notes-uncover", hold, { signal });
  addEventListener("notes-cover", release, { signal });
  hold();
  return () => {
    over.abort();
    release();
  };
}
