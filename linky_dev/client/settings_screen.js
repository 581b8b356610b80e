// What is pushed to this device, and where else one is signed in.

import { call, get, getAll, isMember } from "./api.js";
import { h, timeOf } from "./dom.js";
import { careful, confirmed, done } from "./parts.js";
import { t } from "./words.js";

// In this order; a type that the API gets later has no words here, and is not shown.
const PUSHES = ["push_enabled", "comment", "reply", "watched", "lounge_post", "lounge_request", "announcement"];

export async function settings(page) {
  const [now, sessions] = await Promise.all([get("/notifications/settings"), isMember() ? getAll("/auth/sessions") : []]);
  const boxes = PUSHES.map((name) => {
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
      sessions.length > 1 && h("p", { className: "row" }, h("button", { className: "button second", onclick: signOutElsewhere }, t("sign_out_elsewhere")))]);
}

// The names in what a browser or an app says of itself. Android says that it is Linux, too.
function deviceOf(agent) {
  const names = [["Firefox", "Chrome", "Safari", "Dart"], ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"]];
  return names.map((each) => each.find((name) => agent?.includes(name))).filter(Boolean).join(" · ") || agent || t("unknown_device");
}
