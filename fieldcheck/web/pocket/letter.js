// @ts-check
/**
 * Sealing for the installation: what only its key opens, and not even the phone that wrote it. A rescue file is sealed so, and the
 * letter that is kept beside each thing that waits, so that a locked phone can send it.
 */

/** @typedef {(plain: BufferSource, bound?: string) => Promise<Uint8Array<ArrayBuffer>>} Sealer what it is bound to must be said again to open it */

const FILE = "NOTES1\n";
const LETTER = "NOTES2\n";
const text = new TextEncoder();

/** Agree on a key with the installation, once; each thing then costs a fresh iv. @param {string} theirs its public key @param {string} [magic] @returns {Promise<Sealer>} */
export async function sealer(theirs, magic = FILE) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const raw = Uint8Array.from(atob(theirs), (letter) => letter.charCodeAt(0));
  const [own, key] = await Promise.all([
    crypto.subtle.generateKey(curve, false, ["deriveBits"]),
    crypto.subtle.importKey("raw", raw, curve, false, []),
  ]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: key }, own.privateKey, 256);
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: point, info: text.encode(magic) };
  const aes = await crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const head = joined(text.encode(magic), point);
  return async (plain, bound = "") => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const additionalData = joined(head, text.encode(bound));
    const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, aes, plain);
    return joined(head, iv, new Uint8Array(box));
  };
}

/** @param {...Uint8Array} parts */
function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @typedef {{to: string, data: Uint8Array<ArrayBuffer>}} Letter and the key for which it was sealed */

/** Writes the letters of one store. Where no key was ever given to this phone there are none, and nothing else changes. */
export class Letters {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Promise<{to: string, seal: Sealer, owner: string, device: string} | null> | null} */
    this.pen = null;
  }

  take() {
    // Without a letter a thing waits for her PIN, as it always did: no answer is lost for a key that is none.
    this.pen ??= this.cut().catch(() => null);
    return this.pen;
  }

  /** The key is another one, or was never here: write again what it cannot open. */
  async renew() {
    this.pen = null;
    const { store } = this;
    const pen = await this.take();
    for (const entry of pen ? await store.outbox.all() : []) {
      if (entry.letter?.to === pen?.to) continue;
      const blob = entry.kind === "photo" ? await store.blob(entry.id) : null;
      if (entry.kind === "photo" && !blob?.key) continue;
      const more = blob && opener(new Uint8Array(await store.vault.openBytes(blob.key)), blob.iv);
      const letter = await this.write(entry, await store.vault.open(entry.box), more ?? {});
      await store.outbox.change(entry, { letter });
    }
  }

  async cut() {
    const { store } = this;
    const [to, as, device] = await Promise.all([store.get("rescue"), store.get("as"), store.device()]);
    return to ? { to, seal: await sealer(to, LETTER), owner: as ?? store.owner, device } : null;
  }

  /** Seal a thing that waits. @param {{kind: string, id: string, visit: string}} entry @param {any} body @param {object} [more] @returns {Promise<Letter | null>} */
  async write({ kind, id, visit }, body, more) {
    const pen = await this.take();
    if (!pen) return null;
    const { owner, device, to, seal } = pen;
    const said = JSON.stringify({ kind, visit, owner, device, body, ...more });
    return { to, data: await seal(text.encode(said), id) };
  }
}

/** A photo's bytes under a key of their own: they lie here once, and that key is sealed for her and in the letter. @param {ArrayBuffer} bytes */
export async function envelope(bytes) {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { raw, iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await keyOf(raw), bytes) };
}

/** @param {BufferSource} raw */
const keyOf = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

/** @param {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer}} blob @param {BufferSource} raw */
export const unfold = async ({ iv, data }, raw) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, await keyOf(raw), data);

/** What a letter says of a photo's bytes. @param {Uint8Array} raw @param {Uint8Array} iv */
export const opener = (raw, iv) => ({ key: base64(raw), iv: base64(iv) });

/** @param {Uint8Array} bytes */
export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
