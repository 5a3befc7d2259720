// @ts-check
/**
 * The walk through one visit: what is known of it, what is asked next, and keeping what she says. How it looks is `frame.js`.
 * Two hosts mount it: the /pocket page and a component inside Streamlit. Both read and write the same store.
 */
import { isRequired, missing, questionsOf, visible } from "./checklist.js";
import { isoLocal } from "./ids.js";
import { Frame } from "./frame.js";
import { loadVisit, OPEN, standing } from "./library.js";
import { changeLanguage, enter, SignedOut } from "./session.js";
import { spot } from "./store.js";
import { loadWords } from "./words.js";
import { pageLanguage } from "./session.js";

/** @typedef {{digest: string, body: any, question: import("./checklist.js").Question, required: boolean}} Step */
/** @typedef {"briefing" | "returned" | "question" | "finish" | "stop"} Screen */
/** @typedef {{visit: string, language?: string, kind?: "pocket" | "desk", onClose?: () => void, onSynced?: (state: string) => void}} Options */

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
  try {
    const session = await enter({ language: options.language });
    walk = await new Walk(session, frame, options).open();
    if (gone) walk.close();
  } catch (fault) {
    const { t } = await loadWords(options.language ?? pageLanguage());
    frame.apology(fault instanceof SignedOut ? t("You are signed out. Open a new link from your coordinator; nothing on this phone is lost.") : t("This visit cannot be shown: it is not on this phone yet and there is no network."));
    if (!(fault instanceof SignedOut)) console.error(fault);
  }
  return {
    async update(wanted) {
      if (walk) await walk.change(wanted);
    },
    destroy() {
      gone = true;
      walk?.close();
      frame.remove();
    },
  };
}

export class Walk {
  /** @param {import("./session.js").Session} session @param {Frame} frame @param {Options} options */
  constructor(session, frame, options) {
    this.session = session;
    this.frame = frame;
    this.options = options;
    this.id = options.visit;
    /** @type {Screen} */
    this.screen = "question";
    /** @type {{digest: string, question: string} | null} */
    this.at = null;
    /** @type {string | null} */
    this.stopReason = null;
    /** @type {Map<string, any>} */
    this.answers = new Map();
    /** @type {any[]} */
    this.photos = [];
    /** @type {string[]} */
    this.mended = [];
    /** @type {Record<string, string>} */
    this.drafts = {};
    /** @type {any[]} */
    this.incomplete = [];
    this.timer = 0;
  }

  async open() {
    const { store, place } = this.session;
    await this.load();
    const kept = await store.get(`at:${this.id}`);
    this.at = kept;
    this.screen = this.standing() === "assigned" ? "briefing" : kept?.screen ?? (this.standing() === "returned" ? "returned" : "question");
    if (this.standing() === "returned" && kept?.round !== this.visit.updated_at) this.screen = "returned";
    place.start();
    this.off = store.on((what) => this.hear(what));
    this.draw();
    return this;
  }

  /** Read everything this visit has on the phone. */
  async load() {
    const { store } = this.session;
    const [{ visit, checklists }, answers, photos, entries, mended, drafts, incomplete] = await Promise.all([
      loadVisit(this.session, this.id), store.answers(this.id), store.photos(this.id), store.outbox.all(), store.get(`mended:${this.id}`), store.get(`drafts:${this.id}`), store.get(`incomplete:${this.id}`),
    ]);
    this.answers = answers;
    this.mended = mended ?? [];
    this.drafts = drafts ?? {};
    this.incomplete = incomplete ?? [];
    this.visit = visit;
    this.checklists = checklists;
    this.photos = photos;
    this.entries = entries.filter((entry) => entry.visit === this.id);
  }

  /** @param {{kind: string, visit?: string}} what */
  hear(what) {
    if (what.kind === "language") return this.draw();
    if (what.visit && what.visit !== this.id) return;
    clearTimeout(this.timer);
    this.timer = Number(setTimeout(() => this.reload().catch(() => {}), 80));
  }

  /** Something changed in the store, here or in another tab: show it without disturbing a hand that is typing. */
  async reload() {
    const before = this.standing();
    const shown = this.current() && this.answer(/** @type {Step} */ (this.current()));
    await this.load();
    const now = this.standing();
    if (now !== before) {
      this.options.onSynced?.(now);
      if (now === "returned") this.screen = "returned";
      return this.draw();
    }
    const step = this.current();
    const answer = step && this.answer(step);
    if (this.screen === "question" && answer && shown?.id !== answer.id && shown?.value !== answer.value && !this.frame.typing()) return this.draw();
    if (this.screen === "finish") return this.draw();
    this.frame.refresh(this);
  }

  standing() {
    return standing(this.visit, this.entries);
  }

  /** @returns {Record<string, any>} */
  values(/** @type {string} */ digest) {
    return Object.fromEntries([...this.answers.values()].filter((answer) => answer.checklist === digest).map((answer) => [answer.question, answer.value]));
  }

