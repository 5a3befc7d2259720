// @ts-check
/** What is known of a visit on this phone, and what follows from it: what is asked, where she is, what is missing, what still waits. */
import { isRequired, missing, questionsOf, visible } from "./checklist.js";
import { loadVisit, standing } from "./library.js";
import { HIDDEN } from "./outbox.js";
import { spot } from "./store.js";
import { isOld } from "./version.js";

/** @typedef {{digest: string, body: any, question: import("./checklist.js").Question, required: boolean}} Step */

export class Progress {
  /** @param {import("./session.js").Session} session @param {string} id of the visit */
  constructor(session, id) {
    this.session = session;
    this.id = id;
    /** @type {import("./library.js").Visit} */
    this.visit = /** @type {any} */ ({ returned: [], photos: [] });
    /** @type {{digest: string, body: any}[]} */
    this.checklists = [];
    /** @type {Map<string, any>} */
    this.answers = new Map();
    /** @type {any[]} */
    this.photos = [];
    /** @type {import("./outbox.js").Entry[]} */
    this.entries = [];
    /** @type {string[]} */
    this.mended = [];
    /** @type {Record<string, string>} */
    this.drafts = {};
    /** @type {any[]} */
    this.incomplete = [];
    /** @type {Record<string, string>} when she saw what a question is about, before she wrote it down */
    this.seen = {};
    /** @type {{in: string | null, out: string | null} | null} when she went in, where this phone knows it, and when she came out */
    this.inside = null;
    /** @type {{digest: string, question: string} | null} */
    this.at = null;
    /** How many changes were begun, and the end of the last of them. */
    this.changes = 0;
    this.kept = /** @type {Promise<unknown>} */ (Promise.resolve());
    this.loaded = /** @type {Promise<unknown>} */ (Promise.resolve());
  }

  /**
   * Change what is on the phone together with what is known of it here. @template T @param {() => Promise<T>} act @returns {Promise<T>}
   */
  keeping(act) {
    this.changes += 1;
    const done = act();
    this.kept = Promise.allSettled([this.kept, done]);
    return done;
  }

  /** Read everything this visit has on the phone, after whatever is being read already: what was read last is the newest. */
  load() {
    const turn = this.loaded.then(() => this.read());
    this.loaded = turn.catch(() => {});
    return turn;
  }

  async read() {
    let before, found;
    do {
      await this.kept;
      before = this.changes;
      found = await this.found();
      // What she did meanwhile is not in it, and must not be undone by it.
    } while (before !== this.changes);
    const [{ visit, checklists }, answers, photos, entries, mended, drafts, incomplete, seen, inside] = found;
    this.answers = answers;
    this.mended = mended ?? [];
    this.drafts = drafts ?? {};
    this.incomplete = incomplete ?? [];
    this.visit = visit;
    this.checklists = checklists;
    this.photos = photos;
    this.entries = entries.filter((entry) => entry.visit === this.id);
    this.seen = seen ?? {};
    this.inside = inside ?? null;
  }

  async found() {
    const { store } = this.session;
    // What is on its way comes first: what arrives meanwhile is then in both, never in neither.
    const entries = await store.outbox.every();
    return Promise.all([
      loadVisit(this.session, this.id),
      store.answers(this.id),
      store.photos(this.id),
      entries,
      store.get(`mended:${this.id}`),
      store.get(`drafts:${this.id}`),
      store.get(`incomplete:${this.id}`),
      store.get(`seen:${this.id}`),
      store.get(`inside:${this.id}`),
    ]);
  }

  standing() {
    return standing(this.visit, this.entries);
  }

  /** @returns {Record<string, any>} */
  values(/** @type {string} */ digest) {
    return Object.fromEntries(
      [...this.answers.values()]
        .filter((answer) => answer.checklist === digest)
        .map((answer) => [answer.question, answer.value]),
    );
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
    const back = (/** @type {Step} */ step) =>
      this.visit.returned.some((one) => one.checklist === step.digest && one.question === step.question.id);
    const some = all.filter(
      (step) => back(step) || lacks.some((one) => one.digest === step.digest && one.question.id === step.question.id),
    );
    return some.length ? some : all;
  }

