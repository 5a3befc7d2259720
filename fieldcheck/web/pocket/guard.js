// @ts-check
/** One guard for the page: it holds the notes page ready, asks for the PIN when the vault is locked, and throws everything away when told. */
import { Cover, isLocked, isOver, rememberPin } from "./cover.js";
import { button, h, steady } from "./dom.js";
import { isoLocal } from "./ids.js";
import { pageLanguage } from "./session.js";
import { hold, shut } from "./unlock.js";
import { isDuress, onLocked } from "./vault.js";
import { isBlank, isGone, isQuiet, useAgain, wipe } from "./wipe.js";
import { loadWords } from "./words.js";

/** @typedef {Uint8Array<ArrayBuffer>} Payload */

class Guard {
  constructor() {
    /** @type {Cover | null} */
    this.cover = null;
    /** @type {Promise<void> | null} */
    this.begun = null;
    /** @type {Promise<void> | null} nothing is opened before what was thrown away is gone */
    this.cleared = null;
    /** @type {import("./session.js").Session | null} */
    this.session = null;
    /** @type {Payload | null} */
    this.handed = null;
    /** @type {((payload: Payload) => void) | null} */
    this.waiting = null;
    /** @type {() => void} what to do when another store is to be shown */
    this.change = () => location.reload();
    /** @type {(() => Promise<boolean>) | null} lets go of what is open; gives whether it could be closed */
    this.close = null;
    this.closing = false;
  }

  owner() {
    return localStorage.getItem("notes.owner");
  }

  /** Stand ready, once; the notes page is there before anything else can be seen. @param {string} [language] */
  begin(language) {
    this.cleared ??= useAgain();
    this.begun ??= this.prepare(language);
    return this.begun;
  }

  /** @param {string} [language] */
  async prepare(language) {
    onLocked(() => this.ask());
    const words = await loadWords(language ?? pageLanguage());
    const current = () => this.session?.words ?? words;
    this.cover = new Cover({
      get words() {
        return current();
      },
      owner: () => this.owner(),
      opened: (payload, value) => this.opened(payload, value),
      left: () => this.left(),
      wipe: () => this.offer(),
    });
    document.body.append(this.corner(current));
    if (isOver()) this.cover.show();
    if (isBlank() || isQuiet() || isLocked(this.owner())) this.cover.show(true);
    this.cover.watch();
    // Everything was thrown away, or she signed out, in another tab: nothing of it stays on this one.
    addEventListener("storage", (event) => isGone(event) && location.reload());
  }

  /** The control that is always there. @param {() => import("./words.js").Words} words */
  corner(words) {
    const tap = button("", () => this.cover?.show(), { class: "np-cover", "aria-label": words().t("Show my notes") });
    return tap;
  }

  /**
   * Who is here, now that the store is open. @param {import("./session.js").Session} session @param {() => void} [change] what to do when
   * another store is to be shown @param {() => Promise<boolean>} [close] empties the page, and closes the store unless something waits in it
   */
  met(session, change, close) {
    this.session = session;
    this.closing = false;
    if (change) this.change = change;
    this.close = close ?? null;
    if (session.store.decoy) shut();
    // Under duress the coordinator is told, once for each time, and nothing here shows it.
    if (session.store.decoy) session.store.signal("", { kind: "duress", at: isoLocal(new Date()), place: null, no_place: null });
    if (this.cover?.shown && this.cover.forNow && !isLocked(this.owner()) && !isQuiet() && !isBlank()) this.cover.hide();
  }

  /** @returns {Promise<Payload>} */
  async ask() {
    await this.begun;
    const handed = this.handed;
    this.handed = null;
    if (handed) return handed;
    rememberPin(/** @type {string} */ (this.owner()));
    this.cover?.show(true);
    // While nobody has typed it, and also where no browser wakes the worker: what waits leaves as letters.
    navigator.serviceWorker?.controller?.postMessage("send");
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  /** Left alone with a PIN: what is open closes. What waits to be sent keeps its key until it has gone, behind an empty page. */
  async left() {
    if (!this.session || !this.close || !isLocked(this.owner())) return;
    if (!this.closing) shut();
    this.closing = true;
    const { session } = this;
    if ((await this.close()) && this.session === session) this.session = null;
  }

  /** @param {Payload | null} payload @param {string} [value] what the PIN gives the server */
  opened(payload, value = "") {
    if (isBlank()) return;
    if (payload) hold(isDuress(payload) ? "" : value);
    if (payload && !this.waiting && (this.closing || (this.close && !this.session))) {
      this.handed = payload;
      this.session = null;
      this.change();
      this.cover?.hide();
      return;
    }
    if (payload && this.waiting) this.waiting(payload);
    else if (payload && !this.session) this.handed = payload;
    else if (payload && isDuress(payload) !== this.session?.store.decoy) {
      this.handed = payload;
      this.session = null;
      this.change();
    }
    this.waiting = null;
    this.cover?.hide();
  }

  /** Ask once more, in words that say nothing. */
  offer() {
    const cover = /** @type {Cover} */ (this.cover);
    const { t } = cover.given.words;
    const keep = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const below = /** @type {HTMLElement[]} */ ([...document.body.children]).filter((one) => !one.inert);
    const close = () => {
      removeEventListener("notes-cover", close);
      sheet.remove();
      // Under the notes page everything else stays out of reach.
      for (const one of below) one.inert = Boolean(cover.shown && one !== cover.host);
      if (before?.isConnected) before.focus({ preventScroll: true });
    };
    const go = async () => {
      await wipe({ keepUnsent: keep.checked });
      location.replace("/pocket");
    };
    const sheet = h(
      "div",
      {
        class: "np-veil",
        role: "alertdialog",
        "aria-modal": "true",
        "aria-label": t("Delete all notes?"),
        on: { keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && close() },
      },
      h(
        "div",
        { class: "np-sheet" },
        h("h2", {}, t("Delete all notes?")),
        h("label", { class: "np-row" }, keep, t("Keep what is not synced yet")),
        h(
          "div",
          { class: "np-row" },
          button(t("Cancel"), close, { class: "np-button" }),
          button(t("Delete"), go, { class: "np-button np-strong" }),
        ),
      ),
    );
    for (const one of below) one.inert = true;
    document.body.append(sheet);
    // What comes over everything comes over this, too.
    addEventListener("notes-cover", close);
    steady();
    keep.focus();
  }
}

export const guard = new Guard();
