// @ts-check
/** Leaving early: two taps, large, readable at a glance, no blame. What happened at the door is a result like any other. */
import { wayOut } from "./briefing.js";
import { button, fill, h } from "./dom.js";

/** @param {import("./words.js").Words} words @returns {[string, string][]} */
const dangers = ({ t }) => [
  ["unsafe", t("I do not feel safe")],
  ["recognised", t("I was recognised")],
];

/** @param {import("./words.js").Words} words @returns {[string, string][]} */
const results = ({ t }) => [
  ["refused_entry", t("I was not let in")],
  ["asked_id", t("I was asked for documents")],
  ["escorted", t("I was led about and watched")],
  ["asked_money", t("I was asked for money")],
  ["closed", t("The school is closed")],
  ["other", t("Another reason")],
];

/** @param {import("./walk.js").Walk} walk */
export function stopping(walk) {
  const { words } = walk.session;
  const { t } = words;
  const tap = (/** @type {[string, string]} */ [code, label]) =>
    button(label, () => walk.stop(code), { class: "fc-choice", "data-reason": code });
  return {
    body: [
      h("h2", { class: "fc-title", tabindex: "-1" }, t("You may leave at any time")),
      wayOut(words),
      h("p", { class: "fc-hint" }, t("One tap ends the visit. Everything recorded is kept and counts as a result.")),
      h(
        "fieldset",
        { class: "fc-choices fc-low fc-tight" },
        h("legend", { class: "fc-unseen" }, t("Why are you leaving?")),
        dangers(words).map(tap),
        results(words).map(tap),
      ),
    ],
    foot: [button(t("Go on with the visit"), () => walk.show("question"), { class: "fc-plain" })],
  };
}

/** A word about it, when she is away and if she likes. @param {import("./walk.js").Walk} walk */
export function wordAfter(walk) {
  const { t } = walk.session.words;
  const note = /** @type {HTMLTextAreaElement} */ (
    h("textarea", { rows: 3, class: "fc-text", id: "fc-note", maxlength: 1000, autocomplete: "off", value: walk.note })
  );
  note.addEventListener("input", () => walk.keepNote(note.value));
  const said = h("p", { class: "fc-said", role: "status" });
  const save = async () => {
    const word = note.value.trim();
    fill(said);
    if (!word || !(await walk.addWord(word))) return;
    if (note.value.trim() === word) note.value = "";
    fill(said, t("Saved on the phone"));
  };
  const label = t("A word about it, if you like. It can wait until you are away.");
  return h(
    "section",
    { class: "fc-low" },
    h("label", { for: "fc-note", class: "fc-hint" }, label),
    note,
    said,
    button(t("Save"), save, { class: "fc-plain fc-wide" }),
  );
}
