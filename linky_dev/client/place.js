// Keeps what the user looks at where it is, while rows come and go above it.

export function keepPlace(act) {
  const top = document.querySelector(".top")?.offsetHeight ?? 0;
  const inView = window.scrollY < 4 ? [] : [...document.querySelectorAll("main li")]
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.bottom > top && box.top < window.innerHeight);
  act();
  const anchor = inView.find(([element]) => element.isConnected);
  if (anchor) window.scrollBy({ top: anchor[0].getBoundingClientRect().top - anchor[1].top, behavior: "instant" });
}

// Replaces an element by new content; what had the focus keeps it.
export function replaceKeepingFocus(old, next) {
  const controls = (element) => [...element.querySelectorAll("a, button")];
  const at = controls(old).indexOf(document.activeElement);
  old.replaceWith(next);
  if (at >= 0) controls(next)[at]?.focus({ preventScroll: true });
}
