// Keeps the page itself, so that it opens without the service and shows what was last known.
// Files with a hash in their name never change; everything else is asked for first.

const KEPT = "hanport-1";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.add("./")));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))));
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(self.registration.scope);
  const ours = url.origin === scope.origin && url.pathname.startsWith(scope.pathname);
  // the service's answers are never kept: an old reading must not look like a new one
  if (request.method !== "GET" || !ours || /\/(api\/|healthz|readyz|metrics)/.test(url.pathname))
    return;
  const hashed = /\/assets\/.*-[\w-]{8}\.\w+$/.test(url.pathname);
  event.respondWith(hashed ? keptFirst(request) : askedFirst(request));
});

async function keptFirst(request) {
  const cache = await caches.open(KEPT);
  return (await cache.match(request)) ?? fetched(request, cache);
}

async function askedFirst(request) {
  const cache = await caches.open(KEPT);
  try {
    return await fetched(request, cache);
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

async function fetched(request, cache) {
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
