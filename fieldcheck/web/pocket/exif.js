// @ts-check
/**
 * What a chosen file says of itself, read before it is encoded anew and loses it: when it was taken, and where. A claim for whoever
 * checks the visit; the picture itself leaves the phone without it.
 */

/** @typedef {{taken_at?: string, lat?: number, lon?: number}} Claims */

/** @param {Blob} file @returns {Promise<Claims>} nothing where it says nothing, or nothing that can be read */
export async function claimsOf(file) {
  try {
    return read(new DataView(await file.slice(0, 131_072).arrayBuffer()));
  } catch {
    return {};
  }
}

/** Walk from segment to segment to the one that holds a TIFF; past the end is a RangeError. @param {DataView} view @returns {Claims} */
function read(view) {
  let at = 2;
  while (view.getUint32(at + 4) !== 0x45786966) at += 2 + view.getUint16(at + 2);
  const tiff = at + 10;
  const little = view.getUint16(tiff) === 0x4949;
  const long = (/** @type {number} */ place) => view.getUint32(tiff + place, little);
  const short = (/** @type {number} */ place) => view.getUint16(tiff + place, little);
  /** The entries of one directory by their tags. @param {number | undefined} entry that leads to it */
  const folder = (entry, start = entry ? long(entry + 8) : 0) => {
    /** @type {Record<number, number>} */
    const found = {};
    for (let n = start ? short(start) : 0; n > 0; n -= 1) found[short(start + 12 * n - 10)] = start + 12 * n - 10;
    return found;
  };
  const text = (/** @type {number | undefined} */ entry) => {
    if (!entry) return "";
    const size = long(entry + 4);
    const place = tiff + (size > 4 ? long(entry + 8) : entry + 8);
    return String.fromCharCode(...new Uint8Array(view.buffer, place, size)).split("\0")[0];
  };
  const degrees = (/** @type {number | undefined} */ entry, /** @type {string} */ side) => {
    if (!entry) return undefined;
    const place = long(entry + 8);
    const part = (/** @type {number} */ one) => long(place + 8 * one) / long(place + 8 * one + 4);
    return (part(0) + part(1) / 60 + part(2) / 3600) * (/[SW]/.test(side) ? -1 : 1);
  };
  const first = folder(undefined, long(4));
  const photo = folder(first[0x8769]);
  const place = folder(first[0x8825]);
  const said = `${text(photo[0x9003] ?? first[0x0132])} ${text(photo[0x9011])}`.trim();
  return {
    taken_at: said.slice(0, 40) || undefined,
    lat: degrees(place[2], text(place[1])),
    lon: degrees(place[4], text(place[3])),
  };
}
