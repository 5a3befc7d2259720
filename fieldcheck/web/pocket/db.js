// @ts-check
/** IndexedDB as promises. One transaction is one function; it is over when the browser says the disk has it. */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Open the database of one person on this phone. @param {string} name @param {boolean} [create] false: one that is gone stays gone @returns {Promise<IDBDatabase>} */
export function openDatabase(name, create = true) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    if (!create) return request.transaction?.abort();
    const db = request.result;
    db.createObjectStore("keys");
    db.createObjectStore("docs");
    db.createObjectStore("answers", { keyPath: "slot" }).createIndex("visit", "visit");
    db.createObjectStore("photos", { keyPath: "id" }).createIndex("visit", "visit");
    db.createObjectStore("blobs");
    const outbox = db.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
    outbox.createIndex("slot", "slot");
    outbox.createIndex("visit", "visit");
  };
  return done(request);
}

/**
 * Run `work` in one transaction and wait until it is on disk. `work` may only await requests of this transaction:
 * anything else (encryption, fetch) lets the browser close it early.
 * @template T @param {IDBDatabase} db @param {string[]} stores @param {IDBTransactionMode} mode
 * @param {(store: (name: string) => IDBObjectStore) => T | Promise<T>} work @returns {Promise<T>}
 */
export async function transact(db, stores, mode, work) {
  const transaction = db.transaction(stores, mode, { durability: "strict" });
  const over = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(null);
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    transaction.onerror = () => reject(transaction.error);
  });
  over.catch(() => {});
  let result;
  try {
    result = await work((name) => transaction.objectStore(name));
  } catch (fault) {
    try {
      transaction.abort();
    } catch {
      // Already over: the fault below says why.
    }
    throw fault;
  }
  await over;
  return result;
}
