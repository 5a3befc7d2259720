// @ts-check
/** The photos of a question: take, choose, see how far each got, take back. */
import { hasCamera, picker, shotOf, takePhotos } from "./camera.js";
import { button, fill, h, isFree, releaseImages } from "./dom.js";
import { inPlace } from "./hand.js";
import { isoLocal } from "./ids.js";
import { fromFile } from "./image.js";
import { coverUp } from "./mask.js";
import { wanted } from "./checklist.js";
import { spot } from "./store.js";

/** @typedef {{id: string, state: string, sent: number, size: number, said: string|null, thumb?: string}} Shown */

/** What must never be in a photo, in words. @param {import("./words.js").Words} words @param {string[]} codes */
export function forbidden({ t }, codes) {
  /** @type {Record<string, string>} */
  const known = {
    faces: t("faces"),
    children: t("children"),
    guards: t("guards"),
    turnstiles: t("turnstiles"),
    cameras: t("security cameras"),
    floor_plans: t("floor plans"),
    personal_numbers: t("personal numbers (IIN, phone, card)"),
    signatures: t("signatures"),
    plates: t("number plates"),
    medical: t("medical lists"),
  };
  return codes.map((code) => known[code] ?? code.replaceAll("_", " ")).join(", ");
}

/** How far a photo got, in words. @param {import("./words.js").Words} words @param {Shown} photo */
export function stateOf({ t }, photo) {
  if (photo.state === "uncovered") return t("Look it over");
  if (photo.state === "refused")
    return photo.said ? t("Not accepted: {reason}", { reason: photo.said }) : t("Not accepted");
  if (photo.state === "received" || photo.state === "checked") return t("Received");
  if (photo.sent > 0)
    return t("Sending {percent} %", { percent: Math.min(99, Math.floor((100 * photo.sent) / photo.size)) });
  return t("Saved on the phone");
}

export class PhotoField {
  /**
   * @param {{walk: import("./walk.js").Walk, checklist: string, question: import("./checklist.js").Question, root: HTMLElement}} given
   */
  constructor({ walk, checklist, question, root }) {
    Object.assign(this, { walk, checklist, question, root });
    this.walk = walk;
    this.visit = walk.id;
    this.checklist = checklist;
    this.question = question;
    this.root = root;
    this.turn = 0;
    const { words } = walk.session;
    const { t } = words;
    const need = question.photo;
    this.strip = h("ul", { class: "fc-photos", "aria-label": t("Photos") });
    this.said = h("p", { class: "fc-said", role: "status" });
    this.buttons = h(
      "div",
      { class: "fc-row fc-photo-buttons" },
      hasCamera() && button(t("Take a photo"), () => this.camera(), { class: "fc-choice" }),
      picker(t("Choose photos"), (files) => this.files(files)),
    );
    this.element = h(
      "section",
      { class: "fc-photofield", "aria-label": t("Photos") },
      need && h("p", { class: "fc-hint" }, words.own(need.subject)),
      need?.forbidden.length
        ? h("p", { class: "fc-hint" }, t("Never in the photo: {things}.", { things: forbidden(words, need.forbidden) }))
        : null,
      this.strip,
      this.said,
      this.buttons,
    );
    this.refresh();
  }

  get most() {
    return this.question.photo?.max ?? 10;
  }

  get left() {
    return Math.max(0, this.most - this.walk.photosOf(this.checklist, this.question.id).length);
  }

  async camera() {
    const { t } = this.walk.session.words;
    if (this.left <= 0) return this.full();
    try {
      const fault = await takePhotos(this.root, this.walk.session.words, (shot) => this.keep(shot), this.left, () => this.isFree());
      if (fault) this.walk.trouble(fault);
    } catch {
      this.tell(t("The camera did not open. Choose a photo instead, or allow the camera in the browser's settings."));
    }
    await this.lookOver();
  }

  /** @param {File[]} files */
  async files(files) {
    const { t } = this.walk.session.words;
    this.say(t("Making the photos ready…"));
    let unread = 0;
    const { left } = this;
    for (const file of files.slice(0, left)) {
      try {
        await this.keep(await shotOf(file));
      } catch (fault) {
        if (this.walk.isFull(fault)) return this.walk.trouble(fault);
        unread += 1;
      }
    }
    if (unread) this.tell(t("This phone cannot read {n} of the chosen files as a photo.", { n: unread }));
    else if (files.length > left) this.full();
    else this.say("");
    await this.lookOver();
  }

  /** This question's photos as they stand on the page now, drawn anew perhaps; null where she is at another. @returns {PhotoField | null} */
  get shown() {
    const same = (/** @type {any} */ part) =>
      part instanceof PhotoField && part.visit === this.visit && part.checklist === this.checklist && part.question.id === this.question.id;
    return /** @type {any} */ (this.walk.frame.parts.find(same)) ?? null;
  }

  /** Is she at this question, and at nothing else? */
  isFree() {
    return isFree(this.root) && Boolean(this.shown);
  }

  /** Every photo is looked over before it leaves; one left for later waits here, sealed. @param {boolean} [anywhere] she asked for it where no question is shown */
  async lookOver(anywhere = false) {
    const { walk } = this;
    // One at a time: a second look at a photo would know nothing of the boxes drawn in the first.
    if (walk.looking) return;
    walk.looking = true;
    const seen = new Set();
    const next = () => walk.photosOf(this.checklist, this.question.id).find((one) => one.state === "uncovered" && !seen.has(one.id));
    try {
      for (let photo = next(); photo && (await this.cover(photo, anywhere)); photo = next()) seen.add(photo.id);
    } finally {
      walk.looking = false;
    }
  }

