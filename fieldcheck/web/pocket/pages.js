// @ts-check
/** The two small pages beside the visits: what waits to be sent and why, and settings. */
import { APP } from "./api.js";
import { button, fill, h, steady } from "./dom.js";
import { page } from "./leaf.js";
import { guardSettings } from "./pin_page.js";
import { readyAgain } from "./ready_pages.js";
import { changeLanguage, leave } from "./session.js";
import { handOver, rescueFile } from "./rescue.js";
import { LANGUAGES } from "./words.js";

/** @typedef {import("./app.js").Pocket} Pocket */

/** Everything that has not been acknowledged, each with the reason. @param {Pocket} pocket */
export async function waitingList(pocket) {
  const { store, words, sync } = pocket.session;
  const { t } = words;
  const entries = (await store.outbox.read()).filter((entry) => entry.kind !== "alarm");
  const kinds = {
    alarm: "",
    answer: t("Answer"),
    photo: t("Photo"),
    unphoto: t("Photo to be removed"),
    briefing: t("Briefing read"),
    submission: t("Visit to be sent"),
    stop: t("Visit stopped"),
  };
  const rows = await Promise.all(
    entries.map(async (entry) => {
      const visit = await store.get(`visit:${entry.visit}`);
      const list = entry.body.checklist ? await store.get(`checklist:${entry.body.checklist}`) : null;
      const question = list?.sections
        .flatMap((/** @type {any} */ section) => section.questions)
        .find((/** @type {any} */ one) => one.id === entry.body.question);
      return h(
        "li",
        { class: "fc-item", "data-kind": entry.kind },
        h("strong", {}, kinds[entry.kind], question ? `: ${words.own(question.text)}` : ""),
        h("span", {}, visit ? words.own(visit.school.name) : ""),
        h("small", { class: entry.state === "refused" ? "fc-bad" : "" }, why(words, entry, sync.mood)),
        entry.state === "refused" ? discard(pocket, entry) : null,
      );
    }),
  );
  const refused = entries.some((entry) => entry.state === "refused");
  return page(
    pocket,
    t("Waiting to be sent"),
    rows.length
      ? [h("ul", { class: "fc-list" }, rows), toFile(pocket, await store.loose())]
      : [h("p", { class: "fc-apology" }, t("Everything is sent"))],
    [
      rows.length
        ? button(refused ? t("Try all again") : t("Send now"), () => sync.kick({ hurry: true, refused: true }), {
            class: "fc-main",
          })
        : null,
    ],
  );
}

/** A way out for what will not send; nobody's picture leaves in it before she has looked. @param {Pocket} pocket @param {number} loose photos nobody has looked over */
function toFile(pocket, loose) {
  const { t, tn } = pocket.session.words;
  const said = h("p", { class: "fc-hint", role: "status" });
  const save = async () => {
    const file = await rescueFile(pocket.session);
    if (file) handOver(file);
    fill(
      said,
      file
        ? t("Give the file to your coordinator. Only your programme can open it; nothing here is deleted.")
        : t("Open the page once with a network first."),
    );
  };
  return [
    button(t("Save everything to a file"), save, { class: "fc-plain fc-wide" }),
    loose > 0 && h("p", { class: "fc-hint" }, tn("{n} photo waits to be looked over", "{n} photos wait to be looked over", loose), ". ", t("It goes into the file once you have looked it over.")),
    said,
  ];
}

/** Two taps, so that nothing goes by accident. @param {Pocket} pocket @param {import("./outbox.js").Entry} entry */
function discard(pocket, entry) {
  const { t } = pocket.session.words;
  const tap = button(
    t("Discard"),
    () => {
      fill(tap, t("Discard for good?"));
      steady();
      tap.addEventListener("click", () => pocket.session.store.discard(entry));
    },
    { class: "fc-small fc-leave" },
  );
  return tap;
}

