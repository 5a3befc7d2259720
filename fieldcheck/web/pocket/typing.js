// @ts-check
/** Answers that are typed or picked: numbers, sums, texts, dates. Kept while typing; what is out of bounds is said in words and not kept. */
import { button, h } from "./dom.js";
import { fieldMoment, isoThere } from "./ids.js";

/** @typedef {import("./choices.js").Field} Field */

/** What is wrong with what is typed, in words that belong to the field. */
const SAID = "fc-said";
const AUTOSAVE = 150;
/** A typed text rests this long on the phone before it is sent, so that the server does not get every letter. */
const REST = 4000;
const LONGEST = { text: 4000, quote: 2000 };

/** Save while the person types, and at once when the field or the page is left. @param {() => Promise<boolean>} save */
function autosave(save) {
  let timer = 0;
  let last = 0;
  let kept = /** @type {Promise<boolean>} */ (Promise.resolve(true));
  const now = () => {
    if (timer) {
      clearTimeout(timer);
      timer = 0;
      kept = save();
    }
    return kept;
  };
  // The first letter is saved at once, the following ones together: a page that dies takes a moment of typing with it, not a sentence.
  const later = () => {
    if (!timer && Date.now() - last > AUTOSAVE) kept = save();
    else if (!timer) timer = Number(setTimeout(now, AUTOSAVE));
    last = Date.now();
  };
  return { now, later };
}

/** @param {HTMLElement} element @param {{now: () => Promise<boolean>, later: () => void}} saving */
function wire(element, saving) {
  element.addEventListener("input", saving.later);
  element.addEventListener("blur", saving.now);
  element.addEventListener("change", saving.now);
  const onHide = () => (element.isConnected ? saving.now() : over());
  const over = () => {
    removeEventListener("pagehide", onHide);
    document.removeEventListener("visibilitychange", onHide);
  };
  addEventListener("pagehide", onHide);
  document.addEventListener("visibilitychange", onHide);
}

/** Keep a good answer; keep what is not one yet as a draft, so that it is still there to be mended. @param {Field} field @param {string} typed @param {boolean} good @param {any} value */
async function keep(field, typed, good, value) {
  // In this order, and both asked for at once: a page that dies in between has one of them.
  const saved = good && field.save(value, { hold: REST });
  await field.setDraft(good ? null : typed);
  return saved;
}

/** @param {any} value @param {string} language */
const asWritten = (value, language) =>
  typeof value === "number" ? String(value).replace(".", language === "en" ? "." : ",") : "";

/** Free words or a verbatim quote. @param {Field} field */
export function textField(field) {
  const {
    question,
    words: { t },
  } = field;
  const most = Math.min(question.max_length || Infinity, LONGEST[/** @type {"text"|"quote"} */ (question.type)]);
  const area = /** @type {HTMLTextAreaElement} */ (
    h("textarea", {
      rows: 5,
      "aria-labelledby": field.labelled,
      "aria-describedby": SAID,
      "aria-required": String(Boolean(question.required)),
      autocomplete: "off",
      autocapitalize: "sentences",
      class: "fc-text",
      value: field.draft ?? field.value ?? "",
    })
  );
  const said = h("p", { class: "fc-said", role: "status", id: SAID });
  const saving = autosave(() => {
    const left = most - [...area.value.trim()].length;
    said.textContent =
      left < 0
        ? t("Too long by {n} characters: shorten it, then it is saved.", { n: -left })
        : left < 60
          ? t("{n} characters left", { n: left })
          : "";
    said.classList.toggle("fc-bad", left < 0);
    area.setAttribute("aria-invalid", String(left < 0));
    return keep(field, area.value, left >= 0, area.value.trim() || null);
  });
  wire(area, saving);
  const hint =
    question.type === "quote" ? h("p", { class: "fc-hint" }, t("Word for word, as it was said. No names.")) : null;
  return { element: h("div", {}, hint, area, said), flush: saving.now };
}

/** Read a number as people write it in these languages. @param {string} text @param {boolean} [whole] "1,000" and "1.000" are a thousand then @returns {number | null | undefined} null: nothing, undefined: not a number */
export function readNumber(text, whole = false) {
  const close = text.replace(/[\s\u00a0\u202f]/g, "").replace("−", "-");
  const plain = whole && /^-?[1-9]\d{0,2}([.,]\d{3})+$/.test(close) ? close.replace(/[.,]/g, "") : close.replace(",", ".");
  if (!plain) return null;
  return /^-?\d*\.?\d+$/.test(plain) || /^-?\d+\.$/.test(plain) ? Number(plain) : undefined;
}

