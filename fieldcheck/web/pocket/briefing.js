// @ts-check
/** Before the visit: where, when, who she is there, and what she never does. */
import { button, h } from "./dom.js";

/** The rules that hold on every visit, and what to say when leaving. @param {import("./words.js").Words} words */
export const rules = ({ t }) => [
  t("Never offer money, hint at it or name a sum first."),
  t("Pay nothing, sign nothing, file nothing, use nobody else's name."),
  t("Do not question pupils or anyone under 18."),
  t("No sound and no video. Photos only of stands, papers and the building's front."),
  t("No people, guards, turnstiles, cameras or floor plans in a photo."),
  t("Do not argue. If anything feels wrong, leave at once: no answer is worth it."),
  t("If somebody keeps you from leaving, do not resist and ask for the police, 102."),
];

/** What to say and do when leaving early. @param {import("./words.js").Words} words */
export const wayOut = ({ t }) => h("p", { class: "fc-quote" }, t("Say: “Sorry, I will check that by phone.” Then go."));

/** @param {import("./walk.js").Walk} walk */
export function briefing(walk) {
  const { words } = walk.session;
  const { t, own } = { t: words.t, own: words.own.bind(words) };
  const { visit, checklists } = walk;
  const there = checklists.filter(({ body }) => body.mode !== "remote");
  const minutes = there.reduce((sum, { body }) => sum + (body.max_visit_minutes ?? 0), 0);
  const scenarios = checklists.map(({ body }) => [h("h3", {}, own(body.title)), h("p", {}, own(body.scenario))]);
  return {
    body: [
      h("h2", { class: "fc-title", tabindex: "-1" }, own(visit.school.name)),
      h("p", { class: "fc-hint" }, own(visit.school.address), h("br"), words.span(visit.window)),
      h(
        "section",
        { class: "fc-sheet" },
        scenarios,
        visit.scenario && [h("h3", {}, t("For this visit")), h("p", {}, own(visit.scenario))],
        minutes ? h("p", {}, t("Stay no longer than {n} minutes.", { n: words.number(minutes) })) : null,
        minutes ? h("p", {}, t("Starting tells your coordinator that you go in; tap “I am out” when you have left.")) : null,
      ),
      walk.pinAsk(),
      h(
        "section",
        { class: "fc-sheet" },
        h("h3", {}, t("Never")),
        h(
          "ul",
          { class: "fc-rules" },
          rules(words).map((rule) => h("li", {}, rule)),
        ),
        wayOut(words),
      ),
    ],
    foot: [
      walk.standing() === "assigned"
        ? button(t("I have read it. Start"), () => walk.begin(), { class: "fc-main" })
        : button(t("Go on with the visit"), () => walk.show("question"), { class: "fc-main" }),
    ],
  };
}

/** What the coordinator sent back, each with its reason and a way to it. @param {import("./walk.js").Walk} walk */
export function returned(walk) {
  const { words } = walk.session;
  const { t } = words;
  const asked = walk.asked();
  const first =
    asked.find((step) =>
      walk.visit.returned.some((one) => one.checklist === step.digest && one.question === step.question.id),
    ) ?? asked[0];
  return {
    body: [
      h("h2", { class: "fc-title", tabindex: "-1" }, t("Please look at these again")),
      h("p", { class: "fc-hint" }, t("The rest of the visit is fine. Change what is asked for, then send it again.")),
      h(
        "ul",
        { class: "fc-list" },
        walk.visit.returned.map((item) => {
          const step = walk
            .allSteps()
            .find((one) => one.digest === item.checklist && one.question.id === item.question);
          const mended = walk.mended.includes(`${item.checklist}|${item.question}`);
          return h(
            "li",
            {},
            h(
              "button",
              { type: "button", class: "fc-item", disabled: !step, on: { click: () => step && walk.go(step) } },
              h("strong", {}, step ? words.own(step.question.text) : item.question),
              h("span", {}, item.reason),
              mended && h("small", { class: "fc-good" }, t("Changed")),
            ),
          );
        }),
      ),
    ],
    foot: [button(t("To the first"), () => walk.go(first), { class: "fc-main" })],
  };
}
