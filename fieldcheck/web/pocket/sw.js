/**
 * Keeps the page and its own files on the phone. It answers two things only: opening /pocket (network first, the kept page when there is
 * none) and the files of its own version (kept first). Streamlit, /api, sockets, media and everything else pass by untouched.
 */
const VERSION = "{{hash}}";
const FILES = ["{{files}}"];
const CACHE = `notes-${VERSION}`;
const SHELL = "/pocket";
const PATIENCE = 3000;

self.addEventListener("install", (event) => {
  // The page and its files are kept together, all of one version, or not at all.
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll([new Request(SHELL, { cache: "reload" }), ...FILES])),
  );
});

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
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === SHELL) event.respondWith(open(request));
  else if (pathname.startsWith(`/pocket/${VERSION}/`) || FILES.includes(pathname)) event.respondWith(kept(request));
});

async function open(request) {
  const slow = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const network = fetch(request).catch(() => null);
  const answer = await Promise.race([network, slow]);
  // A proxy's error page is not the page; the one that is kept is.
  if (answer && (answer.ok || answer.type === "opaqueredirect")) return answer;
  return (await caches.match(SHELL, { cacheName: CACHE })) ?? (await network) ?? Response.error();
}

async function kept(request) {
  const found = await caches.match(request, { cacheName: CACHE, ignoreVary: true });
  return found ?? fetch(request);
}
