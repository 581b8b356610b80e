// One's own: notifications, the account, and the way in.

import { begin, call, get, isMember, me, reloadMe, signIn, signInAsGuest, signOut } from "./api.js";
import { store } from "./context.js";
import { face, h, icon, timeOf } from "./dom.js";
import { listView } from "./list_view.js";
import { addressOf, markRead } from "./notice_screen.js";
import { careful, done, field } from "./parts.js";
import { postCard } from "./posts.js";
import { cameFrom, goBack } from "./visits.js";
import { t } from "./words.js";

const PROVIDERS = { line: "LINE", google: "Google", apple: "Apple" };
const MOST_POSTS = 20;
const PAUSES = [0, 2000, 5000, 15_000, 30_000]; // Milliseconds.

export function news(page) {
  const row = (each) => h("a", { className: `card news${each.read ? "" : " unread"}`, href: addressOf(each), onclick: () => markRead(each) },
    each.actor ? face(each.actor) : h("span", { className: "face letter" }, icon("news")), h("span", {}, h("b", {}, each.title), h("span", { className: "excerpt" }, each.body), timeOf(each.created_at)));
  const all = h("button", { className: "button second", onclick: careful(() => call("POST", "/notifications/read", { json: { all: true } })) }, t("read_all"));
  const draw = () => { all.hidden = !store.unread; };
  page.onLeave(store.watch(draw));
  draw();
  page.follow(["me"]);
  const gear = h("a", { className: "act", href: "#/settings", ariaLabel: t("settings") }, icon("settings"));
  page.show(t("news"), { acts: [gear] }, h("p", { className: "row" }, all), listView(page, "notifications", row));
}

export async function mine(page) {
  if (!isMember()) return signInScreen(page);
  const head = h("section", { className: "card profile" });
  const nickname = h("input", { required: true, maxLength: 30 });
  const bio = h("textarea", { maxLength: 500, rows: 3 });
  const notice = h("p", { className: "notice" }, t("choose_nickname"));
  const form = h("form", { className: "card form" }, notice, field(t("nickname"), nickname), field(t("bio"), bio), h("p", { className: "row" }, h("button", { className: "button second" }, t("save"))));

  function draw() {
    const user = me();
    head.replaceChildren(face(user, 72), h("div", {}, h("h2", {}, user.nickname), h("p", { className: "soft" }, user.email || PROVIDERS[user.provider] || user.provider), avatarField(draw)));
    notice.hidden = !user.needs_nickname;
  }

  function fill() {
    nickname.value = me().needs_nickname ? "" : me().nickname;
    bio.value = me().bio;
  }

  form.addEventListener("submit", careful(async () => {
    await call("PATCH", "/users/me", { json: { nickname: nickname.value, bio: bio.value } });
    await reloadMe();
    draw();
    done(t("saved"));
  }));
  fill();
  draw();
  const follow = (posts) => page.follow(posts.slice(0, MOST_POSTS).map((post) => `post:${post.id}`));
  page.show(t("mine"), {}, head, me().may_publish === "email_unverified" && unverified(), form, ownLinks(),
    h("p", { className: "row" }, h("button", { className: "button second", onclick: careful(signOut) }, t("sign_out"))),
    h("h3", {}, t("own_posts")), listView(page, `author:${me().id}`, postCard, { onItems: follow }));
  lookAgain(page, draw);
}

// A provider's picture comes a moment after the first sign-in.
async function lookAgain(page, draw) {
  for (const pause of PAUSES) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (page.isOpen) await reloadMe().catch(() => {});
    if (!page.isOpen) return; // Its user may have signed out meanwhile.
    draw();
    if (!(me().provider in PROVIDERS) || me().avatar_url) return;
  }
}

const ownLinks = () => h("p", { className: "row" }, h("a", { className: "button second", href: "#/settings" }, t("settings")),
  h("a", { className: "button second", href: "#/hidden" }, t("hidden")),
  h("a", { className: "button second", href: "#/reports" }, t("my_reports")), h("a", { className: "button second", href: "/dev" }, t("inbox")));

function avatarField(draw) {
  const words = h("span", {}, t("change_avatar"));
  const file = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/heic", className: "hidden" });
  const keep = (act) => careful(async () => {
    words.textContent = t("sending");
    try {
      await act();
      await reloadMe();
      done(t("saved"));
    } finally {
      draw();
    }
  });
  file.addEventListener("change", keep(() => {
    const form = new FormData();
    form.append("file", file.files[0]);
    return call("PUT", "/users/me/avatar", { form });
  }));
  const remove = h("button", { type: "button", className: "plain", onclick: keep(() => call("DELETE", "/users/me/avatar")) }, t("remove_avatar"));
  return h("p", { className: "row tight" }, h("label", { className: "plain" }, words, file), me().avatar_url && remove);
}

// An unconfirmed address publishes nothing where the server wants it so.
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

// As `#/sign-in` it leads back to where one was, as `#/me` it becomes that.
export async function signInScreen(page) {
  if (isMember()) return goBack("#/me");
  const back = location.hash === "#/me" ? "#/me" : cameFrom();
  const { providers } = await get("/meta");
  const email = h("input", { type: "email", required: true, autocomplete: "username", value: "hanako@example.com" });
  const password = h("input", { type: "password", required: true, autocomplete: "current-password", value: "cream-soda-to-neko" });
  const form = h("form", { className: "card form" }, h("p", { className: "soft" }, t("demo")), field(t("email"), email), field(t("password"), password), h("p", { className: "row" }, h("button", { className: "button second" }, t("sign_in"))));
  form.addEventListener("submit", careful(() => signIn(email.value, password.value)));
  const methods = Object.keys(PROVIDERS).filter((name) => providers.includes(name) && window.isSecureContext);
  const lookAround = async () => { await signInAsGuest(); location.hash = "#/"; };
  page.show(t("sign_in"), { parent: back !== "#/me" && "#/" }, h("p", { className: "about" }, t("sign_in_hint")),
    h("div", { className: "methods" }, methods.map((name) => h("button", { className: `method ${name}`, onclick: careful(() => begin(name, back)) }, t("with", { name: PROVIDERS[name] })))),
    form, !me() && h("p", { className: "row" }, h("button", { className: "plain", onclick: careful(lookAround) }, t("guest"))), ownLinks(), h("p", { className: "soft" }, t("living")));
}
