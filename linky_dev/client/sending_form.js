// A form that makes one thing. It is sent under one key until the server answers, so a lost answer
// makes no second one. Until then its words stay as they were sent: the server refuses others under
// the same key, and under a new key they could be a second thing. They live as long as the screen, and
// while their user signs in.

import { call, isMember, me, newKey } from "./api.js";
import { onConnection } from "./connection.js";
import { h } from "./dom.js";
import { careful, done, say, toSignIn } from "./parts.js";
import { t } from "./words.js";

const TYPED = "linky-typed";
const KEY_LIFE = 23 * 60 * 60 * 1000; // The server knows a key for 24 hours.
// An answer with one of these says that nothing was made, by this attempt or an earlier one.
const REFUSALS = [400, 404, 409, 413, 415, 422];

// `request` says the path and the body, `made` gets the answer. `isReady` may ask for more first.
export function sendingForm(page, { content, className = "card form", request, made, isReady = () => true, cleared = () => {} }) {
  const box = h("fieldset", {}, ...content);
  const again = h("button", { type: "button", className: "button second", onclick: careful(send) }, t("send_now"));
  const words = h("p", {});
  const notice = h("div", { className: "notice", role: "status", hidden: true }, words, again);
  const form = h("form", { className }, notice, box);
  let sent = null; // What was sent, or waits for the connection, and has no answer yet.
  let isSending = false;

  async function send() {
    if (isSending) return;
    if (!isMember()) return toSignIn();
    // The server has forgotten the key, so its user decides whether to send it again.
    if (sent && Date.now() - sent.at > KEY_LIFE) return showState(null);
    if (!sent && !(await isReady())) return;
    isSending = true;
    showState(sent ?? { ...request(), key: newKey(), at: Date.now(), attempts: 0 });
    if (navigator.onLine) sent.attempts += 1; // Without a network nothing leaves the browser.
    try {
      const result = await call("POST", sent.path, { json: sent.body, key: sent.key });
      showState(null);
      if (page.isOpen) finish(result);
    } catch (error) {
      if (!sent) throw error;
      if (isRefusal(error, sent)) showState(null);
      else showNotice();
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

  function showNotice() {
    words.textContent = t(sent.attempts ? "unanswered" : "unsent");
    notice.hidden = false;
  }

  function showState(next) {
    sent = next;
    box.disabled = Boolean(sent);
    if (!sent) notice.hidden = true;
  }

  fill(form);
  const keep = keeper(form);
  page.onLeave(() => sent || keep());
  form.addEventListener("submit", careful(send));
  page.onLeave(onConnection((isOnline) => isOnline && sent && send().catch(say)));
  return form;
}

const fieldsOf = (form) => [...form.querySelectorAll("input:not([type=file]), textarea, select")];

// Keeps what was typed where the screen is left for the sign-in: for the one who wrote it. Anyone may
// go on with the words of a guest.
function keeper(form) {
  const [hash, by] = [location.hash, isMember() ? me().id : null];
  return () => location.hash === "#/sign-in"
    && sessionStorage.setItem(TYPED, JSON.stringify({ hash, by, values: fieldsOf(form).map((each) => each.value) }));
}

function fill(form) {
  const typed = JSON.parse(sessionStorage.getItem(TYPED) || "null");
  if (typed?.hash !== location.hash) return;
  sessionStorage.removeItem(TYPED);
  if (typed.by && typed.by !== me()?.id) return;
  fieldsOf(form).forEach((each, at) => {
    // Its choices come later, and keep this one.
    if (each.localName === "select") each.append(h("option", { value: typed.values[at] }, "…"));
    each.value = typed.values[at];
  });
}

function isRefusal({ status, code }, { attempts }) {
  if (code === "idempotency_in_progress") return false;
  if (REFUSALS.includes(status)) return true;
  // No attempt before this one may have made it, and this one was turned away.
  return attempts <= 1 && [401, 403, 429, 503].includes(status);
}
