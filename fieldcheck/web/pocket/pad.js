// @ts-check
/** A small, real list of notes, kept on this phone and nowhere else. It is what anybody sees who looks; it knows of nothing else. */
import { button, fill, h } from "./dom.js";

const KEPT = "notes.list";

/** @typedef {{id: number, text: string, at: number}} Note */

/** @returns {Note[] | null} */
function kept() {
  try {
    const list = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

/** Throw the list away. */
export const tearOff = () => localStorage.setItem(KEPT, "[]");

export class Pad {
  /** @param {import("./words.js").Words} words @param {{search(text: string): Promise<string>, corner: HTMLElement}} given search gives what to say of it, or nothing */
  constructor(words, { search, corner }) {
    this.words = words;
    this.search = search;
    this.corner = corner;
    this.sought = "";
    /** @type {Note | null} */
    this.open = null;
    this.element = h("div", { class: "np" });
    this.list();
  }

  /** @returns {Note[]} */
  get notes() {
    const { t } = this.words;
    const day = 86_400_000;
    const first = [t("Milk, bread, eggs, apples"), t("Call the dentist, Thursday after lunch"), t("Book for Aigerim")];
    // Written on other days, each at a minute of its own, and at the same one whenever somebody looks.
    const today = Math.floor(Date.now() / day);
    return kept() ?? first.map((text, place) => ({ id: place + 1, text, at: (today - 0.31 - place * 2.13) * day }));
  }

  /** @param {Note[]} notes */
  keep(notes) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(notes));
    } catch {
      // A full phone keeps no new shopping list; nothing else depends on it.
    }
  }

  list() {
    const { t } = this.words;
    const said = h("p", { class: "np-said", role: "status" });
    const field = /** @type {HTMLInputElement} */ (
      h("input", {
        type: "search",
        class: "np-search",
        placeholder: t("Search notes"),
        "aria-label": t("Search notes"),
        autocomplete: "off",
        enterkeyhint: "search",
        value: this.sought,
      })
    );
    const rows = h("ul", { class: "np-list" });
    const draw = () => {
      const wanted = this.notes.filter((note) => note.text.toLowerCase().includes(this.sought.toLowerCase()));
      const line = (/** @type {Note} */ note) => {
        const [title, ...rest] = note.text.split("\n");
        const open = { type: "button", class: "np-note", on: { click: () => this.write(note) } };
        const when = h("small", {}, this.words.moment(new Date(note.at)));
        return h("li", {}, h("button", open, h("strong", {}, title || "…"), h("span", {}, rest.join(" ")), when));
      };
      fill(rows, wanted.map(line));
      said.textContent = wanted.length ? "" : t("Nothing found");
    };
    field.addEventListener("input", () => {
      this.sought = field.value;
      draw();
    });
    const form = h("form", { class: "np-row", role: "search" }, field);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const asked = field.value.trim();
      const answer = await this.search(asked);
      if (answer) said.textContent = answer;
    });
    draw();
    const add = () => this.write({ id: Date.now(), text: "", at: Date.now() });
    fill(
      this.element,
      h("header", { class: "np-head" }, h("h1", {}, t("My notes")), this.corner),
      h("main", { class: "np-main" }, form, said, rows, button("+", add, { class: "np-add", "aria-label": t("New note") })),
    );
  }

  /** @param {Note} note */
  write(note) {
    const { t } = this.words;
    const text = /** @type {HTMLTextAreaElement} */ (
      h("textarea", { class: "np-text", "aria-label": t("A note"), value: note.text, placeholder: t("Write here") })
    );
    const others = () => this.notes.filter((one) => one.id !== note.id);
    text.addEventListener("input", () => this.keep([{ ...note, text: text.value, at: Date.now() }, ...others()]));
    const back = () => {
      if (!text.value.trim()) this.keep(others());
      this.list();
    };
    const drop = () => {
      this.keep(others());
      this.list();
    };
    fill(
      this.element,
      h(
        "header",
        { class: "np-head" },
        button("‹", back, { class: "np-plain", "aria-label": t("Back") }),
        h("h1", {}, t("A note")),
        button(t("Delete"), drop, { class: "np-plain" }),
      ),
      h("main", { class: "np-main" }, text),
    );
    text.focus();
  }
}
