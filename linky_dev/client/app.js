// A small client of Linky: one page, no build step. Each screen is a function of its address.

import { askWhetherSuspended, finish, get, getAsOf, me, onSession, onSuspension, signInAsGuest, suspension } from "./api.js";
import { home, lounge, lounges } from "./browse_screens.js";
import { onConnection, probeWith } from "./connection.js";
import { followedFrom, live, store, whenFollowing } from "./context.js";
import { appName, h, icon } from "./dom.js";
import { mine, news, signInScreen } from "./my_screens.js";
import { notice } from "./notice_screen.js";
import { Page } from "./page.js";
import { say } from "./parts.js";
import { hidden, person, reports } from "./people_screens.js";
import "./pictures.js";
import { isLater } from "./positions.js";
import { post } from "./post_screen.js";
import { search } from "./search_screen.js";
import { settings } from "./settings_screen.js";
import { arrive } from "./visits.js";
import { t } from "./words.js";
import { ask, editComment, editPost, write } from "./write_screens.js";

const main = document.querySelector("main");
const tabs = document.querySelector("#tabs");
const banner = document.querySelector("#offline");
const suspended = document.querySelector("#suspended");

const SCREENS = [
  [/^#\/l\/([\w-]+)$/, lounge], [/^#\/p\/([\w-]+)(?:\/c\/[\w-]+)?$/, post], [/^#\/p\/([\w-]+)\/edit$/, editPost], [/^#\/c\/([\w-]+)\/edit$/, editComment],
  [/^#\/write(?:\/([\w-]+))?$/, write], [/^#\/lounges(?:\/(\w+))?$/, lounges], [/^#\/ask$/, ask], [/^#\/news$/, news], [/^#\/n\/([\w-]+)$/, notice], [/^#\/me$/, mine], [/^#\/sign-in$/, signInScreen],
  [/^#\/u\/([\w-]+)$/, person], [/^#\/search(?:\/([^/]+))?(?:\/(relevance))?$/, search], [/^#\/(favorites)$/, home], [/^#\/settings$/, settings], [/^#\/hidden$/, hidden], [/^#\/reports$/, reports],
];

const NOT_FOUND = 404;
const TOO_MANY = 429;
const WATCHED_EVERY = 60_000; // Milliseconds. An appeal may be granted at any time.
const PAUSE = 5; // Seconds, where the server does not say when to come again.

const SIGN_IN = ["#/me", "#/sign-in"]; // No visitor becomes a guest there.
const FAVORITES = "#/favorites"; // Of the home screen.

let page = null;
let user = null; // Whose things are in the store.
let watching = null;

async function open() {
  const hash = location.hash || "#/";
  page?.leave();
  const here = new Page(main, live, followedFrom);
  page = here;
  const place = arrive();
  for (const tab of tabs.children) {
    const href = tab.getAttribute("href");
    tab.ariaCurrent = `${hash === FAVORITES ? "#/" : hash}/`.startsWith(`${href}/`) ? "page" : null;
  }
  try {
    // Reading needs a token: a visitor becomes a guest, as in the app.
    if (!me() && !SIGN_IN.includes(hash)) await signInAsGuest();
    useAccount();
    if (!here.isOpen) return;
    const [pattern, screen] = SCREENS.find(([each]) => each.test(hash)) || [/^/, home];
    await screen(here, ...(hash.match(pattern) || []).slice(1));
  } catch (error) {
    showTrouble(here, error);
  }
  if (here.isOpen) window.scrollTo({ top: place, behavior: "instant" });
}

// Errors that may be temporary are retried automatically.
function showTrouble(here, error) {
  const passes = !error.status || error.status >= 500 || error.status === TOO_MANY;
  if (!error.status) here.onLeave(onConnection((online) => online && open()));
  else if (passes) {
    const timer = setTimeout(open, 1000 * (error.retryAfter || PAUSE));
    here.onLeave(() => clearTimeout(timer));
  }
  // The words of a suspension stand above every screen.
  const words = !error.status ? t("not_here") : error.code === "account_suspended" ? "" : error.message;
  here.show(appName, { parent: error.status === NOT_FOUND && "#/" }, h("p", { className: "end" }, words),
    passes && h("p", { className: "end", role: "status" }, t("tried_again")),
    passes && h("p", { className: "row center" }, h("button", { className: "button second", onclick: open }, t("again"))));
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
  const time = new Date().toLocaleString(document.documentElement.lang, { month: "long", day: "numeric", hour: "numeric", minute: "2-digit" });
  banner.textContent = online ? "" : t("offline_since", { time });
  banner.hidden = online;
}

function drawSuspension() {
  const noted = suspension();
  suspended.replaceChildren(...(noted ? [h("h2", {}, t("suspended")), h("p", {}, noted.detail), noted.page && h("p", {}, h("a", { className: "button", href: noted.page, target: "_blank", rel: "noopener" }, t("appeal_page")))].filter(Boolean) : []));
  suspended.hidden = !noted;
}

// The stream ended with the suspension, so no event reports its end: the client asks for it, also just after
// the time that was said.
function watchSuspension() {
  clearTimeout(watching);
  if (!suspension()) return;
  const left = Date.parse(suspension().until) - Date.now(); // NaN where there is no end.
  watching = setTimeout(() => {
    if (!document.hidden) askWhetherSuspended();
    watchSuspension();
  }, left > 0 ? Math.min(left + 1000, WATCHED_EVERY) : WATCHED_EVERY);
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
  onSuspension(() => {
    drawSuspension();
    watchSuspension();
    if (!suspension() && user) live.start(); // It ended with the suspension.
  });
  document.addEventListener("visibilitychange", () => document.hidden || askWhetherSuspended());
  onSession(() => {
    drawSuspension();
    watchSuspension();
    const next = me()?.id ?? null;
    if (next === user) return;
    if (next === null && !SIGN_IN.includes(location.hash)) location.hash = "#/sign-in";
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
  await finish().catch(say); // Before anything listens: its new session would open the screen twice.
  drawSuspension();
  listen();
  await open();
  askWhetherSuspended();
  watchSuspension();
}

start();
