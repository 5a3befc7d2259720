// @ts-check
/**
 * What the first question does not need is a script of its own: asked for once that is shown, and kept on the phone with everything
 * else. Where the network goes away in between, whoever waits for it is told, and it is asked for until it is here.
 */

/** @typedef {typeof import("./more.js").parts} Parts */

/** @type {{parts: Parts | null}} what is here of it, now */
export const later = { parts: null };

/** @type {Promise<Parts> | null} */
let coming = null;

/** It, as soon as it is here. @returns {Promise<Parts>} */
export function whenHere() {
  coming ??= fetchIt();
  return coming;
}

/** It, if it is here as good as at once. @returns {Promise<Parts | null>} */
export const soonHere = () => later.parts ? Promise.resolve(later.parts) : Promise.race([whenHere(), pause(400)]);

async function fetchIt() {
  for (let wait = 500; ; wait = Math.min(2 * wait, 15_000)) {
    try {
      const { parts } = await import("./more.js");
      later.parts = parts;
      return parts;
    } catch {
      await Promise.race([pause(wait), new Promise((resolve) => addEventListener("online", resolve, { once: true }))]);
    }
  }
}

/** @param {number} wait @returns {Promise<null>} */
const pause = (wait) => new Promise((resolve) => setTimeout(() => resolve(null), wait));
