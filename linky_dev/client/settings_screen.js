// What is pushed to this device, and where else one is signed in.

import { call, get, me } from "./api.js";
import { h } from "./dom.js";
import { careful, confirmed, done } from "./parts.js";
import { t } from "./words.js";

// In this order; a type that the API gets later has no words here, and is not shown.
const PUSHES = ["push_enabled", "comment", "reply", "watched", "lounge_post", "lounge_request", "announcement"];

export async function settings(page) {
  const now = await get("/notifications/settings");
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
  });
  page.show(t("settings"), { parent: "#/me" },
    h("h3", {}, t("push")), h("section", { className: "card settings" }, boxes), h("p", { className: "about soft" }, t("push_hint")),
    me()?.role !== "guest" && [h("h3", {}, t("devices")), h("p", { className: "row" }, h("button", { className: "button second", onclick: signOutElsewhere }, t("sign_out_elsewhere")))]);
}
