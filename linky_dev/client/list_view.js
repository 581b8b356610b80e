// Shows a list of the store, and follows it: rows come, change and go while the list is on the screen.

import { isOnline } from "./connection.js";
import { loader, store } from "./context.js";
import { h } from "./dom.js";
import { listKind } from "./lists.js";
import { keepPlace, replaceKeepingFocus } from "./place.js";
import { t } from "./words.js";

// `row` makes the content of a row; content with an `update` changes itself.
export function listView(page, name, row, { className = "list", onItems = () => {}, nothing = t("nothing") } = {}) {
  const list = h("ul", { className });
  const dots = h("span", { className: "dots" });
  const end = h("p", { className: "end" }, dots);
  const { kind, isPartlyTold } = listKind(name);
  const rows = new Map();
  let isLoading = false;

  function draw() {
    const items = store.items(name);
    keepPlace(() => {
      const ids = new Set(items.map((item) => item.id));
      for (const [id, { element }] of rows) if (!ids.has(id)) { element.remove(); rows.delete(id); }
      items.forEach((item, at) => {
        const element = drawRow(item);
        if (list.children[at] !== element) list.insertBefore(element, list.children[at] ?? null);
      });
    });
    const { next } = store.list(name);
    if (next === null) end.replaceChildren(items.length ? "" : nothing);
    else if (next !== undefined) end.replaceChildren(dots);
    onItems(items);
  }

  function drawRow(item) {
    const json = JSON.stringify(item);
    const known = rows.get(item.id);
    if (known?.json === json) return known.element;
    if (known?.content.update) known.content.update(item);
    else {
      const content = row(item);
      const element = known?.element ?? h("li", { id: `${kind}-${item.id}` });
      if (known) replaceKeepingFocus(known.content, content);
      else element.append(content);
      rows.set(item.id, { element, content });
    }
    Object.assign(rows.get(item.id), { json });
    return rows.get(item.id).element;
  }

  // A page that does not fill the screen leaves the end in view: look again.
  function lookAgain() {
    if (!page.isOpen || store.list(name).next === null) return;
    watch.unobserve(end);
    watch.observe(end);
  }

  async function loadNext() {
    const { next, isStale } = store.list(name);
    if (isLoading || next === null || (isStale && next !== undefined)) return;
    isLoading = true;
    try {
      await loader.next(name);
      lookAgain();
    } catch (error) {
      if (store.list(name).next === undefined) end.replaceChildren(error.status ? error.message : t("not_here"));
      else if (error.status) end.replaceChildren(h("button", { className: "plain", onclick: lookAgain }, `${error.message} ${t("again")}`));
    }
    isLoading = false;
  }

  const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && loadNext(), { rootMargin: "600px" });
  page.onLeave(() => watch.disconnect());
  page.onLeave(store.watch(({ things, lists }) => {
    if (lists.has(name) || store.list(name).ids.some((id) => things.has(`${kind}:${id}`))) draw();
    if (lists.has(name) && store.list(name).isStale) page.check();
  }));
  page.add({ state: () => store.list(name), reload: async () => { await loader.first(name); lookAgain(); } });
  if (isPartlyTold) store.list(name).isStale = true;
  draw();
  watch.observe(end);
  if (isOnline()) page.check();
  return [list, end];
}
