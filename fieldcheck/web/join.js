// @ts-check
// Reads the token behind the # of a link and sends it once; or signs out. The token leaves the address bar at once, so that
// neither the history nor a shoulder keeps it.

const what = document.body.dataset.what;
const token = new URLSearchParams(location.hash.slice(1)).get("t");
history.replaceState(null, "", location.pathname);

/** @param {...string} ids */
function show(...ids) {
  for (const line of document.querySelectorAll("[role=status] > *")) line.toggleAttribute("hidden", !ids.includes(line.id));
}

/** @param {string} path @param {object} body */
async function send(path, body) {
  const headers = { "Content-Type": "application/json", "X-FC": "1" };
  return fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
}

async function join() {
  if (!token) return (await goOn()) || show("none");
  show("wait");
  const answer = await send("/join", { token });
  if (answer.ok) {
    localStorage.setItem("notes.doubt", String(Date.now())); // since when: the page for phones asks first whose notes it holds
    sessionStorage.removeItem("notes.over"); // and whoever comes by a link does not come to what she covered in this tab before
    location.replace((await answer.json()).next);
  } else if (answer.status === 429) show("later", "again");
  else (await goOn()) || show("used"); // an old link, tapped again by somebody who is signed in already
}

/** Go on to one's own page when signed in already. */
async function goOn() {
  const me = await fetch("/api/me", { credentials: "same-origin" });
  if (!me.ok) return false;
  location.replace((await me.json()).role === "volunteer" ? "/pocket" : "/");
  return true;
}

async function leave() {
  show("wait");
  const answer = await send("/leave", {});
  location.replace((await answer.json()).next);
}

/** @param {() => Promise<unknown>} act */
async function attempt(act) {
  await act().catch(() => show("offline", what === "leave" ? "leave" : "again"));
}

document.getElementById("again")?.addEventListener("click", () => attempt(join));
document.getElementById("leave")?.addEventListener("click", () => attempt(leave));
if (what === "leave") show("sure", "leave"); // a tap is asked for: no page elsewhere can sign anybody out by a link
else attempt(join);
