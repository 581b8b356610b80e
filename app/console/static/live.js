// What the server knows since this page was shown: new work, what others decided, and what they look
// at. It asks while the tab is seen. Nothing that is typed, open or under the finger moves:
// what is said of a card lies on its edge, and new cards come when the admin asks for them (ADR 0012).
"use strict";

(() => {
  const EVERY = 15_000, RARELY = 120_000; // Milliseconds; rarely while the server can't be reached.
  const SOON = 400; // After a page has come: what it shows may be a moment old.
  const RENEWED = 120_000; // A claim goes on for ten minutes after it was last said.
  const NOT_YET = 700; // A tap may have been meant for what was there a moment before.

  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const queue = () => find("[data-live]");
  const cards = () => (queue() ? all("[data-item]", queue()) : []);
  const idOf = (card) => card.dataset.item.split(":")[1];

  const say = (words) => {
    const said = find("#said");
    said.textContent = "";
    setTimeout(() => { said.textContent = words; }, 60);
  };

  // The badges of the menu and the tab's title. A link that has the focus stays where it is.

  const count = (menu) => {
    for (const item of all("li", menu)) {
      const here = find(`.menu a[href="${find("a", item).getAttribute("href")}"]`)?.parentElement;
      const [old, fresh] = [here && find(".badge", here), find(".badge", item)];
      if (!here || old?.outerHTML === fresh?.outerHTML) continue;
      old?.remove();
      if (fresh) here.append(fresh.cloneNode(true));
    }
    const waits = menu.dataset.waiting;
    const plain = document.title.replace(/^\(\d+\+?\) /, "");
    document.title = waits ? `(${waits}) ${plain}` : plain;
  };

  // What is said of a card. It is kept, because an answer to a form brings fresh cards.

  let told = { claim: new Map(), decided: new Map() };
  let heard = ""; // What a screen reader announced about the card that the admin has open.

  const mark = () => {
    for (const card of cards()) {
      const decided = told.decided.get(idOf(card));
      const words = decided ?? told.claim.get(idOf(card));
      let note = find(":scope > .live-note", card);
      card.classList.toggle("decided", decided !== undefined);
      if (!words) {
        note?.remove();
        continue;
      }
      if (!note) {
        note = document.createElement("p");
        note.className = "live-note";
        card.append(note);
      }
      note.classList.toggle("good", decided !== undefined);
      if (note.textContent !== words) note.textContent = words;
    }
    const pane = find("#pane");
    pane?.classList.toggle("decided", told.decided.has(pane.dataset.of));
    const id = atHand() && idOf(atHand());
    const words = told.decided.get(id) ?? told.claim.get(id);
    if (words && heard !== id + words) say(words);
    heard = words ? id + words : "";
  };

  const read = (page, name) => {
    const found = new Map();
    for (const line of all(`[data-${name}]`, page)) {
      const [id, words] = [line.dataset[name], line.textContent];
      found.set(id, found.has(id) ? `${found.get(id)} / ${words}` : words);
    }
    return found;
  };

  // New cards. They are offered at the edge of the window, and inserted at their positions in the list.

  let offered = "";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "live-offer primary";
  button.hidden = true;
  button.addEventListener("click", () => take());

  const offer = (line) => {
    const query = new URLSearchParams(location.search);
    const ids = line && !query.has("cursor") && !query.has("case") ? line.dataset.new : "";
    if (!ids) {
      button.hidden = true;
    } else if (ids !== offered) {
      say(line.textContent);
      if (button.hidden) {
        button.classList.add("unripe");
        setTimeout(() => button.classList.remove("unripe"), NOT_YET);
      }
      // There is nothing that could move, but for an offer to undo.
      if (!cards().length && !find("#main [data-undo], #main [data-wrong]")) take();
    }
    offered = ids;
    if (!ids) return;
    button.textContent = line.textContent;
    if (!button.isConnected) find("#main").append(button);
    button.hidden = false;
  };

  const take = async () => {
    let page;
    try {
      const answer = await fetch(location.href);
      if (answer.headers.get("linky-console") !== "page") return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return; // The offer stays.
    }
    const [list, fresh] = [queue(), find("[data-live]", page)];
    if (!list || !fresh) return;
    button.hidden = true;
    if (!cards().length) {
      find("#main").replaceChildren(...find("#main", page).childNodes);
      htmx.process(find("#main"));
    } else {
      const first = insert(list, fresh);
      if (first) (find(".look", first) ?? find("h2", first)).focus();
    }
    document.dispatchEvent(new Event("linky:cards"));
    mark();
    look();
  };

  // Puts the cards that are not there after those that they follow. Returns the first of them.
  const insert = (list, fresh) => {
    let [last, first] = [null, null];
    for (const card of all("[data-item]", fresh)) {
      const there = find(`[data-item="${card.dataset.item}"]`, list);
      if (there) {
        last = there;
        continue;
      }
      card.removeAttribute("aria-current"); // Another one is chosen here.
      const pane = last?.nextElementSibling?.matches("#pane") ? last.nextElementSibling : last;
      if (pane) pane.after(card);
      else list.prepend(card);
      htmx.process(card);
      last = card;
      first ??= card;
    }
    return first;
  };

  // Asking. A page that is not seen asks nothing.

  let timer, wait = EVERY, asking = null;

  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(look, milliseconds);
  };

  const look = async () => {
    clearTimeout(timer);
    if (document.hidden || !find(".menu")) return;
    asking?.abort();
    const mine = asking = new AbortController();
    const limit = setTimeout(() => mine.abort(), 10_000);
    const shown = cards().map(idOf).join();
    const asked = new URLSearchParams({ kind: queue()?.dataset.live ?? "", shown });
    try {
      const headers = { "HX-Request": "true" };
      const answer = await fetch(`/admin/live?${asked}`, { headers, signal: mine.signal });
      if (answer.headers.get("linky-console") !== "live") throw new Error("no answer of ours");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      wait = EVERY;
      count(find(".menu", page));
      told = { claim: read(page, "claim"), decided: read(page, "decided") };
      mark();
      offer(find("[data-new]", page));
      later(wait);
    } catch {
      if (mine !== asking) return; // A later request or another page replaced it.
      // Offline, signed out, or a release: the forms say so when they are sent.
      wait = Math.min(wait * 2, RARELY);
      later(wait);
    } finally {
      clearTimeout(limit);
    }
  };

  // What the admin looks at: the card whose form is open, or that was chosen. Said at once, and again
  // while they do something. It is taken back when they leave it.

  let target = null; // { kind, id }
  let saidAt = 0, usedAt = 0;

  const atHand = () => {
    const open = cards().find((card) => find(".acts details[open]", card));
    // The first card's context opens automatically. That counts once the admin does something.
    const pane = usedAt ? find("#pane") : find("#pane:not(.unasked)");
    const chosen = pane && getComputedStyle(pane).display !== "none" ? pane.dataset.of : null;
    return open ?? cards().find((each) => idOf(each) === chosen);
  };

  const looking = () => {
    const card = atHand();
    if (!card || card.classList.contains("decided")) return null;
    return { kind: queue().dataset.live, id: idOf(card) };
  };

  const tell = (verb, { kind, id }, beacon = false) => {
    const form = new URLSearchParams({ token: find(".own [name=token]")?.value ?? "" });
    const path = `/admin/claims/${kind}/${id}/${verb}`;
    if (beacon) navigator.sendBeacon(path, form);
    else fetch(path, { method: "POST", body: form }).catch(() => {});
  };

  const claim = () => {
    const now = Date.now();
    const next = document.hidden ? target : looking();
    const isSame = next?.id === target?.id;
    if (target && !isSame && !next) tell("end", target);
    if (next && (!isSame || (usedAt > saidAt && now - saidAt > RENEWED))) {
      saidAt = now;
      tell("hold", next);
    }
    target = next;
  };

  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(kind, () => { usedAt = Date.now(); }, { capture: true, passive: true });
  }
  addEventListener("pagehide", () => { if (target) tell("end", target, true); });
  addEventListener("pageshow", (event) => { if (event.persisted) [target, saidAt] = [null, 0]; });
  setInterval(claim, 1000);

  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.select !== "#main") return;
    // An answer to a form has brought other cards. What was asked before is of the old ones: an undo
    // brings back a card that was decided then.
    asking?.abort();
    asking = null;
    told.decided.clear();
    offered = "";
    button.hidden = true;
    mark();
    later(SOON);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  addEventListener("online", look);
  later(queue() ? SOON : EVERY);
})();
