// @ts-check
/** The PIN, the other PIN, and everything else with which she keeps this phone to herself. */
import { idleMinutes, rememberPin, setIdleMinutes } from "./cover.js";
import { isDim, setAwake, setDim, wantsAwake } from "./comfort.js";
import { button, fill, h } from "./dom.js";
import { guard } from "./guard.js";
import { page } from "./leaf.js";
import { Refused, Unreachable } from "./api.js";
import { teach, useNew } from "./unlock.js";
import { changeDuress, hasPin, setDuress, setPin } from "./vault.js";

/** @typedef {import("./app.js").Pocket} Pocket */

/** Whose vault a PIN locks; the empty app knows only what it stands in for. @param {import("./session.js").Session} session */
const ownerOf = async ({ store }) => (store.decoy ? await store.get("as") : store.owner);

/** @param {string} label @param {string} id */
const pinField = (label, id) =>
  h(
    "div",
    {},
    h("label", { for: id, class: "fc-hint" }, label),
    h("input", { id, class: "fc-number fc-pin", inputmode: "numeric", autocomplete: "off", maxlength: 8, pattern: "[0-9]*" }),
  );

/** @param {Pocket} pocket @param {"own" | "duress"} which @param {boolean} [first] nothing is shown before there is one */
export async function pinPage(pocket, which, first = false) {
  const { session } = pocket;
  const { t } = session.words;
  const owner = await ownerOf(session);
  const { here } = pocket;
  const old = which === "own" && (await hasPin(owner));
  const said = h("p", { class: "fc-said fc-bad", role: "alert" });
  const value = (/** @type {string} */ id) => {
    const field = /** @type {HTMLInputElement | null} */ (body.querySelector(`#${id}`));
    return field?.value.trim() ?? "";
  };
  const save = async () => {
    const pin = value("fc-pin");
    if (!/^\d{4,8}$/.test(pin)) return fill(said, t("Four to eight digits."));
    if (pin !== value("fc-pin-again")) return fill(said, t("The two do not match."));
    fill(said, t("Just a moment…"));
    let good = false;
    try {
      const agree = (/** @type {string} */ fresh, /** @type {string} */ before) => teach(session.store, fresh, before);
      if (session.store.decoy) good = which !== "own" || (await changeDuress(owner, pin, value("fc-pin-old")));
      else good = which === "own" ? await setPin(owner, pin, value("fc-pin-old"), agree) : await setDuress(owner, pin);
    } catch (fault) {
      if (fault instanceof Refused && !fault.passing) return fill(said, fault.said ?? fault.code);
      if (fault instanceof Unreachable || fault instanceof Refused) return fill(said, t("This needs a network. Try again when there is one."));
      throw fault;
    }
    if (!good) return fill(said, which === "own" ? t("That is not the PIN of now, or it is the other PIN.") : t("Take another one than your PIN."));
    if (which === "own" && !session.store.decoy) {
      rememberPin(owner);
      if (old) useNew(session.store);
    }
    if (pocket.here !== here) return;
    if (first) pocket.show({ page: "visits" });
    else history.back();
  };
  const body = h(
    "form",
    { id: "fc-pins", novalidate: true, class: "fc-settings", on: { submit: (/** @type {Event} */ event) => (event.preventDefault(), save()) } },
    which === "own"
      ? [
          h("p", {}, t("With a PIN this opens as a page of notes. Type the PIN into its search and press Enter: your visits come back.")),
          first ? h("p", {}, t("It is asked for once more whenever you were away for a while.")) : null,
          h("p", { class: "fc-hint" }, t("Nobody can tell you a forgotten PIN. What was sent is safe; what was not is lost with it.")),
        ]
      : [
          h("p", {}, t("If somebody makes you open it, type this other PIN. An empty list opens, and your coordinator is told when there is a network.")),
          h("p", { class: "fc-hint" }, t("Nothing you recorded is deleted. Your own PIN brings it back.")),
        ],
    old ? pinField(t("PIN of now"), "fc-pin-old") : null,
    pinField(which === "own" ? t("New PIN, 4 to 8 digits") : t("Other PIN, 4 to 8 digits"), "fc-pin"),
    pinField(t("Once more"), "fc-pin-again"),
    said,
  );
  const title = which === "own" ? t("PIN") : t("Other PIN");
  return page(pocket, title, [body], [button(t("Save"), () => {}, { class: "fc-main", type: "submit", form: "fc-pins" })], !first);
}

/** @param {Pocket} pocket */
export async function guardSettings(pocket) {
  const { session } = pocket;
  const { t, tn } = session.words;
  const has = await hasPin(await ownerOf(session));
  const choice = (/** @type {string} */ label, /** @type {boolean} */ on, /** @type {() => void} */ act) =>
    button(
      label,
      () => {
        act();
        pocket.show(pocket.here);
      },
      { class: "fc-choice fc-check", role: "checkbox", "aria-checked": String(on) },
    );
  const pause = h(
    "select",
    { class: "fc-number", id: "fc-idle", on: { change: (/** @type {any} */ event) => setIdleMinutes(Number(event.target.value)) } },
    [1, 5, 15].map((n) => h("option", { value: n, selected: n === idleMinutes() }, tn("{n} minute", "{n} minutes", n))),
  );
  return [
    h("h2", {}, t("Nobody else")),
    button(has ? t("Change the PIN") : t("Set a PIN"), () => pocket.open({ page: "pin", which: "own" }), { class: "fc-choice" }),
    has ? button(t("Other PIN, for when you are forced"), () => pocket.open({ page: "pin", which: "duress" }), { class: "fc-choice" }) : null,
    h("label", { for: "fc-idle", class: "fc-hint" }, t("Untouched, the notes page comes after")),
    pause,
    h("p", { class: "fc-hint" }, t("It also comes at a tap in the corner above, when you shake the phone, and when you lay it on its face.")),
    button(t("Delete everything now"), () => guard.offer(), { class: "fc-plain fc-wide" }),
    h("h2", {}, t("Screen")),
    choice(t("Dim"), isDim(), () => setDim(!isDim())),
    choice(t("Stays on during a visit"), wantsAwake(), () => setAwake(!wantsAwake())),
  ];
}
