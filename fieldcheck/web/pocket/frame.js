// @ts-check
/** How the walk looks: a thin head, one question, answers in reach of the thumb, a foot with Back and Next. */
import { briefing, returned } from "./briefing.js";
import { wanted } from "./checklist.js";
import { anyOf, oneOf, statement } from "./choices.js";
import { button, fill, h, lay, steady } from "./dom.js";
import { closed, finish } from "./finish.js";
import { inPlace, isHeld, isTyping } from "./hand.js";
import { later, whenHere } from "./later.js";
import { placeField } from "./place_field.js";
import { changeLanguage } from "./session.js";
import { spot } from "./store.js";
import { isInside, recognised, safetyBar, warning } from "./safety.js";
import { stopping } from "./stop.js";
import { momentField, numberField, textField } from "./typing.js";
import { LANGUAGES } from "./words.js";

/** @typedef {import("./walk.js").Walk} Walk */
/** @typedef {{element?: HTMLElement, flush: () => any, refresh?: () => void}} Part */

const HEADING = "fc-heading";

export class Frame {
  /** @param {HTMLElement} host @param {"pocket" | "desk"} kind */
  constructor(host, kind) {
    const style = /** @type {HTMLLinkElement} */ (
      h("link", { rel: "stylesheet", href: new URL("walk.css", import.meta.url).href })
    );
    this.styled = new Promise((resolve) => {
      style.onload = style.onerror = resolve;
    });
    this.head = h("header", { class: "fc-head" });
    this.status = h("p", { class: "fc-status", role: "status" });
    this.alert = h("p", { class: "fc-alarm", role: "alert" });
    this.refusal = h("p", { class: "fc-reason fc-refusal fc-bad", role: "status" });
    this.main = h("main", { class: "fc-main-part" });
    this.foot = h("footer", { class: "fc-foot" });
    this.warned = h("p", { class: "fc-warn", role: "status" });
    this.bar = h("nav", { class: "fc-safety" });
    this.roll = h("div", { class: "fc-roll" }, this.head, this.alert, this.main, this.warned, this.status, this.foot);
    this.root = h("div", { class: `fc fc-${kind}` }, style, this.roll, this.bar);
    host.append(this.root);
    /** @type {Part[]} */
    this.parts = [];
    /** Which screen stands there. */
    this.drawn = "";
  }

  /** What lies over the visit goes with it; every dialog leaves by Escape. */
  clear() {
    for (const one of this.root.querySelectorAll("[aria-modal]")) one.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  }

  remove() {
    this.leave();
    this.root.remove();
  }

  /** @param {string} text */
  apology(text) {
    fill(this.main, h("h2", { class: "fc-apology", "aria-level": "1" }, text));
  }

  /** Say loudly that something was not kept. @param {string} text */
  alarm(text) {
    this.alert.textContent = text;
  }

  /** Let go of the screen that is shown, keeping what was being typed. */
  leave() {
    const kept = this.parts.map((part) => part.flush());
    this.parts = [];
    return kept;
  }

  /**
   * Go on once what was said is on disk; a field that is not right yet keeps her here and says why.
   * @param {Walk} walk @param {import("./walk.js").Step} step @param {() => void} go
   */
  async onlyWhenKept(walk, step, go) {
    const typed = this.parts.map((part) => part.flush());
    const kept = await Promise.all([...typed, walk.going.get(spot(step.digest, step.question.id))?.kept]);
    if (!kept.includes(false)) go();
  }

  /**
   * Go on from a question, or back, only if she is still on it: a slow save, or a second tap, must not carry her past
   * the next one.
   * @param {Walk} walk @param {import("./walk.js").Step} step @param {number} way
   */
  goFrom(walk, step, way) {
    const here = walk.current();
    if (walk.screen === "question" && here?.question.id === step.question.id && here.digest === step.digest) walk.move(way);
  }

  /** Is her hand on what would be drawn anew? */
  isHeld() {
    return isHeld(this.main);
  }

  /** Is she in a field? */
  isTyping() {
    return isTyping(this.main);
  }

