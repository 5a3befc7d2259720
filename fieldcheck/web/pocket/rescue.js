// @ts-check
/**
 * "Save everything to a file": what waits on this phone, sealed so that only the installation it belongs to can read it. Nothing is
 * deleted here: the same things may still leave by themselves, and nothing is taken twice.
 */
import { isoLocal } from "./ids.js";
import { sealer } from "./letter.js";

/** The file's bytes. @param {import("./session.js").Session} session @returns {Promise<Blob | null>} null where no key was ever given to this phone */
export async function rescueFile({ store, sync }) {
  const theirs = await store.get("rescue");
  if (!theirs) return null;
  const items = [];
  const blobs = [];
  let at = 0;
  for (const entry of await store.outbox.read()) {
    const photo = entry.kind === "photo" ? await store.photo(entry.id) : null;
    if (entry.kind === "photo" && !photo) continue;
    const size = photo?.bytes.byteLength ?? 0;
    const body = photo ? { ...photo.meta, id: entry.id } : entry.body;
    items.push({ kind: entry.kind, visit: entry.visit, body, at, size });
    if (photo) blobs.push(photo.bytes);
    at += size;
  }
  const owner = (await store.get("as")) ?? store.owner;
  const head = new TextEncoder().encode(JSON.stringify({ owner, ahead_ms: sync.clockGap, items }));
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, head.length);
  const seal = await sealer(theirs);
  return new Blob([await seal(await new Blob([length, head, ...blobs]).arrayBuffer())], { type: "application/octet-stream" });
}

/** Give the file to the phone under a name that says nothing. @param {Blob} file */
export function handOver(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `notes-${isoLocal(new Date()).slice(0, 10)}.dat`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
