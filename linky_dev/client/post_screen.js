// A post with its comments, which come, change and go while one reads and writes.

import { call, isMember, me } from "./api.js";
import { loader, store } from "./context.js";
import { h } from "./dom.js";
import { listView } from "./list_view.js";
import { menuOfComment, menuOfPost } from "./menu.js";
import { careful, confirmed, toSignIn } from "./parts.js";
import { hasNickname } from "./nickname.js";
import { keepPlace, replaceKeepingFocus } from "./place.js";
import { byline, isMine, likeButton, nameOf, pictures } from "./posts.js";
import { sendingForm } from "./sending_form.js";
import { goBack, returnTo } from "./visits.js";
import { t } from "./words.js";

export async function post(page, id) {
  const load = () => loader.thing("post", id, `/posts/${id}`);
  page.follow([`post:${id}`]);
  if (!store.get("post", id)) await load();
  if (!page.isOpen) return;
  const { lounge } = store.get("post", id);
  const content = h("div", {});
  const place = { parent: `#/l/${lounge.id}` };
  const gone = h("p", { className: "end", role: "status" }, t("gone"));
  let shown = null;

  function draw() {
    const found = store.get("post", id);
    if (!found) content.replaceChildren(gone);
    else if (!shown?.isConnected) {
      shown = wholePost(found);
      content.replaceChildren(shown, ...conversation(page, id));
    } else {
      const next = wholePost(found);
      // What looks the same stays: a button that is replaced under a finger gets no click.
      if (!next.isEqualNode(shown)) {
        keepPlace(() => replaceKeepingFocus(shown, next));
        shown = next;
      }
    }
    drawCount();
  }

  function drawCount() {
    const heading = content.querySelector("h3");
    if (heading) heading.textContent = t("comments_count", { n: store.get("post", id)?.comment_count ?? 0 });
  }

  page.onLeave(store.watch(({ things }) => things.has(`post:${id}`) && draw()));
  page.add({ state: () => ({ asOf: store.asOf("post", id) }), reload: () => load().catch((error) => { if (error.status !== 404) throw error; }) });
  page.show(lounge.name, place, content);
  draw();
}

function wholePost(post) {
  const own = isMine(post.author, me()) && [
    h("a", { className: "plain", href: `#/p/${post.id}/edit` }, t("edit")),
    h("button", { className: "plain", onclick: careful(() => removePost(post)) }, t("delete")),
  ];
  return h("article", { className: "card whole" }, byline(post.author, post.created_at),
    post.moderation === "held" && h("p", { className: "notice" }, t("held")),
    h("h2", {}, post.title), h("p", { className: "text" }, post.body), pictures(post.images, true),
    h("p", { className: "acts" }, likeButton(post), own || menuOfPost(post, () => goBack(`#/l/${post.lounge.id}`))));
}

async function removePost(post) {
  if (!(await confirmed(t("delete_post"), t("delete")))) return;
  returnTo(`#/l/${post.lounge.id}`);
  await call("DELETE", `/posts/${post.id}`);
  store.drop("post", post.id);
}

// The comments, and the form below them.
function conversation(page, id) {
  const input = h("textarea", { rows: 1, required: true, maxLength: 2000, placeholder: t("comment_hint"), ariaLabel: t("comment_hint") });
  const answered = h("span", { className: "soft" });
  const stop = h("button", { type: "button", className: "plain", hidden: true, onclick: () => answer(null) }, t("cancel"));
  let parent = null; // The comment that is answered.
  const form = sendingForm(page, {
    className: "answer", isReady: hasNickname, cleared: () => answer(null),
    content: [h("p", { className: "row tight" }, answered, stop), h("div", {}, input, h("button", { className: "button" }, t("comment")))],
    request: () => ({ path: `/posts/${id}/comments`, body: { body: input.value, ...(parent ? { parent_id: parent.id } : {}) } }),
    made,
  });

  function answer(to) {
    if (to && !isMember()) return toSignIn();
    parent = to;
    answered.textContent = to ? `→ ${to.name}` : "";
    stop.hidden = !to;
    if (to) input.focus();
  }

  async function made(comment) {
    store.made("comment", comment);
    const list = comment.parent_id ? `replies:${id}:${comment.parent_id}` : `comments:${id}`;
    if (comment.parent_id) document.querySelector(`#comment-${comment.parent_id}`)?.dispatchEvent(new Event("open"));
    await loader.all(list).catch(() => {});
    document.querySelector(`#comment-${comment.id}`)?.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  const [list, end] = listView(page, `comments:${id}`, (comment) => commentRow(page, comment, answer), { className: "comments", nothing: "" });
  return [h("h3", {}), list, end, isMember() ? form : signInFirst()];
}

const signInFirst = () => h("p", { className: "answer" }, h("a", { className: "button second", href: "#/sign-in" }, t("sign_in_to_comment")));

function commentRow(page, first, answer, parent = null) {
  let comment = first;
  let isOpen = false;
  const head = h("div", {});
  const replies = h("div", {});
  const target = () => parent ?? { id: comment.id, name: nameOf(comment.author) };
  const row = h("div", {}, head, replies);

  function open() {
    if (isOpen) return;
    isOpen = true;
    replies.replaceChildren(...listView(page, `replies:${comment.post_id}:${comment.id}`,
      (reply) => commentRow(page, reply, answer, target()), { className: "replies", nothing: "" }));
    draw();
  }

  function draw() {
    const held = comment.moderation === "held" && h("p", { className: "notice" }, t("held"));
    const body = comment.deleted ? h("p", { className: "soft" }, t("deleted")) : h("p", { className: "text" }, comment.body);
    const acts = h("p", { className: "row tight" },
      !comment.deleted && h("button", { className: "plain", onclick: () => answer(target()) }, t("reply")),
      !comment.deleted && isMine(comment.author, me()) && [
        h("a", { className: "plain", href: `#/c/${comment.id}/edit` }, t("edit")),
        h("button", { className: "plain", onclick: careful(() => removeComment(comment)) }, t("delete"))],
      !isOpen && comment.reply_count > 0 && h("button", { className: "plain", onclick: open }, t("replies", { n: comment.reply_count })),
      !comment.deleted && comment.author && !isMine(comment.author, me()) && menuOfComment(comment));
    const next = h("div", {}, byline(comment.author, comment.created_at), body, held, acts);
    replaceKeepingFocus(head.firstChild ?? head.appendChild(h("div", {})), next);
  }

  row.update = (changed) => { comment = changed; draw(); };
  // The row of the list has the comment's id; a reply that was just made opens it.
  queueMicrotask(() => row.parentElement?.addEventListener("open", open));
  draw();
  return row;
}

async function removeComment(comment) {
  if (!(await confirmed(t("delete_comment"), t("delete")))) return;
  await call("DELETE", `/comments/${comment.id}`);
  // With replies it stays as a placeholder, and the stream sends that change.
  if (!comment.reply_count) store.drop("comment", comment.id);
}