  /** Every question that is asked now. @returns {Step[]} */
  allSteps() {
    return this.checklists.flatMap(({ digest, body }) => {
      const { questions, facts } = visible(body, this.values(digest), this.visit.school);
      return questions.map((question) => ({ digest, body, question, required: isRequired(question, facts) }));
    });
  }

  /** What there is to do: everything, or what was sent back and what is missing since. @returns {Step[]} */
  asked() {
    const all = this.allSteps();
    if (this.visit.state !== "returned") return all;
    const lacks = this.missing().map(({ step }) => step);
    const back = (/** @type {Step} */ step) => this.visit.returned.some((one) => one.checklist === step.digest && one.question === step.question.id);
    const some = all.filter((step) => back(step) || lacks.some((one) => one.digest === step.digest && one.question.id === step.question.id));
    return some.length ? some : all;
  }

  /** The questions that Next leads through; from one that nobody asked about it leads through all. @returns {Step[]} */
  steps() {
    const asked = this.asked();
    return !this.at || asked.some((step) => step.digest === this.at?.digest && step.question.id === this.at?.question) ? asked : this.allSteps();
  }

  /** @returns {Step | undefined} */
  current() {
    const all = this.allSteps();
    if (!this.at?.question) {
      // Somebody who was never here begins at the first open question, and stays on it once it is answered.
      const asked = this.asked();
      const first = asked.find((step) => !this.answer(step)) ?? asked[0];
      if (first) this.at = { digest: first.digest, question: first.question.id };
      return first;
    }
    const here = all.findIndex((step) => step.digest === this.at?.digest && step.question.id === this.at.question);
    if (here >= 0) return all[here];
    // Her question is not asked any more: the one before it is nearest.
    const order = this.checklists.flatMap(({ digest, body }) => questionsOf(body).map((question) => spot(digest, question.id)));
    const gone = order.indexOf(spot(this.at.digest, this.at.question));
    return all.filter((step) => order.indexOf(spot(step.digest, step.question.id)) < gone).pop() ?? all[0];
  }

  /** @param {Step} step */
  answer(step) {
    const found = this.answers.get(spot(step.digest, step.question.id));
    return found && found.value !== null ? found : undefined;
  }

  /** The photos of a question, those only the server has too. @param {string} digest @param {string} question */
  photosOf(digest, question) {
    const own = this.photos;
    const mine = (/** @type {any} */ one) => one.checklist === digest && one.question === question;
    const theirs = (this.visit.photos ?? []).filter((photo) => mine(photo) && !own.some((one) => one.id === photo.id)).map((photo) => ({ sent: 0, size: 1, said: null, ...photo }));
    return [...theirs, ...own.filter((photo) => mine(photo) && photo.state !== "removed")];
  }

  /** @returns {{step: Step, what: string}[]} */
  missing() {
    const all = this.allSteps();
    return this.checklists.flatMap(({ digest, body }) => {
      const steps = all.filter((step) => step.digest === digest);
      const counts = Object.fromEntries(steps.map(({ question }) => [question.id, this.photosOf(digest, question.id).filter((photo) => photo.state !== "refused").length]));
      return missing(body, this.values(digest), counts, this.visit.school).map(({ question_id, what }) => ({ step: /** @type {Step} */ (steps.find((step) => step.question.id === question_id)), what }));
    });
  }

  /** What the server did not take, in its words. @returns {{step: Step, said: string}[]} */
  refusals() {
    const { t } = this.session.words;
    return this.allSteps().flatMap((step) => {
      const answer = this.answers.get(spot(step.digest, step.question.id));
      const photo = this.photosOf(step.digest, step.question.id).find((one) => one.state === "refused");
      if (answer?.state === "refused") return [{ step, said: answer.said ?? t("Not accepted") }];
      return photo ? [{ step, said: photo.said ?? t("Not accepted") }] : [];
    });
  }

  /** What the server still misses although the phone does not, and how it said so. */
  objections() {
    const { t } = this.session.words;
    const said = (this.entries ?? []).filter((entry) => entry.state === "refused" && entry.slot === null && entry.kind !== "photo").map((entry) => entry.said ?? t("Not accepted"));
    const steps = this.allSteps();
    const theirs = this.incomplete.flatMap((/** @type {any} */ one) => {
      const step = steps.find((other) => other.digest === one.checklist && other.question.id === one.question);
      return step && said.length ? [{ step, what: one.what }] : [];
    });
    return { said, theirs };
  }

  waiting() {
    return (this.entries ?? []).filter((entry) => entry.state === "waiting");
  }

