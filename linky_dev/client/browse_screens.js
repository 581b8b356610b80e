// Reading: the latest posts, the lounges, and one lounge.

import { call, isMember } from "./api.js";
import { loader, store } from "./context.js";
import { h, icon } from "./dom.js";
import { listView } from "./list_view.js";
import { careful, ways } from "./parts.js";
import { postCard } from "./posts.js";
import { t } from "./words.js";

const MOST_LOUNGES = 8;
const MOST_POSTS = 12;

// A lounge topic has new posts, a post topic its counts. Twenty topics are the most.
const topicsOfPosts = (posts) => posts.slice(0, MOST_POSTS).map((post) => `post:${post.id}`);

const searchLink = () => h("a", { className: "act", href: "#/search", ariaLabel: t("search") }, icon("search"));

export function home(page, feed) {
  const follow = (posts) => {
    const lounges = [...new Set(posts.map((post) => `lounge:${post.lounge.id}`))].slice(0, MOST_LOUNGES);
    page.follow([...lounges, ...topicsOfPosts(posts)]);
  };
  const signIn = !isMember() && h("a", { className: "plain", href: "#/sign-in" }, t("sign_in"));
  page.show(t("latest"), { acts: [signIn, searchLink()] }, ways(t("which_posts"), [[t("all"), "#/"], [t("of_favorites"), "#/favorites"]]),
    listView(page, feed ?? "posts", postCard, { onItems: follow, nothing: feed ? t("no_favorites") : t("nothing") }));
}

export function loungeCard(lounge) {
  const star = h("button", { className: "act star", ariaPressed: String(lounge.is_favorite), ariaLabel: t("favorite") }, icon("star"));
  star.addEventListener("click", careful(async () => {
    await call(lounge.is_favorite ? "DELETE" : "PUT", `/lounges/${lounge.id}/favorite`);
    store.mark("lounge", lounge.id, { is_favorite: !lounge.is_favorite });
  }));
  const cover = lounge.cover_url
    ? h("img", { className: "cover", src: lounge.cover_url, alt: "", loading: "lazy" })
    : h("span", { className: "cover letter", ariaHidden: "true" }, [...lounge.name][0]);
  return h("article", { className: "card lounge" },
    h("a", { className: "open", href: `#/l/${lounge.id}` }, cover,
      h("span", {}, h("h2", {}, lounge.name), h("p", { className: "excerpt" }, lounge.description), h("p", { className: "soft" }, t("posts", { n: lounge.post_count })))),
    star);
}

export function lounges(page, which) {
  const all = ["popular", "new", "name", "favorites", "recent"].map((each) => [t(`lounges_${each}`), each === "popular" ? "#/lounges" : `#/lounges/${each}`]);
  const ask = h("a", { className: "button second", href: "#/ask" }, t("ask"));
  const follow = (all) => page.follow(all.map((lounge) => `lounge:${lounge.id}`));
  page.show(t("lounges"), { acts: [searchLink()] }, h("p", { className: "row" }, ask), ways(t("which_lounges"), all),
    listView(page, which ? `lounges:${which}` : "lounges", loungeCard, { onItems: follow, nothing: which === "favorites" ? t("no_favorites") : t("nothing") }));
}

export async function lounge(page, id) {
  const load = () => loader.thing("lounge", id, `/lounges/${id}`);
  // Each look counts as one of the recent ones: it is asked for also where it is here.
  const looked = load();
  if (store.get("lounge", id)) looked.catch(() => {});
  else await looked;
  if (!page.isOpen) return;
  const about = h("div", {});
  const draw = () => {
    const { name, cover_url: cover, description, closed } = store.get("lounge", id);
    const heading = document.querySelector("main h1");
    if (heading) heading.textContent = name;
    about.replaceChildren(...[
      cover && h("img", { className: "banner", src: cover, alt: "" }),
      h("p", { className: "about" }, description),
      closed ? h("p", { className: "notice" }, t("closed")) : h("p", { className: "row" }, h("a", { className: "button", href: `#/write/${id}` }, t("write"))),
    ].filter(Boolean));
  };
  page.onLeave(store.watch(({ things }) => things.has(`lounge:${id}`) && store.get("lounge", id) && draw()));
  page.add({ state: () => ({ asOf: store.asOf("lounge", id) }), reload: load });
  const follow = (posts) => page.follow([`lounge:${id}`, ...topicsOfPosts(posts)]);
  page.show(store.get("lounge", id).name, { parent: "#/lounges" }, about, listView(page, `lounge:${id}`, postCard, { onItems: follow }));
  draw();
}
