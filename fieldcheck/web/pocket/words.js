// @ts-check
/**
 * The words of the walk in the reader's language. A catalogue is one small JSON beside the modules, so the words and the
 * code that asks for them are always of one version. A missing sentence shows its English text, never an empty button.
 */

/** @typedef {Record<string, string | string[]>} Catalogue */
/** @typedef {Record<string, string>} Tongues a sentence in each language */

/** All of Kazakhstan since 1 March 2024. A number, because older phones still hold Almaty's +6. */
const THERE = 5 * 3_600_000;

export const LANGUAGES = Object.freeze({ ru: "Русский", kk: "Қазақша", en: "English" });

/**
 * What a catalogue calls a sentence, so that the English text crosses the network once, in the code: FNV-1a over the UTF-16 units,
 * without its last eight bits. The server makes sure that no two are the same. @param {string} sentence
 */
const brief = (sentence) => {
  let sum = 0x811c9dc5;
  for (let place = 0; place < sentence.length; place += 1) sum = Math.imul(sum ^ sentence.charCodeAt(place), 0x01000193);
  return (sum >>> 8).toString(36);
};

/** The language to begin with, before anybody chose one. */
export function firstLanguage() {
  const wish = (navigator.languages ?? []).map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES);
  return wish ?? "ru";
}

export class Words {
  /** @param {string} language @param {Catalogue} catalogue */
  constructor(language, catalogue) {
    this.language = language;
    this.catalogue = catalogue;
    this.plurals = new Intl.PluralRules(language);
    // Kazakh is not in every phone's number tables; it writes numbers as Russian does.
    this.locale = language === "kk" ? "ru" : language;
  }

  /** A sentence. @type {(english: string, slots?: Record<string, unknown>) => string} */
  t = (english, slots = {}) => {
    const found = this.catalogue[brief(english)];
    return fillSlots(typeof found === "string" && found ? found : english, slots);
  };

  /** A sentence with a count in it. @type {(one: string, many: string, n: number, slots?: object) => string} */
  tn = (one, many, n, slots = {}) => {
    const forms = this.catalogue[brief(one)];
    const category = this.plurals.select(n);
    const single = category === "one" ? 0 : 1;
    const place = Array.isArray(forms) && forms.length === 3 && single ? (category === "few" ? 1 : 2) : single;
    const found =
      Array.isArray(forms) && forms.every(Boolean) ? forms[Math.min(place, forms.length - 1)] : [one, many][single];
    return fillSlots(found, { n: this.number(n), ...slots });
  };

  /** The reader's own words of a text in several languages. @param {Tongues | null | undefined} tongues */
  own(tongues) {
    if (!tongues) return "";
    if (typeof tongues === "string") return tongues;
    return tongues[this.language] || tongues.ru || tongues.en || tongues.kk || "";
  }

  /** @param {number} value */
  number(value) {
    return new Intl.NumberFormat(this.locale, { maximumFractionDigits: 6 }).format(value);
  }

  /** A day and time, short. @param {string | Date} moment */
  moment(moment) {
    return `${this.day(moment)}, ${this.clock(moment)}`;
  }

  /** @param {string | Date} moment */
  day(moment) {
    const at = inAlmaty(moment);
    const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
    const day =
      this.language === "en"
        ? at.toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" })
        : `${two(at.getUTCDate())}.${two(at.getUTCMonth() + 1)}`;
    return day;
  }

  /** From when to when, a day that is the same once. @param {{from: string, to: string} | null | undefined} window */
  span(window) {
    if (!window) return "";
    const { from, to } = window;
    const until = this.day(from) === this.day(to) ? this.clock(to) : this.moment(to);
    return this.t("{from} to {to}", { from: this.moment(from), to: until });
  }

  /** The time of day alone. @param {string | Date} moment */
  clock(moment) {
    return inAlmaty(moment).toISOString().slice(11, 16);
  }
}

/** A moment whose UTC fields read as the clocks of Kazakhstan do, wherever the phone thinks it is. @param {string | Date} moment */
const inAlmaty = (moment) => new Date(new Date(moment).getTime() + THERE);

/** @param {string} sentence @param {Record<string, any>} slots */
const fillSlots = (sentence, slots) =>
  sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in slots ? String(slots[name]) : whole));

/** Fetch the catalogue of a language; with no network the last one kept stands in. @param {string} language @returns {Promise<Words>} */
export async function loadWords(language) {
  const address = new URL(`words.${language}.json`, import.meta.url).href;
  try {
    const answer = await fetch(address);
    if (answer.ok) return new Words(language, await answer.json());
  } catch {
    // No network and no service worker yet: English text is still better than no page.
  }
  return new Words(language, {});
}