  /** @param {Walk} walk @param {boolean} open @param {boolean} moved */
  draw(walk, open, moved) {
    this.leave();
    this.root.lang = walk.session.words.language;
    const what = `${open}${walk.screen}`;
    // What was not kept is said until she has gone on.
    if (moved || this.drawn !== what) (this.alert.textContent = ""), this.shape(walk, open);
    else inPlace(this.root, () => this.shape(walk, open));
    this.refresh(walk);
    const heading = /** @type {HTMLElement | null} */ (this.main.querySelector("[tabindex='-1']"));
    // Alone on its page the question is the page's own heading; inside a desk's page it is one of several.
    if (this.root.classList.contains("fc-pocket"))
      for (const one of this.main.querySelectorAll("h2, h3")) one.setAttribute("aria-level", one === heading ? "1" : "2");
    if (!moved && this.drawn === what) return;
    this.main.scrollTop = this.roll.scrollTop = 0;
    steady();
    // The first drawing leaves the focus where the host page has it.
    if (moved || this.drawn) heading?.focus({ preventScroll: true });
    this.drawn = what;
  }

  /** @param {Walk} walk @param {boolean} open */
  shape(walk, open) {
    const step = walk.current();
    if (!open) this.page(closed(walk));
    else if (walk.screen === "briefing") this.page(briefing(walk));
    else if (walk.screen === "returned") this.page(returned(walk));
    else if (walk.screen === "finish") this.page(finish(walk));
    else if (walk.screen === "stop") this.page(stopping(walk));
    else if (walk.screen === "recognised") this.page(recognised(walk));
    else if (step) this.question(walk, step);
  }

  /** @param {{body: any[], foot: any[]}} page */
  page({ body, foot }) {
    fill(this.main, ...body);
    fill(this.foot, ...foot);
  }

  /** What changes while a screen stays: progress, save state, how far photos got. @param {Walk} walk */
  refresh(walk) {
    this.header(walk);
    this.warn(walk);
    this.safety(walk);
    const mood = walk.mood();
    if (this.status.textContent !== mood) this.status.textContent = mood;
    for (const part of this.parts) part.refresh?.();
    const next = this.foot.querySelector("[data-next]");
    const step = walk.current();
    if (!next || !step) return;
    this.dress(next, walk, step);
    const stored = walk.answers.get(spot(step.digest, step.question.id));
    const refused = stored?.state === "refused" ? (stored.said ?? walk.session.words.t("Not accepted")) : "";
    if (this.refusal.textContent !== refused) this.refusal.textContent = refused;
  }

  /** Longer than agreed, or dark: said quietly. @param {Walk} walk */
  warn(walk) {
    // Whoever is leaving needs no word about it.
    const leaving = walk.screen === "stop" || walk.screen === "recognised";
    const said = this.isOpen(walk) && !leaving ? warning(walk) : "";
    if (this.warned.textContent !== said) this.warned.textContent = said;
  }

  /** @param {Walk} walk */
  isOpen(walk) {
    return ["assigned", "in_progress", "returned"].includes(walk.standing());
  }

  /** The same places on every screen; drawn anew only when something in them changes. @param {Walk} walk */
  safety(walk) {
    const open = this.isOpen(walk);
    const now = `${open}${walk.session.words.language}${isInside(walk)}${walk.inside?.out}`;
    if (this.bar.dataset.for === now) return;
    this.bar.dataset.for = now;
    this.bar.setAttribute("aria-label", walk.session.words.t("Safety"));
    inPlace(this.bar, () => fill(this.bar, open ? safetyBar(walk) : []));
    steady();
  }

