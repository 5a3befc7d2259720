// @ts-check
/** The small page on the phone: my visits, what waits to be sent, settings, and the walk itself. One address, one neutral title. */
import { dress } from "./comfort.js";
import { button, fill, h, steady } from "./dom.js";
import { guard } from "./guard.js";
import { inPlace, isHeld } from "./hand.js";
import { soonHere, whenHere } from "./later.js";
import { loadVisit, OPEN, refresh, standing, take } from "./library.js";
import { page as leaf } from "./leaf.js";
import { askForPin } from "./pin_ask.js";
import { beforeFirst, learnReady } from "./ready.js";
import { keepSettled } from "./roll.js";
import { close, enter, NoStore, pageLanguage, SignedOut } from "./session.js";
import { isOld, settleIn, takeOver } from "./version.js";
import { mustSet } from "./unlock.js";
import { mount } from "./walk.js";
import { empty, endWiping, follow, isBlank, isDoubtful, isQuiet } from "./wipe.js";
import { loadWords } from "./words.js";

/** @typedef {{page: "visits"} | {page: "walk", visit: string} | {page: "waiting"} | {page: "settings"} | {page: "leave"} | {page: "phones"} | {page: "pin", which: "own" | "duress", first?: boolean} | {page: "quiz"} | {page: "consent"}} Here */

/** Pages that show what the phone holds; on every other one she writes or chooses, and it is drawn once. */
const PICTURES = ["visits", "waiting", "settings"];

export class Pocket {
  /** @param {HTMLElement} host @param {import("./session.js").Session} session */
  constructor(host, session) {
    this.host = host;
    this.session = session;
    /** @type {Here} */
    this.here = history.state?.page && !session.store.decoy ? history.state : { page: "visits" };
    /** @type {{destroy(): void} | null} */
    this.mounted = null;
    /** The walk that is on its way onto the page, or there. */
    this.mounting = {};
    /** What stands on the page now. */
    this.shown = "";
    /** How many looks were begun, and which of them is shown. */
    this.turn = this.drawn = 0;
    this.timer = 0;
    this.gone = false;
    this.over = new AbortController();
  }

  /** Let go of the walk, also of one that is still on its way. */
  leaveWalk() {
    this.mounting = {};
    this.mounted?.destroy();
    this.mounted = null;
  }

  /** Make room for another store on the same page. */
  close() {
    this.over.abort();
    clearTimeout(this.timer);
    this.leaveWalk();
    fill(this.host);
    if (!this.gone) close(this.session);
    this.gone = true;
  }

  /** Left alone: the page is emptied, and the store closed when nothing waits in it to be sent. @returns {Promise<boolean>} whether it is closed */
  async shut() {
    this.over.abort();
    clearTimeout(this.timer);
    this.here = { page: "visits" };
    this.leaveWalk();
    fill(this.host);
    const waiting = (await this.session.store.outbox.all()).some((entry) => entry.state === "waiting");
    if (waiting || this.gone) return false;
    this.gone = true;
    close(this.session);
    return true;
  }

  async start() {
    this.session.store.on((what) => this.hear(what));
    const { signal } = this.over;
    // The empty app knows of no visit that was opened before it.
    const leads = (/** @type {any} */ to) => (this.session.store.decoy ? PICTURES.includes(to?.page) : to?.page);
    addEventListener("popstate", ({ state }) => this.show(leads(state) ? state : { page: "visits" }), { signal });
    const again = () => document.visibilityState === "visible" && refresh(this.session);
    document.addEventListener("visibilitychange", again, { signal });
    addEventListener("online", again, { signal });
    const { store, start } = this.session;
    const known = await store.get("visits");
    if (start) await take(this.session, start.said, start.asked);
    else if (!known) await refresh(this.session);
    await this.show(this.here);
    whenHere()
      .then(({ roomTroubles }) => roomTroubles(this.session))
      .then((said) => {
        this.session.troubles = said;
        if (said.length) store.say("docs");
      });
    if (!start && known) refresh(this.session);
  }

  /** @param {{kind: string}} what */
  hear(what) {
    if (this.over.signal.aborted) return;
    if (what.kind === "language") document.documentElement.lang = this.session.words.language;
    if (what.kind === "revoked") return void this.show({ page: "visits" });
    if (what.kind !== "progress") this.again(this.here);
  }

