// One's own: notifications, the account, and the way in.

import { begin, call, get, me, reloadMe, signIn, signInAsGuest, signOut } from "./api.js";
import { store } from "./context.js";
import { face, h, icon, timeOf } from "./dom.js";
import { listView } from "./list_view.js";
import { careful, field, postCard } from "./parts.js";
import { t } from "./words.js";

const PROVIDERS = { line: "LINE", google: "Google", apple: "Apple" };
const MOST_POSTS = 20;

export function news(page) {
  const address = (each) => (each.post_id ? `#/p/${each.post_id}` : each.lounge_id ? `#/l/${each.lounge_id}` : "#/news");
  const row = (each) => h("a", { className: `card news${each.read ? "" : " unread"}`, href: address(each), onclick: () => markRead(each) },
    each.actor ? face(each.actor) : h("span", { className: "face letter" }, icon("news")), h("span", {}, h("b", {}, each.title), h("span", { className: "excerpt" }, each.body), timeOf(each.created_at)));
  const all = h("button", { className: "button second", onclick: careful(() => call("POST", "/notifications/read", { json: { all: true } })) }, t("read_all"));
  page.follow(["me"]);
  page.show(t("news"), {}, h("p", { className: "row" }, all), listView(page, "notifications", row));
}

// The new count comes as a badge.
function markRead(each) {
  if (each.read) return;
  call("POST", "/notifications/read", { json: { ids: [each.id] } })
    .then(() => store.mark("notification", each.id, { read: true }), () => {});
}

export async function mine(page) {
  const user = me();
  if (!user || user.role === "guest") return signInScreen(page);
  const nickname = h("input", { value: user.needs_nickname ? "" : user.nickname, required: true, maxLength: 30 });
  const form = h("form", { className: "card form" }, user.needs_nickname && h("p", { className: "notice" }, t("choose_nickname")), field(t("nickname"), nickname), h("p", { className: "row" }, h("button", { className: "button second" }, t("save"))));
  form.addEventListener("submit", careful(async () => {
    await call("PATCH", "/users/me", { json: { nickname: nickname.value } });
    await reloadMe();
  }));
  const follow = (posts) => page.follow(posts.slice(0, MOST_POSTS).map((post) => `post:${post.id}`));
  page.show(t("mine"), {}, h("section", { className: "card profile" }, face(user, 72), h("div", {}, h("h2", {}, user.nickname), h("p", { className: "soft" }, user.email || user.provider))),
    user.may_publish === "email_unverified" && unverified(), form,
    h("p", { className: "row" }, h("a", { className: "button second", href: "/dev" }, t("inbox")), h("button", { className: "button second", onclick: careful(signOut) }, t("sign_out"))),
    h("h3", {}, t("own_posts")), listView(page, `author:${user.id}`, postCard, { onItems: follow }));
}

// An address that nobody has confirmed publishes nothing where the server wants it so.
function unverified() {
  const button = h("button", { className: "button second", onclick: careful(resend) }, t("resend"));
  const words = h("p", { role: "status" }, t("unverified"));
  async function resend() {
    await call("POST", "/auth/email/resend");
    // One mail a minute goes out, and the link of the one before still works.
    button.disabled = true;
    setTimeout(() => { button.disabled = false; }, 60_000);
    words.textContent = t("resent");
    await reloadMe();
  }
  return h("section", { className: "notice" }, words, h("p", { className: "row" }, button));
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