  /** The questions that Next leads through; from one that nobody asked about it leads through all. @returns {Step[]} */
  steps() {
    const asked = this.asked();
    return !this.at || asked.some((step) => step.digest === this.at?.digest && step.question.id === this.at?.question)
      ? asked
      : this.allSteps();
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
    const order = this.checklists.flatMap(({ digest, body }) =>
      questionsOf(body).map((question) => spot(digest, question.id)),
    );
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
    const theirs = (this.visit.photos ?? [])
      .filter((photo) => mine(photo) && !own.some((one) => one.id === photo.id))
      .map((photo) => ({ sent: 0, size: 1, said: null, ...photo }));
    return [...theirs, ...own.filter((photo) => mine(photo) && photo.state !== "removed")];
  }

  /** @returns {{step: Step, what: string}[]} */
  missing() {
    const all = this.allSteps();
    return this.checklists.flatMap(({ digest, body }) => {
      const steps = all.filter((step) => step.digest === digest);
      const counts = Object.fromEntries(
        steps.map(({ question }) => [
          question.id,
          this.photosOf(digest, question.id).filter(({ state }) => state !== "refused" && state !== "uncovered").length,
        ]),
      );
      const lacks = missing(body, this.values(digest), counts, this.visit.school);
      return steps.flatMap((step) => {
        const { id } = step.question;
        // What she began would be gone with the visit: a photo to be looked over, a text that cannot be kept as it is.
        const begun = this.draft(step) !== null ? "draft" : this.photosOf(digest, id).some(({ state }) => state === "uncovered") && "look";
        if (begun) return [{ step, what: begun }];
        return lacks.filter(({ question_id }) => question_id === id).map(({ what }) => ({ step, what }));
      });
    });
  }

  /** How many photos of this visit nobody has looked over. */
  loose() {
    return this.photos.filter(({ state }) => state === "uncovered").length;
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
    const said = this.entries
      .filter((entry) => entry.state === "refused" && entry.slot === null && entry.kind !== "photo")
      .map((entry) => entry.said ?? t("Not accepted"));
    const steps = this.allSteps();
    const theirs = this.incomplete.flatMap((/** @type {any} */ one) => {
      const step = steps.find((other) => other.digest === one.checklist && other.question.id === one.question);
      return step && said.length ? [{ step, what: one.what }] : [];
    });
    return { said, theirs };
  }

  waiting() {
    return this.entries.filter((entry) => entry.state === "waiting");
  }

  /** What was typed and cannot be an answer yet. @param {Step} step */
  draft(step) {
    return this.drafts[spot(step.digest, step.question.id)] ?? null;
  }

  /** In one line: where what she said is now. */
  mood() {
    const {
      words: { t, tn },
      sync,
    } = this.session;
    const n = this.waiting().length;
    if (sync.mood === "signed_out") return t("Saved on the phone. To send it, open a new link from your coordinator.");
    // An answer to a question that is not asked any more is no loss to her.
    const refused = this.entries.filter((entry) => entry.state === "refused" && entry.why !== HIDDEN).length;
    if (!n && refused)
      return tn("{n} was not accepted; it is kept here", "{n} were not accepted; they are kept here", refused);
    const loose = this.loose();
    if (!n && loose) return tn("{n} photo waits to be looked over", "{n} photos wait to be looked over", loose);
    if (!n && isOld(this.session.served)) return t("Everything is sent. A newer version starts when you close this visit.");
    if (!n) return this.answers.size || this.photos.length ? t("Everything is sent") : "";
    return sync.mood === "offline"
      ? tn("Saved on the phone. {n} waits for the network.", "Saved on the phone. {n} wait for the network.", n)
      : t("Saved on the phone");
  }
}
