// What one can do about the words of others: report them, hide them from oneself.

import { call, newKey } from "./api.js";
import { store } from "./context.js";
import { h, icon } from "./dom.js";
import { careful, confirmed, done, field, sheet } from "./parts.js";
import { t } from "./words.js";

// In the order in which they are chosen most. The API has them in its document.
export const REASONS = ["spam", "abuse", "sexual", "violence", "privacy", "impersonation", "intimate_image", "minor_safety", "illegal", "other"];

// `acts` are pairs: words, and what to do.
function menuButton(acts) {
  const open = () => {
    const choices = acts.map(([words, act]) => h("button", { className: "choice", onclick: careful(() => { dialog.close(); return act(); }) }, words));
    const dialog = sheet(t("more"), h("h2", {}, t("more")), choices, h("form", { method: "dialog" }, h("button", { className: "choice soft" }, t("cancel"))));
  };
  return h("button", { className: "act more", ariaLabel: t("more"), onclick: open }, icon("more"));
}

// `left` is called where the screen itself has gone.
export function menuOfPost(post, left = () => {}) {
  return menuButton([
    [t("report_post"), () => report("post", post.id)],
    [t("mute"), async () => {
      await call("PUT", `/posts/${post.id}/mute`);
      left();
      store.drop("post", post.id);
      done(t("muted"));
    }],
    post.author && [t("block_author", { name: post.author.nickname }), () => block(post.author, left)],
  ].filter(Boolean));
}

export const menuOfComment = (comment) => menuButton([
  [t("report_comment"), () => report("comment", comment.id)],
  [t("block_author", { name: comment.author.nickname }), () => block(comment.author)],
]);

export const menuOfPerson = (person, left) => menuButton([
  [t("report_person"), () => report("user", person.id)],
  [t("block_author", { name: person.nickname }), () => block(person, left)],
]);

// What the author wrote goes by what the stream tells.
async function block(author, left = () => {}) {
  if (!(await confirmed(t("block_question", { name: author.nickname }), t("block")))) return;
  await call("PUT", `/users/${author.id}/block`);
  left();
  done(t("blocked", { name: author.nickname }));
}

function report(type, id) {
  const key = newKey();
  const reason = h("select", { required: true }, h("option", { value: "" }, t("report_choose")), REASONS.map((each) => h("option", { value: each }, t(`reason_${each}`))));
  const detail = h("textarea", { maxLength: 1000, rows: 3 });
  const form = h("form", {}, h("h2", {}, t(`report_${type === "user" ? "person" : type}`)), field(t("report_why"), reason), field(t("report_detail"), detail),
    h("p", { className: "row" }, h("button", { className: "button" }, t("report_send")), h("button", { type: "button", className: "button second", onclick: () => dialog.close() }, t("cancel"))));
  const dialog = sheet(t("report_send"), form);
  form.addEventListener("submit", careful(async () => {
    await call("POST", "/reports", { key, json: { target_type: type, target_id: id, reason: reason.value, detail: detail.value } });
    dialog.close();
    done(t("reported"));
  }));
}
