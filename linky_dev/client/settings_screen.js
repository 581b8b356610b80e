// What is pushed to this device, where else one is signed in, and the end of the account.

import { call, deleteAccount, get, getAll, isMember } from "./api.js";
import { h, timeOf } from "./dom.js";
import { careful, confirmed, done, field, sheet } from "./parts.js";
import { t } from "./words.js";

export async function settings(page) {
  const ofMember = (path) => (isMember() ? getAll(path) : []);
  const [now, sessions, identities] = await Promise.all([get("/notifications/settings"), ofMember("/auth/sessions"), ofMember("/users/me/identities")]);
  const boxes = Object.keys(now).map((name) => {
    const box = h("input", { type: "checkbox", checked: now[name] });
    box.addEventListener("change", careful(async () => {
      try {
        await call("PATCH", "/notifications/settings", { json: { [name]: box.checked } });
      } catch (error) {
        box.checked = !box.checked;
        throw error;
      }
      done(t("saved"));
    }));
    return h("label", { className: "setting" }, h("span", {}, t(`push_${name}`)), box);
  });
  const signOutElsewhere = careful(async () => {
    if (!(await confirmed(t("elsewhere_question"), t("sign_out_elsewhere")))) return;
    await call("DELETE", "/auth/sessions");
    done(t("signed_out_elsewhere"));
    if (page.isOpen) await settings(page);
  });
  const signOutThere = (id) => careful(async () => {
    await call("DELETE", `/auth/sessions/${id}`);
    done(t("signed_out_there"));
    if (page.isOpen) await settings(page);
  });
  const row = (session) => h("li", { className: "setting" },
    h("span", {}, h("b", {}, deviceOf(session.user_agent)), session.current ? h("span", { className: "soft" }, t("this_device")) : timeOf(session.last_used_at)),
    !session.current && h("button", { className: "button second", onclick: signOutThere(session.id) }, t("sign_out")));
  page.show(t("settings"), { parent: "#/me" },
    h("h2", { className: "part" }, t("push")), h("section", { className: "card settings" }, boxes), h("p", { className: "about soft" }, t("push_hint")),
    sessions.length > 0 && [h("h2", { className: "part" }, t("devices")), h("ul", { className: "card settings" }, sessions.map(row)),
      sessions.length > 1 && h("p", { className: "row" }, h("button", { className: "button second", onclick: signOutElsewhere }, t("sign_out_elsewhere")))],
    identities.length > 0 && leaving(identities.some((each) => each.provider === "email")));
}

// A password shows who it is. Without one the page of the server asks for a new sign-in.
function leaving(hasPassword) {
  const way = hasPassword
    ? h("button", { className: "button second", onclick: askForPassword }, t("delete_account_page"))
    : h("a", { className: "button second", href: "/account/delete" }, t("delete_account_page"));
  return [h("h2", { className: "part" }, t("delete_account")), h("p", { className: "about soft" }, t("delete_account_hint")), h("p", { className: "row" }, way)];
}

function askForPassword() {
  const password = h("input", { type: "password", required: true, autocomplete: "current-password" });
  const form = h("form", {}, field(t("delete_account_password"), password),
    h("p", { className: "row" }, h("button", { className: "button danger" }, t("delete_account_now")), h("button", { type: "button", className: "button second", onclick: () => dialog.close() }, t("cancel"))));
  form.addEventListener("submit", careful(async () => {
    // A sheet closes with its screen: the next one belongs to the screen that follows.
    const left = new Promise((resolve) => window.addEventListener("hashchange", resolve, { once: true }));
    const isStillLinked = await deleteAccount(password.value);
    await left;
    sheet(t("delete_account"), h("p", {}, t("account_deleted")), isStillLinked && h("p", {}, t("still_linked")),
      h("form", { method: "dialog", className: "row" }, h("button", { className: "button second" }, t("close"))));
  }));
  const dialog = sheet(t("delete_account"), h("h2", {}, t("delete_account")), h("p", {}, t("delete_account_hint")), form);
}

// The names in what a browser or an app says of itself. Android says that it is Linux, too.
function deviceOf(agent) {
  const names = [["Firefox", "Chrome", "Safari", "Dart"], ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"]];
  return names.map((each) => each.find((name) => agent?.includes(name))).filter(Boolean).join(" · ") || agent || t("unknown_device");
}
