// @ts-check
/**
 * The notes page that comes over everything at once: by a tap in the corner, a shake, the phone laid on its face, after a while of
 * nobody touching it, and at every opening once there is a PIN. The PIN typed into its search brings the walk back; without a PIN the
 * same corner does. It never says that there is anything behind it.
 */
import { button, h, steady } from "./dom.js";
import { Pad } from "./pad.js";
import { tryPin } from "./vault.js";

const PIN = /^\d{4,8}$/;
const LONG_PRESS = 900;
/** Minutes of nobody touching it. */
const IDLE = "notes.idle";
const WITH_PIN = "notes.pin";
/** She covered this tab: a browser that throws the page away, or a newer version, opens it covered again. */
const OVER = "notes.over";

export const isOver = () => Boolean(sessionStorage.getItem(OVER));

/** Does this phone open with the notes page? @param {string | null} owner */
export const isLocked = (owner) => Boolean(owner) && localStorage.getItem(WITH_PIN) === owner;

/** @param {string} owner */
export const rememberPin = (owner) => localStorage.setItem(WITH_PIN, owner);

/** @returns {number} */
export const idleMinutes = () => Number(localStorage.getItem(IDLE) ?? 5);

/** @param {number} minutes */
export const setIdleMinutes = (minutes) => localStorage.setItem(IDLE, String(minutes));

export class Cover {
  /** @param {{words: import("./words.js").Words, owner(): string | null, opened(payload: Uint8Array<ArrayBuffer> | null, value?: string): void, wipe(): void, left(): void}} given */
  constructor(given) {
    this.given = given;
    this.shown = false;
    /** How often it was asked for: a PIN that was typed before opens nothing after. */
    this.turn = 0;
    this.forNow = false;
    /** @type {HTMLElement | null} */
    this.veiled = null;
    /** @type {HTMLElement | null} where she was when it came */
    this.before = null;
    this.seen = Date.now();
    this.tries = /** @type {Promise<unknown>} */ (Promise.resolve());
    this.host = h("div", { class: "np-host", hidden: true });
    document.body.append(this.host);
  }

  /** Put it over everything, now. @param {boolean} [forNow] only until it is known who is here; otherwise it stays until she is back */
  show(forNow = false) {
    if (!forNow || !this.shown) this.turn += 1;
    if (this.shown) return;
    this.unveil();
    this.shown = true;
    this.forNow = forNow;
    if (!forNow) sessionStorage.setItem(OVER, "1");
    const { words } = this.given;
    const pad = new Pad(words, { search: (text) => this.search(text), corner: this.corner() });
    this.host.replaceChildren(pad.element);
    this.host.hidden = false;
    for (const other of this.others()) other.inert = true;
    document.documentElement.classList.add("np-over");
    this.before = /** @type {HTMLElement | null} */ (document.activeElement);
    this.before?.blur();
    steady();
    // The camera and the wake lock hear it and let go.
    dispatchEvent(new Event("notes-cover"));
  }

  /** While the page is not in front, a picture of the notes page lies over it; it is gone when she is back. */
  veil() {
    if (this.shown || this.veiled) return;
    this.veiled = new Pad(this.given.words, { search: async () => "", corner: h("span") }).element;
    this.host.replaceChildren(this.veiled);
    this.host.hidden = false;
  }

  unveil() {
    if (!this.veiled) return;
    this.veiled = null;
    if (this.shown) return;
    this.host.hidden = true;
    this.host.replaceChildren();
  }

  hide() {
    this.shown = false;
    sessionStorage.removeItem(OVER);
    this.seen = Date.now();
    this.host.hidden = true;
    this.host.replaceChildren();
    for (const other of this.others()) other.inert = false;
    document.documentElement.classList.remove("np-over");
    const back = this.before?.isConnected && this.before !== document.body ? this.before : document.querySelector("#notes [tabindex='-1']");
    this.before = null;
    /** @type {HTMLElement | null} */ (back)?.focus({ preventScroll: true });
    steady();
    dispatchEvent(new Event("notes-uncover"));
  }

