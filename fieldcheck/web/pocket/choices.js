// @ts-check
/** Answers given by a tap: yes/no, one of several, several, a statement. The tap shows at once; it counts when it is on disk. */
import { button, h } from "./dom.js";

/**
 * What a field is given. `save` keeps a value and says whether it succeeded; `next` goes on.
 * @typedef {{question: import("./checklist.js").Question, value: any, draft: string|null, setDraft(typed: string|null): Promise<void>, words: import("./words.js").Words, labelled: string,
 *   save(value: any, options?: {hold?: number}): Promise<boolean>, next(): void, staysHere(value: any): boolean, place: import("./place.js").PlaceWatch}} Field
 */

/** @param {import("./words.js").Words} words */
const yesNo = ({ t }) => [
  { id: "yes", label: t("Yes") },
  { id: "no", label: t("No") },
  { id: "na", label: t("Cannot say") },
];

/** One choice: a tap saves and goes on. @param {Field} field */
export function oneOf(field) {
  const { question, words } = field;
  const options =
    question.type === "yes_no_na"
      ? yesNo(words)
      : (question.options ?? []).map((one) => ({ id: one.id, label: words.own(one) }));
  const taps = options.map(({ id, label }) =>
    button(
      label,
      async () => {
        for (const tap of taps) tap.setAttribute("aria-pressed", String(tap.dataset.option === id));
        if ((await field.save(id)) && !field.staysHere(id)) field.next();
      },
      { class: "fc-choice", "data-option": id, "aria-pressed": String(field.value === id) },
    ),
  );
  return h(
    "fieldset",
    { class: question.type === "yes_no_na" ? "fc-choices fc-yesno" : "fc-choices", "aria-labelledby": field.labelled },
    taps,
  );
}

/** Several choices; an exclusive one ("none of these") clears the others, and they clear it. @param {Field} field */
export function anyOf(field) {
  const { question, words } = field;
  const options = question.options ?? [];
  let chosen = new Set(Array.isArray(field.value) ? field.value : []);
  const taps = options.map((option) =>
    button(
      words.own(option),
      async () => {
        chosen = toggled(options, chosen, option);
        for (const tap of taps) tap.setAttribute("aria-checked", String(chosen.has(tap.dataset.option)));
        await field.save(chosen.size ? [...chosen].sort() : null);
      },
      {
        class: "fc-choice fc-check",
        role: "checkbox",
        "data-option": option.id,
        "aria-checked": String(chosen.has(option.id)),
      },
    ),
  );
  return h("fieldset", { class: "fc-choices", "aria-labelledby": field.labelled }, taps);
}

/** What is chosen after a tap on `option`. @param {any[]} options @param {Set<string>} before @param {any} option */
export function toggled(options, before, option) {
  if (before.has(option.id)) return new Set([...before].filter((id) => id !== option.id));
  if (option.exclusive) return new Set([option.id]);
  const alone = new Set(options.filter((one) => one.exclusive).map((one) => one.id));
  return new Set([...before, option.id].filter((id) => !alone.has(id)));
}

/** A statement that must be confirmed, in one large tap. @param {Field} field */
export function statement(field) {
  const { t } = field.words;
  const given = field.value === true;
  const tap = button(
    given ? t("Confirmed") : t("I confirm"),
    async () => {
      tap.setAttribute("aria-pressed", "true");
      if (await field.save(true)) field.next();
    },
    { class: "fc-choice fc-confirm", "aria-pressed": String(given) },
  );
  return h("fieldset", { class: "fc-choices", "aria-labelledby": field.labelled }, tap);
}
