// Fetches lists and things into the store. Concurrent requests for the same thing share one call.

import { getAsOf, Problem } from "./api.js";
import { listKind } from "./lists.js";

const MOST = 100;

export class Loader {
  #store;
  #running = new Map();

  constructor(store) {
    this.#store = store;
  }

  // The beginning of a list: as much as was loaded, so that what is on the screen stays there.
  first(name) {
    return this.#once(`first ${name}`, async () => {
      const { limit } = listKind(name);
      const most = Math.min(MOST, Math.max(limit, this.#store.list(name).ids.length));
      await this.#page(name, `limit=${most}`, true);
    });
  }

  next(name) {
    const { next } = this.#store.list(name);
    if (next === undefined) return this.first(name);
    if (next === null) return Promise.resolve();
    return this.#once(`next ${name}`, () => this.#page(name, `limit=${listKind(name).limit}&cursor=${encodeURIComponent(next)}`, false));
  }

  async all(name) {
    while (this.#store.list(name).next !== null) await this.next(name);
  }

  // One thing. It is dropped if the server has none of this id for this user.
  thing(kind, id, path) {
    return this.#once(path, async () => {
      const asked = this.#store.moment;
      try {
        const { body, asOf } = await getAsOf(path);
        this.#store.take(kind, body, asOf, asked);
      } catch (error) {
        if (error instanceof Problem && error.status === 404) this.#store.drop(kind, id);
        throw error;
      }
    });
  }

  async #page(name, query, isFirst) {
    const { path } = listKind(name);
    const asked = this.#store.moment;
    const { body, asOf } = await getAsOf(`${path}${path.includes("?") ? "&" : "?"}${query}`);
    this.#store.takePage(name, body, asOf, isFirst, asked);
  }

  #once(key, act) {
    if (!this.#running.has(key)) this.#running.set(key, act().finally(() => this.#running.delete(key)));
    return this.#running.get(key);
  }
}
