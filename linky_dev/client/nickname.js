// A provider may give no name. Others should see one, so it is asked for before the first words.

import { call, me, reloadMe } from "./api.js";
import { h } from "./dom.js";
import { careful, field, sheet } from "./parts.js";
import { t } from "./words.js";

// Asks where the account has none. The answer is true once it has one.
export function hasNickname() {
  if (!me().needs_nickname) return true;
  const nickname = h("input", { required: true, maxLength: 30 });
  const form = h("form", {}, h("h2", {}, t("choose_nickname")), h("p", { className: "soft" }, t("nickname_hint")), field(t("nickname"), nickname),
    h("p", { className: "row" }, h("button", { className: "button" }, t("save")), h("button", { type: "button", className: "button second", onclick: () => dialog.close() }, t("cancel"))));
  const dialog = sheet(t("choose_nickname"), form);
  form.addEventListener("submit", careful(async () => {
    await call("PATCH", "/users/me", { json: { nickname: nickname.value } });
    await reloadMe();
    dialog.close();
  }));
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(me()?.needs_nickname === false)));
}
