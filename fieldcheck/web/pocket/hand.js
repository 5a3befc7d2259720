// @ts-check
/**
 * Her hand on the page. What is under a finger or a key, and a field that she is in, is never drawn anew: a tap would go nowhere and what she
 * typed would be gone. What changed meanwhile is shown when the hand is off. A drawing in place keeps where she was on the page.
 */

import { settle } from "./roll.js";

/** After a finger has left the glass, the browser takes this long at most to make a tap of it. */
const TAP = 100;
/** A key that is let go where this page does not hear it is no longer down after this; one that stays down says so again before. */
const KEY = 1000;
let down = 0;

const held = () => void (down = Infinity);
const free = () => void (down = Date.now() + TAP);
globalThis.addEventListener?.("pointerdown", held, { capture: true, passive: true });
for (const kind of ["pointerup", "pointercancel"]) globalThis.addEventListener?.(kind, free, { capture: true, passive: true });
globalThis.addEventListener?.("keydown", () => void (down = Math.max(down, Date.now() + KEY)), { capture: true, passive: true });
globalThis.addEventListener?.("keyup", free, { capture: true, passive: true });

/** @param {HTMLElement} root */
function focused(root) {
  const { activeElement } = /** @type {Document | ShadowRoot} */ (root.getRootNode());
  return activeElement && activeElement !== root && root.contains(activeElement) ? /** @type {HTMLElement} */ (activeElement) : null;
}

/** Is she in a field of this part of the page? @param {HTMLElement} root */
export const isTyping = (root) => Boolean(focused(root)?.matches("input, textarea, select"));

/** Is a finger or a key down, or is she in a field here? @param {HTMLElement} root */
export const isHeld = (root) => down > Date.now() || isTyping(root);

/** Draw a part anew and leave her where she was: what was scrolled, opened and focused stays so. @param {HTMLElement} root @param {() => void} draw */
export function inPlace(root, draw) {
  const rolls = () => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".fc-pocket, .fc-roll, .fc-main-part")]);
  const folds = () => /** @type {HTMLDetailsElement[]} */ ([...root.querySelectorAll("details")]);
  const was = { top: rolls().map((one) => one.scrollTop), open: folds().map((one) => one.open), focus: focused(root) };
  const alike = () => /** @type {HTMLElement[]} */ (was.focus ? [...root.querySelectorAll(was.focus.tagName)] : []);
  const [at, many] = was.focus ? [alike().indexOf(was.focus), alike().length] : [-1, 0];
  draw();
  settle(root);
  rolls().forEach((one, place) => (one.scrollTop = was.top[place] ?? 0));
  folds().forEach((one, place) => (one.open = was.open[place] ?? one.open));
  const { focus } = was;
  if (!focus || focused(root)) return;
  const same = (/** @type {Element} */ one) => one.textContent === focus.textContent && /** @type {HTMLElement} */ (one).dataset.visit === focus.dataset.visit;
  // What has changed its words stands where it stood; what cannot be pressed any more, or is gone, leaves her at the heading.
  for (const one of [focus.isConnected ? focus : null, alike().find(same), alike().length === many ? alike()[at] : null, root.querySelector("[tabindex='-1']")]) {
    /** @type {HTMLElement | null | undefined} */ (one)?.focus({ preventScroll: true });
    if (focused(root)) return;
  }
}
