// Another person, whom and what one has hidden from oneself, and what one has reported.

import { call, get, getAll, me } from "./api.js";
import { loader } from "./context.js";
import { face, h, timeOf } from "./dom.js";
import { listView } from "./list_view.js";
import { menuOfPerson, REASONS } from "./menu.js";
import { careful, done } from "./parts.js";
import { postCard } from "./posts.js";
import { goBack } from "./visits.js";
import { t } from "./words.js";

const MOST_POSTS = 20;
// A newer server may have others.
const OUTCOMES = ["acted", "no_violation", "removed_by_author"];

export async function person(page, id) {
  const found = await get(`/users/${id}`);
  const follow = (posts) => page.follow(posts.slice(0, MOST_POSTS).map((post) => `post:${post.id}`));
  const menu = me()?.id !== id && menuOfPerson(found, () => goBack("#/"));
  page.show(found.nickname, { parent: "#/" },
    h("section", { className: "card profile" }, face(found, 72), h("div", {}, h("h2", {}, found.nickname), h("p", { className: "text" }, found.bio), h("p", { className: "soft" }, t("posts", { n: found.post_count }))), menu),
    listView(page, `author:${id}`, postCard, { onItems: follow }));
}

export async function hidden(page) {
  const [blocks, mutes] = await Promise.all(["/users/me/blocks", "/users/me/mutes"].map(getAll));
  // Of someone who is blocked no muted post is listed: it comes once they are not.
  const undo = (path, undone) => careful(async () => {
    await call("DELETE", path);
    done(t(undone));
    loader.first("posts").catch(() => {});
    if (page.isOpen) await hidden(page);
  });
  const row = (content, path, label, undone) => h("li", { className: "card setting" }, content, h("button", { className: "button second", onclick: undo(path, undone) }, t(label)));
  const list = (rows) => (rows.length ? h("ul", { className: "list" }, rows) : h("p", { className: "end" }, t("nothing")));
  page.show(t("hidden"), { parent: "#/me" }, h("p", { className: "about" }, t("hidden_hint")),
    h("h2", { className: "part" }, t("blocks")), list(blocks.map((author) => row(h("a", { className: "by", href: `#/u/${author.id}` }, face(author), h("b", {}, author.nickname)), `/users/${author.id}/block`, "unblock", "unblocked"))),
    h("h2", { className: "part" }, t("mutes")), list(mutes.map(({ post }) => row(h("span", {}, h("b", {}, post.title), h("span", { className: "soft" }, post.lounge.name)), `/posts/${post.id}/mute`, "unmute", "unmuted"))));
}

export function reports(page) {
  const stateOf = ({ status, outcome }) => (OUTCOMES.includes(outcome) ? outcome : status);
  const row = (each) => h("article", { className: "card" },
    h("p", {}, h("b", {}, t(`reported_${each.target_type}`)), " · ", t(`reason_${REASONS.includes(each.reason) ? each.reason : "other"}`)), timeOf(each.created_at),
    each.detail && h("p", { className: "text" }, each.detail), h("p", { className: "state" }, t(`report_${stateOf(each)}`)));
  page.follow(["me"]);
  page.show(t("my_reports"), { parent: "#/me" }, h("p", { className: "about" }, t("my_reports_hint")), listView(page, "reports", row));
}
