// @ts-check
/** The one way elements are made here. Text is always set as text: no string ever becomes markup. */

/** @typedef {Node | string | number | null | undefined | false | any[]} Child */

/**
 * Make an element. `on` holds listeners, `class` the class name, `false`/`null` attributes are left out.
 * @param {string} tag @param {Record<string, any>} [props] @param {...(Child | Child[])} children @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [kind, listener] of Object.entries(value)) element.addEventListener(kind, listener);
    else if (name === "value" || name === "checked" || name === "disabled") /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replace what stands in an element. @param {Element} element @param {...(Child | Child[])} children */
export function fill(element, ...children) {
  const wanted = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  element.replaceChildren(...wanted.map((child) => (child instanceof Node ? child : String(child))));
}

/**
 * A real button. What it sets off is over before it can be set off again; only a box that is ticked may be ticked off meanwhile.
 * @param {string} label @param {(event: Event) => any} click @param {Record<string, any>} [props]
 */
export function button(label, click, props = {}) {
  let busy = false;
  const act = async (/** @type {Event} */ event) => {
    if (busy && props.role !== "checkbox") return;
    busy = true;
    try {
      await click(event);
    } finally {
      busy = false;
    }
  };
  return h("button", { type: "button", ...props, on: { click: act } }, label);
}

/** A thumb that trembles taps twice within this many milliseconds. */
const TREMBLE = 400;
let tap = { x: 0, y: 0, at: -Infinity };
/** A phone that is very busy hands a tap on this many milliseconds late; a longer one is of a clock that does not agree. */
const LATE = 5000;
let changed = -Infinity;
let late = false;
let isDown = false;
for (const kind of ["pointerup", "pointercancel"]) globalThis.addEventListener?.(kind, () => (isDown = false), true);
globalThis.addEventListener?.(
  "pointerdown",
  ({ clientX: x, clientY: y, timeStamp: at }) => {
    tap = { x, y, at };
    late = at < changed && changed - at < LATE;
    isDown = true;
  },
  true,
);
// A tap that is handed on when something else has come was not meant for that; the corner that covers all was there before. Keys are meant.
globalThis.addEventListener?.(
  "click",
  (event) => {
    const meant = !late || !event.detail || /** @type {Element} */ (event.composedPath()[0]).closest?.(".np-cover");
    if (!meant) event.preventDefault(), event.stopImmediatePropagation();
  },
  true,
);

// A key that stays down presses once: what has come under it meanwhile was not meant.
globalThis.addEventListener?.(
  "keydown",
  (event) => {
    const again = event.repeat && (event.key === "Enter" || event.key === " ");
    if (again && /** @type {Element} */ (event.composedPath()[0]).closest?.("button, [role=button]")) event.preventDefault();
  },
  true,
);

/** Something else has come under the thumb: for a moment the place of the last tap takes none. A press that stays is felt below. */
export function steady() {
  changed = performance.now();
  const left = tap.at + TREMBLE - performance.now();
  // A finger that is still down is no second tap: where it was put is what it is meant for.
  if (left <= 0 || isDown) return;
  const pad = h("div");
  const within = (/** @type {number} */ middle, /** @type {number} */ all) => Math.max(0, Math.min(middle - 32, all - 64));
  pad.style.cssText = `position:fixed;z-index:3001;left:${within(tap.x, innerWidth)}px;top:${within(tap.y, innerHeight)}px;width:64px;height:64px`;
  for (const kind of ["pointerdown", "pointerup", "pointercancel"])
    pad.addEventListener(kind, (event) => {
      const { clientX, clientY } = /** @type {PointerEvent} */ (event);
      document.elementsFromPoint(clientX, clientY)[1]?.dispatchEvent(new PointerEvent(kind, event));
    });
  document.body.append(pad);
  setTimeout(() => pad.remove(), left);
}

/**
 * Lay a dialog over what stands in `root`: that is out of reach while it is there, and afterwards the focus is where it was.
 * @param {HTMLElement} root @param {HTMLElement} dialog @returns {() => void} takes it away
 */
export function lay(root, dialog) {
  const before = /** @type {HTMLElement | null} */ (/** @type {Document | ShadowRoot} */ (root.getRootNode()).activeElement);
  const below = /** @type {HTMLElement[]} */ ([...root.children]).filter((one) => !one.inert);
  for (const one of below) one.inert = true;
  root.append(dialog);
  steady();
  return () => {
    dialog.remove();
    for (const one of below) one.inert = false;
    const back = before?.isConnected && before !== document.body ? before : root.querySelector("[tabindex='-1']");
    /** @type {HTMLElement | null} */ (back)?.focus({ preventScroll: true });
  };
}

/** May a dialog come over `root` now? Not over another one, not where that is gone, not under the notes. @param {HTMLElement} root */
export const isFree = (root) =>
  root.isConnected && !root.querySelector("[aria-modal]") && !document.documentElement.classList.contains("np-over");

/** Tell the reader what an object URL showed is over. @param {Element} root */
export function releaseImages(root) {
  for (const image of root.querySelectorAll("img[src^='blob:']")) URL.revokeObjectURL(image.getAttribute("src") ?? "");
}
