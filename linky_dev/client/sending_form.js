// A form that makes one thing. It is sent under one key until the server answers, so a lost answer
// makes no second one. Until then its words stay as they were sent: the server refuses others under
// the same key, and under a new key they could be a second thing. They live as long as the screen.

import { call, newKey } from "./api.js";
import { onConnection } from "./connection.js";
import { h } from "./dom.js";
import { careful, done, say } from "./parts.js";
import { t } from "./words.js";

const KEY_LIFE = 23 * 60 * 60 * 1000; // The server knows a key for 24 hours.
// An answer with one of these says that nothing was made, by this attempt or an earlier one.
const REFUSALS = [400, 404, 409, 413, 415, 422];

// `request` says the path and the body, `made` gets the answer.
export function sendingForm(page, { content, className = "card form", request, made, cleared = () => {} }) {
  const box = h("fieldset", {}, ...content);
  const again = h("button", { type: "button", className: "button second", onclick: careful(send) }, t("send_now"));
  const notice = h("div", { className: "notice", role: "status", hidden: true }, h("p", {}, t("unanswered")), again);
  const form = h("form", { className }, notice, box);
  let sent = null; // What was sent and has no answer yet.
  let isSending = false;

  async function send() {
    if (isSending) return;
    // The server has forgotten the key, so its user decides whether to send it again.
    if (sent && Date.now() - sent.at > KEY_LIFE) return showState(null);
    isSending = true;
    showState(sent ?? { ...request(), key: newKey(), at: Date.now(), attempts: 0 });
    sent.attempts += 1;
    try {
      const result = await call("POST", sent.path, { json: sent.body, key: sent.key });
      showState(null);
      if (page.isOpen) finish(result);
    } catch (error) {
      if (!sent) throw error;
      if (isRefusal(error, sent)) showState(null);
      else notice.hidden = false;
      // Without an answer the notice says what happens now.
      if (error.status || !page.isOpen) throw error;
    } finally {
      isSending = false;
    }
  }

  function finish(result) {
    form.reset();
    cleared();
    made(result);
    done(t("sent"));
  }

  function showState(next) {
    sent = next;
    box.disabled = Boolean(sent);
    if (!sent) notice.hidden = true;
  }

  form.addEventListener("submit", careful(send));
  page.onLeave(onConnection((isOnline) => isOnline && sent && send().catch(say)));
  return form;
}

function isRefusal({ status, code }, { attempts }) {
  if (code === "idempotency_in_progress") return false;
  if (REFUSALS.includes(status)) return true;
  // No attempt before this one may have made it, and this one was turned away.
  return attempts === 1 && [401, 403, 429, 503].includes(status);
}
