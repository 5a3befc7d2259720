// @ts-check
/**
 * The walk through one visit: what is known of it, what is asked next, and keeping what she says. How it looks is `frame.js`.
 * Two hosts mount it: the /pocket page and a component inside Streamlit. Both read and write the same store.
 */
import { questionsOf } from "./checklist.js";
import { stayAwake } from "./comfort.js";
import { guard } from "./guard.js";
import { isoLocal } from "./ids.js";
import { Frame } from "./frame.js";
import { whenHere } from "./later.js";
import { OPEN } from "./library.js";
import { Progress } from "./progress.js";
import { pinInBriefing } from "./pin_ask.js";
import { onSite, tell } from "./safety.js";
import { changeLanguage, enter, pageLanguage, SignedOut } from "./session.js";
import { spot } from "./store.js";
import { holdVersion } from "./version.js";
import { isBlank } from "./wipe.js";
import { loadWords } from "./words.js";

/** @typedef {import("./progress.js").Step} Step */
/** @typedef {"briefing" | "returned" | "question" | "finish" | "stop" | "recognised"} Screen */
/** @typedef {{visit: string, language?: string, kind?: "pocket" | "desk", onClose?: () => void, onPin?: () => void, onSynced?: (state: string) => void}} Options */

/**
 * Show the walk of a visit in `host`. @param {HTMLElement} host @param {Options} options
 * @returns {Promise<{update(options: Options): Promise<void>, destroy(): void}>}
 */
export async function mount(host, options) {
  const frame = new Frame(host, options.kind ?? "desk");
  await frame.styled;
  /** @type {Walk | null} */
  let walk = null;
  let gone = false;
  const release = holdVersion();
  try {
    const ready = guard.begin(options.language);
    await guard.cleared;
    // Everything was thrown away here: only a link begins anew.
    if (isBlank()) throw new SignedOut();
    const session = await enter({ language: options.language });
    await ready;
    if (!guard.session) guard.met(session);
    walk = await new Walk(session, frame, options).open();
    if (gone) walk.close();
    whenHere();
  } catch (fault) {
    const { t } = await loadWords(options.language ?? pageLanguage());
    frame.apology(
      fault instanceof SignedOut
        ? t("You are signed out. Open a new link from your coordinator; nothing on this phone is lost.")
        : t("This visit cannot be shown: it is not on this phone yet and there is no network."),
    );
    if (!(fault instanceof SignedOut)) console.error(fault);
  }
  return {
    async update(wanted) {
      if (walk) await walk.change(wanted);
    },
    destroy() {
      gone = true;
      release();
      walk?.close();
      frame.remove();
    },
  };
}

export class Walk extends Progress {
  /** @param {import("./session.js").Session} session @param {Frame} frame @param {Options} options */
  constructor(session, frame, options) {
    super(session, options.visit);
    this.frame = frame;
    this.options = options;
    /** @type {Screen} */
    this.screen = "question";
    /** @type {string} */
    this.reason = "other";
    /** What she is writing about a visit that she stopped; it outlives the page being drawn anew. */
    this.note = "";
    /** @type {Map<string, {value: any, state: string, kept?: Promise<boolean>}>} what she said last of a question, while it is being kept */
    this.going = new Map();
    /** How the visit stood when it was drawn last. */
    this.drawn = "";
    this.spoken = "";
    /** @type {string | undefined} the language that the host asked for last */
    this.heard = undefined;
    /** @type {(() => void) | undefined} */
    this.off = undefined;
    this.timer = 0;
    this.again = () => this.hear({ kind: "waited" });
    /** Something came while her hand was on the page (another's answer, the part for photos): it is shown once that is off. */
    this.late = false;
    this.minute = 0;
    /** Does she look a photo over? */
    this.looking = false;
    /** @type {(() => void) | undefined} */
    this.sleep = undefined;
  }

  async open() {
    const { store, place } = this.session;
    await this.load();
    this.sleep = stayAwake();
    this.minute = Number(setInterval(() => this.frame.warn(this), 30_000));
    const kept = await store.get(`at:${this.id}`);
    this.note = (await store.get(`note:${this.id}`)) ?? "";
    this.at = kept;
    this.screen =
      this.standing() === "assigned"
        ? "briefing"
        : (kept?.screen ?? (this.standing() === "returned" ? "returned" : "question"));
    if (this.standing() === "returned" && kept?.round !== this.visit.updated_at) this.screen = "returned";
    place.start();
    this.off = store.on((what) => this.hear(what));
    this.draw();
    return this;
  }

  /** @param {{kind: string, visit?: string}} what */
  hear(what) {
    if (what.visit && what.visit !== this.id) return;
    clearTimeout(this.timer);
    this.timer = Number(setTimeout(() => this.reload().catch(() => {}), 80));
  }

