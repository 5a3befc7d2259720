// @ts-check
/** Leaving early: two taps, large, readable at a glance, no blame. */
import { button, h } from "./dom.js";
import { isoLocal } from "./ids.js";
import { wayOut } from "./briefing.js";

/** @param {import("./words.js").Words} words @returns {[string, string][]} */
const reasons = ({ t }) => [
  ["unsafe", t("I do not feel safe")],
  ["recognised", t("I was recognised")],
  ["refused_entry", t("I was not let in")],
  ["asked_id", t("I was asked for documents")],
  ["asked_money", t("I was asked for money")],
  ["closed", t("The school is closed")],
  ["other", t("Another reason")],
];

/** @param {import("./walk.js").Walk} walk */
export function stopping(walk) {
  const { words } = walk.session;
  const { t } = words;
  const chosen = walk.stopReason;
  if (!chosen)
    return {
      body: [
        h("h2", { class: "fc-title", tabindex: "-1" }, t("You may leave at any time")),
        wayOut(words),
        h(
          "fieldset",
          { class: "fc-choices fc-low" },
          h("legend", { class: "fc-unseen" }, t("Why are you leaving?")),
          reasons(words).map(([code, label]) =>
            button(label, () => walk.stopBecause(code), { class: "fc-choice", "data-reason": code }),
          ),
        ),
      ],
      foot: [button(t("Go on with the visit"), () => walk.show("question"), { class: "fc-plain" })],
    };
  const note = /** @type {HTMLTextAreaElement} */ (
    h("textarea", { rows: 3, class: "fc-text", id: "fc-note", maxlength: 1000, autocomplete: "off" })
  );
  return {
    body: [
      h("h2", { class: "fc-title", tabindex: "-1" }, reasons(words).find(([code]) => code === chosen)?.[1] ?? ""),
      h("p", {}, t("Everything recorded so far is kept and counts as a result. Your coordinator will get in touch.")),
      h(
        "label",
        { for: "fc-note", class: "fc-hint" },
        t("A word about it, if you like. It can wait until you are away."),
      ),
      note,
    ],
    foot: [
      button(t("Back"), () => walk.stopBecause(null), { class: "fc-plain" }),
      button(
        t("Stop the visit"),
        () => walk.stop({ at: isoLocal(new Date()), reason: chosen, note: note.value.trim() }),
        { class: "fc-main" },
      ),
    ],
  };
}
