// Parts of several screens.

import { call } from "./api.js";
import { store } from "./context.js";
import { face, h, icon, timeOf } from "./dom.js";
import { picture } from "./pictures.js";
import { t } from "./words.js";

const MOST_IN_CARD = 4;

export function say(error) {
  // It stands above every screen, and stays there.
  if (error.code === "account_suspended") return window.scrollTo(0, 0);
  const words = error.fields && error.fields.length ? error.fields.map((each) => each.message).join("\n") : error.message;
  toast("alert", error.status ? words : t("offline"));
}

// What was done, where the screen itself does not show it.
export const done = (words) => toast("status", words);

function toast(role, ...content) {
  const element = h("p", { className: "toast", role }, ...content);
  document.body.append(element);
  setTimeout(() => element.remove(), 5000);
}

// Runs once at a time, and says what went wrong.
export const careful = (act) => async (event) => {
  event.preventDefault();
  const button = event.submitter || event.currentTarget;
  button.disabled = true;
  try {
    await act(event);
  } catch (error) {
    say(error);
  } finally {
    button.disabled = false;
  }
};

// Asks before what can't be undone. The answer is true for yes.
export function confirmed(question, yes) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { className: "card", ariaLabel: question }, h("p", {}, question),
      h("form", { method: "dialog", className: "row" }, h("button", { className: "button danger", value: "yes" }, yes), h("button", { className: "button second", value: "" }, t("cancel"))));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const field = (label, control) => h("label", { className: "field" }, h("span", {}, label), control);

export const nameOf = (author) => (author ? author.nickname : "–");

export const byline = (author, at, extra) =>
  h("p", { className: "byline" }, face(author), h("span", {}, h("b", {}, nameOf(author)), timeOf(at)), extra);

export function pictures(images, isWhole) {
  if (!images.length) return null;
  const shown = isWhole ? images : images.slice(0, MOST_IN_CARD);
  return h("div", { className: `pictures n${Math.min(shown.length, MOST_IN_CARD)}${isWhole ? " whole" : ""}` }, shown.map((image) =>
    picture(image, isWhole || shown.length === 1 ? image.url : image.thumbnail_url)));
}

export function likeButton(post) {
  const button = h("button", { className: "act", ariaPressed: String(post.liked), ariaLabel: t("like") }, icon("heart"), h("span", {}, post.like_count || ""));
  button.addEventListener("click", careful(async () => {
    const isLiked = !post.liked;
    await call(isLiked ? "PUT" : "DELETE", `/posts/${post.id}/like`);
    // The count may have been told already: then the change is in it.
    const isTold = store.get("post", post.id)?.like_count !== post.like_count;
    store.mark("post", post.id, { liked: isLiked });
    if (!isTold) store.patch("post", post.id, { like_count: post.like_count + (isLiked ? 1 : -1) });
  }));
  return button;
}

export function postCard(post) {
  const lounge = h("a", { className: "tag", href: `#/l/${post.lounge.id}` }, post.lounge.name);
  return h("article", { className: "card" },
    byline(post.author, post.created_at, lounge),
    post.moderation === "held" && h("p", { className: "notice" }, t("held")),
    h("a", { className: "open", href: `#/p/${post.id}` }, h("h2", {}, post.title), h("p", { className: "excerpt" }, post.body), pictures(post.images)),
    h("p", { className: "acts" }, likeButton(post),
      h("a", { className: "act", href: `#/p/${post.id}`, ariaLabel: t("comments_of", { n: post.comment_count }) }, icon("talk"), h("span", {}, post.comment_count || ""))));
}

export const isMine = (author, user) => Boolean(user && author && author.id === user.id);
