// @ts-check
/** Before the first visit of a season: the consent form to be read and agreed to, and the quiz, explained after each try. */
import { call, Refused, Unreachable } from "./api.js";
import { button, fill, h } from "./dom.js";
import { page } from "./leaf.js";
import { learnReady } from "./ready.js";

/** @typedef {import("./app.js").Pocket} Pocket */

/** Ways to both at any time. @param {Pocket} pocket */
export function readyAgain(pocket) {
  const { t } = pocket.session.words;
  return [
    h("h2", {}, t("Programme")),
    button(t("Consent form"), () => pocket.open({ page: "consent" }), { class: "fc-choice" }),
    button(t("Short quiz"), () => pocket.open({ page: "quiz" }), { class: "fc-choice" }),
  ];
}

/** @param {Pocket} pocket @param {"quiz" | "consent"} what */
async function kept(pocket, what) {
  if (!(await pocket.session.store.get(what))) await learnReady(pocket.session);
  return pocket.session.store.get(what);
}

/** @param {HTMLElement} said @param {Pocket} pocket @param {unknown} fault */
function sorry(said, pocket, fault) {
  const { t } = pocket.session.words;
  if (!(fault instanceof Unreachable || fault instanceof Refused)) throw fault;
  fill(said, fault instanceof Refused && fault.said ? fault.said : t("This needs a network. Try again when there is one."));
}

/** @param {Pocket} pocket */
export async function consentPage(pocket) {
  const { words, store } = pocket.session;
  const { t } = words;
  const form = await kept(pocket, "consent");
  const { here } = pocket;
  const title = t("Consent form");
  if (!form) return page(pocket, title, [h("p", { class: "fc-apology" }, t("This needs a network. Try again when there is one."))], []);
  const said = h("p", { class: "fc-said fc-bad", role: "alert" });
  const answer = async (/** @type {boolean} */ given) => {
    try {
      const body = { version: form.version, language: words.language, given };
      await store.put("consent", await call("POST", "/api/consent", { body }));
      // She may be elsewhere by now, writing: only this page is drawn anew.
      if (pocket.here === here) await pocket.show(here);
    } catch (fault) {
      sorry(said, pocket, fault);
    }
  };
  return page(
    pocket,
    title,
    [
      h("h2", { class: "fc-title" }, words.own(form.title)),
      form.given_at ? h("p", { class: "fc-good" }, t("You agreed on {day}.", { day: words.moment(form.given_at) })) : null,
      form.paragraphs.map((/** @type {any} */ one) => h("section", { class: "fc-sheet" }, h("h3", {}, words.own(one.title)), h("p", {}, words.own(one.text)))),
      said,
    ],
    [
      form.given_at
        ? button(t("Withdraw my consent"), () => answer(false), { class: "fc-plain" })
        : button(t("I have read it and agree"), () => answer(true), { class: "fc-main" }),
    ],
  );
}

/** @param {Pocket} pocket */
export async function quizPage(pocket) {
  const { words, store } = pocket.session;
  const { t } = words;
  const quiz = await kept(pocket, "quiz");
  const title = t("Short quiz");
  if (!quiz) return page(pocket, title, [h("p", { class: "fc-apology" }, t("This needs a network. Try again when there is one."))], []);
  /** @type {Record<string, string>} */
  const chosen = {};
  const said = h("p", { class: "fc-said", role: "alert" });
  const rooms = new Map(quiz.questions.map((/** @type {any} */ one) => [one.id, h("div", { role: "status" })]));
  const asked = (/** @type {any} */ one, /** @type {number} */ place) => {
    const taps = Object.entries(one.options).map(([id, option]) =>
      button(
        words.own(/** @type {any} */ (option)),
        () => {
          chosen[one.id] = id;
          for (const tap of taps) tap.setAttribute("aria-pressed", String(tap.dataset.option === id));
        },
        { class: "fc-choice", "data-option": id, "aria-pressed": "false" },
      ),
    );
    const name = `fc-quiz-${place}`;
    const question = h("h3", { id: name }, `${place + 1}. ${words.own(one.text)}`);
    return h("section", { class: "fc-sheet" }, question, h("fieldset", { class: "fc-choices", "aria-labelledby": name }, taps), rooms.get(one.id));
  };
  const check = async () => {
    const open = quiz.questions.length - Object.keys(chosen).length;
    if (open) return fill(said, words.tn("{n} question is still open.", "{n} questions are still open.", open));
    try {
      const result = await call("POST", "/api/quiz", { body: { digest: quiz.digest, answers: chosen } });
      for (const one of result.explained)
        fill(
          /** @type {HTMLElement} */ (rooms.get(one.question)),
          h("p", { class: one.is_right ? "fc-good" : "fc-bad" }, `${one.is_right ? t("Right.") : t("Not right.")} ${words.own(one.explanation)}`),
        );
      fill(said, result.passed ? t("Passed: {n} of {all}.", { n: result.right, all: result.asked }) : t("{n} of {all} are right. Read the reasons and try again.", { n: result.right, all: result.asked }));
      said.scrollIntoView({ block: "center" });
      if (result.passed) await learnReady({ ...pocket.session, store });
    } catch (fault) {
      sorry(said, pocket, fault);
    }
  };
  const passed = quiz.passed_until ? h("p", { class: "fc-good" }, t("Passed; good until {day}.", { day: words.moment(quiz.passed_until) })) : null;
  return page(pocket, title, [h("h2", { class: "fc-title" }, words.own(quiz.title)), passed, quiz.questions.map(asked), said], [button(t("Check my answers"), check, { class: "fc-main" })]);
}
