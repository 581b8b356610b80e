// Posts as cards and as a whole: who wrote them, their pictures, likes, and what can be done.

import { call, me } from "./api.js";
import { store } from "./context.js";
import { face, h, icon, timeOf } from "./dom.js";
import { menuOfPost } from "./menu.js";
import { careful } from "./parts.js";
import { picture } from "./pictures.js";
import { showPictures } from "./viewer.js";
import { t } from "./words.js";

const MOST_IN_CARD = 4;

export const nameOf = (author) => (author ? author.nickname : "–");

export function byline(author, at, extra) {
  const words = [face(author), h("span", {}, h("b", {}, nameOf(author)), timeOf(at))];
  return h("p", { className: "byline" }, author ? h("a", { className: "by", href: `#/u/${author.id}` }, words) : h("span", { className: "by" }, words), extra);
}

export function pictures(images, isWhole) {
  if (!images.length) return null;
  const shown = isWhole ? images : images.slice(0, MOST_IN_CARD);
  return h("div", { className: `pictures n${Math.min(shown.length, MOST_IN_CARD)}${isWhole ? " whole" : ""}` }, shown.map((image, at) => {
    const one = picture(image, isWhole || shown.length === 1 ? image.url : image.thumbnail_url);
    return isWhole ? h("button", { className: "enlarge", ariaLabel: t("enlarge", { n: at + 1 }), onclick: () => showPictures(images, at) }, one) : one;
  }));
}

export function likeButton(post) {
  const button = h("button", { className: "act", ariaPressed: String(post.liked), ariaLabel: t("like_of", { n: post.like_count }) }, icon("heart"), h("span", {}, post.like_count || ""));
  // It shows at once, and goes back if it is refused.
  button.addEventListener("click", careful(async () => {
    const before = { liked: post.liked, like_count: post.like_count };
    store.mark("post", post.id, { liked: !post.liked, like_count: post.like_count + (post.liked ? -1 : 1) });
    try {
      await call(before.liked ? "DELETE" : "PUT", `/posts/${post.id}/like`);
    } catch (error) {
      store.mark("post", post.id, before);
      throw error;
    }
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
      h("a", { className: "act", href: `#/p/${post.id}`, ariaLabel: t("comments_of", { n: post.comment_count }) }, icon("talk"), h("span", {}, post.comment_count || "")),
      !isMine(post.author, me()) && menuOfPost(post)));
}

export const isMine = (author, user) => Boolean(user && author && author.id === user.id);
