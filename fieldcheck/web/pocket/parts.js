// @ts-check
/** Photos on their way: in parts, going on from what the server has, let go only when the server has named the same sha256. */
import { call, Refused, Unreachable } from "./api.js";
import { done } from "./db.js";
import { header, isoLocal } from "./ids.js";

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("./sync.js").Sync} Sync */

/** The part grows while parts arrive and shrinks when one does not: a network that breaks every 200 kB must still be crossed. */
const LEAST = 16 * 1024;
const MOST = 512 * 1024;
let part = 64 * 1024;

/** Send a photo part by part, going on from what the server has. Answers may overtake between parts. @param {Sync} sync @param {Entry} entry */
export async function sendPhoto(sync, entry) {
  const photo = await sync.store.photo(entry.id);
  if (!photo) return sync.outbox.settle([entry]);
  const path = `/api/visits/${entry.visit}/photos/${entry.id}`;
  // The phone's clock at each sending, as answers have it: a photo's own time is only as right as that.
  const headers = () => ({ "X-FC-Meta": header({ ...photo.meta, phone_now: isoLocal(new Date()) }) });
  let sent = photo.sent;
  if (entry.tries > 1) sent = await resumeFrom(path, sent);
  const isWhole = (/** @type {any} */ said) => said.sha256 === photo.meta.sha256;
  return inParts(sync, entry, { path, headers, bytes: photo.bytes, sent, isWhole });
}

/** @param {Sync} sync @param {Entry} entry @param {{path: string, headers: () => Record<string, string>, bytes: ArrayBuffer, sent: number, isWhole: (said: any) => boolean}} what */
export async function inParts(sync, entry, { path, headers, bytes, sent, isWhole }) {
  for (let corrections = 0; ;) {
    if (!(await stillWanted(sync, entry))) return;
    const end = Math.min(sent + part, bytes.byteLength);
    let said;
    try {
      said = await call("PUT", path, {
        body: bytes.slice(sent, end),
        headers: { ...headers(), "X-FC-Offset": String(sent) },
        seconds: 120,
      });
    } catch (fault) {
      if (fault instanceof Unreachable) part = Math.max(LEAST, part / 4);
      if (!(fault instanceof Refused) || !["photo.offset", "photo.hash"].includes(fault.code)) throw fault;
      // The server knows better what it has; after three corrections something else is wrong and others may go first.
      if ((corrections += 1) > 3) throw new Refused(503, { code: fault.code, message: fault.said ?? undefined });
      sent = fault.code === "photo.hash" ? 0 : Number(fault.details.received) || 0;
      continue;
    }
    part = Math.min(MOST, part * 2);
    if (said.complete === true) {
      if (!isWhole(said)) throw new Refused(503, { code: "photo.hash" });
      return photoReceived(sync, entry);
    }
    if (
      !(said.received >= 0) ||
      said.received > bytes.byteLength ||
      (corrections += said.received > sent ? 0 : 1) > 3
    )
      throw new Unreachable("no progress");
    sent = said.received;
    await sync.outbox.progress(entry, sent);
    sync.store.say("progress", entry.visit);
    const urgent = await sync.outbox.claim({ now: Date.now(), kinds: ["alarm", "briefing", "answer", "stop"] });
    if (urgent.length) await sync.send(urgent).catch((fault) => sync.failed(urgent, fault));
  }
}

/** @param {string} path @param {number} sent */
async function resumeFrom(path, sent) {
  try {
    const known = await call("GET", path);
    return known.complete ? 0 : Math.max(0, Number(known.received) || 0);
  } catch (fault) {
    if (fault instanceof Refused && fault.status === 404) return 0;
    if (fault instanceof Refused && !fault.passing && fault.status !== 401) return sent;
    throw fault;
  }
}

/** Was the photo taken back meanwhile? @param {Sync} sync @param {Entry} entry */
async function stillWanted(sync, entry) {
  return (await sync.outbox.all()).some((one) => one.seq === entry.seq && one.state === "waiting");
}

/** @param {Sync} sync @param {Entry} entry */
async function photoReceived(sync, entry) {
  await sync.outbox.settle([entry], async (store) => {
    const row = await done(store("photos").get(entry.id));
    if (row && row.state !== "removed") store("photos").put({ ...row, state: "received", sent: row.size });
    store("blobs").delete(entry.id);
  });
}

/** @param {Sync} sync @param {Entry} entry @param {string} base @param {any} body */
export async function takeBack(sync, entry, base, body) {
  try {
    await call("DELETE", `${base}/photos/${body.photo}`, { headers: { "X-FC-Id": entry.id } });
  } catch (fault) {
    // The server never had it whole: there is nothing to withdraw.
    if (!(fault instanceof Refused) || fault.status !== 404) throw fault;
  }
  await sync.outbox.settle([entry]);
}
