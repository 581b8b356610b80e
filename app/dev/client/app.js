// A small client of Linky: one page, no build step. Each screen is a function of its address.

import { begin, call, finish, get, me, newKey, onSession, pages, reloadMe, signIn, signInAsGuest, signOut, upload } from "./api.js";
import { face, h, icon, timeOf } from "./dom.js";
import { t } from "./words.js";

const main = document.querySelector("main");
const tabs = document.querySelector("#tabs");
const MOST_PICTURES = 10;
const PROVIDERS = { line: "LINE", google: "Google", apple: "Apple" };

// What every screen uses.

function show(title, { parent } = {}, ...content) {
  document.title = `${title} – Linky`;
  const back = parent && h("a", { className: "back", href: parent, ariaLabel: t("back") }, icon("back"));
  main.replaceChildren(h("header", { className: "top" }, back, h("h1", {}, title)), ...content.flat(2).filter(Boolean));
}

function say(error) {
  const words = error.fields && error.fields.length ? error.fields.map((each) => each.message).join("\n") : error.message;
  const toast = h("p", { className: "toast", role: "alert" }, error.status ? words : t("offline"));
  document.body.append(toast);
  setTimeout(() => toast.remove(), 4000);
}

// Runs once at a time, and says what went wrong.
const careful = (act) => async (event) => {
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

// A list that loads its next page when its end comes into view.
function endless(path, row, className = "list") {
  const list = h("ul", { className });
  const end = h("p", { className: "end" }, h("span", { className: "dots" }));
  const source = pages(path);
  let isLoading = false;
  async function load() {
    if (isLoading || source.isAtEnd) return;
    isLoading = true;
    try {
      for (const item of await source.next()) list.append(h("li", {}, row(item)));
      if (source.isAtEnd) {
        watch.disconnect();
        end.replaceChildren(list.children.length ? "" : t("nothing"));
      }
    } catch (error) {
      watch.disconnect();
      end.replaceChildren(h("button", { className: "plain", onclick: () => { watch.observe(end); } }, `${error.status ? error.message : t("offline")} ${t("again")}`));
    }
    isLoading = false;
    // A page that does not fill the screen leaves the end in view: look again.
    if (!source.isAtEnd && end.isConnected) { watch.unobserve(end); watch.observe(end); }
  }
  const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && load(), { rootMargin: "600px" });
  watch.observe(end);
  return [list, end];
}

const byline = (author, at, extra) =>
  h("p", { className: "byline" }, face(author), h("span", {}, h("b", {}, author ? author.nickname : "–"), timeOf(at)), extra);

function pictures(images, isWhole) {
  if (!images.length) return null;
  const shown = isWhole ? images : images.slice(0, 4);
  return h("div", { className: `pictures n${Math.min(shown.length, 4)}${isWhole ? " whole" : ""}` }, shown.map((image) =>
    h("img", { src: isWhole || shown.length === 1 ? image.url : image.thumbnail_url, width: image.width, height: image.height, alt: "", loading: "lazy" })));
}

function likeButton(post) {
  const count = h("span", {}, post.like_count || "");
  const button = h("button", { className: "act", ariaPressed: String(post.liked), ariaLabel: t("like") }, icon("heart"), count);
  button.addEventListener("click", careful(async () => {
    await call(post.liked ? "DELETE" : "PUT", `/posts/${post.id}/like`);
    post.liked = !post.liked;
    post.like_count += post.liked ? 1 : -1;
    button.ariaPressed = String(post.liked);
    count.textContent = post.like_count || "";
  }));
  return button;
}

function postCard(post) {
  const lounge = h("a", { className: "tag", href: `#/l/${post.lounge.id}` }, post.lounge.name);
  return h("article", { className: "card" },
    byline(post.author, post.created_at, lounge),
    h("a", { className: "open", href: `#/p/${post.id}` }, h("h2", {}, post.title), h("p", { className: "excerpt" }, post.body), pictures(post.images)),
    h("p", { className: "acts" }, likeButton(post), h("a", { className: "act", href: `#/p/${post.id}` }, icon("talk"), h("span", {}, post.comment_count || ""))));
}

const field = (label, control) => h("label", { className: "field" }, h("span", {}, label), control);

// The screens.

function home() {
  show(t("latest"), {}, endless("/posts?limit=10", postCard));
}

