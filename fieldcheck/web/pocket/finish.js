// @ts-check
/** What is missing, everything that is asked, and sending the visit. */
import { button, h } from "./dom.js";
import { wordAfter } from "./stop.js";

/** @param {import("./walk.js").Walk} walk */
export function finish(walk) {
  const { words } = walk.session;
  const { t } = words;
  const lacks = walk.missing();
  const refused = walk.refusals();
  const { said, theirs } = walk.objections();
  const names = {
    answer: t("No answer yet"),
    photo: t("A photo is needed"),
    statement: t("Must be confirmed"),
    draft: t("Not saved yet"),
    look: t("Look it over"),
  };
  const lacking = (/** @type {any} */ step, /** @type {string} */ what) => {
    const seen = walk.seenAt(step);
    const note = names[/** @type {"answer"} */ (what)];
    return seen ? `${note} · ${t("Seen at {time}", { time: words.clock(seen) })}` : note;
  };
  const jump = (/** @type {any} */ step, /** @type {string} */ note, bad = false) =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "fc-item", on: { click: () => walk.go(step) } },
        h("strong", {}, words.own(step.question.text)),
        note && h("span", { class: bad ? "fc-bad" : "" }, note),
      ),
    );
  const everything = walk.allSteps();
  return {
    body: [
      h(
        "h2",
        { class: "fc-title", tabindex: "-1" },
        lacks.length
          ? t("What is missing")
          : refused.length
            ? t("Some answers were not accepted")
            : t("Everything is here"),
      ),
      said.map((reason) => h("p", { class: "fc-reason", role: "status" }, reason)),
      theirs.length
        ? h(
            "ul",
            { class: "fc-list" },
            theirs.map(({ step, what }) => jump(step, names[/** @type {"answer"} */ (what)], true)),
          )
        : null,
      refused.length
        ? h(
            "ul",
            { class: "fc-list" },
            refused.map(({ step, said }) => jump(step, said, true)),
          )
        : null,
      lacks.length
        ? h(
            "ul",
            { class: "fc-list" },
            lacks.map(({ step, what }) => jump(step, lacking(step, what))),
          )
        : h(
            "p",
            {},
            t(
              "Look through it once more if you like, then send it. After sending it cannot be changed unless it comes back to you.",
            ),
          ),
      h(
        "details",
        {},
        h("summary", {}, t("All questions")),
        h(
          "ol",
          { class: "fc-list" },
          everything.map((step) => jump(step, shortly(walk, step))),
        ),
      ),
    ],
    foot: [
      button(t("Back"), () => walk.backFromFinish(), { class: "fc-plain" }),
      button(t("Send the visit"), () => walk.submit(), { class: "fc-main", disabled: lacks.length > 0 }),
    ],
  };
}

/** An answer in a few words. @param {import("./walk.js").Walk} walk @param {import("./walk.js").Step} step */
function shortly(walk, step) {
  const { words } = walk.session;
  const { t } = words;
  const { question, digest } = step;
  const value = walk.answer(step)?.value;
  const photos = walk.photosOf(digest, question.id).length;
  const shots = photos ? words.tn("{n} photo", "{n} photos", photos) : "";
  const text =
    value === null || value === undefined
      ? ""
      : question.type === "geopoint"
        ? value.none
          ? t("No place")
          : t("Marked")
        : question.type === "datetime"
          ? words.moment(value)
          : question.type === "money"
            ? `${words.number(value)} ₸`
            : typeof value === "number"
              ? words.number(value)
              : value === true
                ? t("Confirmed")
                : [value]
                    .flat()
                    .map((one) => optionName(walk, question, one))
                    .join(", ");
  return [text.length > 90 ? `${text.slice(0, 88)}…` : text, shots].filter(Boolean).join(" · ") || "—";
}

/** @param {import("./walk.js").Walk} walk @param {import("./checklist.js").Question} question @param {string} value */
function optionName(walk, question, value) {
  const { words } = walk.session;
  const { t } = words;
  if (question.type === "yes_no_na") return { yes: t("Yes"), no: t("No"), na: t("Cannot say") }[value] ?? value;
  const option = question.options?.find((one) => one.id === value);
  return option ? words.own(option) : value;
}

/** The visit is out of her hands: on its way, received, or over. @param {import("./walk.js").Walk} walk */
export function closed(walk) {
  const { words } = walk.session;
  const { t } = words;
  const waiting = walk.waiting().filter((entry) => entry.kind !== "alarm").length;
  const state = walk.standing();
  const loose = ["stopping", "stopped", "withdrawn"].includes(state) ? walk.loose() : 0;
  const sayings = /** @type {Record<string, [string, string]>} */ ({
    submitting: [
      t("Ready to send"),
      t("It leaves by itself when there is a network. You may close this page; it goes on at the next opening."),
    ],
    submitted: [t("Received"), t("The visit has arrived. Your coordinator looks at it and may ask for something.")],
    accepted: [t("Accepted"), t("Thank you. This visit is complete.")],
    rejected: [t("Closed"), t("This visit was closed by the coordinator.")],
    stopping: [
      t("The visit is stopped"),
      t("Go somewhere safe first. Your coordinator will know as soon as there is a network."),
    ],
    stopped: [
      t("The visit is stopped"),
      t("Your coordinator knows. What you recorded is kept, and nobody holds it against you."),
    ],
    withdrawn: [
      t("Taken off your list"),
      t("The coordinator took this visit back. What you recorded and is not sent yet stays on this phone."),
    ],
  });
  const [title, text] = sayings[state] ?? [t("Closed"), ""];
  return {
    body: [
      h("h2", { class: "fc-title", tabindex: "-1" }, title),
      h("p", {}, text),
      loose
        ? h("p", { class: "fc-reason" }, words.tn("{n} photo waits to be looked over", "{n} photos wait to be looked over", loose))
        : null,
      loose ? button(t("Look it over"), () => walk.lookOver(), { class: "fc-choice" }) : null,
      state === "stopping" || state === "stopped" ? wordAfter(walk) : null,
    ],
    foot: [
      waiting ? button(t("Send now"), () => walk.session.sync.kick({ hurry: true }), { class: "fc-plain" }) : null,
      walk.options.onClose ? button(t("To my visits"), () => walk.options.onClose?.(), { class: "fc-main" }) : null,
    ],
  };
}