  /** The question is to be drawn anew, as soon as her hand is off. */
  redraw() {
    this.late = true;
    this.again();
  }

  /** Something changed in the store, here or in another tab: show it without disturbing a hand that types or taps. */
  async reload() {
    const shown = this.current() && this.answer(/** @type {Step} */ (this.current()));
    await this.load();
    const now = this.standing();
    const step = this.current();
    const answer = step && this.answer(step);
    const other = this.screen === "question" && answer && shown?.id !== answer.id && shown?.value !== answer.value;
    this.late ||= Boolean(other);
    if (now === this.drawn && !this.late && this.screen !== "finish" && this.spoken === this.session.words.language)
      return this.frame.refresh(this);
    if (this.frame.isHeld()) {
      this.frame.refresh(this);
      // It is shown when her hand is off; what she has typed by then decides over another's answer.
      if (this.frame.isTyping()) this.frame.root.addEventListener("focusout", this.again, { once: true });
      else this.again();
      return;
    }
    this.late = false;
    if (now === this.drawn) return this.draw();
    this.options.onSynced?.(now);
    if (now === "returned") this.screen = "returned";
    this.draw();
  }

  /** Keep an answer. @param {Step} step @param {any} value @param {{hold?: number}} [options] @returns {Promise<boolean>} */
  async save(step, value, options) {
    const { store, place } = this.session;
    const where = spot(step.digest, step.question.id);
    const before = this.going.get(where) ?? this.answers.get(where);
    if (before ? before.state !== "refused" && JSON.stringify(before.value) === JSON.stringify(value) : value === null)
      return before?.kept ?? true;
    const given = {
      checklist: step.digest,
      question: step.question.id,
      value,
      given_at: isoLocal(new Date()),
      seen_at: this.seen[where] ?? null,
      ...place.best(),
    };
    const keep = async () => {
      try {
        await this.keeping(async () => {
          const answer = await store.saveAnswer(this.id, given, options);
          this.answers.set(where, { ...answer, state: "waiting", said: null });
        }).finally(() => this.going.get(where) === going && this.going.delete(where));
        await this.touched(step.digest, step.question.id);
        return true;
      } catch (fault) {
        this.trouble(fault);
        return false;
      }
    };
    const going = { value, state: "going", kept: /** @type {Promise<boolean> | undefined} */ (undefined) };
    this.going.set(where, going);
    return (going.kept = keep());
  }

  /** @param {Step} step @param {string | null} typed */
  async setDraft(step, typed) {
    const where = spot(step.digest, step.question.id);
    if ((this.drafts[where] ?? null) === typed) return;
    const change = (/** @type {Record<string, string> | null} */ before) => {
      const { [where]: _, ...others } = before ?? {};
      return typed === null ? others : { ...others, [where]: typed };
    };
    this.drafts = change(this.drafts);
    await this.keepNotes("drafts", change).catch((fault) => this.trouble(fault));
  }

  /** Note something of this visit beside what is noted already, here or in another tab. @param {"drafts" | "mended" | "seen"} name @param {(before: any) => any} change */
  keepNotes(name, change) {
    const { store } = this.session;
    return this.keeping(() => store.inLine(() => store.revise(`${name}:${this.id}`, change)));
  }

  /** A question changed: remember that a returned one was mended, and show what follows. @param {string} digest @param {string} question */
  async touched(digest, question) {
    const where = spot(digest, question);
    if (this.visit.state === "returned" && !this.mended.includes(where)) {
      this.mended = [...this.mended, where];
      await this.keepNotes("mended", (before) => [...new Set([...(before ?? []), where])]);
    }
    await this.keeping(async () => {
      [this.photos, this.entries] = await Promise.all([
        this.session.store.photos(this.id),
        this.session.store.outbox.every().then((all) => all.filter((entry) => entry.visit === this.id)),
      ]);
    });
    this.frame.refresh(this);
  }

  /** @param {unknown} fault */
  isFull(fault) {
    return fault instanceof DOMException && fault.name === "QuotaExceededError";
  }

  /** @param {unknown} fault */
  trouble(fault) {
    const { t } = this.session.words;
    this.frame.alarm(
      this.isFull(fault)
        ? t("The phone's storage is full: this is NOT saved. Free some space, then answer again.")
        : t(
            "This could NOT be saved on the phone. Answer again; if it repeats, write it down and tell your coordinator.",
          ),
    );
    console.error(fault);
  }

  async begin() {
    const first = this.standing() === "assigned";
    try {
      await this.session.store.queue("briefing", this.id, { at: isoLocal(new Date()) });
      if (first && onSite(this)) await tell(this, "check_in");
      await this.load();
    } catch (fault) {
      return this.trouble(fault);
    }
    this.show("question");
  }

