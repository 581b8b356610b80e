// The windows of this browser: one reads the stream for all (a session has one stream), and tells
// the others. If it closes, the next one goes on.

const channel = "BroadcastChannel" in window ? new BroadcastChannel("linky-app") : null;
const listeners = new Map();
const self = Math.random().toString(36).slice(2);

if (channel) channel.onmessage = ({ data: { type, from, value } }) => listeners.get(type)?.(value, from);

// Calls back with what another window said, and that window's name.
export const on = (type, listener) => listeners.set(type, listener);
export const say = (type, value = null) => channel?.postMessage({ type, from: self, value });
export const name = self;

// Runs `work` while this window is the one that reads. The lock goes to the next window at the end.
export function lead(work, signal) {
  if (!navigator.locks) return work();
  return navigator.locks.request("linky-live", { signal }, work).catch((error) => {
    if (error.name !== "AbortError") throw error;
  });
}
