// Keys for the review queue. A key moves, or opens a form, or goes to a button; it never sends anything. That
// takes the button, or Ctrl and Enter in the form. Keys rest while a field has the focus or a dialog
// is open, and can be switched off in their list.
"use strict";

(() => {
  const OFF = "linky-keys-off";
  const RESTS = 300; // Milliseconds.
  const ACTS = {
    approve: "a", dismiss: "a", release: "a", restore: "a", overturn: "a",
    hide: "h", suspend: "s", reject: "r", uphold: "r",
    change: "e", close: "c", warn: "w",
  };

  const keyOf = (act) => ACTS[act.dataset.act.replace("many-", "")];
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const dialog = find("#keys");
  if (!dialog) return; // Not signed in.
  const off = find("[name=off]", dialog);

  const isOff = () => {
    try {
      return localStorage.getItem(OFF) !== null;
    } catch {
      return false; // A browser that keeps nothing.
    }
  };

  off.checked = isOff();
  off.addEventListener("change", () => {
    try {
      if (off.checked) localStorage.setItem(OFF, "");
      else localStorage.removeItem(OFF);
    } catch { /* Then it holds until the page is left. */ }
    name();
  });

  // Buttons say their keys: to the eye when it rests on them, and to a screen reader.
  const name = () => {
    for (const act of all("[data-act]")) {
      const key = keyOf(act);
      if (key && !off.checked) {
        act.setAttribute("aria-keyshortcuts", key);
        act.title = dialog.dataset.key.replace("?", key);
      } else {
        act.removeAttribute("aria-keyshortcuts");
        act.removeAttribute("title");
      }
    }
  };

  const cards = () => all("[data-card]").filter((card) => card.offsetParent);
  const current = () =>
    document.activeElement.closest("[data-card]") ?? find("[data-card][aria-current]");

  let resting;
  const go = (card) => {
    const place = find(".look", card) ?? find("h2, h3", card);
    if (!place.matches("a")) place.tabIndex = -1;
    place.focus();
    card.scrollIntoView({ block: "nearest" });
    // What stands around it follows once the keys rest.
    clearTimeout(resting);
    resting = setTimeout(() => document.dispatchEvent(new Event("linky:rest")), RESTS);
  };

  // From nowhere it begins with the first card, not with the one after.
  const step = (by) => {
    const list = cards();
    const at = list.indexOf(document.activeElement.closest("[data-card]"));
    const next = list[at < 0 ? Math.max(0, list.indexOf(current())) : at + by];
    if (next) go(next);
  };

  // While cards are selected, an act is on all of them.
  const act = (key) => {
    const place = find(".pick input:checked") ? find("#bulk") : current() ?? cards()[0];
    const button = place && all("[data-act]", place).find((each) => keyOf(each) === key);
    if (!button) return false;
    if (button.matches("summary")) {
      if (!button.parentElement.open) button.click();
    } else {
      button.focus();
    }
    return true;
  };

  const press = (selector, root = document) => {
    const found = root && find(selector, root);
    found?.click();
    return Boolean(found);
  };

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    o: () => press(".look", current()),
    x: () => press(".pick input", current()),
    n: () => press(".live-offer:not([hidden])"),
    u: () => { find("[data-undo] button")?.focus(); },
    "?": () => dialog.showModal(),
  };

  const rests = (event) => off.checked || event.isComposing || event.keyCode === 229
    || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
    || (event.shiftKey && event.key !== "?")
    || find("dialog[open]")
    || event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (rests(event)) return;
    const key = event.key.toLowerCase();
    if (key === "enter") {
      // Elsewhere Enter does what it does in any page.
      const heading = event.target.matches("h2, h3") && event.target.closest("[data-card]");
      if (heading && press(".look", heading)) event.preventDefault();
    } else if (KEYS[key] && (!event.repeat || "jk".includes(key))) {
      KEYS[key]();
      event.preventDefault();
    } else if (!event.repeat && act(key)) {
      event.preventDefault(); // Or the letter would be typed into the form that opens.
    }
  });

  // Ctrl (or Command) and Enter send the form that one is in, if it has one button.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form.panel");
    if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (event.isComposing || event.keyCode === 229 || event.repeat) return;
    const buttons = all("button:not([type=button])", form);
    if (buttons.length !== 1) return;
    event.preventDefault();
    form.requestSubmit(buttons[0]);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) dialog.showModal();
    else if (event.target === dialog || event.target.closest("#keys button")) dialog.close();
  });
  document.addEventListener("htmx:after:swap", () => name());
  document.addEventListener("linky:cards", () => name()); // New ones (`live.js`).
  name();
})();
