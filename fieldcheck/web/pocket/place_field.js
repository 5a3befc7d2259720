// @ts-check
/** "Where are you?": the phone answers. The best reading is kept and bettered while the question is open; nothing is typed or dragged. */
import { button, fill, h } from "./dom.js";

/** Milliseconds of looking in vain after which she may go on without a place. */
const ENOUGH = 20_000;
/** Once a reading is this good (metres), waiting longer buys nothing. */
const GOOD = 15;

/** @param {import("./choices.js").Field} field */
export function placeField(field) {
  const { place, words } = field;
  const { t } = words;
  const since = Date.now();
  let kept = field.value?.none ? null : (field.value ?? null);
  /** @type {string | null} */
  let without = field.value?.none ?? null;
  /** @type {number | null} how old the reading was when it was marked, in seconds */
  let age = null;
  let open = Boolean(field.question.autofill && !kept && !without);
  const state = h("p", { class: "fc-placestate", role: "status" });
  const again = button(
    kept ? t("Mark again") : t("Mark my place"),
    () => {
      kept = null;
      open = true;
      look();
    },
    { class: "fc-choice" },
  );

  const goOn = button(
    t("Go on without a place"),
    async () => {
      open = false;
      without = why(place.best().no_place);
      await field.save({ none: without });
      field.next();
    },
    { class: "fc-plain fc-wide", "data-without": true },
  );

  const look = () => {
    const { place: best, no_place } = place.best();
    const early = no_place === "timeout" && Date.now() - since < ENOUGH;
    goOn.classList.toggle("fc-hidden", Boolean(kept || best || early));
    if (open && best && best.age <= 60 && (!kept || best.accuracy < kept.accuracy * 0.8)) {
      kept = { lat: best.lat, lon: best.lon, accuracy: best.accuracy };
      age = best.age;
      without = null;
      field.save(kept);
      if (kept.accuracy <= GOOD || Date.now() - since > 60_000) open = false;
    }
    again.textContent = kept ? t("Mark again") : t("Mark my place");
    if (kept)
      fill(
        state,
        t("Place marked, to within {n} m.", { n: words.number(Math.round(kept.accuracy)) }),
        age === null ? null : h("small", {}, t("Read {n} s before it was marked.", { n: words.number(age) })),
        kept.accuracy > 100 ? h("small", {}, t("That is rough. Step into the open and mark it again.")) : null,
      );
    else if (without) fill(state, t("You went on without a place; the reason is kept."), " ", reason(words, without));
    else if (!open && (best || early)) fill(state, t("The phone finds your place by itself."));
    else fill(state, reason(words, no_place));
  };
  place.listeners.add(look);
  look();
  const later = setTimeout(look, ENOUGH + 100);
  const flush = () => {
    clearTimeout(later);
    place.listeners.delete(look);
  };
  return { element: h("div", { class: "fc-choices" }, state, again, goOn), flush };
}

/** Why there is no place, as an answer. @param {string | null} code */
const why = (code) => (code === "denied" || code === "timeout" ? code : "unavailable");

/** Why there is no place, in words. @param {import("./words.js").Words} words @param {string | null} code */
export function reason({ t }, code) {
  if (code === "denied")
    return t("This page may not use your location. Allow it in the browser's settings, then open the page again.");
  if (code === "off") return t("This phone or page cannot tell where it is.");
  if (code === "unavailable") return t("The phone cannot find its place here. Step into the open.");
  return t("Looking for your place…");
}