  /** Keep an answer. @param {Step} step @param {any} value @param {{hold?: number}} [options] @returns {Promise<boolean>} */
  async save(step, value, options) {
    const { store, place } = this.session;
    const where = spot(step.digest, step.question.id);
    const before = this.answers.get(where);
    if (before ? before.state !== "refused" && JSON.stringify(before.value) === JSON.stringify(value) : value === null) return true;
    const given = { checklist: step.digest, question: step.question.id, value, given_at: isoLocal(new Date()), seen_at: null, ...place.best() };
    try {
      const answer = await store.saveAnswer(this.id, given, options);
      this.answers.set(where, { ...answer, state: "waiting", said: null });
      await this.touched(step.digest, step.question.id);
      return true;
    } catch (fault) {
      this.trouble(fault);
      return false;
    }
  }

  /** What was typed and cannot be an answer yet. @param {Step} step */
  draft(step) {
    return this.drafts[spot(step.digest, step.question.id)] ?? null;
  }

  /** @param {Step} step @param {string | null} typed */
  async setDraft(step, typed) {
    const where = spot(step.digest, step.question.id);
    if ((this.drafts[where] ?? null) === typed) return;
    const { [where]: _, ...others } = this.drafts;
    this.drafts = typed === null ? others : { ...others, [where]: typed };
    await this.session.store.put(`drafts:${this.id}`, this.drafts).catch((fault) => this.trouble(fault));
  }

  /** A question changed: remember that a returned one was mended, and show what follows. @param {string} digest @param {string} question */
  async touched(digest, question) {
    const where = spot(digest, question);
    if (this.visit.state === "returned" && !this.mended.includes(where)) {
      this.mended = [...this.mended, where];
      await this.session.store.put(`mended:${this.id}`, this.mended);
    }
    [this.photos, this.entries] = await Promise.all([this.session.store.photos(this.id), this.session.store.outbox.all().then((all) => all.filter((entry) => entry.visit === this.id))]);
    this.frame.refresh(this);
  }

  /** @param {unknown} fault */
  isFull(fault) {
    return fault instanceof DOMException && fault.name === "QuotaExceededError";
  }

  /** @param {unknown} fault */
  trouble(fault) {
    const { t } = this.session.words;
    this.frame.alarm(this.isFull(fault) ? t("The phone's storage is full: this is NOT saved. Free some space, then answer again.") : t("This could NOT be saved on the phone. Answer again; if it repeats, write it down and tell your coordinator."));
    console.error(fault);
  }

  /** In one line: where what she said is now. */
  mood() {
    const { words: { t, tn }, sync } = this.session;
    const n = this.waiting().length;
    if (sync.mood === "signed_out") return t("Saved on the phone. To send it, open a new link from your coordinator.");
    if (!n) return this.answers.size || this.photos.length ? t("Everything is sent") : "";
    return sync.mood === "offline" ? tn("Saved on the phone. {n} waits for the network.", "Saved on the phone. {n} wait for the network.", n) : t("Saved on the phone");
  }

  async begin() {
    await this.session.store.queue("briefing", this.id, { at: isoLocal(new Date()) });
    await this.load();
    this.show("question");
  }

  /** @param {Step} step */
  go(step) {
    this.at = { digest: step.digest, question: step.question.id };
    this.show("question");
  }

  /** @param {Screen} screen */
  show(screen) {
    this.screen = screen;
    this.stopReason = null;
    if (screen !== "stop") this.session.store.put(`at:${this.id}`, { ...(this.at ?? {}), screen, round: this.visit.updated_at }).catch((fault) => this.trouble(fault));
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
    try {
      await this.session.store.queue("submission", this.id, { at: isoLocal(new Date()) });
      await this.load();
      this.draw(true);
    } catch (fault) {
      this.trouble(fault);
    }
  }

  /** @param {string | null} reason */
  stopBecause(reason) {
    this.stopReason = reason;
    this.draw(true);
  }

  /** @param {{at: string, reason: string, note: string}} word */
  async stop(word) {
    try {
      await this.session.store.queue("stop", this.id, word);
      await this.load();
      this.draw(true);
    } catch (fault) {
      this.trouble(fault);
    }
  }

  /** @param {string} question @param {string} yes @param {string} no */
  confirm(question, yes, no) {
    return this.frame.confirm(question, yes, no);
  }

  /** @param {boolean} [moved] whether the reader was taken somewhere else */
  draw(moved = false) {
    this.frame.draw(this, OPEN.includes(this.standing()), moved);
  }

  /** @param {Options} wanted */
  async change(wanted) {
    this.options = { ...this.options, ...wanted };
    if (wanted.language && wanted.language !== this.session.words.language && wanted.language !== this.heard) await changeLanguage(this.session, wanted.language);
    this.heard = wanted.language;
    if (wanted.visit !== this.id) {
      this.close();
      this.id = wanted.visit;
      await this.open();
    }
  }

  close() {
    clearTimeout(this.timer);
    this.off?.();
    this.session.place.stop();
  }
}