  /** @param {Walk} walk */
  header(walk) {
    const { words } = walk.session;
    const { t } = words;
    const steps = walk.steps();
    const here = walk.current();
    const place =
      steps.findIndex((step) => here && step.question.id === here.question.id && step.digest === here.digest) + 1;
    const asking = walk.screen === "question" && walk.frame === this;
    const open = this.isOpen(walk);
    const progress = t("{n} of {all}", { n: place || 1, all: steps.length });
    if (
      this.head.contains(/** @type {Document | ShadowRoot} */ (this.root.getRootNode()).activeElement) &&
      this.head.dataset.for === `${progress}${walk.screen}${open}${words.language}`
    )
      return;
    this.head.dataset.for = `${progress}${walk.screen}${open}${words.language}`;
    const tongues = h(
      "select",
      {
        class: "fc-tongue",
        "aria-label": t("Language"),
        on: { change: (/** @type {any} */ event) => changeLanguage(walk.session, event.target.value) },
      },
      Object.keys(LANGUAGES).map((code) =>
        h("option", { value: code, selected: code === words.language }, code.toUpperCase()),
      ),
    );
    const bar = h("div", { class: "fc-bar", "aria-hidden": "true" }, h("div", {}));
    /** @type {HTMLElement} */ (bar.firstChild).style.width =
      `${asking ? (100 * place) / Math.max(1, steps.length) : walk.screen === "finish" ? 100 : 0}%`;
    const row = h(
      "div",
      { class: "fc-head-row" },
      walk.options.onClose
        ? button("‹", () => walk.options.onClose?.(), { class: "fc-small", "aria-label": t("To my visits") })
        : null,
      open && walk.screen === "question"
        ? h(
            "button",
            {
              type: "button",
              class: "fc-small fc-progress",
              on: { click: () => walk.show("finish") },
              "aria-label": t("{progress}. What is missing", { progress }),
            },
            progress,
            h("span", { "aria-hidden": "true" }, " ☰"),
          )
        : h("span", { class: "fc-progress" }),
      tongues,
    );
    inPlace(this.head, () => fill(this.head, row, bar));
  }

  /** Going on is the main thing once there is an answer; before, it is only possible. @param {Element} next @param {Walk} walk @param {import("./walk.js").Step} step */
  dress(next, walk, step) {
    const { t } = walk.session.words;
    const done =
      walk.answer(step) ||
      step.question.type === "info" ||
      (step.question.type === "photo" && walk.photosOf(step.digest, step.question.id).length);
    next.textContent = done ? t("Next") : t("Skip");
    next.className = done ? "fc-main" : "fc-plain fc-skip";
    const seen = /** @type {HTMLElement | null} */ (this.foot.querySelector("[data-seen]"));
    const focused = seen && /** @type {Document | ShadowRoot} */ (seen.getRootNode()).activeElement === seen;
    seen?.classList.toggle("fc-hidden", Boolean(done));
    // Who was on what has gone stands on what there is to do now.
    if (done && focused) /** @type {HTMLElement} */ (next).focus({ preventScroll: true });
    return next;
  }

  /** The photos of a question; that part of the page comes after the first question. @param {Walk} walk @param {import("./walk.js").Step} step @returns {Part} */
  photos(walk, { digest, question }) {
    if (later.parts) return new later.parts.PhotoField({ walk, checklist: digest, question, root: this.root });
    const { t } = walk.session.words;
    const said = question.type === "photo" ? t("This part is not on the phone yet. It comes with the network.") : "";
    const part = { element: h("p", { class: "fc-hint", role: "status" }, said), flush: () => {} };
    whenHere().then(() => this.parts.includes(part) && walk.redraw());
    return part;
  }

