// @ts-check
/**
 * Everything a person wrote is unreadable on the phone's disk. The keys never lie there readable: they are sealed by a device key, a
 * CryptoKey that the browser keeps and no script can export, and once she has set a PIN also by a key made from the PIN.
 *
 * What a PIN is worth, honestly: four digits are ten thousand tries. Each costs this phone about a third of a second and five wrong ones
 * cost waiting, so it slows down whoever holds the unlocked phone; whoever can copy the browser's profile and its device key is stopped
 * for minutes, not years. The guard of the disk is the phone's own lock. No number of wrong PINs ever deletes anything.
 */
import { done, openDatabase, transact } from "./db.js";

/** @typedef {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer}} Box */
/** @typedef {{seal(value: unknown): Promise<Box>, open(box: Box): Promise<any>, sealBytes(bytes: BufferSource): Promise<Box>, openBytes(box: Box): Promise<ArrayBuffer>, tag(text: string): Promise<string>}} Vault */
/** @typedef {{open: Uint8Array<ArrayBuffer>, value: string} | {wait: number} | null} Tried what a PIN opened and gives the server, or how many seconds no PIN is tried, or nothing */

/** PBKDF2-SHA256, as OWASP counts them for it. */
const ROUNDS = 600_000;
const FREE_TRIES = 5;
const LONGEST_WAIT = 900;
/** What a PIN opens: one byte that tells her own (1) from the duress PIN (2), and 64 bytes: her keys, or the empty app's name. */
const OWN = 1;
const DURESS = 2;

export class Locked extends Error {}

/** @type {(() => Promise<Uint8Array<ArrayBuffer>>) | null} */
let asker = null;

/** Say who asks for the PIN on this page; where nobody can (a service worker), a locked vault stays shut. @param {() => Promise<Uint8Array<ArrayBuffer>>} ask gives what `tryPin` opened */
export const onLocked = (ask) => void (asker = ask);

/** Is this what the PIN typed under duress opens? @param {Uint8Array} opened */
export const isDuress = (opened) => opened[0] === DURESS;

/** Open the vault of a database, making its keys the first time; or name the empty store that stands in for it. @param {IDBDatabase} db @returns {Promise<Vault & {decoy?: string}>} */
export async function openVault(db) {
  const row = (await transact(db, ["keys"], "readonly", (store) => done(store("keys").get("vault")))) ?? (await firstRow(db));
  if (row.data) return vaultOf(row);
  if (!row.locks) return vaultOf(await keysOf(await unseal(row.device, row.box)));
  if (!asker) throw new Locked();
  const opened = await asker();
  if (!isDuress(opened)) return vaultOf(await keysOf(opened.slice(1)));
  return /** @type {any} */ ({ decoy: new TextDecoder().decode(opened.slice(1, 17)) });
}

/** Make the keys of a new store. @param {IDBDatabase} db */
async function firstRow(db) {
  const fresh = await freshRow();
  // Two tabs may come here together: whoever stores first wins, the other takes what is there.
  return transact(db, [...db.objectStoreNames], "readwrite", async (store) => {
    const kept = await done(store("keys").get("vault"));
    if (kept) return kept;
    if ((await done(store("keys").getKey("vault"))) !== undefined) throw new DOMException("the keys are here and cannot be read", "DataError");
    // What still lies here was thrown away: its keys went first, and nobody can open it.
    for (const name of db.objectStoreNames) store(name).clear();
    store("keys").put(fresh, "vault");
    return fresh;
  });
}

async function freshRow() {
  const device = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return { device, box: await seal(device, random(64)) };
}

/** @param {number} n */
const random = (n) => crypto.getRandomValues(new Uint8Array(n));

/** @param {CryptoKey} key @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function seal(key, bytes) {
  const iv = random(12);
  const data = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes));
  const all = new Uint8Array(12 + data.length);
  all.set(iv);
  all.set(data, 12);
  return all;
}

/** @param {CryptoKey} key @param {Uint8Array<ArrayBuffer>} all @returns {Promise<Uint8Array<ArrayBuffer>>} */
const unseal = async (key, all) =>
  new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: all.slice(0, 12) }, key, all.slice(12)));

/** @param {Uint8Array<ArrayBuffer>} raw */
async function keysOf(raw) {
  const hash = { name: "HMAC", hash: "SHA-256" };
  return {
    data: await crypto.subtle.importKey("raw", raw.slice(0, 32), "AES-GCM", false, ["encrypt", "decrypt"]),
    tags: await crypto.subtle.importKey("raw", raw.slice(32, 64), hash, false, ["sign"]),
  };
}

/** @param {{data: CryptoKey, tags: CryptoKey}} keys @returns {Vault} */
function vaultOf(keys) {
  const sealBytes = async (/** @type {BufferSource} */ bytes) => {
    const iv = random(12);
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

/** @param {string} pin @param {Uint8Array<ArrayBuffer>} salt @param {number} rounds */
async function fromPin(pin, salt, rounds) {
  const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  const bits = await crypto.subtle.deriveBits(how, base, 256);
  return { bits, key: await crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]) };
}

/** What the server gets of a PIN: neither the digits nor what opens this store can be had from it. @param {ArrayBuffer} bits */
async function forServer(bits) {
  const base = await crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: new TextEncoder().encode("notes: server") };
  const value = new Uint8Array(await crypto.subtle.deriveBits(how, base, 256));
  return [...value].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Do something with the keys of a person's database. @template T @param {string} owner @param {(db: IDBDatabase, row: any) => Promise<T>} work */