  /** She saw it and goes on; the answer is written later, outside. @param {Step} step */
  async markSeen(step) {
    const now = { [spot(step.digest, step.question.id)]: isoLocal(new Date()) };
    this.seen = { ...this.seen, ...now };
    await this.keepNotes("seen", (before) => ({ ...before, ...now })).catch((fault) => this.trouble(fault));
    this.frame.goFrom(this, step, 1);
  }

  /** The word about a PIN, in the briefing. */
  pinAsk() {
    return pinInBriefing(this);
  }

  /** @param {Step} step */
  seenAt(step) {
    return this.seen[spot(step.digest, step.question.id)];
  }

  /** @param {"check_in" | "check_out" | "recognised"} kind @returns {Promise<boolean>} whether it is kept, to be sent */
  async tell(kind) {
    const kept = await tell(this, kind).then(() => true, (fault) => this.trouble(fault));
    this.frame.refresh(this);
    return kept ?? false;
  }

  /** @param {Step} step */
  go(step) {
    this.at = { digest: step.digest, question: step.question.id };
    this.show("question");
  }

  /** @param {Screen} screen */
  show(screen) {
    this.screen = screen;
    if (screen !== "stop" && screen !== "recognised")
      this.session.store
        .put(`at:${this.id}`, { ...(this.at ?? {}), screen, round: this.visit.updated_at })
        .catch((fault) => this.trouble(fault));
    this.draw(true);
  }

  /** One question on, or back. @param {1 | -1} way */
  move(way) {
    const step = this.current();
    const steps = this.steps();
    const place = steps.findIndex((one) => step && one.digest === step.digest && one.question.id === step.question.id);
    const to = steps[place + way];
    if (to) this.go(to);
    else if (way > 0) this.show("finish");
    else this.show(this.visit.state === "returned" ? "returned" : "briefing");
  }

  backFromFinish() {
    this.show("question");
  }

  async submit() {
    // What she said last may still be on its way to the phone: it goes before, or nothing goes.
    const said = await Promise.all([...this.going.values()].map(({ kept }) => kept));
    if (said.includes(false)) return;
    await this.kept;
    try {
      await this.session.store.queue("submission", this.id, { at: isoLocal(new Date()) });
      if (this.inside && !this.inside.out) await tell(this, "check_out");
      await this.load();
      this.draw(true);
    } catch (fault) {
      this.trouble(fault);
    }
  }

  /** End the visit, at once. @param {string} reason */
  async stop(reason) {
    this.reason = reason;
    try {
      await this.session.store.queue("stop", this.id, { at: isoLocal(new Date()), reason, note: "" });
      if (this.inside && !this.inside.out) await tell(this, "check_out");
      await this.load();
      this.draw(true);
    } catch (fault) {
      this.trouble(fault);
    }
  }

  /** A word about a visit that was stopped, after it. @param {string} note @returns {Promise<boolean>} whether it is kept, to be sent */
  async addWord(note) {
    try {
      await this.session.store.signal(this.id, { at: isoLocal(new Date()), reason: this.reason, note }, "stop");
    } catch (fault) {
      this.trouble(fault);
      return false;
    }
    // What she wrote on meanwhile is another word.
    if (this.note.trim() === note) await this.keepNote("");
    return true;
  }

  /** What she writes about it is on the phone while she writes. @param {string} note */
  keepNote(note) {
    const { store } = this.session;
    this.note = note;
    return store.inLine(() => store.put(`note:${this.id}`, note)).catch((fault) => this.trouble(fault));
  }

  /** What she had no time to look over before the visit ended may still leave. */
  async lookOver() {
    const { id } = this;
    const { PhotoField } = await whenHere();
    for (const { digest, body } of this.checklists)
      for (const question of questionsOf(body))
        if (this.id === id) await new PhotoField({ walk: this, checklist: digest, question, root: this.frame.root }).lookOver(true);
    this.draw();
  }

  /** @param {string} question @param {string} yes @param {string} no */
  confirm(question, yes, no) {
    return this.frame.confirm(question, yes, no);
  }

  /** @param {boolean} [moved] whether the reader was taken somewhere else */
  draw(moved = false) {
    this.drawn = this.standing();
    this.spoken = this.session.words.language;
    this.frame.draw(this, OPEN.includes(this.standing()), moved);
  }

  /** @param {Options} wanted */
  async change(wanted) {
    this.options = { ...this.options, ...wanted };
    if (wanted.language && wanted.language !== this.session.words.language && wanted.language !== this.heard)
      await changeLanguage(this.session, wanted.language);
    this.heard = wanted.language;
    if (wanted.visit !== this.id) {
      this.close();
      this.id = wanted.visit;
      await this.open();
    }
  }

  close() {
    clearTimeout(this.timer);
    clearInterval(this.minute);
    this.off?.();
    this.sleep?.();
    this.session.place.stop();
    this.frame.clear();
  }
}
