// What is being written. It is kept at once, with the key under which it will be sent, and sent
// under that key until the server answers: a lost answer, a reload or a closed window makes one
// thing, never two. What comes late, as a picture does, finds its draft by that key.

import { call, me, newKey } from "./api.js";
import { onConnection } from "./connection.js";

const PREFIX = "linky-draft/";
const KEY_LIFE = 23 * 60 * 60 * 1000; // The server knows a key for 24 hours.
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 60000;
// An answer with one of these says that nothing was made, by this attempt or an earlier one.
const REFUSALS = [400, 404, 409, 413, 415, 422];
const listeners = new Set();
const watchers = new Set();
const timers = new Map();
const addedWatchers = new Set();
const awaited = new Map(); // How much is on its way to a draft, by the draft's key.

let otherwise = () => {};

// Calls back with a draft's place and what was made of it. A listener returns true if it was its own.
export const onMade = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

// For what was made while its form is not on the screen.
export const onMadeUnseen = (listener) => { otherwise = listener; };

// Calls back with the place of a draft that its user may change again.
export const onReopened = (watcher) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

// Calls back with the place of a draft when something was added to it, and when something is awaited
// or is not any more.
export const onAdded = (watcher) => {
  addedWatchers.add(watcher);
  return () => addedWatchers.delete(watcher);
};

const nameOf = (place) => `${PREFIX}${me()?.id}/${place}`;
const stored = (name) => JSON.parse(localStorage.getItem(name) || "null");
const store = (name, draft) => localStorage.setItem(name, JSON.stringify(draft));
const isEmpty = (fields) => !Object.values(fields).some((value) => value?.length);
const isOld = ({ sent }) => Date.now() - sent.at > KEY_LIFE;

// What is written stays, to be sent by its user.
function reopen(place, name, draft, key) {
  store(name, { ...draft, sent: null, key });
  for (const watcher of watchers) watcher(place);
}

// The draft of a place: `post`, `comment:{post}`, `request`. Empty if nothing is written there.
export function draftOf(place) {
  const draft = stored(nameOf(place)) ?? { key: newKey(), fields: {}, sent: null };
  if (draft.sent && isOld(draft)) Object.assign(draft, { key: newKey(), sent: null });
  return draft;
}

// Keeps what is written. What was sent and not answered yet stays as it was sent.
export function keepDraft(place, fields) {
  const draft = draftOf(place);
  if (!draft.sent) keepOrDrop(nameOf(place), { ...draft, fields });
}

// Of an empty draft nothing stays, unless something is on its way to it.
function keepOrDrop(name, draft) {
  if (isEmpty(draft.fields) && !awaited.has(draft.key)) localStorage.removeItem(name);
  else store(name, draft);
}

// Whether something is on its way to the draft of a place.
export const isAwaited = (place) => awaited.has(draftOf(place).key);

// The draft of a place as it is now, for what is added to it later. Its form may be left and opened
// again meanwhile: what was written then stays. If the draft was sent or dropped, or its user has
// signed out, nothing is added: the place may hold another draft by then, and the window another user.
export function awaitFor(place, fields) {
  const name = nameOf(place);
  const begun = draftOf(place);
  const { key } = begun;
  const found = () => {
    const draft = stored(name);
    return draft?.key === key && !draft.sent ? draft : null;
  };
  const tell = () => {
    if (name === nameOf(place)) for (const watcher of [...addedWatchers]) watcher(place);
  };
  awaited.set(key, (awaited.get(key) ?? 0) + 1);
  if (!begun.sent) store(name, { ...begun, fields });
  tell();
  return {
    isThere: () => found() !== null,
    add(change) {
      const draft = found();
      if (!draft) return;
      store(name, { ...draft, fields: change(draft.fields) });
      tell();
    },
    end() {
      const left = awaited.get(key) - 1;
      if (left) awaited.set(key, left);
      else awaited.delete(key);
      const draft = found();
      if (draft) keepOrDrop(name, draft);
      tell();
    },
  };
}

// Sends a draft. Returns what was made, or null if another window has sent it.
export async function sendDraft(place, path, body) {
  const name = nameOf(place);
  const draft = draftOf(place);
  if (!draft.sent) store(name, { ...draft, sent: { path, body, at: Date.now(), attempts: 0 } });
  return attempt(place);
}

const inTurn = (name, act) => (navigator.locks ? navigator.locks.request(name, act) : act());

function attempt(place) {
  const name = nameOf(place);
  return inTurn(name, async () => {
    const draft = stored(name);
    if (!draft?.sent) return null;
    if (isOld(draft)) { // Under this key it would be made a second time, if it was made.
      reopen(place, name, draft, newKey());
      return null;
    }
    draft.sent.attempts += 1;
    store(name, draft);
    // Signing out drops it, and another may be written in its place.
    const isThere = () => stored(name)?.key === draft.key;
    try {
      const made = await call("POST", draft.sent.path, { json: draft.sent.body, key: draft.key });
      if (!isThere()) return made;
      localStorage.removeItem(name);
      if (![...listeners].some((listener) => listener(place, made))) otherwise(place, made);
      return made;
    } catch (error) {
      if (!isThere()) throw error;
      if (isRefusal(error, draft.sent)) reopen(place, name, draft, error.code === "idempotency_key_reused" ? newKey() : draft.key);
      else later(place, draft.sent.attempts);
      throw error;
    }
  });
}

function isRefusal({ status, code }, { attempts }) {
  if (code === "idempotency_in_progress") return false;
  if (REFUSALS.includes(status)) return true;
  // No attempt before this one may have made it, and this one was turned away.
  return attempts === 1 && [401, 403, 429, 503].includes(status);
}

function later(place, attempts) {
  clearTimeout(timers.get(place));
  const pause = Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE) * (0.7 + 0.6 * Math.random());
  timers.set(place, setTimeout(() => attempt(place).catch(() => {}), pause));
}

// Sends again what was not answered: when the app opens, and when the server can be reached again.
export function sendUnanswered() {
  if (!me()) return;
  const prefix = nameOf("");
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(prefix) && stored(name).sent) attempt(name.slice(prefix.length)).catch(() => {});
  }
}

onConnection((isOnline) => isOnline && sendUnanswered());

// Signing out takes all drafts along.
export function dropDrafts() {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}
