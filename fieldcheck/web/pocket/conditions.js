// @ts-check
/** The condition tree, evaluated exactly as the server does. Plain data in, true or false out; an unanswered question makes a leaf false. */

/** @typedef {{answers: Record<string, any>, school?: Record<string, any> | null}} Facts */

/** Is this an answer? Nothing, an empty text and an empty choice are not. @param {any} value */
export const answered = (value) =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

/** Are two answers the same? Numbers and texts are never equal to each other, nor true to 1. @type {(a: any, b: any) => boolean} */
const same = (a, b) =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((one, place) => same(one, b[place]))
    : a === b;

/** @type {Record<string, (value: number, bound: number) => boolean>} */
const COMPARE = { gt: (a, b) => a > b, gte: (a, b) => a >= b, lt: (a, b) => a < b, lte: (a, b) => a <= b };

/** Does the tree hold for these facts? @param {any} tree @param {Facts} facts @returns {boolean} */
export function evaluate(tree, facts) {
  if (Array.isArray(tree)) return tree.every((branch) => evaluate(branch, facts));
  if ("all" in tree) return tree.all.every((/** @type {any} */ branch) => evaluate(branch, facts));
  if ("any" in tree) return tree.any.some((/** @type {any} */ branch) => evaluate(branch, facts));
  if ("not" in tree) return !evaluate(tree.not, facts);
  const value = "school" in tree ? (facts.school ?? {})[tree.school] : (facts.answers ?? {})[tree.q];
  if ("school" in tree) return choice(tree, value);
  if ("answered" in tree) return answered(value) === tree.answered;
  if (!answered(value)) return false;
  if ("contains_any" in tree)
    return Array.isArray(value) && tree.contains_any.some((/** @type {any} */ one) => value.includes(one));
  const name = Object.keys(COMPARE).find((key) => key in tree);
  return name ? typeof value === "number" && COMPARE[name](value, tree[name]) : choice(tree, value);
}

/** @param {any} leaf @param {any} value */
function choice(leaf, value) {
  if (value === undefined || value === null) return false;
  if ("is" in leaf) return same(value, leaf.is);
  return leaf.in.some((/** @type {any} */ one) => same(value, one));
}