function loungeCard(lounge) {
  const star = h("button", { className: "act star", ariaPressed: String(lounge.is_favorite), ariaLabel: t("favourite") }, icon("star"));
  star.addEventListener("click", careful(async () => {
    await call(lounge.is_favorite ? "DELETE" : "PUT", `/lounges/${lounge.id}/favorite`);
    lounge.is_favorite = !lounge.is_favorite;
    star.ariaPressed = String(lounge.is_favorite);
  }));
  const cover = lounge.cover_url
    ? h("img", { className: "cover", src: lounge.cover_url, alt: "", loading: "lazy" })
    : h("span", { className: "cover letter", ariaHidden: "true" }, [...lounge.name][0]);
  return h("article", { className: "card lounge" },
    h("a", { className: "open", href: `#/l/${lounge.id}` }, cover,
      h("span", {}, h("h2", {}, lounge.name), h("p", { className: "excerpt" }, lounge.description), h("p", { className: "soft" }, t("posts", { n: lounge.post_count })))),
    star);
}

function lounges() {
  const ask = h("a", { className: "button second", href: "#/ask" }, t("ask"));
  show(t("lounges"), {}, h("p", { className: "row" }, ask), endless("/lounges?limit=20", loungeCard, "list grid"));
}

async function lounge(id) {
  const found = await get(`/lounges/${id}`);
  show(found.name, { parent: "#/lounges" },
    found.cover_url && h("img", { className: "banner", src: found.cover_url, alt: "" }),
    h("p", { className: "about" }, found.description),
    h("p", { className: "row" }, h("a", { className: "button", href: `#/write/${id}` }, t("write"))),
    endless(`/lounges/${id}/posts?limit=10`, postCard));
}

async function post(id) {
  const found = await get(`/posts/${id}`);
  const list = h("ul", { className: "comments" });
  let target = null;
  const input = h("textarea", { rows: 1, required: true, maxLength: 2000, placeholder: t("comment_hint"), ariaLabel: t("comment_hint") });
  const answered = h("span", { className: "soft" });
  let key = newKey();
  const form = h("form", { className: "answer" }, answered, h("div", {}, input, h("button", { className: "button" }, t("comment"))));
  form.addEventListener("submit", careful(async () => {
    if (!me()) { location.hash = "#/me"; return; }
    const made = await call("POST", `/posts/${id}/comments`, { json: { body: input.value, parent_id: target && target.id }, key });
    key = newKey();
    const row = comment(made, reply);
    if (target) target.list.append(row); else list.append(row);
    input.value = "";
    reply(null);
    row.scrollIntoView({ block: "center", behavior: "smooth" });
  }));
  function reply(to) {
    target = to;
    answered.textContent = to ? `→ ${to.name}` : "";
    if (to) input.focus();
  }
  const source = pages(`/posts/${id}/comments?limit=50`);
  show(found.lounge.name, { parent: `#/l/${found.lounge.id}` },
    h("article", { className: "card whole" }, byline(found.author, found.created_at),
      found.moderation === "held" && h("p", { className: "notice" }, t("held")),
      h("h2", {}, found.title), h("p", { className: "text" }, found.body), pictures(found.images, true),
      h("p", { className: "acts" }, likeButton(found))),
    h("h3", {}, t("comments")), list, form);
  while (!source.isAtEnd) for (const each of await source.next()) list.append(comment(each, reply));
}

function comment(found, reply, parent) {
  const replies = h("ul", { className: "replies" });
  const target = parent || { id: found.id, list: replies, name: found.author && found.author.nickname };
  const more = found.reply_count > 0 && h("button", { className: "plain" }, t("replies", { n: found.reply_count }));
  if (more) more.addEventListener("click", careful(async () => {
    const source = pages(`/posts/${found.post_id}/comments?limit=50&parent_id=${found.id}`);
    const rows = [];
    while (!source.isAtEnd) rows.push(...(await source.next()));
    replies.replaceChildren(...rows.map((each) => comment(each, reply, target)));
    more.remove();
  }));
  const body = found.deleted ? h("p", { className: "soft" }, t("deleted")) : h("p", { className: "text" }, found.body);
  const answer = !found.deleted && h("button", { className: "plain", onclick: () => reply(target) }, t("reply"));
  return h("li", { id: `c-${found.id}` }, byline(found.author, found.created_at), body,
    found.moderation === "held" && h("p", { className: "notice" }, t("held")), h("p", { className: "row tight" }, answer, more), replies);
}

