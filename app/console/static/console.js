// Comfort for browsers that run scripts. Forms work without it.
// htmx sends forms and replaces parts of the page. This script guards what the admin typed when the
// network or a proxy fails, tells screen readers what happened, and moves the focus on.
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const buttons = new WeakMap(); // By form: the button that sent it last.
  let place = 0;

  const say = (words) => {
    const said = find("#said");
    said.textContent = "";
    // A screen reader speaks only when the text changes. So it is emptied first.
    setTimeout(() => { said.textContent = words; }, 60);
  };

  const focus = (element) => {
    if (!element) return;
    if (!element.matches("a, button, input, select, summary, textarea")) element.tabIndex = -1;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };

  // What failed. The form stays as it is, with a note and a button to send it again.

  const fail = (form, kind, words) => {
    if (!form?.isConnected) return;
    find("[data-failed]", form)?.remove();
    const note = find(`[data-kind="${kind}"]`, find("#failures").content).cloneNode(true);
    if (words) find("p", note).textContent = words;
    form.append(note);
    note.scrollIntoView({ block: "nearest" });
  };

  // Only a whole page of ours may replace anything. A proxy that fails answers with its own page.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const mark = ctx.response.headers.get("linky-console");
    if (mark === "page" && ctx.text.trimEnd().endsWith("</html>")) return;
    event.preventDefault();
    const answer = mark === "refusal" && new DOMParser().parseFromString(ctx.text, "text/html");
    const words = answer && find("[data-wrong] p", answer)?.textContent;
    const kind = mark === "signed-out" ? mark : words ? "refused" : "server";
    fail(ctx.sourceElement.closest("form"), kind, words);
  });

  document.addEventListener("htmx:error", (event) => {
    fail(event.detail.ctx?.sourceElement.closest("form"), "network");
  });

  // A new sign-in has a new token for forms. The page's own address has it.
  const renewToken = async () => {
    const page = await (await fetch(location.href)).text();
    const fresh = find(".own [name=token]", new DOMParser().parseFromString(page, "text/html"));
    if (!fresh) return false;
    document.querySelectorAll("[name=token]").forEach((field) => { field.value = fresh.value; });
    return true;
  };

  const again = async (form) => {
    try {
      if (!await renewToken()) { fail(form, "signed-out"); return; }
    } catch {
      fail(form, "network");
      return;
    }
    const button = buttons.get(form);
    form.requestSubmit(button?.isConnected ? button : null);
  };

  // The second tap of a double tap can come after the answer to the first. Then it hits the button
  // that stands there now, which the admin has not read. So a tap in the same place does nothing
  // for a moment. A tap elsewhere and a key work at once.
  const MOMENT = 600, NEAR = 24; // Milliseconds, and pixels that a thumb may slip.
  let tap = null; // Where the last click was; null if a key made it.
  let sent = null; // Where the click was that sent the last form.
  let changed = 0; // When an answer has last replaced the main part.
  let cause = null; // Where the click was that led to it.

  document.addEventListener("click", (event) => {
    tap = event.detail ? { x: event.clientX, y: event.clientY } : null;
  }, true);
  document.addEventListener("keydown", () => { tap = null; }, true);

  // htmx replaces the part a little before it says so. A tap can come in between.
  for (const when of ["htmx:before:swap", "htmx:after:swap"]) {
    document.addEventListener(when, (event) => {
      if (event.detail.ctx.select === "#main") [changed, cause] = [performance.now(), sent];
    });
  }

  const isSecondTap = () => tap && cause && performance.now() - changed < MOMENT
    && Math.hypot(tap.x - cause.x, tap.y - cause.y) < NEAR;

  document.addEventListener("submit", (event) => {
    if (isSecondTap()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    sent = tap;
    buttons.set(event.target, event.submitter);
    find("[data-failed]", event.target)?.remove();
    // Remember the card of the act. The card that replaces it gets the focus.
    const card = event.target.closest("[data-card]");
    place = card ? [...document.querySelectorAll("[data-card]")].indexOf(card) : 0;
  }, true);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-again]");
    if (button) again(button.closest("form"));
  });

  // What was done is said for a moment, and with it the offer to undo goes when its time is over. It
  // stays where undoing has just failed, or while somebody is on it.
  const SAID = 8000; // Milliseconds, without an offer.
  // A touch screen keeps `:hover` where the last tap was.
  const held = matchMedia("(hover: hover)").matches ? ":hover, :focus-within" : ":focus-within";
  const passAway = () => {
    const note = find("main > .banner.good");
    if (!note) return;
    const offer = find("[data-undo]", note);
    const end = performance.now() + (offer ? offer.dataset.undo * 1000 : SAID);
    const tick = () => {
      const left = end - performance.now();
      if (offer) find(".left", offer).textContent = left > 0 ? offer.dataset.left.replace("?", Math.ceil(left / 1000)) : "";
      if (left <= 0 && find("[data-failed]", note)) return;
      if (left <= 0 && !note.matches(held)) {
        if (note.matches(".toast")) note.remove();
        else offer?.remove();
      } else if (note.isConnected) setTimeout(tick, left > 0 ? left % 1000 || 1000 : 1000);
    };
    tick();
  };

  const settle = (main) => {
    passAway();
    const wrong = find("[data-wrong]", main);
    if (wrong) {
      say(wrong.textContent.trim());
      focus(find("[aria-invalid]", main) || wrong);
      return;
    }
    const done = find("[data-said]", main);
    if (done) say(done.dataset.said || done.textContent.trim());
    const cards = [...main.querySelectorAll("[data-card]")];
    // In the review queue the page says which card is next. Elsewhere it is the one in the same place.
    const card = find("[data-card][aria-current]", main) || cards[Math.min(place, cards.length - 1)];
    focus((card && find("h2, h3", card)) || find(".empty", main) || find("h1", main));
  };

  document.addEventListener("htmx:after:swap", (event) => {
    const chosen = event.detail.ctx.select;
    if (chosen === "#main") {
      settle(find("#main"));
      // The badges of the menu count pending items.
      const menu = find(".menu", new DOMParser().parseFromString(event.detail.ctx.text, "text/html"));
      if (menu) find(".menu").innerHTML = menu.innerHTML;
      // Who has demoted themselves has none any more.
      else document.querySelectorAll(".menu, .own").forEach((part) => part.remove());
    }
    // htmx keeps no history here, so it leaves the address, too.
    const { action } = event.detail.ctx.request;
    if (event.detail.ctx.replace === "true") history.replaceState(history.state, "", action);
    const part = chosen !== "#main" && find(`${chosen}[data-said]`);
    if (part) say(part.dataset.said);
  });

  // A canned reason fills the field above it, in the language of whom it is for.
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-fill]");
    const field = chip && find("textarea", chip.closest("form"));
    if (!field) return;
    const typed = field.value.trim();
    field.value = typed ? `${typed}\n${chip.dataset.fill}` : chip.dataset.fill;
    field.focus();
  });

  // Recovery codes are copied, one a line. A page that is not by https can't copy.
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const codes = [...document.querySelectorAll(`#${button.dataset.copy} code`)];
      await navigator.clipboard.writeText(codes.map((code) => code.textContent).join("\n"));
      button.textContent = button.dataset.copied;
      say(button.dataset.copied);
    });
  }

  // A thumbnail opens above the page. Without script it is a link to the picture.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-enlarge]");
    const dialog = find("#large");
    if (link) {
      event.preventDefault();
      find("img", dialog).src = link.href;
      find("img", dialog).alt = find("img", link).alt;
      dialog.showModal();
    } else if (event.target.closest("#large")) {
      dialog.close();
    }
  });

  // Opening a form moves the focus into it. Escape closes it. One that comes open with a refusal has
  // the focus in the field that is wrong, maybe before its event comes.
  document.addEventListener("toggle", (event) => {
    if (!event.target.open || event.target.matches("dialog")) return;
    if (find(":focus:not(summary)", event.target)) return;
    const field = find("textarea, input:not([type=hidden])", event.target);
    (field || find(".panel button", event.target))?.focus();
  }, true);

  // Afterwards the focus is on the card, where Enter opens what stands around it.
  const shut = (details) => {
    details.open = false;
    const card = details.matches(".acts > details") && details.closest("[data-card]");
    (card && find(".look", card) || find("summary", details)).focus();
  };

  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (open) shut(open);
  });

  document.addEventListener("click", (event) => {
    const cancel = event.target.closest("[data-cancel]");
    if (cancel) shut(cancel.closest("details"));
  });

  const sought = find("#find");
  if (sought && matchMedia("(hover: hover)").matches) sought.placeholder = sought.dataset.withKey;

  // `/` leads to the search, from everywhere but a field.
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea, [contenteditable], dialog");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = find("#find");
    if (!field) return;
    event.preventDefault();
    field.select();
  });

  passAway();
})();
