// What `linky dev` adds to Swagger UI: a bar in which one becomes a person, a filter that looks at
// each call, and no body that does harm by one click.
"use strict";

const isJapanese = (navigator.language || "ja").startsWith("ja");
const WORDS = isJapanese
  ? { who: "呼び出す人", member: "ユーザー", admin: "管理者", guest: "ゲスト", none: "ログインなし", as: "さんとして呼び出します", inbox: "受信箱", failed: "うまくいきませんでした", example: "例", filter: "パスや説明でさがす（例: block）", how: "上のバーで人をえらぶと、その人として呼び出せます。" }
  : { who: "Call as", member: "user", admin: "admin", guest: "guest", none: "no one", as: " calls", inbox: "Inbox", failed: "That did not work", example: "Example", filter: "Find by path or words (such as: block)", how: "Choose a person in the bar above, and call as they do." };
const FILL = document.currentScript.dataset.fill;
const FEW = 12; // Calls that a filter leaves: their groups open.

const STYLE = `
body{margin:0}
.swagger-ui .info .title{overflow-wrap:anywhere}
.swagger-ui .info a,.swagger-ui .link{color:#1f62b4}
.swagger-ui .parameter__in,.swagger-ui .parameter__extension,.swagger-ui .response__extension{color:#5c636a}
.swagger-ui .microlight span[style*="211, 99, 99"]{color:#f2a0a0!important}
.swagger-ui .btn.execute{border-color:#1f62b4;background:#1f62b4}
.swagger-ui .btn.cancel{border-color:#b3261e;color:#b3261e}
.dark-mode .swagger-ui .btn.cancel{border-color:#ffb4ab;color:#ffb4ab}
html:not(.dark-mode) .swagger-ui .opblock-summary-method{color:#14171a!important;text-shadow:none}
.dark-mode .swagger-ui .info a,.dark-mode .swagger-ui .link{color:#8ab8f0}
.dark-mode .swagger-ui .parameter__in,.dark-mode .swagger-ui .parameter__extension,.dark-mode .swagger-ui .response__extension{color:#aab2b8}
.dark-mode .swagger-ui .header-col{color:#e4e6e6}
.dark-mode .swagger-ui .opblock .opblock-section-header{background:#2c3236!important}
.swagger-ui .renderedMarkdown p,.swagger-ui .renderedMarkdown li{line-height:2!important}
.swagger-ui .info .title span,.swagger-ui .btn.authorize,.swagger-ui .authorization__btn{display:none!important}
.swagger-ui .filter .operation-filter-input{width:100%;max-width:520px;min-height:44px;border:1px solid #878d94;border-radius:12px;font-size:16px}
.swagger-ui .scheme-container{padding:12px 0}
.dark-mode,.dark-mode body{background:#1c2022}
.dark-mode .swagger-ui .operation-filter-input{background:#14171a;color:#e9ebed}
.swagger-ui .renderedMarkdown code{padding:1px 5px!important}
.dark-mode .swagger-ui .renderedMarkdown code{background:#2c3236!important;color:#8fd6ac!important}
#linky-bar{position:sticky;top:0;z-index:9;display:flex;flex-wrap:wrap;gap:8px;align-items:center;padding:10px 20px;background:${FILL};color:#fff;font:14px/1.5 -apple-system,"Hiragino Sans","Noto Sans JP",Meiryo,sans-serif}
#linky-bar button,#linky-bar a{min-height:44px;padding:10px 14px;box-sizing:border-box;border:1px solid rgb(255 255 255/45%);border-radius:999px;background:none;color:inherit;font:inherit;text-decoration:none;cursor:pointer}
#linky-bar button[aria-pressed=true]{background:#fff;color:${FILL};font-weight:700}
#linky-bar output{font-weight:700}
#linky-bar a{margin-left:auto}
@media (max-width:640px){#linky-bar{padding:8px 12px;gap:6px}#linky-bar button,#linky-bar a{padding:8px 10px}}
`;

