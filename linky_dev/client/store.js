// What the app knows: things, each with the position that it is as of, and lists of their ids.
//
// Answers and events arrive in any order. What is older than what is here changes nothing, so no
// thing goes back. What is gone is remembered for a while, so that no older answer brings it back.

import { listKind } from "./lists.js";
import { isAsLate, isLater } from "./positions.js";

const REMEMBER_GONE = 10 * 60 * 1000;
const keyOf = (kind, id) => `${kind}:${id}`;
const authorOf = (value) => value?.author ?? value?.actor;

export class Store {
  #things = new Map();
  #lists = new Map();
  #watchers = new Set();
  #changed = null;
  #marks = new Map();
  #goneAuthors = new Map(); // Since when: a page that was read before may come after.
  moment = 0; // Grows with each mark. An answer is taken with the moment at which it was asked for.
  unread = null; // What the badge shows: "", "3", "999+".
  unreadAsOf = null;

  get(kind, id) {
    return this.#things.get(keyOf(kind, id))?.value ?? null;
  }

  isGone(kind, id) {
    return this.#things.get(keyOf(kind, id))?.value === null;
  }

  // As of when a thing is here.
  asOf(kind, id) {
    return this.#things.get(keyOf(kind, id))?.asOf ?? null;
  }

  list(name) {
    if (!this.#lists.has(name)) this.#lists.set(name, { name, ids: [], next: undefined, asOf: null, isStale: true, staleAt: null });
    return this.#lists.get(name);
  }

  items(name) {
    const { kind } = listKind(name);
    return this.list(name).ids.map((id) => this.get(kind, id)).filter(Boolean);
  }

  // Calls back once for all that changed at the same time: keys of things, names of lists.
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  // What a GET answered.
  take(kind, value, asOf, asked = this.moment) {
    this.#together(() => this.#take(kind, value, asOf, asked));
  }

  // A page of a list. It may be older than an event that came meanwhile, also one about a thing that
  // was in no list when it was sent.
  takePage(name, page, asOf, isFirst, asked = this.moment) {
    this.#together(({ lists }) => {
      const list = this.list(name);
      const { kind, order } = listKind(name);
      for (const item of page.items) this.#take(kind, item, asOf, asked);
      const before = isFirst ? [] : list.ids;
      const fetched = [...before, ...page.items.map((item) => item.id)].filter((id) => this.get(kind, id));
      const newer = this.#newerOf(name, asOf).filter((id) => page.next_cursor === null || (fetched.length > 0 && order(id, fetched.at(-1)) < 0));
      list.ids = [...new Set([...fetched, ...newer])];
      if (order) list.ids.sort(order);
      list.next = page.next_cursor;
      if (isFirst) Object.assign(list, { asOf, isStale: isLater(list.staleAt, asOf) });
      lists.add(name);
    });
  }

  // What `GET /live` or `GET /changes` told, in its order.
  told({ as_of: asOf, changes }) {
    this.#together(() => changes.forEach((change) => this.#apply(change, asOf)));
  }

  // For what can't be sent change by change: fetch it all, whatever the positions said.
  reset(position) {
    this.#together(() => {
      for (const thing of this.#things.values()) thing.asOf = null;
      this.#goneAuthors.clear();
      this.unreadAsOf = null;
      for (const list of this.#lists.values()) this.#expire(list, position);
    });
  }

  // What this user made: the answer to a POST, which may come after the event that tells it.
  made(kind, value) {
    this.#together(() => {
      if (this.#things.has(keyOf(kind, value.id))) return;
      this.#keep(kind, value, null);
      for (const list of this.#lists.values()) this.#place(list, kind, value);
    });
  }

  // What this user makes of a thing, such as `liked` or a new text, here or on another device. It is
  // as old as before, so later events count. An answer that was asked for earlier may not know
  // the change yet, though it comes later.
  mark(kind, id, marks) {
    const key = keyOf(kind, id);
    this.moment += 1;
    this.#marks.set(key, { at: this.moment, marks: { ...this.#marks.get(key)?.marks, ...marks } });
    const thing = this.#things.get(key);
    if (thing?.value) this.#together(() => this.#keep(kind, { ...thing.value, ...marks }, thing.asOf));
  }

  // The server has no such thing for this user.
  drop(kind, id) {
    this.#together(() => this.#vanish(kind, id, this.#things.get(keyOf(kind, id))?.asOf ?? null));
  }

  takeUnread(count, more, asOf) {
    if (!isAsLate(asOf, this.unreadAsOf)) return;
    const unread = count ? `${count}${more ? "+" : ""}` : "";
    this.#together((changed) => {
      changed.unread = this.unread !== unread;
      Object.assign(this, { unread, unreadAsOf: asOf });
    });
  }

  empty() {
    this.#things.clear();
    this.#lists.clear();
    this.#marks.clear();
    this.#goneAuthors.clear();
    this.unreadAsOf = null;
    this.takeUnread(0, false, null);
  }

  #together(act) {
    if (this.#changed) return act(this.#changed);
    const changed = { things: new Set(), lists: new Set(), unread: false };
    this.#changed = changed;
    try {
      act(changed);
    } finally {
      this.#changed = null;
    }
    if (changed.things.size || changed.lists.size || changed.unread) for (const watcher of [...this.#watchers]) watcher(changed);
  }

  #take(kind, value, asOf, asked) {
    const key = keyOf(kind, value.id);
    const known = this.#things.get(key);
    if (known && !isAsLate(asOf, known.asOf)) return;
    const goneAt = this.#goneAuthors.get(authorOf(value)?.id);
    if (goneAt && !isAsLate(asOf, goneAt)) return this.#vanish(kind, value.id, goneAt);
    const { at, marks } = this.#marks.get(key) ?? { at: 0 };
    this.#keep(kind, asked < at ? { ...value, ...marks } : value, asOf);
  }

  #newerOf(name, asOf) {
    const { kind, has } = listKind(name);
    const isNewer = (thing) => thing.kind === kind && thing.value && isLater(thing.asOf, asOf) && has(thing.value);
    return has ? [...this.#things.values()].filter(isNewer).map((thing) => thing.id) : [];
  }

  #apply(change, asOf) {
    const { kind, id } = change;
    if (kind === "badge") this.takeUnread(change.unread, change.more, asOf);
    else if (kind === "reload") for (const list of this.#lists.values()) this.#expire(list, asOf);
    else if (kind === "author") this.#forgetAuthor(id, asOf);
    else if (kind === "mark") {
      const { thing, ...marks } = change.put;
      this.mark(thing, id, marks);
    }
    else if (isLater(asOf, this.#things.get(keyOf(kind, id))?.asOf)) {
      if (change.gone) this.#vanish(kind, id, asOf);
      else if (change.put) this.#put(kind, id, change.put, asOf);
    }
  }

  #put(kind, id, put, asOf) {
    const wasGone = this.isGone(kind, id);
    // What only this user makes (`liked`) is sent separately: here it stays as it was.
    const value = { ...this.get(kind, id), ...put };
    this.#keep(kind, value, asOf);
    for (const field of Object.keys(put)) delete this.#marks.get(keyOf(kind, id))?.marks[field];
    if (kind === "notification" && value.lounge_request_id && this.#lists.has("requests")) this.#expire(this.list("requests"), asOf);
    if (kind === "notification" && value.type === "report_resolved" && this.#lists.has("reports")) this.#expire(this.list("reports"), asOf);
    for (const list of this.#lists.values()) this.#place(list, kind, value);
    if (wasGone) this.#expireBelow(kind, id, asOf);
  }

  #place(list, kind, value) {
    const { kind: ofList, has, order } = listKind(list.name);
    if (ofList !== kind || !has || list.next === undefined || list.ids.includes(value.id) || !has(value)) return;
    const ids = [...list.ids, value.id].sort(order);
    // Behind the last one that is loaded: the next page brings it.
    if (ids.at(-1) === value.id && list.next !== null) return;
    list.ids = ids;
    this.#changed.lists.add(list.name);
  }

  #keep(kind, value, asOf) {
    const key = keyOf(kind, value.id);
    this.#things.set(key, { kind, id: value.id, value, asOf });
    this.#changed.things.add(key);
  }

  #vanish(kind, id, asOf) {
    const key = keyOf(kind, id);
    this.#things.set(key, { kind, id, value: null, asOf });
    setTimeout(() => this.#forget(key), REMEMBER_GONE);
    this.#changed.things.add(key);
    for (const list of this.#lists.values()) {
      if (listKind(list.name).kind !== kind || !list.ids.includes(id)) continue;
      list.ids = list.ids.filter((each) => each !== id);
      this.#changed.lists.add(list.name);
    }
    const isBelow = { post: (each) => each.post_id === id, comment: (each) => each.parent_id === id }[kind];
    if (!isBelow) return;
    for (const thing of [...this.#things.values()]) {
      if (thing.kind === "comment" && thing.value && isBelow(thing.value)) this.#vanish("comment", thing.id, asOf);
    }
  }

  #forget(key) {
    if (this.#things.get(key)?.value === null) this.#things.delete(key);
  }

  #forgetAuthor(id, asOf) {
    this.#goneAuthors.set(id, asOf);
    setTimeout(() => this.#goneAuthors.get(id) === asOf && this.#goneAuthors.delete(id), REMEMBER_GONE);
    for (const { kind, id: each, value, asOf: known } of [...this.#things.values()]) {
      if (authorOf(value)?.id === id && isLater(asOf, known)) this.#vanish(kind, each, asOf);
    }
  }

  #expire(list, position) {
    if (position && isAsLate(list.asOf, position) && !isLater(position, list.asOf)) return;
    list.isStale = true;
    list.staleAt = position;
    this.#changed.lists.add(list.name);
  }

  #expireBelow(kind, id, asOf) {
    for (const list of this.#lists.values()) {
      const [name, post, comment] = list.name.split(":");
      if ((kind === "post" && name === "comments" && post === id) || (kind === "comment" && name === "replies" && comment === id)) this.#expire(list, asOf);
    }
  }
}
