// One visit to a screen. What was asked for it counts only while it is open: a screen that finishes
// loading after the user went elsewhere shows nothing.

import { isOnline } from "./connection.js";
import { appName, h, icon } from "./dom.js";
import { isLater } from "./positions.js";
import { goBack } from "./visits.js";
import { t } from "./words.js";

const PAUSE = 300;
const TROUBLE = 5000; // The server answers, and can't do it now.
const TOO_MANY = 429;

export class Page {
  isOpen = true;
  topics = [];
  #main;
  #live;
  #following;
  #sources = [];
  #leaving = [];
  #timer = null;

  constructor(main, live, following) {
    this.#main = main;
    this.#live = live;
    this.#following = following;
  }

  show(title, { parent, acts } = {}, ...content) {
    if (!this.isOpen) return;
    document.title = `${title} – ${appName}`;
    const leave = (event) => { event.preventDefault(); goBack(parent); };
    const back = parent && h("a", { className: "back", href: parent, ariaLabel: t("back"), onclick: leave }, icon("back"));
    this.#main.replaceChildren(h("header", { className: "top" }, back, h("h1", {}, title), acts), ...content.flat(3).filter(Boolean));
  }

  onLeave(act) {
    if (this.isOpen) this.#leaving.push(act);
    else act();
  }

  leave() {
    this.isOpen = false;
    clearTimeout(this.#timer);
    for (const act of this.#leaving.splice(0)) act();
  }

  // The topics whose changes concern this screen.
  follow(topics) {
    if (!this.isOpen || topics.join() === this.topics.join()) return;
    this.topics = topics;
    this.#live.want(topics);
  }

  // A list or a thing on the screen: `asOf`, `isStale` and how to load it again.
  add(source) {
    this.#sources.push(source);
    this.onLeave(() => { this.#sources = this.#sources.filter((each) => each !== source); });
  }

  // Loads again what may lack something: its topic was not followed since it was fetched.
  check() {
    if (!this.isOpen || this.#timer !== null || !isOnline()) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      for (const source of this.#sources) if (this.#isBehind(source)) this.#reload(source);
    }, PAUSE);
  }

  #isBehind(source) {
    const { asOf, isStale } = source.state();
    return isStale || this.topics.some((topic) => isLater(this.#following().get(topic), asOf));
  }

  async #reload(source) {
    if (source.isLoading || source.isRefused) return;
    source.isLoading = true;
    try {
      await source.reload();
      this.check();
    } catch ({ status }) {
      // Without an answer it is tried again once the server can be reached.
      source.isRefused = status >= 400 && status < 500 && status !== TOO_MANY;
      if (status && !source.isRefused) setTimeout(() => this.check(), TROUBLE);
    } finally {
      source.isLoading = false;
    }
  }
}
