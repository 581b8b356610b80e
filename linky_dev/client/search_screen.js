// Finds posts by their words, and lounges by their names.

import { loungeCard } from "./browse_screens.js";
import { h } from "./dom.js";
import { listView } from "./list_view.js";
import { ways } from "./parts.js";
import { postCard } from "./posts.js";
import { replaceWith } from "./visits.js";
import { t } from "./words.js";

export function search(page, words = "", sort) {
  const input = h("input", { type: "search", value: decodeURIComponent(words), required: true, maxLength: 100, ariaLabel: t("search_hint"), placeholder: t("search_hint"), enterKeyHint: "search" });
  const form = h("form", { className: "find", role: "search" }, input, h("button", { className: "button" }, t("search")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    replaceWith(`#/search/${encodeURIComponent(input.value.trim())}`);
  });
  const found = words && [
    h("h2", { className: "part" }, t("lounges")), listView(page, `found_lounges:${words}`, loungeCard, { nothing: t("not_found") }),
    h("h2", { className: "part" }, t("found_posts")), ways(t("order"), [[t("newest"), `#/search/${words}`], [t("relevance"), `#/search/${words}/relevance`]]),
    listView(page, sort ? `found:${words}:${sort}` : `found:${words}`, postCard, { nothing: t("not_found") })];
  page.show(t("search"), { parent: "#/" }, form, found);
  if (!words) input.focus();
}
