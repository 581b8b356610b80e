// Makes elements. Texts are always text: what a user wrote is never read as HTML.

import { t } from "./words.js";

export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list" && name !== "form") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const language = document.documentElement.lang;
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });

export function timeOf(iso) {
  const minutes = Math.round((new Date(iso) - Date.now()) / 60000);
  let text = new Date(iso).toLocaleDateString(language, { month: "short", day: "numeric" });
  // The browser's own words for none are "in this minute".
  if (minutes > -1) text = t("now");
  else if (minutes > -60) text = relative.format(minutes, "minute");
  else if (minutes > -60 * 24) text = relative.format(Math.round(minutes / 60), "hour");
  else if (minutes > -60 * 24 * 7) text = relative.format(Math.round(minutes / 1440), "day");
  return h("time", { dateTime: iso }, text);
}

export function face(author, size = 40) {
  const attributes = { className: "face", width: size, height: size, alt: "" };
  if (author && author.avatar_url) return h("img", { ...attributes, src: author.avatar_url, loading: "lazy" });
  const name = author ? author.nickname : "?";
  return h("span", { className: "face letter", ariaHidden: "true" }, [...name][0] || "?");
}

const PATHS = {
  home: "M4 11 12 4l8 7v9h-6v-6h-4v6H4z",
  lounges: "M4 6h16v10H9l-5 4z",
  write: "M12 5v14M5 12h14",
  news: "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21h4",
  mine: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c1-5 4-7 8-7s7 2 8 7",
  heart: "M12 20s-8-5-8-11a4 4 0 0 1 8-1 4 4 0 0 1 8 1c0 6-8 11-8 11z",
  talk: "M4 5h16v11H10l-6 4z",
  star: "m12 3 2.7 5.7 6.3.9-4.5 4.4 1 6.2-5.5-3-5.5 3 1-6.2L3 9.6l6.3-.9z",
  back: "M15 5l-7 7 7 7",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  settings: "M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4",
  close: "M6 6l12 12M18 6 6 18",
};

export const appName = document.querySelector("meta[name=application-name]").content;

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
