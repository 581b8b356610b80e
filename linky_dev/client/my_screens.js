// One's own: notifications, the account, and the way in.

import { begin, call, get, me, reloadMe, signIn, signInAsGuest, signOut } from "./api.js";
import { face, h, icon, timeOf } from "./dom.js";
import { listView } from "./list_view.js";
import { addressOf, markRead } from "./notice_screen.js";
import { careful, done, field, postCard } from "./parts.js";
import { t } from "./words.js";

const PROVIDERS = { line: "LINE", google: "Google", apple: "Apple" };
const MOST_POSTS = 20;

export function news(page) {
  const row = (each) => h("a", { className: `card news${each.read ? "" : " unread"}`, href: addressOf(each), onclick: () => markRead(each) },
    each.actor ? face(each.actor) : h("span", { className: "face letter" }, icon("news")), h("span", {}, h("b", {}, each.title), h("span", { className: "excerpt" }, each.body), timeOf(each.created_at)));
  const all = h("button", { className: "button second", onclick: careful(() => call("POST", "/notifications/read", { json: { all: true } })) }, t("read_all"));
  page.follow(["me"]);
  page.show(t("news"), {}, h("p", { className: "row" }, all), listView(page, "notifications", row));
}

export async function mine(page) {
  const user = me();
  if (!user || user.role === "guest") return signInScreen(page);
  const nickname = h("input", { value: user.needs_nickname ? "" : user.nickname, required: true, maxLength: 30 });
  const notice = h("p", { className: "notice", hidden: !user.needs_nickname }, t("choose_nickname"));
  const name = h("h2", {}, user.nickname);
  const form = h("form", { className: "card form" }, notice, field(t("nickname"), nickname), h("p", { className: "row" }, h("button", { className: "button second" }, t("save"))));
  form.addEventListener("submit", careful(async () => {
    await call("PATCH", "/users/me", { json: { nickname: nickname.value } });
    await reloadMe();
    notice.hidden = true;
    name.textContent = me().nickname;
    done(t("saved"));
  }));
  const follow = (posts) => page.follow(posts.slice(0, MOST_POSTS).map((post) => `post:${post.id}`));
  page.show(t("mine"), {}, h("section", { className: "card profile" }, face(user, 72), h("div", {}, name, h("p", { className: "soft" }, user.email || user.provider))),
    form,
    h("p", { className: "row" }, h("a", { className: "button second", href: "/dev" }, t("inbox")), h("button", { className: "button second", onclick: careful(signOut) }, t("sign_out"))),
    h("h3", {}, t("own_posts")), listView(page, `author:${user.id}`, postCard, { onItems: follow }));
}

async function signInScreen(page) {
  const { providers } = await get("/meta");
  const email = h("input", { type: "email", required: true, autocomplete: "username", value: "hanako@example.com" });
  const password = h("input", { type: "password", required: true, autocomplete: "current-password", value: "cream-soda-to-neko" });
  const form = h("form", { className: "card form" }, h("p", { className: "soft" }, t("demo")), field(t("email"), email), field(t("password"), password), h("p", { className: "row" }, h("button", { className: "button second" }, t("sign_in"))));
  form.addEventListener("submit", careful(() => signIn(email.value, password.value)));
  const doors = Object.keys(PROVIDERS).filter((name) => providers.includes(name) && window.isSecureContext);
  page.show(t("sign_in"), {}, h("p", { className: "about" }, t("sign_in_hint")),
    h("div", { className: "doors" }, doors.map((name) => h("button", { className: `door ${name}`, onclick: careful(() => begin(name)) }, t("with", { name: PROVIDERS[name] })))),
    form, !me() && h("p", { className: "row" }, h("button", { className: "plain", onclick: careful(signInAsGuest) }, t("guest"))), h("p", { className: "soft" }, t("living")));
}