/** @param {import("./words.js").Words} words @param {import("./outbox.js").Entry} entry @param {string} mood */
function why({ t }, entry, mood) {
  if (entry.state === "refused") return t("Not accepted: {reason}", { reason: entry.said ?? entry.why });
  if (mood === "signed_out") return t("Waits for you to sign in again");
  if (entry.why === "network" || mood === "offline") return t("Waits for the network");
  if (entry.why) return t("The server could not take it yet: {reason}", { reason: entry.said ?? entry.why });
  if (entry.kind === "submission") return t("Goes when everything else of the visit has gone");
  return t("Is about to go");
}

/** Language, storage, version, sign out. @param {Pocket} pocket */
export async function settings(pocket) {
  const { session } = pocket;
  const { words, store } = session;
  const { t } = words;
  const estimate = await navigator.storage?.estimate?.();
  const free = estimate?.quota ? Math.round((estimate.quota - (estimate.usage ?? 0)) / 1e6) : null;
  const body = h(
    "div",
    { class: "fc-settings" },
    h("h2", {}, t("Language")),
    h(
      "fieldset",
      { class: "fc-choices", "aria-label": t("Language") },
      Object.entries(LANGUAGES).map(([code, name]) =>
        button(name, () => changeLanguage(session, code), {
          class: "fc-choice",
          lang: code,
          "aria-pressed": String(code === words.language),
        }),
      ),
    ),
    await guardSettings(pocket),
    readyAgain(pocket),
    h("h2", {}, t("This phone")),
    free !== null ? h("p", {}, t("Room for notes: {n} MB", { n: words.number(free) })) : null,
    free !== null && free < 200
      ? h("p", { class: "fc-bad" }, t("That is little. Free some space before a visit."))
      : null,
    h("p", { class: "fc-hint" }, t("Version {version}", { version: APP })),
    store.decoy ? null : button(t("My phones"), () => pocket.open({ page: "phones" }), { class: "fc-choice" }),
    h("h2", {}, t("Sign out")),
    h("p", { class: "fc-hint" }, t("Everything of yours is deleted from this phone.")),
    button(t("Sign out"), () => signOut(pocket, body), { class: "fc-plain fc-wide" }),
  );
  return page(pocket, t("Settings"), [body], []);
}

/** Her word under duress goes before all is deleted. While it still may, there is no network, as far as anybody sees. @param {import("./session.js").Session} session */
async function told({ store, sync }) {
  const waits = async () => store.decoy && (await store.outbox.all()).some((entry) => entry.state === "waiting");
  if (await waits()) await Promise.race([sync.kick({ hurry: true }), new Promise((resolve) => setTimeout(resolve, 8000))]);
  return sync.mood === "signed_out" || !(await waits());
}

/** @param {Pocket} pocket @param {HTMLElement} body */
async function signOut(pocket, body) {
  const { session } = pocket;
  const { store } = session;
  const { t, tn } = session.words;
  // Settings are drawn anew by themselves; what is said here stays.
  pocket.here = { page: "leave" };
  const unsent = (await store.outbox.all()).filter((entry) => !(store.decoy && entry.kind === "alarm"));
  const waiting = unsent.length + (await store.loose());
  const go = async () => {
    // Only the server can take the cookies back that a shared phone must not keep.
    if ((await told(session)) && (await leave(session))) location.replace("/pocket");
    else fill(body, h("p", { class: "fc-reason", role: "alert" }, t("This needs a network. Try again when there is one.")));
  };
  if (!waiting) return go();
  fill(
    body,
    h(
      "p",
      { class: "fc-reason", role: "alert" },
      tn(
        "{n} thing is not sent yet. Signing out deletes it for good.",
        "{n} things are not sent yet. Signing out deletes them for good.",
        waiting,
      ),
    ),
    button(t("Send now"), () => pocket.open({ page: "waiting" }), { class: "fc-choice" }),
    button(t("Delete them and sign out"), go, { class: "fc-plain fc-wide" }),
  );
}