  /** @param {Walk} walk @param {import("./walk.js").Step} step */
  question(walk, step) {
    const { words } = walk.session;
    const { t } = words;
    const { question, digest, body } = step;
    const section = body.sections.find((/** @type {any} */ one) =>
      one.questions.some((/** @type {any} */ other) => other.id === question.id),
    );
    const above = [words.own(body.title), words.own(section?.title)]
      .filter((text, place, all) => text && all.indexOf(text) === place)
      .join(" · ");
    const sentBack =
      walk.visit.state === "returned"
        ? walk.visit.returned.filter((one) => one.checklist === digest && one.question === question.id)
        : [];
    const part = this.field(walk, step);
    const photos = question.photo || question.type === "photo" ? this.photos(walk, step) : null;
    this.parts = [part, photos].filter((one) => one !== null);
    const typed = ["text", "quote", "number", "money", "date", "datetime"].includes(question.type);
    fill(
      this.main,
      h("p", { class: "fc-above" }, above),
      h("h2", { class: "fc-title", id: HEADING, tabindex: "-1" }, words.own(question.text)),
      question.help ? h("p", { class: question.type === "info" ? "fc-told" : "fc-hint" }, words.own(question.help)) : null,
      !step.required && question.type !== "info"
        ? h("p", { class: "fc-hint fc-optional" }, t("May be left out"))
        : null,
      sentBack.map((one) => h("p", { class: "fc-reason" }, h("strong", {}, t("Please look again:")), " ", one.reason)),
      walk.seenAt(step)
        ? h("p", { class: "fc-hint" }, t("Seen at {time}. Write it when you are outside.", { time: words.clock(walk.seenAt(step)) }))
        : null,
      this.refusal,
      h("div", { class: typed ? "fc-answer fc-answer-typed" : "fc-answer" }, photos?.element, part.element),
    );
    const next = button("", () => this.onlyWhenKept(walk, step, () => this.goFrom(walk, step, 1)), { "data-next": true });
    fill(
      this.foot,
      button(t("Back"), () => this.onlyWhenKept(walk, step, () => this.goFrom(walk, step, -1)), { class: "fc-plain" }),
      question.type === "info" || question.type === "statement"
        ? null
        : button(t("Seen"), () => this.onlyWhenKept(walk, step, () => walk.markSeen(step)), { class: "fc-choice fc-seen", "data-seen": true }),
      next,
    );
    this.dress(next, walk, step);
  }

  /** @param {Walk} walk @param {import("./walk.js").Step} step @returns {Part} */
  field(walk, step) {
    const { question } = step;
    const need = question.photo;
    // What she said last counts also while it is being kept.
    const said = walk.going.get(spot(step.digest, question.id)) ?? walk.answer(step);
    const field = {
      question,
      value: said?.value ?? null,
      words: walk.session.words,
      labelled: HEADING,
      place: walk.session.place,
      draft: walk.draft(step),
      setDraft: (/** @type {string|null} */ typed) => walk.setDraft(step, typed),
      save: (/** @type {any} */ value, /** @type {any} */ options) => walk.save(step, value, options),
      next: () => this.goFrom(walk, step, 1),
      // A photo is wanted for this answer: stay, the camera is here.
      staysHere: (/** @type {any} */ value) =>
        Boolean(need && wanted(question, value) && walk.photosOf(step.digest, question.id).length < need.min),
    };
    const plain = (/** @type {HTMLElement | undefined} */ element) => ({ element, flush: () => {} });
    if (question.type === "yes_no_na" || question.type === "single") return plain(oneOf(field));
    if (question.type === "multi") return plain(anyOf(field));
    if (question.type === "statement") return plain(statement(field));
    if (question.type === "number" || question.type === "money") return numberField(field);
    if (question.type === "text" || question.type === "quote") return textField(field);
    if (question.type === "date" || question.type === "datetime") return momentField(field);
    if (question.type === "geopoint") return placeField(field);
    return plain(undefined);
  }

  /** Ask before something that cannot be taken back. @param {string} question @param {string} yes @param {string} no @returns {Promise<boolean>} */
  confirm(question, yes, no) {
    return new Promise((resolve) => {
      const answer = (/** @type {boolean} */ said) => {
        away();
        resolve(said);
      };
      const keep = button(no, () => answer(false), { class: "fc-plain" });
      const sheet = h(
        "div",
        {
          class: "fc-veil",
          role: "alertdialog",
          "aria-modal": "true",
          "aria-label": question,
          on: { keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && answer(false) },
        },
        h(
          "div",
          { class: "fc-sheet" },
          h("p", {}, question),
          h(
            "div",
            { class: "fc-row" },
            keep,
            button(yes, () => answer(true), { class: "fc-main" }),
          ),
        ),
      );
      const away = lay(this.root, sheet);
      keep.focus();
    });
  }
}