/** Group the digits of a sum, keeping the caret where it was among the digits. @param {HTMLInputElement} input */
function group(input) {
  const caret = input.selectionStart ?? input.value.length;
  const digitsBefore = input.value.slice(0, caret).replace(/\D/g, "").length;
  const digits = input.value.replace(/\D/g, "").replace(/^0+(?=\d)/, "");
  input.value = digits.replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  let place = 0;
  for (let seen = 0; place < input.value.length && seen < digitsBefore; place += 1)
    if (/\d/.test(input.value[place])) seen += 1;
  input.setSelectionRange(place, place);
}

/** A number or a sum of money. @param {Field} field */
export function numberField(field) {
  const { question, words } = field;
  const { t } = words;
  const money = question.type === "money";
  const whole = money || question.whole;
  const low = question.min ?? (money ? 0 : -1e12);
  const high = question.max ?? (money ? 1e10 : 1e12);
  const input = /** @type {HTMLInputElement} */ (
    h("input", {
      type: "text",
      inputmode: whole && low >= 0 ? "numeric" : "decimal",
      autocomplete: "off",
      class: "fc-number",
      "aria-labelledby": field.labelled,
      "aria-describedby": SAID,
      "aria-required": String(Boolean(question.required)),
      value: field.draft ?? asWritten(field.value, words.language),
    })
  );
  if (money) group(input);
  const said = h("p", { class: "fc-said fc-bad", role: "status", id: SAID });
  const saving = autosave(() => {
    const value = readNumber(input.value, whole);
    const fault =
      value === undefined
        ? t("This is not a number.")
        : value === null
          ? ""
          : whole && !Number.isInteger(value)
            ? t("Whole numbers only.")
            : value < low || value > high
              ? bounds(words, question, low, high)
              : "";
    said.textContent = fault;
    input.setAttribute("aria-invalid", String(Boolean(fault)));
    return keep(field, input.value, !fault, value ?? null);
  });
  if (money) input.addEventListener("input", () => group(input));
  wire(input, saving);
  input.addEventListener("keydown", async (event) => event.key === "Enter" && (await saving.now()) && field.next());
  const unit = money ? "₸" : question.unit === "min" ? t("min") : (question.unit ?? "");
  return {
    element: h("div", {}, h("div", { class: "fc-row" }, input, unit && h("span", { class: "fc-unit" }, unit)), said),
    flush: saving.now,
  };
}

/** @param {import("./words.js").Words} words @param {import("./checklist.js").Question} question @param {number} low @param {number} high */
function bounds(words, question, low, high) {
  const { t } = words;
  if (question.max === null || question.max === undefined)
    return t("Must be {low} or more. Not saved yet.", { low: words.number(low) });
  return t("Must be between {low} and {high}. Not saved yet.", { low: words.number(low), high: words.number(high) });
}

/** A day, or a day and time; "now" in one tap, by itself where the checklist says so. @param {Field} field */
export function momentField(field) {
  const {
    question,
    words: { t },
  } = field;
  const day = question.type === "date";
  const shown = (/** @type {any} */ value) => (value ? (day ? value : fieldMoment(value)) : "");
  const input = /** @type {HTMLInputElement} */ (
    h("input", {
      type: day ? "date" : "datetime-local",
      class: "fc-number",
      "aria-labelledby": field.labelled,
      "aria-required": String(Boolean(question.required)),
      value: shown(field.value),
    })
  );
  let kept = /** @type {Promise<boolean>} */ (Promise.resolve(true));
  input.addEventListener("change", () => {
    kept = field.save(input.value ? (day ? input.value : isoThere(new Date(`${input.value.slice(0, 16)}:00+05:00`))) : null);
  });
  const now = () => {
    const moment = isoThere(new Date());
    const value = day ? moment.slice(0, 10) : moment;
    input.value = shown(value);
    kept = field.save(value);
  };
  if (question.autofill && !field.value) now();
  return {
    element: h(
      "div",
      {},
      h("div", { class: "fc-row" }, input),
      button(day ? t("Today") : t("Now"), now, { class: "fc-plain fc-wide" }),
    ),
    flush: () => kept,
  };
}
