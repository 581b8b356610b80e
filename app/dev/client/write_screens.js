// Writing: a post, a request for a lounge, and changes of one's own words.

import { call, getAsOf, me, newKey, upload } from "./api.js";
import { loader, store } from "./context.js";
import { draftForm } from "./draft_form.js";
import { h } from "./dom.js";
import { listView } from "./list_view.js";
import { careful, field, say } from "./parts.js";
import { t } from "./words.js";

const MOST_PICTURES = 10;
const isMember = () => me() && me().role !== "guest";

export function write(page, loungeId) {
  if (!isMember()) { location.hash = "#/me"; return; }
  const where = h("select", { required: true }, loungeId && h("option", { value: loungeId }, "…"));
  const title = h("input", { required: true, maxLength: 100 });
  const body = h("textarea", { required: true, maxLength: 10000, rows: 6 });
  const button = h("button", { className: "button", disabled: true }, t("publish"));
  const more = { lounge_id: "", images: [] };
  const chosen = pictureField(more, () => keep(), (isSending) => {
    button.textContent = isSending ? t("uploading") : t("publish");
    showReady(!isSending);
  });
  const { form, keep } = draftForm(page, "post", {
    inputs: { title, body }, more,
    content: [field(t("lounge"), where), field(t("title"), title), field(t("body"), body), chosen.element, h("p", { className: "row" }, button)],
    request: () => ({ path: "/posts", body: { lounge_id: where.value, title: title.value, body: body.value, image_ids: more.images.map((image) => image.id) } }),
    made: (post) => { store.made("post", post); location.hash = `#/p/${post.id}`; },
    cleared: () => chosen.draw(),
  });
  // Without the lounges it can't be said where the post goes.
  const showReady = (isReady = true) => { button.disabled = !isReady || !where.value; };
  const drawLounges = () => {
    const open = store.items("lounges").filter((each) => !each.closed);
    if (!open.length) return;
    const wanted = where.value || more.lounge_id || loungeId;
    where.replaceChildren(...open.map((each) => h("option", { value: each.id, selected: each.id === wanted }, each.name)));
    showReady(!chosen.isSending());
  };
  where.addEventListener("change", () => { more.lounge_id = where.value; keep(); });
  if (loungeId) more.lounge_id = loungeId;
  page.onLeave(store.watch(({ lists }) => lists.has("lounges") && drawLounges()));
  page.add({ state: () => store.list("lounges"), reload: () => loader.first("lounges") });
  chosen.draw();
  page.show(t("write"), { parent: loungeId ? `#/l/${loungeId}` : "#/" }, form);
  where.replaceChildren();
  drawLounges();
  page.check();
}

// Pictures are sent when they are chosen, so a draft that is opened again has them.
function pictureField(more, keep, onSending) {
  let sending = 0;
  const list = h("div", { className: "pictures chosen" });
  const files = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/heic", multiple: true, className: "hidden" });
  const draw = () => list.replaceChildren(...more.images.map((image) =>
    h("button", { type: "button", className: "chosen-one", ariaLabel: t("remove_picture"), onclick: () => {
      more.images = more.images.filter((each) => each !== image);
      draw();
      keep();
    } }, h("img", { src: image.thumbnail_url, alt: "" }))));

  async function send(file) {
    const key = newKey();
    // Once more, under the same key, where the answer was lost.
    const image = await upload(file, key).catch((error) => (error.status ? Promise.reject(error) : upload(file, key)));
    more.images = [...more.images, { id: image.id, thumbnail_url: image.thumbnail_url }].slice(0, MOST_PICTURES);
    draw();
    keep();
  }

  files.addEventListener("change", async () => {
    const picked = [...files.files].slice(0, MOST_PICTURES - more.images.length);
    files.value = "";
    sending += 1;
    onSending(true);
    try {
      for (const file of picked) await send(file);
    } catch (error) {
      say(error);
    }
    sending -= 1;
    onSending(sending > 0);
  });
  const element = h("div", {}, h("label", { className: "button second" }, t("add_pictures"), files), list);
  return { element, draw, isSending: () => sending > 0 };
}

export function ask(page) {
  if (!isMember()) { location.hash = "#/me"; return; }
  const name = h("input", { required: true, maxLength: 50 });
  const description = h("textarea", { required: true, maxLength: 500, rows: 3 });
  const reason = h("textarea", { maxLength: 500, rows: 2 });
  const { form } = draftForm(page, "request", {
    inputs: { name, description, reason },
    content: [h("p", { className: "soft" }, t("ask_hint")), field(t("name"), name), field(t("description"), description), field(t("reason"), reason),
      h("p", { className: "row" }, h("button", { className: "button" }, t("send")))],
    request: () => ({ path: "/lounge-requests", body: { name: name.value, description: description.value, reason: reason.value } }),
    made: () => loader.first("requests"),
  });
  const row = (request) => h("article", { className: "card" }, h("h2", {}, request.name), h("p", { className: "excerpt" }, request.description),
    h("p", { className: `state ${request.status}` }, t(request.status), request.reject_reason ? ` – ${request.reject_reason}` : ""));
  page.show(t("ask"), { parent: "#/lounges" }, form, h("h3", {}, t("asked")), listView(page, "requests", row));
}

export async function editPost(page, id) {
  const { body: post, tag } = await getAsOf(`/posts/${id}`);
  const title = h("input", { required: true, maxLength: 100, value: post.title });
  const body = h("textarea", { required: true, maxLength: 10000, rows: 8, value: post.body });
  editForm(page, `#/p/${id}`, [field(t("title"), title), field(t("body"), body)], async () => {
    const changed = await call("PATCH", `/posts/${id}`, { json: { title: title.value, body: body.value }, headers: { "If-Match": tag } });
    store.patch("post", id, changed);
  });
}

export async function editComment(page, id) {
  const { body: comment, tag } = await getAsOf(`/comments/${id}`);
  const body = h("textarea", { required: true, maxLength: 2000, rows: 5, value: comment.body });
  editForm(page, `#/p/${comment.post_id}`, [field(t("comment_hint"), body)], async () => {
    const changed = await call("PATCH", `/comments/${id}`, { json: { body: body.value }, headers: { "If-Match": tag } });
    store.patch("comment", id, changed);
  });
}

function editForm(page, parent, fields, save) {
  const form = h("form", { className: "card form" }, fields, h("p", { className: "row" }, h("button", { className: "button" }, t("save"))));
  form.addEventListener("submit", careful(async () => {
    await save();
    if (page.isOpen) location.hash = parent;
  }));
  page.show(t("edit"), { parent }, form);
}
