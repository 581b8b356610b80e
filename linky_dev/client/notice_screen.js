// A notification as a whole: what the list cuts off, and an appeal where one is possible.

import { call } from "./api.js";
import { loader, store } from "./context.js";
import { h, timeOf } from "./dom.js";
import { listView } from "./list_view.js";
import { field } from "./parts.js";
import { sendingForm } from "./sending_form.js";
import { t } from "./words.js";

const NOT_FOUND = 404;
// What says all in its title and leads to its subject. All others are read here.
const LEADS_ON = ["comment", "reply", "watched", "lounge_post", "lounge_request_approved"];
const APPEALABLE = ["moderation", "warning"];

const subjectOf = (each) => (each.post_id ? `#/p/${each.post_id}` : each.lounge_id && `#/l/${each.lounge_id}`);
export const addressOf = (each) => (LEADS_ON.includes(each.type) && subjectOf(each)) || `#/n/${each.id}`;

// The new count comes as a badge.
export function markRead(each) {
  if (each.read) return;
  call("POST", "/notifications/read", { json: { ids: [each.id] } })
    .then(() => store.mark("notification", each.id, { read: true }), () => {});
}

export async function notice(page, id) {
  const find = () => store.get("notification", id);
  // The API has no call for one: it is in the list.
  while (!find() && store.list("notifications").next !== null) await loader.next("notifications");
  const each = find();
  if (!page.isOpen) return;
  if (!each) throw Object.assign(new Error(t("notice_gone")), { status: NOT_FOUND });
  page.follow(["me"]);
  markRead(each);
  const subject = each.url && subjectOf(each); // What is hidden or gone can't be opened.
  page.show(t("notice"), { parent: "#/news" },
    h("article", { className: "card whole" }, h("h2", {}, each.title), timeOf(each.created_at), h("p", { className: "text" }, each.body),
      subject && h("p", { className: "row" }, h("a", { className: "button second", href: subject }, t("open")))),
    APPEALABLE.includes(each.type) && appeal(page, id));
}

function appeal(page, id) {
  const text = h("textarea", { required: true, maxLength: 1000, rows: 4 });
  const form = sendingForm(page, {
    content: [h("p", { className: "soft" }, t("appeal_hint")), field(t("appeal_text"), text), h("p", { className: "row" }, h("button", { className: "button second" }, t("appeal")))],
    request: () => ({ path: "/appeals", body: { notification_id: id, text: text.value } }),
    made: () => { form.hidden = true; loader.first("appeals").catch(() => {}); },
  });
  const row = (each) => h("article", { className: "card" }, h("p", { className: "text" }, each.text),
    h("p", { className: `state ${each.status}` }, t(`appeal_${each.status}`)), each.note && h("p", { className: "text" }, each.note));
  return [form, h("h3", {}, t("own_appeals")), ...listView(page, "appeals", row)];
}
