// @ts-check
/** Names made on the phone, once: uuid v7 for every entry, sha256 for every photo, times with their own offset. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as hex. @param {ArrayBuffer | Uint8Array} bytes */
export const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => HEX[byte]).join("");

/** A uuid version 7: ordered by the clock, unguessable. @param {number} [now] milliseconds */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 5, rest = now; place >= 0; place -= 1, rest = Math.floor(rest / 256)) bytes[place] = rest % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The sha256 of some bytes, as hex. @param {BufferSource} bytes */
export const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

/** A value as base64url of its JSON, for a header that carries ASCII only. @param {unknown} value */
export function header(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** A moment in ISO 8601 with the phone's own offset, to the second. @param {Date} moment */
export function isoLocal(moment) {
  const two = (/** @type {number} */ n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  const offset = -moment.getTimezoneOffset();
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
  return `${day}T${time}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
}

/** The same moment with the offset of Kazakhstan, as its schools' clocks and papers have it. @param {Date} moment */
export const isoThere = (moment) => `${new Date(moment.getTime() + 5 * 3_600_000).toISOString().slice(0, 19)}+05:00`;

/** What a `datetime-local` field shows for an ISO moment. @param {string} iso */
export const fieldMoment = (iso) => isoThere(new Date(iso)).slice(0, 16);
