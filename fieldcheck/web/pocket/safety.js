// @ts-check
/** She is safe: in and out are told to the coordinator, "I was recognised" and "stop" are in one place on every screen of a walk. */
import { wayOut } from "./briefing.js";
import { button, fill, h } from "./dom.js";
import { isoLocal } from "./ids.js";
import { isDark } from "./sun.js";

/** @typedef {import("./walk.js").Walk} Walk */

/** Is anybody to go anywhere? A website is looked at from home. @param {Walk} walk */
export const onSite = (walk) => walk.checklists.some(({ body }) => body.mode !== "remote");

/** How long the visit may last, in minutes: what she is told, and what the coordinator's timer counts. @param {Walk} walk */
export const longest = (walk) =>
  walk.checklists.filter(({ body }) => body.mode !== "remote").reduce((sum, { body }) => sum + (body.max_visit_minutes ?? 0), 0);

/** Is she there, as far as is known? Who began on another phone, or came by a new link, is: to the coordinator, too, beginning is going in. @param {Walk} walk */
export const isInside = (walk) => onSite(walk) && (walk.inside ? !walk.inside.out : walk.standing() === "in_progress");

/** Tell the coordinator, with the time and the last place. @param {Walk} walk @param {"check_in" | "check_out" | "recognised"} kind */
export async function tell(walk, kind) {
  const { store, place } = walk.session;
  const at = isoLocal(new Date());
  const told = { check_in: { in: at, out: null }, check_out: { in: walk.inside?.in ?? null, out: at }, recognised: null }[kind];
  await walk.keeping(async () => {
    await store.signal(walk.id, { kind, at, ...place.best() }, "alarm", told ? { [`inside:${walk.id}`]: told } : {});
    walk.inside = told ?? walk.inside;
  });
}

/** What is quietly said while she is there: longer than agreed, or dark. @param {Walk} walk @param {number} [now] */
export function warning(walk, now = Date.now()) {
  const { t, number } = { t: walk.session.words.t, number: walk.session.words.number.bind(walk.session.words) };
  if (!onSite(walk)) return "";
  const since = walk.inside?.in && !walk.inside.out ? Date.parse(walk.inside.in) : null;
  const minutes = since === null ? 0 : Math.floor((now - since) / 60_000);
  const most = longest(walk);
  const dark = (isInside(walk) || walk.screen === "briefing") && isDark(now, walk.visit.school ?? {});
  return [
    most && minutes > most ? t("{n} min inside; {most} is the most. Go when you can.", { n: number(minutes), most: number(most) }) : "",
    dark ? t("It is dark there now. Do not go or stay alone.") : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** The bar under everything: the same three places on every screen. @param {Walk} walk */
export function safetyBar(walk) {
  const { t } = walk.session.words;
  const tap = (/** @type {string} */ sign, /** @type {string} */ label, /** @type {() => void} */ act) =>
    button(label, act, { class: `fc-safe fc-sign-${sign}` });
  return [
    isInside(walk)
      ? tap("out", t("I am out"), () => walk.tell("check_out"))
      : walk.inside && onSite(walk)
        ? tap("in", t("I am in"), () => walk.tell("check_in"))
        : h("span", { class: "fc-safe fc-empty" }),
    tap("seen", t("Recognised"), () => walk.show("recognised")),
    tap("stop", t("Stop"), () => walk.show("stop")),
  ];
}

/** She was recognised: what to say, what to do, and one tap that tells and ends it. @param {Walk} walk */
export function recognised(walk) {
  const { words } = walk.session;
  const { t } = words;
  const told = h("p", { class: "fc-said fc-good", role: "status" });
  const only = async () => {
    fill(told);
    if (await walk.tell("recognised")) fill(told, t("Your coordinator will know as soon as there is a network."));
  };
  return {
    body: [
      h("h2", { class: "fc-title", tabindex: "-1" }, t("You were recognised")),
      wayOut(words),
      h(
        "ul",
        { class: "fc-rules" },
        h("li", {}, t("Do not explain, do not argue, do not hand over the phone.")),
        h("li", {}, t("Go to where there are people. If you are kept from leaving, ask for the police, 102.")),
        h("li", {}, t("A visit that ends here costs you nothing.")),
      ),
      told,
    ],
    foot: [
      button(t("Go on with the visit"), () => walk.show("question"), { class: "fc-plain" }),
      button(t("Only tell the coordinator"), only, { class: "fc-plain" }),
      button(t("End the visit"), () => walk.stop("recognised"), { class: "fc-main" }),
    ],
  };
}
