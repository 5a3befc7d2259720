// @ts-check
/** Visits and checklists as the phone last knew them, so that a visit opens with no network at all. */
import { call, Refused, Unreachable } from "./api.js";
import { NOTED } from "./store.js";
import { recognise } from "./session.js";
import { OVER } from "./sync.js";
import { hear } from "./unlock.js";
import { DOUBT, isBlank, isQuiet } from "./wipe.js";

/** @typedef {{id: string, state: string, school: any, window: {from: string, to: string}, scenario: any, checklists: {digest: string, id: string, version: number}[], returned: {checklist: string, question: string, reason: string}[], updated_at: string, photos?: any[]}} Visit */

/** States in which she may still write. */
export const OPEN = ["assigned", "in_progress", "returned"];

/** Ask the server for the visits and keep them, with everything an open one needs; what was asked last is kept last. @param {import("./session.js").Session} session @returns {Promise<boolean>} */
export function refresh(session) {
  if (!session.looking) return (session.looking = look(session).finally(() => (session.looking = null)));
  const again = () => {
    session.next = null;
    return refresh(session);
  };
  return (session.next ??= session.looking.then(again, again));
}

/** @param {import("./session.js").Session} session */
async function look(session) {
  const { store, sync } = session;
  // The empty app stays empty, and so does a phone that keeps nothing but what waits to be sent.
  if (store.decoy || isQuiet()) return false;
  const asked = Date.now();
  let said;
  try {
    const have = ((await store.get("checklists")) ?? []).join(",");
    said = await call("GET", `/api/start?have=${have}`, { seconds: 30, headers: { "X-FC-Owner": "" } });
  } catch (fault) {
    if (fault instanceof Refused && OVER.includes(fault.code)) await sync.revoked();
    if (fault instanceof Refused && fault.code === "session.locked") {
      // Sending goes on; only what is new cannot be seen.
      session.shut = true;
      store.say("docs");
    } else if (fault instanceof Refused && fault.status === 401) sync.feel("signed_out");
    else if (!(fault instanceof Unreachable || fault instanceof Refused)) throw fault;
    return false;
  }
  return take(session, said, asked);
}

/** Keep what the server said of everything. @param {import("./session.js").Session} session @param {any} list @param {number} asked when; what happened on this phone since is newer than what was said */
export async function take(session, list, asked) {
  const { store, sync } = session;
  if (store.decoy || isQuiet() || isBlank() || !recognise(session, list.me)) return false;
  // What was asked before a link was opened says nothing of who came by it.
  if (Number(localStorage.getItem(DOUBT)) < asked) localStorage.removeItem(DOUBT);
  session.served = list.app;
  session.shut = false;
  await hear(session, list.me.pin).catch((fault) => {
    if (!(fault instanceof Unreachable || fault instanceof Refused)) throw fault;
  });
  sync.learnTime(list.server_now);
  if (sync.mood === "signed_out") {
    sync.feel("idle");
    sync.kick({ hurry: true });
  }
  const digests = new Set((await store.get("checklists")) ?? []);
  for (const [digest, body] of Object.entries(list.checklists)) {
    await store.put(`checklist:${digest}`, body);
    digests.add(digest);
  }
  await store.put("checklists", [...digests]);
  if (list.rescue) {
    await store.put("rescue", list.rescue);
    await store.letters.renew();
  }
  const known = (await store.get("visits")) ?? [];
  for (const visit of list.visits)
    await keep(session, visit, asked).catch((fault) => {
      // One visit that cannot be had whole now comes with the next look.
      if (!(fault instanceof Unreachable || fault instanceof Refused)) throw fault;
    });
  const ids = list.visits.map((/** @type {Visit} */ visit) => visit.id);
  for (const id of known.filter((/** @type {string} */ one) => !ids.includes(one))) {
    // Given to somebody else or withdrawn. What she recorded stays until she has seen to it.
    await store.revise(`visit:${id}`, (visit) => (visit && visit.state !== "withdrawn" ? { ...visit, state: "withdrawn" } : undefined));
    const loose = (await store.photos(id)).some((photo) => photo.state === "uncovered");
    if (loose || (await store.outbox.all()).some((entry) => entry.visit === id)) ids.push(id);
    else for (const doc of [...NOTED, "note", "incomplete"]) await store.drop(`${doc}:${id}`);
  }
  // Also what a page that died, or a worker, left here of a visit when the server had all of it.
  const isOpen = new Set(list.visits.flatMap((/** @type {Visit} */ { id, state }) => (OPEN.includes(state) ? id : [])));
  await store.forget(...new Set([...known, ...ids].filter((id) => !isOpen.has(id))));
  await store.put("visits", ids);
  store.say("docs");
  return true;
}

/** @param {import("./session.js").Session} session @param {Visit} visit @param {number} asked */
async function keep({ store }, visit, asked) {
  const before = await store.get(`visit:${visit.id}`);
  for (const { digest } of visit.checklists) {
    if (!(await store.get(`checklist:${digest}`)))
      await store.put(`checklist:${digest}`, await call("GET", `/api/checklists/${digest}`));
  }
  if (before && before.updated_at === visit.updated_at && before.state === visit.state) return;
  if (before?.moved >= asked || isQuiet()) return;
  const known = "answers" in visit || !OPEN.includes(visit.state);
  const whole = known ? visit : await call("GET", `/api/visits/${visit.id}`);
  const { answers = [], ...rest } = whole;
  await store.adopt(
    { ...rest, photos: rest.photos ?? [] },
    answers.map((/** @type {any} */ answer) => ({ seen_at: null, place: null, no_place: null, ...answer })),
    asked,
  );
  if (visit.state === "returned" && before?.state !== "returned") await store.drop(`mended:${visit.id}`);
}

/** A visit with its checklists as kept here; asks the server when it was never here. @param {import("./session.js").Session} session @param {string} id */
export async function loadVisit(session, id) {
  const { store } = session;
  if (!(await store.get(`visit:${id}`)) && !isQuiet()) await keep(session, await call("GET", `/api/visits/${id}`), Date.now());
  const visit = /** @type {Visit} */ (await store.get(`visit:${id}`));
  const checklists = await Promise.all(
    visit.checklists.map(async ({ digest }) => ({ digest, body: await store.get(`checklist:${digest}`) })),
  );
  return { visit, checklists: checklists.filter((one) => one.body) };
}

/** Where a visit stands, counting what this phone has already promised to send. @param {Visit} visit @param {import("./outbox.js").Entry[]} entries */
export function standing(visit, entries) {
  const own = entries.filter((entry) => entry.visit === visit.id && entry.state !== "refused");
  const has = (/** @type {string} */ kind) => own.some((entry) => entry.kind === kind);
  if (!OPEN.includes(visit.state)) return visit.state;
  if (has("stop")) return "stopping";
  if (has("submission")) return "submitting";
  return visit.state === "assigned" && has("briefing") ? "in_progress" : visit.state;
}
