// The desk: choosing a card without losing what was typed into another, and forms that fit.
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);

  // The pane came with the page of the card that was chosen. It moves to that card.
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.select !== "#pane") return;
    const pane = find("#pane");
    const card = find(`#h-${CSS.escape(pane?.dataset.of ?? "")}`)?.closest("[data-item]");
    if (!card) return;
    document.querySelectorAll("[data-item][aria-current]").forEach((other) => {
      other.removeAttribute("aria-current");
    });
    card.setAttribute("aria-current", "true");
    card.after(pane);
    pane.scrollTop = 0;
    // Below the card on a narrow screen, where what comes may be out of sight.
    if (getComputedStyle(pane).position !== "sticky") {
      pane.scrollIntoView({ block: "nearest" });
      card.scrollIntoView({ block: "nearest" });
    }
  });

  // A form below its button that would end below the window stands above it.
  const fit = (details) => {
    const panel = find(".panel", details);
    if (!panel || !details.matches(".acts > details")) return;
    details.classList.remove("up");
    const room = innerHeight - panel.getBoundingClientRect().bottom;
    const above = find("summary", details).getBoundingClientRect().top;
    details.classList.toggle("up", room < 8 && above > panel.offsetHeight + 8);
  };

  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.matches("details")) fit(event.target);
  }, true);
})();
