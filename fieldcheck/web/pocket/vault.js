// @ts-check
/**
 * Everything a person wrote is unreadable on the phone's disk. The keys are CryptoKeys that the browser keeps and no script can
 * export. `openVault` is the only place that knows where the keys come from, so a PIN can wrap them without another line changing.
 */
import { done, transact } from "./db.js";

/** @typedef {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer}} Box */
/** @typedef {{seal(value: unknown): Promise<Box>, open(box: Box): Promise<any>, sealBytes(bytes: BufferSource): Promise<Box>, openBytes(box: Box): Promise<ArrayBuffer>, tag(text: string): Promise<string>}} Vault */

/** Open the vault of a database, making its keys the first time. @param {IDBDatabase} db @returns {Promise<Vault>} */
export async function openVault(db) {
  const fresh = {
    data: await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
    tags: await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]),
  };
  // Two tabs may come here together: whoever stores first wins, the other takes what is there.
  const keys = await transact(db, ["keys"], "readwrite", async (store) => {
    const kept = await done(store("keys").get("vault"));
    if (!kept) store("keys").put(fresh, "vault");
    return kept ?? fresh;
  });

  const sealBytes = async (/** @type {BufferSource} */ bytes) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, keys.data, bytes) };
  };
  const openBytes = (/** @type {Box} */ box) =>
    crypto.subtle.decrypt({ name: "AES-GCM", iv: box.iv }, keys.data, box.data);

  return {
    sealBytes,
    openBytes,
    seal: (value) => sealBytes(new TextEncoder().encode(JSON.stringify(value))),
    open: async (box) => JSON.parse(new TextDecoder().decode(await openBytes(box))),
    // A name for a place in the store that tells nobody which question it is.
    tag: async (text) => {
      const mark = await crypto.subtle.sign("HMAC", keys.tags, new TextEncoder().encode(text));
      return btoa(String.fromCharCode(...new Uint8Array(mark).slice(0, 15)));
    },
  };
}