async function write(loungeId) {
  if (!me()) { location.hash = "#/me"; return; }
  const { items } = await get("/lounges?limit=100");
  const where = h("select", { required: true }, items.filter((each) => !each.closed).map((each) => h("option", { value: each.id, selected: each.id === loungeId }, each.name)));
  const title = h("input", { required: true, maxLength: 100 });
  const body = h("textarea", { required: true, maxLength: 10000, rows: 6 });
  const chosen = h("div", { className: "pictures chosen" });
  const files = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/heic", multiple: true, className: "hidden" });
  files.addEventListener("change", () => {
    chosen.replaceChildren(...[...files.files].slice(0, MOST_PICTURES).map((file) => h("img", { src: URL.createObjectURL(file), alt: file.name })));
  });
  const button = h("button", { className: "button" }, t("publish"));
  const key = newKey();
  const uploaded = new Map();  // A retry does not send a picture twice.
  const form = h("form", { className: "card form" }, field(t("lounge"), where), field(t("title"), title), field(t("body"), body),
    h("label", { className: "button second" }, t("add_pictures"), files), chosen, h("p", { className: "row" }, button));
  form.addEventListener("submit", careful(async () => {
    button.textContent = files.files.length ? t("uploading") : t("publish");
    try {
      for (const file of [...files.files].slice(0, MOST_PICTURES)) {
        if (!uploaded.has(file)) uploaded.set(file, (await upload(file)).id);
      }
      const ids = [...files.files].slice(0, MOST_PICTURES).map((file) => uploaded.get(file));
      const made = await call("POST", "/posts", { json: { lounge_id: where.value, title: title.value, body: body.value, image_ids: ids }, key });
      location.hash = `#/p/${made.id}`;
    } finally {
      button.textContent = t("publish");
    }
  }));
  show(t("write"), { parent: loungeId ? `#/l/${loungeId}` : "#/" }, form);
}

function ask() {
  if (!me()) { location.hash = "#/me"; return; }
  const name = h("input", { required: true, maxLength: 50 });
  const description = h("textarea", { required: true, maxLength: 500, rows: 3 });
  const reason = h("textarea", { maxLength: 500, rows: 2 });
  let key = newKey();
  const form = h("form", { className: "card form" }, h("p", { className: "soft" }, t("ask_hint")), field(t("name"), name), field(t("description"), description), field(t("reason"), reason),
    h("p", { className: "row" }, h("button", { className: "button" }, t("send"))));
  form.addEventListener("submit", careful(async () => {
    await call("POST", "/lounge-requests", { json: { name: name.value, description: description.value, reason: reason.value }, key });
    key = newKey();
    ask();
  }));
  const row = (request) => h("article", { className: "card" }, h("h2", {}, request.name), h("p", { className: "excerpt" }, request.description),
    h("p", { className: `state ${request.status}` }, t(request.status) ?? request.status, request.reject_reason ? ` – ${request.reject_reason}` : ""));
  show(t("ask"), { parent: "#/lounges" }, form, h("h3", {}, t("asked")), endless("/lounge-requests?limit=20", row));
}

function news() {
  if (!me()) { location.hash = "#/me"; return; }
  const row = (each) => h("a", { className: `card news${each.read ? "" : " unread"}`, href: each.post_id ? `#/p/${each.post_id}` : each.lounge_id ? `#/l/${each.lounge_id}` : "#/news",
    onclick: () => { call("POST", "/notifications/read", { json: { ids: [each.id] } }).then(count, () => {}); } },
    face(each.actor), h("span", {}, h("b", {}, each.title), h("span", { className: "excerpt" }, each.body), timeOf(each.created_at)));
  const all = h("button", { className: "button second", onclick: careful(async () => {
    await call("POST", "/notifications/read", { json: { all: true } });
    news();
    count();
  }) }, t("read_all"));
  show(t("news"), {}, h("p", { className: "row" }, all), endless("/notifications?limit=20", row));
}

