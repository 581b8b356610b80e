// Parts of several screens: what the app says and asks.

import { h } from "./dom.js";
import { replaceWith } from "./visits.js";
import { t } from "./words.js";

export function say(error) {
  // It stands above every screen, and stays there.
  if (error.code === "account_suspended") return window.scrollTo(0, 0);
  if (error.code === "guest_not_allowed") return toSignIn();
  const words = error.fields && error.fields.length ? error.fields.map((each) => each.message).join("\n") : error.message;
  toast("alert", error.status ? words : t("offline"));
}

// What was done, where the screen itself does not show it.
export const done = (words) => toast("status", words);

// Above all, an open dialog too.
function toast(role, words) {
  const element = h("p", { className: "toast", role, popover: "manual" }, words);
  document.body.append(element);
  element.showPopover();
  setTimeout(() => element.remove(), role === "alert" ? 6000 : 3000);
}

// Runs once at a time, and says what went wrong. The button of a form says that it is at work.
export const careful = (act) => async (event) => {
  event.preventDefault();
  const button = event.submitter || event.currentTarget;
  const words = button.textContent;
  button.disabled = true;
  if (button.matches("form .button")) button.textContent = t("sending");
  try {
    await act(event);
  } catch (error) {
    say(error);
  } finally {
    button.disabled = false;
    if (button.textContent === t("sending")) button.textContent = words;
  }
};

// Asks before what can't be undone. The answer is true for yes.
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    const dialog = sheet(question, h("p", {}, question),
      h("form", { method: "dialog", className: "row" }, h("button", { className: "button danger", value: "yes" }, yes), h("button", { className: "button second", value: "" }, t("cancel"))));
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
  });
}

// A dialog over the screen, which closes with it.
export function sheet(label, ...content) {
  const dialog = h("dialog", { className: "card sheet", ariaLabel: label }, ...content);
  const close = () => dialog.close();
  window.addEventListener("hashchange", close);
  dialog.addEventListener("close", () => { window.removeEventListener("hashchange", close); dialog.remove(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// The screen that leads back here once its user has signed in.
export const toSignIn = () => { location.hash = "#/sign-in"; };

// Other ways to see a list, as pairs of words and addresses. One replaces another.
export function ways(label, all) {
  const go = (event) => { event.preventDefault(); replaceWith(event.currentTarget.getAttribute("href")); };
  const here = location.hash || "#/";
  return h("nav", { className: "ways", ariaLabel: label }, all.map(([words, href]) => h("a", { href, onclick: go, ariaCurrent: href === here ? "page" : null }, words)));
}

export const field = (label, control) => h("label", { className: "field" }, h("span", {}, label), control);

