// A bar above Swagger UI: one click signs in, and every call of the page has the token.
"use strict";

const isJapanese = (navigator.language || "ja").startsWith("ja");
const WORDS = isJapanese
  ? { who: "呼び出す人", member: "会員", admin: "管理者", guest: "ゲスト", none: "ログインなし", as: "さん", inbox: "受信箱", failed: "失敗" }
  : { who: "Call as", member: "member", admin: "admin", guest: "guest", none: "no one", as: "", inbox: "Inbox", failed: "failed" };

const STYLE = `
body{margin:0}
.swagger-ui .info .markdown p{line-height:2}
#linky-bar{position:sticky;top:0;z-index:9;display:flex;flex-wrap:wrap;gap:8px;align-items:center;padding:10px 20px;background:#0f6b5c;color:#fff;font:14px/1.5 -apple-system,"Hiragino Sans","Noto Sans JP",Meiryo,sans-serif}
#linky-bar button,#linky-bar a{min-height:44px;padding:10px 14px;box-sizing:border-box;border:1px solid rgb(255 255 255/45%);border-radius:999px;background:none;color:inherit;font:inherit;text-decoration:none;cursor:pointer}
#linky-bar button[aria-pressed=true]{background:#fff;color:#0f6b5c;font-weight:700}
#linky-bar output{font-weight:700}
#linky-bar a{margin-left:auto}
`;

// Swagger UI has dark colours, and a page has to ask for them.
const dark = matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

const bar = document.createElement("div");
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

const chosen = sessionStorage.getItem("linky-dev");
if (chosen) {
  sessionStorage.removeItem("linky-dev");
  const { token, name } = JSON.parse(chosen);
  const whenReady = setInterval(() => {
    if (!document.querySelector(".swagger-ui .opblock")) return;
    clearInterval(whenReady);
    use(token, name);
  }, 100);
}
