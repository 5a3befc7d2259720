// @ts-check
/** The form that all small pages beside the visits have: a way back, a name, what is on it, what can be done. */
import { button, h } from "./dom.js";

/** @param {import("./app.js").Pocket} pocket @param {string} title @param {any[]} body @param {any[]} foot @param {boolean} [back] is there a way back? */
export function page(pocket, title, body, foot, back = true) {
  const { t } = pocket.session.words;
  return h(
    "div",
    { class: "fc fc-pocket" },
    h(
      "header",
      { class: "fc-head" },
      h(
        "div",
        { class: "fc-head-row" },
        back ? button("‹", () => history.back(), { class: "fc-small", "aria-label": t("Back") }) : null,
        h("h1", { class: "fc-name", tabindex: "-1" }, title),
      ),
    ),
    h("main", { class: "fc-main-part" }, ...body),
    h("footer", { class: "fc-foot" }, ...foot),
  );
}