// Swagger UI has dark colours, and a page has to ask for them.
const dark = matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

const bar = document.createElement("header");
bar.id = "linky-bar";
const style = document.createElement("style");
style.textContent = STYLE;
document.head.append(style);
const shown = document.createElement("output");

function press(chosen) {
  for (const button of bar.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", button === chosen);
  }
}

function use(token, name) {
  ui.preauthorizeApiKey("HTTPBearer", token);
  shown.textContent = name + WORDS.as;
}

async function signIn(who, button) {
  const answer = await fetch("/dev/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as: who }),
  });
  if (!answer.ok) {
    shown.textContent = WORDS.failed;
    return;
  }
  const { user, tokens } = await answer.json();
  use(tokens.access_token, user.nickname);
  press(button);
}

bar.append(WORDS.who);
for (const who of ["member", "admin", "guest"]) {
  const button = document.createElement("button");
  button.textContent = WORDS[who];
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => signIn(who, button));
  bar.append(button);
}
const out = document.createElement("button");
out.textContent = WORDS.none;
out.addEventListener("click", () => {
  ui.authActions.logout(["HTTPBearer"]);
  shown.textContent = "";
  press(out);
});
const inbox = document.createElement("a");
inbox.href = "/dev";
inbox.textContent = WORDS.inbox;
bar.append(out, shown, inbox);
document.body.prepend(bar);

// Swagger UI's own filter looks at the names of the groups alone.
function filtered(groups, phrase) {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (tag, call) => {
    const { summary, description } = call.get("operation").toObject();
    const text = [tag, call.get("method"), call.get("path"), summary, description].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return groups
    .map((group, tag) => group.set("operations", group.get("operations").filter((call) => has(tag, call))))
    .filter((group) => group.get("operations").size > 0);
}

function openFew() {
  const groups = ui.specSelectors.taggedOperations();
  const phrase = ui.layoutSelectors.currentFilter();
  const left = typeof phrase === "string" && phrase ? filtered(groups, phrase) : null;
  const count = left ? left.reduce((sum, group) => sum + group.get("operations").size, 0) : Infinity;
  for (const tag of groups.keys()) ui.layoutActions.show(["operations-tag", tag], count <= FEW && left.has(tag));
}

// The examples of the document fill the bodies in. What deletes is to be written by hand.
function harmless(document) {
  for (const path of Object.values(document.paths)) {
    for (const media of Object.values(path.delete?.requestBody?.content ?? {})) {
      delete media.examples;
      media.example = {};
    }
  }
  document.info.description = `${WORDS.how}\n\n${document.info.description.replace(/Sign in with[^.]*?try things out\. /s, "")}`;
  return document;
}

function begin() {
  ui.fn.opsFilter = filtered;
  ui.specActions.updateJsonSpec(harmless(ui.specSelectors.specJson().toJS()));
  const box = document.querySelector(".operation-filter-input");
  box.placeholder = WORDS.filter;
  box.setAttribute("aria-label", WORDS.filter);
  box.addEventListener("input", () => setTimeout(openFew));
  const chosen = sessionStorage.getItem("linky-dev");
  if (!chosen) return;
  sessionStorage.removeItem("linky-dev");
  const { token, name } = JSON.parse(chosen);
  use(token, name);
}

// Swagger UI gives these no names.
new MutationObserver(() => {
  for (const select of document.querySelectorAll("#servers:not([aria-label]), .examples-select-element:not([aria-label])")) {
    select.setAttribute("aria-label", select.id ? "Server" : WORDS.example);
  }
}).observe(document.querySelector("#swagger-ui"), { childList: true, subtree: true });

const whenReady = setInterval(() => {
  if (!document.querySelector(".opblock-tag") || !document.querySelector(".operation-filter-input")) return;
  clearInterval(whenReady);
  begin();
}, 100);
