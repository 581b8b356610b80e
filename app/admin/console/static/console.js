// Comfort for browsers that run scripts. Without it each form works by itself.
// htmx replaces parts of the page. This script then tells screen readers what happened, and moves the
// focus to where the admin goes on.
"use strict";

(() => {
  let place = 0;

  const say = (words) => {
    const said = document.getElementById("said");
    said.textContent = "";
    // A screen reader speaks only when the text changes. So it is emptied first.
    setTimeout(() => { said.textContent = words; }, 60);
  };

  const focus = (element) => {
    if (!element.matches("a, button, input, select, summary, textarea")) element.tabIndex = -1;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  };

  // Remember the card of the act. The card that takes its place gets the focus.
  document.addEventListener("submit", (event) => {
    const card = event.target.closest("[data-card]");
    place = card ? [...document.querySelectorAll("[data-card]")].indexOf(card) : 0;
  }, true);

  const settle = (main) => {
    const wrong = main.querySelector("[data-wrong]");
    if (wrong) {
      say(wrong.textContent.trim());
      focus(main.querySelector("[aria-invalid]") || wrong);
      return;
    }
    const done = main.querySelector("[data-said]");
    if (done) say(done.dataset.said || done.textContent.trim());
    const cards = [...main.querySelectorAll("[data-card]")];
    const card = cards[Math.min(place, cards.length - 1)];
    focus(card?.querySelector("h2, h3") || main.querySelector(".empty") || main.querySelector("h1"));
  };

  document.addEventListener("htmx:after:swap", (event) => {
    const chosen = event.detail.ctx.select;
    if (chosen === "#main") settle(document.getElementById("main"));
    if (chosen === "#results") say(document.getElementById("results").dataset.said);
  });

  // The network or the server failed. htmx leaves the page as it is, so the admin must be told.
  document.addEventListener("htmx:error", () => {
    const japanese = document.documentElement.lang === "ja";
    say(japanese ? "送信できませんでした。もう一度お試しください。" : "Not sent. Please try again.");
  });

  // On a phone the menu does not fit. Scroll it to the present page.
  const here = document.querySelector(".menu [aria-current]");
  here?.scrollIntoView({ block: "nearest", inline: "center" });

  // Opening a form moves the focus into it. Escape closes it.
  document.addEventListener("toggle", (event) => {
    if (!event.target.open) return;
    event.target.querySelector("textarea, input:not([type=hidden]), .panel button")?.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
