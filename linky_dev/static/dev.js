// The inbox looks for new messages, and the pages copy tokens. Everything else works without it.
"use strict";

const POLL_MS = 2000;
const language = document.documentElement.lang;

function timesAgo(root) {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  for (const time of root.querySelectorAll("time")) {
    const then = new Date(time.dateTime);
    const minutes = Math.round((then - Date.now()) / 60000);
    // The browser's own words for none are "in this minute".
    if (minutes > -1) time.textContent = language === "ja" ? "たった今" : "just now";
    else if (minutes > -60) time.textContent = relative.format(minutes, "minute");
    else if (minutes > -60 * 24) time.textContent = relative.format(Math.round(minutes / 60), "hour");
    else time.textContent = then.toLocaleDateString(language, { month: "short", day: "numeric" });
  }
}

function startInbox() {
  const lists = {
    push: document.getElementById("push-list"),
    mail: document.getElementById("mail-list"),
  };
  const person = document.getElementById("person");
  let last = "";

  function add(html, isNew) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const cards = [...holder.content.querySelectorAll("li")].filter((card) => card.dataset.id > last);
    for (const card of cards.reverse()) {
      last = card.dataset.id;
      if (isNew) card.classList.add("new");
      lists[card.dataset.kind].prepend(card);
      offer(card);
    }
    if (cards.length > 0) show();
  }

  function offer(card) {
    const { person: key, name } = card.dataset;
    if (key && ![...person.options].some((option) => option.value === key)) {
      person.add(new Option(name, key));
    }
    const details = card.querySelector("details");
    if (details) details.addEventListener("toggle", () => openMail(details));
  }

  function openMail(details) {
    const frame = details.querySelector("iframe");
    if (!details.open || frame.src) return;
    frame.addEventListener("load", () => {
      const page = frame.contentDocument;
      if (page) frame.style.height = `${page.documentElement.scrollHeight}px`;
    });
    frame.src = frame.dataset.src;
  }

  function show() {
    for (const [kind, list] of Object.entries(lists)) {
      let shown = 0;
      for (const card of list.children) {
        card.hidden = person.value !== "" && card.dataset.person !== person.value;
        shown += card.hidden ? 0 : 1;
      }
      list.parentElement.classList.toggle("has", shown > 0);
      document.querySelector(`#tab-${kind} b`).textContent = shown || "";
    }
    timesAgo(document);
  }

  function tick() {
    const now = new Date();
    document.getElementById("clock").textContent = now.toLocaleTimeString(language, {
      hour: "numeric", minute: "2-digit", hour12: false,
    });
    document.getElementById("day").textContent = now.toLocaleDateString(language, {
      month: "long", day: "numeric", weekday: "long",
    });
    timesAgo(document);
  }

  async function look() {
    try {
      const answer = await fetch(`/dev/cards?after=${encodeURIComponent(last)}`);
      if (answer.ok) add(await answer.text(), true);
    } catch {
      // The server is being restarted. The next look finds it.
    }
    setTimeout(look, POLL_MS);
  }

  for (const tab of document.querySelectorAll("[role=tab]")) {
    tab.addEventListener("click", () => {
      for (const each of document.querySelectorAll("[role=tab]")) {
        const isChosen = each === tab;
        each.setAttribute("aria-selected", isChosen);
        document.getElementById(each.getAttribute("aria-controls")).classList.toggle("chosen", isChosen);
      }
    });
  }
  document.getElementById("pushes").classList.add("chosen");
  person.addEventListener("change", show);
  add(document.getElementById("first").innerHTML, false);
  show();
  tick();
  setInterval(tick, 15000);
  setTimeout(look, POLL_MS);
}

function startCopying() {
  for (const button of document.querySelectorAll(".copy")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }
}

// Only the public API, as an app would call it.
async function call(token, method, path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.getRandomValues(new Uint32Array(4)).join("-"),
    },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer.status === 204 ? null : answer.json();
}

async function anotherMember(than) {
  for (const who of ["taro@example.com", "hanako@example.com", "admin"]) {
    const answer = await fetch("/dev/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ as: who }),
    });
    const other = answer.ok ? await answer.json() : null;
    if (other && other.user.id !== than) return other;
  }
  throw new Error("no other member");
}

async function postAndBeAnswered(token) {
  const me = await call(token, "GET", "/users/me");
  const lounges = await call(token, "GET", "/lounges?limit=1");
  const post = await call(token, "POST", "/posts", {
    lounge_id: lounges.items[0].id,
    title: "はじめての投稿",
    body: "ここから始めます。よろしくお願いします。",
  });
  const other = await anotherMember(me.id);
  await call(other.tokens.access_token, "POST", `/posts/${post.id}/comments`, {
    body: "はじめまして！ゆっくりしていってくださいね。",
  });
}

function startSession(session) {
  const { token, name, role } = session.dataset;
  const button = document.getElementById("comment");
  document.getElementById("to-docs").addEventListener("click", () => {
    sessionStorage.setItem("linky-dev", JSON.stringify({ token, name, role }));
  });
  // The session as the client keeps it: it opens as this person.
  document.getElementById("to-app").addEventListener("click", () => {
    localStorage.removeItem("linky-suspended");
    localStorage.setItem("linky-app", session.dataset.session);
  });
  if (!button) return;
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = button.dataset.going;
    try {
      await postAndBeAnswered(token);
      const link = document.createElement("a");
      link.className = "button";
      link.href = "/dev";
      link.textContent = button.dataset.arrived;
      button.replaceWith(link);
    } catch (error) {
      button.disabled = false;
      button.textContent = `${button.dataset.failed}: ${error.message}`;
    }
  });
}

if (document.getElementById("push-list")) startInbox();
startCopying();
const session = document.querySelector(".session");
if (session) startSession(session);