  /** Show what changed on a page, if she is still there and as soon as her hand is off it. @param {Here} here */
  again(here) {
    clearTimeout(this.timer);
    const isStill = () => this.here === here && PICTURES.includes(here.page);
    if (isStill())
      this.timer = Number(setTimeout(() => isStill() && (isHeld(this.host) ? this.again(here) : this.show(here, true)), 100));
  }

  /** @param {Here} here */
  open(here) {
    history.pushState(here, "");
    return this.show(here);
  }

  /** @param {Here} here @param {boolean} [byItself] nobody asked for it: her hand goes before */
  async show(here, byItself = false) {
    this.here = here;
    const turn = (this.turn += 1);
    if (here.page === "visits" && (await mustSet(this.session))) {
      if (this.here !== here) return;
      this.here = here = { page: "pin", which: "own", first: true };
    }
    if (this.here !== here || this.over.signal.aborted) return;
    const isShown = () => JSON.stringify(here) === this.shown;
    document.documentElement.lang = this.session.words.language;
    if (here.page === "walk") {
      if (isShown()) return;
      const first = !this.shown;
      this.shown = JSON.stringify(here);
      this.leaveWalk();
      fill(this.host);
      const { mounting } = this;
      const mounted = await mount(this.host, {
        visit: here.visit,
        kind: "pocket",
        onPin: () => this.open({ page: "pin", which: "own" }),
        onClose: () =>
          history.length > 1 && history.state?.page === "walk" ? history.back() : this.show({ page: "visits" }),
      });
      if (this.mounting !== mounting) return mounted.destroy();
      this.mounted = mounted;
      // What she opened took the place of what she tapped: the focus goes on to its heading.
      const heading = first ? null : /** @type {HTMLElement | null} */ (this.host.querySelector(".fc-main-part [tabindex='-1']"));
      heading?.focus({ preventScroll: true });
      return;
    }
    const page = here.page === "visits" ? await this.visits() : await this.beside(here);
    // A later look is shown already: what this one found is old. Or another store is shown now: it is none of its business.
    if (this.here !== here || turn < this.drawn || this.over.signal.aborted) return;
    this.drawn = turn;
    if (byItself && isHeld(this.host)) return this.again(here);
    const [fresh, moved] = [!this.shown, !isShown()];
    this.shown = JSON.stringify(here);
    this.leaveWalk();
    if (moved) (fill(this.host, page), steady());
    else inPlace(this.host, () => fill(this.host, page));
    if (moved && !fresh)
      /** @type {HTMLElement | null} */ (page.querySelector("[tabindex='-1']"))?.focus({ preventScroll: true });
    if (here.page === "visits") takeOver(this.session.served, () => this.here.page === "visits");
  }

  /** One of the small pages beside the visits. @param {Here} here */
  async beside(here) {
    const parts = await soonHere();
    if (parts) return parts.pages[here.page](this, here);
    whenHere().then(() => this.here === here && this.show(here, true));
    const { t } = this.session.words;
    return leaf(this, t("Just a moment…"), [h("p", { class: "fc-apology", role: "status" }, t("This part is not on the phone yet. It comes with the network."))], []);
  }

  async visits() {
    const { store, words, sync } = this.session;
    const { t, tn } = words;
    const ids = (await store.get("visits")) ?? [];
    const entries = await store.outbox.every();
    const visits = (
      await Promise.all(ids.map((/** @type {string} */ id) => loadVisit(this.session, id).catch(() => null)))
    ).filter(Boolean);
    const rank = (/** @type {any} */ one) =>
      ["returned", "in_progress", "assigned", "submitting", "stopping"].indexOf(standing(one.visit, entries)) >>> 0;
    visits.sort((a, b) => rank(a) - rank(b) || (a.visit.window?.from < b.visit.window?.from ? -1 : 1));
    // A word to the coordinator goes quietly: nothing of it is counted where somebody else may look.
    const waiting = entries.filter((entry) => entry.kind !== "alarm" && entry.state !== "taken").length;
    const loose = await store.loose();
    return h(
      "div",
      { class: "fc fc-pocket" },
      h(
        "header",
        { class: "fc-head" },
        h(
          "div",
          { class: "fc-head-row" },
          h("h1", { class: "fc-name", tabindex: "-1" }, t("My visits")),
          button("⚙", () => this.open({ page: "settings" }), { class: "fc-small", "aria-label": t("Settings") }),
        ),
      ),
      h(
        "main",
        { class: "fc-main-part" },
        sync.mood === "signed_out"
          ? h(
              "p",
              { class: "fc-reason", role: "status" },
              t(
                "You are signed out. Everything is kept on this phone; open a new link from your coordinator to send it.",
              ),
            )
          : null,
        this.session.shut
          ? h("p", { class: "fc-reason", role: "status" }, t("This phone is locked. What you record is still sent; to see what is new, ask your coordinator for a new link."))
          : null,
        isOld(this.session.served)
          ? h("p", { class: "fc-hint", role: "status" }, t("A newer version is here. It starts by itself when no visit is open."))
          : null,
        (this.session.troubles ?? []).map((said) => h("p", { class: "fc-reason", role: "status" }, said)),
        await askForPin(this),
        await beforeFirst(this),
        visits.length
          ? h(
              "ul",
              { class: "fc-list" },
              visits.map((one) => this.card(one, entries)),
            )
          : h("p", { class: "fc-apology" }, t("No visits now. They appear here when your coordinator gives you one.")),
      ),
      h(
        "footer",
        { class: "fc-foot" },
        waiting
          ? button(tn("{n} waits to be sent", "{n} wait to be sent", waiting), () => this.open({ page: "waiting" }), {
              class: "fc-plain",
            })
          : h(
              "p",
              { class: "fc-status fc-wide" },
              loose
                ? tn("{n} photo waits to be looked over", "{n} photos wait to be looked over", loose)
                : visits.length
                  ? t("Everything is sent")
                  : "",
            ),
      ),
    );
  }

