// @ts-check
/** What is asked next and what is still missing. The phone's opinion is a courtesy: the server judges. */
import { answered, evaluate } from "./conditions.js";

/** @typedef {{id: string, type: string, text: any, help?: any, required?: boolean, whole?: boolean, visible_if?: any, required_if?: any, options?: any[], min?: number|null, max?: number|null, unit?: string|null, max_length?: number|null, autofill?: boolean, photo?: {min: number, max: number, subject: any, forbidden: string[], when: any[]}|null}} Question */
/** @typedef {{question_id: string, what: "answer"|"photo"|"statement"}} Missing */

/** Every question in order. @param {any} checklist @returns {Question[]} */
export const questionsOf = (checklist) =>
  (checklist.sections ?? []).flatMap((/** @type {any} */ section) => section.questions);

/** Photos are counted apart and an information screen is only read. @param {Question} question */
export const takesValue = (question) => question.type !== "photo" && question.type !== "info";

/** @param {any} tree */
const present = (tree) => tree !== null && tree !== undefined;

/** The questions that are asked, given the answers. A hidden question's answer does not count, here or further down. @param {any} checklist @param {Record<string, any>} answers @param {any} [school] */
export function visible(checklist, answers, school = null) {
  /** @type {{answers: Record<string, any>, school: any}} */
  const facts = { answers: {}, school };
  const shown = [];
  for (const question of questionsOf(checklist)) {
    if (present(question.visible_if) && !evaluate(question.visible_if, facts)) continue;
    shown.push(question);
    if (takesValue(question) && answered(answers[question.id])) facts.answers[question.id] = answers[question.id];
  }
  return { questions: shown, facts };
}

/** How many photos of this question the visit cannot do without. @param {Question} question @param {any} facts @param {boolean} required */
export function photosNeeded(question, facts, required) {
  const need = question.photo;
  if (!need) return 0;
  if (question.type === "photo") return required ? Math.max(need.min, 1) : 0;
  return wanted(question, facts.answers[question.id]) ? need.min : 0;
}

/** Does this answer ask for the photo beside it? @param {Question} question @param {any} value */
export function wanted({ photo }, value) {
  if (!photo || !answered(value)) return false;
  return !photo.when?.length || [value].flat().some((one) => photo.when.includes(one));
}

/** Must this question be answered on this walk? @param {Question} question @param {any} facts */
export const isRequired = (question, facts) =>
  Boolean(question.required || (present(question.required_if) && evaluate(question.required_if, facts)));

/** What stands between these answers and a complete checklist. @param {any} checklist @param {Record<string, any>} answers @param {Record<string, number>} photoCounts @param {any} [school] @returns {Missing[]} */
export function missing(checklist, answers, photoCounts, school = null) {
  const { questions, facts } = visible(checklist, answers, school);
  /** @type {Missing[]} */
  const found = [];
  for (const question of questions) {
    const required = isRequired(question, facts);
    const value = facts.answers[question.id];
    const given = answered(value);
    const statement = question.type === "statement";
    if (takesValue(question) && required && !given)
      found.push({ question_id: question.id, what: statement ? "statement" : "answer" });
    else if (statement && given && value !== true) found.push({ question_id: question.id, what: "statement" });
    if ((photoCounts[question.id] ?? 0) < photosNeeded(question, facts, required))
      found.push({ question_id: question.id, what: "photo" });
  }
  return found;
}
