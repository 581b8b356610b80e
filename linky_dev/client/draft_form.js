// A form whose fields are a draft: kept at each key stroke, closed while its answer is awaited.

import { awaitFor, draftOf, keepDraft, onMade, onReopened, sendDraft } from "./drafts.js";
import { h } from "./dom.js";
import { careful } from "./parts.js";
import { t } from "./words.js";

// `inputs` are the elements by name; `more` holds what has no element of its own (pictures).
export function draftForm(page, place, { inputs, content, className = "card form", more = {}, request, made, cleared = () => {} }) {
  const box = h("fieldset", {}, ...content);
  const notice = h("p", { className: "notice", role: "status", hidden: true }, t("unanswered"));
  const form = h("form", { className }, notice, box);
  const written = () => ({ ...Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])), ...more });
  // A form that was left says nothing any more: another one may have opened its draft.
  const keep = () => page.isOpen && keepDraft(place, written());

  function clear() {
    form.reset();
    for (const name of Object.keys(more)) more[name] = Array.isArray(more[name]) ? [] : "";
    cleared();
  }

  function showState() {
    const isSent = Boolean(draftOf(place).sent);
    box.disabled = isSent;
    notice.hidden = !isSent;
  }

  const { fields } = draftOf(place);
  for (const [name, input] of Object.entries(inputs)) input.value = fields[name] ?? input.value;
  Object.assign(more, Object.fromEntries(Object.keys(more).map((name) => [name, fields[name] ?? more[name]])));
  form.addEventListener("input", keep);
  form.addEventListener("submit", careful(async () => {
    keep();
    const { path, body } = request();
    box.disabled = true;
    try {
      if ((await sendDraft(place, path, body)) === null) clear();
    } catch (error) {
      if (error.status) throw error; // Without an answer the notice says what happens now.
    } finally {
      showState();
    }
  }));
  page.onLeave(onMade((which, result) => {
    if (which !== place) return false;
    clear();
    showState();
    made(result);
    return true;
  }));
  page.onLeave(onReopened((which) => which === place && showState()));
  // Another window sent it, or awaits its answer.
  const look = ({ key, oldValue, newValue }) => {
    if (!key?.endsWith(`/${place}`)) return;
    const isSame = oldValue && JSON.stringify(JSON.parse(oldValue).fields) === JSON.stringify(written());
    if (newValue === null && isSame) clear();
    showState();
  };
  window.addEventListener("storage", look);
  page.onLeave(() => window.removeEventListener("storage", look));
  showState();
  return { form, keep, wait: () => awaitFor(place, written()) };
}
