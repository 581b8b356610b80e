// The public API, as any app calls it: tokens, refresh, keys for retries, pages.

import { lost, reached } from "./connection.js";
import { t } from "./words.js";

const STORE = "linky-app";
const SUSPENDED = "linky-suspended";
const listeners = new Set();
const suspensionListeners = new Set();
const stored = () => JSON.parse(localStorage.getItem(STORE) || "null");
let session = stored();
let refreshing = null;

export class Problem extends Error {
  constructor(body, status, retryAfter = null) {
    super(body.detail || `HTTP ${status}`);
    this.retryAfter = retryAfter; // Seconds.
    this.code = body.code;
    this.status = status;
    this.fields = body.errors || [];
  }
}

export const me = () => session && session.user;
export const isMember = () => Boolean(me()) && me().role !== "guest";
export const onSession = (listener) => listeners.add(listener);

function keep(next) {
  session = next;
  if (next) localStorage.setItem(STORE, JSON.stringify(next));
  else localStorage.removeItem(STORE);
  for (const listener of listeners) listener();
}

// Another window signed in or out, or refreshed the tokens.
window.addEventListener("storage", (event) => {
  if (event.key !== STORE) return;
  session = stored();
  for (const listener of listeners) listener();
});

export const forgetSession = () => keep(null);

// What the last refusal said of the user's suspension. It outlives the page: a suspended
// user finds the reason and the link to appeal whenever the app opens.
export function suspension() {
  const noted = JSON.parse(localStorage.getItem(SUSPENDED) || "null");
  return noted && noted.user === (me()?.id ?? null) ? noted : null;
}

export function onSuspension(listener) {
  suspensionListeners.add(listener);
  return () => suspensionListeners.delete(listener);
}

function note(problem) {
  if (problem) localStorage.setItem(SUSPENDED, JSON.stringify({ user: me()?.id ?? null, detail: problem.detail, until: problem.until, page: problem.appeal_url }));
  else if (localStorage.getItem(SUSPENDED)) localStorage.removeItem(SUSPENDED);
  else return;
  for (const listener of suspensionListeners) listener();
}

window.addEventListener("storage", (event) => {
  if (event.key === SUSPENDED) for (const listener of suspensionListeners) listener();
});

// Whether it is over by now: who is suspended gets no new tokens.
export const askWhetherSuspended = () => (suspension() && session ? refresh().catch(() => {}) : null);

// A key for each thing that a user makes: the same one in each retry.
export const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");

async function send(method, path, { json, form, key, signal, headers: more } = {}) {
  const headers = { "Accept-Language": document.documentElement.lang, ...more };
  if (session) headers.Authorization = `Bearer ${session.tokens.access_token}`;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const body = form || (json === undefined ? undefined : JSON.stringify(json));
  try {
    const answer = await fetch(`/api/v1${path}`, { method, headers, body, signal });
    reached();
    return answer;
  } catch (error) {
    if (!signal?.aborted) lost();
    throw error;
  }
}

export async function read(answer) {
  if (answer.status === 204) return null;
  const body = await answer.json();
  if (answer.ok) return body;
  if (body.code === "account_suspended") note(body);
  throw new Problem(body, answer.status, Number(answer.headers.get("Retry-After")));
}

// One refresh for all requests that wait, as the old token works only once. Windows take turns: the
// next one finds the new tokens.
function refresh() {
  const old = session.tokens.access_token;
  // While it was awaited its user may have signed out, in this window or another one.
  const isHeld = () => (session = stored())?.tokens.access_token === old;
  refreshing ??= inTurn(async () => {
    if (!isHeld()) return;
    const answer = await fetch("/api/v1/auth/refresh", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ refresh_token: session.tokens.refresh_token }),
    });
    const tokens = answer.ok && await answer.json();
    if (!isHeld()) return;
    if (tokens) {
      keep({ ...session, tokens });
      note(null); // Who is suspended gets none.
    } else if (answer.status === 401) keep(null);
    else await read(answer);
  }).finally(() => { refreshing = null; });
  return refreshing;
}

// Web Locks exist on localhost and by HTTPS. Elsewhere there is one window, or none waits.
const inTurn = (act) => (navigator.locks ? navigator.locks.request("linky-refresh", act) : act());

