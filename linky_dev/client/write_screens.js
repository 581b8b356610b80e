// Writing: a post, a request for a lounge, and changes of one's own words.

import { call, getAsOf, isMember, newKey, onSuspension, suspension, upload } from "./api.js";
import { loader, store } from "./context.js";
import { h, icon } from "./dom.js";
import { listView } from "./list_view.js";
import { hasNickname } from "./nickname.js";
import { careful, field, say } from "./parts.js";
import { sendingForm } from "./sending_form.js";
import { replaceWith, returnTo } from "./visits.js";
import { t } from "./words.js";

const MOST_PICTURES = 10;
const CHANGED = 412; // Since it was read.
// How the server keeps a text.
const asKept = (text) => text.normalize("NFC").trim();

export function write(page, loungeId) {
  const where = h("select", { required: true });
  const title = h("input", { required: true, maxLength: 100 });
  const body = h("textarea", { required: true, maxLength: 10000, rows: 6 });
  const button = h("button", { className: "button", disabled: true });
  const pictures = pictureField(page, showReady);
  const form = sendingForm(page, {
    content: [field(t("lounge"), where), field(t("title"), title), field(t("body"), body), isMember() && pictures.element, h("p", { className: "row" }, button)],
    request: () => ({ path: "/posts", body: { lounge_id: where.value, title: title.value, body: body.value, image_ids: pictures.ids() } }),
    isReady: hasNickname,
    made: (post) => { store.made("post", post); replaceWith(`#/p/${post.id}`); },
  });
  // Who is suspended would write for nothing. What they typed stays for the end of it.
  const closed = h("div", { className: "card" }, h("p", {}, t("suspended_write")));
  const showClosed = () => { form.hidden = Boolean(suspension()); closed.hidden = !form.hidden; };
  page.onLeave(onSuspension(showClosed));
  // Without the lounges it can't be said where the post goes.
  function showReady() {
    button.textContent = pictures.isSending() ? t("uploading") : isMember() ? t("publish") : t("sign_in_to_publish");
    button.disabled = pictures.isSending() || !where.value;
  }
  const drawLounges = () => {
    const open = store.items("lounges").filter((each) => !each.closed);
    if (!open.length) return;
    const wanted = where.value || loungeId;
    where.replaceChildren(...open.map((each) => h("option", { value: each.id, selected: each.id === wanted }, each.name)));
    showReady();
  };
  page.onLeave(store.watch(({ lists }) => lists.has("lounges") && drawLounges()));
  page.add({ state: () => store.list("lounges"), reload: () => loader.first("lounges") });
  page.show(t("write"), { parent: loungeId ? `#/l/${loungeId}` : "#/" }, closed, form);
  showClosed();
  showReady();
  drawLounges();
  page.check();
}

// Pictures are sent when they are chosen, so that a post is there at once.
function pictureField(page, changed) {
  const list = h("div", { className: "pictures chosen" });
  const files = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/heic", multiple: true, className: "hidden" });
  let images = [];
  let sending = 0;

  function keep(next) {
    images = next.slice(0, MOST_PICTURES);
    list.replaceChildren(...images.map((image) =>
      h("span", { className: "chosen-one" }, h("img", { src: image.thumbnail_url, alt: "" }),
        h("button", { type: "button", className: "close", ariaLabel: t("remove_picture"), onclick: () => keep(images.filter((each) => each !== image)) }, icon("close")))));
  }

  // Once more, under the same key, where the answer was lost. Nothing is sent for a screen that was left.
  async function send(file) {
    const key = newKey();
    const again = (error) => (error.status || !page.isOpen ? Promise.reject(error) : upload(file, key));
    const image = await upload(file, key).catch(again);
    keep([...images, image]);
  }

  files.addEventListener("change", async () => {
    const picked = [...files.files].slice(0, MOST_PICTURES - images.length);
    files.value = "";
    sending += 1;
    changed();
    try {
      for (const file of picked) if (page.isOpen) await send(file);
    } catch (error) {
      if (page.isOpen) say(error);
    } finally {
      sending -= 1;
      changed();
    }
  });
  const element = h("div", {}, h("label", { className: "button second" }, t("add_pictures"), files), list);
  return { element, ids: () => images.map((image) => image.id), isSending: () => sending > 0 };
}

export function ask(page) {
  const name = h("input", { required: true, maxLength: 50 });
  const description = h("textarea", { required: true, maxLength: 500, rows: 3 });
  const reason = h("textarea", { maxLength: 500, rows: 2 });
  const form = sendingForm(page, {
    content: [h("p", { className: "soft" }, t("ask_hint")), field(t("name"), name), field(t("description"), description), field(t("reason"), reason),
      h("p", { className: "row" }, h("button", { className: "button" }, isMember() ? t("send") : t("sign_in_to_ask")))],
    request: () => ({ path: "/lounge-requests", body: { name: name.value, description: description.value, reason: reason.value } }),
    made: () => loader.first("requests").catch(() => {}),
  });
  const row = (request) => h("article", { className: "card" }, h("h2", {}, request.name), h("p", { className: "excerpt" }, request.description),
    h("p", { className: `state ${request.status}` }, t(request.status), request.reject_reason ? ` – ${request.reject_reason}` : ""));
  page.show(t("ask"), { parent: "#/lounges" }, form, isMember() && [h("h2", { className: "part" }, t("asked")), ...listView(page, "requests", row)]);
}

export async function editPost(page, id) {
  const title = h("input", { required: true, maxLength: 100 });
  const body = h("textarea", { required: true, maxLength: 10000, rows: 8 });
  const fields = [field(t("title"), title), field(t("body"), body)];
  await editForm(page, "post", id, { inputs: { title, body }, fields, parentOf: () => `#/p/${id}` });
}

export async function editComment(page, id) {
  const body = h("textarea", { required: true, maxLength: 2000, rows: 5 });
  const fields = [field(t("comment_hint"), body)];
  await editForm(page, "comment", id, { inputs: { body }, fields, parentOf: (comment) => `#/p/${comment.post_id}` });
}

async function editForm(page, kind, id, { inputs, fields, parentOf }) {
  const path = `/${kind}s/${id}`;
  let { body: there, tag } = await getAsOf(path);
  const parent = parentOf(there);
  const other = h("section", { className: "card", role: "status", hidden: true });
  const form = h("form", { className: "card form" }, fields, h("p", { className: "row" }, h("button", { className: "button" }, t("save"))));
  for (const [name, input] of Object.entries(inputs)) input.value = there[name];

  async function save() {
    const typed = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value]));
    try {
      return await call("PATCH", path, { json: typed, headers: { "If-Match": tag } });
    } catch (error) {
      if (error.status !== CHANGED) throw error;
    }
    ({ body: there, tag } = await getAsOf(path));
    // Perhaps by this form: the answer to its first attempt was lost.
    if (Object.entries(typed).every(([name, text]) => asKept(text) === there[name])) return there;
    const texts = Object.keys(inputs).map((name) => h("p", { className: "text" }, there[name]));
    other.replaceChildren(h("p", { className: "notice" }, t("changed_elsewhere")), ...texts);
    other.hidden = false;
    other.scrollIntoView({ block: "center" });
    return null;
  }

  form.addEventListener("submit", careful(async () => {
    const saved = await save();
    if (!saved) return;
    store.mark(kind, id, saved);
    if (page.isOpen) returnTo(parent);
  }));
  page.show(t("edit"), { parent }, other, form);
}
