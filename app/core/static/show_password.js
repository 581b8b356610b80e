// A button beside a password shows it. Without script there is no such button.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.show);
      const isShown = field.type === "text";
      field.type = isShown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!isShown));
    });
    // A browser keeps what is sent as a password only if it is one.
    button.form.addEventListener("submit", () => {
      document.getElementById(button.dataset.show).type = "password";
    });
  }
});

