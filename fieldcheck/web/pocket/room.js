// @ts-check
/** Can this phone keep what she will record? Asked before a visit, by trying, and said plainly. */
import { done, transact } from "./db.js";

const LITTLE = 150e6;
const TRIAL = 2e6;

/** What stands in the way, in words; nothing when nothing does. @param {import("./session.js").Session} session @returns {Promise<string[]>} */
export async function roomTroubles({ store, words, sync }) {
  const { t } = words;
  const said = [];
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  const free = estimate?.quota ? estimate.quota - (estimate.usage ?? 0) : Infinity;
  if (!(await takes(store.db)))
    said.push(t("The phone refuses to keep anything more. Free some space before a visit; what you answer now would NOT be saved."));
  else if (free < LITTLE)
    said.push(
      t("The phone has little room left ({n} MB). Free some space before a visit, or photos may not be kept.", {
        n: words.number(Math.round(free / 1e6)),
      }),
    );
  if ((await navigator.storage?.persisted?.().catch(() => true)) === false && forgets())
    said.push(
      t(
        "This browser may clear its notes when the phone runs short of space. Put this page on the home screen, and send before you clear anything.",
      ),
    );
  const minutes = Math.round(Math.abs(sync.clockGap ?? 0) / 60_000);
  if (minutes > 5)
    said.push(
      t("This phone's clock differs from the programme's by {n} min. Your times are corrected; nothing is lost.", {
        n: words.number(minutes),
      }),
    );
  return said;
}

/** Write as much as a photo weighs, and take it away again. @param {IDBDatabase} db */
async function takes(db) {
  const trial = crypto.getRandomValues(new Uint8Array(65_536));
  const bytes = new Uint8Array(TRIAL).map((_, place) => trial[place % trial.length]);
  try {
    await transact(db, ["blobs"], "readwrite", (store) => done(store("blobs").put(bytes.buffer, "trial")));
    await transact(db, ["blobs"], "readwrite", (store) => done(store("blobs").delete("trial")));
    return true;
  } catch {
    return false;
  }
}

/** Safari throws away what a page keeps after a week unless it stands on the home screen. */
const forgets = () =>
  /^((?!chrome|android).)*safari/i.test(navigator.userAgent) && !matchMedia("(display-mode: standalone)").matches;
