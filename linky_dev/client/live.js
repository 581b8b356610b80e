// Follows `GET /live`, and comes back after any cut from where it was. One window does it for all.

import { answerTo, forgetSession, get, onSession, Problem, read } from "./api.js";
import { onConnection } from "./connection.js";
import { eventsOf } from "./stream.js";
import * as windows from "./windows.js";

const MOST_TOPICS = 20;
const FIRST_RETRY = 3000;
const LONGEST_RETRY = 60000;
const POLL = 30000;
const SETTLE = 250; // Screens say one topic after another while they load.

// After a cut all clients come back, so each waits a little differently, and longer each time.
export function delayAfter(failures, retry = FIRST_RETRY, random = Math.random()) {
  return Math.min(retry * 2 ** Math.max(0, failures - 1), LONGEST_RETRY) * (0.7 + 0.6 * random);
}

export class Live {
  #store;
  #onFollowing;
  #cursor = null;
  #wanted = new Map(); // What each window wants, the latest last.
  #recent = [];
  #followed = new Map(); // Each topic, with the position since when nothing of it was missed.
  #stop = new AbortController();
  #cut = new AbortController();
  #wake = () => {};
  #isLeading = false;
  #settling = null;

  // `onFollowing` gets the followed topics, each with the position from which on it is complete.
  constructor(store, onFollowing) {
    this.#store = store;
    this.#onFollowing = onFollowing;
    windows.on("wants", (topics, from) => this.#want(from, topics));
    windows.on("leaves", (_, from) => this.#wanted.delete(from));
    windows.on("who", () => windows.say("wants", this.#wanted.get(windows.name) ?? []));
    windows.on("told", (told) => this.#take(told));
    windows.on("following", (topics) => this.#onFollowing(new Map(topics)));
    windows.on("reset", (reset) => this.#reset(reset));
    onConnection((isOnline) => {
      if (isOnline) this.#wake();
      else if (!navigator.onLine) this.#cut.abort();
    });
    onSession(() => this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    // A page in the browser's cache holds no connection.
    window.addEventListener("pagehide", () => this.stop());
    window.addEventListener("pageshow", (event) => event.persisted && this.start(this.#cursor));
  }

  start(cursor = null) {
    this.stop();
    this.#cursor = cursor;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    windows.say("wants", this.#wanted.get(windows.name) ?? []);
    windows.lead(() => this.#lead(signal), signal);
  }

  stop() {
    windows.say("leaves");
    this.#stop.abort();
    this.#cut.abort();
    this.#wake();
  }

  want(topics) {
    this.#want(windows.name, topics);
    windows.say("wants", topics);
  }

  #want(from, topics) {
    this.#wanted.delete(from);
    this.#wanted.set(from, topics);
    if (!this.#isLeading) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      if (this.#topics().some((topic) => !this.#followed.has(topic))) this.#cut.abort();
      else this.#tellFollowing();
    }, SETTLE);
  }

  // What windows want now, and as long as there is room what they wanted before.
  #topics() {
    const wanted = [...this.#wanted.values()].reverse();
    const all = [];
    for (let at = 0; all.length < MOST_TOPICS && wanted.some((topics) => at < topics.length); at += 1) {
      for (const topics of wanted) if (at < topics.length) all.push(topics[at]);
    }
    this.#recent = [...new Set([...all, ...this.#recent])].slice(0, MOST_TOPICS);
    return this.#recent;
  }

  async #lead(stop) {
    this.#isLeading = true;
    windows.say("who");
    let failures = 0;
    try {
      while (!stop.aborted) {
        const end = await this.#once(stop);
        if (end.isOver) return;
        failures = end.wasOpen ? 1 : failures + 1;
        const wait = end.wait ?? delayAfter(failures, end.retry ?? undefined);
        if (wait) await this.#pause(wait);
      }
    } finally {
      this.#isLeading = false;
      this.#followed.clear();
    }
  }

  // One connection, to its end. Says how long to wait before the next one.
  async #once(stop) {
    this.#cut = new AbortController();
    const signal = AbortSignal.any([stop, this.#cut.signal]);
    const topics = this.#topics();
    const state = { retry: null, wasOpen: false };
    try {
      const headers = this.#cursor ? { "Last-Event-ID": this.#cursor } : {};
      const answer = await answerTo("GET", `/live?topics=${topics.join(",")}`, { headers, signal });
      if (!answer.ok) await read(answer);
      for await (const event of eventsOf(answer.body)) {
        state.retry = event.retry ?? state.retry;
        if (event.name === "bye") return { ...this.#bye(event.data.reason, state.retry), wasOpen: true };
        this.#event(event, topics);
        state.wasOpen = true;
      }
      return state;
    } catch (error) {
      if (this.#cut.signal.aborted && !stop.aborted) return { wait: 0 };
      return this.#refused(error, state);
    }
  }

  #event({ name, data, cursor }, topics) {
    if (name === "hello") this.#follow(topics, this.#cursor ?? cursor);
    if (name === "reset") this.#told({ reset: { ...data, position: cursor }, cursor });
    else this.#told({ told: name === "changes" ? data : null, cursor });
  }

  #bye(reason, retry) {
    if (reason === "session_ended") forgetSession();
    // The refusal of this call says why, and until when.
    if (reason === "account_suspended") get("/changes").catch(() => {});
    if (reason === "session_ended" || reason === "account_suspended") return { isOver: true };
    if (reason === "token_expired") return { wait: 0 };  // The next call refreshes it.
    if (reason === "replaced") return { wait: POLL }; // By another client of this session: no quarrel.
    return { wait: retry ?? FIRST_RETRY };
  }

  async #refused(error, state) {
    if (error instanceof Problem) {
      if (error.code === "invalid_cursor") {
        this.#cursor = null;
        this.#told({ reset: { topics: null, position: null } });
        return { wait: 0 };
      }
      // If the token could not be refreshed, the next try refreshes it.
      if (error.code === "token_expired") return state;
      if (error.status === 401 || error.code === "account_suspended") return { isOver: true };
      if (error.code === "live_full") {
        await this.#catchUp().catch(() => {});
        return { wait: POLL };
      }
    }
    return state;
  }

  // The same changes without a stream, for a server that has no room for one.
  async #catchUp() {
    for (let isMore = true; isMore;) {
      const since = this.#cursor ? `since=${this.#cursor}&` : "";
      const topics = this.#topics();
      const { cursor, reset, more, as_of, changes } = await get(`/changes?${since}topics=${topics.join(",")}`);
      this.#follow(topics, this.#cursor ?? cursor);
      if (reset) this.#told({ reset: { ...reset, position: cursor } });
      this.#told({ told: { as_of, changes }, cursor });
      isMore = more;
    }
  }

  #follow(topics, from) {
    this.#followed = new Map(["me", ...topics].map((topic) => [topic, this.#followed.get(topic) ?? from]));
    this.#tellFollowing();
  }

  #tellFollowing() {
    windows.say("following", [...this.#followed]);
    this.#onFollowing(this.#followed);
  }

  // For this window and the others, any of which may go on from the cursor.
  #told({ told = null, reset = null, cursor = null }) {
    if (reset) {
      for (const topic of reset.topics ?? this.#followed.keys()) this.#followed.set(topic, reset.position);
      windows.say("reset", reset);
      this.#reset(reset);
      this.#tellFollowing();
    }
    windows.say("told", { told, cursor });
    this.#take({ told, cursor });
  }

  #take({ told, cursor }) {
    if (told) this.#store.told(told);
    this.#cursor = cursor ?? this.#cursor;
  }

  // Of some topics only, `following` says from where on they are complete again.
  #reset({ topics, position }) {
    if (topics === null) this.#store.reset(position);
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
