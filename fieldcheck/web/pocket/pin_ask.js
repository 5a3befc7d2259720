// @ts-check
/** The word about a PIN where she is before she has one: on her list and in the briefing. The page itself is `pin_page.js`. */
import { button, fill, h } from "./dom.js";
import { hasPin } from "./vault.js";

/** @typedef {import("./app.js").Pocket} Pocket */

const LATER = "pin:later";

/** Asked once on her list; "later" is taken for an answer until the first visit begins. @param {Pocket} pocket */
export async function askForPin(pocket) {
  const { session } = pocket;
  const { t } = session.words;
  if (session.store.decoy || (await session.store.get(LATER)) || (await hasPin(session.store.owner))) return null;
  const { here } = pocket;
  const later = async () => {
    await session.store.put(LATER, true);
    pocket.again(here);
  };
  return h(
    "section",
    { class: "fc-sheet fc-ask" },
    h("p", {}, t("Set a PIN, so that nobody else opens this on your phone.")),
    h(
      "div",
      { class: "fc-row" },
      button(t("Later"), later, { class: "fc-plain" }),
      button(t("Set a PIN"), () => pocket.open({ page: "pin", which: "own" }), { class: "fc-main" }),
    ),
  );
}

/** The same word in the briefing of a visit, where it can wait no longer; it stands in nobody's way. @param {import("./walk.js").Walk} walk */
export function pinInBriefing(walk) {
  const { session, options } = walk;
  const { t } = session.words;
  const set = options.onPin;
  if (!set || session.store.decoy) return null;
  const room = h("section", { class: "fc-sheet fc-hidden" });
  hasPin(session.store.owner).then((has) => {
    if (has) return;
    fill(
      room,
      h("p", {}, t("Set a PIN, so that nobody else opens this on your phone.")),
      button(t("Set a PIN"), set, { class: "fc-plain fc-wide" }),
    );
    room.classList.remove("fc-hidden");
  });
  return room;
}