  others() {
    return /** @type {HTMLElement[]} */ ([...document.body.children].filter((one) => one !== this.host));
  }

  /** @param {string} text @returns {Promise<string>} */
  search(text) {
    const owner = this.given.owner();
    if (!owner || !isLocked(owner) || !PIN.test(text)) return Promise.resolve("");
    const { t } = this.given.words;
    const asked = this.turn;
    // Long in the trying, it may come when she has covered everything since, or looks at something else.
    const isMeant = () => this.shown && this.turn === asked && document.visibilityState === "visible";
    const turn = this.tries.then(async () => {
      const tried = isMeant() ? await tryPin(owner, text) : null;
      if (tried && "open" in tried && isMeant()) this.given.opened(tried.open, tried.value);
      if (tried && "wait" in tried) return t("Searching again is possible in {n} s.", { n: tried.wait });
      return "";
    });
    this.tries = turn.catch(() => {});
    return turn;
  }

  /** The same place as the control that brought this page: a tap goes back where there is no PIN, a long press throws the notes away. */
  corner() {
    const { t } = this.given.words;
    let timer = 0;
    let long = false;
    const tap = button(
      "⋯",
      () => {
        if (long || isLocked(this.given.owner())) return;
        this.given.opened(null);
      },
      { class: "np-plain np-corner", "aria-label": t("More") },
    );
    const stop = () => clearTimeout(timer);
    tap.addEventListener("pointerdown", () => {
      long = false;
      timer = Number(
        setTimeout(() => {
          long = true;
          this.given.wipe();
        }, LONG_PRESS),
      );
    });
    for (const kind of ["pointerup", "pointerleave", "pointercancel"]) tap.addEventListener(kind, stop);
    tap.addEventListener("contextmenu", (event) => event.preventDefault());
    return tap;
  }

  /** Come by itself: shaken, laid on its face, left alone. */
  watch() {
    const touched = () => (this.seen = Date.now());
    for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, touched, { passive: true, capture: true });
    const idle = () => Date.now() - this.seen > idleMinutes() * 60_000;
    const alone = () => {
      if (!idle()) return;
      if (!this.shown) this.show();
      this.given.left();
    };
    setInterval(alone, 5000);
    const back = () => {
      alone();
      this.unveil();
    };
    document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? this.veil() : back()));
    addEventListener("pagehide", () => this.veil());
    addEventListener("pageshow", (event) => event.persisted && back());
    // A phone's list of pages shows the last picture that was painted: a page that is only losing the focus may still paint one.
    const onGlass = () => matchMedia("(pointer: coarse)").matches && !document.hasFocus();
    addEventListener("blur", () => onGlass() && this.veil());
    addEventListener("focus", () => document.visibilityState === "visible" && back());
    // Nobody is asked for it: where the browser wants a prompt first (iOS) it tells of no movement, and the corner must do.
    addEventListener("devicemotion", movement(() => this.show()), { passive: true });
  }
}

/** Three jerks within a second, or face down for half a second after having been face up. @param {() => void} act */
export function movement(act) {
  /** @type {number[]} */
  let jerks = [];
  let wasUp = false;
  let down = 0;
  return (/** @type {DeviceMotionEvent} */ event) => {
    const now = Date.now();
    const { x, y, z } = event.acceleration ?? {};
    if (Math.hypot(x ?? 0, y ?? 0, z ?? 0) > 18 && now - (jerks.at(-1) ?? 0) > 80) jerks.push(now);
    jerks = jerks.filter((at) => now - at < 1000);
    const lie = event.accelerationIncludingGravity?.z ?? 0;
    if (lie > 3) wasUp = true;
    if (!(lie < -8.5)) down = 0;
    else if (!down) down = now;
    const turned = wasUp && down > 0 && now - down >= 500;
    if (jerks.length < 3 && !turned) return;
    jerks = [];
    wasUp = false;
    down = 0;
    act();
  };
}