  /** @param {any} photo @param {boolean} anywhere @returns {Promise<boolean>} false when she left it for later, or has gone on */
  async cover({ id, state, sent, said, size, thumb, ...meta }, anywhere) {
    const { store, words } = this.walk.session;
    const kept = await store.photo(id);
    if (!kept) return true;
    if (!(anywhere ? isFree(this.root) : this.isFree())) return false;
    const people = (this.question.photo?.forbidden ?? []).filter((code) => ["faces", "children", "plates"].includes(code));
    const picture = new Blob([kept.bytes], { type: "image/jpeg" });
    const patches = await coverUp(this.root, words, picture, forbidden(words, people));
    if (patches === null) return false;
    try {
      if (patches === "discard") await store.removePhoto(this.visit, id, kept.meta);
      else {
        const small = patches.length ? null : await store.thumb(id);
        const made = small
          ? { ...kept.meta, bytes: kept.bytes, thumb: await small.arrayBuffer() }
          : await fromFile(picture, patches);
        const { bytes, thumb: tiny, ...rest } = made;
        const covered = { boxes: patches.length, confirmed: true };
        await store.confirmPhoto(this.visit, id, { ...meta, ...rest, size: bytes.byteLength, covered }, bytes, tiny);
      }
    } catch (fault) {
      this.walk.trouble(fault);
      return false;
    }
    await this.walk.touched(this.checklist, this.question.id);
    return true;
  }

  full() {
    this.tell(
      this.walk.session.words.tn(
        "No more than {n} photo here. Remove one to add another.",
        "No more than {n} photos here. Remove one to add another.",
        this.most,
      ),
    );
  }

  /** @param {import("./camera.js").Shot} shot */
  async keep({ bytes, thumb, source, ...rest }) {
    const { place, no_place } = this.walk.session.place.best();
    const meta = {
      checklist: this.checklist,
      question: this.question.id,
      size: bytes.byteLength,
      type: "image/jpeg",
      taken_at: isoLocal(new Date()),
      place,
      no_place,
      source,
      ...rest,
    };
    await this.walk.session.store.draftPhoto(this.visit, meta, bytes, thumb);
    await this.walk.touched(this.checklist, this.question.id);
    this.say("");
  }

  /** @param {string} text */
  say(text) {
    (this.shown ?? this).said.textContent = text;
  }

  /** Say what she must know, also where she has gone on. @param {string} text */
  tell(text) {
    if (this.shown) this.say(text);
    else this.walk.frame.alarm(text);
  }

  /** Show what is kept now; small pictures already shown stay. */
  async refresh() {
    const { store, words } = this.walk.session;
    const { t } = words;
    const photos = this.walk.photosOf(this.checklist, this.question.id);
    // A photo beside an answer is asked for by that answer: until it is given there is nothing to photograph.
    const value = this.walk.answers.get(spot(this.checklist, this.question.id))?.value;
    this.element.classList.toggle(
      "fc-hidden",
      !(this.question.type === "photo" || photos.length || wanted(this.question, value)),
    );
    const turn = (this.turn += 1);
    const items = await Promise.all(
      photos.map(async (photo, place) => {
        const found = this.strip.querySelector(`[data-photo="${photo.id}"]`);
        // One that was looked over is another picture: nothing of the uncovered one stays in sight.
        const before = found?.querySelector(".fc-look") && photo.state !== "uncovered" ? null : found;
        const item = before ?? h("li", { "data-photo": photo.id });
        const state = stateOf(words, photo);
        if (before) {
          const label = /** @type {Element} */ (before.querySelector(".fc-photo-state"));
          if (label.textContent !== state) label.textContent = state;
          before.classList.toggle("fc-bad", photo.state === "refused");
          return before;
        }
        const blob = await store.thumb(photo.id);
        const source = blob ? URL.createObjectURL(blob) : photo.thumb;
        fill(
          item,
          source
            ? h("img", { src: source, alt: t("Photo {n}", { n: place + 1 }) })
            : h("span", { class: "fc-nopicture" }),
          photo.state === "uncovered"
            ? button(state, () => this.lookOver(), { class: "fc-photo-state fc-look" })
            : h("span", { class: "fc-photo-state" }, state),
          button("×", () => this.remove(photo), {
            class: "fc-remove",
            "aria-label": t("Remove photo {n}", { n: place + 1 }),
          }),
        );
        item.classList.toggle("fc-bad", photo.state === "refused");
        return item;
      }),
    );
    const shown = [...this.strip.children];
    // A later look at the store is already on its way, or done: what this one found is old.
    if (turn !== this.turn) return items.forEach((one) => shown.includes(one) || releaseImages(one));
    for (const gone of shown) if (!items.includes(gone)) releaseImages(gone);
    // What is only put back where it stood would lose the focus.
    if (shown.length !== items.length || items.some((one, place) => one !== shown[place])) inPlace(this.root, () => fill(this.strip, ...items));
    this.strip.classList.toggle("fc-hidden", items.length === 0);
  }

  /** @param {any} photo */
  async remove(photo) {
    const { t } = this.walk.session.words;
    if (!(await this.walk.confirm(t("Remove this photo?"), t("Remove"), t("Keep it")))) return;
    const { id, state, sent, said, thumb, ...meta } = photo;
    try {
      await this.walk.session.store.removePhoto(this.visit, id, meta);
    } catch (fault) {
      return this.walk.trouble(fault);
    }
    await this.walk.touched(this.checklist, this.question.id);
  }

  flush() {
    releaseImages(this.element);
  }
}
