// Whether the server can be reached. After a call that got no answer it is asked until it answers.

import * as windows from "./windows.js";

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;
const listeners = new Set();
let isReached = navigator.onLine;
let timer = null;
let pause = FIRST_PAUSE;
let probe = async () => {};

export const isOnline = () => isReached;

export function onConnection(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function probeWith(ask) {
  probe = ask;
  if (!isReached) probeLater();
}

export function reached() {
  clearTimeout(timer);
  timer = null;
  pause = FIRST_PAUSE;
  tell(true);
}

export function lost() {
  tell(false);
  probeLater();
}

function tell(next) {
  if (next === isReached) return;
  isReached = next;
  windows.say("connection", next);
  for (const listener of listeners) listener(next);
}

function probeLater() {
  if (timer !== null) return;
  timer = setTimeout(probeNow, pause * (0.7 + 0.6 * Math.random()));
  pause = Math.min(2 * pause, LONGEST_PAUSE);
}

async function probeNow() {
  clearTimeout(timer);
  timer = null;
  try {
    await probe();
  } catch {
    if (!isReached) probeLater();
  }
}

// Another window, which may have made a call when this one had none to make.
windows.on("connection", (next) => next === isReached || probeNow());
window.addEventListener("offline", lost);
window.addEventListener("online", probeNow);
