"use strict";
const menu = document.getElementById("menu"), find = document.getElementById("find"), list = document.getElementById("list");
const groups = [...menu.querySelectorAll("details")];
let token = "";
menu.scrollTop = menu.querySelector("[aria-current]").offsetTop - innerHeight / 2;

// The search: each word of it occurs in the path, or in the texts.
find.addEventListener("input", () => {
  const words = find.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  menu.classList.toggle("finding", words.length > 0);
  for (const group of groups) {
    const links = [...group.querySelectorAll("a")];
    for (const link of links) link.parentElement.hidden = !words.every((word) => link.dataset.words.includes(word));
    group.hidden = links.every((link) => link.parentElement.hidden);
    group.open = words.length > 0 || group.querySelector("[aria-current]") !== null;
  }
  document.getElementById("nothing").hidden = !groups.every((group) => group.hidden);
});
function openList(isOpen) {
  menu.classList.toggle("open", isOpen);
  list.setAttribute("aria-expanded", isOpen);
}
list.addEventListener("click", () => openList(!menu.classList.contains("open")));

// A link puts another operation here, so that the token, which is kept nowhere else, stays.
async function show(address) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  document.querySelector("main").replaceWith(page.querySelector("main"));
  const shown = page.querySelector("nav [aria-current]").getAttribute("href");
  for (const link of menu.querySelectorAll("a")) {
    link.removeAttribute("aria-current");
    if (link.getAttribute("href") !== shown) continue;
    link.setAttribute("aria-current", "page");
    link.closest("details").open = true;
  }
  openList(false);
  useToken(token);
  scrollTo(0, 0);
  document.querySelector("h1").focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("nav a, a.brand");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  if (find.value) { find.value = ""; find.dispatchEvent(new Event("input")); }
  show(link.href);
});
addEventListener("popstate", () => show(location.href));

function useToken(value) {
  token = value;
  const input = document.querySelector("#try [name=token]");
  if (input) input.value = token;
}
document.addEventListener("input", (event) => { if (event.target.name === "token") token = event.target.value.trim(); });
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, output = form.querySelector("output");
  let path = form.dataset.path;
  const query = new URLSearchParams(), headers = token ? { Authorization: `Bearer ${token}` } : {};
  for (const { dataset, name, value } of form.querySelectorAll("[data-in]")) {
    if (dataset.in === "path") path = path.replace(`{${name}}`, encodeURIComponent(value.trim()));
    else if (value && dataset.in === "query") query.append(name, value);
    else if (value) headers[name] = value;
  }
  let body = form.elements.body?.value.trim();
  if (body) headers["Content-Type"] = form.dataset.type;
  if (form.elements.file) { body = new FormData(); body.append("file", form.elements.file.files[0]); }
  const shown = document.createElement("pre");
  shown.tabIndex = 0;
  try {
    const answer = await fetch(`${path}${query.size ? `?${query}` : ""}`, { method: form.dataset.method, headers, body: body || undefined, credentials: "omit" });
    const type = answer.headers.get("Content-Type") ?? "";
    const text = type.includes("json") ? JSON.stringify(await answer.json(), null, 2) : type;
    shown.textContent = `${answer.status}\n${text}`;
  } catch {
    shown.textContent = form.dataset.failed;
  }
  output.replaceChildren(shown);
});
