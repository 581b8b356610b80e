// The offline copy: what was seen, in IndexedDB. The cursor and what was told up to it are saved in
// one transaction, so a window that closes in between goes on from what the copy really has.

import { isAsLate } from "./positions.js";

const NAME = "linky-app";
const KEEP = 7 * 24 * 60 * 60 * 1000;
const MOST_IDS = 100;
let opened = null;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const finished = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = transaction.onerror = () => reject(transaction.error);
});

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("things", { keyPath: "key" });
      request.result.createObjectStore("lists", { keyPath: "name" });
      request.result.createObjectStore("marks", { keyPath: "name" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function transaction(mode, act) {
  const begun = (await database()).transaction(["things", "lists", "marks"], mode);
  const end = finished(begun);
  const [result] = await Promise.all([act(begun), end]);
  return result;
}

// All that is kept for this user. What another user left, or what is old, is removed.
export async function load(userId) {
  return transaction("readwrite", async (begun) => {
    const [things, lists, marks] = await Promise.all(["things", "lists", "marks"].map((each) => done(begun.objectStore(each).getAll())));
    const of = Object.fromEntries(marks.map((mark) => [mark.name, mark.value]));
    if (of.user !== userId) {
      emptyAll(begun);
      begun.objectStore("marks").put({ name: "user", value: userId });
      return { things: [], lists: [], unread: null, cursor: null, seenAt: null };
    }
    const since = Date.now() - KEEP;
    for (const thing of things) if (thing.at < since) begun.objectStore("things").delete(thing.key);
    return { things: things.filter((thing) => thing.at >= since), lists, unread: of.unread ?? null, cursor: of.cursor ?? null, seenAt: of.seenAt ?? null };
  });
}

// Saves what changes in a store. All that changes in one moment is one transaction, with the cursor.
export class Saver {
  #user;
  #store;
  #changed = { things: new Set(), lists: new Set() };
  #cursor = null;
  #isQueued = false;
  #end;

  constructor(user, store) {
    this.#user = user;
    this.#store = store;
    this.#end = store.watch(({ things, lists }) => {
      for (const key of things) this.#changed.things.add(key);
      for (const name of lists) this.#changed.lists.add(name);
      this.#queue();
    });
  }

  // Up to here all was told. Only the window that reads the stream says so.
  mark(cursor) {
    this.#cursor = cursor;
    this.#queue();
  }

  stop() {
    this.#end();
    this.#store = null;
  }

  #queue() {
    if (this.#isQueued) return;
    this.#isQueued = true;
    queueMicrotask(() => {
      this.#isQueued = false;
      if (!this.#store) return;
      const [changed, cursor] = [this.#changed, this.#cursor];
      this.#changed = { things: new Set(), lists: new Set() };
      this.#cursor = null;
      // A copy that lacks something is worse than none.
      save(this.#user, this.#store, changed, cursor).catch(() => { this.stop(); return empty(); }).catch(() => {});
    });
  }
}

async function save(user, store, changed, cursor) {
  const things = [...changed.things].map((key) => [key, store.thing(key)]);
  const lists = [...changed.lists].map((name) => ({ ...store.list(name) }));
  const { unread } = store;
  await transaction("readwrite", async (begun) => {
    const marks = begun.objectStore("marks");
    if ((await done(marks.get("user")))?.value !== user) return;
    await Promise.all(things.map(([key, thing]) => saveThing(begun.objectStore("things"), key, thing)));
    for (const list of lists) saveList(begun.objectStore("lists"), list);
    if (cursor) marks.put({ name: "cursor", value: cursor });
    marks.put({ name: "unread", value: unread });
    marks.put({ name: "seenAt", value: Date.now() });
  });
}

async function saveThing(things, key, thing) {
  if (!thing || thing.value === null) return void things.delete(key);
  const kept = await done(things.get(key)); // Another window may have a newer one.
  if (!kept || isAsLate(thing.asOf, kept.asOf)) things.put(thing);
}

function saveList(lists, { name, ids, next, asOf }) {
  if (next === undefined) return; // It was never loaded.
  const isCut = ids.length > MOST_IDS;
  lists.put({ name, ids: ids.slice(0, MOST_IDS), next: isCut ? undefined : next, asOf });
}

export const empty = () => transaction("readwrite", async (begun) => emptyAll(begun));

function emptyAll(begun) {
  for (const name of ["things", "lists", "marks"]) begun.objectStore(name).clear();
}
