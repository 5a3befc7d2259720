// @ts-check
/** Before the first visit of a season: how far she is with the consent form and the quiz. Their pages are `ready_pages.js`. */
import { call, Refused, Unreachable } from "./api.js";
import { button, h } from "./dom.js";
import { isQuiet } from "./wipe.js";

/** @typedef {import("./app.js").Pocket} Pocket */

/** Ask how far she is, and keep it with the texts, so that they can be read anywhere. @param {import("./session.js").Session} session */
export async function learnReady({ store }) {
  if (store.decoy || isQuiet()) return;
  for (const what of ["quiz", "consent"]) {
    try {
      const known = await store.get(what);
      const said = await call("GET", `/api/${what}`, { seconds: 20, known: known?.tag ?? "" });
      if (!said) continue;
      // What she did meanwhile is newer.
      await store.revise(what, (now) => (JSON.stringify(now) === JSON.stringify(known) ? said : undefined));
      store.say("docs");
    } catch (fault) {
      // What was learnt before stands; nothing on this phone waits for it.
      if (!(fault instanceof Unreachable || fault instanceof Refused)) throw fault;
    }
  }
}

/** What she has to do before she can be sent, on her list; nothing once it is done. @param {Pocket} pocket */
export async function beforeFirst(pocket) {
  const { store, words } = pocket.session;
  const { t } = words;
  const [consent, quiz] = await Promise.all([store.get("consent"), store.get("quiz")]);
  const open = [
    consent && !consent.given_at ? button(t("Read and agree to the form"), () => pocket.open({ page: "consent" }), { class: "fc-choice" }) : null,
    quiz && !quiz.passed_until ? button(t("Short quiz"), () => pocket.open({ page: "quiz" }), { class: "fc-choice" }) : null,
  ].filter(Boolean);
  if (!open.length) return null;
  return h("section", { class: "fc-sheet fc-ask" }, h("p", {}, t("Before your next visit:")), h("div", { class: "fc-choices" }, open));
}
