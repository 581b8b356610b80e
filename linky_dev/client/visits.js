// Where one is in the browser's history, and how far each screen was scrolled: back leads to the
// same place, not only to the same screen.

history.scrollRestoration = "manual";

const scrolled = new Map(); // By visit.
let here = null;

const begin = (depth) => ({ id: `${Date.now()}-${Math.random()}`, depth });

// Begins the visit of the address that is open now. Returns how far its screen was scrolled before.
export function arrive() {
  if (here) scrolled.set(here.id, window.scrollY);
  here = history.state?.visit ?? begin(here ? here.depth + 1 : 0);
  history.replaceState({ visit: here }, "");
  return scrolled.get(here.id) ?? 0;
}

// In place of a screen that has done its work, so that back does not lead to it again.
export function replaceWith(hash) {
  history.replaceState({ visit: begin(here.depth) }, "", hash);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

// To where one came from; to `parent` where this is the first screen.
export function goBack(parent) {
  if (here.depth > 0) history.back();
  else replaceWith(parent);
}
