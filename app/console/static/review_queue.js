// The review queue: choosing a card without losing what was typed into another, and forms that fit.
"use strict";

(() => {
  const find = (selector, root = document) => root.querySelector(selector);

  // The current card is the one that a key would act on.
  const outline = (card) => {
    document.querySelectorAll("[data-item][aria-current]").forEach((other) => {
      if (other !== card) other.removeAttribute("aria-current");
    });
    card.setAttribute("aria-current", "true");
  };
  const withKeys = () =>
    find(".review-queue > [data-item] :focus-visible")?.closest("[data-item]");
  document.addEventListener("focusin", () => {
    const card = withKeys();
    if (card) outline(card);
  });

  // The pane came with the page of the card that was chosen. It moves to that card.
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.select !== "#pane") return;
    const pane = find("#pane");
    const card = find(`#h-${CSS.escape(pane?.dataset.of ?? "")}`)?.closest("[data-item]");
    if (!card) return;
    outline(withKeys() ?? card);
    card.after(pane);
    pane.scrollTop = 0;
    // Below the card on a narrow screen, where the context may be outside the window.
    if (getComputedStyle(pane).position !== "sticky") {
      pane.scrollIntoView({ block: "nearest" });
      card.scrollIntoView({ block: "nearest" });
    }
  });

  // Many at once: the box above the cards selects all of them, and the bar says how many are.
  const boxes = () => [...document.querySelectorAll(".review-queue .pick input")];
  const count = () => {
    const all = find("[data-all]");
    if (!all) return;
    const chosen = boxes().filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
    find("[data-count]").textContent = chosen;
    // What one of them has not is not offered.
    const why = find("#cannot");
    if (!why) return;
    const verbs = boxes().filter((box) => box.checked).map((box) => box.dataset.cannot);
    why.hidden = true;
    for (const summary of document.querySelectorAll("#bulk summary")) {
      summary.removeAttribute("aria-disabled");
      summary.removeAttribute("aria-describedby");
      if (!verbs.includes(summary.dataset.act.replace("many-", ""))) continue;
      summary.setAttribute("aria-disabled", "true");
      summary.setAttribute("aria-describedby", "cannot");
      summary.parentElement.open = false;
      why.hidden = false;
    }
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest("summary[aria-disabled]")) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      boxes().forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-all], .pick input")) count();
  });
  document.addEventListener("htmx:after:swap", count);
  count();

  // A form at its button that would end below the window stands above it.
  const fit = (details) => {
    const panel = find(".panel", details);
    if (!panel || !details.matches(".acts > details")) return;
    details.classList.remove("up");
    if (getComputedStyle(panel).position === "fixed") return;
    const room = innerHeight - panel.getBoundingClientRect().bottom;
    const above = find("summary", details).getBoundingClientRect().top;
    details.classList.toggle("up", room < 8 && above > panel.offsetHeight + 8);
    panel.scrollIntoView({ block: "nearest" });
  };

  // Where the pane is beside the cards, it shows what stands around the card that is worked on.
  const isBeside = () => {
    const pane = find("#pane");
    return pane && getComputedStyle(pane).position === "sticky";
  };
  const choose = (card) => {
    const isShown = card?.dataset.item.split(":")[1] === find("#pane")?.dataset.of;
    if (card && isBeside() && !isShown) find(".look", card)?.click();
  };
  document.addEventListener("linky:rest", () => choose(withKeys()));

  // Every form that opens in place has a button that closes it.
  const addCancel = (details) => {
    const panel = details.matches(".acts > details") && find(".panel", details);
    if (panel && !find("[data-cancel]", panel)) panel.append(find("#cancel").content.cloneNode(true));
  };

  document.addEventListener("toggle", (event) => {
    if (!event.target.open || !event.target.matches("details")) return;
    addCancel(event.target);
    fit(event.target);
    choose(event.target.closest(".review-queue > [data-item]"));
  }, true);

  document.addEventListener("click", (event) => {
    const card = event.target.closest(".review-queue > [data-item]");
    const isPlain = !event.target.closest("a, button, input, label, select, summary, textarea, .panel");
    if (card && isPlain && String(getSelection()) === "") choose(card);
  });

  // Without an answer the link leads on as any link does.
  document.addEventListener("htmx:error", (event) => {
    const link = event.detail.ctx?.sourceElement;
    if (link?.matches?.(".look, .around a")) location.assign(link.href);
  });
})();
