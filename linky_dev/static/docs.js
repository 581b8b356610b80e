// What `linky dev` adds to the API reference: a bar in which one becomes a person by one click.
"use strict";

const WORDS = document.documentElement.lang === "ja"
  ? { who: "呼び出す人", member: "ユーザー", admin: "管理者", guest: "ゲスト", none: "ログインなし", as: "{name}さんとして呼び出します", inbox: "受信箱", failed: "うまくいきませんでした" }
  : { who: "Call as", member: "user", admin: "admin", guest: "guest", none: "not signed in", as: "Calling as {name}", inbox: "Inbox", failed: "That didn't work" };
const STYLE = `
#linky-bar{position:sticky;bottom:0;z-index:9;display:flex;flex-wrap:nowrap;gap:6px;align-items:center;overflow-x:auto;padding:6px 16px;background:var(--accent-fill);color:#fff;font-size:14px;white-space:nowrap}
#linky-bar button,#linky-bar a{padding:8px 12px;min-height:44px;line-height:26px;border:1px solid rgb(255 255 255/45%);border-radius:999px;color:inherit;font-size:14px;text-decoration:none}
#linky-bar button[aria-pressed=true]{background:#fff;color:#14171a;font-weight:700}
#linky-bar output{font-weight:700}
#linky-bar a{margin-left:auto}
`;
const sheet = new CSSStyleSheet(); // The page's policy allows no `<style>` but its own.
sheet.replaceSync(STYLE);
document.adoptedStyleSheets = [sheet];

const bar = document.createElement("section"), shown = document.createElement("output");
bar.id = "linky-bar";
bar.setAttribute("aria-label", WORDS.who);

function become(token, name, pressed) {
  useToken(token);
  shown.textContent = name ? WORDS.as.replace("{name}", () => name) : WORDS.who;
  for (const button of bar.querySelectorAll("button")) button.setAttribute("aria-pressed", button === pressed);
  sessionStorage.setItem("linky-dev", JSON.stringify({ token, name, role: pressed?.value }));
}

async function signIn(button) {
  const answer = await fetch("/dev/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as: button.value }),
  });
  if (!answer.ok) {
    shown.textContent = WORDS.failed;
    return;
  }
  const { user, tokens } = await answer.json();
  become(tokens.access_token, user.nickname, button);
}

bar.append(shown);
for (const who of ["member", "admin", "guest", "none"]) {
  const button = document.createElement("button");
  button.value = who;
  button.textContent = WORDS[who];
  button.addEventListener("click", () => (who === "none" ? become("", "", button) : signIn(button)));
  bar.append(button);
}
const inbox = document.createElement("a");
inbox.href = "/dev";
inbox.textContent = WORDS.inbox;
bar.append(inbox);
document.body.append(bar);
const kept = JSON.parse(sessionStorage.getItem("linky-dev") ?? '{"token":"","name":""}');
become(kept.token, kept.name, bar.querySelector(`[value="${kept.role ?? "none"}"]`));
