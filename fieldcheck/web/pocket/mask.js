// @ts-check
/**
 * Covering faces and plates before a photo leaves: solid boxes, drawn, moved and resized by finger, burned into the pixels. Solid and not
 * blurred, because a blurred face can be found again. One tap when there is nobody in it.
 */
import { button, fill, h, lay, steady } from "./dom.js";

/** @typedef {{x: number, y: number, w: number, h: number}} Patch in parts of the picture, 0 to 1 */

const LEAST = 0.02;
const HANDLE = 28;

/** A box so small that it covers nothing is none. @param {Patch} one */
const counts = (one) => one.w >= LEAST && one.h >= LEAST;

/** @param {number} value @param {number} low @param {number} high */
const between = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * Show a photo and let her cover what must not be in it. @param {HTMLElement} root @param {import("./words.js").Words} words
 * @param {Blob} picture @param {string} never what must not be left, in words @returns {Promise<Patch[] | "discard" | null>} the boxes; null when she leaves it for later
 */
export function coverUp(root, { t }, picture, never) {
  const source = URL.createObjectURL(picture);
  /** @type {Patch[]} */
  let patches = [];
  /** @type {Patch[][]} */
  const before = [];
  let chosen = -1;
  /** The finger that draws; a second one does nothing. @type {number | null} */
  let finger = null;
  const gone = t("Discard for good?");
  return new Promise((resolve) => {
    const image = /** @type {HTMLImageElement} */ (h("img", { src: source, alt: t("The photo"), draggable: "false" }));
    const layer = h("div", { class: "fc-patches" });
    const stage = h("div", { class: "fc-stage" }, image, layer);
    const undo = button(t("Undo"), () => back(), { class: "fc-plain" });
    const discard = button("", () => (discard.textContent === gone ? over("discard") : (fill(discard, gone), steady())), { class: "fc-plain" });
    const sure = button("", () => over(patches.filter(counts)), { class: "fc-main", "data-covered": true });

    const over = (/** @type {Patch[] | "discard" | null} */ said) => {
      URL.revokeObjectURL(source);
      removeEventListener("notes-cover", later);
      removeEventListener("resize", fit);
      away();
      resolve(said);
    };
    const later = () => over(null);
    const keep = () => before.push(patches.map((one) => ({ ...one })));
    const back = () => {
      if (finger !== null) return;
      patches = before.pop() ?? [];
      chosen = -1;
      draw();
    };
    const draw = () => {
      fill(
        layer,
        patches.map((one, place) => {
          const box = h(
            "div",
            { class: `fc-patch${place === chosen ? " fc-chosen" : ""}`, "data-patch": place, tabindex: "0", role: "button", "aria-label": t("Box {n}", { n: place + 1 }) },
            place === chosen ? h("span", { class: "fc-handle" }) : null,
          );
          box.style.cssText = `left:${one.x * 100}%;top:${one.y * 100}%;width:${one.w * 100}%;height:${one.h * 100}%`;
          return box;
        }),
      );
      // Whoever draws on has thought better of it.
      fill(discard, t("Discard the photo"));
      // Whoever stands on what cannot be pressed any more stands on what there is to do.
      if (!before.length && undo.contains(/** @type {Document | ShadowRoot} */ (undo.getRootNode()).activeElement)) adding.focus();
      undo.toggleAttribute("disabled", !before.length);
      sure.textContent = patches.some(counts) ? t("Covered, nobody is left") : t("Nobody in it");
    };
    const fit = () => {
      // The layer lies exactly on the picture, wherever the page has put it.
      const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = image;
      layer.style.cssText = `left:${offsetLeft}px;top:${offsetTop}px;width:${offsetWidth}px;height:${offsetHeight}px`;
    };
    const at = (/** @type {PointerEvent} */ event) => {
      const room = layer.getBoundingClientRect();
      return { x: between((event.clientX - room.left) / room.width, 0, 1), y: between((event.clientY - room.top) / room.height, 0, 1) };
    };
    const add = () => {
      if (finger !== null) return;
      keep();
      patches.push({ x: 0.35, y: 0.35, w: 0.3, h: 0.3 });
      chosen = patches.length - 1;
      draw();
      /** @type {HTMLElement | null} */ (layer.lastElementChild)?.focus();
    };

    layer.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      if (finger !== null) return;
      layer.setPointerCapture(event.pointerId);
      finger = event.pointerId;
      const from = at(event);
      const room = layer.getBoundingClientRect();
      const grip = { x: HANDLE / room.width, y: HANDLE / room.height };
      const picked = patches[chosen];
      const corner = picked && Math.abs(from.x - picked.x - picked.w) < grip.x && Math.abs(from.y - picked.y - picked.h) < grip.y;
      const hit = patches.findLastIndex((one) => from.x >= one.x && from.x <= one.x + one.w && from.y >= one.y && from.y <= one.y + one.h);
      const how = corner ? "size" : hit >= 0 ? "move" : "draw";
      keep();
      if (how === "move") chosen = hit;
      if (how === "draw") chosen = patches.push({ ...from, w: 0, h: 0 }) - 1;
      const start = { ...patches[chosen] };
      const gesture = new AbortController();
      const change = (/** @type {PointerEvent} */ moved) => {
        if (moved.pointerId !== finger) return;
        const to = at(moved);
        const one = patches[chosen];
        if (how === "move") {
          one.x = between(start.x + to.x - from.x, 0, 1 - one.w);
          one.y = between(start.y + to.y - from.y, 0, 1 - one.h);
        } else {
          const fixed = how === "size" ? start : from;
          Object.assign(one, {
            x: Math.min(fixed.x, to.x),
            y: Math.min(fixed.y, to.y),
            w: Math.abs(to.x - fixed.x),
            h: Math.abs(to.y - fixed.y),
          });
        }
        draw();
      };
      const end = (/** @type {PointerEvent} */ lifted) => {
        if (lifted.pointerId !== finger) return;
        finger = null;
        gesture.abort();
        const one = patches[chosen];
        // A tap beside every box is no box; a tap on one only chooses it.
        const nothing = !counts(one);
        if (nothing || JSON.stringify(one) === JSON.stringify(start)) patches = before.pop() ?? [];
        if (nothing) chosen = -1;
        draw();
      };
      const { signal } = gesture;
      layer.addEventListener("pointermove", change, { signal });
      for (const kind of /** @type {const} */ (["pointerup", "pointercancel", "lostpointercapture"])) layer.addEventListener(kind, end, { signal });
      draw();
    });
    layer.addEventListener("focusin", (event) => {
      const place = Number(/** @type {HTMLElement} */ (event.target).dataset.patch);
      if (place === chosen || Number.isNaN(place)) return;
      chosen = place;
      draw();
      /** @type {HTMLElement | null} */ (layer.children[place])?.focus();
    });
    layer.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const one = patches[chosen];
      if (!one || finger !== null || (!way && event.key !== "Delete")) return;
      event.preventDefault();
      keep();
      if (!way) {
        patches.splice(chosen, 1);
        chosen = -1;
      } else if (event.shiftKey) {
        one.w = between(one.w + way[0] * 0.02, LEAST, 1 - one.x);
        one.h = between(one.h + way[1] * 0.02, LEAST, 1 - one.y);
      } else {
        one.x = between(one.x + way[0] * 0.02, 0, 1 - one.w);
        one.y = between(one.y + way[1] * 0.02, 0, 1 - one.h);
      }
      draw();
      /** @type {HTMLElement} */ (layer.children[chosen] ?? adding).focus();
    });

    const adding = button(t("Add a box"), add, { class: "fc-plain" });
    const page = h(
      "div",
      {
        class: "fc-camera fc-mask",
        role: "dialog",
        "aria-modal": "true",
        "aria-label": t("Cover faces and plates"),
        on: { keydown: (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && later() },
      },
      h("p", { class: "fc-mask-say" }, t("Draw a box over every face and number plate."), never ? ` ${t("None may be left: {things}.", { things: never })}` : ""),
      stage,
      h(
        "div",
        { class: "fc-mask-bar" },
        button(t("Later"), later, { class: "fc-plain" }),
        discard,
        adding,
        undo,
        sure,
      ),
    );
    const away = lay(root, page);
    image.addEventListener("load", fit);
    addEventListener("resize", fit);
    addEventListener("notes-cover", later);
    draw();
    sure.focus();
  });
}