// The answer itself, after a refresh if it needed one. What was asked for a user who has signed out
// meanwhile is not asked again for the next one.
export async function answerTo(method, path, options) {
  const asker = session;
  const answer = await send(method, path, options);
  if (answer.status !== 401 || !asker) return answer;
  const { code } = await answer.clone().json();
  const isSame = () => session?.user.id === asker.user.id;
  if (code === "token_expired" && isSame()) {
    await refresh();
    return isSame() ? send(method, path, options) : answer;
  }
  const isOver = code === "session_revoked" || code === "token_invalid";
  if (isOver && session?.tokens.access_token === asker.tokens.access_token) keep(null);
  return answer;
}

export async function call(method, path, options) {
  const answer = await answerTo(method, path, options);
  // Reads go on while one is suspended. A write does not.
  if (answer.ok && method !== "GET") note(null);
  return read(answer);
}

// What is answered, and the position of the log that it is as of.
export async function getAsOf(path) {
  const answer = await answerTo("GET", path);
  return { body: await read(answer), asOf: answer.headers.get("Linky-As-Of"), tag: answer.headers.get("ETag") };
}

export const get = (path) => call("GET", path);

// A list as a whole, where it is short.
export async function getAll(path) {
  const items = [];
  for (let cursor = ""; cursor !== null;) {
    const page = await get(`${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

async function signedIn(answer) {
  keep(answer);
  // Pushes go to registered devices only. In `linky dev` they arrive at /dev.
  const id = localStorage.getItem("linky-install") || newKey();
  localStorage.setItem("linky-install", id);
  await call("PUT", `/notifications/devices/${id}`, {
    json: { kind: "fcm_token", value: `app-${id}`, platform: "web" },
  });
}

export const signIn = async (email, password) =>
  signedIn(await call("POST", "/auth/login", { json: { email, password } }));
export const signInAsGuest = async () => signedIn(await call("POST", "/auth/guest"));

export async function signOut() {
  const token = session.tokens.refresh_token;
  note(null);
  keep(null);
  await call("POST", "/auth/logout", { json: { refresh_token: token } }).catch(() => {});
}

// For good. An account with a password needs it. Says whether LINE still has the app linked.
export async function deleteAccount(password) {
  const { unlink_at_provider: isStillLinked } = await call("DELETE", "/users/me", { json: { password } });
  note(null);
  keep(null);
  return isStillLinked;
}

export async function reloadMe() {
  const user = await get("/users/me");
  if (session?.user.id === user.id) keep({ ...session, user });
}

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// RFC 7636: only this page knows the verifier, so a code that leaks is worth nothing. `back` is the
// screen that is opened once the user returns.
export async function begin(provider, back) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const state = newKey();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem("linky-attempt", JSON.stringify({ verifier, state, back }));
  const asked = new URLSearchParams({
    redirect_uri: `${document.body.dataset.base}/app`,
    code_challenge: base64url(new Uint8Array(digest)),
    state,
  });
  location.assign(`/api/v1/auth/oauth/${provider}/authorize?${asked}`);
}

// Back from a provider. Raises Problem, also where its user refused.
export async function finish() {
  const answer = new URLSearchParams(location.search);
  const attempt = JSON.parse(sessionStorage.getItem("linky-attempt") || "null");
  if (!attempt || answer.get("state") !== attempt.state) return;
  sessionStorage.removeItem("linky-attempt");
  history.replaceState(null, "", `/app${attempt.back}`);
  if (answer.get("error") === "account_suspended") {
    note({ detail: answer.get("error_description") || "", appeal_url: answer.get("appeal_url") });
    return;
  }
  if (answer.get("error") === "access_denied") throw new Problem({ detail: t("sign_in_stopped") }, 400);
  if (answer.get("error")) throw new Problem({ detail: answer.get("error_description") || answer.get("error") }, 400);
  await signedIn(await call("POST", "/auth/oauth/exchange", {
    json: { code: answer.get("code"), code_verifier: attempt.verifier },
  }));
}

export async function upload(file, key) {
  const form = new FormData();
  form.append("file", file);
  return call("POST", "/images", { form, key });
}
