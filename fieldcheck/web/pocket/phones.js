// @ts-check
/** Her phones: which the server knows, since when, the day each was heard of last, and ending one. Signing out is ending this one. */
import { call, Refused, Unreachable } from "./api.js";
import { button, fill, h, steady } from "./dom.js";
import { page } from "./leaf.js";

/** @typedef {import("./app.js").Pocket} Pocket */

/** @param {Pocket} pocket */
export async function phonesPage(pocket) {
  const { words } = pocket.session;
  const { t } = words;
  const list = h("ul", { class: "fc-list" });
  const said = h("p", { class: "fc-said", role: "status" });
  const sorry = (/** @type {unknown} */ fault) => {
    if (!(fault instanceof Unreachable || fault instanceof Refused)) throw fault;
    fill(said, fault instanceof Refused && fault.said ? fault.said : t("This needs a network. Try again when there is one."));
  };
  const end = (/** @type {string} */ id) => {
    const tap = button(
      t("Take it off"),
      () => {
        if (!tap.dataset.sure) {
          tap.dataset.sure = "1";
          steady();
          return fill(tap, t("Take it off for good?"));
        }
        call("DELETE", `/api/me/devices/${id}`).then(show).catch(sorry);
      },
      { class: "fc-small fc-leave" },
    );
    return tap;
  };
  const row = (/** @type {any} */ one) =>
    h(
      "li",
      { class: "fc-item", "data-phone": one.this ? "this" : "other" },
      h("strong", {}, one.this ? t("This phone") : t("Another phone")),
      h("span", {}, t("Since {day}", { day: words.day(one.since) })),
      h("small", {}, t("Last heard of on {day}", { day: words.day(one.seen) })),
      one.locked ? h("small", { class: "fc-bad" }, t("Locked after wrong PINs")) : null,
      one.this ? null : end(one.id),
    );
  const show = async () => fill(list, (await call("GET", "/api/me/devices", { seconds: 15 })).devices.map(row));
  show().catch(sorry);
  const hint = t("A phone that you lost or gave away: take it off. It shows nothing any more and keeps only what was not sent, sealed.");
  return page(pocket, t("My phones"), [h("p", { class: "fc-hint" }, hint), list, said], []);
}
