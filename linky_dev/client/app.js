// A small client of Linky: one page, no build step. Each screen is a function of its address.

import { finish, get, getAsOf, me, onSession, onSuspension, signInAsGuest, suspension } from "./api.js";
import { home, lounge, lounges } from "./browse_screens.js";
import { onConnection, probeWith } from "./connection.js";
import { followedFrom, live, store, whenFollowing } from "./context.js";
import { h, icon } from "./dom.js";
import { mine, news } from "./my_screens.js";
import { Page } from "./page.js";
import { say } from "./parts.js";
import { isLater } from "./positions.js";
import { post } from "./post_screen.js";
import { t } from "./words.js";
import { ask, editComment, editPost, write } from "./write_screens.js";

const main = document.querySelector("main");
const tabs = document.querySelector("#tabs");
const banner = document.querySelector("#offline");
const suspended = document.querySelector("#suspended");

const SCREENS = [
  [/^#\/l\/([\w-]+)$/, lounge], [/^#\/p\/([\w-]+)$/, post], [/^#\/p\/([\w-]+)\/edit$/, editPost], [/^#\/c\/([\w-]+)\/edit$/, editComment],
  [/^#\/write(?:\/([\w-]+))?$/, write], [/^#\/lounges$/, lounges], [/^#\/ask$/, ask], [/^#\/news$/, news], [/^#\/me$/, mine],
];

let page = null;
let user = null; // Whose things are in the store.

async function open() {
  const hash = location.hash || "#/";
  page?.leave();
  const here = new Page(main, live, followedFrom);
  page = here;
  for (const tab of tabs.children) tab.ariaCurrent = tab.getAttribute("href") === hash ? "page" : null;
  window.scrollTo(0, 0);
  try {
    // Reading needs a token: a visitor becomes a guest, as in the app.
    if (!me() && hash !== "#/me") await signInAsGuest();
    useAccount();
    if (!here.isOpen) return;
    const [pattern, screen] = SCREENS.find(([each]) => each.test(hash)) || [/^/, home];
    await screen(here, ...(hash.match(pattern) || []).slice(1));
  } catch (error) {
    if (!error.status) here.onLeave(onConnection((online) => online && open()));
    here.show("Linky", { parent: "#/" }, h("p", { className: "end" }, error.status ? error.message : t("not_here")), h("p", { className: "row center" }, h("button", { className: "button second", onclick: open }, t("again"))));
  }
}

// What was here for another user goes; then this one is followed.
function useAccount() {
  const next = me()?.id ?? null;
  if (next === user) return;
  user = next;
  live.stop();
  store.empty();
  if (next === null) return;
  live.start();
  count().catch(() => {});
}

async function count() {
  const { body, asOf } = await getAsOf("/notifications/unread-count");
  store.takeUnread(body.count, body.more, asOf);
}

function drawUnread() {
  document.querySelector("#unread").textContent = store.unread ?? "";
}

function drawBanner(online) {
  const time = new Date().toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  banner.textContent = online ? "" : t("offline_since", { time });
  banner.hidden = online;
}

function drawSuspension() {
  const noted = suspension();
  suspended.replaceChildren(...(noted ? [h("h2", {}, t("suspended")), h("p", {}, noted.detail), noted.page && h("p", {}, h("a", { className: "button", href: noted.page }, t("appeal")))].filter(Boolean) : []));
  suspended.hidden = !noted;
}

function drawTabs() {
  const all = [["home", "#/"], ["lounges", "#/lounges"], ["write", "#/write"], ["news", "#/news"], ["mine", "#/me"]];
  tabs.replaceChildren(...all.map(([name, href]) => h("a", { href, className: `tab-${name}` }, icon(name), h("span", {}, t(name)), name === "news" && h("b", { id: "unread" }))));
}

function listen() {
  whenFollowing(() => {
    if (isLater(followedFrom().get("me"), store.unreadAsOf)) count().catch(() => {});
    page?.check();
  });
  store.watch(({ unread }) => unread && drawUnread());
  onConnection((online) => {
    drawBanner(online);
    if (online) page?.check();
  });
  onSuspension(drawSuspension);
  onSession(() => {
    drawSuspension();
    const next = me()?.id ?? null;
    if (next === user) return;
    if (next === null && location.hash !== "#/me") location.hash = "#/me";
    else open();
  });
  probeWith(() => get("/meta"));
  window.addEventListener("hashchange", open);
}

async function start() {
  if (location.origin !== document.body.dataset.base) {
    location.replace(`${document.body.dataset.base}/app${location.search}${location.hash}`);
    return;
  }
  drawTabs();
  drawSuspension();
  listen();
  await finish().catch(say);
  await open();
}

start();
