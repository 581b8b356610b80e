// Where one is in the browser's history, and how far each screen was scrolled: back leads to the
// same place, not only to the same screen.

history.scrollRestoration = "manual";

const scrolled = new Map(); // By visit.
let here = null;
let hash = ""; // Of the screen that is open.

const begin = (depth, from) => ({ id: `${Date.now()}-${Math.random()}`, depth, from });

// Begins the visit of the address that is open now. Returns how far its screen was scrolled before.
export function arrive() {
  if (here) scrolled.set(here.id, window.scrollY);
  here = history.state?.visit ?? begin(here ? here.depth + 1 : 0, hash);
  history.replaceState({ visit: here }, "");
  hash = location.hash;
  return scrolled.get(here.id) ?? 0;
}

// Replaces a screen that has done its work, so that back does not lead to it again.
export function replaceWith(next) {
  history.replaceState({ visit: begin(here.depth, here.from) }, "", next);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

// To what was changed, whether one came from there or not.
export function returnTo(next) {
  if (here.from === next) history.back();
  else replaceWith(next);
}

// The screen before this one; the first screen where there was none.
export const cameFrom = () => here.from || "#/";

// To where one came from; to `parent` where this is the first screen.
export function goBack(parent) {
  if (here.depth > 0) history.back();
  else replaceWith(parent);
}