  /** @param {any} one @param {import("./outbox.js").Entry[]} entries */
  card({ visit, checklists }, entries) {
    const { words } = this.session;
    const { t } = words;
    const state = standing(visit, entries);
    const names = /** @type {Record<string, string>} */ ({
      assigned: t("New"),
      in_progress: t("Begun"),
      returned: t("Please look again"),
      submitting: t("Will be sent"),
      submitted: t("Received"),
      accepted: t("Accepted"),
      rejected: t("Closed"),
      stopping: t("Stopped"),
      stopped: t("Stopped"),
      withdrawn: t("Taken off your list"),
    });
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `fc-item fc-card${OPEN.includes(state) ? "" : " fc-past"}`,
          "data-visit": visit.id,
          on: { click: () => this.open({ page: "walk", visit: visit.id }) },
        },
        h("span", { class: `fc-state fc-state-${state}` }, names[state] ?? state),
        h("strong", {}, words.own(visit.school.name)),
        h("span", {}, checklists.map((/** @type {any} */ list) => words.own(list.body.title)).join(" · ")),
        h("small", {}, words.span(visit.window)),
      ),
    );
  }
}

/** How often this page was begun: once for every store that was shown on it. */
let begun = 0;

/** @param {HTMLElement} host */
export async function start(host) {
  const mine = (begun += 1);
  dress();
  const ready = guard.begin();
  if (isBlank() && !isDoubtful()) return endWiping();
  try {
    await guard.cleared;
    // What the throwing away did not come to, or another tab wrote after it.
    if (isQuiet()) await empty();
    await follow();
    const session = await enter();
    // Another PIN opens another store.
    await follow();
    // Everything was thrown away meanwhile, in another tab.
    if (isBlank()) return close(session), endWiping();
    await ready;
    const pocket = new Pocket(host, session);
    const change = () => {
      pocket.close();
      history.replaceState(null, "");
      start(host);
    };
    guard.met(session, change, () => pocket.shut());
    await pocket.start();
    learnReady(session).catch(console.error);
    await settleIn();
  } catch (fault) {
    const { t } = await loadWords(pageLanguage());
    // Another store is shown here by now: what this one lacks is not said over it.
    if (mine !== begun) return;
    const said =
      fault instanceof SignedOut
        ? t("Open the link your coordinator gave you. Nothing on this phone is lost.")
        : fault instanceof NoStore || !crypto.subtle
          ? t(
              "This browser does not let the page keep anything (a private window does that). Open the link in the ordinary browser.",
            )
          : t("There is no network, and nothing is kept here yet. Open the page once with a network.");
    fill(
      host,
      h(
        "div",
        { class: "fc fc-pocket" },
        h(
          "main",
          { class: "fc-main-part" },
          h("div", { class: "fc-apology", role: "alert" }, h("h1", { class: "fc-name" }, said)),
          button(t("Try again"), () => location.reload(), { class: "fc-plain fc-wide" }),
        ),
      ),
    );
    if (!(fault instanceof SignedOut)) console.error(fault);
  }
}

// A service worker has the script too, and no page.
const host = globalThis.document?.getElementById("notes");
if (host) {
  keepSettled(host);
  start(host);
}
