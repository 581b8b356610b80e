// Keeps the files of the page, so that it opens without a network. What users wrote is not here.

const CACHE = "linky-app";
const FILES = [
  "/app", "/dev/static/icon.svg",
  ...["app.css", "api.js", "app.js", "browse_screens.js", "connection.js", "context.js", "dom.js", "draft_form.js", "drafts.js",
    "list_view.js", "lists.js", "live.js", "loader.js", "my_screens.js", "page.js", "parts.js", "place.js", "positions.js",
    "post_screen.js", "shelf.js", "store.js", "stream.js", "windows.js", "words.js", "write_screens.js"].map((name) => `/app/${name}`),
];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The server's file if it answers, so that a change of the code is seen at once.
async function fileOf(request) {
  const { pathname, search } = new URL(request.url);
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !search) await cache.put(pathname, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(pathname);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !FILES.includes(pathname)) return;
  event.respondWith(fileOf(event.request));
});
