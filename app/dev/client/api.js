// The public API, as any app calls it: tokens, refresh, keys for retries, pages.

const STORE = "linky-app";
const listeners = new Set();
let session = JSON.parse(localStorage.getItem(STORE) || "null");
let refreshing = null;

export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || `HTTP ${status}`);
    this.code = body.code;
    this.status = status;
    this.fields = body.errors || [];
  }
}

export const me = () => session && session.user;
export const onSession = (listener) => listeners.add(listener);

function keep(next) {
  session = next;
  if (next) localStorage.setItem(STORE, JSON.stringify(next));
  else localStorage.removeItem(STORE);
  for (const listener of listeners) listener();
}

// A key for each thing that a user makes: the same one in each retry.
export const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-");

async function send(method, path, { json, form, key } = {}) {
  const headers = { "Accept-Language": document.documentElement.lang };
  if (session) headers.Authorization = `Bearer ${session.tokens.access_token}`;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const body = form || (json === undefined ? undefined : JSON.stringify(json));
  return fetch(`/api/v1${path}`, { method, headers, body });
}

async function read(answer) {
  if (answer.status === 204) return null;
  const body = await answer.json();
  if (!answer.ok) throw new Problem(body, answer.status);
  return body;
}

// One refresh for all requests that wait, as the old token works only once.
function refresh() {
  refreshing ??= (async () => {
    try {
      const token = session.tokens.refresh_token;
      const answer = await fetch("/api/v1/auth/refresh", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ refresh_token: token }),
      });
      if (answer.ok) keep({ ...session, tokens: await answer.json() });
      else if (answer.status === 401) keep(null);
    } finally {
      refreshing = null;
    }
  })();
  return refreshing;
}

export async function call(method, path, options) {
  let answer = await send(method, path, options);
  if (answer.status === 401 && session) {
    const { code } = await answer.clone().json();
    if (code === "token_expired") {
      await refresh();
      if (session) answer = await send(method, path, options);
    } else if (code === "session_revoked" || code === "token_invalid") {
      keep(null);
    }
  }
  return read(answer);
}

export const get = (path) => call("GET", path);

// Walks a list page by page, by its cursor.
export function pages(path) {
  let cursor = null;
  let isAtEnd = false;
  return {
    get isAtEnd() { return isAtEnd; },
    async next() {
      const joint = path.includes("?") ? "&" : "?";
      const more = cursor ? `${joint}cursor=${encodeURIComponent(cursor)}` : "";
      const page = await get(path + more);
      cursor = page.next_cursor;
      isAtEnd = cursor === null;
      return page.items;
    },
  };
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
  keep(null);
  await call("POST", "/auth/logout", { json: { refresh_token: token } });
}

export async function reloadMe() {
  if (session) keep({ ...session, user: await get("/users/me") });
}

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// RFC 7636: only this page knows the verifier, so a code that leaks is worth nothing.
export async function begin(provider) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const state = newKey();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem("linky-attempt", JSON.stringify({ verifier, state }));
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
  history.replaceState(null, "", "/app#/me");
  if (answer.get("error")) throw new Problem({ detail: answer.get("error_description") || answer.get("error") }, 400);
  await signedIn(await call("POST", "/auth/oauth/exchange", {
    json: { code: answer.get("code"), code_verifier: attempt.verifier },
  }));
}

export async function upload(file) {
  const form = new FormData();
  form.append("file", file);
  return call("POST", "/images", { form, key: newKey() });
}
