/**
 * Keeps the page and its own files on the phone. It answers two things only: opening /pocket (the page that is kept, so that no network
 * can keep her waiting; the page itself says when the server has a newer one) and the files of its own version. Streamlit, /api, sockets,
 * media and everything else pass by untouched. When the browser says that the network is back, it sends what waits.
 */
importScripts("/pocket/{{hash}}/notes.js", "/pocket/{{hash}}/wake.js");

const VERSION = "{{hash}}";
const FILES = ["{{files}}"];
const CACHE = `notes-${VERSION}`;
const SHELL = "/pocket";

self.addEventListener("install", (event) => {
  event.waitUntil(keep());
});

// The page and its files are kept together, all of one version, or not at all.
async function keep() {
  const cache = await caches.open(CACHE);
  const page = await fetch(`${SHELL}?kept`, { cache: "no-store" });
  if (!page.ok || !(await page.clone().text()).includes(VERSION)) throw new Error("the server moved on meanwhile");
  await cache.addAll(FILES);
  await cache.put(SHELL, page);
}

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("notes-") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// A new version waits until the page says that no visit is open.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
  // A page that waits for the PIN: what cannot leave now leaves when she has typed it.
  if (event.data === "send") event.waitUntil(notes.sendAll().catch(() => {}));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "notes-send") event.waitUntil(notes.sendAll());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === SHELL && !search) event.respondWith(kept(SHELL, request));
  else if (FILES.includes(pathname)) event.respondWith(kept(pathname, request));
});

async function kept(path, request) {
  const found = await caches.match(path, { cacheName: CACHE, ignoreVary: true });
  return found ?? fetch(request);
}