async function mine() {
  const user = me();
  if (!user) return signInScreen();
  const nickname = h("input", { value: user.needs_nickname ? "" : user.nickname, required: true, maxLength: 30 });
  const form = h("form", { className: "card form" }, user.needs_nickname && h("p", { className: "notice" }, t("choose_nickname")), field(t("nickname"), nickname), h("p", { className: "row" }, h("button", { className: "button second" }, t("save"))));
  form.addEventListener("submit", careful(async () => {
    await call("PATCH", "/users/me", { json: { nickname: nickname.value } });
    await reloadMe();
  }));
  show(t("mine"), {}, h("section", { className: "card profile" }, face(user, 72), h("div", {}, h("h2", {}, user.nickname), h("p", { className: "soft" }, user.email || user.provider))),
    user.role !== "guest" && form,
    h("p", { className: "row" }, h("a", { className: "button second", href: "/dev" }, t("inbox")), h("button", { className: "button second", onclick: careful(signOut) }, t("sign_out"))),
    user.role !== "guest" && [h("h3", {}, t("posts", { n: "" })), endless(`/posts?limit=10&author_id=${user.id}`, postCard)]);
}

async function signInScreen() {
  const { providers } = await get("/meta");
  const email = h("input", { type: "email", required: true, autocomplete: "username", value: "hanako@example.com" });
  const password = h("input", { type: "password", required: true, autocomplete: "current-password", value: "cream-soda-to-neko" });
  const form = h("form", { className: "card form" }, h("p", { className: "soft" }, t("demo")), field(t("email"), email), field(t("password"), password), h("p", { className: "row" }, h("button", { className: "button second" }, t("sign_in"))));
  form.addEventListener("submit", careful(() => signIn(email.value, password.value)));
  const doors = Object.keys(PROVIDERS).filter((name) => providers.includes(name) && window.isSecureContext);
  show(t("sign_in"), {}, h("p", { className: "about" }, t("sign_in_hint")),
    h("div", { className: "doors" }, doors.map((name) => h("button", { className: `door ${name}`, onclick: careful(() => begin(name)) }, t("with", { name: PROVIDERS[name] })))),
    form, h("p", { className: "row" }, h("button", { className: "plain", onclick: careful(signInAsGuest) }, t("guest"))), h("p", { className: "soft" }, t("living")));
}

// Around the screens.

const SCREENS = [
  [/^#\/l\/([\w-]+)$/, lounge], [/^#\/p\/([\w-]+)$/, post], [/^#\/write(?:\/([\w-]+))?$/, write],
  [/^#\/lounges$/, lounges], [/^#\/ask$/, ask], [/^#\/news$/, news], [/^#\/me$/, mine],
];

async function open() {
  const hash = location.hash || "#/";
  for (const tab of tabs.children) tab.ariaCurrent = tab.getAttribute("href") === hash ? "page" : null;
  window.scrollTo(0, 0);
  try {
    // Reading needs a token: a visitor becomes a guest, as in the app.
    if (!me() && hash !== "#/me") await signInAsGuest();
    const [pattern, screen] = SCREENS.find(([each]) => each.test(hash)) || [/^/, home];
    await screen(...(hash.match(pattern) || []).slice(1));
  } catch (error) {
    show("Linky", { parent: "#/" }, h("p", { className: "end" }, error.status ? error.message : t("offline")), h("p", { className: "row center" }, h("button", { className: "button second", onclick: open }, t("again"))));
  }
}

async function count() {
  if (!me()) return;
  const { count: unread } = await get("/notifications/unread-count");
  document.querySelector("#unread").textContent = unread ? String(Math.min(unread, 99)) : "";
}

function drawTabs() {
  const all = [["home", "#/"], ["lounges", "#/lounges"], ["write", "#/write"], ["news", "#/news"], ["mine", "#/me"]];
  tabs.replaceChildren(...all.map(([name, href]) => h("a", { href, className: `tab-${name}` }, icon(name), h("span", {}, t(name)), name === "news" && h("b", { id: "unread" }))));
}

async function start() {
  if (location.origin !== document.body.dataset.base) {
    location.replace(`${document.body.dataset.base}/app${location.search}${location.hash}`);
    return;
  }
  drawTabs();
  try {
    await finish();
  } catch (error) {
    say(error);
  }
  let user = me() && me().id;
  onSession(() => {
    const next = me() && me().id;
    if (next === user) return;
    user = next;
    count().catch(() => {});
    if (location.hash === "#/me") open();
  });
  window.addEventListener("hashchange", open);
  await open();
  count().catch(() => {});
  setInterval(() => document.hidden || count().catch(() => {}), 10000);
}

start();
