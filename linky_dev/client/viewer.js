// The pictures of a post, as large as the screen. A tap makes one larger still.

import { h, icon } from "./dom.js";
import { t } from "./words.js";

export function showPictures(images, first) {
  const shown = images.map((image, at) => h("button", { className: "zoom", ariaLabel: t("zoom", { n: at + 1 }), onclick: ({ currentTarget }) => currentTarget.classList.toggle("large") },
    h("img", { src: image.url, width: image.width, height: image.height, alt: "" })));
  const close = h("button", { className: "close", ariaLabel: t("close"), onclick: () => history.back() }, icon("close"));
  const dialog = h("dialog", { className: "viewer", ariaLabel: t("picture") }, close, h("div", { className: "strip" }, shown));
  const leave = () => dialog.close();
  // The phone's back closes it, since it is a place of its own.
  history.pushState(history.state, "");
  window.addEventListener("popstate", leave, { once: true });
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); history.back(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  shown[first].scrollIntoView({ behavior: "instant", inline: "center" });
}