async function withRow(owner, work) {
  const db = await openDatabase(`notes-${owner}`);
  try {
    return await work(db, await transact(db, ["keys"], "readonly", (store) => done(store("keys").get("vault"))));
  } finally {
    db.close();
  }
}

/** @param {IDBDatabase} db @param {any} value @param {string} key */
const write = (db, value, key) => transact(db, ["keys"], "readwrite", (store) => done(store("keys").put(value, key)));

/** Is there a PIN? @param {string} owner */
export const hasPin = (owner) => withRow(owner, async (_, row) => Boolean(row?.locks));

/** Try a PIN. After five wrong ones each further one costs twice the waiting of the one before. @param {string} owner @param {string} pin @returns {Promise<Tried>} */
export function tryPin(owner, pin) {
  return withRow(owner, async (db, row) => {
    if (!row?.locks) return null;
    const before = await transact(db, ["keys"], "readwrite", async (store) => {
      const tries = (await done(store("keys").get("tries"))) ?? { wrong: 0, until: 0 };
      const left = Math.min(Math.ceil((tries.until - Date.now()) / 1000), LONGEST_WAIT);
      if (left > 0) return { wait: left };
      // Counted before it is tried: closing the page in the middle gives nobody a free try.
      const wrong = tries.wrong + 1;
      const wait = wrong < FREE_TRIES ? 0 : Math.min(30 * 2 ** (wrong - FREE_TRIES), LONGEST_WAIT);
      store("keys").put({ wrong, until: wait ? Date.now() + wait * 1000 : 0 }, "tries");
      return null;
    });
    if (before) return before;
    const { key, bits } = await fromPin(pin, row.salt, row.rounds);
    for (const lock of row.locks) {
      const opened = await unseal(row.device, lock)
        .then((inner) => unseal(key, inner))
        .catch(() => null);
      if (!opened) continue;
      await write(db, { wrong: 0, until: 0 }, "tries");
      return { open: opened, value: isDuress(opened) ? "" : await forServer(bits) };
    }
    return null;
  });
}

/**
 * Set the PIN, or another one. There are always two locks of one size, the second of them opened by nothing until a duress PIN is set:
 * looking at the phone's disk does not tell. @param {string} owner @param {string} pin @param {string} [old]
 * @param {(value: string, before: string) => Promise<void>} [agree] tells the server first; what it throws changes nothing here @returns {Promise<boolean>}
 */
export function setPin(owner, pin, old = "", agree = async () => {}) {
  return withRow(owner, async (db, row) => {
    if (!row?.device) return false;
    const salt = row.salt ?? random(16);
    let raw = row.box ? await unseal(row.device, row.box) : null;
    let before = "";
    if (!raw) {
      const tried = await tryPin(owner, old);
      if (!tried || !("open" in tried) || isDuress(tried.open)) return false;
      raw = tried.open.slice(1);
      before = tried.value;
    }
    const [, second = await seal(row.device, random(65 + 28))] = row.locks ?? [];
    const { key, bits } = await fromPin(pin, salt, ROUNDS);
    const first = await doubly(row.device, key, OWN, raw);
    if (row.locks && (await opens(row, pin, second))) return false;
    await agree(await forServer(bits), before);
    await write(db, { device: row.device, salt, rounds: ROUNDS, locks: [first, second] }, "vault");
    return true;
  });
}

/** Change the duress PIN from within the empty app, as if it were the only one. @param {string} owner @param {string} pin @param {string} old */
export async function changeDuress(owner, pin, old) {
  const tried = await tryPin(owner, old);
  return Boolean(tried && "open" in tried && isDuress(tried.open) && (await setDuress(owner, pin, tried.open.slice(1))));
}

/** Set the duress PIN, which opens an empty app; it may not be the PIN itself. @param {string} owner @param {string} pin @param {Uint8Array<ArrayBuffer>} [named] what it opens, where that is there already */
export function setDuress(owner, pin, named = newName()) {
  return withRow(owner, async (db, row) => {
    if (!row?.locks || (await opens(row, pin, row.locks[0]))) return false;
    const { key } = await fromPin(pin, row.salt, row.rounds);
    const second = await doubly(row.device, key, DURESS, named);
    await write(db, { ...row, locks: [row.locks[0], second] }, "vault");
    return true;
  });
}

/** A name for an empty store. */
function newName() {
  const named = new Uint8Array(64);
  named.set(new TextEncoder().encode([...random(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")));
  return named;
}

/** @param {CryptoKey} device @param {CryptoKey} key @param {number} kind @param {Uint8Array<ArrayBuffer>} bytes */
async function doubly(device, key, kind, bytes) {
  const all = new Uint8Array(65);
  all.set([kind]);
  all.set(bytes.slice(0, 64), 1);
  return seal(device, await seal(key, all));
}

/** @param {any} row @param {string} pin @param {Uint8Array<ArrayBuffer>} lock */
async function opens(row, pin, lock) {
  const { key } = await fromPin(pin, row.salt, row.rounds);
  return unseal(row.device, lock).then((inner) => unseal(key, inner)).then(() => true, () => false);
}
